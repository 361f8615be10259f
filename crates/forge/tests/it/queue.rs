use std::sync::atomic::Ordering;

use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_being_tested_holds_nobody_up_who_touches_something_else() {
    let fixture = Fixture::new().await;
    // Lanes need projects that are told apart.
    let ada = fixture
        .with(&[
            ("slow/check", "pass\n"),
            ("slow/service.toml", "name = \"slow\"\n"),
            ("quick/check", "pass\n"),
            ("quick/service.toml", "name = \"quick\"\n"),
        ])
        .await;
    ada.commit("slow one", &[("slow/check", "wait\n")]).await;
    ada.ship(&["no-wait"]).await;
    let bob = fixture.clone_as("bob").await;
    bob.commit("quick one", &[("quick/check", "pass 2\n")])
        .await;
    let said = bob.ship(&[]).await;
    assert!(said.contains("queued behind one other"), "{said}");
    fixture.until(2, "landed").await;
    let queue = fixture.get("/v1/repositories/shop/queue").await;
    assert_eq!(queue["lanes"][0]["landings"][0]["changes"], json!([1]));
    assert_eq!(queue["lanes"][0]["projects"], json!(["service:slow"]));
    assert_eq!(
        queue["lanes"][0]["landings"][0]["reasons"][0],
        "test of service:slow runs"
    );
    fixture.checks.gate.add_permits(1);
    fixture.until(1, "landed").await;
    // It went onto a trunk that had moved, and nothing ran again for that.
    assert_eq!(fixture.trunk().await, ["slow one", "quick one", "begin"]);
    assert_eq!(fixture.checks.runs.load(Ordering::SeqCst), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flake_is_reported_and_lands() {
    let fixture = Fixture::new().await;
    let ada = fixture.with(&[("a/check", "pass\n")]).await;
    let files = [("a/check", "flake\n"), ("a/second", "pass\n")];
    ada.commit("flaky", &files).await;
    ada.ship(&[]).await;
    fixture.until(1, "landed").await;
    let runs = fixture.get("/v1/runs?change=1").await;
    let runs = runs["runs"].as_array().unwrap().iter();
    let said: Vec<_> = runs
        .map(|run| (&run["task"], &run["state"], &run["flaky"]))
        .collect();
    // What comes after the flake ran once, and is none.
    let (test, second) = (json!("test"), json!("second"));
    let (red, green) = (json!("red"), json!("green"));
    assert_eq!(
        said,
        [
            (&second, &green, &json!(false)),
            (&test, &green, &json!(true)),
            (&test, &red, &json!(false)),
        ]
    );
    let events = fixture.events().await;
    assert!(events.iter().any(|(kind, data)| kind == "trunkline.forge.task.finished.v1" && data["flaky"] == true));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paused_queue_lands_nothing_until_it_goes_on() {
    let fixture = Fixture::new().await;
    let ada = fixture.with(&[("a/check", "pass\n")]).await;
    let patch = |paused: bool| Some(json!({"paused": paused, "reason": "a fire"}));
    let (status, _) = fixture
        .ask("ada", "PATCH", "/v1/repositories/shop/queue", patch(true))
        .await;
    assert_eq!(status, 403);
    let (status, info) = fixture
        .ask("root", "PATCH", "/v1/repositories/shop/queue", patch(true))
        .await;
    assert_eq!(
        (status, &info["paused"], &info["pause_reason"]),
        (200, &json!(true), &json!("a fire"))
    );
    ada.commit("waits", &[("a/check", "pass 2\n")]).await;
    ada.ship(&["no-wait"]).await;
    let queue = fixture.get("/v1/repositories/shop/queue").await;
    assert_eq!(
        (
            &queue["paused"],
            &queue["pause_reason"],
            &queue["lanes"][0]["landings"][0]["reasons"][0]
        ),
        (
            &json!(true),
            &json!("a fire"),
            &json!("the queue is paused")
        )
    );
    assert_eq!(fixture.trunk().await, ["begin"]);
    fixture
        .ask("root", "PATCH", "/v1/repositories/shop/queue", patch(false))
        .await;
    fixture.until(1, "landed").await;
    let info = fixture.get("/v1/repositories/shop").await;
    assert_eq!(info.get("pause_reason"), None);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_pushed_again_takes_the_place_of_what_is_tested() {
    let fixture = Fixture::new().await;
    let ada = fixture.with(&[("a/check", "pass\n")]).await;
    ada.commit("mine", &[("a/check", "wait\n")]).await;
    ada.ship(&["no-wait"]).await;
    // The same again is the same.
    ada.ship(&["no-wait"]).await;
    let run = fixture.running_run().await;
    let (status, run) = fixture
        .ask("ada", "GET", &format!("/v1/runs/{run}"), None)
        .await;
    assert_eq!((status, &run["state"]), (200, &json!("running")));
    ada.write(&[("a/check", "pass 2\n")]);
    ada.run(&["commit", "-q", "-a", "--amend", "--no-edit"])
        .await;
    ada.ship(&[]).await;
    let change = fixture.until(1, "landed").await;
    assert_eq!(change["revision"], 2);
    let (status, problem) = fixture.ask("ada", "GET", "/v1/changes/2", None).await;
    assert_eq!((status, &problem["code"]), (404, &json!("TL-FORGE-001")));
}
