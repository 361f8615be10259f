//! From rules to a table.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use http::{HeaderName, HeaderValue, Method};
use toml::Spanned;

use super::{Cors, HeaderChanges, Mirror, PathRule, Route, Side, Step, Table};
use crate::file::{ContractMode, Parsed, Problem, RouteRule, UpstreamRule};
use crate::port::{Limit, Need};
use crate::upstream::Upstream;
use trunkline_scrutiny::{AddressPolicy, Cidr};

/// The most bytes of a request's body where the route says nothing.
const MAX_BODY: u64 = 100 << 20;

/// What compiling needs besides the files.
#[derive(Debug)]
pub(crate) struct Context<'a> {
    pub(crate) loopback: bool,
    pub(crate) private: bool,
    pub(crate) sample: f64,
    pub(crate) workers: usize,
    pub(crate) tls: &'a Arc<rustls::ClientConfig>,
    pub(crate) limit: &'a dyn Limit,
    /// The table that serves now: what did not change is taken from it.
    pub(crate) before: &'a Table,
}

/// Makes a table; all problems where there are any.
pub(crate) fn compile(files: &[&Parsed], context: &Context<'_>) -> Result<Table, Vec<Problem>> {
    let mut table = Table::new(context.before.generation + 1);
    let mut problems = Vec::new();
    for file in files {
        for rule in &file.upstreams {
            match upstream(file, rule, context, &table.upstreams) {
                Ok(made) => drop(table.upstreams.insert(made.name.clone(), made)),
                Err(problem) => problems.push(problem),
            }
        }
    }
    let before: HashMap<&str, &Arc<Route>> = context
        .before
        .routes
        .iter()
        .map(|route| (route.name.as_str(), route))
        .collect();
    let mut names = HashMap::new();
    for file in files {
        for rule in &file.routes {
            if let Some(other) = names.insert(rule.name.get_ref().as_str(), &file.file) {
                problems.push(file.problem(
                    &rule.name,
                    format!(
                        "the route `{}` stands in {other} already",
                        rule.name.get_ref()
                    ),
                ));
                continue;
            }
            let old = before.get(rule.name.get_ref().as_str()).copied();
            match (Maker {
                file,
                rule,
                context,
                upstreams: &table.upstreams,
            })
            .route(old)
            {
                Ok(route) => table.insert(&Arc::new(route)),
                Err(problem) => problems.push(problem),
            }
        }
    }
    if problems.is_empty() {
        Ok(table)
    } else {
        Err(problems)
    }
}

fn is_name(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-'))
}

fn upstream(
    file: &Parsed,
    rule: &UpstreamRule,
    context: &Context<'_>,
    others: &BTreeMap<String, Arc<Upstream>>,
) -> Result<Arc<Upstream>, Problem> {
    let name = rule.name.get_ref();
    let wrong = |text: String| file.problem(&rule.name, text);
    if !is_name(name) {
        return Err(wrong(format!(
            "`{name}` is not a name of 1 to 64 letters, digits, `.`, `_` or `-`"
        )));
    }
    if let Some(other) = others.get(name) {
        return Err(wrong(format!(
            "the upstream `{name}` stands in {} already",
            other.file
        )));
    }
    if rule.targets.is_empty() || rule.targets.len() > 64 {
        return Err(wrong(format!(
            "the upstream `{name}` needs 1 to 64 targets"
        )));
    }
    if rule.retries.as_ref().is_some_and(|retries| {
        !(1..=10).contains(&retries.attempts) || !(0.0..=1.0).contains(&retries.budget)
    }) {
        return Err(wrong(
            "retries need 1 to 10 attempts and a budget from 0 to 1".into(),
        ));
    }
    if rule.breaker.failures == 0 || rule.max_connections == 0 {
        return Err(wrong(
            "breaker.failures and max_connections begin at 1".into(),
        ));
    }
    if let Some(health) = &rule.health
        && let Err(why) = PathRule::read(&format!("={}", health.path.get_ref()))
    {
        return Err(file.problem(&health.path, why));
    }
    let range = |text: &Spanned<String>| {
        text.get_ref()
            .parse::<Cidr>()
            .map_err(|why| file.problem(text, why.to_string()))
    };
    let ranges = rule
        .allow_private_addresses
        .iter()
        .map(range)
        .collect::<Result<_, _>>()?;
    let policy = AddressPolicy {
        loopback: context.loopback,
        private: context.private,
        ranges,
    };
    // An upstream that did not change keeps its connections, its health and its weights.
    let old = context.before.upstreams.get(name);
    if let Some(old) = old
        && old.rule == *rule
        && old.policy == policy
        && old.file == file.file
    {
        return Ok(Arc::clone(old));
    }
    let same_way =
        |old: &&Arc<Upstream>| old.rule.protocol == rule.protocol && old.policy == policy;
    let before = old.filter(same_way).map_or(&[][..], |old| &old.targets);
    Upstream::new(
        &file.file,
        rule,
        policy.clone(),
        context.tls,
        context.workers,
        before,
    )
    .map(Arc::new)
    .map_err(|(place, text)| file.problem(&rule.targets[place].url, text))
}

