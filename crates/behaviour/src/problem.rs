//! What is wrong with a model's file, and where.

use std::fmt;
use std::ops::Range;

use serde::Serialize;

/// Something that keeps a model from being used.
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

/// A text of the file and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) text: String,
    pub(crate) span: Range<usize>,
}

/// A fault within a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Fault {
    /// The byte of the text at which it is.
    pub(crate) at: usize,
    pub(crate) text: String,
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

/// A file and all that was found wrong with it.
pub(crate) struct Report<'f> {
    file: &'f str,
    text: &'f str,
    problems: Vec<Problem>,
}

impl<'f> Report<'f> {
    pub(crate) const fn new(file: &'f str, text: &'f str) -> Self {
        Self {
            file,
            text,
            problems: Vec::new(),
        }
    }

    /// The text at `span`, as the file has it.
    pub(crate) fn written(&self, span: Range<usize>) -> &'f str {
        self.text.get(span).unwrap_or_default()
    }

    /// Something is wrong with the file as a whole.
    pub(crate) fn whole(&mut self, text: impl Into<String>) {
        self.problems.push(Problem {
            file: self.file.into(),
            line: None,
            column: None,
            text: text.into(),
            hint: None,
        });
    }

    /// Something is wrong at the byte `at`.
    pub(crate) fn at(&mut self, at: usize, text: impl Into<String>, hint: Option<String>) {
        let before: Vec<&str> = self
            .text
            .get(..at)
            .unwrap_or(self.text)
            .split('\n')
            .collect();
        let last = before.last().map_or(0, |line| line.chars().count());
        self.problems.push(Problem {
            file: self.file.into(),
            line: Some(before.len()),
            column: Some(last + 1),
            text: text.into(),
            hint,
        });
    }

    /// Something is wrong within `place`; where that is written with escapes, it is told of its beginning.
    pub(crate) fn within(&mut self, place: &Placed, fault: Fault) {
        let at = match self.written(place.span.clone()).find(&place.text) {
            Some(quotes) => place.span.start + quotes + fault.at,
            None => place.span.start,
        };
        self.at(at, fault.text, fault.hint);
    }

    pub(crate) const fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// All problems in the order of the file.
    pub(crate) fn into_problems(mut self) -> Vec<Problem> {
        self.problems
            .sort_by_key(|problem| (problem.line, problem.column));
        self.problems
    }
}

/// The name that is so like `name` that it may have been meant, as a question.
pub(crate) fn did_you_mean<'a>(
    name: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    let likeness = |known: &str| {
        if name.len() > 2 && known.starts_with(name) {
            return 1.0;
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
