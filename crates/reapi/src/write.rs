//! Contents on their way in in pieces.

use std::time::Duration;

use tokio::time::timeout;
use tonic::Streaming;
use trunkline_model::action;
use trunkline_web::Caller;

use crate::contents;
use crate::digest::Digest;
use crate::error::ReapiError;
use crate::grpc::turn;
use crate::message::{
    QueryWriteStatusRequest, QueryWriteStatusResponse, WriteRequest, WriteResponse,
};
use crate::uploads::{Upload, UploadKey};
use crate::view::View;
use crate::{Reapi, resource};

/// How long a client may be silent.
const SILENCE: Duration = Duration::from_secs(60);

impl Reapi {
    pub(crate) async fn write_status(
        self,
        caller: Caller,
        request: QueryWriteStatusRequest,
    ) -> Result<QueryWriteStatusResponse, ReapiError> {
        caller
            .require(&action::CACHE_WRITE, "")
            .map_err(ReapiError::Refused)?;
        let key = key(&caller, &request.resource_name)?;
        let complete = self.is_there(&caller, &key.digest).await?;
        let committed = if complete {
            key.digest.bytes
        } else {
            self.uploads().committed(&key)
        };
        Ok(QueryWriteStatusResponse {
            committed_size: size(committed),
            complete,
        })
    }

    pub(crate) async fn write(
        self,
        caller: Caller,
        mut pieces: Streaming<WriteRequest>,
    ) -> Result<WriteResponse, ReapiError> {
        caller
            .require(&action::CACHE_WRITE, "")
            .map_err(ReapiError::Refused)?;
        let nothing = || ReapiError::Argument("nothing was written".to_owned());
        let first = next(&mut pieces).await?.ok_or_else(nothing)?;
        let key = key(&caller, &first.resource_name)?;
        self.require_size(key.digest.bytes)?;
        // What is there already need not come: the client may stop here.
        if self.is_there(&caller, &key.digest).await? {
            return Ok(committed(key.digest.bytes));
        }
        let _turn = turn(self.writes(), "contents on their way in").await?;
        self.receive(View::of(&caller), key, first, pieces).await
    }

    async fn is_there(&self, caller: &Caller, digest: &Digest) -> Result<bool, ReapiError> {
        let (view, digest) = (View::of(caller), digest.clone());
        self.work(move |store| contents::has(store, &view, &digest))
            .await
    }

    /// Takes the pieces, and keeps the content once the client says that this was the last one.
    async fn receive(
        &self,
        view: View,
        key: UploadKey,
        first: WriteRequest,
        mut pieces: Streaming<WriteRequest>,
    ) -> Result<WriteResponse, ReapiError> {
        let (name, bytes) = (first.resource_name.clone(), key.digest.bytes);
        let mut upload = self.uploads().take(key);
        if first.write_offset == 0 {
            upload.restart();
        }
        let mut piece = first;
        loop {
            require_place(&upload, &piece, &name)?;
            let finish = piece.finish_write;
            upload = self.append(upload, piece, bytes).await?;
            if finish {
                let keep = self.work(move |store| {
                    upload.finish(|digest, file| contents::put(store, &view.own, digest, file))
                });
                keep.await??;
                return Ok(committed(bytes));
            }
            match next(&mut pieces).await? {
                Some(next) => piece = next,
                None => return Ok(committed(upload.bytes())),
            }
        }
    }

    async fn append(
        &self,
        mut upload: Upload,
        piece: WriteRequest,
        most: u64,
    ) -> Result<Upload, ReapiError> {
        let sum = upload.bytes().saturating_add(piece.data.len() as u64);
        if sum > most {
            upload.discard();
            return Err(ReapiError::Mismatch(format!(
                "more came than the {most} bytes that its name says"
            )));
        }
        // The upload goes along: where the client is gone meanwhile what came of it is kept for it all the same.
        let append = self.work(move |_| upload.append(&piece.data).map(|()| upload));
        append.await?
    }
}

/// A piece goes behind what came, and belongs to the same content.
fn require_place(upload: &Upload, piece: &WriteRequest, name: &str) -> Result<(), ReapiError> {
    if !piece.resource_name.is_empty() && piece.resource_name != name {
        return Err(ReapiError::Argument(
            "one call brings one content".to_owned(),
        ));
    }
    let at = upload.bytes();
    if piece.write_offset == size(at) {
        return Ok(());
    }
    Err(ReapiError::Range(format!(
        "{at} bytes came: what comes next begins there, or at 0"
    )))
}

/// The next piece; nothing where the client has no more.
async fn next(pieces: &mut Streaming<WriteRequest>) -> Result<Option<WriteRequest>, ReapiError> {
    match timeout(SILENCE, pieces.message()).await {
        Ok(piece) => piece.map_err(|status| ReapiError::Stream(Box::new(status))),
        Err(_) => Err(ReapiError::Late(SILENCE.as_secs())),
    }
}

fn key(caller: &Caller, name: &str) -> Result<UploadKey, ReapiError> {
    let (id, digest) = resource::write(name)?;
    Ok(UploadKey {
        caller: caller.id.clone(),
        id,
        digest,
    })
}

fn committed(bytes: u64) -> WriteResponse {
    WriteResponse {
        committed_size: size(bytes),
    }
}

fn size(bytes: u64) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}
