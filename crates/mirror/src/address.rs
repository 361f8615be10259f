//! Where the other side is.

use std::net::{IpAddr, SocketAddr};

use trunkline_scrutiny::AddressPolicy;
use url::{Host, Url};

use crate::MirrorError;

/// Bytes of an address.
const LONG: usize = 1_000;

/// Reads an address of a repository elsewhere: HTTP or HTTPS, and nothing secret in it.
pub(crate) fn read(text: &str) -> Result<Url, MirrorError> {
    let wrong = |why: &str| MirrorError::Invalid(format!("the address of a mirror {why}"));
    if text.len() > LONG {
        return Err(wrong("is too long"));
    }
    let url = Url::parse(text).map_err(|error| wrong(&format!("is none: {error}")))?;
    if !matches!(url.scheme(), "http" | "https") || url.host().is_none() {
        return Err(wrong("begins with https:// or http://"));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(wrong(
            "has no name or password in it: say `user`, and `secret` for the name of a secret",
        ));
    }
    if url.query().is_some() || url.fragment().is_some() {
        return Err(wrong("has nothing behind its path"));
    }
    Ok(url)
}

/// The host and port of an address, and the first address that they stand for. None of them may be one that the platform does not go to.
pub(crate) async fn resolve(
    url: &Url,
    policy: &AddressPolicy,
) -> Result<(String, SocketAddr), MirrorError> {
    let host = url.host_str().unwrap_or_default().to_owned();
    let refused = |why: &str| MirrorError::Address {
        host: host.clone(),
        why: why.to_owned(),
    };
    let port = url.port_or_known_default().unwrap_or(443);
    let ip: Option<IpAddr> = match url.host() {
        Some(Host::Ipv4(ip)) => Some(ip.into()),
        Some(Host::Ipv6(ip)) => Some(ip.into()),
        _ => None,
    };
    let addresses: Vec<SocketAddr> = if let Some(ip) = ip {
        vec![SocketAddr::new(ip, port)]
    } else {
        if let Some(why) = AddressPolicy::refuses_name(&host) {
            return Err(refused(why));
        }
        let found = tokio::net::lookup_host((host.as_str(), port)).await;
        found
            .map_err(|error| refused(&error.to_string()))?
            .collect()
    };
    for address in &addresses {
        if let Some(why) = policy.refuses(address.ip()) {
            return Err(refused(why));
        }
    }
    let first = addresses.first().copied();
    Ok((host.clone(), first.ok_or_else(|| refused("no address"))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_http_and_has_no_secret() {
        assert!(read("https://git.example/acme/shop.git").is_ok());
        for wrong in [
            "git@github.com:acme/shop.git",
            "ssh://git.example/shop",
            "file:///etc",
            "ext::sh -c id",
            "https://ada:word@git.example/shop",
            "https://git.example/shop?x=1",
            "--upload-pack=id",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }

    #[tokio::test]
    async fn nobody_is_sent_into_the_own_network() {
        let strict = AddressPolicy {
            loopback: false,
            private: false,
            ranges: Vec::new(),
        };
        let open = AddressPolicy {
            loopback: true,
            private: true,
            ranges: Vec::new(),
        };
        let go = async |text: &str, policy| resolve(&read(text).unwrap(), policy).await;
        for inside in [
            "http://127.0.0.1:1/x",
            "http://10.0.0.1/x",
            "http://[::1]/x",
        ] {
            assert!(go(inside, &strict).await.is_err(), "{inside}");
            assert!(go(inside, &open).await.is_ok(), "{inside}");
        }
        for never in [
            "http://169.254.169.254/x",
            "http://metadata.google.internal/x",
        ] {
            assert!(go(never, &open).await.is_err(), "{never}");
        }
    }
}
