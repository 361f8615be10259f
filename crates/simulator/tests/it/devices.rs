//! What devices say and answer.

use std::time::Duration;

use serde_json::{Value, json};

use crate::broker::Mosquitto;
use crate::platform::Platform;
use crate::support::{Running, plan};

const SHADOW: &str = "$aws/things/toy-1/shadow";

fn any(_: &Value) -> bool {
    true
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn they_ask_for_their_twin_and_report_and_measure() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    let mut running = Running::start(&plan(&["toy-1", "toy-2", "toy-3"], broker.port));
    platform
        .hear(&format!("{SHADOW}/get"), Value::is_null)
        .await;
    let report = platform.hear(&format!("{SHADOW}/update"), any).await;
    assert_eq!(
        report,
        json!({"state": {"reported": {"speed": 1, "state": "slow", "total": 1}}})
    );
    for thing in ["toy-1", "toy-2", "toy-3"] {
        let first = platform.hear(&format!("dt/{thing}/telemetry"), any).await;
        assert_eq!(
            (&first["count"], &first["state"]),
            (&json!(1), &json!("slow"))
        );
        let second = platform.hear(&format!("dt/{thing}/telemetry"), any).await;
        assert_eq!(second["count"], 2);
    }
    running.until(|totals| totals.acknowledged >= 30).await;
    let totals = running.stop().await;
    assert_eq!((totals.devices, totals.connected), (3, 0));
    assert_eq!(
        (totals.refused, totals.missed, totals.reconnects),
        (0, 0, 0)
    );
    assert_eq!((totals.sent, &totals.problem), (totals.acknowledged, &None));
    assert!(totals.steps >= 15, "{totals:?}");
}

