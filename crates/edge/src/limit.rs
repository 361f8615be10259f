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

/// Limits of routes that are kept ready; a file has a few.
const MOST_RULES: usize = 10_000;

/// Limits of routes by name and text, as they are read once; nothing stands for a text that is none.
type Rules = HashMap<(String, String), Option<Arc<Rate>>>;

/// Counts requests.
#[derive(Debug)]
pub struct Counter {
    limiter: RateLimiter,
    plans: HashMap<String, Plan>,
    configs: Vec<PlanConfig>,
    rules: RwLock<Rules>,
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
            rules: RwLock::default(),
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

    /// The limit `rule` of a route, such as `50/s` or `50/s burst 100`, under a name of its own.
    fn rule(&self, name: &str, rule: &str) -> Option<Arc<Rate>> {
        let key = (name.to_owned(), rule.to_owned());
        let rules = self.rules.read().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = rules.get(&key) {
            return known.clone();
        }
        drop(rules);
        let made = parse(name, rule).ok().map(Arc::new);
        let mut rules = self.rules.write().unwrap_or_else(PoisonError::into_inner);
        if rules.len() >= MOST_RULES {
            rules.clear();
        }
        rules.insert(key, made.clone());
        made
    }
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
            burst: plan.burst,
            per_day: plan.per_day,
            per_month: plan.per_month,
        });
        shown.collect()
    }

    fn usage(&self) -> Vec<UsageView> {
        let rows = self.limiter.usage_of_all(self.clock.now());
        let shown = rows.into_iter().map(|row| UsageView {
            name: row.key.clone(),
            key: row.key,
            // Which plan a holder has is the route's to say, so that none is named here.
            plan: String::new(),
            today: row.today,
            month: row.this_month,
            limit_day: None,
            limit_month: None,
        });
        shown.collect()
    }
}

impl Limit for Counter {
    fn limit(&self, ask: &LimitAsk<'_>) -> Limited {
        let holder = ask.admitted.map(|admitted| {
            let plan = admitted.plan.as_deref().or(ask.plan);
            (admitted.key.as_deref().unwrap_or(&admitted.principal), plan)
        });
        let plan = match holder {
            Some((holder, Some(plan))) => self.plans.get(plan).map(|plan| (holder, plan)),
            _ => None,
        };
        let address = ask.per_address.and_then(|rule| self.rule("address", rule));
        let route = ask.per_route.and_then(|rule| self.rule(ask.route, rule));
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
                }
            }
        }
    }

    fn check_rule(&self, rule: &str) -> Option<String> {
        parse("rule", rule).err()
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
}
