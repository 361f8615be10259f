//! A set of targets.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use http::HeaderValue;
use url::Url;

use super::Target;
use super::budget::Budget;
use super::target::{InFlight, TargetParts};
use crate::file::{Protocol, TargetRule, UpstreamRule};
use trunkline_scrutiny::AddressPolicy;

/// A set of targets that give the same answers.
#[derive(Debug)]
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) file: String,
    pub(crate) rule: UpstreamRule,
    pub(crate) policy: AddressPolicy,
    pub(crate) targets: Vec<Arc<Target>>,
    pub(crate) budget: Budget,
    pub(crate) tls: Option<Arc<rustls::ClientConfig>>,
}

impl Upstream {
    /// Makes an upstream that serves `workers` workers. A target that `before` has too is the same one: requests under way stay counted, and
    /// connections open.
    ///
    /// # Errors
    /// The place in the list of targets, and what is wrong there.
    pub(crate) fn new(
        file: &str,
        rule: &UpstreamRule,
        policy: AddressPolicy,
        tls: &Arc<rustls::ClientConfig>,
        workers: usize,
        before: &[Arc<Target>],
    ) -> Result<Self, (usize, String)> {
        let make = |(place, target): (usize, &TargetRule)| {
            let parts = target_parts(rule, target, &policy).map_err(|text| (place, text))?;
            if let Some(known) = before.iter().find(|one| one.is_of(&parts)) {
                known.weight.store(parts.weight, Ordering::Relaxed);
                return Ok(Arc::clone(known));
            }
            Ok(Arc::new(Target::new(parts, workers)))
        };
        let targets = rule
            .targets
            .iter()
            .enumerate()
            .map(make)
            .collect::<Result<Vec<_>, (usize, String)>>()?;
        Ok(Self {
            name: rule.name.get_ref().clone(),
            file: file.into(),
            policy,
            targets,
            budget: Budget::new(rule.retries.as_ref().map_or(0.0, |retries| retries.budget)),
            tls: (rule.protocol == Protocol::Https).then(|| Arc::clone(tls)),
            rule: rule.clone(),
        })
    }

    /// Chooses a target for a request by weight; `chance` is any number, `tried` has a bit for each target to leave out.
    pub(crate) fn choose(&self, chance: u64, tried: u64) -> Option<(usize, InFlight)> {
        if let [target] = &self.targets[..] {
            return if tried == 0 && target.is_usable() {
                target.enter().map(|place| (0, place))
            } else {
                None
            };
        }
        let mut skipped = tried;
        // A target may fill up between the look and the step inside; then the rest is looked at again.
        for _ in 0..self.targets.len() {
            let open =
                |place: usize, target: &Target| skipped & (1 << place) == 0 && target.is_usable();
            let weight = |place: usize, target: &Target| {
                if open(place, target) {
                    u64::from(target.weight.load(Ordering::Relaxed))
                } else {
                    0
                }
            };
            let total: u64 = self
                .targets
                .iter()
                .enumerate()
                .map(|(place, target)| weight(place, target))
                .sum();
            if total == 0 {
                return None;
            }
            let mut left = chance % total;
            let mut chosen = None;
            for (place, target) in self.targets.iter().enumerate() {
                let share = weight(place, target);
                if left < share {
                    chosen = Some(place);
                    break;
                }
                left -= share;
            }
            let place = chosen?;
            match self.targets[place].enter() {
                Some(entered) => return Some((place, entered)),
                None => skipped |= 1 << place,
            }
        }
        None
    }
}

fn target_parts(
    rule: &UpstreamRule,
    target: &TargetRule,
    policy: &AddressPolicy,
) -> Result<TargetParts, String> {
    let text = target.url.get_ref();
    let url = Url::parse(text).map_err(|error| format!("`{text}` is not a URL: {error}"))?;
    let scheme = if rule.protocol == Protocol::Https {
        "https"
    } else {
        "http"
    };
    if url.scheme() != scheme {
        return Err(format!(
            "`{text}` has to begin with {scheme}:// for this protocol"
        ));
    }
    if !matches!(url.path(), "" | "/")
        || url.query().is_some()
        || url.fragment().is_some()
        || !url.username().is_empty()
        || url.password().is_some()
    {
        return Err(format!(
            "`{text}` may have a scheme, a host and a port, and nothing more"
        ));
    }
    let (Some(host), Some(port)) = (url.host(), url.port_or_known_default()) else {
        return Err(format!("`{text}` has no host"));
    };
    let refused = match host {
        url::Host::Domain(name) => AddressPolicy::refuses_name(name),
        url::Host::Ipv4(address) => policy.refuses(address.into()),
        url::Host::Ipv6(address) => policy.refuses(address.into()),
    };
    if let Some(why) = refused {
        return Err(format!("`{text}` is refused: {why}"));
    }
    let host = host.to_string();
    let authority = url
        .port()
        .map_or_else(|| host.clone(), |port| format!("{host}:{port}"));
    Ok(TargetParts {
        url: text.clone(),
        host,
        port,
        authority: HeaderValue::try_from(authority).map_err(|_| format!("`{text}` has no host"))?,
        release: target.release.clone(),
        weight: target.weight,
        most: rule.max_connections,
        failures: rule.breaker.failures,
        rest: rule.breaker.open_for.0,
    })
}
