//! The gateway's routes: those of the team's files, and one for each service that runs here.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use trunkline_gateway::{Gateway, Problem, RouteFile};
use trunkline_project::service::Route;
use trunkline_run::{RouteTarget, Routes};

/// All that the gateway has routes of.
#[derive(Debug)]
pub struct RouteFiles {
    gateway: Arc<Gateway>,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    workspace: Vec<RouteFile>,
    services: BTreeMap<String, Served>,
}

/// A service with routes.
#[derive(Debug)]
struct Served {
    route: Route,
    targets: Vec<RouteTarget>,
    /// Its file as the gateway has it. Weights have changed since, and are the upstream's own as long as the file is the same.
    text: String,
}

impl RouteFiles {
    /// The routes of `gateway`.
    #[must_use]
    pub fn new(gateway: Arc<Gateway>) -> Self {
        Self {
            gateway,
            state: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes the team's files in place of those before, and says what is wrong with them.
    pub fn set_workspace(&self, files: Vec<RouteFile>) -> Vec<Problem> {
        let mut state = self.lock();
        state.workspace = files;
        self.apply(&state)
    }

    fn apply(&self, state: &State) -> Vec<Problem> {
        let mut all = state.workspace.clone();
        for (service, served) in &state.services {
            all.push(RouteFile {
                name: file_of(service),
                text: served.text.clone(),
            });
        }
        self.gateway.apply(&all)
    }
}

impl Routes for RouteFiles {
    fn set(&self, service: &str, route: &Route, targets: &[RouteTarget]) -> Result<(), String> {
        let mut state = self.lock();
        if let Some(known) = state.services.get_mut(service)
            && known.route == *route
            && same_places(&known.targets, targets)
        {
            let weights = targets.iter().map(|one| (url(one.port), one.weight));
            match self.gateway.set_weights(&name(service), &weights.collect()) {
                Ok(()) => {
                    known.targets = targets.to_vec();
                    return Ok(());
                }
                Err(error) => {
                    tracing::warn!(service, %error, "the shares of a service are set anew");
                }
            }
        }
        let served = Served {
            route: route.clone(),
            targets: targets.to_vec(),
            text: text(service, route, targets),
        };
        let before = state.services.insert(service.to_owned(), served);
        let own = file_of(service);
        let problems = self.apply(&state).into_iter();
        let Some(problem) = problems.into_iter().find(|problem| problem.file == own) else {
            return Ok(());
        };
        // The gateway goes on by what it had, and so does this.
        match before {
            Some(before) => drop(state.services.insert(service.to_owned(), before)),
            None => drop(state.services.remove(service)),
        }
        let _as_before = self.apply(&state);
        Err(problem.text)
    }

    fn remove(&self, service: &str) {
        let mut state = self.lock();
        if state.services.remove(service).is_some() {
            // What is wrong with other files was told when they came.
            let _known = self.apply(&state);
        }
    }

    fn in_flight(&self, service: &str, port: u16) -> u32 {
        self.gateway.in_flight(&name(service), &url(port))
    }
}

fn same_places(known: &[RouteTarget], new: &[RouteTarget]) -> bool {
    let place = |target: &RouteTarget| (target.port, target.release.clone());
    let places: HashMap<_, _> = known.iter().map(place).collect();
    places.len() == new.len()
        && new
            .iter()
            .all(|one| places.get(&one.port) == Some(&one.release))
}

fn file_of(service: &str) -> String {
    format!("services/{service}.toml")
}

fn name(service: &str) -> String {
    format!("service-{service}")
}

fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// The route file of a service.
fn text(service: &str, route: &Route, targets: &[RouteTarget]) -> String {
    use toml::Value;
    let text = |value: &str| Value::String(value.to_owned());
    let table = |pairs: Vec<(&str, Value)>| {
        let pairs = pairs
            .into_iter()
            .map(|(key, value)| (key.to_owned(), value));
        Value::Table(pairs.collect())
    };
    let targets = targets.iter().map(|one| {
        table(vec![
            ("url", text(&url(one.port))),
            ("weight", Value::Integer(one.weight.into())),
            ("release", text(&one.release)),
        ])
    });
    let retries = table(vec![
        ("attempts", Value::Integer(2)),
        ("on", Value::Array(vec![text("connect")])),
    ]);
    let upstream = table(vec![
        ("name", text(&name(service))),
        ("targets", Value::Array(targets.collect())),
        (
            "allow_private_addresses",
            Value::Array(vec![text("127.0.0.0/8")]),
        ),
        ("retries", retries),
    ]);
    let path = route.path.as_deref().unwrap_or("/");
    let mut rule = vec![
        ("name", text(&name(service))),
        ("service", text(service)),
        ("path", text(path)),
        ("upstream", text(&name(service))),
        ("websocket", Value::Boolean(true)),
    ];
    if let Some(host) = &route.host {
        rule.push(("hosts", Value::Array(vec![text(host)])));
    }
    if route.strip && path != "/" {
        rule.push(("strip_prefix", text(path.trim_end_matches('/'))));
    }
    if !route.auth.is_empty() {
        let auth = route.auth.iter().map(|one| text(one));
        rule.push(("auth", Value::Array(auth.collect())));
    }
    let file = table(vec![
        ("upstream", Value::Array(vec![upstream])),
        ("route", Value::Array(vec![table(rule)])),
    ]);
    // A table of texts and numbers can always be written.
    toml::to_string(&file).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use trunkline_gateway::{GatewayConfig, Ports};
    use trunkline_model::{ManualClock, SeededIds, Timestamp};

    use super::*;

    fn target(port: u16, release: &str, weight: u32) -> RouteTarget {
        RouteTarget {
            port,
            release: release.to_owned(),
            weight,
        }
    }

    fn weights(files: &RouteFiles) -> Vec<(String, u32)> {
        let view = files.gateway.view();
        let targets = view.upstreams.iter().flat_map(|upstream| &upstream.targets);
        targets
            .map(|target| (target.url.clone(), target.weight))
            .collect()
    }

    #[test]
    fn shares_change_without_a_new_table_and_outlive_one() {
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(0)));
        let ids = Arc::new(SeededIds::new(1));
        let gateway = Gateway::new(GatewayConfig::default(), Ports::default(), clock, ids).unwrap();
        let files = RouteFiles::new(Arc::new(gateway));
        let route = Route {
            path: Some("/shop".to_owned()),
            strip: true,
            auth: vec!["none".to_owned()],
            ..Route::default()
        };
        files
            .set("shop", &route, &[target(1_001, "one", 10_000)])
            .unwrap();
        assert!(
            files.gateway.view().problems.is_empty(),
            "{:?}",
            files.gateway.view().problems
        );
        let both = |one, two| [target(1_001, "one", one), target(1_002, "two", two)];
        files.set("shop", &route, &both(9_500, 500)).unwrap();
        let generation = files.gateway.view().generation;
        files.set("shop", &route, &both(0, 10_000)).unwrap();
        assert_eq!(files.gateway.view().generation, generation);
        let expected = [(url(1_001), 0), (url(1_002), 10_000)];
        assert_eq!(weights(&files), expected);
        assert!(files.set_workspace(Vec::new()).is_empty());
        assert_eq!(weights(&files), expected);
        let wrong = Route {
            auth: vec!["magic".to_owned()],
            ..route.clone()
        };
        assert!(files.set("shop", &wrong, &both(10_000, 0)).is_err());
        assert_eq!(weights(&files), expected);
        files.remove("shop");
        assert!(files.gateway.view().routes.is_empty());
    }
}
