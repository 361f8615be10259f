//! Times and sizes as a route file writes them.

use std::time::Duration;

use serde::{Deserialize, Deserializer};

/// A time such as `250ms`, `10s`, `5m` or `1h`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span(pub Duration);

/// A number of bytes such as `512`, `64KiB` or `10MiB`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Bytes(pub u64);

impl Span {
    /// So many milliseconds.
    #[must_use]
    pub(crate) const fn millis(millis: u64) -> Self {
        Self(Duration::from_millis(millis))
    }

    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let factor = match unit {
            "ms" => 1,
            "s" => 1_000,
            "m" => 60_000,
            "h" => 3_600_000,
            _ => return None,
        };
        let millis = number.checked_mul(factor)?;
        (1..=86_400_000)
            .contains(&millis)
            .then(|| Self::millis(millis))
    }
}

impl Bytes {
    fn read(text: &str) -> Option<Self> {
        let (number, unit) = split(text)?;
        let factor = match unit {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            _ => return None,
        };
        number.checked_mul(factor).map(Self)
    }
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text
        .find(|letter: char| !letter.is_ascii_digit())
        .unwrap_or(text.len());
    Some((text[..end].parse().ok()?, text[end..].trim()))
}

impl<'de> Deserialize<'de> for Span {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| {
            serde::de::Error::custom(format!(
                "`{text}` is not a time from 1ms to 24h such as \"10s\""
            ))
        })
    }
}

impl<'de> Deserialize<'de> for Bytes {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::read(&text).ok_or_else(|| {
            serde::de::Error::custom(format!("`{text}` is not a size such as \"10MiB\""))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_have_units() {
        assert_eq!(Span::read("250ms"), Some(Span::millis(250)));
        assert_eq!(Span::read("5m"), Some(Span::millis(300_000)));
        assert_eq!(Bytes::read("64KiB"), Some(Bytes(65_536)));
        assert_eq!(Bytes::read("7"), Some(Bytes(7)));
        for bad in ["", "s", "0s", "25h", "10", "1d", "-1s"] {
            assert_eq!(Span::read(bad), None, "{bad}");
        }
        assert_eq!(Bytes::read("1KB"), None);
    }
}
