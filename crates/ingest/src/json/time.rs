//! Times as clients write them.

use trunkline_model::Timestamp;

use super::scan::{Value, ValueKind};

/// The time that a value says: an RFC 3339 text, or a number since the epoch whose unit shows by its size.
///
/// Below 10^11 a number counts seconds (until the year 5138), below 10^14 milliseconds, below 10^17 microseconds, else nanoseconds.
#[inline]
pub(crate) fn time_of(value: Value<'_>) -> Option<Timestamp> {
    match value.kind {
        ValueKind::String { escaped: false } => read_time(value.raw.get(1..value.raw.len() - 1)?),
        ValueKind::Number { integer: true } => whole(value.raw.parse().ok()?),
        ValueKind::Number { integer: false } => fractional(value.raw.parse().ok()?),
        _ => None,
    }
}

fn whole(number: i64) -> Option<Timestamp> {
    let micros = match number.unsigned_abs() {
        0..100_000_000_000 => number.checked_mul(1_000_000)?,
        100_000_000_000..100_000_000_000_000 => number.checked_mul(1_000)?,
        100_000_000_000_000..100_000_000_000_000_000 => number,
        _ => number.div_euclid(1_000),
    };
    Some(Timestamp::from_micros(micros))
}

fn fractional(number: f64) -> Option<Timestamp> {
    let factor = match number.abs() {
        size if size < 1e11 => 1e6,
        size if size < 1e14 => 1e3,
        size if size < 1e17 => 1.0,
        _ => 1e-3,
    };
    let micros = (number * factor).round();
    (micros.abs() < 9e18).then_some(Timestamp::from_micros(micros as i64))
}

/// The time that an RFC 3339 text says.
#[inline]
pub(crate) fn read_time(text: &str) -> Option<Timestamp> {
    // The common form is read here, some twenty times as fast; whatever is not of it is left to the general reader.
    quick(text.as_bytes()).or_else(|| text.parse().ok())
}

fn quick(text: &[u8]) -> Option<Timestamp> {
    let head: &[u8; 19] = text.get(..19)?.try_into().ok()?;
    let [
        y1,
        y2,
        y3,
        y4,
        b'-',
        m1,
        m2,
        b'-',
        d1,
        d2,
        b'T',
        h1,
        h2,
        b':',
        n1,
        n2,
        b':',
        s1,
        s2,
    ] = *head
    else {
        return None;
    };
    let year = pair(y1, y2)? * 100 + pair(y3, y4)?;
    let (month, day) = (pair(m1, m2)?, pair(d1, d2)?);
    let (hour, minute, second) = (pair(h1, h2)?, pair(n1, n2)?, pair(s1, s2)?);
    if !(1..=12).contains(&month) || day < 1 || day > month_length(year, month) {
        return None;
    }
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let (micros, zone) = fraction(text.get(19..)?)?;
    let seconds =
        days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset(zone)?;
    // Before 1970 cutting digits and cutting the number are not the same; the general reader decides there.
    (seconds >= 0).then_some(Timestamp::from_micros(seconds * 1_000_000 + micros))
}

#[inline]
fn pair(tens: u8, ones: u8) -> Option<i64> {
    let (tens, ones) = (tens.wrapping_sub(b'0'), ones.wrapping_sub(b'0'));
    (tens < 10 && ones < 10).then(|| i64::from(tens) * 10 + i64::from(ones))
}

/// The microseconds of a fraction, cut to six digits, and what follows it.
fn fraction(rest: &[u8]) -> Option<(i64, &[u8])> {
    if rest.first() != Some(&b'.') {
        return Some((0, rest));
    }
    let (mut micros, mut at) = (0, 1);
    while let Some(digit @ b'0'..=b'9') = rest.get(at) {
        if at <= 6 {
            micros = micros * 10 + i64::from(digit - b'0');
        }
        at += 1;
    }
    if at == 1 || at > 10 {
        return None;
    }
    for _ in at..7 {
        micros *= 10;
    }
    Some((micros, rest.get(at..)?))
}

/// Seconds by which local time is ahead of UTC.
fn offset(zone: &[u8]) -> Option<i64> {
    match *zone {
        [b'Z'] => Some(0),
        [sign @ (b'+' | b'-'), h1, h2, b':', m1, m2] => {
            let (hours, minutes) = (pair(h1, h2)?, pair(m1, m2)?);
            let seconds = (hours <= 23 && minutes <= 59).then_some(hours * 3_600 + minutes * 60)?;
            Some(if sign == b'-' { -seconds } else { seconds })
        }
        _ => None,
    }
}

fn month_length(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 => 28 + i64::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, with the year turned so that it begins in March and the leap day ends it.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year - era * 400;
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * 146_097 + day_of_era - 719_468
}
