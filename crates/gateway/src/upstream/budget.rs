//! How many retries an upstream may get.

use std::sync::atomic::{AtomicI64, Ordering};

/// One retry in thousandths.
const RETRY: i64 = 1_000;

/// Every request earns a part of a retry; a retry spends a whole one. So an upstream that is down never gets more than its share.
#[derive(Debug)]
pub(crate) struct Budget {
    earned: AtomicI64,
    share: i64,
}

impl Budget {
    /// A budget of `share` retries for each request, with ten to begin with.
    pub(crate) fn new(share: f64) -> Self {
        Self {
            earned: AtomicI64::new(10 * RETRY),
            share: (share.clamp(0.0, 1.0) * RETRY as f64) as i64,
        }
    }

    /// Counts a request.
    pub(crate) fn earn(&self) {
        if self.earned.load(Ordering::Relaxed) < 100 * RETRY {
            self.earned.fetch_add(self.share, Ordering::Relaxed);
        }
    }

    /// Takes a retry, if one is left.
    pub(crate) fn spend(&self) -> bool {
        if self.earned.fetch_sub(RETRY, Ordering::Relaxed) >= RETRY {
            return true;
        }
        self.earned.fetch_add(RETRY, Ordering::Relaxed);
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retries_stay_below_their_share() {
        let budget = Budget::new(0.2);
        let spent = (0..1000)
            .filter(|_| {
                budget.earn();
                budget.spend()
            })
            .count();
        assert!((200..=211).contains(&spent), "{spent}");
    }
}
