//! Requests that own what they consist of, so that a test can change it.

use trunkline_model::Timestamp;
use trunkline_signature::{Body, Claim, Request, SignatureError};

#[derive(Clone, Debug)]
pub(crate) struct Owned {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) query: String,
    pub(crate) headers: Vec<(String, Vec<u8>)>,
    pub(crate) body: Vec<u8>,
}

impl Owned {
    /// A request for `path` with `Host: example.com`.
    pub(crate) fn get(path: &str) -> Self {
        Self {
            method: "GET".into(),
            path: path.into(),
            query: String::new(),
            headers: vec![("Host".into(), b"example.com".into())],
            body: Vec::new(),
        }
    }

    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// The same with the value of the header `name` replaced.
    pub(crate) fn changed(mut self, name: &str, change: impl Fn(&str) -> String) -> Self {
        let mut found = false;
        for (other, value) in &mut self.headers {
            if other.eq_ignore_ascii_case(name) {
                *value = change(std::str::from_utf8(value).unwrap()).into_bytes();
                found = true;
            }
        }
        assert!(found, "{name}");
        self
    }

    /// Lends it to `look`.
    pub(crate) fn lent<T>(&self, look: impl FnOnce(&Request<'_>) -> T) -> T {
        let headers: Vec<(&str, &[u8])> = self
            .headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_slice()))
            .collect();
        look(&Request {
            method: &self.method,
            path: &self.path,
            query: &self.query,
            headers: &headers,
        })
    }

    pub(crate) fn claim(&self) -> Result<Claim, SignatureError> {
        self.lent(Claim::read)
    }

    /// Both steps.
    pub(crate) fn check(&self, secret: &str, now: Timestamp) -> Result<Claim, SignatureError> {
        let claim = self.claim()?;
        self.lent(|request| claim.verify(request, secret, Body::Bytes(&self.body), now))?;
        Ok(claim)
    }
}

/// `time` and this many seconds.
pub(crate) fn after(time: Timestamp, seconds: i64) -> Timestamp {
    time.plus_micros(seconds * 1_000_000)
}
