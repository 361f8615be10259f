//! What is too large, too much, or was used too long ago.

use bytes::Bytes;
use tonic::Code;
use trunkline_reapi::message::{ActionResult, Digest};
use trunkline_task::Limits;

use crate::actions::{is_known, made};
use crate::support::{Bench, digest_of, noise, upload_of};

#[tokio::test]
async fn a_content_has_at_most_what_the_store_keeps_of_one() {
    let limits = Limits {
        file_bytes: 1_000,
        ..Limits::default()
    };
    let bench = Bench::with(limits).await;
    let ada = bench.client("ada");
    ada.put(&noise(1_000)).await;
    let large = noise(1_001);
    let digest = digest_of(&large);
    let updated = ada
        .update(vec![(digest.clone(), Bytes::from(large.clone()))])
        .await
        .unwrap();
    let status = updated.responses[0].status.clone().unwrap();
    assert_eq!(Code::from(status.code), Code::InvalidArgument);
    let upload = upload_of("1", &digest);
    let refused = ada.write_all(&upload, 0, &[&large], true).await;
    let refused = refused.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let told = "TL-WEB-004: a content has at most 1000 bytes";
    assert_eq!((refused.message(), &*status.message), (told, told));
}

#[tokio::test]
async fn a_batch_has_at_most_what_a_client_can_take() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let content = noise(2 << 20);
    let digest = digest_of(&content);
    let two = vec![
        (digest.clone(), Bytes::from(content.clone())),
        (digest.clone(), Bytes::from(content)),
    ];
    let refused = ada.update(two.clone()).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    assert_eq!(
        refused.message(),
        "TL-WEB-004: a batch has at most 3145728 bytes"
    );
    ada.update(two[..1].to_vec()).await.unwrap();
    let refused = ada.batch_read(&[digest.clone(), digest.clone()]).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
    let one = ada.batch_read(std::slice::from_ref(&digest)).await.unwrap();
    assert_eq!(one.responses[0].data.len(), 2 << 20);
    let huge = vec![(digest, Bytes::from(noise(9 << 20)))];
    let refused = ada.update(huge).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused:?}");
}

#[tokio::test]
async fn uploads_that_are_not_at_their_end_have_a_limit_together() {
    let limits = Limits {
        bytes: 20_000,
        ..Limits::default()
    };
    let bench = Bench::with(limits).await;
    let ada = bench.client("ada");
    let content = noise(8_000);
    let digest = digest_of(&content);
    let half = &content[..6_000];
    for id in ["1", "2"] {
        let upload = upload_of(id, &digest);
        let left = ada.write_all(&upload, 0, &[half], false).await;
        assert_eq!(left.unwrap(), 6_000);
    }
    // The first one gave way to the second.
    for (id, bytes) in [("1", 0), ("2", 6_000)] {
        let status = ada.status(&upload_of(id, &digest)).await.unwrap();
        assert_eq!(status, (bytes, false), "{id}");
    }
}

#[tokio::test]
async fn what_was_used_longest_ago_goes_and_takes_its_result_along() {
    let limits = Limits {
        bytes: 400_000,
        ..Limits::default()
    };
    let bench = Bench::with(limits).await;
    let ada = bench.client("ada");
    let action = digest_of(b"compile");
    let old = ada.put(&noise(30_000)).await;
    let result = ActionResult {
        output_files: vec![made("a", &old)],
        ..ActionResult::default()
    };
    ada.put_result(&action, &result).await.unwrap();
    assert!(is_known(&ada, &action).await);
    let mut last = Digest::default();
    for number in 0..15_u8 {
        last = ada.put(&vec![number; 30_000]).await;
    }
    assert!(!is_known(&ada, &action).await);
    let all = [old.clone(), last];
    assert_eq!(ada.missing(&all).await, [old]);
    assert!(bench.objects().len() < 15);
}
