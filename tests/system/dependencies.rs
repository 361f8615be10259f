//! Versions that drifted apart, put right by changes in the landing queue.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::forge::{Checkout, said, until};
use crate::platform::{Platform, done};

/// A lockfile with two versions of `ms`.
const LOCK: &str = r#"{"lockfileVersion": 3, "packages": {
"": {"dependencies": {"a": "*", "ms": "*"}},
"node_modules/a": {"version": "1.0.0", "dependencies": {"ms": "^1.0.0"}},
"node_modules/a/node_modules/ms": {"version": "1.0.0"},
"node_modules/ms": {"version": "2.0.0"}}}"#;
/// A lockfile that has nothing yet.
const EMPTY: &str = "{\"lockfileVersion\": 3, \"packages\": {\"\": {\"dependencies\": {}}}}\n";
/// The first line of the commit that puts [`drifted`] right.
const TITLE: &str = "dependencies: one version of react, requests";

fn package(name: &str, react: &str) -> String {
    format!("{{\n  \"name\": \"{name}\",\n  \"dependencies\": {{ \"react\": \"{react}\" }}\n}}\n")
}

fn project(name: &str, requests: &str) -> String {
    format!("[project]\nname = \"{name}\"\ndependencies = [\"requests{requests}\"] # by hand\n")
}

/// A repository in whose trunk one package of Node and one of Python drift.
fn drifted(platform: &Platform, folder: &Path) -> Checkout {
    let checkout = Checkout::new(platform, &folder.join("work"));
    checkout.commit(
        "begin",
        &[
            ("web/package.json", &package("web", "^18.0.0")),
            ("shop/package.json", &package("shop", "^19.0.0")),
            ("desk/package.json", &package("desk", "^19.0.0")),
            ("ml/pyproject.toml", &project("ml", ">=2.0")),
            ("etl/pyproject.toml", &project("etl", ">=2.32")),
            ("feed/pyproject.toml", &project("feed", ">=2.32")),
        ],
    );
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    checkout
}

/// Runs the binary in the checkout as Ada: its exit code, its document, and all that was said.
fn deps(checkout: &Checkout, arguments: &[&str]) -> (i32, Value, String) {
    deps_in(checkout, arguments, None)
}

/// The same with other programs in the path.
fn deps_in(checkout: &Checkout, arguments: &[&str], path: Option<&str>) -> (i32, Value, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_trunkline"))
        .envs(path.map(|path| ("PATH", path)))
        .args(["deps", "--output", "json"])
        .args(arguments)
        .current_dir(&checkout.folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .envs([("GIT_AUTHOR_NAME", "Ada"), ("GIT_COMMITTER_NAME", "Ada")])
        .env("GIT_AUTHOR_EMAIL", "ada@example.com")
        .env("GIT_COMMITTER_EMAIL", "ada@example.com")
        .output()
        .unwrap();
    let document = serde_json::from_slice(&output.stdout).unwrap_or_default();
    (output.status.code().unwrap(), document, said(&output))
}

fn changes(platform: &Platform, state: &str) -> Vec<Value> {
    let listed = platform.trunkline(&["change", "list", "--state", state, "--output", "jsonl"]);
    let listed = done(&listed);
    let rows = listed.lines();
    rows.map(|row| serde_json::from_str(row).unwrap()).collect()
}

#[test]
fn a_fix_lands_as_a_change_and_leaves_the_checkout_alone() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = drifted(&platform, folder.path());
    // Work that is not in the trunk yet, and a file that git does not know.
    checkout.next_second();
    checkout.commit("mine", &[("notes.md", "of my own\n")]);
    std::fs::write(checkout.folder.join("scratch.txt"), "x").unwrap();
    let before = checkout.run(&["rev-parse", "HEAD"]);

    let (code, trial, told) = deps(&checkout, &["fix", "--land", "--dry-run"]);
    assert_eq!((code, &trial["state"]), (0, &json!("trial")), "{told}");
    assert!(told.contains("Change-Id: I"), "{told}");
    assert_eq!(changes(&platform, "landed"), [json!(null); 0]);

    let (code, landed, told) = deps(&checkout, &["fix", "--land"]);
    assert_eq!((code, &landed["state"]), (0, &json!("landed")), "{told}");
    assert_eq!(
        landed["paths"],
        json!(["ml/pyproject.toml", "web/package.json"])
    );
    assert!(
        told.contains(&format!("remote: change 1: {TITLE}")),
        "{told}"
    );
    assert!(told.contains("git pull --rebase trunk trunk"), "{told}");
    checkout.run(&["fetch", "-q", "trunk"]);
    let commit = checkout.run(&["log", "-1", "--format=%an <%ae>%n%B", "trunk/trunk"]);
    assert!(
        commit.starts_with(&format!(
            "Ada <ada@example.com>\n{TITLE}\n\n\
            - ml/pyproject.toml: requests >=2.0 -> >=2.32\n\
            - web/package.json: react ^18.0.0 -> ^19.0.0\n\nChange-Id: I"
        )),
        "{commit}"
    );
    let file = |path: &str| checkout.run(&["show", &format!("trunk/trunk:{path}")]);
    assert_eq!(file("web/package.json"), package("web", "^19.0.0"));
    assert_eq!(file("ml/pyproject.toml"), project("ml", ">=2.32"));
    until(&platform, "select outcome from landings", |rows| {
        rows == [json!({"outcome": "landed"})]
    });

    // The checkout is as it was.
    assert_eq!(checkout.run(&["rev-parse", "HEAD"]), before);
    assert_eq!(checkout.run(&["status", "--porcelain"]), "?? scratch.txt\n");
    assert_eq!(
        checkout.run(&["branch", "--format=%(refname)"]),
        "refs/heads/trunk\n"
    );

    let (code, nothing, told) = deps(&checkout, &["fix", "--land"]);
    assert_eq!((code, &nothing["state"]), (0, &json!("nothing")), "{told}");
    assert!(
        told.contains("nothing is to be changed in trunk/trunk"),
        "{told}"
    );
    checkout.run(&["fetch", "-q", "trunk"]);
    assert_eq!(
        checkout.run(&["log", "--format=%s", "trunk/trunk"]),
        format!("{TITLE}\nbegin\n")
    );
}

