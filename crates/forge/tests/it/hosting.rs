use serde_json::json;

use crate::fixture::Fixture;

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_repository_is_cloned_and_begun() {
    let fixture = Fixture::new().await;
    let checkout = fixture.clone_as("ada").await;
    assert_eq!(checkout.run(&["branch", "--show-current"]).await, "trunk\n");
    checkout.commit("one", &[("a.txt", "1\n")]).await;
    checkout.run(&["push", "origin", "HEAD"]).await;
    let other = fixture.clone_as("guest").await;
    assert_eq!(other.run(&["log", "--format=%s"]).await, "one\n");
    // Nothing is new, in each version of the protocol.
    for version in ["0", "1", "2"] {
        let version = format!("protocol.version={version}");
        assert_eq!(other.run(&["-c", &version, "fetch"]).await, "");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_trunk_moves_past_the_queue_only_where_the_glass_is_broken() {
    let fixture = Fixture::new().await;
    let checkout = fixture.with(&[("a.txt", "1\n")]).await;
    checkout.commit("two", &[("a.txt", "2\n")]).await;
    let said = checkout.fail(&["push", "origin", "HEAD:trunk"]).await;
    assert!(
        said.contains("HEAD:refs/for/trunk (TL-FORGE-004)"),
        "{said}"
    );
    let glass = [
        "push",
        "-o",
        "break-glass=the site is down",
        "origin",
        "HEAD:trunk",
    ];
    let said = checkout.fail(&glass).await;
    assert!(said.contains("trunk.push"), "{said}");
    checkout
        .run(&["remote", "set-url", "origin", &fixture.url("root")])
        .await;
    checkout.run(&glass).await;
    assert_eq!(fixture.trunk().await, ["two", "begin"]);
    let events = fixture.events().await;
    let (_, moved) = events
        .iter()
        .rfind(|(kind, _)| kind == "trunkline.forge.refs.updated.v1")
        .unwrap();
    assert_eq!(
        (&moved["break_glass"], &moved["by"]),
        (&json!("the site is down"), &json!("root"))
    );
    // It never goes back, and never goes away.
    checkout.run(&["reset", "-q", "--hard", "HEAD~1"]).await;
    let said = checkout
        .fail(&["push", "-f", "-o", "break-glass=x", "origin", "HEAD:trunk"])
        .await;
    assert!(said.contains("never goes back"), "{said}");
    checkout
        .fail(&["push", "-o", "break-glass=x", "origin", ":trunk"])
        .await;
    assert_eq!(fixture.trunk().await, ["two", "begin"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_push_is_told_before_anything_is_read() {
    let fixture = Fixture::new().await;
    fixture.with(&[("a.txt", "1\n")]).await;
    let guest = fixture.clone_as("guest").await;
    guest.commit("mine", &[("b.txt", "2\n")]).await;
    let said = guest.fail(&["push", "origin", "HEAD:refs/for/trunk"]).await;
    assert!(said.contains("403"), "{said}");
    let nobody = fixture.url("nobody");
    let said = guest.fail(&["ls-remote", &nobody]).await;
    assert!(said.contains("Authentication failed"), "{said}");
    let (status, problem) = fixture
        .ask(
            "guest",
            "POST",
            "/v1/repositories",
            Some(json!({"name": "mine"})),
        )
        .await;
    assert_eq!((status, &problem["code"]), (403, &json!("TL-ACCESS-003")));
    // Refs of the platform's own are nobody's.
    let ada = fixture.clone_as("ada").await;
    for name in ["refs/queue/x", "refs/changes/1/1", "refs/for/other"] {
        let said = ada.fail(&["push", "origin", &format!("HEAD:{name}")]).await;
        assert!(said.contains("remote rejected"), "{said}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn branches_and_tags_beside_the_trunk_are_everybodys() {
    let fixture = Fixture::new().await;
    let checkout = fixture.with(&[("a.txt", "1\n")]).await;
    checkout.run(&["tag", "-m", "first", "v1"]).await;
    checkout
        .run(&["push", "-q", "--atomic", "origin", "HEAD:try", "v1"])
        .await;
    let refs = fixture.get("/v1/repositories/shop/refs").await;
    let names: Vec<_> = refs["refs"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| one["name"].as_str().unwrap())
        .collect();
    assert_eq!(
        names,
        ["refs/heads/trunk", "refs/heads/try", "refs/tags/v1"]
    );
    // All or none: the trunk is refused, so the branch stays too.
    checkout.commit("two", &[("a.txt", "2\n")]).await;
    checkout
        .fail(&["push", "--atomic", "origin", "HEAD:try2", "HEAD:trunk"])
        .await;
    checkout.run(&["push", "-q", "origin", ":try"]).await;
    let refs = fixture.get("/v1/repositories/shop/refs").await;
    assert_eq!(refs["refs"].as_array().unwrap().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn shallow_and_partial_clones_fetch_what_they_need_and_push() {
    let fixture = Fixture::new().await;
    let checkout = fixture.with(&[("a.txt", "1\n"), ("b/c.txt", "x\n")]).await;
    checkout.commit("two", &[("a.txt", "2\n")]).await;
    checkout.ship(&[]).await;
    let shallow = fixture.folder.path().join("shallow");
    let url = fixture.url("ada");
    checkout
        .run(&["clone", "-q", "--depth=1", &url, shallow.to_str().unwrap()])
        .await;
    let shallow = crate::fixture::Checkout { folder: shallow };
    assert_eq!(shallow.run(&["log", "--format=%s"]).await, "two\n");
    shallow.commit("three", &[("a.txt", "3\n")]).await;
    shallow.ship(&[]).await;
    assert_eq!(fixture.trunk().await, ["three", "two", "begin"]);
    let partial = fixture.folder.path().join("partial");
    checkout
        .run(&[
            "clone",
            "-q",
            "--filter=blob:none",
            "--no-checkout",
            &url,
            partial.to_str().unwrap(),
        ])
        .await;
    let partial = crate::fixture::Checkout { folder: partial };
    let missing = partial
        .run(&["rev-list", "--objects", "--missing=print", "HEAD"])
        .await;
    assert!(missing.contains("\n?"), "{missing}");
    partial.run(&["checkout", "-q", "trunk"]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn repositories_are_made_described_and_removed() {
    let fixture = Fixture::new().await;
    let make = |name: &str| json!({"name": name, "description": "what we sell"});
    let (status, made) = fixture
        .ask("root", "POST", "/v1/repositories", Some(make("tools")))
        .await;
    assert_eq!((status, &made["trunk"]), (201, &json!("trunk")));
    let (status, problem) = fixture
        .ask("root", "POST", "/v1/repositories", Some(make("tools")))
        .await;
    assert_eq!((status, &problem["code"]), (409, &json!("TL-FORGE-002")));
    for name in ["", "Tools", "../x", "a b"] {
        let (status, problem) = fixture
            .ask("root", "POST", "/v1/repositories", Some(make(name)))
            .await;
        assert_eq!(
            (status, &problem["code"]),
            (400, &json!("TL-REPOSITORY-002")),
            "{name}"
        );
    }
    let patch = Some(json!({"description": "more"}));
    let (status, changed) = fixture
        .ask("root", "PATCH", "/v1/repositories/tools", patch)
        .await;
    assert_eq!((status, &changed["description"]), (200, &json!("more")));
    assert_eq!(
        fixture.get("/v1/repositories").await["repositories"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
    let (status, _) = fixture
        .ask("root", "DELETE", "/v1/repositories/tools", None)
        .await;
    assert_eq!(status, 204);
    let (status, problem) = fixture
        .ask("ada", "GET", "/v1/repositories/tools", None)
        .await;
    assert_eq!((status, &problem["code"]), (404, &json!("TL-FORGE-001")));
    assert!(
        !fixture
            .folder
            .path()
            .join("forge/repositories/tools.git")
            .exists()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_read_at_any_commit() {
    let fixture = Fixture::new().await;
    let checkout = fixture
        .with(&[("src/a.rs", "one\n"), ("logo.png", "\u{89}")])
        .await;
    std::fs::write(checkout.folder.join("logo.png"), [0x89, 0xff]).unwrap();
    checkout.commit("two", &[("src/a.rs", "two\n")]).await;
    checkout.ship(&[]).await;
    let file = fixture
        .get("/v1/repositories/shop/file?path=src/a.rs")
        .await;
    assert_eq!(file["text"], "two\n");
    let file = fixture
        .get("/v1/repositories/shop/file?path=src/a.rs&revision=trunk~1")
        .await;
    assert_eq!(file["text"], "one\n");
    assert_eq!(
        fixture
            .get("/v1/repositories/shop/file?path=logo.png")
            .await["base64"],
        "if8="
    );
    let folder = fixture.get("/v1/repositories/shop/folder").await;
    assert_eq!(
        folder["entries"][0],
        json!({"name": "src", "kind": "folder"})
    );
    let blame = fixture
        .get("/v1/repositories/shop/blame?path=src/a.rs")
        .await;
    assert_eq!(blame["lines"][0]["subject"], "two");
    let diff = fixture.get("/v1/repositories/shop/diff?to=trunk").await;
    assert_eq!(diff["files"].as_array().unwrap().len(), 2);
    let (status, problem) = fixture
        .ask("ada", "GET", "/v1/repositories/shop/file?path=none", None)
        .await;
    assert_eq!(
        (status, &problem["code"]),
        (404, &json!("TL-REPOSITORY-007"))
    );
}
