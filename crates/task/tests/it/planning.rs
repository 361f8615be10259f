use trunkline_task::{CommitFiles, Difference, Plan, TaskError, difference, graph_of};

use crate::fixture::{Fixture, git};

fn of_commit(fixture: &Fixture, repository: &std::path::Path, revision: &str) -> Plan {
    let files = CommitFiles::open(repository, revision).unwrap();
    let graph = graph_of(&files).unwrap();
    Plan::new(&graph, &files, fixture.surroundings()).unwrap()
}

fn keys(plan: &Plan) -> Vec<(String, String)> {
    let tasks = plan.tasks.iter();
    tasks
        .map(|task| (task.definition.name.to_string(), task.plan_key.to_string()))
        .collect()
}

#[test]
fn a_laptop_and_a_server_come_to_the_same_keys() {
    let fixture = Fixture::chain();
    let bare = fixture.folder.path().join("bare.git");
    git(
        fixture.folder.path(),
        &["clone", "-q", "--bare", "work", "bare.git"],
    );
    let server = of_commit(&fixture, &bare, "trunk");
    assert_eq!(keys(&fixture.plan()), keys(&server));
    assert_eq!(keys(&server).len(), 3);
    // What is changed and not committed counts on the laptop, and so does what is new; what is ignored does not.
    fixture.write(&[("p/c/in.js", "cc\n"), ("p/c/dist/c.js", "x")]);
    let names = |plan: &Plan| -> Vec<String> {
        plan.changed_since(&server)
            .iter()
            .map(|task| task.definition.name.to_string())
            .collect()
    };
    assert_eq!(names(&fixture.plan()), ["node:c#build"]);
    fixture.write(&[("p/c/in.js", "c\n"), ("p/b/new.js", "")]);
    assert_eq!(names(&fixture.plan()), ["node:b#build", "node:c#build"]);
    // The same content written anew is the same.
    std::fs::remove_file(fixture.root().join("p/b/new.js")).unwrap();
    fixture.write(&[("p/a/in.js", "a\n")]);
    assert_eq!(keys(&fixture.plan()), keys(&server));
}

#[test]
fn why_a_key_is_another_is_known() {
    let mut fixture = Fixture::chain();
    let before = fixture.plan();
    let c = before.tasks[2].definition.name.clone();
    assert!(difference(&before, &before, &c).is_empty());
    fixture.write(&[("p/b/in.js", "bb\n"), ("p/c/extra.js", "")]);
    let now = fixture.plan();
    assert_eq!(
        difference(&before, &now, &c),
        [
            Difference::File("p/c/extra.js".into()),
            Difference::Needs("node:b#build".into())
        ]
    );
    let rules = "[node.build]\ncmd = \"true\"\nenv = [\"LEVEL\"]\ntools = [\"node\"]\n";
    fixture.write(&[("tasks.toml", rules)]);
    let before = fixture.plan();
    fixture.environment.insert("LEVEL".into(), "2".into());
    fixture.tools.0.insert("node".into(), "v20".into());
    let now = fixture.plan();
    let a = now.tasks[0].definition.name.clone();
    assert_eq!(
        difference(&before, &now, &a),
        [
            Difference::Variable("LEVEL".into()),
            Difference::Tool("node".into())
        ]
    );
}

