//! How a payload writes a time.

use trunkline_model::Timestamp;

/// What a value that is to be a time says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum TimeFormat {
    /// A text such as `2026-11-24T18:00:00Z`.
    #[default]
    Rfc3339,
    /// Seconds since 1970.
    Seconds,
    /// Milliseconds since 1970.
    Milliseconds,
    /// Microseconds since 1970.
    Microseconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
}

/// Microseconds of the first moment of the year 1 and of the last of the year 9999: what SQL can print.
const RANGE: std::ops::RangeInclusive<i128> = -62_135_596_800_000_000..=253_402_300_799_999_999;

/// A time `micros` microseconds after 1970, in the years that can be stored.
pub(crate) fn time(micros: i128) -> Option<Timestamp> {
    let within = RANGE.contains(&micros);
    let micros = i64::try_from(micros).ok()?;
    within.then_some(Timestamp::from_micros(micros))
}

impl TimeFormat {
    /// All of them.
    pub(crate) const ALL: [Self; 5] = [
        Self::Rfc3339,
        Self::Seconds,
        Self::Milliseconds,
        Self::Microseconds,
        Self::Nanoseconds,
    ];

    /// Its name in rule files.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Rfc3339 => "rfc3339",
            Self::Seconds => "seconds",
            Self::Milliseconds => "milliseconds",
            Self::Microseconds => "microseconds",
            Self::Nanoseconds => "nanoseconds",
        }
    }

    /// The format called `name`.
    pub(crate) fn read(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The time that a whole number says; nothing where it is none that can be stored.
    pub(crate) fn whole(self, number: i128) -> Option<Timestamp> {
        let micros = match self {
            Self::Rfc3339 => None,
            Self::Seconds => number.checked_mul(1_000_000),
            Self::Milliseconds => number.checked_mul(1_000),
            Self::Microseconds => Some(number),
            // A finer time is cut, never rounded up.
            Self::Nanoseconds => Some(number.div_euclid(1_000)),
        };
        time(micros?)
    }

    /// The time that a number with a fraction says.
    pub(crate) fn fraction(self, number: f64) -> Option<Timestamp> {
        let micros = match self {
            Self::Rfc3339 => return None,
            Self::Seconds => number * 1e6,
            Self::Milliseconds => number * 1e3,
            Self::Microseconds => number,
            Self::Nanoseconds => number / 1e3,
        };
        // Floats hold a decimal fraction only nearly, so that cutting would be off by one.
        let micros = micros.round();
        (micros.abs() < 1e18).then(|| time(micros as i128))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_moment_in_every_format() {
        let wanted = Timestamp::from_millis(1_795_543_200_123);
        for (format, number) in [
            (TimeFormat::Milliseconds, 1_795_543_200_123),
            (TimeFormat::Microseconds, 1_795_543_200_123_000),
            (TimeFormat::Nanoseconds, 1_795_543_200_123_000_999),
        ] {
            assert_eq!(format.whole(number), Some(wanted), "{format:?}");
            assert_eq!(TimeFormat::read(format.name()), Some(format));
        }
        assert_eq!(
            TimeFormat::Seconds.fraction(1_795_543_200.123),
            Some(wanted)
        );
        assert_eq!(
            TimeFormat::Milliseconds.fraction(1_795_543_200_123.0),
            Some(wanted)
        );
        assert_eq!(TimeFormat::Rfc3339.whole(1), None);
    }

    #[test]
    fn times_outside_the_years_of_people_are_none() {
        assert_eq!(TimeFormat::Seconds.whole(253_402_300_800), None);
        assert_eq!(TimeFormat::Seconds.whole(i128::MAX), None);
        assert_eq!(TimeFormat::Seconds.whole(-62_135_596_801), None);
        assert!(TimeFormat::Seconds.whole(-62_135_596_800).is_some());
        for number in [f64::NAN, f64::INFINITY, 1e300, -1e300] {
            assert_eq!(TimeFormat::Seconds.fraction(number), None);
        }
    }
}
