//! The evidence that a release does worse.

use super::{History, Window};

/// How many times as bad a release may be that is looked for. Between two of them either finds it.
const TIMES: [f64; 6] = [1.5, 2.0, 3.0, 5.0, 10.0, 30.0];
/// Standard deviations above what was seen, up to which the true share of history may well lie.
const ABOVE: f64 = 3.09;

/// The logarithms of the evidence for each of [`TIMES`].
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Evidence([f64; TIMES.len()]);

impl Evidence {
    /// Adds what a window says. Where the release before answered nothing in it, the window is held against what that did in `history`.
    pub fn add(&mut self, window: &Window, history: &History) {
        let (canary, baseline) = (window.canary, window.baseline);
        if canary.answers == 0 {
            return;
        }
        let dispersion = history.dispersion.max(1.0);
        if baseline.answers > 0 {
            let share = canary.answers as f64 / (canary.answers + baseline.answers) as f64;
            let (ours, theirs) = (canary.bad as f64, baseline.bad as f64);
            self.each(|times| {
                let mixed = times * share + 1.0 - share;
                (ours * (times / mixed).ln() - theirs * mixed.ln()) / dispersion
            });
        } else if history.counts.answers > 0 {
            let known = history.counts;
            let bad = known.bad as f64;
            // Of clumps there are fewer than of what is in them, and so less is known.
            let half = ABOVE * ABOVE / 2.0 * dispersion;
            let above = ABOVE * ((bad + half / 2.0) * dispersion).sqrt();
            let most = (bad + half + above) / known.answers as f64;
            let expected = canary.answers as f64 * most.min(1.0);
            self.each(|times| {
                (canary.bad as f64 * times.ln() - expected * (times - 1.0)) / dispersion
            });
        }
    }

    fn each(&mut self, of: impl Fn(f64) -> f64) {
        for (place, times) in TIMES.into_iter().enumerate() {
            self.0[place] += of(times);
        }
    }

    /// The logarithm of the evidence: the mean over how many times as bad it may be.
    #[must_use]
    pub fn logarithm(&self) -> f64 {
        let greatest = self.0.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let sum: f64 = self.0.iter().map(|one| (one - greatest).exp()).sum();
        greatest + (sum / TIMES.len() as f64).ln()
    }
}

#[cfg(test)]
mod tests {
    use super::super::Counts;
    use super::*;

    /// Answers and bad ones, of ours and of theirs.
    type Both = ((u64, u64), (u64, u64));

    fn after(windows: &[Both], history: History) -> f64 {
        let mut evidence = Evidence::default();
        for ((answers, bad), (theirs, their_bad)) in windows {
            let window = Window {
                canary: Counts::new(*answers, *bad),
                baseline: Counts::new(*theirs, *their_bad),
            };
            evidence.add(&window, &history);
        }
        evidence.logarithm()
    }

    #[test]
    fn nothing_is_evidence_of_nothing() {
        for windows in [
            &[][..],
            &[((0, 0), (500, 5))],
            &[((50, 0), (450, 0))],
            &[((50, 50), (0, 0))],
        ] {
            assert!(
                after(windows, History::default()).abs() < 1e-12,
                "{windows:?}"
            );
        }
    }

    #[test]
    fn what_both_share_is_evidence_for_neither() {
        assert!(after(&[((50, 40), (450, 360))], History::default()) < 0.0);
        assert!(after(&[((50, 10), (450, 5))], History::default()) > 4.6);
    }

    #[test]
    fn clumps_take_of_the_evidence() {
        let clumped = History {
            dispersion: 4.0,
            ..History::default()
        };
        let one = [((50, 4), (450, 1))];
        assert!(after(&one, clumped) < after(&one, History::default()) / 2.0);
    }

    #[test]
    fn alone_it_is_held_against_history() {
        let history = History {
            counts: Counts::new(100_000, 100),
            dispersion: 1.0,
        };
        assert!(after(&[((500, 0), (0, 0)); 20], history) < 0.0);
        assert!(after(&[((500, 25), (0, 0))], history) > 4.6);
    }
}
