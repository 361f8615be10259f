//! Contents in batches.

use bytes::Bytes;
use tonic::Code;
use trunkline_reapi::message::{
    BatchUpdateBlobsRequest, BatchUpdateBlobsResponse, FindMissingBlobsRequest,
    FindMissingBlobsResponse, UpdateBlob,
};

use crate::support::{Bench, CONTENTS, digest_of, name_of, noise};

#[tokio::test]
async fn what_was_put_in_is_found_and_read() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let contents = [b"hello".to_vec(), noise(100_000), vec![b'a'; 300_000]];
    let digests: Vec<_> = contents.iter().map(|content| digest_of(content)).collect();
    assert_eq!(ada.missing(&digests).await, digests);
    for content in &contents[..2] {
        ada.put(content).await;
    }
    assert_eq!(ada.missing(&digests).await, digests[2..]);
    let read = ada.batch_read(&digests).await.unwrap().responses;
    for (number, blob) in read.iter().enumerate() {
        assert_eq!(blob.digest.as_ref(), Some(&digests[number]));
        let code = Code::from(blob.status.clone().unwrap_or_default().code);
        if number < 2 {
            assert_eq!((code, &blob.data[..]), (Code::Ok, &contents[number][..]));
        } else {
            assert_eq!((code, blob.data.len()), (Code::NotFound, 0));
        }
    }
}

#[tokio::test]
async fn nothing_is_always_there() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let empty = digest_of(b"");
    assert_eq!(ada.missing(std::slice::from_ref(&empty)).await, []);
    let read = ada.batch_read(std::slice::from_ref(&empty)).await.unwrap();
    assert_eq!(read.responses[0].status.clone().unwrap_or_default().code, 0);
    assert_eq!(ada.read(&name_of(&empty), 0, 0).await.unwrap(), b"");
    ada.put(b"").await;
    assert_eq!(bench.objects(), Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_content_that_is_not_what_its_name_says_is_refused_alone() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let (good, large) = (digest_of(b"good"), noise(100_000));
    let mut short = digest_of(b"abc");
    short.size_bytes = 4;
    let mut long = digest_of(&large);
    long.size_bytes -= 1;
    let updated = ada
        .update(vec![
            (digest_of(b"other"), Bytes::from_static(b"hello")),
            (good.clone(), Bytes::from_static(b"good")),
            (short.clone(), Bytes::from_static(b"abc")),
            (long.clone(), Bytes::from(large)),
        ])
        .await
        .unwrap();
    let codes: Vec<_> = updated
        .responses
        .iter()
        .map(|one| Code::from(one.status.clone().unwrap_or_default().code))
        .collect();
    let refused = Code::InvalidArgument;
    assert_eq!(codes, [refused, Code::Ok, refused, refused]);
    let message = updated.responses[0].status.clone().unwrap().message;
    assert_eq!(message, "TL-WEB-003: the content has another SHA-256");
    let all = [digest_of(b"other"), good, short, long];
    let missing = ada.missing(&all).await;
    assert_eq!(missing, [&all[..1], &all[2..]].concat());
    assert_eq!((bench.objects().len(), bench.parts()), (1, 0));
}

#[tokio::test]
async fn a_content_that_broke_on_the_disk_is_missing_and_can_come_again() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let digest = ada.put(b"hello").await;
    let object = bench.objects().remove(0);
    std::fs::write(&object, b"\0hellO").unwrap();
    let gone = ada.read(&name_of(&digest), 0, 0).await.unwrap_err();
    assert_eq!(gone.code(), Code::NotFound, "{gone:?}");
    let all = [digest.clone()];
    assert_eq!(ada.missing(&all).await, all);
    assert_eq!(ada.put(b"hello").await, digest);
    assert_eq!(ada.read(&name_of(&digest), 0, 0).await.unwrap(), b"hello");
}

#[tokio::test]
async fn other_hashes_and_compressed_contents_are_refused() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let digest = digest_of(b"hello");
    let blake3 = FindMissingBlobsRequest {
        blob_digests: vec![digest.clone()],
        digest_function: 9,
        ..FindMissingBlobsRequest::default()
    };
    let path = format!("{CONTENTS}FindMissingBlobs");
    let refused = ada
        .call::<_, FindMissingBlobsResponse>(&path, blake3)
        .await
        .unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    assert!(refused.message().contains("SHA-256"), "{refused:?}");
    let zstd = UpdateBlob {
        digest: Some(digest),
        data: Bytes::from_static(b"hello"),
        compressor: 1,
    };
    let request = BatchUpdateBlobsRequest {
        requests: vec![zstd],
        digest_function: 1,
        ..BatchUpdateBlobsRequest::default()
    };
    let updated: BatchUpdateBlobsResponse = ada
        .call(&format!("{CONTENTS}BatchUpdateBlobs"), request)
        .await
        .unwrap();
    let status = updated.responses[0].status.clone().unwrap();
    assert_eq!(Code::from(status.code), Code::InvalidArgument);
}
