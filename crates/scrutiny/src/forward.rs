//! Headers that end at the gateway, and headers that only the gateway may write.

use std::net::IpAddr;

use http::header::{CONNECTION, HeaderName, HeaderValue, TE};
use http::{HeaderMap, header};

use super::Cidr;

const FORWARDED_FOR: HeaderName = HeaderName::from_static("x-forwarded-for");
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");
const FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// From where a connection came, with the header values that say so; made once for each connection.
#[derive(Clone, Debug)]
pub struct ForwardFor {
    peer: IpAddr,
    /// Whether the peer is a proxy whose word is believed.
    trusted: bool,
    scheme: HeaderValue,
    address: HeaderValue,
    forwarded: HeaderValue,
}

impl ForwardFor {
    /// What is told of a request that `peer` sent; headers of it are believed where it is one of `trusted_proxies`.
    pub fn new(peer: IpAddr, tls: bool, trusted_proxies: &[Cidr]) -> Self {
        let peer = peer.to_canonical();
        let scheme = if tls { "https" } else { "http" };
        let address = HeaderValue::try_from(peer.to_string());
        Self {
            peer,
            trusted: trusted_proxies.iter().any(|range| range.contains(peer)),
            scheme: HeaderValue::from_static(scheme),
            address: address.unwrap_or_else(|_| HeaderValue::from_static("unknown")),
            forwarded: forwarded(peer, scheme),
        }
    }

    /// The client's address: the peer, or what a trusted proxy in front says.
    pub fn client(&self, headers: &HeaderMap, trusted_proxies: &[Cidr]) -> IpAddr {
        if !self.trusted {
            return self.peer;
        }
        let values = headers.get_all(FORWARDED_FOR);
        let mut chain: Vec<&str> = values
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','))
            .collect();
        let mut client = self.peer;
        // From the right: each trusted proxy vouches for the address to its left.
        while let Some(Ok(address)) = chain.pop().map(|text| text.trim().parse::<IpAddr>()) {
            client = address.to_canonical();
            if !trusted_proxies.iter().any(|range| range.contains(client)) {
                break;
            }
        }
        client
    }
}

fn forwarded(address: IpAddr, scheme: &str) -> HeaderValue {
    let text = match address {
        IpAddr::V4(address) => format!("for={address};proto={scheme}"),
        IpAddr::V6(address) => format!("for=\"[{address}]\";proto={scheme}"),
    };
    HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("for=unknown"))
}

/// Takes away what ends here or was forged, and writes the forwarding headers anew.
///
/// The headers that `Connection` lists go first, so that nothing that is written later can be taken away by the client's list.
pub fn clean_request(
    headers: &mut HeaderMap,
    from: &ForwardFor,
    client: IpAddr,
    authority: HeaderValue,
) {
    let chain = if from.trusted {
        chain(headers, from)
    } else {
        None
    };
    let scheme = if from.trusted {
        believed_scheme(headers)
    } else {
        None
    };
    let trailers = headers
        .get(TE)
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"trailers"));
    remove_connection(headers);
    remove_forged(headers);
    if trailers {
        headers.insert(TE, HeaderValue::from_static("trailers"));
    }
    let scheme = scheme.unwrap_or_else(|| from.scheme.clone());
    let line = if client == from.peer {
        from.forwarded.clone()
    } else {
        forwarded(client, scheme.to_str().unwrap_or("http"))
    };
    headers.insert(header::FORWARDED, line);
    headers.insert(FORWARDED_FOR, chain.unwrap_or_else(|| from.address.clone()));
    headers.insert(FORWARDED_PROTO, scheme);
    headers.insert(FORWARDED_HOST, authority);
}

fn chain(headers: &HeaderMap, from: &ForwardFor) -> Option<HeaderValue> {
    let before = headers.get_all(FORWARDED_FOR);
    let mut chain: Vec<&str> = before
        .iter()
        .filter_map(|value| value.to_str().ok())
        .collect();
    let peer = from.address.to_str().ok()?;
    chain.push(peer);
    HeaderValue::try_from(chain.join(", ")).ok()
}

fn believed_scheme(headers: &HeaderMap) -> Option<HeaderValue> {
    match headers.get(FORWARDED_PROTO)?.as_bytes() {
        b"http" => Some(HeaderValue::from_static("http")),
        b"https" => Some(HeaderValue::from_static("https")),
        _ => None,
    }
}

/// Takes away what ends at the gateway on the way back.
pub fn clean_response(headers: &mut HeaderMap) {
    remove_connection(headers);
}

/// The headers of one hop: those that `Connection` lists and those that every proxy takes away.
fn remove_connection(headers: &mut HeaderMap) {
    if headers.contains_key(CONNECTION) {
        let listed: Vec<HeaderName> = headers
            .get_all(CONNECTION)
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|text| text.split(','))
            .filter_map(|name| HeaderName::from_bytes(name.trim().as_bytes()).ok())
            .collect();
        for name in listed {
            // The framing and the host are the gateway's own; a client cannot have them taken away.
            if name != header::HOST && name != header::CONTENT_LENGTH {
                headers.remove(name);
            }
        }
        headers.remove(CONNECTION);
    }
    for name in [
        HeaderName::from_static("keep-alive"),
        HeaderName::from_static("proxy-connection"),
        header::PROXY_AUTHENTICATE,
        header::PROXY_AUTHORIZATION,
        TE,
        header::TRANSFER_ENCODING,
        header::UPGRADE,
    ] {
        headers.remove(name);
    }
}

