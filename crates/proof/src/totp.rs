//! Codes of authenticator apps (RFC 6238).

use std::fmt;

use qrcode::QrCode;
use qrcode::render::svg;
use serde::Serialize;
use totp_rs::{Builder, Totp};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

use crate::ProofError;

/// What an authenticator app needs, shown this once.
#[derive(Serialize, ToSchema)]
pub struct TotpSetup {
    /// The address that the app reads from the picture: `otpauth://totp/…`.
    pub url: String,
    /// The secret in base32, to type it.
    pub secret: String,
    /// The address as a QR code in SVG.
    pub qr_svg: String,
}

impl fmt::Debug for TotpSetup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TotpSetup(..)")
    }
}

fn totp(secret: &[u8], label: &str) -> Result<Totp, ProofError> {
    Builder::new()
        .with_secret(secret.to_vec())
        .with_account_name(label.replace(':', " "))
        .with_issuer(Some("Trunkline"))
        .build()
        .map_err(|_| ProofError::Totp)
}

/// The half minute to which `code` belongs, one before and after the present one included.
///
/// # Errors
/// [`ProofError::Totp`] when no code can come of `secret`.
pub fn step_of(secret: &[u8], code: &str, now: Timestamp) -> Result<Option<i64>, ProofError> {
    let seconds = u64::try_from(now.as_micros() / 1_000_000).unwrap_or_default();
    let step = totp(secret, "account")?.check(code, seconds);
    Ok(step.and_then(|step| i64::try_from(step).ok()))
}

/// What an app needs to make codes of `secret` for the account called `label`.
///
/// # Errors
/// [`ProofError::Totp`] when no code can come of `secret`, or `label` is too long for a picture.
pub fn setup(secret: &[u8], label: &str) -> Result<TotpSetup, ProofError> {
    let failed = |_| ProofError::Totp;
    let url = totp(secret, label)?
        .to_url()
        .map_err(|_| ProofError::Totp)?;
    let picture = QrCode::new(url.as_bytes()).map_err(failed)?;
    let qr_svg = picture
        .render::<svg::Color<'_>>()
        .min_dimensions(200, 200)
        .build();
    Ok(TotpSetup {
        secret: totp_rs::Secret::from(secret.to_vec()).to_base32(),
        url,
        qr_svg,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_rfc_6238() {
        // Appendix B, SHA-1, the last six of eight digits, at 59 s and at 2005-03-18T01:58:29Z.
        let secret = b"12345678901234567890";
        let at = |seconds: i64| Timestamp::from_millis(seconds * 1000);
        assert_eq!(step_of(secret, "287082", at(59)).unwrap(), Some(1));
        assert_eq!(
            step_of(secret, "081804", at(1_111_111_109)).unwrap(),
            Some(37_037_036)
        );
        assert_eq!(
            step_of(secret, "287082", at(89)).unwrap(),
            Some(1),
            "one step late"
        );
        assert_eq!(
            step_of(secret, "287082", at(120)).unwrap(),
            None,
            "two steps late"
        );
        for code in ["", "28708", "2870820", "28708x", "٢٨٧٠٨٢"] {
            assert_eq!(step_of(secret, code, at(59)).unwrap(), None, "{code}");
        }
    }

    #[test]
    fn the_picture_holds_the_address() {
        let setup = setup(&[7; 20], "ada@example.com").unwrap();
        assert!(
            setup
                .url
                .starts_with("otpauth://totp/Trunkline:ada%40example.com?secret="),
            "{}",
            setup.url
        );
        assert!(setup.url.contains(&setup.secret) && setup.qr_svg.contains("<svg"));
        assert_eq!(format!("{setup:?}"), "TotpSetup(..)");
    }
}
