//! What a bridge is to do, checked.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use super::draft::Draft;
use super::problem::{BridgeFile, Problem};
use super::{Limits, Map, Server};
use crate::port::{Direction, Side};

/// Bytes of the largest file that is read.
const LARGEST: usize = 256 << 10;
/// Bytes of the longest name of a bridge: with `bridge:` before it, it has to be a client id.
const LONGEST_NAME: usize = 64;

/// A version of MQTT.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Version {
    /// MQTT 3.1.1.
    Three,
    /// MQTT 5.
    Five,
}

/// What a bridge is to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The bridge's name.
    pub name: String,
    /// The remote.
    pub server: Server,
    /// What the remote speaks.
    pub version: Version,
    /// Who the bridge is at the remote.
    pub client_id: String,
    /// The user at the remote.
    pub username: Option<String>,
    /// The file with that user's password.
    pub password_file: Option<PathBuf>,
    /// The file with the certificate that the bridge shows.
    pub certificate_file: Option<PathBuf>,
    /// The file with the key to it.
    pub key_file: Option<PathBuf>,
    /// The file with the authorities that the remote's certificate may come from; without one, those that the system trusts.
    pub authority_file: Option<PathBuf>,
    /// Protocols that are offered at the handshake.
    pub alpn: Vec<String>,
    /// How often the connection to the remote is tried out.
    pub keep_alive: Duration,
    /// Seconds that the session at the remote outlives its connection, where it speaks MQTT 5.
    pub session_expiry: u32,
    /// What goes out.
    pub out: Vec<Map>,
    /// What comes in.
    pub inward: Vec<Map>,
    /// How much.
    pub limits: Limits,
}

impl Settings {
    /// The maps of one direction.
    #[must_use]
    pub fn maps(&self, direction: Direction) -> &[Map] {
        match direction {
            Direction::Out => &self.out,
            Direction::In => &self.inward,
        }
    }

    /// The filters that the bridge is subscribed to on one side.
    pub(crate) fn filters(&self, side: Side) -> BTreeSet<String> {
        self.maps(side.origin_of())
            .iter()
            .map(|map| map.filter(side).to_owned())
            .collect()
    }

    /// Whether the session at the remote is that of `other` too.
    pub(crate) fn same_session(&self, other: &Self) -> bool {
        self.server == other.server && self.client_id == other.client_id
    }

    /// Whether the session at the remote may be that of `other` too: one broker often listens on several ports, with TLS and without.
    pub(crate) fn may_share_session(&self, other: &Self) -> bool {
        self.server.host == other.server.host && self.client_id == other.client_id
    }
}

impl BridgeFile {
    /// Reads the file.
    ///
    /// # Errors
    /// All problems that were found.
    pub fn read(&self) -> Result<Settings, Vec<Problem>> {
        let draft = self.draft().map_err(|problem| vec![problem])?;
        let mut problems = Vec::new();
        self.check_name(&mut problems);
        self.refuse_secrets(&draft, &mut problems);
        self.check_tls(&draft, &mut problems);
        let server = match Server::read(&draft.server) {
            Ok(server) => Some(server),
            Err((text, hint)) => {
                problems.push(self.problem_at("server", text).hint(hint));
                None
            }
        };
        let version = match draft.version {
            3 => Version::Three,
            5 => Version::Five,
            other => {
                let text = format!("there is no version {other}");
                let problem = self.problem_at("version", text);
                problems.push(problem.hint("3 is MQTT 3.1.1, 5 is MQTT 5"));
                Version::Five
            }
        };
        self.check_client(&draft, &mut problems);
        if version == Version::Three && draft.keeps_properties == Some(true) {
            let problem = self.problem_at("keeps_properties", "MQTT 3.1.1 has no properties");
            problems.push(problem.hint("leave it out, or set `version = 5`"));
        }
        let keep_alive = draft.keep_alive_seconds.unwrap_or(60);
        if !(5..=1_200).contains(&keep_alive) {
            let text = format!("{keep_alive} seconds are not supported");
            let problem = self.problem_at("keep_alive_seconds", text);
            problems.push(problem.hint("5 to 1200"));
        }
        let limits = Limits::read(self, draft.preset, &draft.limits, &mut problems);
        let out = Map::read_all(self, Direction::Out, &draft.out, &mut problems);
        let inward = Map::read_all(self, Direction::In, &draft.inward, &mut problems);
        if draft.out.is_empty() && draft.inward.is_empty() {
            let problem = self.problem("the bridge carries nothing");
            problems.push(problem.hint("add `[[out]]` or `[[in]]` with a `filter`"));
        }
        if version == Version::Three || draft.keeps_properties == Some(false) {
            Map::would_echo(self, &out, &inward, &mut problems);
        }
        let path = |text: Option<String>| text.map(PathBuf::from);
        match server {
            Some(server) if problems.is_empty() => Ok(Settings {
                name: self.bridge().to_owned(),
                server,
                version,
                client_id: draft.client_id,
                username: draft.username,
                password_file: path(draft.password_file),
                certificate_file: path(draft.certificate_file),
                key_file: path(draft.key_file),
                authority_file: path(draft.authority_file),
                alpn: draft.alpn,
                keep_alive: Duration::from_secs(keep_alive.into()),
                session_expiry: draft.session_expiry_seconds.unwrap_or(7 * 86_400),
                out,
                inward,
                limits,
            }),
            _ => Err(problems),
        }
    }

