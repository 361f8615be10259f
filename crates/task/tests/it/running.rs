use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trunkline_task::{Outcome, RunOptions, TaskError};

use crate::fixture::{Fixture, short};

#[tokio::test]
async fn what_is_known_is_not_run_and_its_log_is_told_again() {
    let fixture = Fixture::chain();
    let first = fixture.run().await;
    assert_eq!(
        short(&first),
        ["node:a#build Ran", "node:b#build Ran", "node:c#build Ran"]
    );
    assert_eq!(
        fixture.told()[..4],
        [
            "started node:a#build",
            "node:a#build: built a",
            "node:a#build Ran",
            "started node:b#build"
        ]
    );
    // Gone from the checkout, and back from the store.
    std::fs::remove_dir_all(fixture.root().join("p/b/dist")).unwrap();
    let second = fixture.run().await;
    assert!(
        second.is_green() && second.count(|one| one == Outcome::Hit) == 3,
        "{second:?}"
    );
    assert_eq!(fixture.told()[0], "node:a#build: built a");
    assert_eq!(
        std::fs::read_to_string(fixture.root().join("p/b/dist/b.js")).unwrap(),
        "b\n"
    );
    let forced = fixture
        .run_with(&RunOptions {
            force: true,
            ..fixture.options()
        })
        .await;
    assert_eq!(forced.count(|one| one == Outcome::Ran), 3);
}

#[tokio::test]
async fn what_changed_without_effect_ends_there() {
    let fixture = Fixture::chain();
    fixture.run().await;
    // A comment that the build leaves out.
    fixture.write(&[("p/a/in.js", "// why\na\n")]);
    let plan = fixture.plan();
    assert_eq!(
        short(&fixture.run().await),
        ["node:a#build Ran", "node:b#build Hit", "node:c#build Hit"]
    );
    assert_eq!(plan.tasks.len(), 3);
    // A change with an effect goes on for as long as it has one.
    fixture.write(&[("p/a/in.js", "aa\n")]);
    assert_eq!(
        short(&fixture.run().await),
        ["node:a#build Ran", "node:b#build Ran", "node:c#build Hit"]
    );
}

#[tokio::test]
async fn a_failure_stops_who_needs_it_and_nobody_else() {
    let fixture = Fixture::chain();
    fixture.write(&[("tasks.toml", "[node.build]\ncmd = \"echo {name}; test {name} != b\"\ntools = []\n[node.lint]\ncmd = \"true\"\ntools = []\n")]);
    let summary = fixture.run().await;
    assert!(!summary.is_green());
    let all = short(&summary);
    for expected in [
        "node:a#build Ran",
        "node:a#lint Ran",
        "node:b#build Failed(Some(1))",
        "node:b#lint Skipped",
        "node:c#build Skipped",
    ] {
        assert!(all.iter().any(|one| one == expected), "{expected}: {all:?}");
    }
    // A failure is nothing that is known: it runs again.
    let again = short(&fixture.run().await);
    assert!(
        again.contains(&"node:b#build Failed(Some(1))".to_owned())
            && again.contains(&"node:a#build Hit".to_owned())
    );
}

#[tokio::test]
async fn secrets_are_given_and_not_told() {
    let fixture = Fixture::chain();
    let rules = "[project.a.build]\ncmd = \"echo key $TOKEN; test $TOKEN = hunter2\"\nsecrets = [\"TOKEN\"]\n[project.b.build]\ncmd = \"\"\n[project.c.build]\ncmd = \"\"\n";
    fixture.write(&[("tasks.toml", rules)]);
    assert!(fixture.run().await.is_green());
    assert!(fixture.told().contains(&"node:a#build: key ***".to_owned()));
    fixture.write(&[(
        "tasks.toml",
        &rules
            .replace("[\"TOKEN\"]", "[\"OTHER\"]")
            .replace("echo key", "echo other"),
    )]);
    let plan = fixture.plan();
    let run = fixture
        .runner()
        .run(&plan, &[0], &fixture.options(), &fixture.heard)
        .await;
    assert!(matches!(run, Err(TaskError::Secret(name)) if name == "OTHER"));
}

#[tokio::test]
async fn only_what_is_declared_of_the_environment_is_seen() {
    let mut fixture = Fixture::chain();
    fixture.environment.insert("LEVEL".into(), "2".into());
    fixture.environment.insert("HIDDEN".into(), "3".into());
    let rules =
        "[node.build]\ncmd = \"echo level=$LEVEL hidden=$HIDDEN\"\nenv = [\"LEVEL\"]\ntools = []\n";
    fixture.write(&[("tasks.toml", rules)]);
    fixture.run().await;
    assert!(
        fixture
            .told()
            .contains(&"node:a#build: level=2 hidden=".to_owned())
    );
    fixture.environment.insert("HIDDEN".into(), "4".into());
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Hit), 3);
    fixture.environment.insert("LEVEL".into(), "5".into());
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Ran), 3);
}

/// Whether a process with this text among its arguments is there.
fn is_there(text: &str) -> bool {
    std::fs::read_dir("/proc").unwrap().flatten().any(|entry| {
        let arguments = std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        String::from_utf8_lossy(&arguments)
            .replace('\0', " ")
            .contains(text)
    })
}

async fn until_gone(text: &str) {
    for _ in 0..200 {
        if !is_there(text) {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("`{text}` is still there");
}

#[tokio::test]
async fn what_is_stopped_or_takes_too_long_leaves_no_process() {
    let fixture = Fixture::chain();
    let number = std::process::id() % 1_000;
    let (one, two) = (format!("sleep 61{number}"), format!("sleep 62{number}"));
    let rules = |command: &str, timeout: &str| {
        format!(
            "[project.a.build]\ncmd = \"{command} & {command}; wait\"\n{timeout}\n[project.b.build]\ncmd = \"\"\n[project.c.build]\ncmd = \"\"\n"
        )
    };
    fixture.write(&[("tasks.toml", &rules(&one, "timeout = \"1s\""))]);
    assert_eq!(short(&fixture.run().await), ["node:a#build TimedOut"]);
    until_gone(&one).await;
    fixture.write(&[("tasks.toml", &rules(&two, ""))]);
    let stop = CancellationToken::new();
    let options = RunOptions {
        stop: stop.clone(),
        ..fixture.options()
    };
    let watch = async {
        while !is_there(&two) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        stop.cancel();
    };
    let (summary, ()) = tokio::join!(fixture.run_with(&options), watch);
    assert_eq!(short(&summary), ["node:a#build Cancelled"]);
    until_gone(&two).await;
}
