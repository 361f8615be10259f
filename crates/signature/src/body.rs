//! What a signature says of the body.

use aws_lc_rs::digest::{SHA256, digest};

use crate::hex;
use crate::{Request, SignatureError};

/// The header and the parameter that tell the hash of the body.
pub(crate) const CONTENT: &str = "x-amz-content-sha256";

/// What stands there where the body is not signed.
const UNSIGNED: &str = "UNSIGNED-PAYLOAD";

/// A body, or what is known of it.
#[derive(Clone, Copy, Debug)]
pub enum Body<'a> {
    /// All of it.
    Bytes(&'a [u8]),
    /// The SHA-256 hash of it, for who has let it pass by.
    Digest([u8; 32]),
}

impl Body<'_> {
    /// The SHA-256 hash.
    #[must_use]
    pub fn digest(&self) -> [u8; 32] {
        match self {
            Self::Bytes(bytes) => sha256(bytes),
            Self::Digest(digest) => *digest,
        }
    }
}

/// The SHA-256 hash of `bytes`.
pub(crate) fn sha256(bytes: &[u8]) -> [u8; 32] {
    let digest = digest(&SHA256, bytes);
    let mut hash = [0; 32];
    hash.iter_mut()
        .zip(digest.as_ref())
        .for_each(|(to, from)| *to = *from);
    hash
}

/// Whether the body is signed too.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Payload {
    /// Its hash is, though the request does not say which it is.
    Signed,
    /// Its hash is, and this is what the request says it is.
    Told([u8; 32]),
    /// It is not: whoever sits on the line can change it. To be accepted only where TLS keeps others out.
    Unsigned,
}

impl Payload {
    /// What the request says of its body, in a header or in the query of an address.
    pub(crate) fn read(
        request: &Request<'_>,
        parameter: Option<&str>,
    ) -> Result<Self, SignatureError> {
        let mut headers = request.values(CONTENT);
        let header = headers.next();
        if headers.next().is_some() || header.is_some() && parameter.is_some() {
            return Err(SignatureError::incomplete(
                "X-Amz-Content-Sha256 is there more than once",
            ));
        }
        let told = match header {
            Some(header) => std::str::from_utf8(header).ok().map(str::trim),
            None => parameter,
        };
        match told {
            None if header.is_none() => Ok(Self::Signed),
            Some(UNSIGNED) => Ok(Self::Unsigned),
            Some(told) if told.starts_with("STREAMING-") => Err(SignatureError::incomplete(
                "bodies that are signed in chunks (STREAMING-...) are not accepted: send the hash of the whole body",
            )),
            told => told
                .and_then(hex::bytes)
                .map(Self::Told)
                .ok_or_else(|| {
                    SignatureError::incomplete(
                        "X-Amz-Content-Sha256 is 64 hexadecimal digits in lower case, or UNSIGNED-PAYLOAD",
                    )
                }),
        }
    }

    /// The last line of the canonical request.
    pub(crate) fn line(self, body: &Body<'_>) -> String {
        match self {
            Self::Signed => hex::hex(&body.digest()),
            Self::Told(digest) => hex::hex(&digest),
            Self::Unsigned => UNSIGNED.into(),
        }
    }
}
