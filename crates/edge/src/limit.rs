//! How much the holders of credentials, addresses and routes may ask for.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use http::HeaderMap;
use tokio_util::sync::CancellationToken;
use trunkline_admission::{
    Ask, Limit as Rate, LimitConfig, Moment, Plan, PlanConfig, QuotaRow, RateLimiter, Verdict,
};
use trunkline_gateway::{Denied, Limit, LimitAsk, Limited, PlanView, Plans, UsageView};
use trunkline_model::{Clock, Coded as _};

use crate::AdmissionConfig;

/// Routes whose limits are kept ready.
const MOST_ROUTES: usize = 100_000;

/// Holders whose names are kept ready.
const MOST_COUNTED: usize = 10_000;

/// Whom a route's limit counts.
#[derive(Clone, Copy)]
enum Kind {
    Address,
    Route,
}

impl Kind {
    /// The name of this limit of `route`: each has one of its own, since those of one name count together.
    fn name(self, route: &str) -> String {
        match self {
            Self::Address => format!("{route}-address"),
            Self::Route => route.to_owned(),
        }
    }
}

/// A limit as its file writes it, and as it was read; nothing stands for a text that is none.
#[derive(Clone, Debug)]
struct Known {
    text: String,
    rate: Option<Arc<Rate>>,
}

/// A holder, as the page of plans shows it.
#[derive(Clone, Debug)]
struct Counted {
    name: String,
    plan: String,
}

/// The limits of a route, by [`Kind`].
type Rates = [Option<Known>; 2];

/// Counts requests.
#[derive(Debug)]
pub struct Counter {
    limiter: RateLimiter,
    plans: HashMap<String, Plan>,
    configs: Vec<PlanConfig>,
    /// The plans of those who have one of their own.
    holders: HashMap<String, String>,
    /// Whom people know the holders as, and against which plan each was counted last.
    counted: RwLock<HashMap<String, Counted>>,
    rates: RwLock<HashMap<String, Rates>>,
    clock: Arc<dyn Clock>,
}

impl Counter {
    /// A counter with the plans of `config`.
    ///
    /// # Errors
    /// The first plan that cannot be used.
    pub(crate) fn new(
        config: &AdmissionConfig,
        clock: Arc<dyn Clock>,
    ) -> Result<Arc<Self>, trunkline_admission::PlanError> {
        let plans = config
            .plans
            .iter()
            .map(|plan| Ok((plan.name.clone(), Plan::new(plan.clone())?)));
        Ok(Arc::new(Self {
            limiter: RateLimiter::new(config.limiter.clone(), Instant::now()),
            plans: plans.collect::<Result<_, _>>()?,
            configs: config.plans.clone(),
            holders: holders(&config.plans),
            counted: RwLock::default(),
            rates: RwLock::default(),
            clock,
        }))
    }

    /// Forgets buckets that are full again, and keeps what is used of quotas in `file`, until `stop`; then it writes for the last time.
    pub async fn keep(self: Arc<Self>, file: PathBuf, stop: CancellationToken) {
        let mut round = 0_u32;
        loop {
            let stopped = tokio::select! {
                () = tokio::time::sleep(Duration::from_secs(1)) => false,
                () = stop.cancelled() => true,
            };
            let changed = self.limiter.take_changes();
            if !changed.is_empty()
                && let Err(error) = write(&file, &self.limiter.usage_of_all(self.clock.now()))
            {
                tracing::warn!(%error, "what is used of quotas could not be written");
                self.limiter.put_back(&changed);
            }
            round = round.wrapping_add(1);
            if round.is_multiple_of(10) {
                self.limiter.retain_recent(self.moment());
            }
            if stopped {
                return;
            }
        }
    }

    /// Takes up what was used of quotas before the last stop.
    pub(crate) fn restore(&self, file: &Path) {
        let Ok(text) = std::fs::read(file) else {
            return;
        };
        match serde_json::from_slice::<Vec<QuotaRow>>(&text) {
            Ok(rows) => self.limiter.restore(&rows),
            Err(error) => {
                tracing::warn!(%error, "what was used of quotas cannot be read and counts anew");
            }
        }
    }

    fn moment(&self) -> Moment {
        Moment {
            instant: Instant::now(),
            time: self.clock.now(),
        }
    }

    /// Remembers who a holder is and what its plan was.
    fn remember(&self, holder: &str, plan: &str, name: &str) {
        let counted = self.counted.read().unwrap_or_else(PoisonError::into_inner);
        let same = |known: &Counted| known.plan == plan && known.name == name;
        if counted.get(holder).is_some_and(same) {
            return;
        }
        drop(counted);
        let mut counted = self.counted.write().unwrap_or_else(PoisonError::into_inner);
        if counted.len() >= MOST_COUNTED {
            counted.clear();
        }
        let (name, plan) = (name.to_owned(), plan.to_owned());
        counted.insert(holder.to_owned(), Counted { name, plan });
    }