/// The same seed measures the same, and another one something else.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_seed_gives_the_same_measurements_again() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    let mut measured = Vec::new();
    for seed in [7, 7, 8] {
        let mut plan = plan(&["toy-1"], broker.port);
        plan.seed = seed;
        let running = Running::start(&plan);
        let mut levels = Vec::new();
        for _ in 0..5 {
            let told = platform.hear("dt/toy-1/telemetry", any).await;
            levels.push(told["level"].clone());
        }
        running.stop().await;
        platform.forget_for(Duration::from_millis(300)).await;
        measured.push(levels);
    }
    assert_eq!(measured[0], measured[1]);
    assert!(measured[0] != measured[2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_wanted_is_taken_and_reported_back() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    let mut running = Running::start(&plan(&["toy-1"], broker.port));
    platform.hear(&format!("{SHADOW}/get"), any).await;
    let twin = json!({"state": {"desired": {"speed": 3}, "reported": {"state": "fast"}, "delta": {"speed": 3}}, "version": 4});
    platform.say(&format!("{SHADOW}/get/accepted"), &twin).await;
    let update = format!("{SHADOW}/update");
    let speed = |speed: u64| move |report: &Value| report["state"]["reported"]["speed"] == speed;
    platform.hear(&update, speed(3)).await;
    // A member that the model does not know is taken as it is; one that is too large as far as it can be.
    let delta = json!({"state": {"speed": 99, "note": "hello"}, "version": 6});
    platform
        .say(&format!("{SHADOW}/update/delta"), &delta)
        .await;
    let report = platform.hear(&update, speed(10)).await;
    assert_eq!(report["state"]["reported"]["note"], "hello");
    assert_eq!(report["state"]["reported"]["state"], "fast");
    // The same difference again is no news, or else the two would go on for ever.
    let delta = json!({"state": {"speed": 99}, "version": 7});
    platform
        .say(&format!("{SHADOW}/update/delta"), &delta)
        .await;
    let more = platform.all_for(&update, Duration::from_millis(600)).await;
    assert_eq!(more, Vec::<Value>::new());
    let totals = running.until(|totals| totals.wanted == 3).await;
    assert_eq!(totals.problem, None);
    // Nonsense does no harm, and a refusal is told.
    platform
        .say(&format!("{SHADOW}/update/delta"), &json!([1]))
        .await;
    let refusal = json!({"code": 400, "message": "Invalid JSON"});
    platform
        .say(&format!("{SHADOW}/update/rejected"), &refusal)
        .await;
    let totals = running.until(|totals| totals.refused == 1).await;
    assert_eq!(
        totals.problem.as_deref(),
        Some("toy-1: a report was refused: Invalid JSON")
    );
    running.stop().await;
}

/// The counter goes on from what the twin says, unless it is to begin anew.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_device_goes_on_from_what_it_reported_before() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    for (resume, wanted) in [(true, 1_000), (false, 0)] {
        let mut plan = plan(&["toy-1"], broker.port);
        plan.resume = resume;
        let running = Running::start(&plan);
        platform.hear(&format!("{SHADOW}/get"), any).await;
        let twin = json!({"state": {"reported": {"total": 1_000}}, "version": 4});
        platform.say(&format!("{SHADOW}/get/accepted"), &twin).await;
        let mut count = 0;
        while count < 5 {
            let told = platform.hear("dt/toy-1/telemetry", any).await;
            count = told["count"].as_u64().unwrap() - wanted.min(told["count"].as_u64().unwrap());
        }
        running.stop().await;
        platform.forget_for(Duration::from_millis(300)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_are_done() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    let mut plan = plan(&["toy-1"], broker.port);
    plan.failing = 0.5;
    let mut running = Running::start(&plan);
    let jobs = "$aws/things/toy-1/jobs";
    platform.hear(&format!("{jobs}/$next/get"), any).await;
    let mut seen = Vec::new();
    for number in 0..8 {
        let job = format!("ota-{number}");
        let execution = json!({"jobId": job, "status": "QUEUED", "executionNumber": 1, "jobDocument": {"version": format!("2.{number}")}});
        let next = json!({"timestamp": 1, "execution": execution});
        platform.say(&format!("{jobs}/notify-next"), &next).await;
        let update = format!("{jobs}/{job}/update");
        let begun = platform.hear(&update, any).await;
        assert_eq!(begun["status"], "IN_PROGRESS");
        let ended = platform.hear(&update, any).await;
        seen.push(ended["status"].as_str().unwrap().to_owned());
        if ended["status"] == "SUCCEEDED" {
            let version = format!("2.{number}");
            let has = |report: &Value| report["state"]["reported"]["firmware"] == version.as_str();
            platform.hear(&format!("{SHADOW}/update"), has).await;
        }
    }
    let failed = seen.iter().filter(|status| *status == "FAILED").count() as u64;
    assert!(failed > 0 && failed < 8, "{seen:?}");
    let totals = running
        .until(|totals| totals.succeeded + totals.failed == 8)
        .await;
    assert_eq!(totals.failed, failed);
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn commands_are_answered() {
    let broker = Mosquitto::open();
    let mut platform = Platform::on(broker.port).await;
    let mut running = Running::start(&plan(&["toy-1"], broker.port));
    platform.hear("dt/toy-1/telemetry", any).await;
    platform.say("cmd/toy-1/state/req/17", &json!({})).await;
    let answer = platform.hear("cmd/toy-1/state/res/17", any).await;
    assert_eq!(answer["status"], "ok");
    assert_eq!(
        (&answer["result"]["state"], &answer["result"]["kind"]),
        (&json!("slow"), &json!("toy"))
    );
    assert!(answer["result"]["variables"]["count"].as_f64().unwrap() >= 1.0);
    assert_eq!(answer["result"]["reported"]["speed"], 1);
    platform
        .say("cmd/toy-1/set/req/18", &json!({"speed": 7}))
        .await;
    let answer = platform.hear("cmd/toy-1/set/res/18", any).await;
    assert_eq!(
        answer,
        json!({"status": "ok", "result": {"wanted": {"speed": 7}}})
    );
    let taken = |report: &Value| report["state"]["reported"]["speed"] == 7;
    platform.hear(&format!("{SHADOW}/update"), taken).await;
    for (command, payload, reason) in [
        (
            "set",
            json!({"sped": 7}),
            "there is no input `sped`, only: speed",
        ),
        (
            "set",
            json!(7),
            "`set` takes a JSON object, such as {\"speed\": 1200}",
        ),
        (
            "dance",
            json!({}),
            "there is no command `dance`, only: state, set",
        ),
    ] {
        platform
            .say(&format!("cmd/toy-1/{command}/req/x"), &payload)
            .await;
        let answer = platform
            .hear(&format!("cmd/toy-1/{command}/res/x"), any)
            .await;
        assert_eq!(answer, json!({"status": "error", "reason": reason}));
    }
    running.until(|totals| totals.commands == 5).await;
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn after_the_broker_was_away_they_come_back_and_tell_everything_again() {
    let mut broker = Mosquitto::open();
    let mut running = Running::start(&plan(&["toy-1", "toy-2"], broker.port));
    running.until(|totals| totals.acknowledged >= 10).await;
    broker.kill();
    let away = running
        .until(|totals| totals.connected == 0 && totals.problem.is_some())
        .await;
    running
        .until(|totals| totals.missed > away.missed + 5)
        .await;
    broker.start();
    let back = running
        .until(|totals| totals.connected == 2 && totals.reconnects == 2)
        .await;
    let mut platform = Platform::on(broker.port).await;
    platform.say("cmd/toy-1/state/req/1", &json!({})).await;
    let answer = platform.hear("cmd/toy-1/state/res/1", any).await;
    // Its world went on meanwhile.
    assert!(answer["result"]["steps"].as_u64().unwrap() > 10);
    running
        .until(|totals| totals.acknowledged >= back.acknowledged + 10)
        .await;
    let totals = running.stop().await;
    assert_eq!(totals.connected, 0);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn who_is_not_let_in_is_told_and_tries_again() {
    let broker = Mosquitto::with(
        "allow_anonymous false\npassword_file {folder}/nobody\n",
        &[("nobody", "")],
    );
    let mut running = Running::start(&plan(&["toy-1"], broker.port));
    let totals = running.until(|totals| totals.problem.is_some()).await;
    assert_eq!(
        totals.problem.as_deref(),
        Some("toy-1: the broker refuses it: NotAuthorized")
    );
    let totals = running.stop().await;
    assert_eq!((totals.connected, totals.sent), (0, 0));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_broker_refuses_is_counted() {
    let rules = "user toy-1\ntopic readwrite $aws/#\ntopic readwrite cmd/#\n";
    let broker = Mosquitto::with(
        "allow_anonymous true\nacl_file {folder}/rules\n",
        &[("rules", rules)],
    );
    let mut running = Running::start(&plan(&["toy-1"], broker.port));
    let totals = running.until(|totals| totals.refused >= 3).await;
    assert!(totals.acknowledged >= 1, "{totals:?}");
    assert_eq!(
        totals.problem.as_deref(),
        Some("toy-1: a message was refused: NotAuthorized")
    );
    let totals = running.stop().await;
    assert_eq!(totals.reconnects, 0);
}
