//! A claim, and whether it is true.

use std::fmt;

use trunkline_model::Timestamp;

use crate::body::{Body, Payload};
use crate::canonical::{Canonical, string_to_sign};
use crate::key::SigningKey;
use crate::parts::{Parts, check_coverage, check_size};
use crate::read::{DEVICE_GATEWAY, SIGNATURE, TOKEN, find};
use crate::{Request, SignatureError, limits, moment};

/// Where a signature stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// In the header `Authorization`: the request is sent at once.
    Header,
    /// In the query: the address was signed beforehand, and whoever has it may use it.
    Query {
        /// How long it holds from the date on.
        seconds: u32,
    },
}

/// What a request says of who signed it. Nothing of it is true before it was verified.
#[derive(Clone, PartialEq, Eq)]
pub struct Claim {
    parts: Parts,
    date: Timestamp,
    form: Form,
    payload: Payload,
    session_token: Option<String>,
}

/// Without what makes a signed address one that anybody can use.
impl fmt::Debug for Claim {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Claim")
            .field("access_key_id", &self.access_key_id())
            .field("date", &self.date)
            .field("scope", &self.parts.credential.scope())
            .field("signed_headers", &self.parts.signed)
            .field("form", &self.form)
            .field("payload", &self.payload)
            .finish_non_exhaustive()
    }
}

impl Claim {
    /// Reads the claim of `request`.
    ///
    /// # Errors
    /// [`SignatureError::Missing`] where it makes none, so that the caller can look for something else that it may show; otherwise what
    /// is wrong with it.
    pub fn read(request: &Request<'_>) -> Result<Self, SignatureError> {
        check_size(request)?;
        let found = find(request)?;
        let day = moment::write(found.date);
        if !day.starts_with(&found.parts.credential.day) {
            return Err(SignatureError::incomplete(
                "the day in Credential is not the day of the request's date",
            ));
        }
        check_coverage(request, &found.parts.signed)?;
        Ok(Self {
            payload: Payload::read(request, found.content.as_deref())?,
            parts: found.parts,
            date: found.date,
            form: found.form,
            session_token: found.session_token,
        })
    }

    /// Whether the secret that belongs to the access key signed `request`, which is the one that the claim was read of, with `body`, and
    /// whether `now` is the time for it.
    ///
    /// # Errors
    /// [`SignatureError`] with the first thing that does not fit: the time, the signature, the body. Where the signature is another, the
    /// error shows the canonical request.
    pub fn verify(
        &self,
        request: &Request<'_>,
        secret: &str,
        body: Body<'_>,
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        self.check_time(now)?;
        let left_out: &[&str] = match self.form {
            Form::Header => &[],
            Form::Query { .. } if self.service() == DEVICE_GATEWAY => &[SIGNATURE, TOKEN],
            Form::Query { .. } => &[SIGNATURE],
        };
        let payload = self.payload.line(&body);
        let canonical = Canonical::new(request, left_out, &self.parts.signed, &payload)?;
        let text = string_to_sign(&canonical, self.date, &self.parts.credential);
        let key = SigningKey::new(secret, &self.parts.credential);
        if !key.verify(&text, &self.parts.signature) {
            return Err(SignatureError::Mismatch {
                canonical: canonical.shown(),
            });
        }
        match self.payload {
            Payload::Told(digest) if digest != body.digest() => Err(SignatureError::Body),
            _ => Ok(()),
        }
    }

    /// The same without the body, which may then be read: whether `now` is the time for the request, and whether the secret signed it
    /// where it tells the hash of its body. [`Self::verify`] is still to be asked.
    ///
    /// # Errors
    /// As [`Self::verify`].
    pub fn verify_head(
        &self,
        request: &Request<'_>,
        secret: &str,
        now: Timestamp,
    ) -> Result<(), SignatureError> {
        match self.payload {
            Payload::Told(digest) => self.verify(request, secret, Body::Digest(digest), now),
            Payload::Signed | Payload::Unsigned => self.check_time(now),
        }
    }

    fn check_time(&self, now: Timestamp) -> Result<(), SignatureError> {
        let age = now.micros_since(self.date);
        let seconds = |seconds: i64| seconds * 1_000_000;
        let early = age < -seconds(limits::SKEW);
        match self.form {
            Form::Query { seconds: holds } if age > seconds(holds.into()) => {
                Err(SignatureError::Expired {
                    signed: moment::write(self.date),
                    seconds: holds,
                    now: moment::write(now),
                })
            }
            Form::Header if age > seconds(limits::SKEW) => Err(self.wrong_clock(now)),
            _ if early => Err(self.wrong_clock(now)),
            _ => Ok(()),
        }
    }

    fn wrong_clock(&self, now: Timestamp) -> SignatureError {
        SignatureError::Clock(format!(
            "the request was signed at {} and it is {} now: they may differ by {} minutes, so look at the clock of who signed it",
            moment::write(self.date),
            moment::write(now),
            limits::SKEW / 60
        ))
    }

    /// Whose secret is claimed to have signed it.
    #[must_use]
    pub fn access_key_id(&self) -> &str {
        &self.parts.credential.access_key_id
    }

    /// When it was signed, by the clock of who did.
    #[must_use]
    pub const fn date(&self) -> Timestamp {
        self.date
    }

    /// The region for which it is signed, such as `eu-central-1`.
    #[must_use]
    pub fn region(&self) -> &str {
        &self.parts.credential.region
    }

    /// The service for which it is signed, such as `iot`, `iotdata`, `iot-jobs-data`, `iotdevicegateway` or `execute-api`.
    #[must_use]
    pub fn service(&self) -> &str {
        &self.parts.credential.service
    }

    /// The headers that are signed, in lower case and alphabetical order. What an intermediary adds or changes is not among them.
    #[must_use]
    pub fn signed_headers(&self) -> &[String] {
        &self.parts.signed
    }

    /// The signature. Two requests with the same one are the same request, signed in the same second.
    #[must_use]
    pub const fn signature(&self) -> &[u8; 32] {
        &self.parts.signature
    }

    /// Where the signature stands.
    #[must_use]
    pub const fn form(&self) -> Form {
        self.form
    }

    /// Whether the body is signed too. The caller says whether it may be [`Payload::Unsigned`].
    #[must_use]
    pub const fn payload(&self) -> Payload {
        self.payload
    }

    /// The session token that was added to an address for MQTT over WebSocket after it was signed. No signature holds it: the caller
    /// checks it, or refuses with [`SignatureError::SessionToken`]. Elsewhere a request with one is refused here.
    #[must_use]
    pub fn session_token(&self) -> Option<&str> {
        self.session_token.as_deref()
    }
}
