//! This repository.

use std::borrow::Cow;
use std::path::{Path, PathBuf};

use trunkline_dependency::{
    Advisories, DependencyError, Inputs, Kind, NoPrices, Policy, Sources, check,
};
use trunkline_model::Timestamp;
use trunkline_project::{Graph, Manifest, is_manifest};

/// Folders that no commit has.
const LEFT_OUT: &[&str] = &["target", "node_modules", ".git", ".svelte-kit", "build"];

/// The files of a folder.
struct Folder(PathBuf);

impl Sources for Folder {
    fn paths(&self) -> Result<Vec<String>, DependencyError> {
        let mut paths = Vec::new();
        let mut next = vec![PathBuf::new()];
        while let Some(folder) = next.pop() {
            for entry in std::fs::read_dir(self.0.join(&folder)).unwrap().flatten() {
                let name = entry.file_name();
                let kind = entry.file_type().unwrap();
                if kind.is_dir() && !LEFT_OUT.iter().any(|left_out| name == *left_out) {
                    next.push(folder.join(name));
                } else if kind.is_file() {
                    paths.push(folder.join(name).to_str().unwrap().to_owned());
                }
            }
        }
        paths.sort();
        Ok(paths)
    }

    fn read(&self, path: &str) -> Result<Option<Cow<'_, [u8]>>, DependencyError> {
        Ok(std::fs::read(self.0.join(path)).ok().map(Cow::Owned))
    }
}

#[test]
fn this_repository_is_read_whole() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let sources = Folder(root.canonicalize().unwrap());
    let manifests = sources.paths().unwrap();
    let manifests = manifests.iter().filter(|path| is_manifest(path));
    let manifests = manifests.map(|path| {
        let bytes = sources.read(path).unwrap().unwrap();
        Manifest::read(path, &bytes)
    });
    let graph = Graph::new(manifests);
    let report = check(&Inputs {
        graph: &graph,
        sources: &sources,
        policy: &Policy::load(&sources).unwrap(),
        advisories: &Advisories::default(),
        prices: &NoPrices,
        now: Timestamp::from_millis(0),
    })
    .unwrap();
    assert!(report.packages > 100, "{report:?}");
    // Manifests are the graph's to judge; the locks and all else have to be understood.
    let broken = report.findings.iter().filter(|one| {
        let is_broken = one.kind == Kind::Unreadable && !is_manifest(&one.path);
        // What Cargo builds misses nothing, so a finding would be a false alarm.
        is_broken || one.kind == Kind::Missing && one.path.ends_with(".rs")
    });
    let broken: Vec<_> = broken.map(ToString::to_string).collect();
    assert_eq!(broken, [""; 0]);
    let syn = report
        .findings
        .iter()
        .find(|one| one.name == "syn")
        .unwrap();
    assert!(
        syn.hint.as_ref().unwrap().contains("is brought in by"),
        "{syn:?}"
    );
}