#[test]
fn a_fix_that_does_not_land_is_kept_and_another_attempt_is_the_same_change() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = drifted(&platform, folder.path());
    let check = "[test]\ncmd = \"grep -q 18 package.json\"\n";
    let service = format!("name = \"web\"\n{check}");
    checkout.next_second();
    checkout.commit(
        "hold on to the old one",
        &[
            ("web/service.toml", &service),
            ("web/package-lock.json", EMPTY),
        ],
    );
    checkout.run(&["push", "-q", "trunk", "HEAD:refs/for/trunk"]);
    let (code, _, told) = deps(&checkout, &["fix", "--land"]);
    assert!(code == 1 && told.contains("TL-CLI-008"), "{code}: {told}");
    assert!(told.contains("test of node:web fails with it"), "{told}");
    assert!(
        told.contains(
            "not part of it without --relock: (cd web && npm install --package-lock-only)"
        ),
        "{told}"
    );
    assert!(
        told.contains("git switch -c mend refs/trunkline/deps-fix"),
        "{told}"
    );
    let kept = checkout.run(&["log", "-1", "--format=%s", "refs/trunkline/deps-fix"]);
    assert_eq!(kept, format!("{TITLE}\n"));
    assert_eq!(checkout.run(&["status", "--porcelain"]), "");

    checkout.next_second();
    let (code, waits, told) = deps(&checkout, &["fix", "--land=ask"]);
    assert_eq!((code, &waits["state"]), (0, &json!("waits")), "{told}");
    let open = changes(&platform, "open");
    assert_eq!(open.len(), 1, "{open:?}");
    let first = &open[0];
    assert_eq!(
        (&first["number"], &first["revision"], &first["mode"]),
        (&json!(2), &json!(2), &json!("ask")),
        "{first}"
    );
}

/// A folder with an `npm` that writes a lockfile, and something else.
fn npm(folder: &Path) -> PathBuf {
    let tools = folder.join("tools");
    std::fs::create_dir(&tools).unwrap();
    let npm = tools.join("npm");
    let script = "#!/bin/sh\necho \"$@\"\necho '{\"lockfileVersion\": 3, \"packages\": {}}' > package-lock.json\ntouch left-behind\n";
    std::fs::write(&npm, script).unwrap();
    std::fs::set_permissions(&npm, std::fs::Permissions::from_mode(0o755)).unwrap();
    tools
}

