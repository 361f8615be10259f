//! What is wrong with a policy file.

use cedar_policy::{ParseErrors, ValidationError};
use miette::Diagnostic;
use serde::Serialize;

/// One thing that is wrong with a policy file. The file as a whole is then not used; its last good version is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyProblem {
    /// The file.
    pub file: String,
    /// The line, from 1 on, where it is known.
    pub line: Option<usize>,
    /// What is wrong, and what to do about it where Cedar knows.
    pub text: String,
}

/// The problems of a file that is no Cedar.
pub(crate) fn of_parsing(file: &str, text: &str, errors: &ParseErrors) -> Vec<PolicyProblem> {
    errors
        .iter()
        .map(|error| problem(file, text, error))
        .collect()
}

/// The problem of a policy that does not fit the schema.
pub(crate) fn of_validation(file: &str, text: &str, error: &ValidationError) -> PolicyProblem {
    problem(file, text, error)
}

fn problem(file: &str, text: &str, error: &(impl Diagnostic + ToString)) -> PolicyProblem {
    let place = error
        .labels()
        .and_then(|mut labels| labels.next())
        .map(|label| label.offset());
    let hint = error.help().map(|help| format!(" ({help})"));
    PolicyProblem {
        file: file.into(),
        line: place.map(|place| line_of(text, place)),
        text: error.to_string() + &hint.unwrap_or_default(),
    }
}

pub(crate) fn line_of(text: &str, place: usize) -> usize {
    let before = text.as_bytes().get(..place).unwrap_or(text.as_bytes());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}