    /// The limit of `kind` that the route's file writes as `text`, such as `50/s burst 100`.
    fn rate(&self, route: &str, kind: Kind, text: &str) -> Option<Arc<Rate>> {
        let known = self.rates.read().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(route).and_then(|of| of[kind as usize].as_ref());
        if let Some(found) = found.filter(|found| found.text == text) {
            return found.rate.clone();
        }
        drop(known);
        let rate = parse(&kind.name(route), text).ok().map(Arc::new);
        let mut known = self.rates.write().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= MOST_ROUTES {
            known.clear();
        }
        known.entry(route.to_owned()).or_default()[kind as usize] = Some(Known {
            text: text.to_owned(),
            rate: rate.clone(),
        });
        rate
    }
}

/// The plan of each holder; the first that names one counts.
fn holders(plans: &[PlanConfig]) -> HashMap<String, String> {
    let mut holders = HashMap::new();
    for plan in plans {
        for holder in &plan.holders {
            holders
                .entry(holder.clone())
                .or_insert_with(|| plan.name.clone());
        }
    }
    holders
}

/// Writes the rows beside the file and then puts them in its place, so that there is always a whole one.
fn write(file: &Path, rows: &[QuotaRow]) -> std::io::Result<()> {
    let beside = file.with_extension("new");
    std::fs::write(&beside, serde_json::to_vec(rows)?)?;
    std::fs::rename(beside, file)
}

/// Reads `50/s`, `50/s burst 100`, `600/min` or `1000/h`.
fn parse(name: &str, rule: &str) -> Result<Rate, String> {
    let form = || format!("`{rule}` is no limit: write it as `50/s` or `600/min burst 100`");
    let (rate, burst) = match rule.split_once(" burst ") {
        Some((rate, burst)) => (rate, Some(burst.trim().parse().map_err(|_| form())?)),
        None => (rule, None),
    };
    let (count, unit) = rate.trim().split_once('/').ok_or_else(form)?;
    let count: f64 = count.trim().parse().map_err(|_| form())?;
    let seconds = match unit.trim() {
        "s" => 1.0,
        "min" => 60.0,
        "h" => 3_600.0,
        _ => return Err(form()),
    };
    Rate::new(&LimitConfig {
        name: name.into(),
        rate: count / seconds,
        burst,
    })
    .map_err(|error| error.to_string())
}

impl Plans for Counter {
    fn plans(&self) -> Vec<PlanView> {
        let shown = self.configs.iter().map(|plan| PlanView {
            name: plan.name.clone(),
            rate: plan.rate,
            burst: self.plans.get(&plan.name).and_then(Plan::burst),
            per_day: plan.per_day,
            per_month: plan.per_month,
        });
        shown.collect()
    }

    fn usage(&self) -> Vec<UsageView> {
        let rows = self.limiter.usage_of_all(self.clock.now());
        let counted = self.counted.read().unwrap_or_else(PoisonError::into_inner);
        let shown = rows.into_iter().map(|row| {
            // Of those who asked for nothing since the start only the key is known, and a plan of their own.
            let known = counted.get(&row.key);
            let plan = known
                .map(|known| &known.plan)
                .or_else(|| self.holders.get(&row.key));
            let config =
                plan.and_then(|plan| self.configs.iter().find(|config| config.name == *plan));
            UsageView {
                name: known.map_or_else(|| row.key.clone(), |known| known.name.clone()),
                plan: plan.cloned().unwrap_or_default(),
                key: row.key,
                today: row.today,
                month: row.this_month,
                limit_day: config.and_then(|config| config.per_day),
                limit_month: config.and_then(|config| config.per_month),
            }
        });
        shown.collect()
    }
}

impl Limit for Counter {
    fn limit(&self, ask: &LimitAsk<'_>) -> Limited {
        // Who is named by a plan counts under that name, with all of its keys; others under the key that they showed.
        let named = ask.admitted.and_then(|admitted| {
            let names = [admitted.key.as_deref(), Some(admitted.principal.as_str())];
            let mut plans = names
                .into_iter()
                .flatten()
                .filter_map(|name| self.holders.get_key_value(name));
            plans
                .next()
                .map(|(name, plan)| (name.as_str(), plan.as_str()))
        });
        let holder = named.or_else(|| {
            let admitted = ask.admitted?;
            let holder = admitted.key.as_deref().unwrap_or(&admitted.principal);
            Some((holder, admitted.plan.as_deref().or(ask.plan)?))
        });
        let plan =
            holder.and_then(|(holder, plan)| Some((holder, self.plans.get_key_value(plan)?)));
        let counted = plan.map(|(_, (name, _))| name.clone());
        if let (Some((holder, (plan, _))), Some(admitted)) = (plan, ask.admitted) {
            self.remember(holder, plan, &admitted.name);
        }
        let plan = plan.map(|(holder, (_, plan))| (holder, plan));
        let address = ask
            .per_address
            .and_then(|text| self.rate(ask.route, Kind::Address, text));
        let route = ask
            .per_route
            .and_then(|text| self.rate(ask.route, Kind::Route, text));
        if plan.is_none() && address.is_none() && route.is_none() {
            return Limited::default();
        }
        let verdict = self.limiter.check(
            &Ask {
                holder: plan,
                address: address.as_deref().map(|rate| (ask.client, rate)),
                route: route.as_deref().map(|rate| (ask.route, rate)),
            },
            self.moment(),
        );
        match verdict {
            Verdict::Pass(passed) => {
                let mut headers = HeaderMap::new();
                passed.headers.write(&mut headers);
                Limited {
                    headers: list(headers),
                    permit: passed.permit.map(|permit| Box::new(permit) as _),
                    denied: None,
                    plan: counted,
                }
            }
            Verdict::Refuse(refusal) => {
                let mut headers = HeaderMap::new();
                refusal.headers.write(&mut headers);
                let mut denied = Denied::new(refusal.code(), refusal.to_string());
                denied.retry_after = Some(refusal.retry_after);
                Limited {
                    headers: list(headers),
                    permit: None,
                    denied: Some(denied),
                    plan: counted,
                }
            }
        }
    }

