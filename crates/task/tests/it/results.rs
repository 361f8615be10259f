use std::path::PathBuf;

use trunkline_task::{Key, Limits, Looks, Namespace, Outcome, RunOptions};

use crate::fixture::{Fixture, short};

/// All files below a folder of the store.
fn files(fixture: &Fixture, folder: &str) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut next = vec![fixture.folder.path().join("store").join(folder)];
    while let Some(folder) = next.pop() {
        for entry in std::fs::read_dir(folder).unwrap().flatten() {
            if entry.path().is_dir() {
                next.push(entry.path());
            } else {
                found.push(entry.path());
            }
        }
    }
    found.sort();
    found
}

#[tokio::test]
async fn a_result_that_is_broken_is_made_again() {
    let fixture = Fixture::chain();
    fixture.run().await;
    // Each object and each record in turn, cut off or with other bytes.
    for folder in ["objects", "records"] {
        for place in files(&fixture, folder) {
            let good = std::fs::read(&place).unwrap();
            for bad in [
                good[..good.len() / 2].to_vec(),
                [&good[..good.len() - 1], &[good[good.len() - 1] ^ 1]].concat(),
                Vec::new(),
            ] {
                std::fs::write(&place, bad).unwrap();
                for project in ["a", "b", "c"] {
                    let _gone =
                        std::fs::remove_dir_all(fixture.root().join(format!("p/{project}/dist")));
                }
                let summary = fixture.run().await;
                assert!(summary.is_green(), "{}: {summary:?}", place.display());
                assert_eq!(
                    std::fs::read_to_string(fixture.root().join("p/c/dist/c.js")).unwrap(),
                    "c\n"
                );
            }
        }
    }
}

#[tokio::test]
async fn what_a_crash_left_half_written_is_no_result() {
    let fixture = Fixture::chain();
    let store = fixture.store();
    // As a process that is gone left it.
    let part = store.root().join("parts/4194303-1");
    std::fs::write(&part, "half").unwrap();
    let own = store
        .root()
        .join(format!("parts/{}-99", std::process::id()));
    std::fs::write(&own, "mine").unwrap();
    let _again = fixture.store();
    assert!(!part.exists() && own.exists());
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Ran), 3);
}

#[tokio::test]
async fn what_a_person_made_is_never_taken_for_proof() {
    let fixture = Fixture::chain();
    let user = |name: &str| RunOptions {
        namespace: Namespace::User(name.into()),
        ..fixture.options()
    };
    fixture.run_with(&user("mallory")).await;
    assert_eq!(
        fixture
            .run_with(&user("mallory"))
            .await
            .count(|one| one == Outcome::Hit),
        3
    );
    // Neither for the platform nor for others.
    assert_eq!(
        fixture
            .run_with(&user("ada"))
            .await
            .count(|one| one == Outcome::Ran),
        3
    );
    assert_eq!(fixture.run().await.count(|one| one == Outcome::Ran), 3);
    // What the platform made is there for everybody.
    assert_eq!(
        fixture
            .run_with(&user("bob"))
            .await
            .count(|one| one == Outcome::Hit),
        3
    );
}

#[tokio::test]
async fn there_is_a_limit_and_what_was_used_longest_ago_goes() {
    let limits = Limits {
        bytes: 40_000,
        ..Limits::default()
    };
    let fixture = Fixture::with(&[("x", "")], limits);
    let store = fixture.store();
    // Bytes that cannot be compressed.
    let noise = |seed: u32| -> Vec<u8> {
        let mut state = seed;
        let mut next = || {
            state ^= state << 13;
            state ^= state >> 17;
            state ^= state << 5;
            (state >> 24) as u8
        };
        (0..8_000).map(|_| next()).collect()
    };
    for number in 1..=12 {
        store
            .put_blob(
                &Namespace::Trusted,
                &number.to_string(),
                "",
                noise(number).as_slice(),
            )
            .unwrap();
    }
    assert!(store.bytes() <= 40_000, "{}", store.bytes());
    let kept = (1..=12).filter(|number| {
        store
            .blob(&Namespace::Trusted, &number.to_string())
            .unwrap()
            .is_some()
    });
    assert!((1..12).contains(&kept.count()));
    // A result without its contents is none.
    let newest = store.blob(&Namespace::Trusted, "12").unwrap().unwrap();
    assert_eq!(store.blob_bytes(&newest).unwrap(), noise(12));
    for place in files(&fixture, "objects") {
        std::fs::remove_file(place).unwrap();
    }
    assert_eq!(store.blob(&Namespace::Trusted, "12").unwrap(), None);
}

#[tokio::test]
async fn blobs_are_apart_as_records_are() {
    let fixture = Fixture::new(&[("x", "")]);
    let store = fixture.store();
    let (ada, bob) = (Namespace::User("ada".into()), Namespace::User("bob".into()));
    store.put_blob(&ada, "k", "tag", &b"hers"[..]).unwrap();
    assert_eq!(store.blob(&ada, "k").unwrap().unwrap().tag, "tag");
    assert_eq!(store.blob(&bob, "k").unwrap(), None);
    assert_eq!(store.blob(&Namespace::Trusted, "k").unwrap(), None);
    store
        .put_blob(&Namespace::Trusted, "k", "", &b"ours"[..])
        .unwrap();
    assert_eq!(store.blob(&bob, "k").unwrap().unwrap().bytes, 4);
    // What is trusted comes first.
    assert_eq!(store.blob(&ada, "k").unwrap().unwrap().tag, "");
    let own = store.blob_in(&ada, "k").unwrap();
    assert_eq!((own.tag.as_str(), store.blob_in(&bob, "k")), ("tag", None));
    assert!(
        store
            .put_blob(&ada, "k", &"x".repeat(5_000), &b""[..])
            .is_err()
    );
    assert!(store.record(&ada, &Key([0; 32])).unwrap().is_none());
}

