//! What is wrong with an expression.

/// A fault at a place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The byte of the expression at which it is.
    pub(crate) at: usize,
    /// What is wrong.
    pub(crate) text: String,
    /// What to do about it, where that is known.
    pub(crate) hint: Option<String>,
}

impl Fault {
    pub(crate) fn new(at: usize, text: impl Into<String>) -> Self {
        Self {
            at,
            text: text.into(),
            hint: None,
        }
    }

    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
