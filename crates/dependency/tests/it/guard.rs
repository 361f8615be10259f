//! Vulnerabilities and licences.

use trunkline_dependency::{DependencyError, Kind, Policy};

use crate::world::{Files, files, fixes, of_kind, report, shown};

const LOCK: &str = "{\"lockfileVersion\": 3, \"packages\": {\n\"\": {\"dependencies\": {\"ms\": \"*\", \"left\": \"*\"}},\n\"node_modules/left\": {\"version\": \"1.0.0\", \"license\": \"WTFPL\"},\n\"node_modules/ms\": {\"version\": \"2.0.0\", \"license\": \"MIT\"}}}";

fn shop(more: &[(&str, &str)]) -> Files {
    let mut all = files(&[
        (
            "web/package.json",
            "{\"name\": \"web\", \"license\": \"MIT\"}",
        ),
        ("web/package-lock.json", LOCK),
        ("go.mod", "module e.org/a\nrequire e.org/x v1.2.0\n"),
        ("go.sum", "e.org/x v1.2.0 h1:b=\n"),
    ]);
    all.extend(files(more));
    all
}

#[test]
fn a_vulnerable_version_is_found_with_what_to_do() {
    let repository = shop(&[
        (
            "advisories/npm.json",
            r#"{"id": "GHSA-1", "aliases": ["CVE-1"], "summary": "slow", "affected": [{"package": {"ecosystem": "npm", "name": "ms"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "0"}, {"fixed": "2.0.1"}]}]}]}"#,
        ),
        (
            "advisories/go.json",
            r#"{"id": "GO-1", "affected": [{"package": {"ecosystem": "Go", "name": "e.org/x"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.0"}]}]}]}"#,
        ),
        (
            "advisories/other.json",
            r#"{"id": "X-1", "affected": [{"package": {"ecosystem": "npm", "name": "left"}, "ranges": [{"type": "SEMVER", "events": [{"introduced": "1.0.1"}]}]}]}"#,
        ),
        ("advisories/torn.json", "{"),
    ]);
    let report = report(&repository);
    assert_eq!(
        shown(&report)[..2],
        [
            "go.sum:1: vulnerable: `e.org/x` v1.2.0 has GO-1",
            "web/package-lock.json:4: vulnerable: `ms` 2.0.0 has GHSA-1 (CVE-1): slow",
        ]
    );
    assert_eq!(report.findings[0].projects, ["go:e.org/a"]);
    assert_eq!(
        report.findings[0].hint.as_deref(),
        Some("no version without it is known")
    );
    assert_eq!(
        report.findings[1].hint.as_deref(),
        Some("2.0.1 no longer has it")
    );
    assert_eq!(
        of_kind(&report, Kind::Unreadable)[0].path,
        "advisories/torn.json"
    );
    assert_eq!(
        fixes(&repository).commands[0].line,
        "npm update ms --package-lock-only"
    );
}

#[test]
fn licences_are_known_from_what_lies_in_the_repository() {
    let policy = "[licences]\nallow = [\"MIT\", \"Apache-2.0\"]\nunknown = true\n";
    let repository = shop(&[
        ("dependencies.toml", policy),
        (
            "licences.toml",
            "[go]\n\"e.org/x@v1.2.0\" = \"GPL-3.0-only OR Apache-2.0\"\n",
        ),
        (
            "rust/Cargo.toml",
            "[package]\nname = \"r\"\nlicense = \"GPL-3.0-only\"\n",
        ),
        (
            "rust/Cargo.lock",
            "[[package]]\nname = \"r\"\nversion = \"0.1.0\"\ndependencies = [\"kept\", \"lost\"]\n[[package]]\nname = \"kept\"\nversion = \"1.0.0\"\nsource = \"registry+e\"\n[[package]]\nname = \"lost\"\nversion = \"1.0.0\"\nsource = \"registry+e\"\n",
        ),
        (
            "vendor/kept-1.0.0/Cargo.toml",
            "[package]\nname = \"kept\"\nversion = \"1.0.0\"\nlicense = \"MIT/Apache-2.0\"\n",
        ),
        (
            "vendor/kept-1.0.0/examples/x/Cargo.toml",
            "[package]\nname = \"lost\"\nversion = \"1.0.0\"\nlicense = \"MIT\"\n",
        ),
    ]);
    assert_eq!(
        shown(&report(&repository)),
        [
            "rust/Cargo.toml: licence: the licence of `r` is not allowed: GPL-3.0-only",
            "web/package-lock.json:3: licence: the licence of `left 1.0.0` is not allowed: WTFPL",
            "rust/Cargo.lock:10: unknown-licence: the licence of `lost 1.0.0` is not known",
        ]
    );
    let mut silent = repository.clone();
    silent.insert("dependencies.toml".into(), b"[pin]\n".to_vec());
    assert!(report(&silent).findings.is_empty());
}

#[test]
fn a_file_of_licences_that_is_wrong_has_a_line() {
    let repository = shop(&[
        ("dependencies.toml", "[licences]\nallow = [\"MIT\"]\n"),
        ("licences.toml", "[node]\nms = \"MIT\"\nleft = \"MIT OR\"\n"),
    ]);
    let policy = Policy::load(&repository).unwrap();
    let error = trunkline_dependency::check(&trunkline_dependency::Inputs {
        graph: &crate::world::graph(&repository),
        sources: &repository,
        policy: &policy,
        advisories: &trunkline_dependency::Advisories::default(),
        prices: &trunkline_dependency::NoPrices,
        now: crate::world::NOW,
    })
    .unwrap_err();
    assert!(
        matches!(error, DependencyError::Policy { line: Some(3), .. }),
        "{error}"
    );
}

#[test]
fn a_broken_lock_stops_nobody() {
    let repository = shop(&[("py/uv.lock", "version = 1\n<<<<<<< HEAD\n")]);
    let report = report(&repository);
    assert_eq!(
        (report.findings[0].kind, report.findings[0].line),
        (Kind::Unreadable, Some(2))
    );
    assert_eq!(report.locks, 2);
}
