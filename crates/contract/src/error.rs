//! Why a document cannot be used.

use trunkline_model::{Coded, ErrorCode, code};

/// Why a document is refused. `pointer` is a JSON pointer into the document (`~1` stands for `/`).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ContractError {
    /// The text is neither JSON nor YAML.
    #[error("the document cannot be read: {0}")]
    Syntax(String),
    /// The text is another kind of document.
    #[error("the document is {0}; OpenAPI 3.0 and 3.1 are read")]
    Version(String),
    /// The document is beyond a limit.
    #[error("{0}")]
    TooLarge(String),
    /// A reference leads nowhere, in a circle or out of the document.
    #[error("{pointer}: the reference {reference} {problem}")]
    Reference {
        /// Where the reference stands.
        pointer: String,
        /// What it says.
        reference: String,
        /// What is wrong with it.
        problem: &'static str,
    },
    /// Something has the wrong form.
    #[error("{pointer}: {problem}")]
    Shape {
        /// Where it stands.
        pointer: String,
        /// What is wrong with it.
        problem: String,
    },
    /// A schema breaks the rules of JSON Schema.
    #[error("{pointer}: {problem}")]
    Schema {
        /// Where the schema stands.
        pointer: String,
        /// What is wrong with it.
        problem: String,
    },
}

impl ContractError {
    pub(crate) fn shape(pointer: &str, problem: impl Into<String>) -> Self {
        Self::Shape {
            pointer: pointer.to_owned(),
            problem: problem.into(),
        }
    }
}

impl Coded for ContractError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Syntax(_) => &code::CONTRACT_SYNTAX,
            Self::Version(_) => &code::CONTRACT_VERSION,
            Self::TooLarge(_) => &code::CONTRACT_TOO_LARGE,
            Self::Reference { .. } => &code::CONTRACT_REFERENCE,
            Self::Shape { .. } => &code::CONTRACT_SHAPE,
            Self::Schema { .. } => &code::CONTRACT_SCHEMA,
        }
    }
}
