//! What is known of one request.

use std::net::IpAddr;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Instant;

use http::{HeaderValue, Method};
use trunkline_model::Timestamp;

use super::write::Object;
use crate::port::Admitted;
use crate::proxy::{Connection, Passage, Trace};
use crate::table::{PathRule, Route};
use crate::upstream::{Target, Upstream};
use crate::worker::Worker;

/// The most bytes of a path or a user agent in an event.
const MOST_TEXT: usize = 512;

/// The status of a request whose client went away before the answer.
const CLIENT_GONE: u16 = 499;

/// What is known of one request; becomes an event when it is finished or dropped.
#[derive(Debug)]
pub(crate) struct Record {
    pub(crate) worker: Arc<Worker>,
    connection: Arc<Connection>,
    started: Instant,
    time: Timestamp,
    pub(crate) client: IpAddr,
    pub(crate) method: Method,
    pub(crate) path: String,
    /// The path as the service gets it, where the route writes it anew.
    pub(crate) rewritten: Option<String>,
    /// What is spoken on top of the connection's own protocol.
    pub(crate) protocol: Option<&'static str>,
    pub(crate) user_agent: Option<HeaderValue>,
    pub(crate) route: Option<Arc<Route>>,
    pub(crate) upstream: Option<Arc<Upstream>>,
    pub(crate) target: Option<Arc<Target>>,
    pub(crate) admitted: Option<Arc<Admitted>>,
    pub(crate) plan: Option<String>,
    pub(crate) permit: Option<Box<dyn std::any::Any + Send + Sync>>,
    pub(crate) trace: Option<Trace>,
    pub(crate) passage: Option<Arc<Passage>>,
    pub(crate) status: u16,
    pub(crate) refusal: Option<&'static str>,
    pub(crate) bytes_in: u64,
    pub(crate) bytes_out: u64,
    pub(crate) retries: u32,
    pub(crate) mirrored: bool,
    /// When the first try at an upstream began, and when its answer was there.
    pub(crate) sent: Option<Instant>,
    pub(crate) answered: Option<Instant>,
    finished: bool,
}

impl Record {
    pub(crate) fn new(connection: &Arc<Connection>, method: Method) -> Self {
        connection.state.begin();
        let worker = Arc::clone(&connection.worker);
        Self {
            time: worker.core.clock.now(),
            worker,
            started: Instant::now(),
            client: connection.peer,
            connection: Arc::clone(connection),
            method,
            path: String::new(),
            rewritten: None,
            protocol: None,
            user_agent: None,
            route: None,
            upstream: None,
            target: None,
            admitted: None,
            plan: None,
            permit: None,
            trace: None,
            passage: None,
            status: CLIENT_GONE,
            refusal: None,
            bytes_in: 0,
            bytes_out: 0,
            retries: 0,
            mirrored: false,
            sent: None,
            answered: None,
            finished: false,
        }
    }

    /// When the request came.
    pub(crate) const fn time(&self) -> Timestamp {
        self.time
    }

    /// The path as the service gets it, in whose words its document is.
    pub(crate) fn service_path(&self) -> &str {
        self.rewritten.as_deref().unwrap_or(&self.path)
    }

    /// What the connection knows of its client.
    pub(crate) fn connection_state(&self) -> &trunkline_scrutiny::ConnectionState {
        &self.connection.state
    }

    /// The upstream's answer broke off.
    pub(crate) fn broke(&mut self) {
        self.refusal = Some(trunkline_model::code::GATEWAY_UPSTREAM_FAILED.code);
    }

    /// Counts the bytes of a tunnel.
    pub(crate) const fn add_bytes(&mut self, up: u64, down: u64) {
        self.bytes_in += up;
        self.bytes_out += down;
    }

