//! What a member reaches, as a hash.

use std::collections::{BTreeMap, BTreeSet};

use crate::lock::{Lock, Package};

/// What is hashed first, so that no other hash of Trunkline can be taken for one.
const CONTEXT: &str = "trunkline lockfile closure 1";

/// A BLAKE3 hash of name, version, source and checksum of all packages that `member` reaches. The order of the file does not count, nor does
/// what needs what as long as the same is reached. A member that the lock does not know stands for the whole lock.
#[must_use]
pub fn closure(lock: &Lock, member: &str) -> [u8; 32] {
    hash(lock, &lock.reachable(member))
}

/// The closures of all members. A lock that does not say who needs what has one, of the root.
#[must_use]
pub fn closures(lock: &Lock) -> BTreeMap<String, [u8; 32]> {
    if lock.roots.is_empty() {
        return BTreeMap::from([(String::new(), closure(lock, ""))]);
    }
    let members = lock.roots.keys();
    members
        .map(|member| (member.clone(), closure(lock, member)))
        .collect()
}

/// The members whose closure differs between two locks, those that only one of them has among them.
#[must_use]
pub fn affected_members(old: &Lock, new: &Lock) -> BTreeSet<String> {
    let (old, new) = (closures(old), closures(new));
    let members = old.keys().chain(new.keys());
    members
        .filter(|member| old.get(*member) != new.get(*member))
        .cloned()
        .collect()
}

type Identity<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>);

fn identity(package: &Package) -> Identity<'_> {
    (
        &package.name,
        &package.version,
        package.source.as_deref(),
        package.checksum.as_deref(),
    )
}

fn hash(lock: &Lock, places: &[usize]) -> [u8; 32] {
    let mut all: Vec<_> = places
        .iter()
        .map(|place| identity(&lock.packages[*place]))
        .collect();
    // One package may be there several times, for other peers or in other folders; its content is the same.
    all.sort_unstable();
    all.dedup();
    let mut hasher = blake3::Hasher::new();
    field(&mut hasher, Some(CONTEXT));
    for (name, version, source, checksum) in all {
        for text in [Some(name), Some(version), source, checksum] {
            field(&mut hasher, text);
        }
    }
    *hasher.finalize().as_bytes()
}

/// Takes in a text with its length, so that no two rows of texts look alike.
fn field(hasher: &mut blake3::Hasher, text: Option<&str>) {
    let length = text.map_or(u64::MAX, |text| text.len() as u64);
    hasher.update(&length.to_le_bytes());
    hasher.update(text.unwrap_or_default().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Format;

    fn lock(packages: &[(&str, &str)]) -> Lock {
        let mut lock = Lock::new(Format::Go);
        for (name, version) in packages {
            lock.packages.push(Package {
                name: (*name).into(),
                version: (*version).into(),
                ..Package::default()
            });
        }
        lock
    }

    #[test]
    fn texts_do_not_run_into_one_another() {
        let one = closure(&lock(&[("a", "bc")]), "");
        assert_ne!(one, closure(&lock(&[("ab", "c")]), ""));
        assert_eq!(one, closure(&lock(&[("a", "bc"), ("a", "bc")]), ""));
    }

    #[test]
    fn a_lock_without_members_is_one_whole() {
        let (old, new) = (lock(&[("a", "1")]), lock(&[("a", "2")]));
        assert_eq!(
            affected_members(&old, &new),
            BTreeSet::from([String::new()])
        );
        assert!(affected_members(&old, &old).is_empty());
    }
}
