use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn a_green_change_lands_and_its_pusher_watches() {
    let fixture = Fixture::new().await;
    let checkout = fixture
        .with(&[("billing/check", "pass\n"), ("web/check", "pass\n")])
        .await;
    checkout
        .commit("charge less", &[("billing/check", "pass 2\n")])
        .await;
    let said = checkout.ship(&["topic=prices"]).await;
    assert!(
        said.contains(
            "change 1: charge less (ship, revision 1, queued)  http://trunkline.test/changes/1"
        ),
        "{said}"
    );
    assert!(
        said.contains("1 task is affected, 0 known to be green"),
        "{said}"
    );
    assert!(said.contains("test of service:billing: green"), "{said}");
    assert!(said.contains("remote: landed as "), "{said}");
    // The client knows where the trunk is.
    assert!(said.contains("HEAD -> trunk"), "{said}");
    assert_eq!(
        checkout.run(&["rev-parse", "HEAD"]).await,
        checkout.run(&["rev-parse", "origin/trunk"]).await
    );
    let change = fixture.until(1, "landed").await;
    assert_eq!(
        (&change["owner"], &change["topic"], &change["mode"]),
        (&json!("ada"), &json!("prices"), &json!("ship"))
    );
    assert_eq!(change["landed"], change["commit"]);
    let runs = fixture.get("/v1/runs?change=1").await;
    assert_eq!(
        (&runs["runs"][0]["state"], &runs["runs"][0]["project"]),
        (&json!("green"), &json!("service:billing"))
    );
    let id = runs["runs"][0]["id"].as_str().unwrap();
    let log = fixture.get(&format!("/v1/runs/{id}/log")).await;
    assert_eq!(
        (&log["text"], &log["over"]),
        (&json!("the check of billing says pass 2\n"), &json!(false))
    );
    let end = fixture
        .get(&format!("/v1/runs/{id}/log?from={}", log["next"]))
        .await;
    assert_eq!((&end["text"], &end["over"]), (&json!(""), &json!(true)));
    let kinds: Vec<_> = fixture
        .events()
        .await
        .into_iter()
        .map(|(kind, _)| kind)
        .collect();
    let expected = [
        "repository.changed",
        "refs.updated",
        "change.changed",
        "task.finished",
        "change.changed",
        "landing.finished",
    ];
    let expected: Vec<_> = expected
        .iter()
        .map(|name| format!("trunkline.forge.{name}.v1"))
        .collect();
    assert_eq!(kinds, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_red_change_is_refused_with_its_log_and_mended_by_an_amended_commit() {
    let fixture = Fixture::new().await;
    let checkout = fixture.with(&[("billing/check", "pass\n")]).await;
    checkout
        .commit("break it", &[("billing/check", "fail loudly\n")])
        .await;
    let said = checkout
        .fail(&["push", "origin", "HEAD:refs/for/trunk"])
        .await;
    assert!(
        said.contains("| the check of billing says fail loudly"),
        "{said}"
    );
    assert!(
        said.contains("test of service:billing fails with it"),
        "{said}"
    );
    assert!(said.contains("[remote rejected]"), "{said}");
    let change = fixture.until(1, "refused").await;
    assert!(
        change["reason"].as_str().unwrap().contains("TL-LANDING-"),
        "{change}"
    );
    assert_eq!(fixture.trunk().await, ["begin"]);
    checkout.write(&[("billing/check", "pass again\n")]);
    checkout
        .run(&["commit", "-q", "-a", "--amend", "-m", "mend it"])
        .await;
    let said = checkout.ship(&["show"]).await;
    assert!(
        said.contains("change 1: mend it (show, revision 2, queued)"),
        "{said}"
    );
    let change = fixture.until(1, "landed").await;
    assert_eq!(change["revisions"].as_array().unwrap().len(), 2);
    assert_eq!(change["reason"], json!(null));
    // Both states can be fetched and compared.
    checkout
        .run(&["fetch", "-q", "origin", "refs/changes/1/1"])
        .await;
    let diff = fixture.get("/v1/changes/1/diff?old=1&new=2").await;
    assert_eq!(
        diff["files"][0]["hunks"][0]["lines"][0],
        json!({"kind": "removed", "text": "fail loudly"})
    );
    let diff = fixture.get("/v1/changes/1/diff").await;
    assert_eq!(diff["files"][0]["path"], "billing/check");
    let (status, _) = fixture
        .ask("ada", "GET", "/v1/changes/1/diff?old=7", None)
        .await;
    assert_eq!(status, 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stack_lands_together_onto_a_trunk_that_moved() {
    let fixture = Fixture::new().await;
    let ada = fixture
        .with(&[("a/check", "pass\n"), ("b/check", "pass\n")])
        .await;
    let bob = fixture.clone_as("bob").await;
    bob.commit("bob's", &[("b/check", "pass b\n")]).await;
    bob.ship(&[]).await;
    ada.commit("first", &[("a/check", "pass a\n")]).await;
    ada.commit("second", &[("c/check", "pass\n")]).await;
    let said = ada.ship(&[]).await;
    assert!(said.contains("change 3: second"), "{said}");
    assert_eq!(fixture.trunk().await, ["second", "first", "bob's", "begin"]);
    let second = fixture.until(3, "landed").await;
    assert_eq!(second["parent"], 2);
    assert_ne!(second["landed"], second["commit"]);
    // Pushed again there is nothing left to do.
    let said = ada
        .fail(&["push", "origin", "origin/trunk:refs/for/trunk"])
        .await;
    assert!(said.contains("has all of it already"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_fit_is_refused_with_its_files() {
    let fixture = Fixture::new().await;
    let ada = fixture.with(&[("a.txt", "1\n")]).await;
    let bob = fixture.clone_as("bob").await;
    bob.commit("bob's", &[("a.txt", "2\n")]).await;
    bob.ship(&[]).await;
    ada.commit("ada's", &[("a.txt", "3\n")]).await;
    let said = ada.fail(&["push", "origin", "HEAD:refs/for/trunk"]).await;
    assert!(
        said.contains("does not fit onto") && said.contains("a.txt"),
        "{said}"
    );
    ada.run(&["fetch", "-q"]).await;
    ada.run(&["rebase", "-q", "-X", "theirs", "origin/trunk"])
        .await;
    let said = ada.ship(&[]).await;
    assert!(said.contains("change 2: ada's (ship, revision 2"), "{said}");
    assert_eq!(fixture.trunk().await, ["ada's", "bob's", "begin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn options_that_are_none_are_refused() {
    let fixture = Fixture::new().await;
    let ada = fixture.with(&[("a.txt", "1\n")]).await;
    ada.commit("mine", &[("a.txt", "2\n")]).await;
    let said = ada
        .fail(&["push", "-o", "shp", "origin", "HEAD:refs/for/trunk"])
        .await;
    assert!(
        said.contains("400") || said.contains("is no option"),
        "{said}"
    );
    ada.run(&[
        "merge",
        "-q",
        "--allow-unrelated-histories",
        "--no-ff",
        "-m",
        "m",
        "HEAD~1",
    ])
    .await;
    let (status, _) = fixture.ask("ada", "GET", "/v1/changes/1", None).await;
    assert_eq!(status, 404);
}
