//! Requests to an issuer: no redirects, little time, little memory, and TLS unless the issuer is on this machine.

use std::time::Duration;

use openidconnect::http::{self, Response};
use openidconnect::{HttpRequest, HttpResponse};
use url::{Host, Url};

/// How long a request may take in all.
const PATIENCE: Duration = Duration::from_secs(10);

/// The largest answer in bytes.
const MAX_BYTES: usize = 512 * 1024;

/// Why an issuer gave no answer.
#[derive(Debug, thiserror::Error)]
pub(crate) enum FetchError {
    /// Plain HTTP, and not on this machine.
    #[error("an issuer is reached by HTTPS, or on this machine")]
    Plain,
    /// The answer is too large.
    #[error("the answer has more than {MAX_BYTES} bytes")]
    TooLarge,
    /// The request failed.
    #[error("the request failed")]
    Request(#[from] reqwest::Error),
    /// The answer cannot be written as one.
    #[error("the answer is malformed")]
    Http(#[from] http::Error),
}

/// Whether an issuer may be asked at this address.
pub(super) fn may_ask(url: &Url) -> bool {
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        None => false,
    };
    url.scheme() == "https" || (url.scheme() == "http" && here)
}

/// The client for all issuers.
pub(super) fn client() -> Result<reqwest::Client, reqwest::Error> {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .timeout(PATIENCE)
        .build()
}

/// Sends one request of the library's.
pub(super) async fn fetch(
    client: reqwest::Client,
    request: HttpRequest,
) -> Result<HttpResponse, FetchError> {
    let request: reqwest::Request = request.try_into()?;
    if !may_ask(request.url()) {
        return Err(FetchError::Plain);
    }
    let mut answer = client.execute(request).await?;
    let mut response = Response::builder().status(answer.status());
    if let Some(kind) = answer.headers().get(http::header::CONTENT_TYPE) {
        response = response.header(http::header::CONTENT_TYPE, kind);
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await? {
        if body.len() + chunk.len() > MAX_BYTES {
            return Err(FetchError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(response.body(body)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_http_stays_on_this_machine() {
        for (text, allowed) in [
            ("https://accounts.example.com", true),
            ("http://127.0.0.1:5000", true),
            ("http://[::1]:5000", true),
            ("http://localhost", true),
            ("http://accounts.example.com", false),
            ("http://169.254.169.254/latest", false),
            ("http://localhost.evil.example", false),
            ("file:///etc/passwd", false),
        ] {
            assert_eq!(may_ask(&Url::parse(text).unwrap()), allowed, "{text}");
        }
    }
}
