//! Decides whether a request may pass.

use std::sync::Arc;
use std::time::{Duration, Instant};

use trunkline_model::Timestamp;

use super::ask::network;
use super::bucket::{self, Buckets};
use super::calendar::Periods;
use super::flight::{self, InFlight};
use super::header::{LIMITS, Label, LimitHeaders, Reset, Standing};
use super::quota::{self, Quotas};
use super::rate::Full;
use super::shard::{Id, Ids};
use super::verdict::{Dimension, Passed, Refusal, RefusalKind, Verdict};
use super::{Ask, Limit, LimiterConfig, Moment, Plan, QuotaRow};

/// How long to wait when too many requests are under way: nobody knows when one ends.
const BUSY: Duration = Duration::from_secs(1);

/// Rates, quotas and requests at the same time, for every holder, address and route.
///
/// A request is counted where all of its limits have room, and nowhere when one of them has none: what it meets is locked, in an order
/// that is always the same, until all of it is decided.
#[derive(Debug)]
pub struct RateLimiter {
    config: LimiterConfig,
    began: Instant,
    ids: Ids,
    holders: Buckets,
    addresses: Buckets,
    routes: Buckets,
    quotas: Quotas,
    in_flight: Arc<InFlight>,
}

/// A bucket that a request meets.
struct Met<'a> {
    dimension: Dimension,
    limit: &'a Limit,
    held: bucket::Held<'a>,
    look: Result<Full, u64>,
}

/// Everything that a request meets, locked until it is let go.
struct Meeting<'a> {
    buckets: [Option<Met<'a>>; 3],
    quota: Option<(quota::Held<'a>, &'a Plan)>,
    in_flight: Option<(flight::Held<'a>, u32, &'a Plan)>,
}

impl RateLimiter {
    /// A limiter whose clock begins at `began`; no later moment may be given that lies before it.
    #[must_use]
    pub fn new(config: LimiterConfig, began: Instant) -> Self {
        Self {
            began,
            ids: Ids::default(),
            holders: Buckets::new(config.max_keys),
            addresses: Buckets::new(config.max_keys),
            routes: Buckets::new(config.max_keys),
            quotas: Quotas::new(config.max_quotas),
            in_flight: Arc::new(InFlight::new()),
            config,
        }
    }

    /// Whether a request may pass at `now`; if so, it is counted.
    pub fn check(&self, ask: &Ask<'_>, now: Moment) -> Verdict {
        let meeting = self.meet(ask, now);
        match meeting.worst(now.time) {
            Some(mut refusal) => {
                refusal.headers = self.headers(&meeting, now.time, false);
                Verdict::Refuse(Box::new(refusal))
            }
            None => {
                let headers = self.headers(&meeting, now.time, true);
                let permit = meeting.charge();
                Verdict::Pass(Passed { headers, permit })
            }
        }
    }

    /// Locks what a request meets: holder, address, route, quota, requests under way, in this order and no other.
    fn meet<'a>(&'a self, ask: &Ask<'a>, now: Moment) -> Meeting<'a> {
        let at = self.nanos(now.instant);
        let meet = |buckets: &'a Buckets, dimension, id: Id, limit: &'a Limit| {
            let held = buckets.hold(id.under(limit.label.mark), limit.rate, at);
            let look = held.look();
            Met {
                dimension,
                limit,
                held,
                look,
            }
        };
        let key = ask.holder.map(|(key, plan)| (self.ids.id(key), key, plan));
        let holder = key.and_then(|(id, _, plan)| {
            let limit = plan.limit.as_ref()?;
            Some(meet(&self.holders, Dimension::Holder, id, limit))
        });
        let address = ask.address.map(|(address, limit)| {
            let id = self.ids.id(network(address));
            meet(&self.addresses, Dimension::Address, id, limit)
        });
        let route = ask.route.map(|(route, limit)| {
            let id = self.ids.id(route);
            meet(&self.routes, Dimension::Route, id, limit)
        });
        let quota = key.filter(|(_, _, plan)| plan.has_quota());
        let quota = quota.map(|(id, key, plan)| (self.quotas.hold(id, key, now.time), plan));
        let in_flight = key.and_then(|(id, _, plan)| {
            let most = plan.config().concurrency?;
            Some((self.in_flight.hold(id.under(plan.mark)), most, plan))
        });
        Meeting {
            buckets: [holder, address, route],
            quota,
            in_flight,
        }
    }

    fn headers(&self, meeting: &Meeting<'_>, now: Timestamp, is_passed: bool) -> LimitHeaders {
        let (modern, legacy) = (self.config.headers, self.config.legacy_headers);
        let standings = if modern || legacy {
            meeting.standings(is_passed)
        } else {
            [const { None }; LIMITS]
        };
        LimitHeaders {
            standings,
            now,
            modern,
            legacy,
        }
    }

    fn nanos(&self, instant: Instant) -> u64 {
        let nanos = instant.saturating_duration_since(self.began).as_nanos();
        u64::try_from(nanos).unwrap_or(u64::MAX)
    }

    /// Forgets what makes no difference any more: buckets that are full, counters of former months. To be called about once in ten
    /// seconds.
    pub fn retain_recent(&self, now: Moment) {
        let at = self.nanos(now.instant);
        for buckets in [&self.holders, &self.addresses, &self.routes] {
            buckets.retain_recent(at);
        }
        self.quotas.retain_recent(now.time);
    }

