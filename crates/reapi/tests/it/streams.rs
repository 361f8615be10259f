//! Contents in pieces.

use std::time::Duration;

use futures::StreamExt as _;
use futures::stream;
use tonic::Code;

use crate::support::{Bench, digest_of, name_of, noise, requests, upload_of};

const LARGE: usize = (5 << 20) + 3;

#[tokio::test]
async fn a_large_content_goes_in_and_comes_out_whole_and_in_parts() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let content = noise(LARGE);
    let digest = digest_of(&content);
    let (upload, name) = (upload_of("1", &digest), name_of(&digest));
    let pieces: Vec<_> = content.chunks(100_000).collect();
    let written = ada.write_all(&upload, 0, &pieces, true).await.unwrap();
    assert_eq!(written, digest.size_bytes);
    assert_eq!(ada.status(&upload).await.unwrap(), (written, true));
    assert_eq!(ada.read(&name, 0, 0).await.unwrap(), content);
    for (offset, limit) in [
        (0, 1),
        (1, 300_000),
        (262_144, 262_144),
        (2_000_000, 0),
        (LARGE - 1, 0),
        (LARGE - 10, 100),
        (LARGE, 0),
    ] {
        let end = if limit == 0 {
            LARGE
        } else {
            LARGE.min(offset + limit)
        };
        let (from, most) = (
            i64::try_from(offset).unwrap(),
            i64::try_from(limit).unwrap(),
        );
        let read = ada.read(&name, from, most).await.unwrap();
        assert_eq!(read, &content[offset..end], "{offset} {limit}");
    }
    for (offset, limit) in [(-1, 0), (0, -1), (digest.size_bytes + 1, 0)] {
        let outside = ada.read(&name, offset, limit).await.unwrap_err();
        assert_eq!(outside.code(), Code::OutOfRange, "{outside:?}");
    }
    assert_eq!(bench.parts(), 0);
}

#[tokio::test]
async fn what_is_not_there_is_not_found() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let name = name_of(&digest_of(b"hello"));
    let gone = ada.read(&name, 0, 0).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound);
    assert!(gone.message().starts_with("TL-WEB-001: "), "{gone:?}");
}

#[tokio::test]
async fn an_upload_that_was_left_goes_on() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let content = noise(300_000);
    let upload = upload_of("1", &digest_of(&content));
    assert_eq!(ada.status(&upload).await.unwrap(), (0, false));
    let (first, second) = content.split_at(120_000);
    let first = [&first[..50_000], &first[50_000..]];
    let left = ada.write_all(&upload, 0, &first, false).await.unwrap();
    assert_eq!(left, 120_000);
    assert_eq!(ada.status(&upload).await.unwrap(), (120_000, false));
    let elsewhere = ada.write_all(&upload, 100_000, &[second], true).await;
    let elsewhere = elsewhere.unwrap_err();
    assert_eq!(elsewhere.code(), Code::OutOfRange, "{elsewhere:?}");
    assert!(
        elsewhere.message().contains("120000 bytes"),
        "{elsewhere:?}"
    );
    let whole = ada.write_all(&upload, 120_000, &[second], true).await;
    assert_eq!(whole.unwrap(), 300_000);
    let name = name_of(&digest_of(&content));
    assert_eq!(ada.read(&name, 0, 0).await.unwrap(), content);
}

#[tokio::test]
async fn an_upload_whose_connection_broke_goes_on() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let content = noise(200_000);
    let digest = digest_of(&content);
    let upload = upload_of("1", &digest);
    let (first, second) = content.split_at(150_000);
    // How much of it was on its way when it broke nobody knows, so it is broken until it was enough.
    let breaking = async {
        loop {
            let sent = stream::iter(requests(&upload, 0, &[first], false));
            let write = ada.write(sent.chain(stream::pending()));
            let broken = tokio::time::timeout(Duration::from_millis(100), write).await;
            assert!(broken.is_err(), "it waits for the rest: {broken:?}");
            for _ in 0..100 {
                if ada.status(&upload).await.unwrap() == (150_000, false) {
                    return;
                }
            }
        }
    };
    tokio::time::timeout(Duration::from_secs(30), breaking)
        .await
        .unwrap();
    let whole = ada.write_all(&upload, 150_000, &[second], true).await;
    assert_eq!(whole.unwrap(), 200_000);
    assert_eq!(ada.read(&name_of(&digest), 0, 0).await.unwrap(), content);
}

#[tokio::test]
async fn an_upload_may_begin_again() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let digest = digest_of(b"hello");
    let upload = upload_of("1", &digest);
    let left = ada.write_all(&upload, 0, &[b"hal"], false).await.unwrap();
    assert_eq!(left, 3);
    let whole = ada.write_all(&upload, 0, &[b"hel", b"lo"], true).await;
    assert_eq!(whole.unwrap(), 5);
    assert_eq!(ada.read(&name_of(&digest), 0, 0).await.unwrap(), b"hello");
}

#[tokio::test]
async fn what_is_there_already_need_not_come() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let content = noise(200_000);
    let digest = ada.put(&content).await;
    let upload = upload_of("2", &digest);
    let first = requests(&upload, 0, &[&content[..10]], false);
    // The rest never comes, and the answer does.
    let early = ada.write(stream::iter(first).chain(stream::pending()));
    assert_eq!(early.await.unwrap(), digest.size_bytes);
    assert_eq!(
        ada.status(&upload).await.unwrap(),
        (digest.size_bytes, true)
    );
}

#[tokio::test]
async fn an_upload_that_is_not_what_its_name_says_leaves_nothing() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let digest = digest_of(b"hello");
    for (pieces, problem) in [
        (vec![&b"hal"[..], b"lo"], "another SHA-256"),
        (vec![b"hel"], "3 bytes came"),
        (vec![b"hel", b"low"], "more came"),
    ] {
        let upload = upload_of("1", &digest);
        let refused = ada.write_all(&upload, 0, &pieces, true).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
        assert!(refused.message().contains(problem), "{refused:?}");
        assert_eq!(ada.status(&upload).await.unwrap(), (0, false));
    }
    let mut two = requests(&upload_of("1", &digest), 0, &[b"hel", b"lo"], true);
    two[1].resource_name = upload_of("2", &digest);
    let refused = ada.write(stream::iter(two)).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    assert_eq!(ada.missing(std::slice::from_ref(&digest)).await, [digest]);
    assert_eq!((bench.objects().len(), bench.parts()), (0, 0));
    let nothing = ada.write(stream::iter([])).await.unwrap_err();
    assert_eq!(nothing.code(), Code::InvalidArgument, "{nothing:?}");
}

#[tokio::test]
async fn a_large_content_that_broke_on_the_disk_never_arrives_whole() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let content = noise(LARGE);
    let digest = digest_of(&content);
    let pieces: Vec<_> = content.chunks(1 << 20).collect();
    let upload = upload_of("1", &digest);
    ada.write_all(&upload, 0, &pieces, true).await.unwrap();
    let object = bench.objects().remove(0);
    let mut kept = std::fs::read(&object).unwrap();
    let at = kept.len() - 1_000;
    kept[at] ^= 1;
    std::fs::write(&object, kept).unwrap();
    // Though what is wanted lies before what broke.
    let broken = ada.read(&name_of(&digest), 0, 600_000).await.unwrap_err();
    assert_eq!(broken.code(), Code::DataLoss, "{broken:?}");
    assert_eq!(ada.missing(std::slice::from_ref(&digest)).await, [digest]);
}
