//! Git hosting, changes and tasks with git itself.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

use crate::platform::{Platform, done};

/// A checkout that pushes to a platform.
pub(crate) struct Checkout {
    pub(crate) folder: PathBuf,
}

impl Checkout {
    /// A new one in `folder`, whose remote is the repository `shop`.
    pub(crate) fn new(platform: &Platform, folder: &Path) -> Self {
        platform.post("/v1/repositories", &json!({"name": "shop"}));
        let checkout = Self::alone(folder);
        checkout.run(&["remote", "add", "trunk", &address(platform)]);
        checkout
    }

    /// A new one in `folder`, without a remote.
    fn alone(folder: &Path) -> Self {
        let checkout = Self {
            folder: folder.to_owned(),
        };
        std::fs::create_dir_all(folder).unwrap();
        checkout.run(&["init", "-q", "-b", "trunk"]);
        checkout
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> Output {
        Command::new("git")
            .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
            .args(arguments)
            .current_dir(&self.folder)
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap()
    }

    /// Runs git, which must succeed, and gives what it said.
    pub(crate) fn run(&self, arguments: &[&str]) -> String {
        let output = self.git(arguments);
        let said = said(&output);
        assert!(output.status.success(), "git {arguments:?}: {said}");
        said
    }

    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) {
        for (path, content) in files {
            let path = self.folder.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        self.run(&["add", "-A"]);
        self.run(&["commit", "-q", "-m", message]);
    }

    /// Waits so that the next commit has another second, by which commits without a tool's word are told apart.
    pub(crate) fn next_second(&self) {
        std::thread::sleep(std::time::Duration::from_millis(1_100));
    }
}

pub(crate) fn address(platform: &Platform) -> String {
    let (host, token) = (platform.api.trim_start_matches("http://"), &platform.token);
    format!("http://git:{token}@{host}/git/shop")
}

pub(crate) fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

/// A service whose test runs `command`.
fn service(name: &str, command: &str) -> String {
    format!(
        "name = \"{name}\"\n[build]\ncmd = \"mkdir -p out && cp main.txt out/{name}\"\noutputs = [\"out/**\"]\n[test]\ncmd = '''{command}'''\n"
    )
}

fn rows(platform: &Platform, sql: &str) -> Vec<Value> {
    let text = done(&platform.trunkline(&["sql", sql, "--output", "jsonl"]));
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("{text}")))
        .collect()
}

/// Asks until the answer is as it should be, for at most a minute.
pub(crate) fn until(
    platform: &Platform,
    sql: &str,
    holds: impl Fn(&[Value]) -> bool,
) -> Vec<Value> {
    for _ in 0..120 {
        let rows = rows(platform, sql);
        if holds(&rows) {
            return rows;
        }
        std::thread::sleep(std::time::Duration::from_millis(500));
    }
    panic!("{sql}: {:?}", rows(platform, sql));
}

#[test]
fn only_what_is_affected_runs_and_what_breaks_is_refused() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout::new(&platform, &folder.path().join("work"));
    let good = "grep -q good out/billing";
    checkout.commit(
        "begin",
        &[
            ("billing/service.toml", &service("billing", good)),
            ("billing/main.txt", "good\n"),
            ("web/service.toml", &service("web", "true")),
            ("web/main.txt", "x\n"),
        ],
    );
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    checkout.next_second();
    checkout.commit("charge less", &[("billing/main.txt", "good, and cheap\n")]);
    let told = checkout.run(&["push", "trunk", "HEAD:refs/for/trunk"]);
    assert!(
        told.contains("2 tasks are affected, 0 known to be green"),
        "{told}"
    );
    assert!(
        told.contains("test of service:billing: green") && !told.contains("service:web"),
        "{told}"
    );
    assert!(told.contains("HEAD -> trunk"), "{told}");

    checkout.next_second();
    checkout.commit("break it", &[("billing/main.txt", "bad\n")]);
    let refused = checkout.git(&["push", "trunk", "HEAD:refs/for/trunk"]);
    let told = said(&refused);
    assert!(
        !refused.status.success() && told.contains("test of service:billing fails with it"),
        "{told}"
    );

    // Nothing of it depends on when it is pushed: what is green once is known.
    checkout.run(&["reset", "-q", "--hard", "trunk/trunk"]);
    checkout.next_second();
    checkout.commit("a word", &[("README.md", "hello\n")]);
    let told = checkout.run(&["push", "trunk", "HEAD:refs/for/trunk"]);
    assert!(told.contains("nothing has to run"), "{told}");

    let landings = until(
        &platform,
        "select outcome, tasks, ran from landings order by time",
        |rows| rows.len() == 3,
    );
    let outcomes: Vec<_> = landings
        .iter()
        .map(|row| row["outcome"].as_str().unwrap())
        .collect();
    assert_eq!(outcomes, ["landed", "refused", "landed"]);
    assert_eq!(landings[0]["tasks"], 2);
    // The test needs the build, and whichever of both comes first runs it.
    assert!(landings[0]["ran"].as_i64().unwrap() >= 1, "{landings:?}");
    let tasks = until(
        &platform,
        "select distinct project, task, outcome from tasks order by 1, 2, 3",
        |rows| rows.len() >= 3,
    );
    assert!(
        tasks.contains(&json!({"project": "service:billing", "task": "test", "outcome": "red"})),
        "{tasks:?}"
    );
    let changes = rows(&platform, "select max(change) as last from changes");
    assert_eq!(changes[0]["last"], 3);
    let listed =
        done(&platform.trunkline(&["change", "list", "--state", "refused", "--output", "json"]));
    assert!(listed.contains("break it"), "{listed}");
    let queue = done(&platform.trunkline(&["queue", "show", "shop", "--output", "json"]));
    assert_eq!(
        serde_json::from_str::<Value>(&queue).unwrap()["lanes"],
        json!([])
    );
}

