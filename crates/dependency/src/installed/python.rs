//! What lies in a virtual environment of Python.

use std::collections::BTreeMap;
use std::path::Path;

use crate::path;

use super::size::{Looking, read};

/// Bytes of a `RECORD` above which it is not read.
const LARGE: u64 = 16 << 20;

/// Bytes of packages, by name and version.
pub(super) type Packages = BTreeMap<(String, String), u64>;

/// Finds all packages of `folder/.venv`, as their installer wrote them down.
pub(super) fn find(folder: &Path, looking: &Looking, packages: &mut Packages) {
    let libraries = looking.list(&folder.join(".venv/lib")).unwrap_or_default();
    for library in libraries {
        let site = library.path().join("site-packages");
        for entry in looking.list(&site).unwrap_or_default() {
            let name = entry.file_name();
            let described = name.to_str().and_then(|name| {
                let (name, version) = name.strip_suffix(".dist-info")?.split_once('-')?;
                Some((path::python_name(name), version.to_owned()))
            });
            if let Some(key) = described
                && let Some(bytes) = recorded(&entry.path().join("RECORD"))
            {
                let sum = packages.entry(key).or_default();
                *sum = sum.saturating_add(bytes);
            }
        }
    }
}

/// The bytes of all files that a `RECORD` lists with their sizes: `path,hash,size` each.
fn recorded(record: &Path) -> Option<u64> {
    let text = String::from_utf8(read(record, LARGE)?).ok()?;
    let sizes = text
        .lines()
        .filter_map(|line| line.rsplit(',').next()?.trim().parse::<u64>().ok());
    Some(sizes.fold(0, u64::saturating_add))
}
