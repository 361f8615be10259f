use trunkline_repository::{EntryKind, FileStatus, LineKind, RepositoryError};

use crate::fixture::Fixture;

#[tokio::test]
async fn folders_files_history_and_blame_are_those_of_the_commit() {
    let fixture = Fixture::new().await;
    fixture.commit("one", &[("src/a.rs", "1\n2\n"), ("README.md", "hi\n")]);
    let tip = fixture.commit("two", &[("src/a.rs", "1\n3\n"), ("src/deep/b.rs", "b\n")]);
    fixture.push("refs/heads/trunk", tip).await.unwrap();
    let bare = &fixture.bare;
    let names = |path| {
        let entries = bare.folder("trunk", path).unwrap();
        entries
            .into_iter()
            .map(|entry| (entry.name, entry.kind))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names(""),
        [
            ("src".to_owned(), EntryKind::Folder),
            ("README.md".to_owned(), EntryKind::File)
        ]
    );
    assert_eq!(names("src/")[0].0, "deep");
    for (revision, path) in [
        ("trunk", "nothing"),
        ("trunk", "README.md"),
        ("none", ""),
        ("--all", ""),
    ] {
        assert!(
            matches!(
                bare.folder(revision, path),
                Err(RepositoryError::NotFound(_))
            ),
            "{revision} {path}"
        );
    }
    assert_eq!(
        bare.file("trunk", "src/a.rs", 100).unwrap().content,
        b"1\n3\n"
    );
    assert!(matches!(
        bare.file("trunk", "src/a.rs", 3),
        Err(RepositoryError::Limit(_))
    ));
    assert!(bare.file("trunk", "src", 100).is_err());
    let subjects = async |path| {
        let commits = bare.history("trunk", path, 0, 10).await.unwrap();
        commits
            .into_iter()
            .map(|commit| commit.subject)
            .collect::<Vec<_>>()
    };
    assert_eq!(subjects("").await, ["two", "one"]);
    assert_eq!(subjects("README.md").await, ["one"]);
    assert!(bare.history("trunk", "--output=x", 0, 1).await.is_err());
    let lines = bare.blame("trunk", "src/a.rs").await.unwrap();
    let subjects: Vec<_> = lines
        .iter()
        .map(|line| (line.line, line.subject.as_str()))
        .collect();
    assert_eq!(subjects, [(1, "one"), (2, "two")]);
    assert!(bare.blame("trunk", "none").await.is_err());
}

#[tokio::test]
async fn a_diff_has_hunks_with_the_lines_around_them() {
    let fixture = Fixture::new().await;
    let numbers = |changed: &[u32]| -> String {
        (1..=30)
            .map(|line| {
                if changed.contains(&line) {
                    format!("new {line}\n")
                } else {
                    format!("{line}\n")
                }
            })
            .collect()
    };
    let old = fixture.commit(
        "one",
        &[
            ("a.txt", &numbers(&[])),
            ("gone.txt", "x\n"),
            ("moved.txt", &numbers(&[40])),
            ("image", "\0\u{1}"),
        ],
    );
    std::fs::remove_file(fixture.work().join("gone.txt")).unwrap();
    std::fs::rename(
        fixture.work().join("moved.txt"),
        fixture.work().join("there.txt"),
    )
    .unwrap();
    let new = fixture.commit(
        "two",
        &[
            ("a.txt", &numbers(&[3, 5, 25])),
            ("b.txt", "b\n"),
            ("image", "\0\u{2}"),
        ],
    );
    fixture.push("refs/heads/trunk", new).await.unwrap();
    let files = fixture.bare.diff(Some(old), new).unwrap();
    let short: Vec<_> = files
        .iter()
        .map(|file| (file.path.as_str(), file.status, file.added, file.removed))
        .collect();
    assert_eq!(
        short,
        [
            ("a.txt", FileStatus::Changed, 3, 3),
            ("b.txt", FileStatus::Added, 1, 0),
            ("gone.txt", FileStatus::Removed, 0, 1),
            ("image", FileStatus::Changed, 0, 0),
            ("there.txt", FileStatus::Moved, 0, 0),
        ]
    );
    assert_eq!(files[4].old_path.as_deref(), Some("moved.txt"));
    assert!(files[3].opaque && files[3].hunks.is_empty());
    let hunks = &files[0].hunks;
    assert_eq!(hunks.len(), 2);
    assert_eq!(
        (hunks[0].old_line, hunks[0].new_line, hunks[1].old_line),
        (1, 1, 22)
    );
    let text: String = hunks[0]
        .lines
        .iter()
        .map(|line| {
            let sign = match line.kind {
                LineKind::Same => ' ',
                LineKind::Added => '+',
                LineKind::Removed => '-',
            };
            format!("{sign}{}\n", line.text)
        })
        .collect();
    assert_eq!(text, " 1\n 2\n-3\n+new 3\n 4\n-5\n+new 5\n 6\n 7\n 8\n");
    assert_eq!(fixture.bare.diff(None, old).unwrap().len(), 4);
}