#[test]
fn a_task_sees_neither_the_platforms_secrets_nor_its_processes() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout::new(&platform, &folder.path().join("work"));
    checkout.commit("begin", &[("README.md", "x\n")]);
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    let data = platform.data_dir();
    let token = data.join("local.token");
    let command = format!(
        "cat {}; ls {}; echo mine > {}/mine; cat /etc/shadow; (echo > /dev/tcp/127.0.0.1/80) 2>&1; env; exit 3",
        token.display(),
        data.display(),
        data.display()
    );
    checkout.next_second();
    checkout.commit(
        "look around",
        &[
            ("spy/service.toml", &service("spy", &command)),
            ("spy/main.txt", ""),
        ],
    );
    let refused = checkout.git(&["push", "trunk", "HEAD:refs/for/trunk"]);
    let told = said(&refused);
    assert!(!refused.status.success(), "{told}");
    assert!(told.contains("Permission denied"), "{told}");
    assert!(
        !told.contains(&platform.token) && !told.contains("local.token\n"),
        "{told}"
    );
    assert!(!told.contains("TRUNKLINE__"), "{told}");
    assert!(!data.join("mine").exists());
}

#[test]
fn what_was_queued_lands_after_the_platform_was_killed() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout::new(&platform, &folder.path().join("work"));
    let number = std::process::id() % 10_000;
    let slow = format!("sleep 2.{number}");
    checkout.commit(
        "begin",
        &[
            ("slow/service.toml", &service("slow", &slow)),
            ("slow/main.txt", "1\n"),
        ],
    );
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    checkout.next_second();
    checkout.commit("mine", &[("slow/main.txt", "2\n")]);
    checkout.run(&["push", "-o", "no-wait", "trunk", "HEAD:refs/for/trunk"]);
    // In the middle of whatever it does.
    std::thread::sleep(std::time::Duration::from_millis(700));
    let platform = platform.kill_and_restart();
    let landed = until(&platform, "select outcome from landings", |rows| {
        !rows.is_empty()
    });
    assert_eq!(landed, [json!({"outcome": "landed"})]);
    checkout.run(&["remote", "set-url", "trunk", &address(&platform)]);
    checkout.run(&["fetch", "-q", "trunk"]);
    assert_eq!(
        checkout.run(&["log", "--format=%s", "trunk/trunk"]),
        "mine\nbegin\n"
    );
    let states = rows(&platform, "select distinct state from changes order by 1");
    assert_eq!(
        states,
        [json!({"state": "landed"}), json!({"state": "queued"})]
    );
}

#[test]
fn the_same_tasks_run_on_a_laptop() {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    let checkout = Checkout::alone(&work);
    checkout.commit(
        "begin",
        &[
            (".gitignore", "out/\n"),
            (
                "billing/service.toml",
                &service("billing", "cat out/billing"),
            ),
            ("billing/main.txt", "good\n"),
        ],
    );
    let trunkline = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_trunkline"))
            .args(arguments)
            .current_dir(&work)
            .env("XDG_CACHE_HOME", folder.path().join("cache"))
            .output()
            .unwrap();
        (output.status.code(), said(&output))
    };
    let (code, told) = trunkline(&["task", "run", "test"]);
    assert!(
        code == Some(0) && told.contains("0 known, 2 ran, 0 did not end well"),
        "{told}"
    );
    let (_, told) = trunkline(&["task", "run", "test"]);
    assert!(told.contains("2 known, 0 ran"), "{told}");
    std::fs::write(work.join("billing/main.txt"), "better\n").unwrap();
    let (_, told) = trunkline(&["task", "why", "billing#test"]);
    assert!(
        told.contains("billing/main.txt") && told.contains("what it needs"),
        "{told}"
    );
    let (code, told) = trunkline(&["task", "run", "billing#tset"]);
    assert!(code == Some(3) && told.contains("TL-TASK-003"), "{told}");
    let (code, told) = trunkline(&[
        "task",
        "run",
        "test",
        "--affected-from",
        "HEAD",
        "--dry-run",
    ]);
    assert!(
        code == Some(0) && told.contains("1 task would run"),
        "{told}"
    );
    std::fs::write(
        work.join("billing/service.toml"),
        service("billing", "echo no; exit 9"),
    )
    .unwrap();
    let (code, told) = trunkline(&["task", "run", "test"]);
    assert!(code == Some(1) && told.contains("failed with 9"), "{told}");
    let (code, told) = trunkline(&["deps", "check"]);
    assert!(code == Some(0) && told.contains("0 findings"), "{told}");
}

