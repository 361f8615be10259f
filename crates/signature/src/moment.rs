//! Times as signatures write them: `20260101T120000Z`.

use jiff::fmt::rfc2822;
use trunkline_model::Timestamp;

/// Bytes of such a time.
const LENGTH: usize = 16;

/// Bytes of the day in it.
pub(crate) const DAY: usize = 8;

/// The time, to the second.
pub(crate) fn write(time: Timestamp) -> String {
    let seconds = time.as_micros().div_euclid(1_000_000);
    jiff::Timestamp::from_second(seconds).map_or_else(
        |_| String::new(),
        |time| time.strftime("%Y%m%dT%H%M%SZ").to_string(),
    )
}

/// The time that `text` says.
pub(crate) fn read(text: &str) -> Option<Timestamp> {
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let (day, time) = text.split_at_checked(DAY)?;
    let clock = time.strip_prefix('T')?.strip_suffix('Z')?;
    if text.len() != LENGTH || !digits(day) || !digits(clock) {
        return None;
    }
    of(text.parse().ok()?)
}

/// The time that a header `Date` says.
pub(crate) fn read_header(text: &str) -> Option<Timestamp> {
    read(text).or_else(|| of(rfc2822::parse(text).ok()?.timestamp()))
}

fn of(time: jiff::Timestamp) -> Option<Timestamp> {
    Some(Timestamp::from_micros(
        time.as_second().checked_mul(1_000_000)?,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_they_are_written() {
        let time = read("20150830T123600Z").unwrap();
        assert_eq!(time.to_string(), "2015-08-30T12:36:00.000000Z");
        assert_eq!(write(time.plus_micros(999_999)), "20150830T123600Z");
        assert_eq!(
            read_header("Sun, 30 Aug 2015 12:36:00 GMT"),
            Some(time),
            "of a header"
        );
        assert_eq!(read_header("20150830T123600Z"), Some(time));
        for bad in [
            "",
            "20150830T123600",
            "2015-08-30T12:36:00Z",
            "20150830t123600Z",
            "20151330T123600Z",
            "20150830T250000Z",
            "20150830T1236 0Z",
            "+0150830T123600Z",
            "2015083\u{e9}T12360Z",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
