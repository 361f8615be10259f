//! Who may do what, and what is whose.

use prost::Message as _;
use tonic::{Code, Status};
use trunkline_reapi::message::{
    ActionResult, Digest, FindMissingBlobsRequest, GetActionResultRequest, GetCapabilitiesRequest,
    GetTreeRequest, ServerCapabilities, UpdateActionResultRequest,
};

use crate::actions::{is_known, made};
use crate::support::{ACTIONS, Bench, CONTENTS, Client, STREAMS, digest_of, name_of, upload_of};

const CAPABILITIES: &str = "/build.bazel.remote.execution.v2.Capabilities/GetCapabilities";

#[tokio::test]
async fn nothing_answers_without_a_credential() {
    let bench = Bench::new().await;
    for name in ["", "nobody"] {
        let client = bench.client(name);
        for path in [
            CAPABILITIES.to_owned(),
            format!("{CONTENTS}FindMissingBlobs"),
            format!("{CONTENTS}BatchUpdateBlobs"),
            format!("{CONTENTS}BatchReadBlobs"),
            format!("{CONTENTS}GetTree"),
            format!("{ACTIONS}GetActionResult"),
            format!("{ACTIONS}UpdateActionResult"),
            format!("{STREAMS}Read"),
            format!("{STREAMS}Write"),
            format!("{STREAMS}QueryWriteStatus"),
        ] {
            let refused = client.call::<(), ()>(&path, ()).await.unwrap_err();
            assert_eq!(refused.code(), Code::Unauthenticated, "{path} {refused:?}");
            assert!(refused.message().starts_with("TL-ACCESS-"), "{refused:?}");
        }
    }
}

#[tokio::test]
async fn who_only_reads_puts_nothing_in() {
    let bench = Bench::new().await;
    let (guest, server) = (bench.client("guest"), bench.client("server"));
    let digest = server.put(b"hello").await;
    assert_eq!(guest.read(&name_of(&digest), 0, 0).await.unwrap(), b"hello");
    let upload = upload_of("1", &digest);
    let refused: [Status; 4] = [
        guest.update(Vec::new()).await.unwrap_err(),
        guest
            .write_all(&upload, 0, &[b"hello"], true)
            .await
            .unwrap_err(),
        guest.status(&upload).await.unwrap_err(),
        guest
            .put_result(&digest, &ActionResult::default())
            .await
            .unwrap_err(),
    ];
    for refused in refused {
        assert_eq!(refused.code(), Code::PermissionDenied, "{refused:?}");
        assert!(
            refused.message().starts_with("TL-ACCESS-003: "),
            "{refused:?}"
        );
    }
    assert!(!is_known(&server, &digest).await);
    for (client, may) in [(&guest, false), (&server, true)] {
        let can: ServerCapabilities = client
            .call(CAPABILITIES, GetCapabilitiesRequest::default())
            .await
            .unwrap();
        let cache = can.cache_capabilities.unwrap();
        assert_eq!(cache.digest_functions, [1]);
        assert!(cache.max_batch_total_size_bytes > 1 << 20);
        let update = cache.action_cache_update_capabilities.unwrap();
        assert_eq!(update.update_enabled, may);
        assert_eq!(can.low_api_version.unwrap().major, 2);
    }
}

/// Whether the client can get at the content in any way.
async fn sees(client: &Client, digest: &Digest) -> bool {
    let is_there = client
        .missing(std::slice::from_ref(digest))
        .await
        .is_empty();
    let read = client.read(&name_of(digest), 0, 0).await;
    let batch = client
        .batch_read(std::slice::from_ref(digest))
        .await
        .unwrap();
    let code = batch.responses[0].status.clone().unwrap_or_default().code;
    let (_, complete) = client.status(&upload_of("7", digest)).await.unwrap();
    let all = [is_there, read.is_ok(), code == 0, complete];
    assert!(all.iter().all(|one| *one == is_there), "{all:?}");
    is_there
}

