//! Packages that are there several times, and what that costs.

use std::fmt::Write as _;

use trunkline_dependency::{Cost, Kind, Price, Prices};
use trunkline_project::Ecosystem;

use crate::world::{Files, files, fixes, of_kind, report, report_with};

const REGISTRY: &str = "registry+https://github.com/rust-lang/crates.io-index";

/// A `Cargo.lock`; each entry is `name version [needs]`, those without a version are members.
fn cargo_lock(entries: &[(&str, &str, &[&str])]) -> String {
    let mut text = String::from("version = 4\n");
    for (name, version, needs) in entries {
        let needs: Vec<_> = needs.iter().map(|need| format!("\"{need}\"")).collect();
        let source = if version.is_empty() {
            String::new()
        } else {
            format!("source = \"{REGISTRY}\"\n")
        };
        let version = if version.is_empty() { "0.1.0" } else { version };
        write!(text, "\n[[package]]\nname = \"{name}\"\nversion = \"{version}\"\n{source}dependencies = [{}]\n", needs.join(", ")).unwrap();
    }
    text
}

fn member(name: &str) -> String {
    format!("[package]\nname = \"{name}\"\n")
}

fn majors() -> Files {
    let lock = cargo_lock(&[
        ("a", "", &["old-user", "syn 2.0.0"]),
        ("b", "", &["syn 2.0.0"]),
        ("old-user", "1.0.0", &["syn 1.0.9"]),
        ("syn", "1.0.9", &["only-old", "quote"]),
        ("syn", "2.0.0", &["quote"]),
        ("only-old", "1.0.0", &[]),
        ("quote", "1.0.0", &[]),
    ]);
    files(&[
        ("Cargo.toml", "[workspace]\nmembers = [\"a\", \"b\"]\n"),
        ("a/Cargo.toml", &member("a")),
        ("b/Cargo.toml", &member("b")),
        ("Cargo.lock", &lock),
    ])
}

/// Each package takes a second and has a name's length of bytes.
struct Measured;

impl Prices for Measured {
    fn price(&self, _: Ecosystem, name: &str, version: &str) -> Option<Price> {
        (version != "1.0.9").then_some(Price {
            bytes: Some(name.len() as u64),
            build_millis: Some(1_000),
        })
    }
}

#[test]
fn versions_that_do_not_fit_one_another_are_told_apart_and_priced() {
    let report = report_with(&majors(), &Measured);
    let [finding] = report.findings.as_slice() else {
        panic!("{report:?}");
    };
    assert_eq!(
        finding.to_string(),
        "Cargo.lock:20: major-duplicate: `syn` is there in 2 versions: 1.0.9, 2.0.0"
    );
    assert_eq!(finding.projects, ["cargo:a"]);
    assert_eq!(
        finding.hint.as_deref(),
        Some("1.0.9 is brought in by old-user 1.0.0")
    );
    let cost = Cost {
        packages: 2,
        bytes: Some(8),
        unmeasured: 1,
        build_millis: Some(1_000),
    };
    assert_eq!(finding.cost, Some(cost));
    assert_eq!((report.locks, report.packages, report.projects), (1, 5, 2));
}

#[test]
fn one_version_over_two_locks_would_do() {
    let one = cargo_lock(&[("a", "", &["log"]), ("log", "0.4.1", &[])]);
    let other = cargo_lock(&[("b", "", &["log"]), ("log", "0.4.20", &[])]);
    let repository = files(&[
        ("a/Cargo.toml", &member("a")),
        ("a/Cargo.lock", &one),
        ("b/Cargo.toml", &member("b")),
        ("b/Cargo.lock", &other),
    ]);
    let report = report(&repository);
    let found = of_kind(&report, Kind::Duplicate);
    assert_eq!(
        found[0].to_string(),
        "a/Cargo.lock:9: duplicate: `log` is there in 2 versions: 0.4.1, 0.4.20"
    );
    assert_eq!(found[0].projects, ["cargo:a"]);
    let fixes = fixes(&repository);
    assert!(fixes.edits.is_empty());
    assert_eq!(fixes.commands[0].folder, "a");
    assert_eq!(
        fixes.commands[0].line,
        "cargo update -p log@0.4.1 --precise 0.4.20"
    );
}

