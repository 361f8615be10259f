//! What an expression may speak of.

use crate::limits;

/// What an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Number,
    Boolean,
    /// The present state.
    State,
}

impl Kind {
    /// As a message names it.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Number => "a number",
            Self::Boolean => "true or false",
            Self::State => "a state",
        }
    }
}

/// How far an expression sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Parameters.
    Constant,
    /// And the variables above it, and chance.
    Start,
    /// And everything else.
    Step,
}

/// All names of a model.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) parameters: Vec<(String, Kind, f64)>,
    pub(crate) inputs: Vec<(String, Kind)>,
    pub(crate) variables: Vec<(String, Kind)>,
    pub(crate) states: Vec<String>,
}

/// Words that mean something already.
const TAKEN: [&str; 10] = [
    "and", "or", "not", "true", "false", "t", "dt", "in_state", "state", "pi",
];

impl Names {
    /// All names and words that stand for a value.
    pub(crate) fn all(&self) -> impl Iterator<Item = &str> {
        let parameters = self.parameters.iter().map(|(name, ..)| name.as_str());
        let others = self.inputs.iter().chain(&self.variables);
        parameters
            .chain(others.map(|(name, _)| name.as_str()))
            .chain(TAKEN)
    }

    /// Whether `name` stands for something already.
    pub(crate) fn knows(&self, name: &str) -> bool {
        self.all().any(|known| known == name)
    }
}

/// Whether `name` can be that of a parameter, an input or a variable.
pub(crate) fn is_word(name: &str) -> bool {
    let letter = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    name.len() <= limits::WORD
        && name.bytes().next().is_some_and(letter)
        && name
            .bytes()
            .all(|byte| letter(byte) || byte.is_ascii_digit())
}
