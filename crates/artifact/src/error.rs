//! What can go wrong about artifacts.

use std::io::Error;
use std::path::Path;

use trunkline_authority::AuthorityError;
use trunkline_model::{Coded, ErrorCode, EventError, Timestamp, code};
use trunkline_store::StoreError;

use crate::port::NotKnown;

/// Why something about an artifact was not done.
#[derive(Debug, thiserror::Error)]
pub enum ArtifactError {
    /// There is no such artifact.
    #[error("there is no artifact `{0}`")]
    Unknown(String),
    /// An artifact, a header about it, or a placeholder for one cannot be like that.
    #[error("{0}")]
    Invalid(String),
    /// There is other content under the same name and version.
    #[error("`{subject}` is there with the SHA-256 {sha256}")]
    Exists {
        /// Its name and version.
        subject: String,
        /// The SHA-256 of what is there, in hexadecimal digits.
        sha256: String,
    },
    /// It has more bytes than one artifact may have.
    #[error("an artifact has at most {0} bytes")]
    TooLarge(u64),
    /// There is no room for it.
    #[error("{0}")]
    Full(String),
    /// The content is not what its digest says.
    #[error("the SHA-256 of the content that came is {0}, which is not what `Content-Digest` says")]
    Digest(String),
    /// A job uses it.
    #[error("the job `{0}` uses it and is not over")]
    InUse(String),
    /// A link was not made here, or was changed, or its artifact is gone.
    #[error("the link was not made here for this device, or what it leads to is gone")]
    Link,
    /// A link was good until then.
    #[error("the link was good until {0}")]
    LinkEnded(Timestamp),
    /// A range begins behind the last byte.
    #[error("there are {0} bytes")]
    Range(u64),
    /// Too much is under way.
    #[error("there are as many {0} as there may be at the same time")]
    Busy(&'static str),
    /// The request expects other content.
    #[error("its tag is \"{0}\"")]
    Changed(String),
    /// The upload ended before its end.
    #[error("the upload broke off: {0}")]
    Broken(String),
    /// A file or the folder cannot be read or written.
    #[error("a file of the artifacts, or their folder, cannot be read or written")]
    File(#[source] Error),
    /// The key that signs cannot be made, read or used.
    #[error("the key that signs artifacts cannot be made, read or used")]
    Key,
    /// The certificate of the key that signs cannot be made.
    #[error("the certificate of the key that signs artifacts cannot be made")]
    Authority(#[from] AuthorityError),
    /// Nobody could say what uses it.
    #[error("it cannot be found out whether a job uses it")]
    NotKnown(#[source] NotKnown),
    /// The work was given up with the platform.
    #[error("the platform stops")]
    Stopped,
    /// The table could not be read or written.
    #[error("the artifacts cannot be read or written")]
    Store(#[from] StoreError),
}

impl ArtifactError {
    /// What `source` is about `path`, which the log tells and no client learns.
    pub(crate) fn file(path: &Path, source: &Error) -> Self {
        let text = format!("{}: {source}", path.display());
        Self::File(Error::new(source.kind(), text))
    }
}

impl From<EventError> for ArtifactError {
    fn from(error: EventError) -> Self {
        Self::Store(error.into())
    }
}

impl Coded for ArtifactError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Unknown(_) => &code::ARTIFACT_UNKNOWN,
            Self::Invalid(_) => &code::ARTIFACT_INVALID,
            Self::Exists { .. } => &code::ARTIFACT_EXISTS,
            Self::TooLarge(_) => &code::ARTIFACT_TOO_LARGE,
            Self::Full(_) => &code::ARTIFACT_FULL,
            Self::Digest(_) => &code::ARTIFACT_DIGEST,
            Self::InUse(_) => &code::ARTIFACT_IN_USE,
            Self::Link | Self::LinkEnded(_) => &code::ARTIFACT_LINK,
            Self::Range(_) => &code::ARTIFACT_RANGE,
            Self::Busy(_) => &code::ARTIFACT_BUSY,
            Self::Changed(_) => &code::ARTIFACT_CHANGED,
            Self::Broken(_) => &code::WEB_BODY_INVALID,
            Self::File(_) => &code::ARTIFACT_FILE,
            Self::Key | Self::Authority(_) => &code::ARTIFACT_SIGNER,
            Self::NotKnown(_) | Self::Stopped => &code::WEB_INTERNAL,
            Self::Store(error) => error.code(),
        }
    }
}
