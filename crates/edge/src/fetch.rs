//! Fetching key sets of issuers.

use std::time::Duration;

use async_trait::async_trait;
use futures::StreamExt as _;
use reqwest::StatusCode;
use reqwest::header::{CACHE_CONTROL, ETAG, IF_NONE_MATCH};
use trunkline_admission::{FetchError, FetchKeys, KeyAnswer, KeyRequest};

/// How long an answer may take.
const PATIENCE: Duration = Duration::from_secs(5);

/// Fetches documents; follows no redirect, so that an issuer cannot send it elsewhere.
#[derive(Clone, Debug)]
pub(crate) struct Fetch(reqwest::Client);

impl Fetch {
    /// A client.
    ///
    /// # Errors
    /// When TLS cannot be set up.
    pub(crate) fn new() -> Result<Self, reqwest::Error> {
        let client = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .timeout(PATIENCE)
            .no_proxy()
            .build()?;
        Ok(Self(client))
    }
}

#[async_trait]
impl FetchKeys for Fetch {
    async fn fetch(&self, request: KeyRequest<'_>) -> Result<KeyAnswer, FetchError> {
        let failed = |error: reqwest::Error| FetchError(error.without_url().to_string());
        let mut asked = self.0.get(request.url.clone());
        if let Some(etag) = request.etag {
            asked = asked.header(IF_NONE_MATCH, etag);
        }
        let answer = asked.send().await.map_err(failed)?;
        let header = |name| {
            let value = answer.headers().get(name);
            value
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned)
        };
        let mut known = KeyAnswer {
            body: None,
            etag: header(ETAG),
            cache_control: header(CACHE_CONTROL),
        };
        match answer.status() {
            StatusCode::NOT_MODIFIED => Ok(known),
            StatusCode::OK => {
                let mut body = Vec::new();
                let mut pieces = answer.bytes_stream();
                while let Some(piece) = pieces.next().await {
                    body.extend_from_slice(&piece.map_err(failed)?);
                    if body.len() > request.most_bytes {
                        let most = request.most_bytes;
                        return Err(FetchError(format!("the answer has more than {most} bytes")));
                    }
                }
                known.body = Some(body);
                Ok(known)
            }
            status => Err(FetchError(format!("the answer was {status}"))),
        }
    }
}
