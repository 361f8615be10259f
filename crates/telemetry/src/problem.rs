//! What is wrong with a rule file, and where.

use std::fmt;

use serde::Serialize;

/// A rule file: its name in the workspace and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleFile {
    /// Such as `telemetry/pump.toml`. What stands between the last `/` and `.toml` is the rule's name.
    pub name: String,
    /// The TOML text.
    pub text: String,
}

/// Something that keeps a rule file from being used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// The file's name.
    pub file: String,
    /// The line, counted from 1, where one is to blame.
    pub line: Option<usize>,
    /// The column in that line, counted in characters from 1.
    pub column: Option<usize>,
    /// What is wrong, in one sentence.
    pub text: String,
    /// What to do about it, where that is known.
    pub hint: Option<String>,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if let (Some(line), Some(column)) = (self.line, self.column) {
            write!(f, ":{line}:{column}")?;
        }
        write!(f, ": {}", self.text)?;
        match &self.hint {
            Some(hint) => write!(f, " ({hint})"),
            None => Ok(()),
        }
    }
}

impl RuleFile {
    /// A problem with the file as a whole.
    pub(crate) fn problem(&self, text: impl Into<String>) -> Problem {
        Problem {
            file: self.name.clone(),
            line: None,
            column: None,
            text: text.into(),
            hint: None,
        }
    }

    /// A problem at the byte `at` of the text.
    pub(crate) fn problem_at(&self, at: usize, text: impl Into<String>) -> Problem {
        let before: Vec<&str> = self
            .text
            .get(..at)
            .unwrap_or(&self.text)
            .split('\n')
            .collect();
        let last = before.last().map_or(0, |line| line.chars().count());
        Problem {
            line: Some(before.len()),
            column: Some(last + 1),
            ..self.problem(text)
        }
    }
}

impl Problem {
    /// The same problem with what to do about it.
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same problem with what to do about it, where that is known.
    pub(crate) fn hint_if(mut self, hint: Option<String>) -> Self {
        self.hint = hint;
        self
    }
}

/// The name that is so like `name` that it may have been meant, as a question.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let likeness = |known: &str| {
        if name.len() > 2 && known.starts_with(name) {
            return 0.7;
        }
        strsim::normalized_damerau_levenshtein(name, known)
    };
    names
        .into_iter()
        .map(|known| (likeness(known), known))
        .filter(|(likeness, _)| *likeness > 0.6)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| format!("did you mean `{known}`?"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_a_line_and_a_character() {
        let file = RuleFile {
            name: "telemetry/a.toml".into(),
            text: "a = 1\n\u{e9}\u{e9} = 2\n".into(),
        };
        let problem = file.problem_at(11, "no").hint("yes");
        assert_eq!(problem.to_string(), "telemetry/a.toml:2:4: no (yes)");
        let problem = file.problem_at(99, "no");
        assert_eq!((problem.line, problem.column), (Some(3), Some(1)));
        assert_eq!(file.problem("no").to_string(), "telemetry/a.toml: no");
    }

    #[test]
    fn like_names_are_offered() {
        assert_eq!(
            did_you_mean("tabel", ["topic", "table"]),
            Some("did you mean `table`?".into())
        );
        assert_eq!(
            did_you_mean("millis", ["seconds", "milliseconds"]),
            Some("did you mean `milliseconds`?".into())
        );
        assert_eq!(did_you_mean("colour", ["topic", "table"]), None);
    }
}
