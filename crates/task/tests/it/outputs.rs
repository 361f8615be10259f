use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::sync::Arc;

use trunkline_task::{Limits, Outcome};

use crate::fixture::{Fixture, short};

#[tokio::test]
async fn outputs_stay_in_the_checkout() {
    let fixture = Fixture::chain();
    let only = |command: &str| {
        format!(
            "[project.a.build]\ncmd = \"\"\"{command}\"\"\"\noutputs = [\"dist/**\"]\n[project.b.build]\ncmd = \"\"\n[project.c.build]\ncmd = \"\"\n"
        )
    };
    let refused = async |command: &str| {
        fixture.write(&[("tasks.toml", &only(&format!("rm -rf dist; {command}")))]);
        let plan = Arc::new(fixture.plan());
        let run = fixture
            .runner()
            .run(&plan, &[0], &fixture.options(), &fixture.heard)
            .await;
        assert_eq!(short(&run.unwrap()), ["node:a#build Broken"], "{command}");
        fixture.told().join("\n")
    };
    assert!(
        refused("mkdir dist && ln -s /etc/passwd dist/x")
            .await
            .contains("leads out of the checkout")
    );
    assert!(
        refused("mkdir dist && ln -s ../../../../etc dist/x")
            .await
            .contains("leads out of the checkout")
    );
    assert!(
        refused("mkdir dist && mkfifo dist/x")
            .await
            .contains("neither a file nor a link")
    );
    // What a link leads to may be a link itself, so none leads back behind a name.
    assert!(
        refused("mkdir -p dist/deep && ln -s deep dist/a && ln -s a/../../../../etc dist/x")
            .await
            .contains("p/a/dist/x: the link leads out of the checkout")
    );
    std::fs::remove_dir_all(fixture.root().join("p/a/dist")).unwrap();
    // A link within it is an output like others, and so is a program.
    fixture.write(&[("tasks.toml", &only("mkdir -p dist/deep && echo 1 > dist/one && ln -sf ../one dist/deep/two && printf x > dist/run && chmod +x dist/run"))]);
    assert_eq!(short(&fixture.run().await), ["node:a#build Ran"]);
    std::fs::remove_dir_all(fixture.root().join("p/a/dist")).unwrap();
    // What is in the way goes: a link must not lead the restored file elsewhere.
    symlink("/tmp", fixture.root().join("p/a/dist")).unwrap();
    assert_eq!(short(&fixture.run().await), ["node:a#build Hit"]);
    assert_eq!(
        std::fs::read_to_string(fixture.root().join("p/a/dist/deep/two")).unwrap(),
        "1\n"
    );
    let mode = std::fs::metadata(fixture.root().join("p/a/dist/run"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o111, 0o111);
}

#[tokio::test]
async fn what_git_keeps_is_no_output() {
    let fixture = Fixture::new(&[("service.toml", "name = \"a\"\n")]);
    let rules = |outputs: &str| {
        format!(
            "[project.a.build]\ncmd = \"echo x > .git/made; echo y > made\"\noutputs = [\"{outputs}\"]\n"
        )
    };
    for outputs in [".git/**", ".GIT/made"] {
        fixture.write(&[("tasks.toml", &rules(outputs))]);
        assert_eq!(short(&fixture.run().await), ["service:a#build Broken"]);
        let told = fixture.told().join("\n");
        assert!(
            told.contains("or into `.git` (TL-TASK-004): outputs are files and links"),
            "{told}"
        );
    }
    // A pattern that has all does not mean it.
    fixture.write(&[("tasks.toml", &rules("**"))]);
    assert_eq!(short(&fixture.run().await), ["service:a#build Ran"]);
    std::fs::remove_file(fixture.root().join(".git/made")).unwrap();
    std::fs::remove_file(fixture.root().join("made")).unwrap();
    assert_eq!(short(&fixture.run().await), ["service:a#build Hit"]);
    assert!(fixture.root().join("made").exists() && !fixture.root().join(".git/made").exists());
}

#[tokio::test]
async fn what_a_task_makes_is_bounded() {
    let limits = Limits {
        task_bytes: 1_000,
        file_bytes: 900,
        outputs: 3,
        ..Limits::default()
    };
    let fixture = Fixture::with(&[("service.toml", "name = \"a\"\n")], limits);
    for (made, problem) in [
        ("head -c 500 /dev/zero > 1; cp 1 2", ""),
        (
            "head -c 501 /dev/zero > 1; cp 1 2",
            "what a task makes has at most 1000 bytes",
        ),
        (
            "head -c 901 /dev/zero > 1",
            "made/1: it has more than 900 bytes",
        ),
        ("touch 1 2 3 4", "a task makes at most 3 files"),
    ] {
        let rules = format!(
            "[project.a.build]\ncmd = \"rm -rf made; mkdir made; cd made; {made}\"\noutputs = [\"made/**\"]\n"
        );
        fixture.write(&[("tasks.toml", &rules)]);
        let summary = fixture.run().await;
        let told = fixture.told().join("\n");
        let good = summary.count(|one| one == Outcome::Ran) == 1;
        assert!(
            good == problem.is_empty() && told.contains(problem),
            "{told}"
        );
    }
}