#[test]
fn an_exception_holds_until_its_day() {
    let policy = |until: &str| {
        let mut repository = majors();
        let text = format!(
            "[[duplicate]]\nname = \"cargo:syn\"\nreason = \"old-user is to go\"\nuntil = {until}\n"
        );
        repository.insert("dependencies.toml".into(), text.into_bytes());
        report(&repository)
    };
    let valid = policy("2026-11-27");
    assert!(valid.findings.is_empty());
    assert_eq!(valid.ignored[&Kind::MajorDuplicate], 1);
    let over = policy("2026-11-26");
    assert_eq!(over.findings.len(), 2);
    assert_eq!(
        over.findings[1].to_string(),
        "dependencies.toml:2: expired: the exception for `cargo:syn` held until 2026-11-26"
    );
}

#[test]
fn versions_of_go_that_were_only_looked_at_do_not_count() {
    let repository = files(&[
        ("go.mod", "module e.org/a\nrequire e.org/x v1.2.0\n"),
        (
            "go.sum",
            "e.org/x v1.1.0/go.mod h1:a=\ne.org/x v1.2.0 h1:b=\ne.org/x v1.2.0/go.mod h1:c=\n",
        ),
    ]);
    assert!(report(&repository).findings.is_empty());
}

#[test]
fn all_kinds_of_locks_are_looked_at() {
    let repository = files(&[
        (
            "n/package.json",
            "{\"name\": \"n\", \"dependencies\": {\"ms\": \"2.0.0\", \"debug\": \"4\"}}",
        ),
        (
            "n/package-lock.json",
            "{\"lockfileVersion\": 3, \"packages\": {\n\"\": {\"dependencies\": {\"ms\": \"2.0.0\", \"debug\": \"4\"}},\n\"node_modules/debug\": {\"version\": \"4.4.0\", \"dependencies\": {\"ms\": \"^2.1\"}},\n\"node_modules/debug/node_modules/ms\": {\"version\": \"2.1.3\"},\n\"node_modules/ms\": {\"version\": \"2.0.0\"}}}",
        ),
        (
            "y/package.json",
            "{\"name\": \"y\", \"dependencies\": {\"ms\": \"^2.1.0\"}}",
        ),
        (
            "y/yarn.lock",
            "ms@^2.1.0:\n  version \"2.1.2\"\n\nunused@1:\n  version \"1.0.0\"\n",
        ),
        (
            "p/package.json",
            "{\"name\": \"p\", \"dependencies\": {\"ms\": \"^2.1.0\"}}",
        ),
        (
            "p/pnpm-lock.yaml",
            "lockfileVersion: '9.0'\nimporters:\n  .:\n    dependencies:\n      ms:\n        specifier: ^2.1.0\n        version: 2.1.1\npackages:\n  ms@2.1.1:\n    resolution: {integrity: sha512-x}\nsnapshots:\n  ms@2.1.1: {}\n",
        ),
        (
            "u/pyproject.toml",
            "[project]\nname = \"u\"\ndependencies = [\"six\"]\n",
        ),
        (
            "u/uv.lock",
            "version = 1\n[[package]]\nname = \"u\"\nsource = { editable = \".\" }\ndependencies = [{ name = \"six\" }]\n[[package]]\nname = \"six\"\nversion = \"1.16.0\"\nsource = { registry = \"https://pypi.org/simple\" }\n",
        ),
        (
            "o/pyproject.toml",
            "[tool.poetry]\nname = \"o\"\n[tool.poetry.dependencies]\nsix = \"*\"\n",
        ),
        (
            "o/poetry.lock",
            "[[package]]\nname = \"six\"\nversion = \"1.17.0\"\n",
        ),
    ]);
    let report = report(&repository);
    let found = of_kind(&report, Kind::Duplicate);
    assert_eq!(
        found[0].to_string(),
        "n/package-lock.json:5: duplicate: `ms` is there in 4 versions: 2.0.0, 2.1.1, 2.1.2, 2.1.3"
    );
    assert_eq!(found[0].projects, ["node:n", "node:p", "node:y"]);
    assert_eq!(
        found[1].to_string(),
        "u/uv.lock:7: duplicate: `six` is there in 2 versions: 1.16.0, 1.17.0"
    );
    assert_eq!(found[1].projects, ["python:u"]);
    assert_eq!(report.locks, 5);
}
