//! Exit codes: a documented part of the command line, never changed.

use std::process::ExitCode;

/// How a command ended, as scripts see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Exit {
    /// It did what was asked.
    Done = 0,
    /// What was asked for failed, or a check found something.
    Failed = 1,
    /// The command line or the configuration is not valid.
    Usage = 2,
    /// What was named is not there, or something must come first.
    NotFound = 3,
    /// No credential, or one that may not do this.
    Denied = 4,
    /// Somebody else has it, or it changed meanwhile.
    Conflict = 5,
    /// It took too long.
    Timeout = 6,
    /// No platform answers.
    Unreachable = 69,
    /// The program itself is at fault.
    Internal = 70,
    /// Ctrl-C.
    Interrupted = 130,
}

impl Exit {
    /// Every code with its meaning, for the help and the reference.
    pub const ALL: &[(Self, &str)] = &[
        (Self::Done, "done"),
        (
            Self::Failed,
            "what was asked for failed, or a check found something",
        ),
        (
            Self::Usage,
            "the command line or the configuration is not valid",
        ),
        (Self::NotFound, "not there, or something must come first"),
        (Self::Denied, "no credential, or one that may not do this"),
        (
            Self::Conflict,
            "somebody else has it, or it changed meanwhile",
        ),
        (Self::Timeout, "it took too long"),
        (Self::Unreachable, "no platform answers"),
        (Self::Internal, "the program itself is at fault"),
        (Self::Interrupted, "Ctrl-C"),
    ];

    /// The exit that stands for an HTTP status.
    #[must_use]
    pub const fn of_status(status: u16) -> Self {
        match status {
            401 | 403 => Self::Denied,
            404 | 410 => Self::NotFound,
            408 | 504 => Self::Timeout,
            409 => Self::Conflict,
            _ => Self::Failed,
        }
    }

    /// The number.
    #[must_use]
    pub const fn code(self) -> u8 {
        self as u8
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