struct Maker<'a> {
    file: &'a Parsed,
    rule: &'a RouteRule,
    context: &'a Context<'a>,
    upstreams: &'a BTreeMap<String, Arc<Upstream>>,
}

impl Maker<'_> {
    fn wrong<T>(&self, place: &Spanned<T>, text: impl Into<String>) -> Problem {
        self.file.problem(place, text)
    }

    fn route(&self, old: Option<&Arc<Route>>) -> Result<Route, Problem> {
        let rule = self.rule;
        let name = rule.name.get_ref();
        let here = |text: String| self.wrong(&rule.name, text);
        if !is_name(name) {
            return Err(here(format!(
                "`{name}` is not a name of 1 to 64 letters, digits, `.`, `_` or `-`"
            )));
        }
        self.hosts()?;
        self.rewrites()?;
        let same = old.filter(|old| old.rule == *rule);
        Ok(Route {
            name: name.clone(),
            name_header: HeaderValue::try_from(name)
                .map_err(|_| here("the name is not a header value".into()))?,
            file: self.file.file.clone(),
            path: PathRule::read(rule.path.get_ref()).map_err(|why| self.wrong(&rule.path, why))?,
            methods: rule
                .methods
                .iter()
                .map(|method| self.method(method))
                .collect::<Result<_, _>>()?,
            headers: rule
                .headers
                .iter()
                .map(|(name, value)| header(name, value))
                .collect::<Result<_, _>>()
                .map_err(here)?,
            sides: self.sides(same)?,
            steps: self.steps()?,
            mirror: self.mirror()?,
            need: self.need()?,
            limited: self.limited()?,
            cors: rule
                .cors
                .as_ref()
                .map(Cors::read)
                .transpose()
                .map_err(here)?,
            request_headers: HeaderChanges::read(&rule.request_headers).map_err(here)?,
            response_headers: HeaderChanges::read(&rule.response_headers).map_err(here)?,
            timeout: rule.timeout.map(|span| span.0),
            max_body: rule.max_body.map_or(MAX_BODY, |size| size.0),
            contract: rule
                .contract
                .as_ref()
                .map_or(ContractMode::Off, |contract| contract.mode),
            sample: self.share(rule.sample.unwrap_or(self.context.sample), 1.0)?,
            stats: old.map(|old| Arc::clone(&old.stats)).unwrap_or_default(),
            rule: rule.clone(),
        })
    }

    fn hosts(&self) -> Result<(), Problem> {
        for host in &self.rule.hosts {
            let text = host.get_ref();
            let name = text.strip_prefix("*.").unwrap_or(text);
            let good = !name.is_empty()
                && name.bytes().all(|byte| {
                    byte.is_ascii_alphanumeric()
                        || matches!(byte, b'.' | b'-' | b'_' | b'[' | b']' | b':')
                });
            if !good || name.contains("..") {
                return Err(self.wrong(
                    host,
                    format!("`{text}` is neither a host nor `*.` before one"),
                ));
            }
        }
        Ok(())
    }

    fn rewrites(&self) -> Result<(), Problem> {
        for path in [&self.rule.strip_prefix, &self.rule.rewrite]
            .into_iter()
            .flatten()
        {
            match PathRule::read(path.get_ref()) {
                Ok(PathRule::Prefix(_)) => {}
                _ => {
                    return Err(
                        self.wrong(path, format!("`{}` is not a plain path", path.get_ref()))
                    );
                }
            }
        }
        Ok(())
    }

    fn method(&self, text: &Spanned<String>) -> Result<Method, Problem> {
        let method = Method::from_bytes(text.get_ref().as_bytes())
            .ok()
            .filter(|_| !text.get_ref().bytes().any(|byte| byte.is_ascii_lowercase()));
        method.ok_or_else(|| {
            self.wrong(
                text,
                format!("`{}` is not a method in capitals", text.get_ref()),
            )
        })
    }

    fn upstream(&self, name: &Spanned<String>) -> Result<Arc<Upstream>, Problem> {
        let found = self.upstreams.get(name.get_ref()).cloned();
        found.ok_or_else(|| self.wrong(name, format!("there is no upstream `{}`", name.get_ref())))
    }

    fn sides(&self, same: Option<&Arc<Route>>) -> Result<Vec<Side>, Problem> {
        let rule = self.rule;
        if let (Some(name), []) = (&rule.upstream, &rule.split[..]) {
            return Ok(vec![Side {
                upstream: self.upstream(name)?,
                weight: AtomicU32::new(1),
                when: None,
            }]);
        }
        if rule.upstream.is_some() || rule.split.is_empty() || rule.split.len() > 64 {
            return Err(self.wrong(
                &rule.name,
                "a route has either `upstream` or a `split` of at most 64 sides",
            ));
        }
        let mut sides = Vec::new();
        for (place, split) in rule.split.iter().enumerate() {
            let when = split
                .when_header
                .as_ref()
                .map(|text| when(text.get_ref()).map_err(|why| self.wrong(text, why)));
            // A weight that was changed while it ran stays while the file says the same.
            let live = same
                .and_then(|old| old.sides.get(place))
                .map(|side| side.weight.load(Ordering::Relaxed));
            sides.push(Side {
                upstream: self.upstream(&split.upstream)?,
                weight: AtomicU32::new(live.unwrap_or(split.weight)),
                when: when.transpose()?,
            });
        }
        if sides
            .iter()
            .all(|side| side.weight.load(Ordering::Relaxed) == 0)
        {
            return Err(self.wrong(&rule.name, "one side of the split needs a weight above 0"));
        }
        Ok(sides)
    }

    fn steps(&self) -> Result<Vec<Step>, Problem> {
        let mut steps = Vec::new();
        for step in &self.rule.steps {
            let path =
                PathRule::read(step.path.get_ref()).map_err(|why| self.wrong(&step.path, why))?;
            if matches!(path, PathRule::Template(_)) {
                return Err(self.wrong(&step.path, "a step is a prefix or an exact path"));
            }
            steps.push(Step {
                path,
                upstream: self.upstream(&step.upstream)?,
                share: self.percent(step.percent)?,
            });
        }
        steps.sort_by_key(|step| match &step.path {
            PathRule::Prefix(path) => std::cmp::Reverse(path.len()),
            _ => std::cmp::Reverse(usize::MAX),
        });
        Ok(steps)
    }

    fn mirror(&self) -> Result<Option<Mirror>, Problem> {
        let Some(mirror) = &self.rule.mirror else {
            return Ok(None);
        };
        Ok(Some(Mirror {
            upstream: self.upstream(&mirror.upstream)?,
            share: self.percent(mirror.percent)?,
            compare: mirror.compare,
        }))
    }

    fn need(&self) -> Result<Option<Need>, Problem> {
        let rule = self.rule;
        if rule.auth.is_empty() {
            if !rule.scopes.is_empty() || !rule.issuers.is_empty() {
                return Err(self.wrong(&rule.name, "`scopes` and `issuers` need `auth`"));
            }
            return Ok(None);
        }
        Ok(Some(Need {
            route: rule.name.get_ref().clone(),
            team: rule.team.clone(),
            methods: rule.auth.clone(),
            issuers: rule.issuers.clone(),
            scopes: rule.scopes.clone(),
        }))
    }

    fn limited(&self) -> Result<bool, Problem> {
        let limits = &self.rule.limits;
        for text in [&limits.per_address, &limits.per_route]
            .into_iter()
            .flatten()
        {
            if let Some(why) = self
                .context
                .limit
                .check_rule(self.rule.name.get_ref(), text.get_ref())
            {
                return Err(self.wrong(text, why));
            }
        }
        if let Some(plan) = &self.rule.plan
            && let Some(why) = self.context.limit.check_plan(plan)
        {
            return Err(self.wrong(&self.rule.name, why));
        }
        Ok(limits.per_address.is_some()
            || limits.per_route.is_some()
            || self.rule.plan.is_some()
            || !self.rule.auth.is_empty())
    }

    fn percent(&self, percent: f64) -> Result<u64, Problem> {
        self.share(percent, 100.0)
            .map(|percent| (percent * 100.0).round() as u64)
    }

    fn share(&self, share: f64, most: f64) -> Result<f64, Problem> {
        if (0.0..=most).contains(&share) {
            Ok(share)
        } else {
            Err(self.wrong(&self.rule.name, format!("{share} is not from 0 to {most}")))
        }
    }
}

fn header(name: &str, value: &str) -> Result<(HeaderName, HeaderValue), String> {
    let parsed = HeaderName::from_bytes(name.as_bytes())
        .map_err(|_| format!("`{name}` is not a header name"))?;
    let value = HeaderValue::try_from(value)
        .map_err(|_| format!("the value of `{name}` is not a header value"))?;
    Ok((parsed, value))
}

fn when(text: &str) -> Result<(HeaderName, Option<HeaderValue>), String> {
    match text.split_once(':') {
        Some((name, value)) => {
            header(name.trim(), value.trim()).map(|(name, value)| (name, Some(value)))
        }
        None => header(text.trim(), "").map(|(name, _)| (name, None)),
    }
}