    /// Counts the request and writes its event, once.
    pub(crate) fn finish(&mut self) {
        if std::mem::replace(&mut self.finished, true) {
            return;
        }
        self.connection.state.end();
        self.permit = None;
        let total = micros(self.started, Instant::now());
        let refused = self.sent.is_none() && self.refusal.is_some();
        let mut sample = 1.0;
        if let Some(route) = &self.route {
            route.stats.count(total, self.status >= 500, refused);
            sample = route.sample;
        }
        let mut skipped = 0;
        if let (true, Some(code)) = (refused, self.refusal) {
            match self
                .worker
                .refusal(self.client, code, self.time.as_micros() / 1_000_000)
            {
                Some(count) => skipped = count,
                None => return,
            }
        } else if sample < 1.0
            && (self.worker.chance() >> 11) as f64 >= sample * (1_u64 << 53) as f64
        {
            return;
        }
        let worker = Arc::clone(&self.worker);
        worker.lines.write(&*worker.core.ports.sink, |out| {
            self.write(out, total, skipped);
        });
    }

    fn write(&self, out: &mut Vec<u8>, total: u64, skipped: u64) {
        let mut object = Object::new(out);
        object.display("time", self.time);
        if let Some(route) = &self.route {
            object.text("route", &route.name);
            object.text_if("team", route.rule.team.as_deref());
            object.text_if("service", route.service());
        }
        if let Some(upstream) = &self.upstream {
            object.text("upstream", &upstream.name);
        }
        object.text_if(
            "release",
            self.target
                .as_ref()
                .and_then(|target| target.release.as_deref()),
        );
        object.text("method", self.method.as_str());
        object.text("path", self.event_path());
        object.text_if("service_path", self.rewritten.as_deref().map(cut));
        object.number("status", self.status.into());
        object.text(
            "auth",
            self.admitted
                .as_ref()
                .map_or("none", |admitted| admitted.method),
        );
        if let Some(admitted) = &self.admitted {
            object.text("principal", &admitted.principal);
            object.text_if("key", admitted.key.as_deref());
        }
        object.text_if("plan", self.plan.as_deref());
        object.text_if("refusal", self.refusal);
        object.display("client", self.client);
        if let Some(trace) = &self.trace {
            object.text("trace_id", trace.trace_id());
            object.text("span_id", trace.span_id());
        }
        let passed = self
            .passage
            .as_ref()
            .map_or(0, |passage| passage.bytes.load(Ordering::Relaxed));
        object.number("bytes_in", self.bytes_in + passed);
        object.number("bytes_out", self.bytes_out);
        object.number("total_us", total);
        object.number(
            "wait_us",
            self.sent.map_or(total, |sent| micros(self.started, sent)),
        );
        if let (Some(sent), Some(answered)) = (self.sent, self.answered) {
            object.number("upstream_us", micros(sent, answered));
        }
        object.number("retries", self.retries.into());
        object.text(
            "protocol",
            self.protocol.unwrap_or(self.connection.protocol),
        );
        if self.mirrored {
            let mirror = self.route.as_ref().and_then(|route| route.mirror.as_ref());
            object.text_if("mirror", mirror.map(|mirror| mirror.upstream.name.as_str()));
        }
        object.text_if(
            "user_agent",
            self.user_agent
                .as_ref()
                .and_then(|value| value.to_str().ok())
                .map(cut),
        );
        if skipped > 0 {
            object.number("repeated", skipped);
        }
        object.end();
    }

    /// The template where the route is one, so that ids do not spread over the table.
    fn event_path(&self) -> &str {
        match &self.route {
            Some(route) if matches!(route.path, PathRule::Template(_)) => route.rule.path.get_ref(),
            _ => cut(&self.path),
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        self.finish();
    }
}

fn micros(from: Instant, to: Instant) -> u64 {
    u64::try_from(to.saturating_duration_since(from).as_micros()).unwrap_or(u64::MAX)
}

fn cut(text: &str) -> &str {
    let mut end = text.len().min(MOST_TEXT);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    &text[..end]
}
