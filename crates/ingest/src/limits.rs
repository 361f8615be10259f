//! The limits that every event is held against.

use trunkline_model::{Timestamp, code};

use crate::IngestConfig;
use crate::error::Refusal;

/// The deepest nesting that any configuration allows: the JSON functions of SQL stop soon after it.
const DEEPEST: u32 = 120;

/// The largest request that any configuration allows: places in a batch are 32-bit numbers.
const LARGEST: u64 = 1 << 30;

/// The configured limits, made safe.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) request_bytes: usize,
    pub(crate) event_bytes: usize,
    pub(crate) depth: u32,
    pub(crate) events: usize,
    future_micros: i64,
    past_micros: Option<i64>,
}

impl Limits {
    pub(crate) fn new(config: &IngestConfig) -> Self {
        let size = |bytes: u64| usize::try_from(bytes.clamp(1, LARGEST)).unwrap_or(usize::MAX);
        let micros = |seconds: u64| {
            i64::try_from(seconds)
                .unwrap_or(i64::MAX)
                .saturating_mul(1_000_000)
        };
        Self {
            request_bytes: size(config.max_request_bytes),
            event_bytes: size(config.max_event_bytes),
            depth: config.max_depth.clamp(1, DEEPEST),
            events: size(config.max_events_per_request),
            future_micros: micros(config.max_future_seconds),
            past_micros: (config.max_past_seconds > 0).then(|| micros(config.max_past_seconds)),
        }
    }

    /// The times that are taken at `now`.
    pub(crate) fn window(&self, now: Timestamp) -> TimeWindow {
        TimeWindow {
            earliest: self
                .past_micros
                .map_or(i64::MIN, |past| now.plus_micros(-past).as_micros()),
            latest: now.plus_micros(self.future_micros).as_micros(),
            now,
        }
    }

    /// Nothing where one request may hold `events` events.
    pub(crate) fn check_events(&self, events: usize) -> Result<(), Refusal> {
        if events <= self.events {
            return Ok(());
        }
        let detail = format!("the request holds more than {} events", self.events);
        Err(Refusal::new(&code::INGEST_TOO_LARGE, detail))
    }
}

/// The times that are taken at one moment.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TimeWindow {
    earliest: i64,
    latest: i64,
    now: Timestamp,
}

impl TimeWindow {
    /// Whether `time` lies inside.
    #[inline]
    pub(crate) fn holds(&self, time: Timestamp) -> bool {
        (self.earliest..=self.latest).contains(&time.as_micros())
    }

    /// Nothing where `time` lies inside.
    #[inline]
    pub(crate) fn check(&self, time: Timestamp) -> Result<(), Refusal> {
        if self.holds(time) {
            Ok(())
        } else {
            Err(self.refuse(time))
        }
    }

    /// Why `time` is not taken.
    #[cold]
    pub(crate) fn refuse(&self, time: Timestamp) -> Refusal {
        let seconds = time.micros_since(self.now) / 1_000_000;
        let (seconds, side) = if seconds < 0 {
            (-seconds, "before")
        } else {
            (seconds, "after")
        };
        let detail = format!("the time {time} lies {seconds} s {side} the platform's clock");
        Refusal::new(&code::INGEST_CLOCK, detail)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_window_moves_with_the_clock() {
        let config = IngestConfig {
            max_past_seconds: 60,
            ..IngestConfig::default()
        };
        let now = Timestamp::from_millis(1_000_000_000);
        let window = config.limits().window(now);
        assert!(window.holds(now.plus_micros(600_000_000)));
        assert!(!window.holds(now.plus_micros(600_000_001)));
        assert!(window.holds(now.plus_micros(-60_000_000)));
        let refusal = window.check(now.plus_micros(-61_000_000)).unwrap_err();
        assert!(refusal.detail.contains("61 s before"), "{}", refusal.detail);
    }

    #[test]
    fn zero_takes_any_past() {
        let config = IngestConfig {
            max_past_seconds: 0,
            ..IngestConfig::default()
        };
        assert!(
            config
                .limits()
                .window(Timestamp::from_millis(1))
                .holds(Timestamp::from_micros(i64::MIN))
        );
    }
}
