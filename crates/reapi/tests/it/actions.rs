//! Results of actions.

use bytes::Bytes;
use tonic::Code;
use trunkline_reapi::message::{ActionResult, Digest, OutputFile};

use crate::support::{Bench, Client, digest_of};

pub(crate) fn made(path: &str, digest: &Digest) -> OutputFile {
    OutputFile {
        path: path.to_owned(),
        digest: Some(digest.clone()),
        ..OutputFile::default()
    }
}

pub(crate) async fn is_known(client: &Client, action: &Digest) -> bool {
    match client.result(action).await {
        Ok(_) => true,
        Err(status) => {
            assert_eq!(status.code(), Code::NotFound, "{status:?}");
            false
        }
    }
}

#[tokio::test]
async fn a_result_comes_back_as_it_was_put_in() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let (action, made_it) = (digest_of(b"compile"), ada.put(b"object").await);
    assert!(!is_known(&ada, &action).await);
    let result = ActionResult {
        output_files: vec![
            OutputFile {
                is_executable: true,
                node_properties: Some(Bytes::from_static(b"\x08\x01")),
                ..made("out/a.o", &made_it)
            },
            made("out/empty", &digest_of(b"")),
        ],
        output_symlinks: vec![Bytes::from_static(b"\x0a\x01a\x12\x01b")],
        exit_code: 3,
        stdout_raw: Bytes::from_static(b"done"),
        stderr_digest: Some(made_it.clone()),
        execution_metadata: Some(Bytes::from_static(b"\x0a\x04ada!")),
        ..ActionResult::default()
    };
    assert_eq!(ada.put_result(&action, &result).await.unwrap(), result);
    assert_eq!(ada.result(&action).await.unwrap(), result);
}

#[tokio::test]
async fn a_result_that_lost_a_content_is_not_answered() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let (there, gone) = (ada.put(b"there").await, digest_of(b"gone"));
    let file = |digest| ActionResult {
        output_files: vec![made("a", &there), made("b", digest)],
        ..ActionResult::default()
    };
    let lacking = [
        file(&gone),
        ActionResult {
            output_files: vec![OutputFile::default()],
            ..ActionResult::default()
        },
        ActionResult {
            stdout_digest: Some(gone.clone()),
            ..ActionResult::default()
        },
        ActionResult {
            stderr_digest: Some(gone.clone()),
            ..ActionResult::default()
        },
    ];
    for (number, result) in lacking.iter().enumerate() {
        let action = digest_of(format!("{number}").as_bytes());
        ada.put_result(&action, result).await.unwrap();
        assert!(!is_known(&ada, &action).await, "{number}");
    }
    // It is known once what it lacks is there.
    ada.put(b"gone").await;
    assert!(is_known(&ada, &digest_of(b"0")).await);
}

#[tokio::test]
async fn the_first_result_stays_until_it_loses_a_content() {
    let bench = Bench::new().await;
    let server = bench.client("server");
    let action = digest_of(b"compile");
    let result = |digest: Digest| ActionResult {
        output_files: vec![made("a", &digest)],
        ..ActionResult::default()
    };
    let first = result(server.put(b"first").await);
    let object = bench.objects().remove(0);
    let second = result(server.put(b"second").await);
    server.put_result(&action, &first).await.unwrap();
    let kept = server.put_result(&action, &second).await.unwrap();
    assert_eq!(kept, first);
    std::fs::remove_file(object).unwrap();
    assert!(!is_known(&server, &action).await);
    let kept = server.put_result(&action, &second).await.unwrap();
    assert_eq!(kept, second);
    assert_eq!(server.result(&action).await.unwrap(), second);
}

#[tokio::test]
async fn a_result_needs_an_action_and_a_result() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let mut short = digest_of(b"compile");
    short.hash.pop();
    let refused = ada.result(&short).await.unwrap_err();
    assert_eq!(refused.code(), Code::InvalidArgument, "{refused:?}");
    let refused = ada.put_result(&short, &ActionResult::default()).await;
    assert_eq!(refused.unwrap_err().code(), Code::InvalidArgument);
}
