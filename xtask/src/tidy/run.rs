//! Runs every rule and prints what they found.

use std::path::Path;
use std::process::ExitCode;

use anyhow::Context;

use super::finding::Finding;
use super::layers::Layers;
use super::manifest::Metadata;
use super::rules::Rules;
use super::tree::Tree;
use super::{
    codes, dependencies, forbidden, forgotten, layers, licence, lock, registry, shape, size,
    tests_layout,
};

/// Checks the workspace at `root`; fails when a rule is broken.
pub(crate) fn run(root: &Path) -> anyhow::Result<ExitCode> {
    let findings = check(root)?;
    let mut text = String::new();
    for finding in &findings {
        text.push_str(&format!("{finding}\n"));
    }
    if findings.is_empty() {
        print(&format!("tidy: {RULES} rules hold\n"))?;
        return Ok(ExitCode::SUCCESS);
    }
    print(&text)?;
    print(&format!("tidy: {} findings\n", findings.len()))?;
    Ok(ExitCode::FAILURE)
}

/// How many rule functions [`check`] calls.
const RULES: usize = 15;

fn check(root: &Path) -> anyhow::Result<Vec<Finding>> {
    let tree = Tree::of_git(root)?;
    let rules = Rules::read(root)?;
    let floors = Layers::read(root)?;
    let metadata = Metadata::of(root)?;
    let mut findings = Vec::new();
    findings.extend(layers::check(&floors, &metadata));
    findings.extend(size::files(&tree, &rules));
    findings.extend(size::functions(&tree, &rules));
    findings.extend(size::rooms(&tree, &rules));
    findings.extend(size::tracked(&tree, &rules));
    findings.extend(shape::check(&tree, &rules));
    findings.extend(forgotten::check(&tree));
    findings.extend(tests_layout::check(&tree, &rules));
    findings.extend(codes::check(&tree));
    findings.extend(licence::check(&tree));
    findings.extend(dependencies::check(&tree).context("the manifests")?);
    findings.extend(dependencies::banned(&tree, &rules).context("the manifests")?);
    findings.extend(lock::check(&tree, &rules).context("Cargo.lock")?);
    findings.extend(registry::check(&tree));
    findings.extend(forbidden::check(&tree, &rules)?);
    findings.sort();
    findings.dedup();
    Ok(findings)
}

fn print(text: &str) -> anyhow::Result<()> {
    use std::io::Write as _;
    std::io::stdout().write_all(text.as_bytes())?;
    Ok(())
}
