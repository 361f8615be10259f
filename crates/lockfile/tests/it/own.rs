//! The lock of this repository.

use std::path::Path;

use trunkline_lockfile::{affected_members, closures, read};

#[test]
fn the_lock_of_this_repository_is_read_whole() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../Cargo.lock");
    let text = std::fs::read_to_string(path).unwrap();
    let lock = read("Cargo.lock", text.as_bytes()).unwrap();
    assert_eq!(lock.packages.len(), text.matches("[[package]]").count());
    assert!(lock.roots.contains_key("trunkline-model"));
    assert!(
        lock.packages
            .iter()
            .all(|package| package.source.is_none() || package.checksum.is_some())
    );
    assert_eq!(closures(&lock).len(), lock.roots.len());
    assert!(affected_members(&lock, &lock).is_empty());
}
