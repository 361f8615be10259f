//! Which platform is meant, and with which token.

use std::path::Path;

use reqwest::Url;
use trunkline_model::code;
use trunkline_platform::Config;

use crate::Failure;
use crate::Globals;

/// A platform's address and a token for it.
#[derive(Clone, Debug)]
pub struct Place {
    /// Its address.
    pub url: Url,
    /// The token.
    pub token: String,
}

impl Place {
    /// What the options and the environment say; on the same machine the data directory is asked too.
    pub fn of(globals: &Globals) -> Result<Self, Failure> {
        let url = address(globals)?;
        let token = token(globals, &url)?;
        Ok(Self { url, token })
    }
}

fn address(globals: &Globals) -> Result<Url, Failure> {
    let text = match &globals.server {
        Some(text) => text.clone(),
        // The platform of this data directory listens where its configuration says.
        None => {
            let config = globals
                .load(&[])
                .map_or_else(|_| Config::default(), |loaded| loaded.config);
            format!("http://{}", reachable(&config.api.listen))
        }
    };
    let hint = "write one such as http://127.0.0.1:7070";
    let url = Url::parse(&text)
        .map_err(|error| Failure::usage(format!("`{text}` is no URL: {error}"), hint))?;
    match url.scheme() {
        "http" => Ok(url),
        "https" => Err(Failure::usage(
            "this program speaks plain HTTP, for the same machine or a trusted network",
            "for a platform behind TLS, forward its port: ssh -L 7070:127.0.0.1:7070 HOST",
        )),
        other => Err(Failure::usage(
            format!("`{other}:` is no scheme for a platform"),
            hint,
        )),
    }
}

/// Where a listener on all addresses is reached from the same machine.
pub fn reachable(listen: &str) -> String {
    listen
        .replacen("0.0.0.0", "127.0.0.1", 1)
        .replacen("[::]", "[::1]", 1)
}

fn token(globals: &Globals, url: &Url) -> Result<String, Failure> {
    if let Some(path) = &globals.token_file {
        return from_file(path);
    }
    if let Some(token) = std::env::var("TRUNKLINE_TOKEN")
        .ok()
        .filter(|token| !token.is_empty())
    {
        return Ok(token.trim().into());
    }
    // An owner's token never leaves the machine that it is for.
    let local = is_loopback(url)
        .then(|| {
            globals
                .data_dir()
                .ok()
                .and_then(|data| data.read_local_token())
        })
        .flatten();
    local.ok_or_else(|| Failure::new(&code::CLI_NO_TOKEN, format!("there is no token for {url}")))
}

fn from_file(path: &Path) -> Result<String, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(
            &code::CLI_NO_TOKEN,
            format!("{} cannot be read", path.display()),
        )
        .because(&error)
    })?;
    Ok(text.trim().into())
}

/// Whether the URL leads to this machine only.
fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host
        .trim_start_matches('[')
        .trim_end_matches(']')
        .parse::<std::net::IpAddr>();
    address.map_or(host == "localhost", |address| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_gets_the_local_token() {
        let loopback = |text: &str| is_loopback(&Url::parse(text).unwrap());
        assert!(
            loopback("http://127.0.0.1:7070")
                && loopback("http://localhost")
                && loopback("http://[::1]:7070")
        );
        assert!(!loopback("http://10.0.0.7:7070") && !loopback("http://localhost.example.com"));
    }

    #[test]
    fn a_listener_on_all_addresses_is_reached_at_home() {
        assert_eq!(reachable("0.0.0.0:7070"), "127.0.0.1:7070");
        assert_eq!(reachable("[::]:7070"), "[::1]:7070");
        assert_eq!(reachable("127.0.0.1:7070"), "127.0.0.1:7070");
    }
}
