//! Finds the route of a request.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use http::{HeaderMap, Method};

use super::path::Part;
use super::{PathRule, Route};
use crate::upstream::Upstream;

/// All routes and upstreams of one moment.
#[derive(Debug, Default)]
pub(crate) struct Table {
    pub(crate) generation: u64,
    pub(crate) routes: Vec<Arc<Route>>,
    pub(crate) upstreams: BTreeMap<String, Arc<Upstream>>,
    hosts: HashMap<String, Paths>,
    /// By what follows the first `*`: `.example.com`.
    wildcards: HashMap<String, Paths>,
    any: Paths,
}

/// The routes of one host.
#[derive(Debug, Default)]
struct Paths {
    exact: HashMap<String, Vec<Arc<Route>>>,
    templates: Node,
    prefixes: HashMap<String, Vec<Arc<Route>>>,
    /// The most segments of a prefix, so that a long path costs no more than that.
    deepest: usize,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    any: Option<Box<Node>>,
    here: Vec<Arc<Route>>,
}

/// What was found.
#[derive(Debug)]
pub(crate) enum Found<'a> {
    /// The route.
    Route(&'a Arc<Route>),
    /// The path has routes, but none for this method; the methods that they take.
    Method(Vec<Method>),
    /// Nothing.
    Nothing,
}

struct Asked<'a> {
    path: &'a str,
    method: &'a Method,
    headers: &'a HeaderMap,
    others: Vec<Method>,
}

impl<'a> Asked<'a> {
    /// The first route of a place that takes the request; remembers methods that would have been taken.
    fn among<'t>(&mut self, routes: &'t [Arc<Route>]) -> Option<&'t Arc<Route>> {
        for route in routes {
            if !route.takes_headers(self.headers) {
                continue;
            }
            if route.takes_method(self.method) {
                return Some(route);
            }
            self.others.extend(route.methods.iter().cloned());
        }
        None
    }
}

impl Table {
    /// A table without routes.
    pub(crate) fn new(generation: u64) -> Self {
        Self {
            generation,
            ..Self::default()
        }
    }

    /// Puts the route into the places that its hosts name.
    pub(crate) fn insert(&mut self, route: &Arc<Route>) {
        if route.rule.hosts.is_empty() {
            self.any.insert(route);
        }
        for host in &route.rule.hosts {
            let host = host.get_ref().to_ascii_lowercase();
            let paths = match host.strip_prefix('*') {
                Some(suffix) => self.wildcards.entry(suffix.into()).or_default(),
                None => self.hosts.entry(host).or_default(),
            };
            paths.insert(route);
        }
        self.routes.push(Arc::clone(route));
    }

    /// Finds the route: an exact host before a wildcard before any host; there, an exact path before a template before the longest prefix.
    pub(crate) fn find(
        &self,
        host: &str,
        path: &str,
        method: &Method,
        headers: &HeaderMap,
    ) -> Found<'_> {
        let mut asked = Asked {
            path,
            method,
            headers,
            others: Vec::new(),
        };
        let exact = self
            .hosts
            .get(host)
            .and_then(|paths| paths.find(&mut asked));
        let found = exact
            .or_else(|| self.wildcard(host, &mut asked))
            .or_else(|| self.any.find(&mut asked));
        match found {
            Some(route) => Found::Route(route),
            None if asked.others.is_empty() => Found::Nothing,
            None => {
                asked
                    .others
                    .sort_by(|left, right| left.as_str().cmp(right.as_str()));
                asked.others.dedup();
                Found::Method(asked.others)
            }
        }
    }

    fn wildcard(&self, host: &str, asked: &mut Asked<'_>) -> Option<&Arc<Route>> {
        if self.wildcards.is_empty() {
            return None;
        }
        let dots = host.match_indices('.').map(|(at, _)| &host[at..]);
        dots.take(16)
            .find_map(|suffix| self.wildcards.get(suffix)?.find(asked))
    }
}

impl Paths {
    fn insert(&mut self, route: &Arc<Route>) {
        let place = match &route.path {
            PathRule::Exact(path) => self.exact.entry(path.clone()).or_default(),
            PathRule::Prefix(prefix) => {
                self.deepest = self.deepest.max(prefix.matches('/').count());
                self.prefixes.entry(prefix.clone()).or_default()
            }
            PathRule::Template(parts) => {
                let mut node = &mut self.templates;
                for part in parts {
                    node = match part {
                        Part::Literal(text) => node.literals.entry(text.clone()).or_default(),
                        Part::Any => node.any.get_or_insert_default(),
                    };
                }
                &mut node.here
            }
        };
        place.push(Arc::clone(route));
        // Who asks for more headers is asked first.
        place.sort_by_key(|route| std::cmp::Reverse(route.headers.len()));
    }

    fn find(&self, asked: &mut Asked<'_>) -> Option<&Arc<Route>> {
        if let Some(route) = self
            .exact
            .get(asked.path)
            .and_then(|routes| asked.among(routes))
        {
            return Some(route);
        }
        let path = asked.path;
        if let Some(route) = self.templates.find(&path[1..], asked) {
            return Some(route);
        }
        let ends = path
            .match_indices('/')
            .map(|(at, _)| at)
            .skip(1)
            .chain([path.len()]);
        let ends: smallvec::Ends = ends.take(self.deepest).collect();
        let longest = ends
            .iter()
            .rev()
            .find_map(|end| asked.among(self.prefixes.get(&path[..end])?));
        longest.or_else(|| asked.among(self.prefixes.get("")?))
    }
}

impl Node {
    fn find(&self, path: &str, asked: &mut Asked<'_>) -> Option<&Arc<Route>> {
        let (segment, rest) = match path.split_once('/') {
            Some((segment, rest)) => (segment, Some(rest)),
            None => (path, None),
        };
        let any = self.any.as_deref().filter(|_| !segment.is_empty());
        [self.literals.get(segment), any]
            .into_iter()
            .flatten()
            .find_map(|node| match rest {
                Some(rest) => node.find(rest, asked),
                None => asked.among(&node.here),
            })
    }
}

/// The ends of the first segments, without an allocation for ordinary depths.
mod smallvec {
    const MOST: usize = 32;

    pub(super) struct Ends {
        ends: [u16; MOST],
        count: usize,
    }

    impl FromIterator<usize> for Ends {
        fn from_iter<I: IntoIterator<Item = usize>>(ends: I) -> Self {
            let mut all = Self {
                ends: [0; MOST],
                count: 0,
            };
            for end in ends.into_iter().take(MOST) {
                all.ends[all.count] = u16::try_from(end).unwrap_or(u16::MAX);
                all.count += 1;
            }
            all
        }
    }

    impl Ends {
        pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = usize> {
            self.ends[..self.count].iter().map(|&end| usize::from(end))
        }
    }
}
