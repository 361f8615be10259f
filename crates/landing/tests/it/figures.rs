//! The strategies against one another, on the model of the simulator.

use trunkline_landing::Kind;
use trunkline_landing::simulate::{Line, table};

fn line(lines: &[Line], strategy: Kind) -> &Line {
    lines.iter().find(|line| line.strategy == strategy).unwrap()
}

#[test]
fn in_a_busy_hour_green_keys_wait_least_and_nobody_is_wronged() {
    let lines = table(4, 100, &[28.0]);
    for line in &lines {
        assert_eq!((line.red, line.lost, line.wronged), (0, 0, 0), "{line:?}");
    }
    let (ours, batches) = (
        line(&lines, Kind::GreenKey),
        line(&lines, Kind::BatchBisect),
    );
    let speculation = line(&lines, Kind::Speculation);
    assert!(ours.median <= batches.median / 4.0, "{ours:?} {batches:?}");
    assert!(
        ours.median <= speculation.median * 0.75,
        "{ours:?} {speculation:?}"
    );
    assert!(
        ours.p95 <= speculation.p95 * 0.65,
        "{ours:?} {speculation:?}"
    );
}
