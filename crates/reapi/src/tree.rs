//! Folders with all that is in them.

use std::collections::HashSet;

use bytes::Bytes;
use futures::stream::try_unfold;
use prost::Message as _;
use tokio::sync::OwnedSemaphorePermit;
use tonic::Status;
use trunkline_model::action;
use trunkline_task::Store;
use trunkline_web::Caller;

use crate::Reapi;
use crate::contents;
use crate::digest::{Digest, require_function, require_no_instance};
use crate::error::ReapiError;
use crate::grpc::Pieces;
use crate::message::{Directory, GetTreeRequest, GetTreeResponse};
use crate::view::View;

/// Bytes of an answer, about.
const PAGE: usize = 1 << 20;
/// Folders of a tree.
const FOLDERS: usize = 100_000;
/// Bytes of one folder.
const FOLDER: u64 = 2 << 20;

/// What is left to do of a tree.
struct Walk {
    cache: Reapi,
    view: View,
    next: Vec<Digest>,
    seen: HashSet<Digest>,
    most: usize,
    _place: OwnedSemaphorePermit,
}

impl Reapi {
    pub(crate) async fn get_tree(
        self,
        caller: Caller,
        request: GetTreeRequest,
    ) -> Result<Pieces<GetTreeResponse>, ReapiError> {
        caller
            .require(&action::CACHE_READ, "")
            .map_err(ReapiError::Refused)?;
        require_no_instance(&request.instance_name)?;
        require_function(request.digest_function)?;
        if !request.page_token.is_empty() {
            let problem = "a tree is sent as a whole: there is no token to go on with";
            return Err(ReapiError::Argument(problem.to_owned()));
        }
        let root = Digest::read(request.root_digest.as_ref())?;
        let (view, asked) = (View::of(&caller), root.clone());
        let look = view.clone();
        let is_there = self.work(move |store| contents::has(store, &look, &asked));
        if !is_there.await? {
            return Err(ReapiError::Missing(root.to_string()));
        }
        let most = usize::try_from(request.page_size).unwrap_or(0);
        let walk = Walk {
            view,
            seen: HashSet::from([root.clone()]),
            next: vec![root],
            most: if most == 0 { FOLDERS } else { most },
            _place: self.place()?,
            cache: self,
        };
        Ok(Box::pin(try_unfold(walk, page)))
    }
}

/// The next answer; nothing at the end.
async fn page(walk: Walk) -> Result<Option<(GetTreeResponse, Walk)>, Status> {
    if walk.next.is_empty() {
        return Ok(None);
    }
    let cache = walk.cache.clone();
    let work = cache.work(move |store| {
        let mut walk = walk;
        let directories = walk.step(store)?;
        Ok::<_, ReapiError>((GetTreeResponse { directories }, walk))
    });
    Ok(Some(work.await??))
}

impl Walk {
    /// The folders of an answer. What is missing of a tree is left out, as the protocol has it.
    fn step(&mut self, store: &Store) -> Result<Vec<Bytes>, ReapiError> {
        let (mut folders, mut bytes) = (Vec::new(), 0);
        while bytes < PAGE && folders.len() < self.most {
            let Some(digest) = self.next.pop() else {
                break;
            };
            if digest.bytes > FOLDER {
                let (what, most) = ("a folder", FOLDER);
                return Err(ReapiError::TooLarge { what, most });
            }
            let Some(folder) = contents::bytes(store, &self.view, &digest) else {
                continue;
            };
            self.follow(&folder)?;
            bytes += folder.len();
            folders.push(Bytes::from(folder));
        }
        Ok(folders)
    }

    fn follow(&mut self, folder: &[u8]) -> Result<(), ReapiError> {
        let no_folder = |_| ReapiError::Argument("the content is no folder".to_owned());
        let folder = Directory::decode(folder).map_err(no_folder)?;
        for child in &folder.directories {
            let child = Digest::read(child.digest.as_ref())?;
            if self.seen.insert(child.clone()) {
                self.next.push(child);
            }
        }
        if self.seen.len() > FOLDERS {
            let problem = format!("a tree has at most {FOLDERS} folders");
            return Err(ReapiError::Argument(problem));
        }
        Ok(())
    }
}
