//! A cache behind a socket, and a client of it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use async_trait::async_trait;
use aws_lc_rs::digest::{SHA256, digest};
use bytes::Bytes;
use futures::{Stream, TryStreamExt as _, stream};
use prost::Message;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::client::Grpc;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_prost::ProstCodec;
use trunkline_model::{ManualClock, Principal, PrincipalKind, Role, Scope, Timestamp};
use trunkline_reapi::Reapi;
use trunkline_reapi::message::{
    ActionResult, BatchReadBlobsRequest, BatchReadBlobsResponse, BatchUpdateBlobsRequest,
    BatchUpdateBlobsResponse, Digest, FindMissingBlobsRequest, FindMissingBlobsResponse,
    GetActionResultRequest, QueryWriteStatusRequest, QueryWriteStatusResponse, ReadRequest,
    ReadResponse, UpdateActionResultRequest, UpdateBlob, WriteRequest, WriteResponse,
};
use trunkline_task::{Limits, Store};
use trunkline_web::{
    AuthError, Authenticate, ClientAddress, Credential, Gate, Origins, ScopesAlone,
};

pub(crate) const CONTENTS: &str = "/build.bazel.remote.execution.v2.ContentAddressableStorage/";
pub(crate) const ACTIONS: &str = "/build.bazel.remote.execution.v2.ActionCache/";
pub(crate) const STREAMS: &str = "/google.bytestream.ByteStream/";

/// `ada` and `bob` build on their laptops, `server` builds for everybody, `guest` only reads.
#[derive(Debug)]
struct People;

#[async_trait]
impl Authenticate for People {
    async fn authenticate(
        &self,
        credential: Credential<'_>,
        _client: ClientAddress,
    ) -> Result<Principal, AuthError> {
        let (name, role, scopes) = match credential {
            Credential::Token("tl_ada") => {
                ("ada", Role::Developer, vec![Scope::Read, Scope::Write])
            }
            Credential::Token("tl_bob") => {
                ("bob", Role::Developer, vec![Scope::Read, Scope::Write])
            }
            Credential::Token("tl_server") => {
                ("server", Role::Operator, vec![Scope::Read, Scope::Write])
            }
            Credential::Token("tl_guest") => ("guest", Role::Developer, vec![Scope::Read]),
            _ => return Err(AuthError::Invalid),
        };
        let mut principal = Principal::new(PrincipalKind::Token, name, name, scopes);
        principal.role = role;
        Ok(principal)
    }
}

/// A cache that answers on a port of its own.
pub(crate) struct Bench {
    folder: TempDir,
    channel: Channel,
    server: JoinHandle<()>,
}

impl Bench {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(folder.path(), limits).unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_micros(0)));
        let gate = Gate::new(Arc::new(People), Arc::new(ScopesAlone), Origins::default());
        let router = Reapi::new(store, clock).routes(gate);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let server = tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let channel = Endpoint::new(address).unwrap().connect().await.unwrap();
        Self {
            folder,
            channel,
            server,
        }
    }

    /// A client with the token `tl_NAME`; without one where there is no name.
    pub(crate) fn client(&self, name: &'static str) -> Client {
        Client {
            channel: self.channel.clone(),
            name,
        }
    }

    /// The files in which contents lie, the largest first.
    pub(crate) fn objects(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        collect(&self.folder.path().join("objects"), &mut files);
        files.sort_by_key(|file| std::cmp::Reverse(file.metadata().unwrap().len()));
        files
    }

    /// Files of uploads that have a name.
    pub(crate) fn parts(&self) -> usize {
        self.folder.path().join("parts").read_dir().unwrap().count()
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        self.server.abort();
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in folder.read_dir().unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            collect(&path, files);
        } else {
            files.push(path);
        }
    }
}

/// Somebody who uses the cache.
pub(crate) struct Client {
    channel: Channel,
    name: &'static str,
}

