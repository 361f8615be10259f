//! Contents on their way out in pieces.

use bytes::Bytes;
use futures::stream::try_unfold;
use tokio::sync::OwnedSemaphorePermit;
use tonic::Status;
use trunkline_model::action;
use trunkline_web::Caller;

use crate::contents::{self, Content};
use crate::digest::Digest;
use crate::error::ReapiError;
use crate::grpc::Pieces;
use crate::message::{ReadRequest, ReadResponse};
use crate::view::View;
use crate::{Reapi, resource};

/// What is left to send of a content.
struct Sending {
    cache: Reapi,
    digest: Digest,
    content: Content,
    /// Bytes that are left out yet.
    skip: u64,
    /// Bytes that are wanted yet.
    wanted: u64,
    sent: bool,
    _place: OwnedSemaphorePermit,
}

impl Reapi {
    pub(crate) async fn read(
        self,
        caller: Caller,
        request: ReadRequest,
    ) -> Result<Pieces<ReadResponse>, ReapiError> {
        caller
            .require(&action::CACHE_READ, "")
            .map_err(ReapiError::Refused)?;
        let digest = resource::read(&request.resource_name)?;
        let (skip, wanted) = part(&request, digest.bytes)?;
        let place = self.place()?;
        let (view, asked) = (View::of(&caller), digest.clone());
        let content = self.work(move |store| contents::open(store, &view, &asked));
        let missing = || ReapiError::Missing(digest.to_string());
        let content = content.await?.ok_or_else(missing)?;
        let sending = Sending {
            cache: self,
            digest,
            content,
            skip,
            wanted,
            sent: false,
            _place: place,
        };
        Ok(Box::pin(try_unfold(sending, piece)))
    }
}

/// The bytes to leave out and those that are wanted behind them.
fn part(request: &ReadRequest, bytes: u64) -> Result<(u64, u64), ReapiError> {
    let outside = || ReapiError::Range(format!("a place from 0 to {bytes} is read from"));
    let skip = u64::try_from(request.read_offset).map_err(|_| outside())?;
    let left = bytes.checked_sub(skip).ok_or_else(outside)?;
    match u64::try_from(request.read_limit) {
        Ok(0) => Ok((skip, left)),
        Ok(limit) => Ok((skip, left.min(limit))),
        Err(_) => Err(ReapiError::Range("a limit is not below 0".to_owned())),
    }
}

/// The next piece; nothing at the end.
async fn piece(sending: Sending) -> Result<Option<(ReadResponse, Sending)>, Status> {
    if sending.wanted == 0 {
        return Ok(None);
    }
    let cache = sending.cache.clone();
    let next = cache.work(move |_| {
        let mut sending = sending;
        let data = sending.next()?;
        Ok::<_, ReapiError>((ReadResponse { data }, sending))
    });
    Ok(Some(next.await??))
}

impl Sending {
    /// The next bytes that are wanted. A compressed content cannot be entered in its middle, and all of it is verified before the last piece goes.
    fn next(&mut self) -> Result<Bytes, ReapiError> {
        loop {
            let piece = self.content.next().map_err(|_| self.broken())?;
            // More is wanted than there is only where the size was read wrongly.
            let piece = Bytes::from(piece.ok_or_else(|| self.broken())?);
            let skipped = self.skip.min(piece.len() as u64);
            self.skip -= skipped;
            let mut data = piece.slice(skipped as usize..);
            data.truncate(usize::try_from(self.wanted).unwrap_or(usize::MAX));
            if data.is_empty() {
                continue;
            }
            self.wanted -= data.len() as u64;
            if self.wanted == 0 {
                self.content.finish().map_err(|_| self.broken())?;
            }
            self.sent = true;
            return Ok(data);
        }
    }

    /// As long as nothing of it went, what is broken is as good as not there.
    fn broken(&self) -> ReapiError {
        let name = self.digest.to_string();
        if self.sent {
            ReapiError::Broken(name)
        } else {
            ReapiError::Missing(name)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_lies_within_its_content() {
        let part = |read_offset, read_limit| {
            let request = ReadRequest {
                read_offset,
                read_limit,
                ..ReadRequest::default()
            };
            part(&request, 10).ok()
        };
        assert_eq!(part(0, 0), Some((0, 10)));
        assert_eq!(part(3, 4), Some((3, 4)));
        assert_eq!(part(8, 4), Some((8, 2)));
        assert_eq!(part(10, 0), Some((10, 0)));
        assert_eq!(part(11, 0), None);
        assert_eq!(part(-1, 0), None);
        assert_eq!(part(0, -1), None);
        assert_eq!(part(i64::MAX, i64::MAX), None);
    }
}