/// Asks with curl: the status, and what was answered.
fn curl(
    platform: &Platform,
    token: &str,
    method: &str,
    path: &str,
    body: Option<&str>,
) -> (String, String) {
    let mut command = Command::new("curl");
    command.args([
        "-sS",
        "-X",
        method,
        "-w",
        "\n%{http_code} %header{x-artifact-duration}",
        "-H",
    ]);
    command.arg(format!("authorization: Bearer {token}"));
    if method == "HEAD" {
        command.arg("--head");
    }
    if let Some(body) = body {
        command.args(["-H", "x-artifact-duration: 70", "--data-binary", body]);
    }
    let output = command
        .arg(format!("{}{path}", platform.api))
        .output()
        .unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    let (answer, status) = text.rsplit_once('\n').unwrap();
    (status.trim().to_owned(), answer.to_owned())
}

#[test]
fn turborepo_and_nx_share_a_cache_in_which_nobody_poisons_another() {
    let platform = Platform::start();
    let owner = platform.token.clone();
    let token = |name: &str| {
        let scopes = ["--scope", "read", "--scope", "write"];
        let arguments = [&["token", "create", "--name", name], &scopes[..]].concat();
        done(&platform.trunkline(&arguments)).trim().to_owned()
    };
    let (ada, bob) = (token("ada"), token("bob"));
    assert_eq!(
        curl(&platform, &ada, "GET", "/v8/artifacts/status", None),
        ("200".into(), "{\"status\":\"enabled\"}".into())
    );
    let path = "/v8/artifacts/0a1b?slug=team";
    assert_eq!(curl(&platform, &ada, "GET", path, None).0, "404");
    assert_eq!(curl(&platform, &ada, "PUT", path, Some("hers")).0, "202");
    assert_eq!(
        curl(&platform, &ada, "GET", path, None),
        ("200 70".into(), "hers".into())
    );
    // What she put in is hers alone, until one whom everybody trusts puts it in.
    assert_eq!(curl(&platform, &bob, "GET", path, None).0, "404");
    assert_eq!(curl(&platform, &owner, "PUT", path, Some("ours")).0, "202");
    assert_eq!(curl(&platform, &bob, "GET", path, None).1, "ours");
    assert_eq!(curl(&platform, &bob, "HEAD", path, None).0, "200 70");
    let path = "/v1/cache/123";
    assert_eq!(curl(&platform, &ada, "PUT", path, Some("x")).0, "200");
    assert_eq!(curl(&platform, &ada, "PUT", path, Some("y")).0, "409");
    assert_eq!(
        curl(&platform, &ada, "GET", path, None),
        ("200".into(), "x".into())
    );
    assert_eq!(curl(&platform, "tl_no", "GET", path, None).0, "401");
    assert_eq!(curl(&platform, &ada, "GET", "/v1/cache/a.b", None).0, "404");
}

#[test]
fn a_task_sees_what_it_declares_and_is_told_where_that_is_not_enough() {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    let checkout = Checkout::alone(&work);
    let service =
        |name: &str, test: &str| format!("name = \"{name}\"\n\n[test]\ncmd = \"{test}\"\n");
    checkout.commit(
        "begin",
        &[
            (
                "billing/service.toml",
                &service("billing", "cat ../mail/text"),
            ),
            (
                "mail/service.toml",
                &service("mail", "cat $(pwd)/text ../shared"),
            ),
            ("mail/text", "dear all\n"),
            ("shared", "for all\n"),
        ],
    );
    let run = || {
        let output = Command::new(env!("CARGO_BIN_EXE_trunkline"))
            .args(["task", "run", "test"])
            .current_dir(&work)
            // The checkout lies in the person's own home, as it mostly does.
            .env("HOME", folder.path())
            .env_remove("XDG_CACHE_HOME")
            .output()
            .unwrap();
        (output.status.code(), said(&output))
    };
    let (code, told) = run();
    assert!(
        code == Some(1) && told.contains("1 ran, 1 did not end well"),
        "{told}"
    );
    assert!(told.contains("mail/text: Permission denied"), "{told}");
    assert!(
        told.contains("a task sees its project, what that needs and what it declares"),
        "{told}"
    );
    let rules = "[project.billing.test]\ninputs = [\".\", \"/mail/text\"]\n";
    std::fs::write(work.join("tasks.toml"), rules).unwrap();
    let (code, told) = run();
    assert!(code == Some(0) && told.contains("dear all"), "{told}");
}
