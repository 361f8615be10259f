//! Plans that cannot be carried out.

use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use trunkline_model::SystemClock;
use trunkline_simulator::{Fault, FaultKind, Plan, PlanError, Proof, Simulation, Who};

use crate::support::{device, plan};

fn refusal(change: impl FnOnce(&mut Plan)) -> PlanError {
    let mut plan = plan(&["toy-1", "toy-2"], 1883);
    change(&mut plan);
    Simulation::new(&plan, Arc::new(SystemClock)).unwrap_err()
}

fn fault(change: impl FnOnce(&mut Fault)) -> PlanError {
    refusal(|plan| {
        let mut fault = Fault::new(FaultKind::Silent, Who::Share(0.5));
        change(&mut fault);
        plan.faults.push(fault);
    })
}

#[test]
fn what_is_wrong_is_told_before_anything_connects() {
    assert_eq!(refusal(|plan| plan.devices.clear()), PlanError::NoDevices);
    let many = refusal(|plan| {
        plan.devices = (0..10_001).map(|n| device(&format!("toy-{n}"))).collect();
    });
    assert_eq!(many, PlanError::TooManyDevices);
    for name in ["", "a/b", "a+", "a b", "é"] {
        let wrong = refusal(|plan| plan.devices.push(device(name)));
        assert_eq!(wrong, PlanError::Name(name.into()));
    }
    let twice = refusal(|plan| plan.devices.push(device("toy-1")));
    assert_eq!(twice, PlanError::Twice("toy-1".into()));
    let bare = refusal(|plan| plan.devices[1].proof = certificate());
    assert_eq!(bare, PlanError::CertificateWithoutTls("toy-2".into()));
    assert_eq!(refusal(|plan| plan.failing = 1.5), PlanError::Failing);
    assert_eq!(refusal(|plan| plan.failing = f64::NAN), PlanError::Failing);
    for speed in [0.0, -1.0, f64::NAN, f64::INFINITY, 1e-300] {
        assert_eq!(
            refusal(|plan| plan.speed = speed),
            PlanError::Speed,
            "{speed}"
        );
    }
    assert_eq!(refusal(|plan| plan.speed = 11.0), PlanError::TooFast);
    let host = refusal(|plan| plan.broker.host = "mqtt://a".into());
    assert_eq!(host, PlanError::Host("mqtt://a".into()));
}

fn certificate() -> Proof {
    Proof::Certificate {
        chain: String::new(),
        key: String::new(),
    }
}

#[test]
fn faults_are_of_something_that_is_there() {
    assert_eq!(
        fault(|fault| fault.lasts = Duration::ZERO),
        PlanError::FaultTime
    );
    let long = fault(|fault| fault.lasts = fault.every + Duration::from_secs(1));
    assert_eq!(long, PlanError::FaultTime);
    assert_eq!(fault(|fault| fault.who = Who::Share(1.1)), PlanError::Share);
    let stranger = fault(|fault| fault.who = Who::Things(vec!["toy-9".into()]));
    assert_eq!(stranger, PlanError::Stranger("toy-9".into()));
    let drift = |field: &str, per_hour| FaultKind::Drift {
        field: field.into(),
        per_hour,
    };
    let error = fault(|fault| fault.kind = drift("levle", 1.0));
    assert_eq!(
        error.to_string(),
        "things of the kind `toy` have no field `levle`, only: count, level, state"
    );
    let error = fault(|fault| fault.kind = drift("level", f64::NAN));
    assert_eq!(error, PlanError::Drift);
    let error = fault(|fault| {
        fault.kind = FaultKind::Stuck {
            input: vec!["sped".into()],
            value: json!(1),
        };
    });
    assert_eq!(
        error.to_string(),
        "things of the kind `toy` have no input `sped`, only: speed"
    );
    let many = refusal(|plan| {
        plan.faults = vec![Fault::new(FaultKind::Silent, Who::Share(0.1)); 33];
    });
    assert_eq!(many, PlanError::TooManyFaults);
}

#[test]
fn secrets_are_not_told() {
    let plan = plan(&["toy-1"], 1883);
    let simulation = Simulation::new(&plan, Arc::new(SystemClock)).unwrap();
    for text in [format!("{plan:?}"), format!("{simulation:?}")] {
        assert!(
            text.contains("toy-1") && !text.contains("secret of"),
            "{text}"
        );
    }
}

/// The faults of the sample are of things that it has.
#[test]
fn the_sample_can_be_simulated() {
    let fleet = trunkline_simulator::sample::fleet();
    for kind in ["pump", "meter", "gateway"] {
        let mut plan = plan(&[], 1883);
        plan.model = crate::support::shipped_model(kind);
        let things = fleet.iter().filter(|thing| thing.kind == kind);
        plan.devices = things.map(|thing| device(&thing.name)).collect();
        plan.faults = trunkline_simulator::sample::faults(kind);
        assert!(!plan.faults.is_empty());
        Simulation::new(&plan, Arc::new(SystemClock)).unwrap();
    }
}
