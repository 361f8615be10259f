//! How much of its quota each key has used today and this month.

use std::collections::HashMap;
use std::fmt;
use std::sync::MutexGuard;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use serde::{Deserialize, Serialize};
use trunkline_model::Timestamp;

use super::calendar::Periods;
use super::shard::{ById, Id, Ids, Padded, share};

/// What a key has used, as a whole and not as a difference: writing the same row twice, or a later one over it, counts nothing twice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotaRow {
    /// The id of the API key, or issuer and subject of a token.
    pub key: String,
    /// The day of `today`, in days since 1970-01-01.
    pub day: i32,
    /// Requests on that day of UTC.
    pub today: u64,
    /// The month of `this_month`: twelve times the year, and 0 for January to 11 for December.
    pub month: u16,
    /// Requests in that month of UTC.
    pub this_month: u64,
}

/// What one key has used.
#[derive(Clone, Copy, Debug)]
pub(super) struct Count {
    day: i32,
    month: u16,
    pub(super) today: u64,
    pub(super) this_month: u64,
    /// Whether it is in the list of what is to be written.
    is_listed: bool,
}

impl Count {
    fn new(periods: Periods) -> Self {
        Self {
            day: periods.day,
            month: periods.month,
            today: 0,
            this_month: 0,
            is_listed: false,
        }
    }

    /// Begins the day and the month anew if they are over. A clock that is set back begins none.
    fn turn(&mut self, periods: Periods) {
        if self.day < periods.day {
            self.day = periods.day;
            self.today = 0;
        }
        if self.month < periods.month {
            self.month = periods.month;
            self.this_month = 0;
        }
    }

    /// Takes over what was written before, without adding it to itself.
    fn merge(&mut self, row: &QuotaRow) {
        if row.day > self.day {
            (self.day, self.today) = (row.day, row.today);
        } else if row.day == self.day {
            self.today = self.today.max(row.today);
        }
        if row.month > self.month {
            (self.month, self.this_month) = (row.month, row.this_month);
        } else if row.month == self.month {
            self.this_month = self.this_month.max(row.this_month);
        }
    }

    fn row(&self, key: &str) -> QuotaRow {
        QuotaRow {
            key: key.to_owned(),
            day: self.day,
            today: self.today,
            month: self.month,
            this_month: self.this_month,
        }
    }
}

#[derive(Debug, Default)]
struct Part {
    counts: HashMap<Id, (Box<str>, Count), ById>,
    changed: Vec<Id>,
}

/// The counters of all keys.
pub(super) struct Quotas {
    parts: Box<[Padded<Part>]>,
    most: usize,
    uncounted: AtomicU64,
    is_told: AtomicBool,
}

impl fmt::Debug for Quotas {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Quotas")
            .field("most", &self.most)
            .finish_non_exhaustive()
    }
}

impl Quotas {
    pub(super) fn new(most: usize) -> Self {
        Self {
            parts: Padded::parts(),
            most: share(most),
            uncounted: AtomicU64::new(0),
            is_told: AtomicBool::new(false),
        }
    }

