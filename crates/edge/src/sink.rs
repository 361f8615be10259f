//! Where the events of requests go, and what the portal learns from them.

use std::sync::Arc;

use bytes::Bytes;
use serde::Deserialize;
use trunkline_contract::Seen;
use trunkline_gateway::RequestSink;
use trunkline_model::{Timestamp, catalogue};
use trunkline_portal::Portal;

use crate::Lines;

/// Requests of one batch that are learnt from: a busy route shows its endpoints soon enough.
const LEARNT: usize = 64;

/// Takes events to the log.
#[derive(Debug)]
pub(crate) struct IntoRequests {
    pub(crate) requests: Arc<Lines>,
    pub(crate) others: Vec<(&'static str, Arc<Lines>)>,
    pub(crate) portal: Arc<Portal>,
}

/// What is learnt from.
#[derive(Deserialize)]
struct Request<'a> {
    #[serde(borrow)]
    service: Option<&'a str>,
    #[serde(borrow)]
    method: Option<&'a str>,
    path: Option<std::borrow::Cow<'a, str>>,
    service_path: Option<std::borrow::Cow<'a, str>>,
    status: Option<u16>,
    time: Option<Timestamp>,
    refusal: Option<serde::de::IgnoredAny>,
}

impl RequestSink for IntoRequests {
    fn take(&self, kind: &'static str, lines: Bytes) {
        if kind == catalogue::GATEWAY_REQUEST {
            self.requests.push_lines(&lines);
            self.learn(&lines);
        } else if let Some((_, into)) = self.others.iter().find(|(known, _)| *known == kind) {
            into.push_lines(&lines);
        }
    }
}

impl IntoRequests {
    fn learn(&self, lines: &[u8]) {
        for line in lines.split(|byte| *byte == b'\n').take(LEARNT) {
            let Ok(request) = serde_json::from_slice::<Request<'_>>(line) else {
                continue;
            };
            let (Some(service), Some(method), Some(path), Some(status), None) = (
                request.service,
                request.method,
                request.service_path.or(request.path),
                request.status,
                request.refusal,
            ) else {
                continue;
            };
            let seen = Seen {
                method,
                path: &path,
                query_keys: &[],
                request: None,
                status,
                response: None,
                at: request.time.unwrap_or_default(),
            };
            self.portal.observe(service, &seen);
        }
    }
}
