//! What was taken and what was refused, counted since the start.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use serde::Serialize;

/// How something came in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    /// CloudEvents over HTTP, one by one or in batches.
    CloudEvents,
    /// Lines of JSON.
    Ndjson,
    /// OTLP log records.
    OtlpLogs,
    /// OTLP metric points.
    OtlpMetrics,
    /// OTLP spans.
    OtlpTraces,
    /// Prometheus remote write, either version.
    Prometheus,
    /// The platform's own events, logs and spans.
    Platform,
}

const PROTOCOLS: [Protocol; 7] = [
    Protocol::CloudEvents,
    Protocol::Ndjson,
    Protocol::OtlpLogs,
    Protocol::OtlpMetrics,
    Protocol::OtlpTraces,
    Protocol::Prometheus,
    Protocol::Platform,
];

impl Protocol {
    /// Its name in statistics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudEvents => "cloudevents",
            Self::Ndjson => "ndjson",
            Self::OtlpLogs => "otlp_logs",
            Self::OtlpMetrics => "otlp_metrics",
            Self::OtlpTraces => "otlp_traces",
            Self::Prometheus => "prometheus",
            Self::Platform => "platform",
        }
    }

    /// Its name in the table `dead_letters`.
    #[must_use]
    pub const fn family(self) -> &'static str {
        match self {
            Self::OtlpLogs | Self::OtlpMetrics | Self::OtlpTraces => "otlp",
            other => other.name(),
        }
    }
}

/// Counters that every request writes to.
#[derive(Debug, Default)]
pub(crate) struct IngestStats {
    accepted: [AtomicU64; PROTOCOLS.len()],
    duplicates: AtomicU64,
    dead_letters: AtomicU64,
    refused: Mutex<BTreeMap<&'static str, u64>>,
}

/// What was counted up to one moment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct IngestSnapshot {
    /// Events, log records, spans and points that were taken, by protocol.
    pub accepted_total: BTreeMap<&'static str, u64>,
    /// Events, log records, spans and points that were refused, by error code; a request refused as a whole counts once.
    pub refused_total: BTreeMap<&'static str, u64>,
    /// Events that came again and were dropped.
    pub duplicates_total: u64,
    /// Refused events that were kept in `dead_letters`.
    pub dead_letters_total: u64,
}

impl IngestStats {
    pub(crate) fn accept(&self, protocol: Protocol, events: u64) {
        self.accepted[protocol as usize].fetch_add(events, Ordering::Relaxed);
    }

    pub(crate) fn duplicate(&self, events: u64) {
        self.duplicates.fetch_add(events, Ordering::Relaxed);
    }

    pub(crate) fn refuse(&self, code: &'static str, events: u64) {
        let mut refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        *refused.entry(code).or_default() += events;
    }

    pub(crate) fn keep_dead_letters(&self, letters: u64) {
        self.dead_letters.fetch_add(letters, Ordering::Relaxed);
    }

    pub(crate) fn snapshot(&self) -> IngestSnapshot {
        let accepted =
            |protocol: Protocol| self.accepted[protocol as usize].load(Ordering::Relaxed);
        IngestSnapshot {
            accepted_total: PROTOCOLS
                .iter()
                .map(|protocol| (protocol.name(), accepted(*protocol)))
                .collect(),
            refused_total: self
                .refused
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone(),
            duplicates_total: self.duplicates.load(Ordering::Relaxed),
            dead_letters_total: self.dead_letters.load(Ordering::Relaxed),
        }
    }
}
