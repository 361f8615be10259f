//! How many executions of a job are how far.

use serde::{Deserialize, Serialize};

use crate::Status;

/// The executions of a job by status. What was tried again counts each time.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Counts {
    /// That nobody has begun.
    pub queued: u64,
    /// That a device is at.
    pub in_progress: u64,
    /// That were done.
    pub succeeded: u64,
    /// That were tried in vain.
    pub failed: u64,
    /// That took too long.
    pub timed_out: u64,
    /// That the device would not do.
    pub rejected: u64,
    /// Whose thing was a target no more.
    pub removed: u64,
    /// That were called off.
    pub canceled: u64,
}

impl Counts {
    /// Adds `number` executions with `status`.
    pub const fn add(&mut self, status: Status, number: u64) {
        let count = match status {
            Status::Queued => &mut self.queued,
            Status::InProgress => &mut self.in_progress,
            Status::Succeeded => &mut self.succeeded,
            Status::Failed => &mut self.failed,
            Status::TimedOut => &mut self.timed_out,
            Status::Rejected => &mut self.rejected,
            Status::Removed => &mut self.removed,
            Status::Canceled => &mut self.canceled,
        };
        *count = count.saturating_add(number);
    }

    /// Those that have not ended.
    #[must_use]
    pub const fn pending(&self) -> u64 {
        self.queued.saturating_add(self.in_progress)
    }

    /// Those that say something of the job: they were done, failed, took too long or were declined. What was called off or removed
    /// says nothing.
    #[must_use]
    pub const fn executed(&self) -> u64 {
        self.succeeded
            .saturating_add(self.failed)
            .saturating_add(self.timed_out)
            .saturating_add(self.rejected)
    }
}

impl FromIterator<Status> for Counts {
    fn from_iter<T: IntoIterator<Item = Status>>(statuses: T) -> Self {
        let mut counts = Self::default();
        for status in statuses {
            counts.add(status, 1);
        }
        counts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_status_is_counted_once() {
        let counts: Counts = Status::ALL.into_iter().collect();
        assert_eq!(counts.pending(), 2);
        assert_eq!(counts.executed(), 4);
        let value = serde_json::to_value(counts).unwrap();
        assert!(value.as_object().unwrap().values().all(|count| count == 1));
        assert_eq!(value.as_object().unwrap().len(), 8);
    }
}
