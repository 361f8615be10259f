//! Large files with git-lfs itself, and a disk that is full.

use std::path::Path;
use std::process::{Command, Output};

use crate::forge::{Checkout, address, said, until};
use crate::platform::Platform;

fn lfs(folder: &Path, arguments: &[&str]) -> Output {
    Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_TERMINAL_PROMPT", "0")
        .output()
        .unwrap()
}

fn must(folder: &Path, arguments: &[&str]) -> String {
    let output = lfs(folder, arguments);
    let said = said(&output);
    assert!(output.status.success(), "git {arguments:?}: {said}");
    said
}

/// So many bytes that nothing packs.
fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_u64;
    let next = std::iter::repeat_with(|| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        state.to_be_bytes()[0]
    });
    next.take(bytes).collect()
}

#[test]
fn large_files_are_kept_beside_their_repository() {
    let platform = Platform::start();
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout::new(&platform, &folder.path().join("work"));
    let work = checkout.folder.clone();
    must(&work, &["lfs", "install", "--local"]);
    must(&work, &["lfs", "track", "*.bin"]);
    let content = noise(3 << 20);
    std::fs::write(work.join("model.bin"), &content).unwrap();
    checkout.commit("a model", &[("README.md", "x\n")]);
    must(&work, &["push", "-q", "trunk", "HEAD:trunk"]);
    // In the repository there is a pointer alone.
    let pointer = must(&work, &["show", "HEAD:model.bin"]);
    assert!(pointer.starts_with("version https://git-lfs"), "{pointer}");
    let copy = folder.path().join("copy");
    let copied = copy.to_str().unwrap();
    let global = folder.path().join("gitconfig");
    std::fs::write(
        &global,
        "[filter \"lfs\"]\nclean = git-lfs clean -- %f\nsmudge = git-lfs smudge -- %f\nprocess = git-lfs filter-process\nrequired = true\n",
    )
    .unwrap();
    let cloned = Command::new("git")
        .args(["clone", "-q", &address(&platform), copied])
        .env("GIT_CONFIG_GLOBAL", &global)
        .output()
        .unwrap();
    assert!(cloned.status.success(), "{}", said(&cloned));
    assert_eq!(std::fs::read(copy.join("model.bin")).unwrap(), content);
    // A change with a large file lands as any other does.
    std::fs::write(work.join("second.bin"), noise(100_000)).unwrap();
    checkout.next_second();
    checkout.commit("another", &[]);
    must(&work, &["push", "-q", "trunk", "HEAD:refs/for/trunk"]);
    let stored = until(
        &platform,
        "select count(*) as files from events where type = 'trunkline.lfs.object.stored.v1'",
        |rows| rows[0]["files"] == 2,
    );
    assert_eq!(stored[0]["files"], 2);
    // They are there after a kill, too.
    let platform = platform.kill_and_restart();
    let again = folder.path().join("again");
    let cloned = Command::new("git")
        .args(["clone", "-q", &address(&platform), again.to_str().unwrap()])
        .env("GIT_CONFIG_GLOBAL", &global)
        .output()
        .unwrap();
    assert!(cloned.status.success(), "{}", said(&cloned));
    assert_eq!(std::fs::read(again.join("model.bin")).unwrap(), content);
}

#[test]
fn a_push_onto_a_full_disk_is_refused_and_harms_nothing() {
    let platform = Platform::on_small_disk(64, &[]);
    let folder = tempfile::tempdir().unwrap();
    let checkout = Checkout::new(&platform, &folder.path().join("work"));
    checkout.commit("small", &[("README.md", "x\n")]);
    checkout.run(&["push", "-q", "trunk", "HEAD:trunk"]);
    std::fs::write(checkout.folder.join("large"), noise(80 << 20)).unwrap();
    checkout.next_second();
    checkout.commit("large", &[]);
    let refused = checkout.git(&["push", "trunk", "HEAD:refs/for/trunk"]);
    let told = said(&refused);
    assert!(
        !refused.status.success() && told.contains("TL-REPOSITORY"),
        "{told}"
    );
    // What was read of it is gone, and the next one lands.
    checkout.run(&["reset", "-q", "--hard", "trunk/trunk"]);
    checkout.next_second();
    checkout.commit("small too", &[("README.md", "y\n")]);
    checkout.run(&["push", "-q", "trunk", "HEAD:refs/for/trunk"]);
    let listed = platform.curl(&[], "/v1/changes").1;
    assert!(
        listed.contains("\"landed\"") && !listed.contains("\"large\""),
        "{listed}"
    );
}
