//! What is wrong with some of the things, so that alarms have something to show.

use std::time::Duration;

use crate::{Fault, FaultKind, Who};

const MINUTE: u64 = 60;

/// The faults that the things of `kind` have in the sample: some pumps get stuck at full speed and overheat, a pump's sensor drifts, and some
/// meters and a gateway fall silent now and then.
#[must_use]
pub fn faults(kind: &str) -> Vec<Fault> {
    let fault = |kind, who, every: u64, lasts: u64| Fault {
        kind,
        who,
        every: Duration::from_secs(every * MINUTE),
        lasts: Duration::from_secs(lasts * MINUTE),
    };
    let things = |names: &[&str]| Who::Things(names.iter().map(|name| (*name).into()).collect());
    match kind {
        "pump" => vec![
            fault(
                FaultKind::Stuck {
                    input: vec!["speed".into()],
                    value: 3_000.into(),
                },
                things(&["pump-017", "pump-042", "pump-093"]),
                20,
                8,
            ),
            fault(
                FaultKind::Drift {
                    field: "temperature".into(),
                    per_hour: 20.0,
                },
                things(&["pump-061"]),
                60,
                45,
            ),
        ],
        "meter" => vec![fault(FaultKind::Silent, Who::Share(0.05), 30, 4)],
        "gateway" => vec![fault(FaultKind::Silent, things(&["gateway-013"]), 45, 5)],
        _ => Vec::new(),
    }
}
