//! What becomes of the evidence.

use serde::{Deserialize, Serialize};

use super::{Counts, Evidence, History, Window};

/// How a release does by one rule.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// All answers of the release that is judged.
    pub canary: Counts,
    /// All answers of the one before, in the same time.
    pub baseline: Counts,
    /// The natural logarithm of the evidence that it does worse.
    pub evidence: f64,
    /// From where on it is enough.
    pub needed: f64,
    /// The place of the window in which it was enough, from 0.
    pub at: Option<usize>,
}

impl Judgement {
    /// Whether the release is to be taken back.
    #[must_use]
    pub const fn is_worse(&self) -> bool {
        self.at.is_some()
    }
}

/// Judges by `windows` in their order. A release that is as good as the one before is found worse with a probability of at most `alpha`, in all
/// looks together. What was enough once stays enough.
#[must_use]
pub fn judge(windows: &[Window], history: &History, alpha: f64) -> Judgement {
    let needed = -alpha.clamp(f64::MIN_POSITIVE, 1.0).ln();
    let mut evidence = Evidence::default();
    let mut judgement = Judgement {
        needed,
        ..Judgement::default()
    };
    for (place, window) in windows.iter().enumerate() {
        evidence.add(window, history);
        judgement.canary = judgement.canary.plus(window.canary);
        judgement.baseline = judgement.baseline.plus(window.baseline);
        judgement.evidence = evidence.logarithm();
        if judgement.evidence >= needed && judgement.at.is_none() {
            judgement.at = Some(place);
        }
    }
    judgement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_one_is_found_and_stays_found() {
        let window = |ours: u64, theirs: u64| Window {
            canary: Counts::new(25, ours),
            baseline: Counts::new(475, theirs),
        };
        let good = judge(&[window(0, 1); 60], &History::default(), 0.01);
        assert!(!good.is_worse());
        assert_eq!((good.canary.answers, good.baseline.bad), (1_500, 60));
        let bad = [window(1, 0), window(2, 0), window(0, 50), window(0, 50)];
        let found = judge(&bad, &History::default(), 0.01);
        assert_eq!(found.at, Some(1));
        assert!(found.evidence < found.needed);
    }
}
