//! Devices that are not well.

use std::time::Duration;

use serde_json::{Value, json};
use trunkline_simulator::{Fault, FaultKind, Who};

use crate::broker::Mosquitto;
use crate::platform::Platform;
use crate::support::{Running, plan};

fn always(kind: FaultKind) -> Fault {
    Fault {
        kind,
        who: Who::Things(vec!["toy-1".into()]),
        every: Duration::from_secs(3_600),
        lasts: Duration::from_secs(3_600),
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_silent_device_goes_and_comes_back() {
    let broker = Mosquitto::open();
    let mut plan = plan(&["toy-1", "toy-2"], broker.port);
    plan.faults = vec![Fault {
        every: Duration::from_secs(3),
        lasts: Duration::from_secs(1),
        ..always(FaultKind::Silent)
    }];
    let mut running = Running::start(&plan);
    running.until(|totals| totals.connected == 2).await;
    running.until(|totals| totals.connected == 1).await;
    let back = running.until(|totals| totals.connected == 2).await;
    assert!(back.missed >= 5, "{back:?}");
    assert_eq!(back.problem, None);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_sensor_drifts_and_another_device_is_well() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    let mut plan = plan(&["toy-1", "toy-2"], broker.port);
    let field = "level".to_owned();
    plan.faults = vec![always(FaultKind::Drift {
        field,
        per_hour: 3_600_000.0,
    })];
    let running = Running::start(&plan);
    let level = |told: &Value| told["level"].as_f64().unwrap();
    let before = level(&platform.hear("dt/toy-1/telemetry", |_| true).await);
    let after = level(
        &platform
            .hear("dt/toy-1/telemetry", |told| told["count"] == 6)
            .await,
    );
    // A thousand a second, half a second later.
    assert!((after - before - 500.0).abs() < 1.0, "{before} {after}");
    let well = level(&platform.hear("dt/toy-2/telemetry", |_| true).await);
    assert!((1.0..=1.5).contains(&well));
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stuck_device_does_not_do_what_is_wanted() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    let mut plan = plan(&["toy-1"], broker.port);
    plan.faults = vec![always(FaultKind::Stuck {
        input: vec!["speed".into()],
        value: json!(9),
    })];
    let mut running = Running::start(&plan);
    platform
        .hear("dt/toy-1/telemetry", |told| told["state"] == "fast")
        .await;
    let delta = json!({"state": {"speed": 2}, "version": 6});
    platform
        .say("$aws/things/toy-1/shadow/update/delta", &delta)
        .await;
    running.until(|totals| totals.wanted == 1).await;
    platform.forget_for(Duration::from_millis(300)).await;
    let told = platform.hear("dt/toy-1/telemetry", |_| true).await;
    assert_eq!(told["state"], "fast");
    running.stop().await;
}
