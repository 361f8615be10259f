//! The shared cache of builds, as gRPC on the port of the API.

use std::process::Command;

use prost::Message;
use trunkline_reapi::message::{
    BatchReadBlobsRequest, BatchReadBlobsResponse, BatchUpdateBlobsRequest,
    BatchUpdateBlobsResponse, Digest, UpdateBlob,
};

use crate::platform::{Platform, done};

/// The SHA-256 of `hello`.
const HELLO: &str = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

/// A call of the service of contents by curl, without a message yet.
fn curl(platform: &Platform, token: &str, call: &str) -> Command {
    let mut command = Command::new("curl");
    command
        .args(["-sS", "-m", "60", "--http2-prior-knowledge", "-X", "POST"])
        .args(["-H", "content-type: application/grpc"])
        .args(["-H", "te: trailers"])
        .args(["-H", &format!("authorization: Bearer {token}")])
        .args(["-w", "%{http_version} %header{grpc-status}"])
        .arg(format!(
            "{}/build.bazel.remote.execution.v2.ContentAddressableStorage/{call}",
            platform.api
        ));
    command
}

/// Makes a call: the version of HTTP with the status of gRPC, and the answer.
fn call<R: Message + Default>(
    platform: &Platform,
    token: &str,
    call: &str,
    message: &impl Message,
) -> (String, R) {
    let (sent, answered) = (
        platform.folder().join("sent"),
        platform.folder().join("answered"),
    );
    // Before each message stands whether it is compressed, and its bytes.
    let length = u32::try_from(message.encoded_len()).unwrap();
    let mut framed = [&[0], &length.to_be_bytes()[..]].concat();
    message.encode(&mut framed).unwrap();
    std::fs::write(&sent, framed).unwrap();
    let output = curl(platform, token, call)
        .arg("--data-binary")
        .arg(format!("@{}", sent.display()))
        .arg("-o")
        .arg(&answered)
        .output()
        .unwrap();
    let status = done(&output);
    let answered = std::fs::read(&answered).unwrap();
    (status, R::decode(&answered[5..]).unwrap())
}

#[test]
fn the_cache_of_builds_keeps_what_is_whose_across_a_kill() {
    let platform = Platform::start();
    let owner = platform.token.clone();
    let token = |name: &str| {
        let scopes = ["--scope", "read", "--scope", "write"];
        let arguments = [&["token", "create", "--name", name], &scopes[..]].concat();
        done(&platform.trunkline(&arguments)).trim().to_owned()
    };
    let (ada, bob) = (token("ada"), token("bob"));
    let digest = Some(Digest {
        hash: HELLO.to_owned(),
        size_bytes: 5,
    });
    let update = BatchUpdateBlobsRequest {
        requests: vec![UpdateBlob {
            digest: digest.clone(),
            data: b"hello".as_slice().into(),
            compressor: 0,
        }],
        ..BatchUpdateBlobsRequest::default()
    };
    let put = |platform: &Platform, token: &str| {
        let (status, answer) =
            call::<BatchUpdateBlobsResponse>(platform, token, "BatchUpdateBlobs", &update);
        let kept = answer.responses.first().and_then(|one| one.status.clone());
        (status, kept.map(|kept| kept.code))
    };
    let read = BatchReadBlobsRequest {
        digests: digest.into_iter().collect(),
        ..BatchReadBlobsRequest::default()
    };
    let get = |platform: &Platform, token: &str| {
        let (status, answer) =
            call::<BatchReadBlobsResponse>(platform, token, "BatchReadBlobs", &read);
        let data = answer.responses.first().map(|one| one.data.clone());
        (status, data.unwrap_or_default())
    };
    // Refused before a message is read, so none is sent.
    let refused = curl(&platform, "tl_no", "BatchReadBlobs").output().unwrap();
    assert_eq!(done(&refused), "2 16");
    assert_eq!(put(&platform, &ada), ("2 0".into(), Some(0)));
    let platform = platform.kill_and_restart();
    assert_eq!(get(&platform, &ada), ("2 0".into(), "hello".into()));
    // What she put in is hers alone, until one whom everybody trusts puts it in.
    assert_eq!(get(&platform, &bob), ("2 0".into(), "".into()));
    assert_eq!(put(&platform, &owner), ("2 0".into(), Some(0)));
    assert_eq!(get(&platform, &bob), ("2 0".into(), "hello".into()));
}
