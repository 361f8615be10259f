//! Git history, read from a real repository.

use std::path::Path;
use std::process::Command;

use trunkline_ingest::git::{GitOptions, read_commits};
use trunkline_model::{Coded as _, Timestamp};

use crate::support::{Bench, post};

fn git(folder: &Path, seconds: i64, arguments: &[&str]) {
    let date = format!("{seconds} +0200");
    let output = Command::new("git")
        .current_dir(folder)
        .args([
            "-c",
            "user.name=Ada",
            "-c",
            "user.email=ada@example.com",
            "-c",
            "init.defaultBranch=trunk",
        ])
        .args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"])
        .args(arguments)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_AUTHOR_DATE", &date)
        .env("GIT_COMMITTER_DATE", &date)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A repository of four commits, the last of them a merge.
fn repository() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    let write = |name: &str, bytes: &[u8]| {
        std::fs::create_dir_all(path.join(name).parent().unwrap()).unwrap();
        std::fs::write(path.join(name), bytes).unwrap();
    };
    git(path, 1_000_000_000, &["init", "-q", "."]);
    write("src/a.txt", b"one\ntwo\nthree\nfour\nfive\n");
    write("logo.png", &[0, 1, 2, 3, 0, 255]);
    git(path, 1_000_000_000, &["add", "."]);
    git(path, 1_000_000_000, &["commit", "-q", "-m", "Begin"]);
    git(path, 1_000_000_100, &["checkout", "-q", "-b", "side"]);
    write("side.txt", b"side\n");
    git(path, 1_000_000_100, &["add", "."]);
    git(
        path,
        1_000_000_100,
        &[
            "commit",
            "-q",
            "-m",
            "Add a side\n\nWith a reason.\nAnd another.",
        ],
    );
    git(path, 1_000_000_200, &["checkout", "-q", "trunk"]);
    git(path, 1_000_000_200, &["mv", "src/a.txt", "src/b.txt"]);
    write("src/b.txt", b"one\ntwo\nthree\nfour\n5\n");
    git(path, 1_000_000_200, &["commit", "-q", "-a", "-m", "Rename"]);
    git(
        path,
        1_000_000_300,
        &["merge", "-q", "--no-ff", "-m", "Merge side", "side"],
    );
    folder
}

fn options() -> GitOptions {
    GitOptions {
        repository: Some("shop".into()),
        renames: true,
        ..GitOptions::default()
    }
}

#[test]
fn commits_come_newest_first_with_their_files() {
    let folder = repository();
    let commits: Vec<_> = read_commits(folder.path(), &options())
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    insta::assert_json_snapshot!("commits", commits);
}

#[test]
fn renames_are_an_addition_and_a_deletion_unless_asked_for() {
    let folder = repository();
    let plain = GitOptions {
        renames: false,
        ..options()
    };
    let commit = read_commits(folder.path(), &plain)
        .unwrap()
        .nth(1)
        .unwrap()
        .unwrap();
    let mut changes: Vec<_> = commit
        .files
        .iter()
        .map(|file| (file.path.as_str(), file.change.as_str()))
        .collect();
    changes.sort_unstable();
    assert_eq!(changes, [("src/a.txt", "deleted"), ("src/b.txt", "added")]);
}

#[test]
fn history_is_limited_by_number_and_time() {
    let folder = repository();
    let titles = |options: &GitOptions| -> Vec<String> {
        read_commits(folder.path(), options)
            .unwrap()
            .map(|commit| commit.unwrap().title)
            .collect()
    };
    let limited = GitOptions {
        limit: Some(2),
        ..options()
    };
    assert_eq!(titles(&limited), ["Merge side", "Rename"]);
    let recent = GitOptions {
        since: Some(Timestamp::from_millis(1_000_000_200_000)),
        ..options()
    };
    assert_eq!(titles(&recent), ["Merge side", "Rename"]);
    // From a folder inside of the repository, named by its folder.
    let inside = read_commits(folder.path().join("src"), &GitOptions::default())
        .unwrap()
        .next()
        .unwrap()
        .unwrap();
    assert_eq!(
        Some(inside.repository.as_str()),
        folder.path().file_name().and_then(|name| name.to_str())
    );
}

#[test]
fn what_is_no_repository_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let error = read_commits(folder.path(), &options()).unwrap_err();
    assert_eq!(error.code().code, "TL-INGEST-010");
    git(folder.path(), 1, &["init", "-q", "."]);
    let error = read_commits(folder.path(), &options()).unwrap_err();
    assert!(error.to_string().contains("no commit"), "{error}");
}

#[tokio::test]
async fn history_sent_twice_is_there_once_although_it_is_old() {
    let folder = repository();
    let bench = Bench::new();
    let mut body = Vec::new();
    for commit in read_commits(folder.path(), &options()).unwrap() {
        serde_json::to_writer(&mut body, &commit.unwrap().to_event().unwrap()).unwrap();
        body.push(b'\n');
    }
    for expected in [4, 0] {
        let answer = bench
            .send(post("/v1/events", "application/x-ndjson", body.clone()))
            .await;
        assert_eq!(
            answer.json()["accepted"].as_u64(),
            Some(expected),
            "{answer:?}"
        );
    }
    insta::assert_json_snapshot!("commit_rows", bench.rows("commits"));
}