#[test]
fn what_only_the_tool_of_a_lockfile_can_write_lands_with_it() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = drifted(&platform, folder.path());
    checkout.next_second();
    checkout.commit("lock", &[("web/package-lock.json", EMPTY)]);
    checkout.run(&["push", "-q", "trunk", "HEAD:refs/for/trunk"]);
    let tools = npm(folder.path());
    let path = std::env::var("PATH").unwrap();
    let path = format!("{}:{path}", tools.display());
    let (code, landed, told) = deps_in(&checkout, &["fix", "--land", "--relock"], Some(&path));
    assert_eq!((code, &landed["state"]), (0, &json!("landed")), "{told}");
    assert_eq!(
        landed["paths"],
        json!([
            "ml/pyproject.toml",
            "web/package-lock.json",
            "web/package.json"
        ])
    );
    checkout.run(&["fetch", "-q", "trunk"]);
    let message = checkout.run(&["log", "-1", "--format=%B", "trunk/trunk"]);
    assert!(
        message.contains(
            "By the tools of lockfiles:\n- (cd web && npm install --package-lock-only)\n"
        ),
        "{message}"
    );
    assert_eq!(
        checkout.run(&["show", "trunk/trunk:web/package-lock.json"]),
        "{\"lockfileVersion\": 3, \"packages\": {}}\n"
    );
    assert_eq!(checkout.run(&["status", "--porcelain"]), "");
    assert_eq!(checkout.run(&["worktree", "list"]).lines().count(), 1);

    // A tool that fails stops it before anybody else sees it.
    checkout.run(&["reset", "-q", "--hard", "trunk/trunk"]);
    checkout.next_second();
    checkout.commit("back", &[("web/package.json", &package("web", "^18.0.0"))]);
    checkout.run(&["push", "-q", "trunk", "HEAD:refs/for/trunk"]);
    std::fs::write(tools.join("npm"), "#!/bin/sh\nexit 3\n").unwrap();
    let (code, _, told) = deps_in(&checkout, &["fix", "--land", "--relock"], Some(&path));
    assert!(code == 1 && told.contains("TL-CLI-008"), "{code}: {told}");
    assert!(
        told.contains("`npm install --package-lock-only` failed"),
        "{told}"
    );
    let refused = changes(&platform, "refused");
    assert!(refused.is_empty(), "{refused:?}");
}

#[test]
fn what_keeps_a_fix_from_being_made_is_said_with_a_code() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = drifted(&platform, folder.path());
    let (code, _, told) = deps(&checkout, &["fix", "--land", "--remote", "gone"]);
    assert!(code == 3 && told.contains("TL-CLI-007"), "{code}: {told}");
    let manifest = checkout.folder.join("web/package.json");
    std::fs::write(&manifest, package("web", "^17.0.0")).unwrap();
    let (code, _, told) = deps(&checkout, &["fix", "--land"]);
    assert!(code == 5 && told.contains("TL-CLI-006"), "{code}: {told}");
    assert!(
        told.contains("web/package.json has changes that are not committed")
            && told.contains("git stash"),
        "{told}"
    );
    assert_eq!(changes(&platform, "landed"), [json!(null); 0]);
    assert_eq!(
        std::fs::read_to_string(&manifest).unwrap(),
        package("web", "^17.0.0")
    );
}

#[test]
fn a_duplicate_shows_its_price() {
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout {
        folder: folder.path().to_owned(),
    };
    checkout.run(&["init", "-q", "-b", "trunk"]);
    checkout.commit(
        "begin",
        &[
            (".gitignore", "node_modules\n"),
            ("web/package.json", "{\"name\": \"web\"}\n"),
            ("web/package-lock.json", LOCK),
        ],
    );
    let priced = || {
        let (_, findings, told) = deps(&checkout, &["check"]);
        let all = findings
            .as_array()
            .unwrap_or_else(|| panic!("{told}"))
            .iter();
        let mut found = all.filter(|one| one["kind"] == "major-duplicate").cloned();
        found.next().unwrap_or_else(|| panic!("{told}"))
    };
    let unknown = priced();
    assert_eq!(
        (&unknown["price"], &unknown["bytes"]),
        (&json!("1 package, size unknown"), &json!(null))
    );
    let copy = checkout.folder.join("web/node_modules/a/node_modules/ms");
    std::fs::create_dir_all(&copy).unwrap();
    std::fs::write(copy.join("package.json"), "{\"version\": \"1.0.0\"}").unwrap();
    std::fs::write(copy.join("index.js"), "x".repeat(2_028)).unwrap();
    let known = priced();
    assert_eq!(
        (&known["price"], &known["bytes"], &known["unmeasured"]),
        (&json!("1 package, 2.0 KiB"), &json!(2_048), &json!(0))
    );
}
