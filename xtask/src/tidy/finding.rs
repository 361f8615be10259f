//! What a rule has to say.

use std::fmt;

/// One breach of one rule.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Finding {
    /// The file, from the workspace root.
    pub(super) file: String,
    /// The line, where there is one.
    pub(super) line: Option<usize>,
    /// The rule's name.
    pub(super) rule: &'static str,
    /// What is wrong and what to do.
    pub(super) message: String,
}

impl Finding {
    /// A finding about a file as a whole.
    pub(super) fn new(rule: &'static str, file: &str, message: impl Into<String>) -> Self {
        Self {
            file: file.into(),
            line: None,
            rule,
            message: message.into(),
        }
    }

    /// The same finding, at a line counted from 1.
    pub(super) fn at(mut self, line: usize) -> Self {
        self.line = Some(line);
        self
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        write!(f, ": [{}] {}", self.rule, self.message)
    }
}
