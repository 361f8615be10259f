use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn what_was_in_the_queue_lands_after_a_restart() {
    let fixture = Fixture::new().await;
    let ada = fixture
        .with(&[("a/check", "pass\n"), ("b/check", "pass\n")])
        .await;
    ada.commit("waits", &[("a/check", "wait\n")]).await;
    ada.ship(&["no-wait"]).await;
    fixture.until(1, "queued").await;
    let fixture = fixture.again().await;
    fixture.until(1, "queued").await;
    fixture.checks.gate.add_permits(1);
    fixture.until(1, "landed").await;
    assert_eq!(fixture.trunk().await, ["waits", "begin"]);
    let runs = fixture.get("/v1/runs?change=1").await;
    let states: Vec<_> = runs["runs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|run| run["state"].clone())
        .collect();
    assert_eq!(states[0], json!("green"));
    assert!(
        states[1..].iter().all(|state| state == "cancelled"),
        "{states:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_landed_right_before_the_end_is_known_to_have_landed() {
    let fixture = Fixture::new().await;
    let ada = fixture.with(&[("a/check", "pass\n")]).await;
    let pause = Some(json!({"paused": true}));
    fixture
        .ask("root", "PATCH", "/v1/repositories/shop/queue", pause)
        .await;
    ada.commit("mine", &[("a/check", "pass 2\n")]).await;
    ada.ship(&["no-wait"]).await;
    let change = fixture.until(1, "queued").await;
    // The trunk was moved, and the platform ended before it wrote that down.
    let commit = change["commit"].as_str().unwrap();
    let intent = json!([[1, commit]]).to_string();
    fixture
        .execute(&format!("update landing set intent = '{intent}'"))
        .await;
    let path = fixture.folder.path().join("forge/repositories/shop.git");
    ada.run(&[
        "--git-dir",
        path.to_str().unwrap(),
        "update-ref",
        "refs/heads/trunk",
        commit,
    ])
    .await;
    let fixture = fixture.again().await;
    let change = fixture.until(1, "landed").await;
    assert_eq!(change["landed"], commit);
    assert_eq!(fixture.trunk().await, ["mine", "begin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_meant_to_land_and_did_not_lands_later() {
    let fixture = Fixture::new().await;
    let ada = fixture.with(&[("a/check", "pass\n")]).await;
    let pause = |paused: bool| Some(json!({"paused": paused}));
    fixture
        .ask("root", "PATCH", "/v1/repositories/shop/queue", pause(true))
        .await;
    ada.commit("mine", &[("a/check", "pass 2\n")]).await;
    ada.ship(&["no-wait"]).await;
    let commit = fixture.until(1, "queued").await["commit"]
        .as_str()
        .unwrap()
        .to_owned();
    let intent = json!([[1, commit]]).to_string();
    fixture
        .execute(&format!("update landing set intent = '{intent}'"))
        .await;
    let fixture = fixture.again().await;
    fixture.until(1, "queued").await;
    fixture
        .ask("root", "PATCH", "/v1/repositories/shop/queue", pause(false))
        .await;
    fixture.until(1, "landed").await;
    assert_eq!(fixture.trunk().await, ["mine", "begin"]);
}
