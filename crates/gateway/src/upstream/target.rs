//! One target: its state, and the requests under way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, AtomicU32, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use http::HeaderValue;

use super::pool::Pool;

/// How a target is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TargetState {
    /// Nothing is known yet.
    Unknown,
    /// It answers.
    Healthy,
    /// Its health checks fail.
    Unhealthy,
    /// It failed too often and gets a rest.
    Open,
}

/// One place where an upstream is served.
#[derive(Debug)]
pub(crate) struct Target {
    /// As the file writes it.
    pub(crate) url: String,
    /// The host without its port.
    pub(crate) host: String,
    pub(crate) port: u16,
    /// The value of `Host` for requests that keep none.
    pub(crate) authority: HeaderValue,
    pub(crate) release: Option<String>,
    pub(crate) weight: AtomicU32,
    pub(crate) pool: Pool,
    in_flight: AtomicU32,
    health: AtomicU8,
    failures: AtomicU32,
    /// Milliseconds since `born` until which the breaker is open; 0 where it is closed.
    open_until: AtomicU64,
    probing: AtomicBool,
    born: Instant,
    most: u32,
    allowed_failures: u32,
    rest: Duration,
}

/// What a target is made of.
#[derive(Debug)]
pub(crate) struct TargetParts {
    pub(crate) url: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) authority: HeaderValue,
    pub(crate) release: Option<String>,
    pub(crate) weight: u32,
    pub(crate) most: u32,
    pub(crate) failures: u32,
    pub(crate) rest: Duration,
}

impl Target {
    /// Whether it is what `parts` make, but for the weight.
    pub(crate) fn is_of(&self, parts: &TargetParts) -> bool {
        self.url == parts.url
            && self.release == parts.release
            && self.most == parts.most
            && self.allowed_failures == parts.failures
            && self.rest == parts.rest
    }

    pub(crate) fn new(parts: TargetParts, workers: usize) -> Self {
        Self {
            url: parts.url,
            host: parts.host,
            port: parts.port,
            authority: parts.authority,
            release: parts.release,
            weight: AtomicU32::new(parts.weight),
            pool: Pool::new(workers),
            in_flight: AtomicU32::new(0),
            health: AtomicU8::new(0),
            failures: AtomicU32::new(0),
            open_until: AtomicU64::new(0),
            probing: AtomicBool::new(false),
            born: Instant::now(),
            most: parts.most,
            allowed_failures: parts.failures,
            rest: parts.rest,
        }
    }

    fn elapsed(&self) -> u64 {
        u64::try_from(self.born.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether it may get a request now.
    pub(crate) fn is_usable(&self) -> bool {
        if self.health.load(Ordering::Relaxed) == 2
            || self.in_flight.load(Ordering::Relaxed) >= self.most
        {
            return false;
        }
        match self.open_until.load(Ordering::Relaxed) {
            0 => true,
            until => until <= self.elapsed() && !self.probing.load(Ordering::Relaxed),
        }
    }

    /// Takes a place for one request; nothing where the breaker or the limit came first.
    pub(crate) fn enter(self: &Arc<Self>) -> Option<InFlight> {
        let probe = self.open_until.load(Ordering::Relaxed) != 0;
        if probe && self.probing.swap(true, Ordering::AcqRel) {
            return None;
        }
        if self.in_flight.fetch_add(1, Ordering::Relaxed) >= self.most {
            self.in_flight.fetch_sub(1, Ordering::Relaxed);
            if probe {
                self.probing.store(false, Ordering::Release);
            }
            return None;
        }
        Some(InFlight {
            target: Arc::clone(self),
            probe,
        })
    }

    /// A request was answered.
    pub(crate) fn succeeded(&self) {
        if self.failures.load(Ordering::Relaxed) != 0 {
            self.failures.store(0, Ordering::Relaxed);
        }
        if self.open_until.load(Ordering::Relaxed) != 0 {
            self.open_until.store(0, Ordering::Relaxed);
        }
    }

    /// A request failed at the target.
    pub(crate) fn failed(&self) {
        let failures = self
            .failures
            .fetch_add(1, Ordering::Relaxed)
            .saturating_add(1);
        if failures >= self.allowed_failures {
            let rest = u64::try_from(self.rest.as_millis()).unwrap_or(u64::MAX);
            self.open_until.store(
                self.elapsed().saturating_add(rest).max(1),
                Ordering::Relaxed,
            );
        }
    }

    /// Tells the outcome of health checks.
    pub(crate) fn set_healthy(&self, healthy: bool) {
        self.health
            .store(if healthy { 1 } else { 2 }, Ordering::Relaxed);
    }

    /// How it is now.
    pub(crate) fn state(&self) -> TargetState {
        let open = self.open_until.load(Ordering::Relaxed);
        match self.health.load(Ordering::Relaxed) {
            2 => TargetState::Unhealthy,
            _ if open > self.elapsed() => TargetState::Open,
            1 => TargetState::Healthy,
            _ => TargetState::Unknown,
        }
    }

    /// Requests under way.
    pub(crate) fn in_flight(&self) -> u32 {
        self.in_flight.load(Ordering::Relaxed)
    }
}

/// The place of one request at a target, given back when it is dropped.
#[derive(Debug)]
pub(crate) struct InFlight {
    pub(crate) target: Arc<Target>,
    probe: bool,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        self.target.in_flight.fetch_sub(1, Ordering::Relaxed);
        if self.probe {
            self.target.probing.store(false, Ordering::Release);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(rest: Duration) -> Arc<Target> {
        Arc::new(Target::new(
            TargetParts {
                url: "http://a".into(),
                host: "a".into(),
                port: 80,
                authority: HeaderValue::from_static("a"),
                release: None,
                weight: 1,
                most: 2,
                failures: 3,
                rest,
            },
            1,
        ))
    }

    #[test]
    fn the_breaker_opens_and_lets_one_request_try() {
        let target = target(Duration::ZERO);
        for _ in 0..3 {
            assert!(target.is_usable());
            target.failed();
        }
        while !target.is_usable() {
            std::thread::yield_now();
        }
        let probe = target.enter().unwrap();
        assert!(!target.is_usable() && target.enter().is_none());
        drop(probe);
        let probe = target.enter().unwrap();
        target.succeeded();
        drop(probe);
        assert!(target.is_usable() && target.enter().is_some());
    }

    #[test]
    fn an_open_breaker_rests() {
        let target = target(Duration::from_secs(60));
        (0..3).for_each(|_| target.failed());
        assert!(!target.is_usable());
        assert_eq!(target.state(), TargetState::Open);
    }

    #[test]
    fn the_limit_holds() {
        let target = target(Duration::ZERO);
        let first = target.enter().unwrap();
        let _second = target.enter().unwrap();
        assert!(target.enter().is_none() && !target.is_usable());
        drop(first);
        assert!(target.enter().is_some());
    }
}
