//! `go.sum`. It lists modules and says nothing of who needs them, and versions that were only looked at are in it as well.

use std::collections::BTreeMap;

use crate::error::Wrong;
use crate::lock::{Format, Lock, Package};

/// What the line of a `go.mod` alone ends its version with.
const MANIFEST: &str = "/go.mod";

#[derive(Default)]
struct Hashes<'a> {
    /// Of all files.
    module: Option<&'a str>,
    /// Of its `go.mod`.
    manifest: Option<&'a str>,
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let mut modules: BTreeMap<(&str, &str), Hashes<'_>> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let words: Vec<&str> = line.split_whitespace().collect();
        match words.as_slice() {
            [] => {}
            [name, version, hash] => match version.strip_suffix(MANIFEST) {
                Some(version) => modules.entry((name, version)).or_default().manifest = Some(hash),
                None => modules.entry((name, version)).or_default().module = Some(hash),
            },
            _ => {
                let problem = "a module, its version and its hash were expected";
                return Err(Wrong::at(number + 1, problem));
            }
        }
    }
    let mut lock = Lock::new(Format::Go);
    for ((name, version), hashes) in modules {
        let place = lock.add(Package {
            name: name.to_owned(),
            version: version.to_owned(),
            source: Some("module".to_owned()),
            // The hash of all files has its `go.mod` in it.
            checksum: hashes.module.or(hashes.manifest).map(str::to_owned),
            ..Package::default()
        })?;
        lock.answer(format!("{name}@{version}"), place);
    }
    Ok(lock)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUM: &str = "example.org/a v1.0.0 h1:aa=\nexample.org/a v1.0.0/go.mod h1:ab=\nexample.org/b v1.1.0/go.mod h1:bb=\nexample.org/b v1.2.0 h1:bc=\n";

    #[test]
    fn a_module_narrows_the_lock_to_what_it_requires() {
        let mut lock = read(SUM).unwrap();
        assert_eq!(lock.reachable("services/a").len(), 3);
        lock.require("services/a", [("example.org/b", "v1.2.0")]);
        assert_eq!(lock.reachable("services/a"), [2]);
        assert_eq!(lock.packages[0].checksum.as_deref(), Some("h1:aa="));
        assert_eq!(lock.packages[1].checksum.as_deref(), Some("h1:bb="));
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let torn = read("example.org/a v1.0.0 h1:aa=\n=======\n").unwrap_err();
        assert_eq!(torn.of("go.sum").line(), Some(2));
    }
}