    /// The quotas that were used since the last call, to be written once in a second and at the end. Each row replaces what was written
    /// for its key before.
    #[must_use]
    pub fn take_changes(&self) -> Vec<QuotaRow> {
        self.quotas.take_changes()
    }

    /// Takes back rows of [`Self::take_changes`] that could not be written: the next call gives what is then true of their keys.
    pub fn put_back(&self, rows: &[QuotaRow]) {
        self.quotas.put_back(&self.ids, rows);
    }

    /// Takes over what was written before the start, in any order and even several times. To be called before the first request.
    pub fn restore(&self, rows: &[QuotaRow]) {
        self.quotas.restore(&self.ids, rows);
    }

    /// What `key` has used of its quotas in the day and month of `now`; nothing when it has asked for nothing.
    #[must_use]
    pub fn usage(&self, key: &str, now: Timestamp) -> Option<QuotaRow> {
        self.quotas.usage(self.ids.id(key), now)
    }

    /// What every key has used of its quotas in the day and month of `now`, by key.
    #[must_use]
    pub fn usage_of_all(&self, now: Timestamp) -> Vec<QuotaRow> {
        self.quotas.all(now)
    }

    /// Requests that passed without being counted against their quota, because there were more keys than `max_quotas`.
    #[must_use]
    pub fn uncounted(&self) -> u64 {
        self.quotas.uncounted()
    }

    /// How many buckets are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.holders.len() + self.addresses.len() + self.routes.len()
    }
}

impl Meeting<'_> {
    /// The refusal that lasts the longest, if any limit refuses.
    fn worst(&self, now: Timestamp) -> Option<Refusal> {
        let mut worst: Option<(Duration, RefusalKind, Dimension, &str)> = None;
        let mut refuse = |wait, kind, dimension, limit| {
            if worst.as_ref().is_none_or(|worst| worst.0 < wait) {
                worst = Some((wait, kind, dimension, limit));
            }
        };
        for met in self.buckets.iter().flatten() {
            if let Err(nanos) = met.look {
                let wait = Duration::from_nanos(nanos);
                refuse(wait, RefusalKind::Rate, met.dimension, met.limit.name());
            }
        }
        if let Some((held, plan)) = &self.quota {
            let day = used_up(plan.day.as_ref(), held.count.today);
            let month = used_up(plan.month.as_ref(), held.count.this_month);
            let wait = |micros: i64| Duration::from_micros(u64::try_from(micros).unwrap_or(0));
            if let Some(label) = day {
                let wait = wait(Periods::until_tomorrow(now));
                refuse(wait, RefusalKind::Quota, Dimension::Holder, &label.name);
            }
            if let Some(label) = month {
                let wait = wait(Periods::until_next_month(now));
                refuse(wait, RefusalKind::Quota, Dimension::Holder, &label.name);
            }
        }
        if let Some((held, most, plan)) = &self.in_flight
            && held.count() >= *most
        {
            refuse(
                BUSY,
                RefusalKind::Concurrency,
                Dimension::Holder,
                plan.name(),
            );
        }
        let (retry_after, kind, dimension, limit) = worst?;
        Some(Refusal {
            retry_after,
            kind,
            dimension,
            limit: limit.to_owned(),
            headers: LimitHeaders {
                standings: [const { None }; LIMITS],
                now,
                modern: false,
                legacy: false,
            },
        })
    }

    /// Where the sender stands with each limit, after this request if it passes.
    fn standings(&self, is_passed: bool) -> [Option<Standing>; LIMITS] {
        let bucket = |met: &Option<Met<'_>>| {
            let met = met.as_ref()?;
            let level = met.held.level(met.look.ok().filter(|_| is_passed));
            Some(Standing {
                label: Arc::clone(&met.limit.label),
                remaining: level.remaining.into(),
                reset: Reset::Nanos(level.until_full),
            })
        };
        let quota = |limit: &Option<(u64, Arc<Label>)>, used: u64, reset| {
            let (most, label) = limit.as_ref()?;
            Some(Standing {
                label: Arc::clone(label),
                remaining: most.saturating_sub(used + u64::from(is_passed)),
                reset,
            })
        };
        let [holder, address, route] = &self.buckets;
        let (mut day, mut month) = (None, None);
        if let Some((held, plan)) = &self.quota {
            day = quota(&plan.day, held.count.today, Reset::Tomorrow);
            month = quota(&plan.month, held.count.this_month, Reset::NextMonth);
        }
        [bucket(holder), day, month, bucket(address), bucket(route)]
    }

    /// Counts the request everywhere.
    fn charge(self) -> Option<flight::Permit> {
        for met in self.buckets.into_iter().flatten() {
            if let Ok(full) = met.look {
                met.held.charge(full);
            }
        }
        if let Some((held, _)) = self.quota {
            held.charge();
        }
        self.in_flight.map(|(held, _, _)| held.begin())
    }
}

/// The label of a quota that has nothing left.
fn used_up(limit: Option<&(u64, Arc<Label>)>, used: u64) -> Option<&Label> {
    limit
        .filter(|(most, _)| used >= *most)
        .map(|(_, label)| &**label)
}
