//! Times, as AWS writes them.

use serde_json::{Value, json};
use trunkline_model::Timestamp;

/// Seconds since 1970 with their fraction.
pub(crate) fn seconds(time: Timestamp) -> Value {
    json!(time.as_micros() as f64 / 1e6)
}

/// Milliseconds since 1970.
pub(crate) const fn millis(time: Timestamp) -> i64 {
    time.as_micros().div_euclid(1_000)
}

/// The second of a minute that is written as `2026-11-26T18:00`, in UTC.
pub(crate) fn read_minute(text: &str) -> Option<i64> {
    let whole = format!("{text}:00Z");
    let time: Timestamp = whole.parse().ok().filter(|_| text.len() == 16)?;
    Some(time.as_micros().div_euclid(1_000_000))
}

/// The minute of a second.
pub(crate) fn write_minute(second: i64) -> String {
    let time = Timestamp::from_micros(second.saturating_mul(1_000_000));
    time.to_string().chars().take(16).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_seconds_millis_or_minutes() {
        let time = Timestamp::from_micros(1_795_543_200_250_000);
        assert_eq!(seconds(time), json!(1_795_543_200.25));
        assert_eq!(millis(time), 1_795_543_200_250);
        assert_eq!(read_minute("2026-11-24T18:00"), Some(1_795_543_200));
        assert_eq!(write_minute(1_795_543_200), "2026-11-24T18:00");
        for bad in [
            "",
            "2026-11-24",
            "2026-11-24T18:00:00Z",
            "tomorrow at seven",
        ] {
            assert_eq!(read_minute(bad), None, "{bad}");
        }
    }
}
