//! Durations as people write them.

use std::time::Duration;

/// A text that is no duration.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no duration: write such as 500ms, 90s, 10m, 1h30m or 7d")]
pub struct DurationError(String);

/// Reads a duration such as `500ms`, `90s`, `10m`, `1h30m` or `7d`.
///
/// # Errors
/// [`DurationError`] where `text` is anything else, or longer than what can be counted.
pub fn read_duration(text: &str) -> Result<Duration, DurationError> {
    millis(text.trim())
        .map(Duration::from_millis)
        .ok_or_else(|| DurationError(text.chars().take(40).collect()))
}

fn millis(text: &str) -> Option<u64> {
    let (mut rest, mut total) = (text, None);
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let (number, after) = rest.split_at_checked(digits)?;
        let letters = after.bytes().take_while(u8::is_ascii_alphabetic).count();
        let (unit, after) = after.split_at_checked(letters)?;
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            "d" => 86_400_000,
            _ => return None,
        };
        let part = number.parse::<u64>().ok()?.checked_mul(factor)?;
        total = Some(total.unwrap_or(0_u64).checked_add(part)?);
        rest = after;
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read() {
        for (text, millis) in [
            ("500ms", 500),
            ("0s", 0),
            (" 90s ", 90_000),
            ("10m", 600_000),
            ("1h30m", 5_400_000),
            ("7d", 604_800_000),
            ("1d1h1m1s1ms", 90_061_001),
        ] {
            assert_eq!(
                read_duration(text),
                Ok(Duration::from_millis(millis)),
                "{text}"
            );
        }
    }

    #[test]
    fn anything_else_is_refused_as_it_was_written() {
        for text in [
            "",
            "10",
            "m",
            "-5s",
            "1.5h",
            "1h 30m",
            "5 s",
            "5w",
            "é",
            "99999999999999999999s",
            "18446744073709551615d",
        ] {
            let error = read_duration(text).unwrap_err();
            assert!(error.to_string().starts_with(&format!("`{text}` is no")));
        }
    }
}
