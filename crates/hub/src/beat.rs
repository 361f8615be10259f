//! The beat of a thread on which connections live.
//!
//! Where messages come in by the thousand, each wakes the thread for itself, and to fall asleep and wake up costs more than to read a
//! message. What came in meanwhile waits for the next append anyway, so a busy thread sleeps although there is something to read: once until
//! the append is mostly done, so that it is acknowledged, and then until the next one.

use std::cell::Cell;
use std::time::Duration;

use tokio::time::Instant;

/// How far apart appends begin on a busy thread.
pub(crate) const APART: Duration = Duration::from_millis(3);
/// In what time an append is mostly done.
const BEAT: Duration = Duration::from_millis(1);

thread_local! {
    /// When the last append began with messages that come by themselves.
    static BEGAN: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Says that at `now` an append begins on this thread, with messages that come by themselves.
pub(crate) fn begin(now: Instant) {
    BEGAN.set(Some(now));
}

/// To be called before a thread falls asleep: where it is busy it sleeps for a beat, whatever wakes it.
pub(crate) fn rest() {
    let Some(began) = BEGAN.get() else {
        return;
    };
    match pause(began.elapsed()) {
        Some(pause) => std::thread::sleep(pause),
        None => BEGAN.set(None),
    }
}

/// How long a thread sleeps so long after an append began; nothing where it is not busy any more.
fn pause(passed: Duration) -> Option<Duration> {
    if passed < BEAT {
        Some(BEAT - passed)
    } else if passed < APART {
        Some(APART - passed)
    } else {
        // The next append is about to begin, or there is nothing for one.
        (passed < 2 * APART).then_some(BEAT)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_busy_thread_looks_after_an_append_and_before_the_next() {
        let micros = |micros: u64| pause(Duration::from_micros(micros));
        assert_eq!(micros(0), Some(BEAT));
        assert_eq!(micros(400), Some(Duration::from_micros(600)));
        assert_eq!(micros(1_000), Some(Duration::from_millis(2)));
        assert_eq!(micros(2_999), Some(Duration::from_micros(1)));
        assert_eq!(micros(3_000), Some(BEAT));
        assert_eq!(micros(6_000), None);
    }

    #[test]
    fn each_thread_has_a_beat_of_its_own() {
        let begun = Instant::now();
        begin(begun);
        rest();
        assert!(begun.elapsed() >= BEAT);
        let elsewhere = std::thread::spawn(|| {
            rest();
            BEGAN.get()
        });
        assert_eq!(elsewhere.join().unwrap(), None);
    }
}