    fn draft(&self) -> Result<Draft, Problem> {
        if self.text.len() > LARGEST {
            return Err(self.problem(format!("the file has more than {LARGEST} bytes")));
        }
        toml::from_str(&self.text).map_err(|error| Problem {
            line: error.span().map(|span| self.line(span.start)),
            ..self.problem(error.message().trim().replace('\n', " "))
        })
    }

    fn check_name(&self, problems: &mut Vec<Problem>) {
        let name = self.bridge();
        let good = !name.is_empty()
            && name.len() <= LONGEST_NAME
            && name
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte));
        if !good {
            let problem = self.problem(format!("`{name}` cannot name a bridge"));
            problems.push(problem.hint(format!(
                "the file's name has 1 to {LONGEST_NAME} letters, digits, `-`, `_` and `.`"
            )));
        }
    }

    fn refuse_secrets(&self, draft: &Draft, problems: &mut Vec<Problem>) {
        for (key, there, instead) in [
            ("password", draft.password.is_some(), "password_file"),
            ("key", draft.key.is_some(), "key_file"),
            (
                "certificate",
                draft.certificate.is_some(),
                "certificate_file",
            ),
        ] {
            if there {
                let problem = self.problem_at(key, "secrets do not belong in this file");
                problems.push(problem.hint(format!(
                    "put it into a file that only the platform may read, and name that as `{instead}`"
                )));
            }
        }
    }

    fn check_tls(&self, draft: &Draft, problems: &mut Vec<Problem>) {
        let pairs = [
            ("certificate_file", &draft.certificate_file),
            ("key_file", &draft.key_file),
        ];
        if let [(_, Some(_)), (key, None)] | [(key, None), (_, Some(_))] = pairs {
            let problem = self.problem_at(key, "a certificate and its key belong together");
            problems.push(problem.hint("name both files, or neither"));
        }
        if draft.password_file.is_some() && draft.username.is_none() {
            let problem = self.problem_at("password_file", "a password without a user");
            problems.push(problem.hint("add `username`"));
        }
        let tls_only = [
            ("certificate_file", draft.certificate_file.is_some()),
            ("authority_file", draft.authority_file.is_some()),
            ("alpn", !draft.alpn.is_empty()),
        ];
        if draft.server.starts_with("mqtt://")
            && let Some((key, _)) = tls_only.iter().find(|(_, said)| *said)
        {
            let problem = self.problem_at(*key, "is for TLS, which `mqtt://` is not");
            problems.push(problem.hint("use `mqtts://`"));
        }
        if draft
            .alpn
            .iter()
            .any(|name| name.is_empty() || name.len() > 255)
        {
            let problem = self.problem_at("alpn", "the name of a protocol has 1 to 255 bytes");
            problems.push(problem.hint("such as `x-amzn-mqtt-ca` for AWS IoT Core on port 443"));
        }
    }

    fn check_client(&self, draft: &Draft, problems: &mut Vec<Problem>) {
        let id = &draft.client_id;
        if id.is_empty() || id.len() > 1_024 || id.chars().any(char::is_control) {
            let problem = self.problem_at("client_id", "this cannot be the id of a client");
            problems
                .push(problem.hint("1 to 1024 bytes; no two clients of the remote have the same"));
        }
        if draft
            .session_expiry_seconds
            .is_some_and(|seconds| seconds < 60)
        {
            let problem = self.problem_at(
                "session_expiry_seconds",
                "a session that ends so soon loses messages",
            );
            problems.push(problem.hint("at least 60; without it, 7 days"));
        }
    }
}
