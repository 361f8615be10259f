//! How long a decision takes with many grants, about things that were not asked about before.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Result, ensure};
use async_trait::async_trait;
use trunkline_model::{ErrorCode, Principal, PrincipalKind, Role, Scope, SystemClock, action};
use trunkline_permit::{Audit, Holders, Permits, PolicyFile};
use trunkline_web::{Authorize as _, ClientAddress, Question};

use crate::report::{Report, Target};

const GRANTS: usize = 10_000;
const DEVICES: usize = 100_000;

#[derive(Debug)]
struct Nobody;

#[async_trait]
impl Holders for Nobody {
    fn teams(&self) -> Vec<String> {
        Vec::new()
    }

    async fn called(&self, _name: &str) -> Result<Option<Principal>, &'static ErrorCode> {
        Ok(None)
    }
}

impl Audit for Nobody {
    fn note(&self, _data: &[u8]) {}
}

/// A viewer, who may send events only where a grant says so.
fn service(number: usize) -> Principal {
    let id = format!("svc_{number}");
    let mut who = Principal::new(PrincipalKind::Service, id.clone(), id, vec![Scope::Write]);
    who.role = Role::Viewer;
    who
}

pub(crate) fn run(report: &mut Report) -> Result<()> {
    let permits = Permits::new(Arc::new(Nobody), Arc::new(SystemClock), Arc::new(Nobody));
    let text: String = (0..GRANTS)
        .map(|n| {
            format!("permit (principal == Service::\"svc_{n}\", action == Action::\"event.send\", resource == Topic::\"devices.{n}.state\");\n")
        })
        .collect();
    let began = Instant::now();
    let problems = permits.apply(&[PolicyFile {
        name: "policies/grants.cedar".into(),
        text,
    }]);
    let read = began.elapsed();
    ensure!(problems.is_empty(), "{problems:?}");
    let client = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
    let mut took = Vec::with_capacity(DEVICES);
    let mut allowed = 0;
    for device in 0..DEVICES {
        let who = service(device % GRANTS);
        let topic = format!("devices.{device}.state");
        let question = Question {
            who: &who,
            action: &action::EVENT_SEND,
            resource: &topic,
            team: None,
            client,
        };
        let began = Instant::now();
        let decision = permits.judge(&question);
        took.push(began.elapsed());
        allowed += usize::from(decision.is_allowed());
    }
    ensure!(allowed == GRANTS, "{allowed} were allowed, not {GRANTS}");
    took.sort();
    let micros = |share: f64| {
        let place = (took.len() as f64 * share) as usize;
        took[place].as_secs_f64() * 1e6
    };
    let section = report.section(
        "Decisions",
        "One principal in 10,000 with a grant of its own asks about one of 100,000 devices; no question comes twice.",
    );
    section.figure("half of the decisions, µs", micros(0.5));
    section.at_most("99 of 100 decisions, µs", micros(0.99), Target(50.0));
    section.figure(
        "all 10,000 grants read and checked, ms",
        read.as_secs_f64() * 1e3,
    );
    Ok(())
}
