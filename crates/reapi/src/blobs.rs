//! Contents in batches, and which of them are missing.

use bytes::Bytes;
use trunkline_model::action;
use trunkline_web::Caller;

use crate::Reapi;
use crate::contents;
use crate::digest::{Digest, require_function, require_no_instance};
use crate::error::ReapiError;
use crate::message::{
    self, BatchReadBlobsRequest, BatchReadBlobsResponse, BatchUpdateBlobsRequest,
    BatchUpdateBlobsResponse, FindMissingBlobsRequest, FindMissingBlobsResponse, ReadBlob,
    RpcStatus, UpdateBlob, UpdatedBlob,
};
use crate::view::View;

/// Bytes of all contents of a batch: with their names less than the 4 MiB that clients of gRPC take where nobody told them otherwise.
pub(crate) const BATCH: usize = 3 << 20;

impl Reapi {
    pub(crate) async fn find_missing(
        self,
        caller: Caller,
        request: FindMissingBlobsRequest,
    ) -> Result<FindMissingBlobsResponse, ReapiError> {
        caller
            .require(&action::CACHE_READ, "")
            .map_err(ReapiError::Refused)?;
        require_no_instance(&request.instance_name)?;
        require_function(request.digest_function)?;
        let view = View::of(&caller);
        let digests = read_all(request.blob_digests.iter().map(Some))?;
        let missing = self.work(move |store| {
            let mut missing = digests;
            missing.retain(|digest| !contents::has(store, &view, digest));
            missing
        });
        let missing = missing.await?;
        Ok(FindMissingBlobsResponse {
            missing_blob_digests: missing.iter().map(Digest::message).collect(),
        })
    }

    pub(crate) async fn batch_update(
        self,
        caller: Caller,
        request: BatchUpdateBlobsRequest,
    ) -> Result<BatchUpdateBlobsResponse, ReapiError> {
        caller
            .require(&action::CACHE_WRITE, "")
            .map_err(ReapiError::Refused)?;
        require_no_instance(&request.instance_name)?;
        require_function(request.digest_function)?;
        let blobs = request.requests;
        require_batch(blobs.iter().map(|blob| blob.data.len() as u64))?;
        read_all(blobs.iter().map(|blob| blob.digest.as_ref()))?;
        let view = View::of(&caller);
        let cache = self.clone();
        let updated = self.work(move |_| {
            let update = |blob: UpdateBlob| UpdatedBlob {
                status: Some(status(cache.update(&view, &blob))),
                digest: blob.digest,
            };
            blobs.into_iter().map(update).collect()
        });
        Ok(BatchUpdateBlobsResponse {
            responses: updated.await?,
        })
    }

    fn update(&self, view: &View, blob: &UpdateBlob) -> Result<(), ReapiError> {
        if blob.compressor != 0 {
            return Err(ReapiError::Argument(
                "contents come as they are, not compressed".to_owned(),
            ));
        }
        let digest = Digest::read(blob.digest.as_ref())?;
        self.require_size(digest.bytes)?;
        contents::put(self.store(), &view.own, &digest, &blob.data[..])
    }

    pub(crate) async fn batch_read(
        self,
        caller: Caller,
        request: BatchReadBlobsRequest,
    ) -> Result<BatchReadBlobsResponse, ReapiError> {
        caller
            .require(&action::CACHE_READ, "")
            .map_err(ReapiError::Refused)?;
        require_no_instance(&request.instance_name)?;
        require_function(request.digest_function)?;
        let digests = read_all(request.digests.iter().map(Some))?;
        require_batch(digests.iter().map(|digest| digest.bytes))?;
        let view = View::of(&caller);
        let read = self.work(move |store| {
            let read = |digest: &Digest| {
                let found = contents::bytes(store, &view, digest);
                let missing = || ReapiError::Missing(digest.to_string());
                let is = found.as_ref().map(drop).ok_or_else(missing);
                ReadBlob {
                    digest: Some(digest.message()),
                    data: Bytes::from(found.unwrap_or_default()),
                    status: Some(status(is)),
                }
            };
            digests.iter().map(read).collect()
        });
        Ok(BatchReadBlobsResponse {
            responses: read.await?,
        })
    }
}

fn read_all<'a>(
    digests: impl Iterator<Item = Option<&'a message::Digest>>,
) -> Result<Vec<Digest>, ReapiError> {
    digests.map(Digest::read).collect()
}

fn require_batch(sizes: impl Iterator<Item = u64>) -> Result<(), ReapiError> {
    let most = BATCH as u64;
    if sizes.fold(0, u64::saturating_add) <= most {
        return Ok(());
    }
    let what = "a batch";
    Err(ReapiError::TooLarge { what, most })
}

fn status(outcome: Result<(), ReapiError>) -> RpcStatus {
    match outcome {
        Ok(()) => RpcStatus::default(),
        Err(error) => RpcStatus {
            code: error.number(),
            message: error.told(),
        },
    }
}