#[test]
fn only_the_part_of_a_lockfile_that_reaches_a_project_counts() {
    let lock = |serde: &str, rand: &str| {
        let package = |name: &str, version: &str, needs: &str| {
            let source = if needs.is_empty() {
                "source = \"registry+x\"\nchecksum = \"00\"\n"
            } else {
                ""
            };
            let needs = if needs.is_empty() {
                String::new()
            } else {
                format!("dependencies = [\"{needs}\"]\n")
            };
            format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}{needs}\n")
        };
        format!(
            "version = 4\n\n{}{}{}{}",
            package("a", "0.1.0", "serde"),
            package("b", "0.1.0", "rand"),
            package("rand", rand, ""),
            package("serde", serde, "")
        )
    };
    let member = |name: &str, needs: &str| {
        format!(
            "[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n[dependencies]\n{needs} = \"1\"\n"
        )
    };
    let fixture = Fixture::new(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("Cargo.lock", &lock("1.0.0", "1.0.0")),
        ("a/Cargo.toml", &member("a", "serde")),
        ("b/Cargo.toml", &member("b", "rand")),
    ]);
    let before = fixture.plan();
    fixture.write(&[("Cargo.lock", &lock("1.0.0", "1.0.1"))]);
    let now = fixture.plan();
    let changed: Vec<_> = now
        .changed_since(&before)
        .iter()
        .map(|task| task.definition.name.to_string())
        .collect();
    assert_eq!(changed, ["cargo:b#build", "cargo:b#test"]);
    let b = now
        .tasks
        .iter()
        .find(|task| task.definition.name.project == "cargo:b")
        .unwrap();
    assert_eq!(
        difference(&before, &now, &b.definition.name),
        [Difference::Lockfile]
    );
    // One that cannot be read counts as a whole.
    fixture.write(&[("Cargo.lock", "garbage [")]);
    assert_eq!(fixture.plan().changed_since(&now).len(), 4);
}

#[test]
fn files_that_cannot_be_understood_are_said() {
    let fixture = Fixture::chain();
    let error = |rules: &str| {
        fixture.write(&[("tasks.toml", rules)]);
        let files = trunkline_task::WorkFiles::open(&fixture.root(), None).unwrap();
        let graph = graph_of(&files).unwrap();
        Plan::new(&graph, &files, fixture.surroundings()).unwrap_err()
    };
    let wrong = error("[node.build]\ntimeout = \"soon\"\n");
    assert!(wrong.to_string().contains("`soon` is no time"), "{wrong}");
    assert!(matches!(
        error("[node.\"a b\"]\ncmd = \"x\"\n"),
        TaskError::Rules { .. }
    ));
    assert!(error("x = 1").to_string().starts_with("tasks.toml:1: "));
    let plan = {
        fixture.write(&[(
            "tasks.toml",
            "[all.lint]\ncmd = \"true\"\n[project.a.build]\ncmd = \"\"\n",
        )]);
        fixture.plan()
    };
    let names: Vec<_> = plan
        .tasks
        .iter()
        .map(|task| task.definition.name.to_string())
        .collect();
    assert!(
        names.contains(&"node:a#lint".to_owned()) && !names.contains(&"node:a#build".to_owned()),
        "{names:?}"
    );
    assert!(plan.find("a#lint").is_ok() && plan.find("node:a#lint").is_ok());
    assert!(matches!(plan.find("a#none"), Err(TaskError::Unknown(_))));
}

#[test]
fn a_wrong_time_of_a_service_names_its_file() {
    let service = "name = \"a\"\n[build]\ncmd = \"true\"\ntimeout = \"soon\"\n";
    let fixture = Fixture::new(&[("p/a/service.toml", service), ("tasks.toml", "")]);
    let files = trunkline_task::WorkFiles::open(&fixture.root(), None).unwrap();
    let graph = graph_of(&files).unwrap();
    let wrong = Plan::new(&graph, &files, fixture.surroundings()).unwrap_err();
    assert_eq!(
        wrong.to_string(),
        "p/a/service.toml: `soon` is no time: write `90s`, `5m` or `1h`, at most a day"
    );
}

#[test]
fn a_dot_among_inputs_is_the_whole_folder() {
    let fixture = Fixture::chain();
    fixture.write(&[(
        "tasks.toml",
        "[node.build]\ncmd = \"true {name}\"\ninputs = [\".\", \"!old\"]\ntools = []\n",
    )]);
    let before = fixture.plan();
    let changed = |path: &str, content: &str| {
        fixture.write(&[(path, content)]);
        let now = fixture.plan();
        let name = &now.tasks[2].definition.name;
        difference(&before, &now, name)
    };
    assert_eq!(
        changed("p/c/deep/new.js", "x"),
        [Difference::File("p/c/deep/new.js".into())]
    );
    std::fs::remove_file(fixture.root().join("p/c/deep/new.js")).unwrap();
    assert_eq!(changed("p/c/old/x.js", "x"), []);
}

