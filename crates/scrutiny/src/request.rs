//! The second gate: a parsed request of either protocol version.

use std::borrow::Cow;

use http::header::{CONTENT_LENGTH, CONTENT_TYPE, HOST};
use http::{Method, Version, request};

use super::bytes::is_authority;
use super::{HeadLimits, Refusal, normal_path};

/// Where a request wants to go.
#[derive(Debug, PartialEq, Eq)]
pub struct Target<'a> {
    /// The host as it came, its port included.
    pub authority: &'a str,
    /// The host in lower case without its port and without a dot at the end.
    pub host: Cow<'a, str>,
    /// The path in its one form.
    pub path: Cow<'a, str>,
}

/// Checks a parsed request and says where it wants to go.
pub fn check_request<'a>(
    parts: &'a request::Parts,
    limits: &HeadLimits,
) -> Result<Target<'a>, Refusal> {
    let uri = &parts.uri;
    if parts.version == Version::HTTP_2 {
        check_http2(parts, limits)?;
    }
    let authority = authority(parts)?;
    if uri
        .scheme_str()
        .is_some_and(|scheme| scheme != "http" && scheme != "https")
    {
        return Err(Refusal::Malformed("the scheme is neither http nor https"));
    }
    let path = normal_path(uri.path())?;
    Ok(Target {
        authority,
        host: host_of(authority),
        path,
    })
}

/// What the first gate does for HTTP/1 and the protocol itself does not do for HTTP/2.
fn check_http2(parts: &request::Parts, limits: &HeadLimits) -> Result<(), Refusal> {
    let headers = &parts.headers;
    if parts.method == Method::CONNECT || parts.method == Method::TRACE {
        return Err(Refusal::Malformed("CONNECT and TRACE are not served"));
    }
    if headers.len() > limits.fields {
        return Err(Refusal::HeadersTooLarge(
            "there are more header fields than the limit",
        ));
    }
    if parts
        .uri
        .path_and_query()
        .is_some_and(|target| target.as_str().len() > limits.target)
    {
        return Err(Refusal::TargetTooLong);
    }
    for (name, rule) in [
        (HOST, "there are two Host headers"),
        (CONTENT_LENGTH, "there are two Content-Length headers"),
        (CONTENT_TYPE, "there are two Content-Type headers"),
        (
            http::header::AUTHORIZATION,
            "there are two Authorization headers",
        ),
    ] {
        if headers.get_all(&name).iter().nth(1).is_some() {
            return Err(Refusal::Malformed(rule));
        }
    }
    let length = headers.get(CONTENT_LENGTH);
    if length
        .is_some_and(|value| value.is_empty() || !value.as_bytes().iter().all(u8::is_ascii_digit))
    {
        return Err(Refusal::Malformed(
            "Content-Length is not one decimal number",
        ));
    }
    for name in headers.keys() {
        if matches!(
            name.as_str(),
            "connection"
                | "transfer-encoding"
                | "upgrade"
                | "keep-alive"
                | "proxy-connection"
                | "transfer_encoding"
                | "content_length"
        ) {
            return Err(Refusal::Malformed(
                "HTTP/2 has no headers about the connection",
            ));
        }
    }
    Ok(())
}

/// The authority, which must be the same wherever the request names it.
fn authority(parts: &request::Parts) -> Result<&str, Refusal> {
    let host = match parts.headers.get(HOST).map(http::HeaderValue::to_str) {
        Some(Ok(host)) => Some(host),
        Some(Err(_)) => {
            return Err(Refusal::Malformed(
                "the Host header is not a host with an optional port",
            ));
        }
        None => None,
    };
    let named = parts.uri.authority().map(http::uri::Authority::as_str);
    let authority = match (named, host) {
        (Some(named), Some(host)) if !named.eq_ignore_ascii_case(host) => {
            return Err(Refusal::Malformed(
                "the request target and the Host header name different hosts",
            ));
        }
        (Some(authority), _) | (None, Some(authority)) => authority,
        (None, None) => return Err(Refusal::Malformed("there is no host")),
    };
    if is_authority(authority.as_bytes()) {
        Ok(authority)
    } else {
        Err(Refusal::Malformed(
            "the host is not a host with an optional port",
        ))
    }
}

fn host_of(authority: &str) -> Cow<'_, str> {
    let end = match authority.rfind(':') {
        Some(at) if !authority[at..].contains(']') => at,
        _ => authority.len(),
    };
    let host = &authority[..end];
    let host = host.strip_suffix('.').unwrap_or(host);
    if host.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Cow::Owned(host.to_ascii_lowercase())
    } else {
        Cow::Borrowed(host)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(request: request::Builder) -> Result<(String, String), Refusal> {
        let parts = request.body(()).unwrap().into_parts().0;
        check_request(&parts, &HeadLimits::default())
            .map(|target| (target.host.into_owned(), target.path.into_owned()))
    }

    #[test]
    fn hosts_agree_or_the_request_is_refused() {
        let request = http::Request::builder;
        assert_eq!(
            check(request().uri("/a").header("host", "A.example.:80"))
                .unwrap()
                .0,
            "a.example"
        );
        assert_eq!(
            check(request().uri("http://a/").header("host", "a"))
                .unwrap()
                .0,
            "a"
        );
        assert!(check(request().uri("http://evil/").header("host", "a")).is_err());
        assert!(check(request().uri("http://user@a/")).is_err());
        assert!(check(request().uri("ftp://a/").header("host", "a")).is_err());
        assert!(check(request().uri("/")).is_err());
        assert_eq!(
            check(request().uri("/").header("host", "[::1]:80"))
                .unwrap()
                .0,
            "[::1]"
        );
    }

    #[test]
    fn http2_has_the_same_rules() {
        let request = || {
            http::Request::builder()
                .version(Version::HTTP_2)
                .uri("http://a/x")
        };
        assert!(check(request()).is_ok());
        assert!(
            check(
                request()
                    .header("content-length", "5")
                    .header("content-length", "5")
            )
            .is_err()
        );
        assert!(check(request().header("content-length", "+5")).is_err());
        assert!(check(request().header("transfer-encoding", "chunked")).is_err());
        assert!(check(request().header("host", "b")).is_err());
        assert!(
            check(
                http::Request::builder()
                    .version(Version::HTTP_2)
                    .uri("http://a/svc/../app")
            )
            .is_err()
        );
        let many = (0..101).fold(request(), |request, number| {
            request.header(format!("x-{number}"), "1")
        });
        assert!(matches!(check(many), Err(Refusal::HeadersTooLarge(_))));
    }
}
