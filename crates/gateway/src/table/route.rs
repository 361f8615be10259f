//! One compiled route.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use http::{HeaderMap, HeaderName, HeaderValue, Method, header};

use super::{Cors, HeaderChanges, PathRule, Stats};
use crate::file::{ContractMode, RouteRule, Sticky};
use crate::port::Need;
use crate::upstream::Upstream;

/// One side of a split.
#[derive(Debug)]
pub(crate) struct Side {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) weight: AtomicU32,
    pub(crate) when: Option<(HeaderName, Option<HeaderValue>)>,
}

/// A part of the prefix that moves.
#[derive(Debug)]
pub(crate) struct Step {
    pub(crate) path: PathRule,
    pub(crate) upstream: Arc<Upstream>,
    /// Hundredths of a percent.
    pub(crate) share: u64,
}

/// A copy of the requests.
#[derive(Debug)]
pub(crate) struct Mirror {
    pub(crate) upstream: Arc<Upstream>,
    /// Hundredths of a percent.
    pub(crate) share: u64,
    pub(crate) compare: bool,
}

/// One compiled route.
#[derive(Debug)]
pub(crate) struct Route {
    pub(crate) name: String,
    pub(crate) name_header: HeaderValue,
    pub(crate) file: String,
    pub(crate) rule: RouteRule,
    pub(crate) path: PathRule,
    pub(crate) methods: Vec<Method>,
    pub(crate) headers: Vec<(HeaderName, HeaderValue)>,
    pub(crate) sides: Vec<Side>,
    pub(crate) steps: Vec<Step>,
    pub(crate) mirror: Option<Mirror>,
    pub(crate) need: Option<Need>,
    pub(crate) limited: bool,
    pub(crate) cors: Option<Cors>,
    pub(crate) request_headers: HeaderChanges,
    pub(crate) response_headers: HeaderChanges,
    pub(crate) timeout: Option<Duration>,
    pub(crate) max_body: u64,
    pub(crate) contract: ContractMode,
    pub(crate) sample: f64,
    pub(crate) stats: Arc<Stats>,
}

impl Route {
    /// The service behind the route, as far as the file tells it.
    pub(crate) fn service(&self) -> Option<&str> {
        let contract = || {
            self.rule
                .contract
                .as_ref()
                .map(|contract| &contract.service)
        };
        self.rule
            .service
            .as_ref()
            .or_else(contract)
            .map(String::as_str)
    }

    /// Whether the route's headers are those of the request.
    pub(crate) fn takes_headers(&self, headers: &HeaderMap) -> bool {
        self.headers
            .iter()
            .all(|(name, value)| headers.get_all(name).iter().any(|found| found == value))
    }

    /// Whether the route takes the method.
    pub(crate) fn takes_method(&self, method: &Method) -> bool {
        self.methods.is_empty() || self.methods.contains(method)
    }

    /// Chooses the upstream of a request.
    pub(crate) fn choose(&self, path: &str, headers: &HeaderMap, chance: u64) -> &Arc<Upstream> {
        let chance = self.sticky(headers).unwrap_or(chance);
        // The longest step comes first.
        for step in &self.steps {
            if step.path.covers(path) && chance % 10_000 < step.share {
                return &step.upstream;
            }
        }
        if let [side] = &self.sides[..] {
            return &side.upstream;
        }
        for side in &self.sides {
            if let Some((name, wanted)) = &side.when {
                let mut values = headers.get_all(name).iter();
                if values.any(|value| wanted.as_ref().is_none_or(|wanted| wanted == value)) {
                    return &side.upstream;
                }
            }
        }
        let weight = |side: &Side| u64::from(side.weight.load(Ordering::Relaxed));
        let total: u64 = self.sides.iter().map(weight).sum();
        let mut left = chance % total.max(1);
        for side in &self.sides {
            if left < weight(side) {
                return &side.upstream;
            }
            left -= weight(side);
        }
        &self.sides[0].upstream
    }

    /// The number that keeps a client at its side, where the request has what it is made of.
    fn sticky(&self, headers: &HeaderMap) -> Option<u64> {
        let value = match self.rule.sticky.as_ref()? {
            Sticky::Header(name) => headers.get(name.as_str())?.as_bytes(),
            Sticky::Cookie(name) => cookie(headers, name)?.as_bytes(),
        };
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        Some(hasher.finish())
    }

    /// The path that the upstream gets; nothing where it is the request's own.
    pub(crate) fn rewritten(&self, path: &str) -> Option<String> {
        let cut = match (&self.rule.strip_prefix, &self.rule.rewrite, &self.path) {
            (Some(prefix), _, _) => prefix.get_ref().trim_end_matches('/'),
            (None, Some(_), PathRule::Prefix(prefix)) => prefix,
            (None, Some(_), _) => path,
            (None, None, _) => return None,
        };
        let rest = path
            .strip_prefix(cut)
            .filter(|rest| rest.is_empty() || rest.starts_with('/'))?;
        let front = self
            .rule
            .rewrite
            .as_ref()
            .map_or("", |rewrite| rewrite.get_ref().trim_end_matches('/'));
        let whole = format!("{front}{rest}");
        Some(if whole.is_empty() { "/".into() } else { whole })
    }
}

/// The value of a cookie.
fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok());
    let mut pairs = values
        .flat_map(|text| text.split(';'))
        .filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(found, _)| *found == name)
        .map(|(_, value)| value)
}
