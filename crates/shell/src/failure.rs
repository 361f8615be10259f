//! What a command says when it fails: what is wrong, a code to look up, and what to do.

use std::fmt;
use std::io;

use trunkline_access::AccessError;
use trunkline_lake::LakeError;
use trunkline_log::LogError;
use trunkline_model::{Coded, ErrorCode, code};
use trunkline_platform::DataDirError;
use trunkline_store::StoreError;

use crate::Exit;
use trunkline_terminal::style;

/// Why a command failed.
#[derive(Clone, Debug)]
pub struct Failure {
    code: Option<String>,
    what: String,
    causes: Vec<String>,
    hint: Option<String>,
    exit: Exit,
}

impl Failure {
    /// A failure of the kind `code`, with `what` about this one case.
    #[must_use]
    pub fn new(code: &'static ErrorCode, what: impl Into<String>) -> Self {
        Self {
            code: Some(code.code.into()),
            what: what.into(),
            causes: Vec::new(),
            hint: Some(code.hint.into()),
            exit: exit_of(code),
        }
    }

    /// A failure with a code that a platform sent, perhaps a newer one than this program knows.
    pub fn told(code: Option<String>, what: String, hint: Option<String>, exit: Exit) -> Self {
        Self {
            code,
            what,
            causes: Vec::new(),
            hint,
            exit,
        }
    }

    /// A wrong command line that clap cannot see.
    pub fn usage(what: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::told(None, what.into(), Some(hint.into()), Exit::Usage)
    }

    /// What `error` is, with its code and causes.
    #[must_use]
    pub fn of<E: Coded>(error: &E) -> Self {
        let mut failure = Self::new(error.code(), error.to_string());
        failure.causes = causes(error);
        failure
    }

    /// The same failure with another hint.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same failure because of `cause`.
    #[must_use]
    pub fn because(mut self, cause: &impl fmt::Display) -> Self {
        self.causes.push(cause.to_string());
        self
    }

    /// The same failure with another exit code.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The exit code that goes with it.
    #[must_use]
    pub const fn exit_code(&self) -> Exit {
        self.exit
    }

    /// Whether it is of the kind `code`.
    pub fn is(&self, code: &ErrorCode) -> bool {
        self.code.as_deref() == Some(code.code)
    }

    /// Whether the reader of our output has gone, which is no failure to speak of.
    pub fn is_silent(&self) -> bool {
        self.what.is_empty()
    }

    /// The text for a terminal, in colour; a stream that wants none strips it.
    pub fn render(&self) -> String {
        let code = self
            .code
            .as_deref()
            .map(|code| format!("[{code}]"))
            .unwrap_or_default();
        let mut text = format!("{}: {}", style::error(&format!("error{code}")), self.what);
        for cause in &self.causes {
            text.push_str(&format!("\n  because {cause}"));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n\n{}: {hint}", style::hint("hint")));
        }
        text.push('\n');
        text
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.what)
    }
}

impl std::error::Error for Failure {}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::BrokenPipe {
            return Self::told(None, String::new(), None, Exit::Done);
        }
        Self::told(None, error.to_string(), None, Exit::Failed)
    }
}

impl From<anyhow::Error> for Failure {
    fn from(error: anyhow::Error) -> Self {
        if let Some(failure) = error.downcast_ref::<Self>() {
            return failure.clone();
        }
        let known = [
            coded::<LogError>,
            coded::<StoreError>,
            coded::<LakeError>,
            coded::<AccessError>,
            coded::<DataDirError>,
            taken,
        ];
        let found = error
            .chain()
            .find_map(|link| known.iter().find_map(|look| look(link)));
        let mut failure = found.unwrap_or_else(|| {
            let mut failure = Self::told(None, error.to_string(), None, Exit::Failed);
            failure.causes = error.chain().skip(1).map(ToString::to_string).collect();
            failure
        });
        let what = error.to_string();
        if failure.what != what {
            failure
                .causes
                .insert(0, std::mem::replace(&mut failure.what, what));
        }
        failure
    }
}

/// The failure that `error` is, where it is an `E`.
fn coded<E: Coded + 'static>(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    error.downcast_ref::<E>().map(Failure::of)
}

/// The failure that a taken address is.
fn taken(error: &(dyn std::error::Error + 'static)) -> Option<Failure> {
    let error = error.downcast_ref::<io::Error>()?;
    let kinds = [io::ErrorKind::AddrInUse, io::ErrorKind::AddrNotAvailable];
    kinds
        .contains(&error.kind())
        .then(|| Failure::new(&code::CLI_PORT, error.to_string()))
}

fn causes(error: &dyn std::error::Error) -> Vec<String> {
    std::iter::successors(error.source(), |cause| cause.source())
        .map(ToString::to_string)
        .collect()
}

/// The exit of a code: mostly that of its HTTP status.
fn exit_of(kind: &'static ErrorCode) -> Exit {
    if *kind == code::CLI_UNREACHABLE {
        Exit::Unreachable
    } else if *kind == code::CLI_CONFIG {
        Exit::Usage
    } else if *kind == code::CLI_DATA_DIR {
        Exit::NotFound
    } else {
        Exit::of_status(kind.status)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_of_a_room_is_found_under_context() {
        let source = LogError::Closed;
        let error = anyhow::Error::new(source).context("the platform cannot start");
        let failure = Failure::from(error);
        let text = anstream::adapter::strip_str(&failure.render()).to_string();
        assert!(
            text.starts_with("error[TL-LOG-008]: the platform cannot start\n  because "),
            "{text}"
        );
        assert!(
            text.contains("\n\nhint: send the same request again"),
            "{text}"
        );
    }

    #[test]
    fn a_broken_pipe_says_nothing() {
        let failure = Failure::from(io::Error::from(io::ErrorKind::BrokenPipe));
        assert!(failure.is_silent());
        assert_eq!(failure.exit_code(), Exit::Done);
    }
}
