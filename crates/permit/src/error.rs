//! What can be wrong with a question.

use trunkline_model::{Coded, ErrorCode, code};

/// Why a question about permissions was not answered.
#[derive(Debug, thiserror::Error)]
pub enum PermitError {
    /// There is no such action.
    #[error("there is no action `{0}`")]
    ActionUnknown(String),
    /// Nobody is called that.
    #[error("nobody is called `{0}`")]
    PrincipalUnknown(String),
    /// People could not be looked up.
    #[error("people cannot be looked up")]
    Holders(&'static ErrorCode),
}

impl Coded for PermitError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::ActionUnknown(_) => &code::PERMIT_ACTION_UNKNOWN,
            Self::PrincipalUnknown(_) => &code::PERMIT_PRINCIPAL_UNKNOWN,
            Self::Holders(code) => code,
        }
    }
}