#[tokio::test]
async fn many_names_of_one_content_are_counted_too() {
    let fixture = Fixture::new(&[("x", "")]);
    let store = fixture.store();
    let put = |number: u32| {
        let name = number.to_string();
        store
            .put_blob(&Namespace::Trusted, &name, "", &b"same"[..])
            .unwrap();
        store.bytes()
    };
    let one = put(0);
    let all = (1..=20).map(put).max().unwrap();
    assert!(all >= one + 20 * 64, "{one} {all}");
}

#[tokio::test]
async fn a_result_whose_contents_are_not_there_runs_again() {
    let fixture = Fixture::chain();
    fixture.run().await;
    let breaks: [fn(&PathBuf); 3] = [
        |place| std::fs::remove_file(place).unwrap(),
        |place| std::fs::write(place, "\0other").unwrap(),
        |place| {
            std::fs::remove_file(place).unwrap();
            std::fs::create_dir(place).unwrap();
        },
    ];
    for (number, break_it) in breaks.iter().enumerate() {
        let objects = files(&fixture, "objects");
        let place = objects
            .iter()
            .find(|place| std::fs::read(place).unwrap() == b"\0a\n");
        break_it(place.unwrap());
        std::fs::remove_dir_all(fixture.root().join("p/a/dist")).unwrap();
        fixture.told();
        let summary = short(&fixture.run().await);
        assert_eq!(
            summary,
            ["node:a#build Ran", "node:b#build Hit", "node:c#build Hit"],
            "{number}"
        );
        assert_eq!(fixture.told()[1], "node:a#build: built a");
    }
}

/// A task that makes small files, large ones and links, and writes much.
fn of_all_kinds() -> Fixture {
    let made = "mkdir -p dist; for n in 1 2 3; do echo $n > dist/$n; done; : > dist/empty; head -c 40000 /dev/zero > dist/large; ln -s 1 dist/link; chmod +x dist/2; seq 2000";
    let rules = format!("[project.a.build]\ncmd = \"{made}\"\noutputs = [\"dist/**\"]\n");
    let fixture = Fixture::new(&[("service.toml", "name = \"a\"\n"), (".gitignore", "dist\n")]);
    fixture.write(&[("tasks.toml", &rules)]);
    fixture
}

#[tokio::test]
async fn small_files_are_kept_together_and_large_ones_by_themselves() {
    let fixture = of_all_kinds();
    fixture.run().await;
    let first = fixture.told();
    // The small ones, the large one, and the log.
    assert_eq!(files(&fixture, "objects").len(), 3);
    std::fs::remove_dir_all(fixture.root().join("dist")).unwrap();
    assert_eq!(short(&fixture.run().await), ["service:a#build Hit"]);
    assert_eq!(first[1..2_001], fixture.told()[..2_000]);
    let read = |name: &str| std::fs::read(fixture.root().join("dist").join(name)).unwrap();
    assert_eq!(
        (read("1"), read("3"), read("empty")),
        (b"1\n".to_vec(), b"3\n".to_vec(), Vec::new())
    );
    assert_eq!(
        (read("large"), read("link")),
        (vec![0; 40_000], b"1\n".to_vec())
    );
    // One that is missing comes back by itself.
    std::fs::remove_file(fixture.root().join("dist/2")).unwrap();
    std::fs::write(fixture.root().join("dist/3"), "other").unwrap();
    assert_eq!(short(&fixture.run().await), ["service:a#build Hit"]);
    assert_eq!((read("2"), read("3")), (b"2\n".to_vec(), b"3\n".to_vec()));
}

#[tokio::test]
async fn what_is_in_place_is_known_by_its_looks_alone() {
    let fixture = of_all_kinds();
    fixture.run().await;
    let run = async || {
        let looks = std::sync::Arc::new(Looks::open(&fixture.store(), &fixture.root()));
        let options = RunOptions {
            looks: Some(std::sync::Arc::clone(&looks)),
            ..fixture.options()
        };
        let summary = short(&fixture.run_with(&options).await);
        looks.save();
        summary
    };
    std::thread::sleep(std::time::Duration::from_millis(60));
    assert_eq!(run().await, ["service:a#build Hit"]);
    // Now not even the record is asked for, but for what was written.
    std::fs::remove_dir_all(fixture.folder.path().join("store/records")).unwrap();
    fixture.told();
    assert_eq!(run().await, ["service:a#build Hit"]);
    assert_eq!(fixture.told().len(), 2_001);
    // Where something looks otherwise it is.
    std::fs::write(fixture.root().join("dist/3"), "3\n").unwrap();
    assert_eq!(run().await, ["service:a#build Ran"]);
    std::fs::remove_dir_all(fixture.folder.path().join("store/objects")).unwrap();
    std::thread::sleep(std::time::Duration::from_millis(60));
    assert_eq!(run().await, ["service:a#build Ran"]);
}
