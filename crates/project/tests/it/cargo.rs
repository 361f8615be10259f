//! Our own workspace, as Cargo knows it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;
use trunkline_project::{Graph, Manifest};

/// The root of the workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .canonicalize()
        .unwrap()
}

fn manifests(root: &Path) -> Vec<String> {
    let mut all = vec!["Cargo.toml".into(), "xtask/Cargo.toml".into()];
    for folder in std::fs::read_dir(root.join("crates")).unwrap() {
        let path = folder.unwrap().path().join("Cargo.toml");
        if path.is_file() {
            all.push(path.strip_prefix(root).unwrap().to_str().unwrap().into());
        }
    }
    all
}

/// Who needs whom of the workspace, and what for, as Cargo says.
fn known_to_cargo(root: &Path) -> BTreeSet<(String, String, String)> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "metadata",
            "--format-version",
            "1",
            "--no-deps",
            "--offline",
        ])
        .current_dir(root)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let metadata: Value = serde_json::from_slice(&output.stdout).unwrap();
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let mut edges = BTreeSet::new();
    for package in metadata["packages"].as_array().unwrap() {
        for need in package["dependencies"].as_array().unwrap() {
            if need["path"].is_string() {
                let kind = text(&need["kind"]).unwrap_or_else(|| "normal".into());
                edges.insert((
                    text(&package["name"]).unwrap(),
                    text(&need["name"]).unwrap(),
                    kind,
                ));
            }
        }
    }
    edges
}

#[test]
fn our_own_graph_is_that_of_cargo() {
    let root = root();
    let read = manifests(&root).into_iter().map(|path| {
        let bytes = std::fs::read(root.join(&path)).unwrap();
        Manifest::read(&path, &bytes)
    });
    let graph = Graph::new(read);
    assert_eq!(graph.findings, []);
    let ours: BTreeSet<_> = graph
        .edges()
        .map(|edge| {
            let kind = match edge.kind.as_str() {
                "runtime" => "normal",
                "development" => "dev",
                other => other,
            };
            (
                edge.from.name.clone(),
                edge.to.name.clone(),
                kind.to_owned(),
            )
        })
        .collect();
    assert_eq!(ours, known_to_cargo(&root));
    let (_, circle) = graph.order();
    assert!(circle.is_empty(), "nothing needs itself over others");
}
