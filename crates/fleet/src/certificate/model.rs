//! A certificate as the registry has it.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use trunkline_authority::{PrivateKeyPem, Standing};
use trunkline_model::Timestamp;
use utoipa::ToSchema;

/// What a certificate is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum CertificateStatus {
    /// Its device may connect.
    Active,
    /// It is switched off, and may be switched on again.
    Inactive,
    /// It waits for its device to be provisioned.
    Pending,
    /// It was taken back for good.
    Revoked,
}

impl CertificateStatus {
    /// As tables and events have it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Inactive => "inactive",
            Self::Pending => "pending",
            Self::Revoked => "revoked",
        }
    }

    pub(crate) fn read(text: &str) -> Option<Self> {
        [Self::Active, Self::Inactive, Self::Pending, Self::Revoked]
            .into_iter()
            .find(|status| status.as_str() == text)
    }

    pub(crate) const fn standing(self) -> Standing {
        match self {
            Self::Active => Standing::Active,
            Self::Inactive => Standing::Inactive,
            Self::Pending => Standing::Pending,
            Self::Revoked => Standing::Revoked,
        }
    }
}

/// A certificate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Certificate {
    /// The SHA-256 of its DER form, in hexadecimal digits.
    pub id: String,
    /// The device that it is of; absent for a claim certificate, and while it waits.
    pub thing: Option<String>,
    /// The template by which whoever shows it may provision devices; absent for the certificate of a device.
    pub claim: Option<String>,
    /// The authority that signed it, where that is another than the platform's own.
    pub issuer: Option<String>,
    /// What it is good for.
    pub status: CertificateStatus,
    /// Its serial number in hexadecimal digits.
    pub serial: String,
    /// When it begins.
    #[schema(value_type = String, format = DateTime)]
    pub not_before: Timestamp,
    /// When it ends.
    #[schema(value_type = String, format = DateTime)]
    pub not_after: Timestamp,
    /// When it was registered.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
}

/// A certificate that was made just now.
#[derive(Clone, Debug)]
pub struct Issued {
    /// As the registry has it.
    pub certificate: Certificate,
    /// Its text.
    pub pem: String,
    /// Its private key, where the platform made that; it is shown this once.
    pub private_key: Option<PrivateKeyPem>,
    /// Its public key, where the platform made it.
    pub public_key: Option<String>,
}

/// Who shows a certificate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    /// A device.
    Thing(Arc<str>),
    /// Whoever wants to provision devices by this template.
    Claim(Arc<str>),
}
