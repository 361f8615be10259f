//! Where the events of requests go.

use std::sync::Arc;

use bytes::Bytes;
use trunkline_gateway::RequestSink;
use trunkline_model::catalogue;

use crate::Lines;

/// Takes events to the log.
#[derive(Debug)]
pub(crate) struct IntoRequests {
    pub(crate) requests: Arc<Lines>,
    pub(crate) others: Vec<(&'static str, Arc<Lines>)>,
}

impl RequestSink for IntoRequests {
    fn take(&self, kind: &'static str, lines: Bytes) {
        if kind == catalogue::GATEWAY_REQUEST {
            self.requests.push_lines(&lines);
        } else if let Some((_, into)) = self.others.iter().find(|(known, _)| *known == kind) {
            into.push_lines(&lines);
        }
    }
}
