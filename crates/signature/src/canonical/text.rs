//! The text, and what is signed of it.

use super::{headers, path, query};
use crate::body::sha256;
use crate::hex::hex;
use crate::scope::Credential;
use crate::{Request, SignatureError, limits, moment};
use trunkline_model::Timestamp;

/// The algorithm's name.
pub(crate) const ALGORITHM: &str = "AWS4-HMAC-SHA256";

/// The canonical request; values of headers need not be text.
pub(crate) struct Canonical(Vec<u8>);

impl Canonical {
    /// `left_out` are parameters of the query that are not signed, and `payload` is the last line.
    pub(crate) fn new(
        request: &Request<'_>,
        left_out: &[&str],
        signed: &[String],
        payload: &str,
    ) -> Result<Self, SignatureError> {
        let mut text = Vec::new();
        for line in [
            request.method,
            &path::path(request.path),
            &query::query(request.query, left_out),
        ] {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        text.extend(headers::headers(request, signed)?);
        for line in ["", &signed.join(";")] {
            text.extend_from_slice(line.as_bytes());
            text.push(b'\n');
        }
        text.extend_from_slice(payload.as_bytes());
        Ok(Self(text))
    }

    /// As an error shows it.
    pub(crate) fn shown(&self) -> String {
        let cut = self.0.get(..limits::SHOWN).unwrap_or(&self.0);
        String::from_utf8_lossy(cut).into_owned()
    }
}

/// What is signed: the hash of `canonical`, when, and for what.
pub(crate) fn string_to_sign(
    canonical: &Canonical,
    date: Timestamp,
    credential: &Credential,
) -> String {
    let (date, scope) = (moment::write(date), credential.scope());
    format!(
        "{ALGORITHM}\n{date}\n{scope}\n{}",
        hex(&sha256(&canonical.0))
    )
}
