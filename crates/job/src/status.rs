//! How far an execution is.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The state of one execution, in the words of AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Status {
    /// The device was told, and has not begun.
    Queued,
    /// The device has begun.
    InProgress,
    /// The device did it.
    Succeeded,
    /// The device tried in vain; it may be tried again.
    Failed,
    /// The device took too long; it may be tried again.
    TimedOut,
    /// The device will not do it.
    Rejected,
    /// The device is no target any more.
    Removed,
    /// Somebody, or the job itself, called it off.
    Canceled,
}

/// Who wants an execution to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Actor {
    /// The device, with a request.
    Device,
    /// The platform.
    Platform,
    /// The platform, for somebody who accepts that the device may be in the middle of it.
    Force,
}

impl Status {
    /// Each status once.
    pub const ALL: [Self; 8] = [
        Self::Queued,
        Self::InProgress,
        Self::Succeeded,
        Self::Failed,
        Self::TimedOut,
        Self::Rejected,
        Self::Removed,
        Self::Canceled,
    ];

    /// As AWS writes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "QUEUED",
            Self::InProgress => "IN_PROGRESS",
            Self::Succeeded => "SUCCEEDED",
            Self::Failed => "FAILED",
            Self::TimedOut => "TIMED_OUT",
            Self::Rejected => "REJECTED",
            Self::Removed => "REMOVED",
            Self::Canceled => "CANCELED",
        }
    }

    /// Reads what AWS writes; nothing where `text` is no status.
    #[must_use]
    pub fn read(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == text)
    }

    /// Whether an execution stays so for ever.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        !matches!(self, Self::Queued | Self::InProgress)
    }

    /// Whether a device may ask for it.
    #[must_use]
    pub const fn is_for_devices(self) -> bool {
        matches!(
            self,
            Self::InProgress | Self::Succeeded | Self::Failed | Self::Rejected
        )
    }

    /// Whether `by` may take an execution from this status to `next`.
    #[must_use]
    pub const fn may_become(self, next: Self, by: Actor) -> bool {
        match (self, by) {
            (Self::Queued | Self::InProgress, Actor::Device) => next.is_for_devices(),
            (Self::Queued, Actor::Platform | Actor::Force) => {
                matches!(next, Self::Removed | Self::Canceled)
            }
            (Self::InProgress, Actor::Platform) => matches!(next, Self::TimedOut | Self::Removed),
            (Self::InProgress, Actor::Force) => {
                matches!(next, Self::TimedOut | Self::Removed | Self::Canceled)
            }
            _ => false,
        }
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Status::{Canceled, Failed, InProgress, Queued, Rejected, Removed, Succeeded, TimedOut};

    /// What may follow on `status`.
    fn next(status: Status, by: Actor) -> Vec<Status> {
        Status::ALL
            .into_iter()
            .filter(|next| status.may_become(*next, by))
            .collect()
    }

    #[test]
    fn a_device_begins_ends_or_declines() {
        for status in [Queued, InProgress] {
            assert_eq!(
                next(status, Actor::Device),
                [InProgress, Succeeded, Failed, Rejected]
            );
        }
    }

    #[test]
    fn the_platform_calls_off_what_has_not_begun_and_ends_what_takes_too_long() {
        assert_eq!(next(Queued, Actor::Platform), [Removed, Canceled]);
        assert_eq!(next(Queued, Actor::Force), [Removed, Canceled]);
        assert_eq!(next(InProgress, Actor::Platform), [TimedOut, Removed]);
    }

    #[test]
    fn only_force_calls_off_what_has_begun() {
        assert_eq!(
            next(InProgress, Actor::Force),
            [TimedOut, Removed, Canceled]
        );
    }

    #[test]
    fn nothing_follows_on_an_end() {
        for status in Status::ALL {
            for by in [Actor::Device, Actor::Platform, Actor::Force] {
                assert_eq!(next(status, by).is_empty(), status.is_terminal());
            }
        }
    }

    #[test]
    fn each_is_read_as_it_is_written() {
        for status in Status::ALL {
            assert_eq!(Status::read(status.as_str()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.as_str());
        }
        assert_eq!(Status::read("queued"), None);
    }
}
