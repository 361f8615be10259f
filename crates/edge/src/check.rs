//! Whether requests keep to what their service promises.

use std::sync::Arc;

use http::Method;
use http::header::CONTENT_TYPE;
use trunkline_contract::{Contract, Violation};
use trunkline_gateway::{AnswerAsk, Check, CheckAsk};
use trunkline_model::Clock;
use trunkline_portal::Portal;

use crate::learn::{LEARNT_BODY, Learning, learn};

/// The most bytes of a body that is checked.
const LARGEST_BODY: usize = 1 << 20;

/// The contracts of the portal's documents, and what it learns.
#[derive(Debug)]
pub(crate) struct Contracts {
    portal: Arc<Portal>,
    clock: Arc<dyn Clock>,
    learning: Learning,
}

impl Contracts {
    pub(crate) fn new(portal: Arc<Portal>, clock: Arc<dyn Clock>) -> Self {
        Self {
            portal,
            clock,
            learning: Learning::default(),
        }
    }

    fn of(&self, service: &str) -> Option<Arc<Contract>> {
        self.portal.promise(service)?.contract
    }
}

impl Check for Contracts {
    fn wants_body(&self, ask: &CheckAsk<'_>) -> Option<usize> {
        // Only JSON is looked into, and what does not say what it is; a picture is streamed.
        let kind = ask.headers.get(CONTENT_TYPE).map(|kind| kind.to_str());
        if kind
            .is_some_and(|kind| !kind.is_ok_and(|kind| kind.to_ascii_lowercase().contains("json")))
        {
            return None;
        }
        let contract = self.of(ask.service);
        let known = contract.as_ref().and_then(|contract| {
            let matched = contract.match_operation(ask.method.as_str(), ask.path);
            Some((contract, matched.ok()?))
        });
        match known {
            Some((contract, matched)) => contract
                .needs_body(matched.operation)
                .then_some(LARGEST_BODY),
            // What no document has is learnt from.
            None => self.learns().then_some(LEARNT_BODY),
        }
    }

    fn knows(&self, service: &str) -> bool {
        self.of(service).is_some()
    }

    fn request(&self, ask: &CheckAsk<'_>, body: Option<&[u8]>) -> Vec<String> {
        let Some(contract) = self.of(ask.service) else {
            return Vec::new();
        };
        let checked =
            contract.check_request(ask.method.as_str(), ask.path, ask.query, ask.headers, body);
        match checked {
            Ok(_) => Vec::new(),
            Err(mismatch) if mismatch.violations().is_empty() => vec![mismatch.to_string()],
            Err(mismatch) => told(mismatch.violations()),
        }
    }

    fn learns(&self) -> bool {
        self.learning.is_due(self.clock.now())
    }

    fn answer(&self, ask: &AnswerAsk<'_>, body: Option<&[u8]>) -> Vec<String> {
        let now = self.clock.now();
        if self.learning.take(now) {
            learn(&self.portal, ask, body, now);
        }
        let Some(contract) = self.of(ask.service) else {
            return Vec::new();
        };
        let Ok(matched) = contract.match_operation(ask.method.as_str(), ask.path) else {
            return Vec::new();
        };
        // The answer to a HEAD has the head of the answer to a GET, and no body.
        let body = if ask.method == Method::HEAD {
            Some(&[][..])
        } else {
            body
        };
        let checked = contract.check_response(matched.operation, ask.status, ask.headers, body);
        checked.err().as_deref().map(told).unwrap_or_default()
    }
}

fn told(violations: &[Violation]) -> Vec<String> {
    violations
        .iter()
        .map(|violation| format!("{}: {}", violation.place, violation.text))
        .collect()
}