    fn part(&self, id: Id) -> MutexGuard<'_, Part> {
        self.parts[id.shard()].lock()
    }

    /// The counter of `key`, whose id is `id`, which nobody else can use until it is let go.
    pub(super) fn hold<'a>(&'a self, id: Id, key: &'a str, now: Timestamp) -> Held<'a> {
        let periods = Periods::at(now);
        let part = self.part(id);
        let mut count = part
            .counts
            .get(&id)
            .map_or_else(|| Count::new(periods), |(_, count)| *count);
        count.turn(periods);
        Held {
            quotas: self,
            part,
            id,
            key,
            count,
        }
    }

    /// What was counted since the last call.
    pub(super) fn take_changes(&self) -> Vec<QuotaRow> {
        let mut rows = Vec::new();
        for part in &self.parts {
            let mut part = part.lock();
            for id in std::mem::take(&mut part.changed) {
                if let Some((key, count)) = part.counts.get_mut(&id) {
                    count.is_listed = false;
                    rows.push(count.row(key));
                }
            }
        }
        rows
    }

    /// Lists rows again that could not be written.
    pub(super) fn put_back(&self, ids: &Ids, rows: &[QuotaRow]) {
        for row in rows {
            let id = ids.id(row.key.as_str());
            let mut part = self.part(id);
            let part = &mut *part;
            if let Some((_, count)) = part.counts.get_mut(&id)
                && !std::mem::replace(&mut count.is_listed, true)
            {
                part.changed.push(id);
            }
        }
    }

    /// Takes over what was written before the start.
    pub(super) fn restore(&self, ids: &Ids, rows: &[QuotaRow]) {
        for row in rows {
            let id = ids.id(row.key.as_str());
            let mut part = self.part(id);
            if part.counts.len() >= self.most && !part.counts.contains_key(&id) {
                self.overflow();
                continue;
            }
            let first = Periods {
                day: row.day,
                month: row.month,
            };
            let fresh = || (row.key.as_str().into(), Count::new(first));
            let (_, count) = part.counts.entry(id).or_insert_with(fresh);
            count.merge(row);
        }
    }

    /// What the key with the id `id` has used of the day and month of `now`.
    pub(super) fn usage(&self, id: Id, now: Timestamp) -> Option<QuotaRow> {
        let part = self.part(id);
        let (key, count) = part.counts.get(&id)?;
        let mut count = *count;
        count.turn(Periods::at(now));
        Some(count.row(key))
    }

    /// What every key has used.
    pub(super) fn all(&self, now: Timestamp) -> Vec<QuotaRow> {
        let (periods, mut rows) = (Periods::at(now), Vec::new());
        for part in &self.parts {
            for (key, count) in part.lock().counts.values() {
                let mut count = *count;
                count.turn(periods);
                rows.push(count.row(key));
            }
        }
        rows.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        rows
    }

    /// Forgets keys that have used nothing this month, once that is written.
    pub(super) fn retain_recent(&self, now: Timestamp) {
        let periods = Periods::at(now);
        for part in &self.parts {
            sweep(&mut part.lock(), periods);
        }
    }

    /// Requests that were let through uncounted, for want of room.
    pub(super) fn uncounted(&self) -> u64 {
        self.uncounted.load(Ordering::Relaxed)
    }

    fn overflow(&self) {
        self.uncounted.fetch_add(1, Ordering::Relaxed);
        if !self.is_told.swap(true, Ordering::Relaxed) {
            tracing::error!(
                "there are more keys with quotas than `max_quotas`; some are not counted"
            );
        }
    }
}

fn sweep(part: &mut Part, periods: Periods) {
    part.counts
        .retain(|_, (_, count)| count.is_listed || count.month >= periods.month);
}

/// A counter that nobody else can use at this moment.
pub(super) struct Held<'a> {
    quotas: &'a Quotas,
    part: MutexGuard<'a, Part>,
    id: Id,
    key: &'a str,
    pub(super) count: Count,
}

