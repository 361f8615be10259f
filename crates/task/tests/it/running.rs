use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;
use trunkline_task::{Direct, Launch, LaunchRequest, Outcome, RunOptions, Started, TaskError};

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
    let plan = Arc::new(fixture.plan());
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
    assert_eq!(short(&fixture.run().await), ["node:a#build Broken"]);
    let told = fixture.told();
    assert!(
        told.contains(&"node:a#build: it cannot go on: there is no secret `OTHER` (TL-TASK-009): set it in the environment as TRUNKLINE_SECRET_NAME, or leave its name out of the task".to_owned()),
        "{told:?}"
    );
}

/// Starts what does not speak of a fault.
#[derive(Debug)]
struct Faulty;

#[async_trait::async_trait]
impl Launch for Faulty {
    async fn start(&self, request: &LaunchRequest) -> Result<Started, TaskError> {
        assert!(!request.command.contains("panic"), "a fault with words");
        if request.command.contains("refuse") {
            return Err(TaskError::Run("refused".into()));
        }
        Direct.start(request).await
    }
}

#[tokio::test]
async fn what_goes_wrong_with_one_task_ends_no_other() {
    for (command, said) in [("panic", "a fault with words"), ("refuse", "refused")] {
        let fixture = Fixture::chain();
        let rules = format!(
            "[node.build]\ncmd = \"true {{name}}\"\ntools = []\n[node.lint]\ncmd = \"true\"\ntools = []\n[project.b.build]\ncmd = \"{command}\"\n"
        );
        fixture.write(&[("tasks.toml", &rules)]);
        let plan = Arc::new(fixture.plan());
        let all: Vec<_> = (0..plan.tasks.len()).collect();
        let runner = fixture.runner_with(Arc::new(Faulty));
        let options = fixture.options();
        let run = runner.run(&plan, &all, &options, &fixture.heard);
        let run = tokio::time::timeout(Duration::from_secs(30), run).await;
        let all = short(&run.unwrap().unwrap());
        for expected in [
            "node:a#build Ran",
            "node:a#lint Ran",
            "node:b#build Broken",
            "node:b#lint Skipped",
            "node:c#build Skipped",
        ] {
            assert!(all.iter().any(|one| one == expected), "{expected}: {all:?}");
        }
        let told = fixture.told();
        let line = told.iter().find(|line| line.contains("it cannot go on"));
        let line = line.unwrap();
        assert!(
            line.contains(said) && line.contains("(TL-TASK-007)"),
            "{line}"
        );
    }
}

#[tokio::test]
async fn half_a_line_of_one_stream_is_no_line_of_the_other() {
    let fixture = Fixture::chain();
    let rules = "[project.a.build]\ncmd = \"printf half; sleep 0.3; echo error >&2; printf er >&2; sleep 0.3; echo ' a line'; echo ror >&2\"\n[project.b.build]\ncmd = \"\"\n[project.c.build]\ncmd = \"\"\n";
    fixture.write(&[("tasks.toml", rules)]);
    assert!(fixture.run().await.is_green());
    let told = fixture.told();
    for line in ["half a line", "error"] {
        assert!(told.contains(&format!("node:a#build: {line}")), "{told:?}");
    }
    assert!(
        told.iter().filter(|line| line.ends_with(": error")).count() == 2,
        "{told:?}"
    );
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

#[tokio::test]
async fn what_a_task_leaves_behind_ends_with_it() {
    let fixture = Fixture::chain();
    let number = std::process::id() % 1_000;
    let (one, two) = (format!("sleep 63{number}"), format!("sleep 64{number}"));
    let rules = |command: &str| {
        format!(
            "[project.a.build]\ncmd = \"{command}\"\n[project.b.build]\ncmd = \"\"\n[project.c.build]\ncmd = \"\"\n"
        )
    };
    // In the background after its shell has ended well: nobody waits for it.
    fixture.write(&[("tasks.toml", &rules(&format!("{one} & echo over")))]);
    let began = std::time::Instant::now();
    assert_eq!(short(&fixture.run().await), ["node:a#build Ran"]);
    assert!(began.elapsed() < Duration::from_secs(30));
    until_gone(&one).await;
    // Where nobody waits for the run any more.
    fixture.write(&[("tasks.toml", &rules(&format!("{two} & {two}; wait")))]);
    let watch = async {
        while !is_there(&two) {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::select! {
        summary = fixture.run() => panic!("{summary:?}"),
        () = watch => {}
    }
    until_gone(&two).await;
}
