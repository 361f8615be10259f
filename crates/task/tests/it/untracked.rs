//! What git does not know, as git itself tells it.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

use trunkline_task::{Files as _, WorkFiles};

use crate::fixture::{Fixture, git};

/// Folders that are as they are for so long count as settled.
const SETTLED: Duration = Duration::from_millis(60);

/// The files that git does not know, by us and by git.
fn both(fixture: &Fixture, memory: &Path) -> (BTreeSet<String>, BTreeSet<String>) {
    let root = fixture.root();
    let all = WorkFiles::open(&root, Some(memory)).unwrap();
    let names = |arguments: &[&str]| -> BTreeSet<String> {
        let said = git(&root, arguments);
        let names = said.split('\0').filter(|name| !name.is_empty());
        names.map(str::to_owned).collect()
    };
    let known = names(&["ls-files", "-z"]);
    let ours = all.all().keys().filter(|path| !known.contains(*path));
    let others = names(&["ls-files", "-z", "--others", "--exclude-standard"]);
    // A folder that is another repository stands there as such, and is no file.
    let files = others.into_iter().filter(|path| !path.ends_with('/'));
    (ours.cloned().collect(), files.collect())
}

/// A number below `below`, the same in every run.
struct Chance(u64);

impl Chance {
    fn below(&mut self, below: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % below
    }

    fn path(&mut self) -> String {
        let names = ["a", "b", "made", "x.log", "keep.log"];
        let depth = 1 + self.below(3);
        let parts: Vec<_> = (0..depth).map(|_| names[self.below(names.len())]).collect();
        parts.join("/")
    }
}

/// Something that people and builds do.
fn happen(fixture: &Fixture, chance: &mut Chance) {
    let root = fixture.root();
    let path = chance.path();
    let place = root.join(&path);
    let rules = [
        "made",
        "made/",
        "*.log",
        "!keep.log",
        "/a/b",
        "a/*",
        "**/x.log",
        "# none",
    ];
    match chance.below(9) {
        0..=2 if place.parent().unwrap().is_dir() && !place.is_dir() => {
            std::fs::write(&place, "x").unwrap();
        }
        0..=3 => {
            // A file may be in the way.
            let _refused = std::fs::create_dir_all(&place);
        }
        4 => {
            let _none = std::fs::remove_file(&place);
        }
        5 => {
            let _none = std::fs::remove_dir_all(&place);
        }
        6 => {
            let folder = if place.is_dir() { place } else { root };
            let text = format!("{}\n{}\n", rules[chance.below(8)], rules[chance.below(8)]);
            std::fs::write(folder.join(".gitignore"), text).unwrap();
        }
        7 => {
            fixture.git(&["add", "-A"]);
        }
        _ if chance.below(2) == 0 => {
            let text = format!("{}\n", rules[chance.below(8)]);
            std::fs::write(root.join(".git/info/exclude"), text).unwrap();
        }
        _ => {
            fixture.git(&["rm", "-q", "--cached", "--ignore-unmatch", "-r", &path]);
        }
    }
}

/// All rules of what to ignore.
fn rules(root: &Path) -> Vec<(String, String)> {
    let listed = std::process::Command::new("find")
        .args([".", "-name", ".gitignore", "-o", "-name", "exclude"])
        .current_dir(root)
        .output()
        .unwrap();
    let paths = String::from_utf8(listed.stdout).unwrap();
    paths
        .lines()
        .map(|path| {
            (
                path.to_owned(),
                std::fs::read_to_string(root.join(path)).unwrap(),
            )
        })
        .collect()
}

#[test]
fn it_is_what_git_says_whatever_happens_and_is_remembered() {
    for seed in 0..12 {
        let fixture = Fixture::new(&[("a/known", "1"), ("b/known", "1")]);
        let memory = fixture.folder.path().join("memory");
        let mut chance = Chance(seed);
        for step in 0..40 {
            happen(&fixture, &mut chance);
            if step % 4 == 0 {
                std::thread::sleep(SETTLED);
            }
            let (ours, gits) = both(&fixture, &memory);
            let rules = rules(&fixture.root());
            assert_eq!(ours, gits, "seed {seed}, step {step}, with {rules:?}");
        }
    }
}

#[test]
fn another_repository_in_the_checkout_is_not_looked_into() {
    let fixture = Fixture::new(&[("a", "1")]);
    let memory = fixture.folder.path().join("memory");
    fixture.write(&[("other/x", "1"), ("new/x", "1")]);
    git(&fixture.root().join("other"), &["init", "-q"]);
    for _ in 0..2 {
        std::thread::sleep(SETTLED);
        let (ours, gits) = both(&fixture, &memory);
        assert_eq!(ours, BTreeSet::from(["new/x".to_owned()]));
        assert_eq!(ours, gits);
    }
}

#[test]
fn what_becomes_a_repository_or_ends_being_one_is_noticed() {
    let fixture = Fixture::new(&[("a", "1"), ("known/x", "1")]);
    let memory = fixture.folder.path().join("memory");
    fixture.write(&[
        ("other/x", "1"),
        ("other/deep/y", "1"),
        ("known/y", "1"),
        ("no/.git/x", "1"),
        ("no/x", "1"),
    ]);
    let check = |what: &str| {
        for _ in 0..2 {
            std::thread::sleep(SETTLED);
            let (ours, gits) = both(&fixture, &memory);
            assert_eq!(ours, gits, "{what}");
        }
    };
    check("as it is");
    for folder in ["other", "known"] {
        git(&fixture.root().join(folder), &["init", "-q"]);
        check(folder);
    }
    for folder in ["other", "known"] {
        std::fs::remove_dir_all(fixture.root().join(folder).join(".git")).unwrap();
        check(folder);
    }
}

#[test]
fn a_folder_that_looks_as_it_did_is_not_listed_again() {
    let fixture = Fixture::new(&[("a/known", "1")]);
    let memory = fixture.folder.path().join("memory");
    fixture.write(&[("a/new", "1")]);
    std::thread::sleep(SETTLED);
    both(&fixture, &memory);
    // What is remembered is taken for what is there.
    let file = std::fs::read_dir(&memory).unwrap().next().unwrap().unwrap();
    let before = file.metadata().unwrap().modified().unwrap();
    std::thread::sleep(SETTLED);
    let (ours, _) = both(&fixture, &memory);
    assert_eq!(ours, BTreeSet::from(["a/new".to_owned()]));
    assert_eq!(file.metadata().unwrap().modified().unwrap(), before);
    std::fs::write(file.path(), "broken").unwrap();
    let (ours, gits) = both(&fixture, &memory);
    assert_eq!(ours, gits);
    assert!(std::fs::metadata(file.path()).unwrap().len() > 100);
}
