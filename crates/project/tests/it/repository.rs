//! Repositories made with git.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use tempfile::TempDir;
use trunkline_project::{
    Change, Graph, Locks, Project, ProjectError, Reason, Repository, affected,
};

/// Runs git where no configuration of the machine counts.
fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args([
            "-c",
            "user.name=T",
            "-c",
            "user.email=t@example.org",
            "-c",
            "init.defaultBranch=trunk",
        ])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

fn write(folder: &Path, files: &[(&str, &str)]) {
    for (path, text) in files {
        let path = folder.join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn commit(folder: &Path, files: &[(&str, &str)]) {
    write(folder, files);
    git(folder, &["add", "--all"]);
    git(folder, &["commit", "-q", "-m", "a change"]);
}

/// A repository of all ecosystems, and the bare one that it was pushed to.
fn shop() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path().join("work");
    std::fs::create_dir(&work).unwrap();
    git(&work, &["init", "-q"]);
    commit(
        &work,
        &[
            ("Cargo.toml", "[workspace]\nmembers = [\"rust/*\"]\n"),
            (
                "rust/api/Cargo.toml",
                "[package]\nname = \"api\"\n[dependencies]\nmoney = { path = \"../money\" }\n",
            ),
            ("rust/api/service.toml", "name = \"api\"\n"),
            ("rust/money/Cargo.toml", "[package]\nname = \"money\"\n"),
            ("rust/money/src/lib.rs", "pub fn money() {}\n"),
            ("package.json", "{\"workspaces\": [\"web/*\"]}"),
            (
                "web/site/package.json",
                "{\"name\": \"site\", \"dependencies\": {\"ui\": \"*\"}}",
            ),
            ("web/ui/package.json", "{\"name\": \"ui\"}"),
            ("web/ui/node_modules/x/package.json", "{\"name\": \"x\"}"),
            ("go/mail/go.mod", "module shop.example/mail\n"),
            ("py/report/pyproject.toml", "[project]\nname = \"report\"\n"),
            ("broken/package.json", "{"),
        ],
    );
    folder
}

#[test]
fn a_bare_repository_is_enough() {
    let folder = shop();
    git(
        folder.path(),
        &["clone", "-q", "--bare", "work", "bare.git"],
    );
    let repository = Repository::discover(&folder.path().join("bare.git")).unwrap();
    let graph = repository
        .graph(repository.revision("trunk").unwrap())
        .unwrap();
    let labels: Vec<_> = graph.projects.iter().map(Project::label).collect();
    assert_eq!(
        labels,
        [
            "go:shop.example/mail",
            "python:report",
            "cargo:api",
            "cargo:money",
            "node:site",
            "node:ui"
        ]
    );
    let edges: Vec<_> = graph
        .edges()
        .map(|edge| (edge.from.name.as_str(), edge.to.name.as_str()))
        .collect();
    assert_eq!(edges, [("api", "money"), ("site", "ui")]);
    let findings: Vec<_> = graph
        .findings
        .iter()
        .map(|finding| finding.path.as_str())
        .collect();
    assert_eq!(findings, ["broken/package.json"]);
}

#[test]
fn a_range_touches_projects() {
    let folder = shop();
    let work = folder.path().join("work");
    git(&work, &["checkout", "-q", "-b", "topic"]);
    commit(
        &work,
        &[
            ("rust/money/src/lib.rs", "pub fn money() -> u8 { 7 }\n"),
            ("README.md", "# Shop\n"),
        ],
    );
    git(&work, &["rm", "-q", "-r", "web/ui"]);
    git(&work, &["commit", "-q", "-m", "no more ui"]);
    git(&work, &["checkout", "-q", "trunk"]);
    commit(&work, &[("py/report/main.py", "print(1)\n")]);

    let repository = Repository::discover(&work.join("rust")).unwrap();
    let (trunk, topic) = (
        repository.revision("trunk").unwrap(),
        repository.revision("topic").unwrap(),
    );
    let from = repository.merge_base(trunk, topic).unwrap();
    let changes = repository.changes(from, topic).unwrap();
    let files: Vec<_> = changes.iter().map(|Change(file)| file.as_str()).collect();
    assert_eq!(
        files,
        [
            "README.md",
            "rust/money/src/lib.rs",
            "web/ui/node_modules/x/package.json",
            "web/ui/package.json"
        ]
    );
    let (base, head) = (
        repository.graph(from).unwrap(),
        repository.graph(topic).unwrap(),
    );
    let touched: Vec<_> = affected(&base, &head, &changes, &Locks::default())
        .into_iter()
        .map(|one| (head.projects[one.project].name.clone(), one.reason))
        .collect();
    let money = head.find("money").unwrap();
    assert_eq!(
        touched,
        [
            ("api".into(), Reason::Needs(money)),
            ("money".into(), Reason::File("rust/money/src/lib.rs".into())),
            ("site".into(), Reason::Gone("ui".into())),
        ]
    );
    assert_eq!(affected(&head, &head, &[], &Locks::default()), []);
}

/// A lockfile is of all members, and a line of it is of those who reach it.
#[test]
fn a_changed_lockfile_touches_those_who_reach_what_changed() {
    let folder = tempfile::tempdir().unwrap();
    let work = folder.path();
    git(work, &["init", "-q"]);
    let package = |name: &str, version: &str, needs: &str| {
        format!("[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{needs}\n")
    };
    let from_registry = "source = \"registry+https://example.org/index\"\n";
    let lock = |log: &str| {
        let parts = [
            "version = 4\n".to_owned(),
            package("api", "0.1.0", "dependencies = [\"log\"]"),
            package("log", log, from_registry),
            package("money", "0.1.0", ""),
        ];
        parts.join("\n")
    };
    let member = |name: &str, needs: &str| {
        format!("[package]\nname = \"{name}\"\nversion = \"0.1.0\"\n[dependencies]\n{needs}")
    };
    let (api, money) = (member("api", "log = \"0.4\""), member("money", ""));
    let root = "[workspace]\nmembers = [\"api\", \"money\"]\n";
    let first = lock("0.4.1");
    let files = [
        ("Cargo.toml", root),
        ("api/Cargo.toml", &api),
        ("money/Cargo.toml", &money),
        ("Cargo.lock", &first),
    ];
    commit(work, &files);
    commit(work, &[("Cargo.lock", &lock("0.4.2"))]);
    commit(work, &[("Cargo.lock", "this is none")]);
    let repository = Repository::discover(work).unwrap();
    let touched = |from: &str, to: &str| -> Vec<_> {
        let of = |name: &str| repository.revision(name).unwrap();
        let found = repository.compare(of(from), of(to)).unwrap();
        let names = found
            .affected
            .iter()
            .map(|one| &found.head.projects[one.project].name);
        names.cloned().collect()
    };
    assert_eq!(touched("HEAD~2", "HEAD~1"), ["api"]);
    // What cannot be read could be anything.
    assert_eq!(touched("HEAD~1", "HEAD"), ["api", "money"]);
}

/// A comparison keeps what it read, and says the same as one that reads everything anew.
#[test]
fn a_comparison_reads_manifests_again_only_where_one_changed() {
    let folder = shop();
    let work = folder.path().join("work");
    commit(&work, &[("rust/money/src/lib.rs", "pub struct Money;\n")]);
    let manifest = "{\"name\": \"site\", \"dependencies\": {}}";
    commit(&work, &[("web/site/package.json", manifest)]);
    let kept = Repository::discover(&work).unwrap();
    for (from, to, same) in [
        ("HEAD~2", "HEAD~1", true),
        ("HEAD~1", "HEAD", false),
        ("HEAD~2", "HEAD", false),
        ("HEAD", "HEAD~2", false),
    ] {
        let of = |name: &str| kept.revision(name).unwrap();
        let found = kept.compare(of(from), of(to)).unwrap();
        assert_eq!(Arc::ptr_eq(&found.base, &found.head), same, "{from}..{to}");
        let anew = |name: &str| {
            let fresh = Repository::discover(&work).unwrap();
            fresh.graph(fresh.revision(name).unwrap()).unwrap()
        };
        let (base, head) = (anew(from), anew(to));
        let said = |graph: &Graph| format!("{:?}{:?}", graph.projects, graph.findings);
        assert_eq!(said(&base), said(&found.base));
        assert_eq!(said(&head), said(&found.head));
        assert_eq!(
            affected(&base, &head, &found.changes, &Locks::default()),
            found.affected
        );
    }
}

#[test]
fn what_is_not_there_is_said() {
    let folder = shop();
    let nowhere = Repository::discover(Path::new("/proc")).unwrap_err();
    assert!(
        matches!(nowhere, ProjectError::NoRepository { .. }),
        "{nowhere}"
    );
    let repository = Repository::discover(&folder.path().join("work")).unwrap();
    for revision in ["no-such-branch", "HEAD~7", "HEAD:package.json", "--all"] {
        let none = repository.revision(revision).unwrap_err();
        assert_eq!(
            none.to_string(),
            format!("`{revision}` names no commit of the repository")
        );
    }
}
