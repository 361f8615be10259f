use serde_json::json;

use crate::fixture::Fixture;

async fn asked(fixture: &Fixture) -> crate::fixture::Checkout {
    let ada = fixture.with(&[("a/check", "pass\n")]).await;
    ada.commit("please look", &[("a/check", "pass 2\n")]).await;
    let said = ada.ship(&["ask"]).await;
    assert!(
        said.contains("it lands once somebody else approves it"),
        "{said}"
    );
    ada
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_asks_lands_when_somebody_else_approves_it() {
    let fixture = Fixture::new().await;
    asked(&fixture).await;
    fixture.until(1, "open").await;
    let (status, problem) = fixture.ask("ada", "POST", "/v1/changes/1/land", None).await;
    assert_eq!((status, &problem["code"]), (409, &json!("TL-FORGE-005")));
    let review =
        |revision: u32, verdict: &str| Some(json!({"revision": revision, "verdict": verdict}));
    let (status, _) = fixture
        .ask("ada", "PUT", "/v1/changes/1/review", review(1, "approved"))
        .await;
    assert_eq!(status, 400);
    let (status, _) = fixture
        .ask("bob", "PUT", "/v1/changes/1/review", review(2, "approved"))
        .await;
    assert_eq!(status, 409);
    let (status, _) = fixture
        .ask(
            "guest",
            "PUT",
            "/v1/changes/1/review",
            review(1, "approved"),
        )
        .await;
    assert_eq!(status, 403);
    let (status, change) = fixture
        .ask("bob", "PUT", "/v1/changes/1/review", review(1, "approved"))
        .await;
    assert_eq!((status, &change["state"]), (200, &json!("queued")));
    let change = fixture.until(1, "landed").await;
    assert_eq!(change["reviews"][0]["reviewer"], "bob");
    assert_eq!(fixture.trunk().await, ["please look", "begin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_approval_is_of_one_revision() {
    let fixture = Fixture::new().await;
    let ada = asked(&fixture).await;
    let review = |verdict: &str| Some(json!({"revision": 1, "verdict": verdict}));
    fixture
        .ask(
            "bob",
            "PUT",
            "/v1/changes/1/review",
            review("changes_wanted"),
        )
        .await;
    ada.write(&[("a/check", "pass 3\n")]);
    ada.run(&["commit", "-q", "-a", "--amend", "--no-edit"])
        .await;
    ada.ship(&["ask"]).await;
    let change = fixture.until(1, "open").await;
    assert_eq!(
        (&change["revision"], &change["mode"]),
        (&json!(2), &json!("ask"))
    );
    let (status, _) = fixture
        .ask("bob", "PUT", "/v1/changes/1/review", review("approved"))
        .await;
    assert_eq!(status, 409);
    // What is on top of it waits too, although it is to be shipped.
    ada.commit("on top", &[("b/check", "pass\n")]).await;
    ada.ship(&[]).await;
    let top = fixture.until(2, "open").await;
    assert_eq!(
        (&top["mode"], &top["stack"]),
        (&json!("ship"), &json!([1, 2]))
    );
    // What was asked for is not shipped by pushing it once more.
    let said = ada.ship(&["ship"]).await;
    assert!(said.contains("change 1 still asks"), "{said}");
    let second = Some(json!({"revision": 2, "verdict": "approved"}));
    fixture
        .ask("bob", "PUT", "/v1/changes/1/review", second)
        .await;
    fixture.until(2, "landed").await;
    assert_eq!(fixture.trunk().await, ["on top", "please look", "begin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn comments_stand_on_lines_and_are_resolved() {
    let fixture = Fixture::new().await;
    asked(&fixture).await;
    let on_line = json!({"text": "why?", "path": "a/check", "line": 1});
    let (status, comment) = fixture
        .ask("bob", "POST", "/v1/changes/1/comments", Some(on_line))
        .await;
    assert_eq!(
        (status, &comment["revision"], &comment["side"]),
        (201, &json!(1), &json!("new"))
    );
    let id = comment["id"].as_str().unwrap();
    let reply = json!({"text": "because", "reply_to": id});
    let (status, _) = fixture
        .ask("ada", "POST", "/v1/changes/1/comments", Some(reply))
        .await;
    assert_eq!(status, 201);
    let path = format!("/v1/changes/1/comments/{id}");
    let (status, comment) = fixture
        .ask("ada", "PATCH", &path, Some(json!({"resolved": true})))
        .await;
    assert_eq!((status, &comment["resolved"]), (200, &json!(true)));
    let change = fixture.get("/v1/changes/1").await;
    assert_eq!(change["comments"].as_array().unwrap().len(), 2);
    for (wrong, expected) in [
        (json!({"text": " "}), 400),
        (json!({"text": "x", "line": 1}), 400),
        (json!({"text": "x", "path": "a", "line": 0}), 400),
        (json!({"text": "x", "path": "a/nothing"}), 404),
        (json!({"text": "x", "path": "a/check", "line": 2}), 400),
        (json!({"text": "x", "revision": 9}), 404),
        (json!({"text": "x", "reply_to": "com_x"}), 404),
        (json!({"text": "x".repeat(20_000)}), 400),
    ] {
        let (status, _) = fixture
            .ask("bob", "POST", "/v1/changes/1/comments", Some(wrong.clone()))
            .await;
        assert_eq!(status, expected, "{wrong}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_given_up_and_is_a_new_one_afterwards() {
    let fixture = Fixture::new().await;
    let ada = asked(&fixture).await;
    let (status, change) = fixture
        .ask("ada", "POST", "/v1/changes/1/abandon", None)
        .await;
    assert_eq!((status, &change["state"]), (200, &json!("abandoned")));
    let (status, _) = fixture
        .ask("ada", "POST", "/v1/changes/1/abandon", None)
        .await;
    assert_eq!(status, 409);
    ada.ship(&[]).await;
    fixture.until(2, "landed").await;
}