impl Client {
    fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        if !self.name.is_empty() {
            let token = format!("Bearer tl_{}", self.name);
            request
                .metadata_mut()
                .insert("authorization", token.parse().unwrap());
        }
        request
    }

    async fn grpc(&self) -> Grpc<Channel> {
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.unwrap();
        grpc
    }

    pub(crate) async fn call<M, R>(&self, path: &str, message: M) -> Result<R, Status>
    where
        M: Message + 'static,
        R: Message + Default + 'static,
    {
        let codec = ProstCodec::<M, R>::default();
        let mut grpc = self.grpc().await;
        let answer = grpc.unary(self.request(message), path.parse().unwrap(), codec);
        Ok(answer.await?.into_inner())
    }

    /// All pieces of an answer.
    pub(crate) async fn pieces<M, R>(&self, path: &str, message: M) -> Result<Vec<R>, Status>
    where
        M: Message + 'static,
        R: Message + Default + 'static,
    {
        let codec = ProstCodec::<M, R>::default();
        let mut grpc = self.grpc().await;
        let answer = grpc.server_streaming(self.request(message), path.parse().unwrap(), codec);
        answer.await?.into_inner().try_collect().await
    }

    pub(crate) async fn missing(&self, digests: &[Digest]) -> Vec<Digest> {
        let request = FindMissingBlobsRequest {
            blob_digests: digests.to_vec(),
            ..FindMissingBlobsRequest::default()
        };
        let found: FindMissingBlobsResponse = self
            .call(&format!("{CONTENTS}FindMissingBlobs"), request)
            .await
            .unwrap();
        found.missing_blob_digests
    }

    pub(crate) async fn update(
        &self,
        blobs: Vec<(Digest, Bytes)>,
    ) -> Result<BatchUpdateBlobsResponse, Status> {
        let blob = |(digest, data)| UpdateBlob {
            digest: Some(digest),
            data,
            compressor: 0,
        };
        let request = BatchUpdateBlobsRequest {
            requests: blobs.into_iter().map(blob).collect(),
            ..BatchUpdateBlobsRequest::default()
        };
        self.call(&format!("{CONTENTS}BatchUpdateBlobs"), request)
            .await
    }

    /// Puts a content in, which must go well.
    pub(crate) async fn put(&self, content: &[u8]) -> Digest {
        let digest = digest_of(content);
        let content = Bytes::copy_from_slice(content);
        let updated = self.update(vec![(digest.clone(), content)]).await.unwrap();
        assert_eq!(
            updated.responses[0].status.clone().unwrap_or_default().code,
            0
        );
        digest
    }

    pub(crate) async fn batch_read(
        &self,
        digests: &[Digest],
    ) -> Result<BatchReadBlobsResponse, Status> {
        let request = BatchReadBlobsRequest {
            digests: digests.to_vec(),
            ..BatchReadBlobsRequest::default()
        };
        self.call(&format!("{CONTENTS}BatchReadBlobs"), request)
            .await
    }

    /// Reads a part of a content; all of it from `offset` on where `limit` is 0.
    pub(crate) async fn read(
        &self,
        name: &str,
        offset: i64,
        limit: i64,
    ) -> Result<Vec<u8>, Status> {
        let request = ReadRequest {
            resource_name: name.to_owned(),
            read_offset: offset,
            read_limit: limit,
        };
        let pieces: Vec<ReadResponse> = self.pieces(&format!("{STREAMS}Read"), request).await?;
        Ok(pieces.iter().flat_map(|piece| piece.data.clone()).collect())
    }

    pub(crate) async fn write(
        &self,
        pieces: impl Stream<Item = WriteRequest> + Send + 'static,
    ) -> Result<i64, Status> {
        let codec = ProstCodec::<WriteRequest, WriteResponse>::default();
        let path = format!("{STREAMS}Write").parse().unwrap();
        let mut grpc = self.grpc().await;
        let answer = grpc.client_streaming(self.request(pieces), path, codec);
        Ok(answer.await?.into_inner().committed_size)
    }

    /// Writes these pieces, the first from `offset` on.
    pub(crate) async fn write_all(
        &self,
        name: &str,
        offset: i64,
        pieces: &[&[u8]],
        finish: bool,
    ) -> Result<i64, Status> {
        let pieces = requests(name, offset, pieces, finish);
        self.write(stream::iter(pieces)).await
    }

    pub(crate) async fn status(&self, name: &str) -> Result<(i64, bool), Status> {
        let request = QueryWriteStatusRequest {
            resource_name: name.to_owned(),
        };
        let status: QueryWriteStatusResponse = self
            .call(&format!("{STREAMS}QueryWriteStatus"), request)
            .await?;
        Ok((status.committed_size, status.complete))
    }

    pub(crate) async fn result(&self, action: &Digest) -> Result<ActionResult, Status> {
        let request = GetActionResultRequest {
            action_digest: Some(action.clone()),
            ..GetActionResultRequest::default()
        };
        self.call(&format!("{ACTIONS}GetActionResult"), request)
            .await
    }

    pub(crate) async fn put_result(
        &self,
        action: &Digest,
        result: &ActionResult,
    ) -> Result<ActionResult, Status> {
        let request = UpdateActionResultRequest {
            action_digest: Some(action.clone()),
            action_result: Some(result.clone()),
            ..UpdateActionResultRequest::default()
        };
        self.call(&format!("{ACTIONS}UpdateActionResult"), request)
            .await
    }
}

/// The messages that bring these pieces; only the first says of what.
pub(crate) fn requests(
    name: &str,
    mut offset: i64,
    pieces: &[&[u8]],
    finish: bool,
) -> Vec<WriteRequest> {
    let mut requests = Vec::new();
    for (number, piece) in pieces.iter().enumerate() {
        requests.push(WriteRequest {
            resource_name: if number == 0 { name } else { "" }.to_owned(),
            write_offset: offset,
            finish_write: finish && number + 1 == pieces.len(),
            data: Bytes::copy_from_slice(piece),
        });
        offset += i64::try_from(piece.len()).unwrap();
    }
    requests
}

pub(crate) fn digest_of(content: &[u8]) -> Digest {
    let hash = digest(&SHA256, content);
    Digest {
        hash: hash
            .as_ref()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
        size_bytes: i64::try_from(content.len()).unwrap(),
    }
}

/// The name under which a content is read.
pub(crate) fn name_of(digest: &Digest) -> String {
    format!("blobs/{}/{}", digest.hash, digest.size_bytes)
}

/// The name under which it is written.
pub(crate) fn upload_of(id: &str, digest: &Digest) -> String {
    format!("uploads/{id}/{}", name_of(digest))
}

/// Bytes that cannot be compressed, the same ones each time.
pub(crate) fn noise(bytes: usize) -> Vec<u8> {
    let mut state = 7_u64;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 56) as u8
    };
    (0..bytes).map(|_| next()).collect()
}
