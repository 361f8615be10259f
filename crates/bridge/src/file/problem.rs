//! What is wrong with a bridge's file, and where.

use std::fmt;

use serde::Serialize;

/// A bridge's file: its name in the workspace and its text.
#[derive(Clone, PartialEq, Eq)]
pub struct BridgeFile {
    /// Such as `bridge/aws.toml`. What stands between the last `/` and `.toml` is the bridge's name.
    pub name: String,
    /// The TOML text.
    pub text: String,
}

/// Something that keeps a bridge's file from being used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1, where one is to blame.
    pub line: Option<usize>,
    /// The key, such as `out[0].filter`, where one is to blame.
    pub key: Option<String>,
    /// What is wrong, in one sentence.
    pub text: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let Some(line) = self.line {
            write!(f, ":{line}")?;
        }
        if let Some(key) = &self.key {
            write!(f, ": `{key}`")?;
        }
        write!(f, ": {}", self.text)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for BridgeFile {
    /// Without the text: somebody may have written a secret into it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeFile")
            .field("name", &self.name)
            .finish_non_exhaustive()
    }
}

impl BridgeFile {
    /// The bridge's name: the file's, without folder and ending.
    #[must_use]
    pub fn bridge(&self) -> &str {
        let file = self.name.rsplit('/').next().unwrap_or(&self.name);
        file.strip_suffix(".toml").unwrap_or(file)
    }

    /// A problem with the file as a whole.
    pub(crate) fn problem(&self, text: impl Into<String>) -> Problem {
        Problem {
            file: self.name.clone(),
            line: None,
            key: None,
            text: text.into(),
            hint: None,
        }
    }

    /// A problem with what stands at `key`.
    pub(crate) fn problem_at(&self, key: impl Into<String>, text: impl Into<String>) -> Problem {
        Problem {
            key: Some(key.into()),
            ..self.problem(text)
        }
    }

    /// The line of the byte `at` of the text.
    pub(crate) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().iter().take(at);
        before.filter(|byte| **byte == b'\n').count() + 1
    }
}

impl Problem {
    /// The same problem with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}
