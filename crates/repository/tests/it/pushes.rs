use gix::ObjectId;
use trunkline_repository::{
    Limits, Packets, Protocol, Push, Quarantine, RefUpdate, RepositoryError, Service,
};

use crate::fixture::Fixture;

#[tokio::test]
async fn what_was_pushed_is_there_for_git_and_for_us() {
    let fixture = Fixture::new().await;
    assert_eq!(fixture.bare.trunk_tip().unwrap(), None);
    let one = fixture.commit("one", &[("a.txt", "1\n")]);
    fixture.push("refs/heads/trunk", one).await.unwrap();
    let many: Vec<_> = (0..150)
        .map(|number| (format!("d/{number}.txt"), number.to_string()))
        .collect();
    let many: Vec<_> = many
        .iter()
        .map(|(path, text)| (path.as_str(), text.as_str()))
        .collect();
    // More objects than are kept single.
    let two = fixture.commit("two", &many);
    fixture.push("refs/heads/trunk", two).await.unwrap();
    assert_eq!(fixture.bare.trunk_tip().unwrap(), Some(two));
    let path = fixture.bare.path().to_str().unwrap().to_owned();
    fixture.git(&["-C", &path, "fsck", "--strict"]);
    assert_eq!(
        fixture.git(&["-C", &path, "log", "--format=%s", "trunk"]),
        "two\none\n"
    );
    assert!(!fixture.bare.path().join("quarantine/p").exists());
    fixture.bare.maintain().await.unwrap();
    assert_eq!(fixture.bare.trunk_tip().unwrap(), Some(two));
}

#[tokio::test]
async fn a_pack_that_lacks_something_is_not_taken() {
    let fixture = Fixture::new().await;
    let one = fixture.commit("one", &[("a.txt", "1\n")]);
    let two = fixture.commit("two", &[("b.txt", "2\n")]);
    let pack = fixture.pack(two, Some(one));
    let refused = Quarantine::read(&fixture.bare, "p", &mut pack.as_slice(), &[two]).await;
    assert!(
        matches!(refused, Err(RepositoryError::Pack(_))),
        "{refused:?}"
    );
    let cut = &fixture.pack(two, None)[..60];
    let refused = Quarantine::read(&fixture.bare, "p", &mut &cut[..], &[two]).await;
    assert!(
        matches!(refused, Err(RepositoryError::Pack(_))),
        "{refused:?}"
    );
    for garbage in [&b""[..], b"PACK", b"HTTP/1.1 200 OK"] {
        assert!(
            Quarantine::read(&fixture.bare, "p", &mut &garbage[..], &[two])
                .await
                .is_err()
        );
    }
    assert!(!fixture.bare.path().join("quarantine/p").exists());
    let objects = std::fs::read_dir(fixture.bare.path().join("objects")).unwrap();
    let names: Vec<_> = objects.map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "nothing but `info` and `pack`: {names:?}");
}

#[tokio::test]
async fn a_pack_has_a_limit_and_a_tree_no_way_out() {
    let limits = Limits {
        pack_bytes: 4_096,
        ..Limits::default()
    };
    let fixture = Fixture::with(limits).await;
    let noise: String = (0_u32..4_000)
        .map(|number| format!("{:x} ", number.wrapping_mul(2_654_435_761)))
        .collect();
    let large = fixture.commit("large", &[("a.txt", &noise)]);
    let refused = fixture.push("refs/heads/trunk", large).await;
    assert!(
        matches!(refused, Err(RepositoryError::Limit(_))),
        "{refused:?}"
    );

    let fixture = Fixture::new().await;
    fixture.commit("one", &[("a.txt", "1\n")]);
    let blob = fixture.git(&["rev-parse", "HEAD:a.txt"]);
    let blob = ObjectId::from_hex(blob.trim().as_bytes()).unwrap();
    // git refuses to make such a tree, other tools do not.
    let tree = [b"100644 .git\0", blob.as_slice()].concat();
    std::fs::write(fixture.work().join("raw"), tree).unwrap();
    let make = ["hash-object", "-t", "tree", "-w", "--literally", "raw"];
    let tree = fixture.git(&make);
    let commit = fixture.git(&["commit-tree", "-m", "bad", tree.trim()]);
    let commit = ObjectId::from_hex(commit.trim().as_bytes()).unwrap();
    let refused = fixture.push("refs/heads/trunk", commit).await;
    assert!(
        matches!(refused, Err(RepositoryError::Pack(_))),
        "{refused:?}"
    );
}