#[tokio::test]
async fn what_somebody_puts_in_is_seen_by_nobody_else() {
    let bench = Bench::new().await;
    let [ada, bob, server] = ["ada", "bob", "server"].map(|name| bench.client(name));
    let action = digest_of(b"compile");
    let hers = ada.put(b"hers").await;
    let poisoned = ActionResult {
        output_files: vec![made("a", &hers)],
        ..ActionResult::default()
    };
    ada.put_result(&action, &poisoned).await.unwrap();
    for (client, is_hers) in [(&ada, true), (&bob, false), (&server, false)] {
        assert_eq!(sees(client, &hers).await, is_hers);
        assert_eq!(is_known(client, &action).await, is_hers);
    }
    let ours = server.put(b"ours").await;
    let trusted = ActionResult {
        output_files: vec![made("a", &ours)],
        ..ActionResult::default()
    };
    server.put_result(&action, &trusted).await.unwrap();
    // What everybody trusts goes before what she put in herself, and she cannot change it.
    ada.put_result(&action, &poisoned).await.unwrap();
    for client in [&ada, &bob, &server] {
        assert!(sees(client, &ours).await);
        assert_eq!(client.result(&action).await.unwrap(), trusted);
    }
}

#[tokio::test]
async fn a_trusted_result_counts_with_trusted_contents_alone() {
    let bench = Bench::new().await;
    let [ada, bob, server] = ["ada", "bob", "server"].map(|name| bench.client(name));
    let action = digest_of(b"compile");
    let hers = ada.put(b"same bytes").await;
    let result = ActionResult {
        output_files: vec![made("a", &hers)],
        ..ActionResult::default()
    };
    server.put_result(&action, &result).await.unwrap();
    assert!(!is_known(&server, &action).await);
    assert!(!is_known(&bob, &action).await);
    server.put(b"same bytes").await;
    assert!(is_known(&bob, &action).await);
}

#[tokio::test]
async fn an_upload_is_gone_on_with_by_its_own_client_alone() {
    let bench = Bench::new().await;
    let (ada, bob) = (bench.client("ada"), bench.client("bob"));
    let upload = upload_of("1", &digest_of(b"hello"));
    ada.write_all(&upload, 0, &[b"hel"], false).await.unwrap();
    assert_eq!(bob.status(&upload).await.unwrap(), (0, false));
    let refused = bob.write_all(&upload, 3, &[b"lo"], true).await.unwrap_err();
    assert_eq!(refused.code(), Code::OutOfRange, "{refused:?}");
    assert_eq!(ada.status(&upload).await.unwrap(), (3, false));
}

#[tokio::test]
async fn there_are_no_instances() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let digest = ada.put(b"hello").await;
    let instance_name = "main".to_owned();
    let unary = [
        (
            CAPABILITIES.to_owned(),
            GetCapabilitiesRequest {
                instance_name: instance_name.clone(),
            }
            .encode_to_vec(),
        ),
        (
            format!("{CONTENTS}FindMissingBlobs"),
            FindMissingBlobsRequest {
                instance_name: instance_name.clone(),
                ..FindMissingBlobsRequest::default()
            }
            .encode_to_vec(),
        ),
        (
            format!("{CONTENTS}GetTree"),
            GetTreeRequest {
                instance_name: instance_name.clone(),
                ..GetTreeRequest::default()
            }
            .encode_to_vec(),
        ),
        (
            format!("{ACTIONS}GetActionResult"),
            GetActionResultRequest {
                instance_name: instance_name.clone(),
                action_digest: Some(digest.clone()),
                ..GetActionResultRequest::default()
            }
            .encode_to_vec(),
        ),
        (
            format!("{ACTIONS}UpdateActionResult"),
            UpdateActionResultRequest {
                instance_name,
                action_digest: Some(digest.clone()),
                action_result: Some(ActionResult::default()),
                ..UpdateActionResultRequest::default()
            }
            .encode_to_vec(),
        ),
    ];
    for (path, message) in unary {
        // All of these have the instance as their first field, and so does this one.
        let message = UpdateActionResultRequest::decode(&message[..]).unwrap();
        let refused = ada.call::<_, ()>(&path, message).await.unwrap_err();
        assert_eq!(refused.code(), Code::InvalidArgument, "{path} {refused:?}");
        assert!(
            refused.message().contains("without instances"),
            "{refused:?}"
        );
    }
    let name = format!("main/{}", name_of(&digest));
    let refused = ada.read(&name, 0, 0).await.unwrap_err();
    assert!(
        refused.message().contains("without instances"),
        "{refused:?}"
    );
}