#[test]
fn a_submodule_and_a_name_that_is_no_text_are_inputs() {
    use std::os::unix::ffi::OsStrExt as _;
    let fixture = Fixture::chain();
    let of_head = |fixture: &Fixture| of_commit(fixture, &fixture.root(), "HEAD");
    let mut seen = vec![keys(&fixture.plan())[0].clone()];
    let mut another = |fixture: &Fixture| {
        let (work, commit) = (keys(&fixture.plan()), keys(&of_head(fixture)));
        assert_eq!(work, commit);
        assert!(!seen.contains(&work[0]), "{seen:?}");
        seen.push(work[0].clone());
    };
    for commit in ["1", "2"] {
        let entry = format!("160000,{},p/a/sub", commit.repeat(40));
        fixture.git(&["update-index", "--add", "--cacheinfo", &entry]);
        fixture.git(&["commit", "-q", "-m", "x"]);
        another(&fixture);
    }
    // Two names that would be one if what is no text were left out.
    for name in [&b"p/a/\xff.js"[..], b"p/a/\xfe.js"] {
        let place = fixture.root().join(std::ffi::OsStr::from_bytes(name));
        std::fs::write(&place, "x").unwrap();
        fixture.git(&["add", "p"]);
        fixture.git(&["commit", "-q", "-m", "x"]);
        another(&fixture);
        std::fs::remove_file(place).unwrap();
        fixture.git(&["add", "-u", "p"]);
    }
}

#[test]
fn what_is_needed_and_not_built_is_in_the_key() {
    let project = |name: &str, needs: &str| {
        format!(
            "[project]\nname = \"{name}\"\nversion = \"1\"\ndependencies = [{needs}]\n[tool.uv.sources]\nlib = {{ workspace = true }}\nbase = {{ workspace = true }}\n"
        )
    };
    let fixture = Fixture::new(&[
        (
            "pyproject.toml",
            "[tool.uv.workspace]\nmembers = [\"p/*\"]\n",
        ),
        ("tasks.toml", "[python.test]\ncmd = \"pytest\"\n"),
        ("p/app/pyproject.toml", &project("app", "\"lib\"")),
        ("p/lib/pyproject.toml", &project("lib", "\"base\"")),
        ("p/base/pyproject.toml", &project("base", "")),
        ("p/other/pyproject.toml", &project("other", "")),
    ]);
    let before = fixture.plan();
    fixture.write(&[("p/base/code.py", "1")]);
    let now = fixture.plan();
    let changed = now.changed_since(&before);
    let names: Vec<_> = changed
        .iter()
        .map(|task| task.definition.name.to_string())
        .collect();
    assert_eq!(
        names,
        ["python:app#test", "python:base#test", "python:lib#test"]
    );
    let app = &changed[0].definition.name;
    assert_eq!(
        difference(&before, &now, app),
        [Difference::Needs("python:base".into())]
    );
    // Where something is built of it, that stands for it.
    fixture.write(&[(
        "tasks.toml",
        "[python.test]\ncmd = \"pytest\"\n[project.lib.build]\ncmd = \"x\"\n",
    )]);
    let before = fixture.plan();
    fixture.write(&[("p/base/code.py", "2")]);
    assert_eq!(fixture.plan().changed_since(&before).len(), 4);
}

#[test]
fn a_manifest_that_is_a_link_is_none() {
    let fixture = Fixture::chain();
    let before = fixture.plan();
    fixture.write(&[(
        "elsewhere",
        "{\"name\": \"d\", \"scripts\": {\"build\": \"x\"}}",
    )]);
    std::fs::create_dir(fixture.root().join("p/d")).unwrap();
    for target in ["../../elsewhere", "/dev/zero"] {
        let place = fixture.root().join("p/d/package.json");
        let _none = std::fs::remove_file(&place);
        std::os::unix::fs::symlink(target, place).unwrap();
        assert_eq!(fixture.plan().tasks.len(), before.tasks.len(), "{target}");
    }
    fixture.git(&["add", "-A"]);
    fixture.git(&["commit", "-q", "-m", "links"]);
    let server = of_commit(&fixture, &fixture.root(), "HEAD");
    assert_eq!(keys(&server), keys(&fixture.plan()));
}