#[tokio::test]
async fn a_ref_moves_only_from_where_it_is_thought_to_be() {
    let fixture = Fixture::new().await;
    let one = fixture.commit("one", &[("a.txt", "1\n")]);
    fixture.push("refs/heads/trunk", one).await.unwrap();
    let two = fixture.commit("two", &[("a.txt", "2\n")]);
    fixture.push("refs/heads/other", two).await.unwrap();
    let update = |name: &str, old, new| RefUpdate {
        name: name.to_owned(),
        old,
        new,
    };
    // One of them is elsewhere, so none moves.
    let both = [
        update("refs/heads/new", None, Some(two)),
        update("refs/heads/trunk", Some(two), Some(one)),
    ];
    let refused = fixture.bare.update(&both).await.unwrap_err();
    assert!(
        matches!(&refused, RepositoryError::Ref { name, .. } if name == "refs/heads/trunk"),
        "{refused}"
    );
    assert_eq!(fixture.bare.find_ref("refs/heads/new").unwrap(), None);
    let gone = [update("refs/heads/other", Some(two), None)];
    fixture.bare.update(&gone).await.unwrap();
    assert!(fixture.bare.update(&gone).await.is_err());
    let names: Vec<_> = fixture
        .bare
        .refs(&[])
        .unwrap()
        .into_iter()
        .map(|one| one.name)
        .collect();
    assert_eq!(names, ["refs/heads/trunk"]);
    assert!(fixture.bare.refs(&["refs/tags/"]).unwrap().is_empty());
}

#[tokio::test]
async fn what_a_push_asks_for_is_known_before_its_objects() {
    let fixture = Fixture::new().await;
    let tip = fixture.commit("one", &[("a.txt", "1\n")]);
    let none = "0".repeat(40);
    let mut packets = Packets::default();
    packets
        .push(format!(
            "{none} {tip} refs/for/trunk\0 report-status-v2 side-band-64k push-options atomic"
        ))
        .flush()
        .push("show")
        .push("topic=checkout")
        .flush();
    let mut bytes = packets.take().to_vec();
    bytes.extend(b"PACK");
    let mut input = bytes.as_slice();
    let push = Push::read(&fixture.bare, &mut input)
        .await
        .unwrap()
        .unwrap();
    assert_eq!(input, b"PACK");
    assert_eq!(push.commands.len(), 1);
    assert_eq!(push.options, ["show", "topic=checkout"]);
    assert!(push.atomic && push.side_band && push.second_report && push.has_pack());
    assert!(
        Push::read(&fixture.bare, &mut &b"0000"[..])
            .await
            .unwrap()
            .is_none()
    );
    let mut many = Packets::default();
    for number in 0..300 {
        many.push(format!("{none} {tip} refs/heads/{number}"));
    }
    let many = many.take();
    assert!(matches!(
        Push::read(&fixture.bare, &mut &many[..]).await,
        Err(RepositoryError::Limit(_))
    ));
}

#[tokio::test]
async fn the_second_version_is_told_without_running_anything() {
    let fixture = Fixture::new().await;
    let told = fixture
        .bare
        .advertise(Service::Fetch, Protocol::Two)
        .await
        .unwrap();
    assert!(told.starts_with(b"000eversion 2\n"));
    let tip = fixture.commit("one", &[("a.txt", "1\n")]);
    fixture.push("refs/heads/trunk", tip).await.unwrap();
    let old = fixture
        .bare
        .advertise(Service::Fetch, Protocol::Zero)
        .await
        .unwrap();
    let old = String::from_utf8_lossy(&old).into_owned();
    assert!(old.contains(&format!("{tip} HEAD\0")), "{old}");
    assert!(old.contains("symref=HEAD:refs/heads/trunk"), "{old}");
}
