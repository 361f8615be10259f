//! Where a browser may be sent with an answer.
//!
//! An address is compared as text, never as what a parser makes of it: two parsers seldom agree on all of it, and a code that goes
//! to the wrong place is an account in the wrong hands.

use url::{Host, Url};

/// The longest address that a client may register.
const MAX_LENGTH: usize = 512;

/// Nothing where `uri` may be registered, else what is wrong with it.
pub(super) fn check(uri: &str) -> Result<(), &'static str> {
    if uri.len() > MAX_LENGTH {
        return Err("it has more than 512 characters");
    }
    if !uri.bytes().all(|byte| byte.is_ascii_graphic())
        || uri.contains(['\\', '*', '"', '<', '>', ';', ','])
    {
        return Err("it may have only plain ASCII, and no wildcard");
    }
    if uri.contains('#') {
        return Err("it may have no fragment");
    }
    let url = Url::parse(uri).map_err(|_| "it is not a whole address")?;
    if !url.username().is_empty() || url.password().is_some() || authority(uri).contains('@') {
        return Err("it may have no user name");
    }
    match (url.scheme(), url.host()) {
        ("https", Some(_)) => Ok(()),
        ("http", Some(host)) if is_loopback(&host) => Ok(()),
        _ => Err("it must begin with https://, or with http:// and a loopback host"),
    }
}

fn is_loopback(host: &Host<&str>) -> bool {
    match host {
        Host::Domain(name) => *name == "localhost",
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => address.is_loopback(),
    }
}

/// Whether `asked` is the registered address. With `any_port` the port of a loopback address may differ, since a program on a
/// desktop takes whichever is free (RFC 8252, section 7.3).
pub(crate) fn matches(registered: &str, asked: &str, any_port: bool) -> bool {
    if registered == asked {
        return true;
    }
    let (Some(ours), Some(theirs)) = (loopback(registered), loopback(asked)) else {
        return false;
    };
    any_port && ours == theirs
}

/// Host and rest of a loopback address without its port.
fn loopback(uri: &str) -> Option<(&str, &str)> {
    let authority = authority(uri);
    let rest = uri.strip_prefix("http://")?.strip_prefix(authority)?;
    let host = match authority.rsplit_once(':') {
        Some((host, port))
            if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            port.parse::<u16>().ok()?;
            host
        }
        _ => authority,
    };
    matches!(host, "127.0.0.1" | "[::1]" | "localhost").then_some((host, rest))
}

/// What stands between `//` and the path.
fn authority(uri: &str) -> &str {
    let rest = uri.split_once("://").map_or("", |(_, rest)| rest);
    rest.split(['/', '?', '#', '\\']).next().unwrap_or_default()
}

/// The origin of an address that [`check`] let pass, as a browser names it in `Origin`.
pub(crate) fn origin(uri: &str) -> Option<String> {
    let origin = Url::parse(uri).ok()?.origin();
    origin.is_tuple().then(|| origin.ascii_serialization())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_plain_https_or_loopback_addresses_are_taken() {
        for good in [
            "https://shop.example.com/cb",
            "https://shop.example.com:8443/cb?tenant=1",
            "http://127.0.0.1/cb",
            "http://localhost:3000/cb",
            "http://[::1]:9/cb",
        ] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        for bad in [
            "http://shop.example.com/cb",
            "https://shop.example.com/cb#x",
            "https://shop.example.com@evil.example/cb",
            "https://@evil.example/cb",
            "https://*.example.com/cb",
            "https://shop.example.com\\@evil.example/cb",
            "javascript:alert(1)",
            "myapp://cb",
            "/cb",
            "https:///",
            "http://localhost.evil.example/cb",
            "https://shöp.example.com/cb",
            "https://shop.example.com/c b",
            "",
        ] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn an_address_is_compared_as_text() {
        let registered = "https://shop.example.com/cb";
        assert!(matches(registered, registered, true));
        for other in [
            "https://shop.example.com/cb/",
            "https://shop.example.com/cb2",
            "https://shop.example.com/cb?x=1",
            "https://shop.example.com/cb#",
            "https://shop.example.com/a/../cb",
            "https://shop.example.com:443/cb",
            "https://SHOP.example.com/cb",
            "https://evil.shop.example.com/cb",
            "https://shop.example.com.evil.example/cb",
            "https://shop.example.com@evil.example/cb",
            "https://shop.example.com%2fcb",
            "http://shop.example.com/cb",
            "",
        ] {
            assert!(!matches(registered, other, true), "{other}");
        }
    }

    #[test]
    fn a_loopback_port_may_vary_and_nothing_else() {
        let registered = "http://127.0.0.1/cb";
        assert!(matches(registered, "http://127.0.0.1:49152/cb", true));
        assert!(!matches(registered, "http://127.0.0.1:49152/cb", false));
        for other in [
            "http://127.0.0.1:49152/cb2",
            "http://localhost:49152/cb",
            "http://127.0.0.1:80@evil.example/cb",
            "http://127.0.0.1:99999/cb",
            "http://127.0.0.1:/cb",
            "https://127.0.0.1:49152/cb",
            "http://127.0.0.1.evil.example:80/cb",
            "http://127.0.0.1:49152\\@evil.example/cb",
        ] {
            assert!(!matches(registered, other, true), "{other}");
        }
    }
}
