//! A scope in a checkout that is there.

use std::fs::DirEntry;
use std::path::Path;

use crate::Checkout;
use crate::scope::Scope;

/// Files of one folder that are looked at.
const MOST: usize = 10_000;

/// What `scope` is in the checkout `root`.
pub(super) fn checkout(root: &Path, scope: Scope) -> Checkout {
    let mut readable: Vec<String> = scope.reads.into_iter().collect();
    for folder in scope.files_of {
        let names = files(&root.join(&folder));
        readable.extend(names.into_iter().map(|name| {
            if folder.is_empty() {
                name
            } else {
                format!("{folder}/{name}")
            }
        }));
    }
    Checkout {
        root: root.to_owned(),
        readable,
        writable: scope.writes.into_iter().collect(),
        makes: scope.makes.into_iter().collect(),
    }
}

/// The names of the files in a folder.
fn files(folder: &Path) -> Vec<String> {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return Vec::new();
    };
    let is_file = |entry: &DirEntry| entry.file_type().is_ok_and(|kind| kind.is_file());
    let files = entries.flatten().take(MOST).filter(is_file);
    files
        .filter_map(|entry| entry.file_name().into_string().ok())
        .collect()
}