impl Held<'_> {
    /// Counts one request.
    pub(super) fn charge(mut self) {
        self.count.today = self.count.today.saturating_add(1);
        self.count.this_month = self.count.this_month.saturating_add(1);
        let must_list = !std::mem::replace(&mut self.count.is_listed, true);
        let part = &mut *self.part;
        if let Some((_, place)) = part.counts.get_mut(&self.id) {
            *place = self.count;
        } else {
            if part.counts.len() >= self.quotas.most {
                let (day, month) = (self.count.day, self.count.month);
                sweep(part, Periods { day, month });
                if part.counts.len() >= self.quotas.most {
                    self.quotas.overflow();
                    return;
                }
            }
            part.counts.insert(self.id, (self.key.into(), self.count));
        }
        if must_list {
            part.changed.push(self.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    /// Counters with the ids of their keys.
    struct Scene(Quotas, Ids);

    impl Scene {
        fn new() -> Self {
            Self(Quotas::new(1_000), Ids::default())
        }

        fn charge(&self, key: &str, now: Timestamp) {
            self.0.hold(self.1.id(key), key, now).charge();
        }

        fn used(&self, key: &str, now: Timestamp) -> (u64, u64) {
            let row = self.0.usage(self.1.id(key), now);
            row.map_or((0, 0), |row| (row.today, row.this_month))
        }
    }

    #[test]
    fn days_and_months_begin_anew_but_not_when_the_clock_is_set_back() {
        let quotas = Scene::new();
        let evening = at("2026-11-30T23:59:59Z");
        quotas.charge("k", evening);
        quotas.charge("k", evening);
        assert_eq!(quotas.used("k", evening), (2, 2));
        let midnight = at("2026-12-01T00:00:00Z");
        assert_eq!(quotas.used("k", midnight), (0, 0));
        quotas.charge("k", midnight);
        quotas.charge("k", evening);
        assert_eq!(quotas.used("k", midnight), (2, 2));
        quotas.0.take_changes();
        quotas.0.retain_recent(at("2027-01-01T00:00:00Z"));
        assert!(quotas.0.all(midnight).is_empty());
    }

    #[test]
    fn a_change_is_listed_once_and_can_be_put_back() {
        let (quotas, now) = (Scene::new(), at("2026-11-25T12:00:00Z"));
        for _ in 0..3 {
            quotas.charge("k", now);
        }
        let rows = quotas.0.take_changes();
        assert_eq!((rows.len(), rows[0].today), (1, 3));
        assert!(quotas.0.take_changes().is_empty());
        quotas.0.put_back(&quotas.1, &rows);
        quotas.charge("k", now);
        let rows = quotas.0.take_changes();
        assert_eq!((rows.len(), rows[0].today), (1, 4), "the newest is written");
    }

    #[test]
    fn memory_is_bounded() {
        let (quotas, now) = (Scene::new(), at("2026-11-25T12:00:00Z"));
        for n in 0..5_000 {
            quotas.charge(&n.to_string(), now);
        }
        let kept = quotas.0.all(now).len();
        assert!(kept <= 1_100, "{kept}");
        assert_eq!(quotas.0.uncounted(), 5_000 - kept as u64);
    }

    proptest! {
        /// Whatever is written when, and however often it is read back: nothing is counted twice, and what is lost was not written.
        #[test]
        fn a_restart_loses_what_was_not_written_and_nothing_else(
            steps in proptest::collection::vec((0_u8..4, 0_u8..3, 0_i64..40_000), 1..200),
        ) {
            let mut quotas = Scene::new();
            let mut now = at("2026-12-20T00:00:00Z");
            let (mut written, mut counted) = (Vec::new(), HashMap::<String, (u64, u64)>::new());
            let mut saved = counted.clone();
            for (key, what, seconds) in steps {
                let before = Periods::at(now);
                now = now.plus_micros(seconds * 1_000_000);
                let after = Periods::at(now);
                for used in counted.values_mut().chain(saved.values_mut()) {
                    if before.day != after.day { used.0 = 0; }
                    if before.month != after.month { used.1 = 0; }
                }
                match what {
                    0 => {
                        let used = counted.entry(key.to_string()).or_default();
                        *used = (used.0 + 1, used.1 + 1);
                        quotas.charge(&key.to_string(), now);
                    }
                    1 => {
                        written.extend(quotas.0.take_changes());
                        saved.clone_from(&counted);
                    }
                    _ => {
                        quotas = Scene::new();
                        quotas.0.restore(&quotas.1, &written);
                        quotas.0.restore(&quotas.1, &written);
                        counted.clone_from(&saved);
                    }
                }
                for (key, expected) in &counted {
                    prop_assert_eq!(quotas.used(key, now), *expected);
                }
            }
        }
    }
}
