//! The address of a remote.

use std::fmt;

use url::{Host, Url};

/// Where a remote is, and whether TLS is spoken there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Server {
    /// The name or address, in small letters.
    pub host: String,
    /// The port.
    pub port: u16,
    /// Whether the connection is TLS.
    pub tls: bool,
}

impl Server {
    /// Reads `mqtt://host:1883` or `mqtts://host:8883`; without a port, those two. The error says what is wrong, and what would be right.
    pub(super) fn read(text: &str) -> Result<Self, (String, &'static str)> {
        const FORM: &str = "it has the form `mqtts://host:8883`, or `mqtt://host:1883` without TLS";
        let wrong = |what: &str| Err((what.to_owned(), FORM));
        let url = match Url::parse(text) {
            Ok(url) => url,
            // What stands there is not told: there may be a password in it.
            Err(error) => return wrong(&format!("this is no URL: {error}")),
        };
        let (tls, usual) = match url.scheme() {
            "mqtts" => (true, 8_883),
            "mqtt" => (false, 1_883),
            // `user:password@host` is a URL too, whose scheme is the user.
            _ if url.cannot_be_a_base() => return wrong("this is no address"),
            other => return wrong(&format!("`{other}` is not spoken here")),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err((
                "an address has neither user nor password".into(),
                "they are `username` and `password_file`",
            ));
        }
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return wrong("nothing may stand behind host and port");
        }
        let host = match url.host() {
            Some(Host::Domain(name)) if !name.is_empty() => name.to_lowercase(),
            Some(Host::Ipv4(address)) => address.to_string(),
            Some(Host::Ipv6(_)) if tls => {
                return Err((
                    "TLS to a bare IPv6 address is not supported".into(),
                    "give the broker a name",
                ));
            }
            Some(Host::Ipv6(address)) => format!("[{address}]"),
            _ => return wrong("the host is missing"),
        };
        let port = match url.port() {
            Some(0) => return wrong("there is no port 0"),
            Some(port) => port,
            None => usual,
        };
        Ok(Self { host, port, tls })
    }

    /// Host and port.
    #[must_use]
    pub fn address(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }
}

impl fmt::Display for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "mqtts" } else { "mqtt" };
        write!(f, "{scheme}://{}:{}", self.host, self.port)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_have_a_scheme_a_host_and_perhaps_a_port() {
        for (text, read) in [
            ("mqtts://Broker.example", "mqtts://broker.example:8883"),
            ("mqtt://10.0.0.7", "mqtt://10.0.0.7:1883"),
            ("mqtts://a.example:443/", "mqtts://a.example:443"),
            ("mqtt://[::1]:1884", "mqtt://[::1]:1884"),
        ] {
            assert_eq!(Server::read(text).unwrap().to_string(), read);
        }
        for bad in [
            "broker.example",
            "broker.example:8883",
            "http://a.example",
            "mqtt://",
            "mqtt://a:0",
            "mqtt://a/topic",
            "mqtt://a?x=1",
            "mqtt://user@a",
            "mqtt://user:secret@a",
            "mqtts://[::1]",
        ] {
            assert!(Server::read(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn no_password_is_told_wherever_it_stands() {
        for bad in [
            "mqtt://somebody:hunter2@a",
            "mqtts://somebody:hunter2@a:99999",
            "mqtt://somebody:hun/ter2@a hunter2",
            "mqtt://somebody:hunter2/@a",
            "mqtt://somebody:hunter2#@a",
            "mqtt://hunter2@a:b",
            "mqtt://:hunter2@",
            "https://somebody:hunter2@a",
            "somebody:hunter2@a",
            "somebody:hunter2@a:1883",
            "//somebody:hunter2@a",
            "hunter2",
        ] {
            let (told, hint) = Server::read(bad).unwrap_err();
            for secret in ["hunter2", "ter2", "somebody"] {
                assert!(
                    !told.contains(secret) && !hint.contains(secret),
                    "{bad}: {told}"
                );
            }
        }
    }
}
