//! What can go wrong.

use tonic::{Code, Status};
use trunkline_model::{Coded, ErrorCode, code};
use trunkline_task::TaskError;
use trunkline_web::Problem;

/// Why a call is not answered as it was meant.
#[derive(Debug, thiserror::Error)]
pub enum ReapiError {
    /// The credential is missing, or may not do this.
    #[error("{}", .0.detail())]
    Refused(Problem),
    /// Something in the request is not what it should be.
    #[error("{0}")]
    Argument(String),
    /// A content is not what its name says.
    #[error("{0}")]
    Mismatch(String),
    /// A content or a batch is too large.
    #[error("{what} has at most {most} bytes")]
    TooLarge {
        /// What is too large.
        what: &'static str,
        /// Bytes that it may have.
        most: u64,
    },
    /// A place in a content that is not where one can read or write.
    #[error("{0}")]
    Range(String),
    /// It is not there, or not for this caller.
    #[error("{0} is not there")]
    Missing(String),
    /// Part of a content was sent when it showed not to be what was kept.
    #[error("the rest of {0} is not what was kept")]
    Broken(String),
    /// There are too many at once.
    #[error("there are too many {0} at once")]
    Busy(&'static str),
    /// The client was silent, or the call took too long.
    #[error("it took longer than {0} s")]
    Late(u64),
    /// A content could not be kept.
    #[error(transparent)]
    Store(#[from] TaskError),
    /// What came of an upload could not be kept.
    #[error("an upload cannot be kept: {0}")]
    Upload(#[from] std::io::Error),
    /// A task of the platform itself did not end.
    #[error("the work for it ended early")]
    Stopped,
    /// The client went away.
    #[error(transparent)]
    Stream(#[from] Box<Status>),
}

impl ReapiError {
    /// The code of gRPC. Clients try again after some of them: what stays wrong has none of those.
    const fn grpc(&self) -> Code {
        match self {
            Self::Refused(_) => Code::PermissionDenied,
            Self::Argument(_) | Self::Mismatch(_) | Self::TooLarge { .. } => Code::InvalidArgument,
            Self::Range(_) => Code::OutOfRange,
            Self::Missing(_) => Code::NotFound,
            Self::Broken(_) => Code::DataLoss,
            Self::Busy(_) => Code::ResourceExhausted,
            Self::Late(_) => Code::DeadlineExceeded,
            Self::Store(_) | Self::Upload(_) | Self::Stopped | Self::Stream(_) => Code::Internal,
        }
    }

    /// The code and what is wrong, as a client reads it.
    pub(crate) fn told(&self) -> String {
        let code = match self {
            Self::Refused(problem) => problem.code(),
            _ => self.code().code,
        };
        format!("{code}: {self}")
    }

    /// The number of the code of gRPC.
    pub(crate) fn number(&self) -> i32 {
        self.grpc().into()
    }
}

impl Coded for ReapiError {
    fn code(&self) -> &'static ErrorCode {
        match self {
            Self::Refused(_) => &code::ACCESS_FORBIDDEN,
            Self::Argument(_) | Self::Range(_) => &code::WEB_PARAMETER,
            Self::Mismatch(_) | Self::Stream(_) => &code::WEB_BODY_INVALID,
            Self::TooLarge { .. } => &code::WEB_BODY_TOO_LARGE,
            Self::Missing(_) => &code::WEB_NOT_FOUND,
            Self::Broken(_) | Self::Upload(_) => &code::TASK_STORE,
            Self::Busy(_) => &code::WEB_RATE,
            Self::Late(_) => &code::WEB_TIMEOUT,
            Self::Store(error) => error.code(),
            Self::Stopped => &code::WEB_INTERNAL,
        }
    }
}

impl From<ReapiError> for Status {
    fn from(error: ReapiError) -> Self {
        match error {
            ReapiError::Stream(status) => *status,
            error => Self::new(error.grpc(), error.told()),
        }
    }
}

/// What the gate says, as gRPC says it.
pub(crate) fn refused(problem: &Problem) -> Status {
    let code = match problem.status().as_u16() {
        401 => Code::Unauthenticated,
        403 => Code::PermissionDenied,
        429 => Code::ResourceExhausted,
        503 => Code::Unavailable,
        _ => Code::Internal,
    };
    Status::new(code, problem.to_string())
}