    fn check_rule(&self, route: &str, rule: &str) -> Option<String> {
        let kinds = [Kind::Address, Kind::Route];
        kinds
            .iter()
            .find_map(|kind| parse(&kind.name(route), rule).err())
    }

    fn check_plan(&self, plan: &str) -> Option<String> {
        let known = self.plans.contains_key(plan);
        (!known).then(|| format!("there is no plan `{plan}` in `[[admission.plans]]`"))
    }
}

fn list(headers: HeaderMap) -> Vec<(http::HeaderName, http::HeaderValue)> {
    let mut last = None;
    headers
        .into_iter()
        .filter_map(|(name, value)| {
            if name.is_some() {
                last = name;
            }
            Some((last.clone()?, value))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use std::net::{IpAddr, Ipv4Addr};

    use trunkline_gateway::Admitted;
    use trunkline_model::SystemClock;

    use super::*;

    #[test]
    fn limits_are_read_as_people_write_them() {
        for good in ["50/s", "50/s burst 100", "600/min", " 1000/h burst 5 "] {
            assert!(parse("r", good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "50",
            "50/x",
            "x/s",
            "50/s burst",
            "50/s burst x",
            "-1/s",
        ] {
            assert!(parse("r", bad).is_err(), "{bad}");
        }
    }

    fn plan(name: &str, burst: u32, holders: &[&str]) -> PlanConfig {
        PlanConfig {
            name: name.into(),
            rate: Some(0.001),
            burst: Some(burst),
            per_day: Some(100),
            holders: holders.iter().map(ToString::to_string).collect(),
            ..PlanConfig::default()
        }
    }

    #[test]
    fn a_holder_has_its_own_plan_on_every_route() {
        let config = AdmissionConfig {
            plans: vec![plan("small", 1, &[]), plan("large", 3, &["tok_1", "svc_1"])],
            ..AdmissionConfig::default()
        };
        let counter = Counter::new(&config, Arc::new(SystemClock)).unwrap();
        assert!(counter.check_plan("large").is_none());
        assert!(counter.check_plan("huge").unwrap().contains("`huge`"));
        let passes = |principal: &str, key: &str| {
            let admitted =
                Admitted::new("key", principal.into(), "Ada", &[]).with(Some(key.into()), None);
            let ask = LimitAsk {
                route: "r",
                client: IpAddr::V4(Ipv4Addr::LOCALHOST),
                admitted: Some(&admitted),
                plan: Some("small"),
                per_address: None,
                per_route: None,
            };
            (0..5)
                .filter(|_| counter.limit(&ask).denied.is_none())
                .count()
        };
        assert_eq!(passes("acc_1", "tok_1"), 3);
        assert_eq!(passes("svc_1", "tok_2"), 3);
        assert_eq!(passes("acc_1", "tok_3"), 1);
        let used = counter.usage();
        let of = |key: &str| used.iter().find(|row| row.key == key).unwrap();
        assert_eq!(
            (
                of("tok_1").plan.as_str(),
                of("tok_1").today,
                of("tok_1").limit_day
            ),
            ("large", 3, Some(100))
        );
        assert_eq!(
            (of("tok_3").plan.as_str(), of("tok_3").limit_day),
            ("small", Some(100))
        );
        assert_eq!(of("tok_3").name, "Ada");
    }

    #[test]
    fn an_address_has_a_rate_on_each_route() {
        let counter = Counter::new(&AdmissionConfig::default(), Arc::new(SystemClock)).unwrap();
        let passes = |route: &str, text: &str| {
            let ask = LimitAsk {
                route,
                client: IpAddr::V4(Ipv4Addr::LOCALHOST),
                admitted: None,
                plan: None,
                per_address: Some(text),
                per_route: None,
            };
            (0..5)
                .filter(|_| counter.limit(&ask).denied.is_none())
                .count()
        };
        assert_eq!(passes("a", "10/h burst 2"), 2);
        assert_eq!(passes("b", "10/h burst 3"), 3);
        assert_eq!(passes("a", "10/h burst 2"), 0);
        // The longest name that a route may have is no way round it.
        let long = "r".repeat(64);
        assert_eq!(counter.check_rule(&long, "10/h burst 2"), None);
        assert_eq!(passes(&long, "10/h burst 2"), 2);
        assert!(counter.check_rule("r", "1/h").is_some());
    }
}
