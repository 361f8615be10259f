//! What lies in a `node_modules`, as npm, yarn, bun and pnpm lay it out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::size::{Looking, read};

/// Bytes of a `package.json` above which it is not read.
const LARGE: u64 = 1 << 20;

/// The folders of packages, by name and version. One version may be there several times.
pub(super) type Packages = BTreeMap<(String, String), Vec<PathBuf>>;

/// Finds all packages below `folder/node_modules`, those in their own `node_modules` among them.
pub(super) fn find(folder: &Path, looking: &Looking, packages: &mut Packages) {
    let first = folder.join("node_modules");
    if first.is_symlink() {
        // It leads out of the checkout, and whoever made the commit said where.
        return;
    }
    let mut next = vec![first];
    while let Some(folder) = next.pop() {
        for (name, place) in folders_in(&folder, looking) {
            if name == ".pnpm" {
                // Each has the package itself, and links to what it needs.
                let stored = folders_in(&place, looking);
                next.extend(stored.map(|(_, place)| place.join("node_modules")));
            } else if name.starts_with('@') {
                for (below, place) in folders_in(&place, looking) {
                    take(format!("{name}/{below}"), place, packages, &mut next);
                }
            } else if !name.starts_with('.') {
                take(name, place, packages, &mut next);
            }
        }
    }
}

fn take(name: String, place: PathBuf, packages: &mut Packages, next: &mut Vec<PathBuf>) {
    next.push(place.join("node_modules"));
    if let Some(version) = version_of(&place.join("package.json")) {
        packages.entry((name, version)).or_default().push(place);
    }
}

/// Folders, but no links: those lead to members of the workspace, or to what is counted elsewhere.
fn folders_in(folder: &Path, looking: &Looking) -> impl Iterator<Item = (String, PathBuf)> {
    let all = looking.list(folder).unwrap_or_default().into_iter();
    let folders = all.filter(|entry| entry.file_type().is_ok_and(|kind| kind.is_dir()));
    folders.filter_map(|entry| Some((entry.file_name().into_string().ok()?, entry.path())))
}

fn version_of(manifest: &Path) -> Option<String> {
    let manifest: serde_json::Value = serde_json::from_slice(&read(manifest, LARGE)?).ok()?;
    manifest["version"].as_str().map(str::to_owned)
}
