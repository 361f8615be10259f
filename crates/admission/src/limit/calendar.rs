//! Days and months of UTC.

use trunkline_model::Timestamp;

/// Microseconds in a day.
const DAY: i64 = 86_400_000_000;

/// A day and the month that it lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Periods {
    /// Days since 1970-01-01.
    pub(super) day: i32,
    /// Months since January of the year 0.
    pub(super) month: u16,
}

impl Periods {
    pub(super) fn at(now: Timestamp) -> Self {
        let day = now.day();
        let (year, month) = month_of(i64::from(day));
        Self {
            day,
            month: u16::try_from(year * 12 + month).unwrap_or(u16::MAX),
        }
    }

    /// Microseconds from `now` to the next day.
    pub(super) fn until_tomorrow(now: Timestamp) -> i64 {
        (i64::from(now.day()) + 1) * DAY - now.as_micros()
    }

    /// Microseconds from `now` to the first day of the next month.
    pub(super) fn until_next_month(now: Timestamp) -> i64 {
        let today = i64::from(now.day());
        let this = month_of(today);
        // At most 31 steps, and only for headers of plans with a monthly quota.
        let first = (today + 1..today + 32).find(|day| month_of(*day) != this);
        first.unwrap_or(today + 31) * DAY - now.as_micros()
    }
}

/// Year and month (0 for January) of a day since 1970-01-01, in the Gregorian calendar. Counts in years that begin in March, so that
/// the leap day is the last one, and in eras of 400 years, which all have as many days.
fn month_of(day: i64) -> (i64, i64) {
    const ERA: i64 = 146_097;
    let from_march = day + 719_468;
    let day_of_era = from_march.rem_euclid(ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / (ERA - 1)) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let month = (month_from_march + 2) % 12;
    let year = year_of_era + from_march.div_euclid(ERA) * 400 + i64::from(month < 2);
    (year, month)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn months_follow_the_calendar() {
        for (text, year, month) in [
            ("1970-01-01T00:00:00Z", 1970, 1),
            ("2000-02-29T23:59:59Z", 2000, 2),
            ("2000-03-01T00:00:00Z", 2000, 3),
            ("2100-02-28T12:00:00Z", 2100, 2),
            ("2100-03-01T00:00:00Z", 2100, 3),
            ("2026-12-31T23:59:59.999999Z", 2026, 12),
            ("1969-12-31T23:59:59Z", 1969, 12),
        ] {
            let periods = Periods::at(at(text));
            assert_eq!(periods.month, year * 12 + month - 1, "{text}");
        }
    }

    #[test]
    fn periods_end_when_the_next_begins() {
        let now = at("2028-02-28T23:59:59Z");
        assert_eq!(Periods::until_tomorrow(now), 1_000_000);
        assert_eq!(Periods::until_next_month(now), 1_000_000 + DAY);
        let last = at("2026-12-31T00:00:00Z");
        assert_eq!(Periods::until_next_month(last), DAY);
        let mut day = at("2026-01-01T00:00:00Z");
        for _ in 0..3_000 {
            let next = day.plus_micros(Periods::until_next_month(day));
            assert_eq!(Periods::at(next).month, Periods::at(day).month + 1);
            assert_eq!(
                Periods::at(next.plus_micros(-1)).month,
                Periods::at(day).month
            );
            day = day.plus_micros(DAY);
        }
    }
}
