//! Repositories made of text.

use std::collections::BTreeMap;

use trunkline_dependency::{
    Advisories, Edit, Finding, Fixes, Inputs, Kind, NoPrices, Policy, Prices, Report, check, fix,
};
use trunkline_model::Timestamp;
use trunkline_project::{Graph, Manifest, is_manifest};

/// 2026-11-27.
pub(crate) const NOW: Timestamp = Timestamp::from_millis(1_795_737_600_000);

pub(crate) type Files = BTreeMap<String, Vec<u8>>;

pub(crate) fn files(all: &[(&str, &str)]) -> Files {
    let all = all.iter();
    all.map(|(path, text)| ((*path).to_owned(), text.as_bytes().to_vec()))
        .collect()
}

pub(crate) fn graph(files: &Files) -> Graph {
    let manifests = files.iter().filter(|(path, _)| is_manifest(path));
    Graph::new(manifests.map(|(path, bytes)| Manifest::read(path, bytes)))
}

pub(crate) fn report_with(files: &Files, prices: &dyn Prices) -> Report {
    let policy = Policy::load(files).unwrap();
    check(&Inputs {
        graph: &graph(files),
        sources: files,
        advisories: &Advisories::load(files, &policy.advisories).unwrap(),
        policy: &policy,
        prices,
        now: NOW,
    })
    .unwrap()
}

pub(crate) fn report(files: &Files) -> Report {
    report_with(files, &NoPrices)
}

/// Findings as people see them.
pub(crate) fn shown(report: &Report) -> Vec<String> {
    report.findings.iter().map(ToString::to_string).collect()
}

pub(crate) fn of_kind(report: &Report, kind: Kind) -> Vec<&Finding> {
    let all = report.findings.iter();
    all.filter(|finding| finding.kind == kind).collect()
}

/// The files after all edits.
pub(crate) fn mended(files: &Files, fixes: &Fixes) -> Files {
    let mut files = files.clone();
    for Edit { path, old, new } in &fixes.edits {
        assert_eq!(files.insert(path.clone(), new.clone()).as_ref(), Some(old));
    }
    files
}

pub(crate) fn fixes(files: &Files) -> Fixes {
    fix(&report(files), files).unwrap()
}

pub(crate) fn text<'a>(files: &'a Files, path: &str) -> &'a str {
    std::str::from_utf8(&files[path]).unwrap()
}