/// The headers that only the gateway, or a proxy before it, may write.
fn remove_forged(headers: &mut HeaderMap) {
    // A header map cannot be changed while it is read; requests with such a header are few.
    while let Some(name) = headers
        .keys()
        .find(|name| is_reserved(name.as_str()))
        .cloned()
    {
        headers.remove(name);
    }
}

/// Whether only the gateway may write the header. Some servers read `_` as `-`, so both count.
pub fn is_reserved(name: &str) -> bool {
    let bytes = name.as_bytes();
    match bytes.first() {
        Some(b'f') => name == "forwarded",
        Some(b't') => alike(bytes, b"true-client-ip"),
        Some(b'x') if bytes.len() > 8 => {
            begins(bytes, b"x-forwarded")
                || begins(bytes, b"x-trunkline-")
                || begins(bytes, b"x-original-")
                || alike(bytes, b"x-real-ip")
                || alike(bytes, b"x-client-ip")
                || alike(bytes, b"x-cluster-client-ip")
                || alike(bytes, b"x-rewrite-url")
        }
        _ => false,
    }
}

fn begins(name: &[u8], prefix: &[u8]) -> bool {
    name.len() >= prefix.len() && alike(&name[..prefix.len()], prefix)
}

fn alike(name: &[u8], wanted: &[u8]) -> bool {
    name.len() == wanted.len()
        && name
            .iter()
            .zip(wanted)
            .all(|(&left, &right)| left == right || (left == b'_' && right == b'-'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn map(fields: &[(&'static str, &'static str)]) -> HeaderMap {
        fields
            .iter()
            .map(|&(name, value)| {
                (
                    HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    fn clean(fields: &[(&'static str, &'static str)], proxies: &[&str]) -> (HeaderMap, IpAddr) {
        let proxies: Vec<Cidr> = proxies.iter().map(|text| text.parse().unwrap()).collect();
        let from = ForwardFor::new("10.0.0.9".parse().unwrap(), false, &proxies);
        let mut headers = map(fields);
        let client = from.client(&headers, &proxies);
        clean_request(
            &mut headers,
            &from,
            client,
            HeaderValue::from_static("a.example"),
        );
        (headers, client)
    }

    #[test]
    fn forged_headers_are_gone_and_ours_stand() {
        let (headers, client) = clean(
            &[
                ("x-forwarded-for", "1.1.1.1"),
                ("x-forwarded-proto", "https"),
                ("forwarded", "for=1.1.1.1"),
                ("x-real-ip", "1.1.1.1"),
                ("x-trunkline-subject", "root"),
                ("x_trunkline_subject", "root"),
                ("x_forwarded_for", "1.1.1.1"),
                ("x-forwarded-prefix", "/x"),
                ("x-original-url", "/admin"),
                ("true-client-ip", "1.1.1.1"),
                ("accept", "*/*"),
            ],
            &[],
        );
        assert_eq!(client.to_string(), "10.0.0.9");
        let names: std::collections::BTreeSet<&str> =
            headers.keys().map(HeaderName::as_str).collect();
        let expected = [
            "accept",
            "forwarded",
            "x-forwarded-for",
            "x-forwarded-host",
            "x-forwarded-proto",
        ];
        assert_eq!(names, expected.into());
        assert_eq!(headers["x-forwarded-for"], "10.0.0.9");
        assert_eq!(headers["x-forwarded-proto"], "http");
        assert_eq!(headers["forwarded"], "for=10.0.0.9;proto=http");
    }

    #[test]
    fn listed_headers_go_first_and_ours_cannot_be_listed_away() {
        let (headers, _) = clean(
            &[
                ("connection", "close, X-Forwarded-For, x-secret, host"),
                ("x-secret", "1"),
                ("host", "a"),
                ("te", "gzip"),
                ("keep-alive", "1"),
            ],
            &[],
        );
        assert!(headers.contains_key("x-forwarded-for") && headers.contains_key("host"));
        assert!(
            !headers.contains_key("x-secret")
                && !headers.contains_key("connection")
                && !headers.contains_key("te")
                && !headers.contains_key("keep-alive")
        );
    }

    #[test]
    fn a_trusted_proxy_is_believed_as_far_as_it_vouches() {
        let (headers, client) = clean(
            &[
                ("x-forwarded-for", "6.6.6.6, 2.2.2.2, 10.0.0.7"),
                ("x-forwarded-proto", "https"),
            ],
            &["10.0.0.0/8"],
        );
        assert_eq!(client.to_string(), "2.2.2.2");
        assert_eq!(
            headers["x-forwarded-for"],
            "6.6.6.6, 2.2.2.2, 10.0.0.7, 10.0.0.9"
        );
        assert_eq!(headers["x-forwarded-proto"], "https");
        assert_eq!(headers["forwarded"], "for=2.2.2.2;proto=https");
    }

    #[test]
    fn te_trailers_is_kept_for_grpc() {
        assert_eq!(clean(&[("te", "trailers")], &[]).0["te"], "trailers");
    }
}
