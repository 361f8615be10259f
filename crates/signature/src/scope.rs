//! Which key, for which day, region and service.

use crate::SignatureError;
use crate::limits;

/// What the last part of every scope is.
pub(crate) const END: &str = "aws4_request";

/// What `Credential` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Credential {
    pub(crate) access_key_id: String,
    /// The day in UTC as eight digits.
    pub(crate) day: String,
    pub(crate) region: String,
    pub(crate) service: String,
}

impl Credential {
    /// Reads `<key>/<day>/<region>/<service>/aws4_request`.
    pub(crate) fn read(text: &str) -> Result<Self, SignatureError> {
        let wrong = || {
            SignatureError::incomplete(
                "Credential is <access key>/<yyyymmdd>/<region>/<service>/aws4_request",
            )
        };
        let mut parts = text.split('/');
        let mut next = || parts.next().ok_or_else(wrong);
        let (key, day, region, service, end) = (next()?, next()?, next()?, next()?, next()?);
        let well_formed = [key, region, service].into_iter().all(is_name)
            && day.len() == crate::moment::DAY
            && day.bytes().all(|byte| byte.is_ascii_digit());
        if !well_formed || end != END || parts.next().is_some() {
            return Err(wrong());
        }
        Ok(Self {
            access_key_id: key.into(),
            day: day.into(),
            region: region.into(),
            service: service.into(),
        })
    }

    /// Without the key.
    pub(crate) fn scope(&self) -> String {
        format!("{}/{}/{}/{END}", self.day, self.region, self.service)
    }
}

/// Whether `text` can be an access key's id, a region or a service.
pub(crate) fn is_name(text: &str) -> bool {
    (1..=limits::NAME).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_credential_has_five_parts() {
        let text = "AKIDEXAMPLE/20150830/us-east-1/iot-jobs-data/aws4_request";
        let credential = Credential::read(text).unwrap();
        assert_eq!(credential.access_key_id, "AKIDEXAMPLE");
        assert_eq!(
            credential.scope(),
            "20150830/us-east-1/iot-jobs-data/aws4_request"
        );
        for bad in [
            "",
            "AKIDEXAMPLE",
            "AKIDEXAMPLE/20150830/us-east-1/iot",
            "AKIDEXAMPLE/20150830/us-east-1/iot/aws4_request/",
            "AKIDEXAMPLE/20150830/us-east-1/iot/aws5_request",
            "AKIDEXAMPLE/2015083/us-east-1/iot/aws4_request",
            "AKIDEXAMPLE/20150830//iot/aws4_request",
            "/20150830/us-east-1/iot/aws4_request",
            "A B/20150830/us-east-1/iot/aws4_request",
            &format!("{}/20150830/us-east-1/iot/aws4_request", "A".repeat(129)),
        ] {
            let error = Credential::read(bad).unwrap_err();
            assert_eq!(error.name(), "IncompleteSignatureException", "{bad}");
        }
    }
}
