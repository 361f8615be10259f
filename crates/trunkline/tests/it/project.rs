//! `trunkline project`, on a repository made with git.

use serde_json::Value;

use crate::ingest::git;
use crate::program::Program;

/// A program beside a repository `shop` with two projects, and what the second commit changed.
fn shop() -> Program {
    let program = Program::new();
    program.file(
        "shop/api/Cargo.toml",
        "[package]\nname = \"api\"\n[dev-dependencies]\nmoney = { path = \"../money\" }\n",
    );
    program.file("shop/api/service.toml", "name = \"shop-api\"\n");
    program.file("shop/money/Cargo.toml", "[package]\nname = \"money\"\n");
    program.file("shop/web/package.json", "{\"name\": }");
    git(&program, &["init", "-q"]);
    git(&program, &["add", "."]);
    git(&program, &["commit", "-q", "-m", "Open the shop"]);
    program.file("shop/money/src/lib.rs", "pub fn money() {}\n");
    git(&program, &["add", "."]);
    git(&program, &["commit", "-q", "-m", "Take money"]);
    program
}

#[test]
fn projects_are_listed_and_broken_manifests_are_named() {
    let program = shop();
    let ran = program.run(&["project", "list", "--repository", "shop"]);
    assert_eq!(
        ran.good(),
        "name   ecosystem  folder  service   needs  needed_by\napi    cargo      api     shop-api      1          0\nmoney  cargo      money                 0          1\n"
    );
    let words = ran.err();
    assert!(words.contains("warning: web/package.json:1: "), "{words}");
    assert!(words.contains("2 projects"), "{words}");
    let mony = program.run(&[
        "project",
        "why",
        "mony",
        "--repository",
        "shop",
        "--from",
        "HEAD",
    ]);
    assert!(
        mony.err().contains("did you mean `money`?"),
        "{}",
        mony.err()
    );
    let graph = program.run(&[
        "project",
        "graph",
        "--repository",
        "shop/api",
        "-o",
        "jsonl",
        "-qq",
    ]);
    let edge: Value = serde_json::from_str(&graph.good()).unwrap();
    assert_eq!(
        edge,
        serde_json::json!({"project": "cargo:api", "needs": "cargo:money", "for": "development"})
    );
    let dot = program.run(&["project", "graph", "--repository", "shop", "--dot"]);
    assert!(
        dot.good()
            .contains("\"cargo:api\" -> \"cargo:money\" [style = dashed];")
    );
}

#[test]
fn a_range_touches_projects_and_says_why() {
    let program = shop();
    let affected = program.run(&[
        "project",
        "affected",
        "--repository",
        "shop",
        "--from",
        "HEAD~1",
        "-o",
        "csv",
    ]);
    assert_eq!(
        affected.good(),
        "name,ecosystem,folder,tests_only,because\napi,cargo,api,true,its tests need cargo:money\nmoney,cargo,money,false,money/src/lib.rs changed\n"
    );
    let why = program.run(&[
        "project",
        "why",
        "shop-api",
        "--repository",
        "shop",
        "--from",
        "HEAD~1",
        "-o",
        "csv",
    ]);
    assert_eq!(
        why.good(),
        "project,because\ncargo:api,its tests need cargo:money\ncargo:money,money/src/lib.rs changed\n"
    );
    let untouched = program.run(&[
        "project",
        "why",
        "money",
        "--repository",
        "shop",
        "--from",
        "HEAD",
    ]);
    assert!(
        untouched
            .err()
            .contains("the range does not touch cargo:money")
    );
}

#[test]
fn what_is_not_there_is_said_with_a_code() {
    let program = shop();
    for (arguments, code) in [
        (
            ["list", "--repository", "/proc"].as_slice(),
            "TL-PROJECT-001",
        ),
        (
            &["list", "--repository", "shop", "--at", "gone"],
            "TL-PROJECT-002",
        ),
        (
            &["why", "mony", "--repository", "shop", "--from", "HEAD"],
            "TL-PROJECT-004",
        ),
    ] {
        let ran = program.run(&[&["project"], arguments].concat());
        assert_eq!(ran.code(), 3, "{}", ran.err());
        assert!(ran.err().contains(code), "{}", ran.err());
    }
}
