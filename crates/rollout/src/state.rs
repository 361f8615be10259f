//! How far a deployment is.

use serde::{Deserialize, Serialize};

/// How far a deployment is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Another one of the service goes first.
    Queued,
    /// Its files are being brought.
    Fetching,
    /// It is being started, and asked whether it is well. It gets no requests.
    Starting,
    /// It gets a share of the requests and is judged.
    Canary,
    /// It gets nearly all requests, or all, and is judged.
    Baking,
    /// Somebody has to decide. It gets the share that it had.
    Held,
    /// The one before gets all requests again.
    RollingBack,
    /// It is done: the release serves.
    Settled,
    /// It was taken back.
    RolledBack,
    /// It never got a request.
    Failed,
    /// A newer one took its place before it got a request.
    Superseded,
    /// Somebody ended it before it got a request.
    Aborted,
}

impl State {
    /// All of them.
    pub const ALL: &[Self] = &[
        Self::Queued,
        Self::Fetching,
        Self::Starting,
        Self::Canary,
        Self::Baking,
        Self::Held,
        Self::RollingBack,
        Self::Settled,
        Self::RolledBack,
        Self::Failed,
        Self::Superseded,
        Self::Aborted,
    ];

    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Fetching => "fetching",
            Self::Starting => "starting",
            Self::Canary => "canary",
            Self::Baking => "baking",
            Self::Held => "held",
            Self::RollingBack => "rolling_back",
            Self::Settled => "settled",
            Self::RolledBack => "rolled_back",
            Self::Failed => "failed",
            Self::Superseded => "superseded",
            Self::Aborted => "aborted",
        }
    }

    /// Whether nothing comes after it.
    #[must_use]
    pub const fn is_end(self) -> bool {
        matches!(
            self,
            Self::Settled | Self::RolledBack | Self::Failed | Self::Superseded | Self::Aborted
        )
    }

    /// Whether the release has had requests by then.
    #[must_use]
    pub const fn has_requests(self) -> bool {
        matches!(
            self,
            Self::Canary
                | Self::Baking
                | Self::Held
                | Self::RollingBack
                | Self::Settled
                | Self::RolledBack
        )
    }
}
