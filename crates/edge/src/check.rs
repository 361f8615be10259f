//! Whether requests keep to what their service promises.

use std::sync::Arc;

use trunkline_contract::{Contract, Mismatch};
use trunkline_gateway::{Check, CheckAsk};
use trunkline_portal::Portal;

/// The most bytes of a body that is checked.
const LARGEST_BODY: usize = 1 << 20;

/// The contracts of the portal's documents.
#[derive(Debug)]
pub(crate) struct Contracts(pub(crate) Arc<Portal>);

impl Contracts {
    fn of(&self, service: &str) -> Option<Arc<Contract>> {
        self.0.promise(service)?.contract
    }
}

impl Check for Contracts {
    fn wants_body(&self, ask: &CheckAsk<'_>) -> Option<usize> {
        let contract = self.of(ask.service)?;
        let matched = contract
            .match_operation(ask.method.as_str(), ask.path)
            .ok()?;
        contract
            .needs_body(matched.operation)
            .then_some(LARGEST_BODY)
    }

    fn request(&self, ask: &CheckAsk<'_>, body: Option<&[u8]>) -> Vec<String> {
        let Some(contract) = self.of(ask.service) else {
            return Vec::new();
        };
        let checked =
            contract.check_request(ask.method.as_str(), ask.path, ask.query, ask.headers, body);
        match checked {
            Ok(_) => Vec::new(),
            Err(mismatch) => told(&mismatch),
        }
    }
}

fn told(mismatch: &Mismatch) -> Vec<String> {
    let violations = mismatch.violations();
    if violations.is_empty() {
        return vec![mismatch.to_string()];
    }
    violations
        .iter()
        .map(|violation| format!("{}: {}", violation.place, violation.text))
        .collect()
}
