//! A disk that is full, for real: a file system of a few kilobytes in a namespace of its own, in which this test runs once more.

use std::path::{Path, PathBuf};
use std::process::Command;

use trunkline_task::Outcome;

use crate::fixture::{Fixture, short};

/// What tells the test that it runs within.
const INSIDE: &str = "TRUNKLINE_TEST_DISK";
const NAME: &str = "disk::a_full_disk_makes_no_result_and_no_task_red";
/// The exit code where the machine does not let it.
const SKIPPED: i32 = 77;

fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        if entry.path().is_dir() {
            found.extend(files(&entry.path()));
        } else {
            found.push(entry.path());
        }
    }
    found
}

fn mount(options: &str, place: &Path) {
    let mut command = Command::new("mount");
    command
        .args(["-t", "tmpfs", "-o", options, "tmpfs"])
        .arg(place);
    assert!(command.status().unwrap().success());
}

#[tokio::test]
async fn a_full_disk_makes_no_result_and_no_task_red() {
    if std::env::var_os(INSIDE).is_some() {
        on_a_small_disk().await;
        return with_few_inodes().await;
    }
    let script = format!(
        "mount -t tmpfs tmpfs /mnt || exit {SKIPPED}; exec \"$0\" --exact {NAME} --nocapture"
    );
    let within = Command::new("unshare")
        .args(["--map-root-user", "--mount", "sh", "-c", &script])
        .arg(std::env::current_exe().unwrap())
        .env(INSIDE, "1")
        .output();
    let Ok(output) = within else {
        eprintln!("skipped: there is no `unshare`");
        return;
    };
    let said = String::from_utf8_lossy(&output.stderr);
    // `unshare` ends with 1 as a test that fails does, and says who it is.
    if output.status.code() == Some(SKIPPED) || said.starts_with("unshare: ") {
        eprintln!("skipped: {said}");
        return;
    }
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{said}");
    assert!(told.contains("1 passed"), "{told}");
}

async fn on_a_small_disk() {
    let fixture = Fixture::chain();
    let store = fixture.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    mount("size=256k", &store);
    // Of `a` and `b` the contents have no room.
    let rules = "[node.build]\ncmd = \"mkdir -p dist; head -c 600000 /dev/urandom > dist/{name}; echo built {name}\"\ntools = []\noutputs = [\"dist/**\"]\n[project.c.build]\ncmd = \"true\"\n";
    fixture.write(&[("tasks.toml", rules)]);
    let _opened = fixture.store();
    let summary = fixture.run().await;
    assert_eq!(
        short(&summary)[..2],
        ["node:a#build Ran", "node:b#build Ran"]
    );
    assert_eq!(summary.count(|one| one == Outcome::Ran), 3);
    let told = fixture.told();
    for name in ["a", "b"] {
        let line = told.iter().find(|line| {
            line.starts_with(&format!(
                "node:{name}#build: its result is not kept: the store of results: "
            ))
        });
        assert!(
            line.is_some_and(|line| line.contains("os error 28") && line.contains("TL-TASK-005")),
            "{told:?}"
        );
    }
    // And now nothing has, not even the record of `c`.
    std::fs::remove_dir_all(store.join("objects")).unwrap();
    std::fs::remove_dir_all(store.join("records")).unwrap();
    let _opened = fixture.store();
    while fill_more(&store) {}
    let full = fixture.run().await;
    assert_eq!(
        full.count(|one| one == Outcome::Ran),
        3,
        "{:?}",
        fixture.told()
    );
    for folder in ["objects", "records", "parts"] {
        let left = files(&store.join(folder));
        assert!(left.is_empty(), "{left:?}");
    }
    // With room it goes on as if nothing had been.
    mount("remount,size=16m", &store);
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Ran), 3);
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Hit), 3);
    let kept = fixture.store().bytes();
    assert!(kept > 1_000_000, "{kept}");
}

/// A disk with room, on which no more files can be made.
async fn with_few_inodes() {
    let fixture = Fixture::chain();
    let store = fixture.folder.path().join("store");
    std::fs::create_dir(&store).unwrap();
    mount("size=16m,nr_inodes=1k", &store);
    let _opened = fixture.store();
    let mut taken = 0;
    while std::fs::write(store.join(format!("other-{taken}")), "").is_ok() {
        taken += 1;
    }
    assert!(taken > 100, "{taken}");
    let summary = fixture.run().await;
    assert_eq!(summary.count(|one| one == Outcome::Ran), 3);
    let told = fixture.told();
    let lines = told
        .iter()
        .filter(|line| line.contains("its result is not kept"));
    assert_eq!(lines.count(), 3, "{told:?}");
    mount("remount,nr_inodes=4k", &store);
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Ran), 3);
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Hit), 3);
}

/// Takes a little more of the disk; false where it is full.
fn fill_more(store: &Path) -> bool {
    use std::io::Write as _;
    let mut options = std::fs::File::options();
    let other = options.append(true).create(true).open(store.join("other"));
    other
        .and_then(|mut file| file.write_all(&[1; 4_096]))
        .is_ok()
}
