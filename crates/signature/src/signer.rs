//! Signing.

use std::fmt;

use trunkline_model::Timestamp;

use crate::body::{Body, CONTENT, Payload};
use crate::canonical::{ALGORITHM, Canonical, encoded, pairs, raw_pairs, string_to_sign};
use crate::hex::hex;
use crate::key::SigningKey;
use crate::parts::check_size;
use crate::read::SIGNATURE;
use crate::scope::{Credential, is_name};
use crate::{Claim, Request, SignatureError, limits, moment};

/// An access key with its secret, for one region and service.
#[derive(Clone, Copy)]
pub struct Signer<'a> {
    /// The key's id.
    pub access_key_id: &'a str,
    /// The secret that belongs to it.
    pub secret: &'a str,
    /// The region, such as `eu-central-1`.
    pub region: &'a str,
    /// The service, such as `iotdata`.
    pub service: &'a str,
}

impl fmt::Debug for Signer<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Signer")
            .field("access_key_id", &self.access_key_id)
            .field("region", &self.region)
            .field("service", &self.service)
            .finish_non_exhaustive()
    }
}

impl Signer<'_> {
    /// The headers that sign `request` when they are added to it: `x-amz-date`, `x-amz-content-sha256` and `authorization`. All headers
    /// that it has already are signed, so it should have only such as arrive unchanged, `host` among them.
    ///
    /// # Errors
    /// [`SignatureError`] where no such request would be accepted.
    pub fn sign(
        &self,
        request: &Request<'_>,
        body: Body<'_>,
        now: Timestamp,
    ) -> Result<Vec<(&'static str, String)>, SignatureError> {
        let credential = self.credential(now)?;
        let (date, content) = (moment::write(now), hex(&body.digest()));
        let mut headers = request.headers.to_vec();
        headers.push(("x-amz-date", date.as_bytes()));
        headers.push((CONTENT, content.as_bytes()));
        let request = Request {
            headers: &headers,
            ..*request
        };
        let signed = names(&request)?;
        let canonical = Canonical::new(&request, &[], &signed, &content)?;
        let signature = self.signature(&canonical, now, &credential);
        let authorization = format!(
            "{ALGORITHM} Credential={}/{}, SignedHeaders={}, Signature={signature}",
            self.access_key_id,
            credential.scope(),
            signed.join(";"),
        );
        let line = ("authorization", authorization.as_bytes());
        let complete = [&headers[..], &[line]].concat();
        Claim::read(&Request {
            headers: &complete,
            ..request
        })?;
        Ok(vec![
            ("x-amz-date", date),
            (CONTENT, content),
            ("authorization", authorization),
        ])
    }

    /// The query that signs `request` for `seconds` from `now` on when it takes the place of its own. The body is signed too: it is
    /// empty for an address that somebody opens.
    ///
    /// # Errors
    /// [`SignatureError`] where no such request would be accepted.
    pub fn presign(
        &self,
        request: &Request<'_>,
        body: Body<'_>,
        seconds: u32,
        now: Timestamp,
    ) -> Result<String, SignatureError> {
        if !(1..=limits::EXPIRES_MOST).contains(&seconds) {
            let most = limits::EXPIRES_MOST;
            return Err(SignatureError::incomplete(format!(
                "an address is signed for 1 to {most} seconds"
            )));
        }
        let credential = self.credential(now)?;
        let signed = names(request)?;
        let scope = format!("{}/{}", self.access_key_id, credential.scope());
        let mut query = raw_pairs(request.query)
            .map(|(name, value)| format!("{name}={value}&"))
            .collect::<String>();
        query += &format!(
            "X-Amz-Algorithm={ALGORITHM}&X-Amz-Credential={}&X-Amz-Date={}&X-Amz-Expires={seconds}&X-Amz-SignedHeaders={}",
            encoded(scope.as_bytes(), false),
            moment::write(now),
            encoded(signed.join(";").as_bytes(), false),
        );
        let request = Request {
            query: &query,
            ..*request
        };
        let content = pairs(&query).find(|(name, _)| name.eq_ignore_ascii_case(CONTENT));
        let content = content.as_ref().map(|(_, value)| value.as_str());
        let payload = Payload::read(&request, content)?.line(&body);
        let canonical = Canonical::new(&request, &[SIGNATURE], &signed, &payload)?;
        let signature = self.signature(&canonical, now, &credential);
        let query = format!("{query}&{SIGNATURE}={signature}");
        Claim::read(&Request {
            query: &query,
            ..request
        })?;
        Ok(query)
    }

    fn credential(&self, now: Timestamp) -> Result<Credential, SignatureError> {
        if ![self.access_key_id, self.region, self.service]
            .into_iter()
            .all(is_name)
        {
            return Err(SignatureError::incomplete(
                "an access key's id, a region and a service consist of letters, digits and `-_.`",
            ));
        }
        let day = moment::write(now);
        let day = day.get(..moment::DAY).ok_or_else(|| {
            SignatureError::incomplete("the time lies outside the years that can be written")
        })?;
        Ok(Credential {
            access_key_id: self.access_key_id.into(),
            day: day.into(),
            region: self.region.into(),
            service: self.service.into(),
        })
    }

    fn signature(&self, canonical: &Canonical, now: Timestamp, credential: &Credential) -> String {
        let text = string_to_sign(canonical, now, credential);
        hex(SigningKey::new(self.secret, credential)
            .sign(&text)
            .as_ref())
    }
}

/// The names of all headers, in lower case and in order.
fn names(request: &Request<'_>) -> Result<Vec<String>, SignatureError> {
    check_size(request)?;
    let mut names: Vec<String> = request
        .headers
        .iter()
        .map(|(name, _)| name.to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    names.dedup();
    Ok(names)
}
