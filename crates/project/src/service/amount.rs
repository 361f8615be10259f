//! Amounts as a `service.toml` writes them: times, bytes, shares, steps.

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// The longest time: 30 days.
const LONGEST: u64 = 30 * 24 * 3_600;

/// A time such as `500ms`, `10s`, `5m`, `24h` or `7d`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Span(pub Duration);

/// A number of bytes such as `64K`, `256M` or `2G`, which are powers of 1,024.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Size(pub u64);

/// A step of a canary such as `5% 2m`: the share of the requests, and for how long at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Step {
    /// From 1 to 99.
    pub percent: u8,
    /// For how long.
    pub pause: Span,
}

fn split(text: &str) -> Option<(u64, &str)> {
    let end = text.find(|letter: char| !letter.is_ascii_digit())?;
    Some((text[..end].parse().ok()?, &text[end..]))
}

impl FromStr for Span {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = |unit: &str| match unit {
            "ms" => Some(1),
            "s" => Some(1_000),
            "m" => Some(60_000),
            "h" => Some(3_600_000),
            "d" => Some(86_400_000),
            _ => None,
        };
        let read = split(text).and_then(|(number, rest)| number.checked_mul(unit(rest)?));
        match read {
            Some(milliseconds) if (1..=LONGEST * 1_000).contains(&milliseconds) => {
                Ok(Self(Duration::from_millis(milliseconds)))
            }
            _ => Err(format!(
                "`{text}` is no time: write it as `500ms`, `10s`, `5m`, `24h` or `7d`, at most 30 days"
            )),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let milliseconds = self.0.as_millis();
        let units = [
            (86_400_000, "d"),
            (3_600_000, "h"),
            (60_000, "m"),
            (1_000, "s"),
        ];
        let fits = units
            .iter()
            .find(|(unit, _)| milliseconds.is_multiple_of(*unit));
        match fits {
            Some((unit, name)) => write!(f, "{}{name}", milliseconds / unit),
            None => write!(f, "{milliseconds}ms"),
        }
    }
}

impl FromStr for Size {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let unit = |unit: &str| match unit {
            "K" => Some(1 << 10),
            "M" => Some(1 << 20),
            "G" => Some(1 << 30),
            _ => None,
        };
        let read = split(text).and_then(|(number, rest)| number.checked_mul(unit(rest)?));
        let size = read.filter(|bytes| *bytes > 0);
        size.map(Self)
            .ok_or_else(|| format!("`{text}` is no size: write it as `64K`, `256M` or `2G`"))
    }
}

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = [(1 << 30, "G"), (1 << 20, "M"), (1 << 10, "K")];
        let fits = units.iter().find(|(unit, _)| self.0.is_multiple_of(*unit));
        match fits {
            Some((unit, name)) => write!(f, "{}{name}", self.0 / unit),
            None => write!(f, "{}", self.0),
        }
    }
}

impl FromStr for Step {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no step: write it as `5% 2m`, a share from 1 to 99 and for how long"
            )
        };
        let (percent, pause) = text.split_once(' ').ok_or_else(wrong)?;
        let percent = percent.strip_suffix('%').ok_or_else(wrong)?;
        let percent: u8 = percent.parse().map_err(|_| wrong())?;
        if !(1..=99).contains(&percent) {
            return Err(wrong());
        }
        let pause = pause.trim().parse()?;
        Ok(Self { percent, pause })
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}% {}", self.percent, self.pause)
    }
}

macro_rules! as_text {
    ($($kind:ident),*) => {$(
        impl TryFrom<String> for $kind {
            type Error = String;

            fn try_from(text: String) -> Result<Self, String> {
                text.parse()
            }
        }

        impl From<$kind> for String {
            fn from(amount: $kind) -> Self {
                amount.to_string()
            }
        }
    )*};
}
as_text!(Span, Size, Step);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_and_written() {
        for text in ["500ms", "10s", "90s", "5m", "24h", "7d"] {
            let span: Span = text.parse().unwrap();
            assert_eq!(span.to_string().parse(), Ok(span), "{text}");
        }
        assert_eq!("90s".parse::<Span>().unwrap().to_string(), "90s");
        assert_eq!("60s".parse::<Span>().unwrap().to_string(), "1m");
        for text in ["64K", "256M", "2G"] {
            assert_eq!(text.parse::<Size>().unwrap().to_string(), text);
        }
        let step: Step = "5%  2m".parse().unwrap();
        assert_eq!((step.percent, step.to_string().as_str()), (5, "5% 2m"));
    }

    #[test]
    fn what_is_none_is_said() {
        for text in [
            "",
            "s",
            "5",
            "0s",
            "5 s",
            "31d",
            "-1s",
            "99999999999999999999d",
        ] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
        for text in ["", "M", "256", "0M", "256MB", "99999999999G"] {
            assert!(text.parse::<Size>().is_err(), "{text}");
        }
        for text in ["", "5%", "5 2m", "0% 2m", "100% 2m", "5% 2", "300% 1m"] {
            assert!(text.parse::<Step>().is_err(), "{text}");
        }
    }
}
