//! Whether all that a result names is there. Each content is noted as used, so that they go together.

use std::collections::HashSet;

use prost::Message;
use trunkline_task::Store;

use crate::contents;
use crate::digest::Digest;
use crate::message::{self, ActionResult, Directory, Tree};
use crate::view::View;

/// Bytes of a folder or a tree that is looked through, which is some 80,000 files; a result with a larger one is not answered.
const TREE: u64 = 8 << 20;
/// Folders that are looked through.
const FOLDERS: usize = 100_000;

/// Whether the result may be answered: what uses it would fail later, where the action could run again now.
pub(crate) fn is_whole(store: &Store, view: &View, result: &ActionResult) -> bool {
    let files = result.output_files.iter().map(|file| file.digest.as_ref());
    let written = [&result.stdout_digest, &result.stderr_digest];
    let written = written.into_iter().filter_map(Option::as_ref).map(Some);
    let mut folders = result.output_directories.iter();
    are_there(store, view, files.chain(written))
        && folders.all(
            |folder| match (&folder.tree_digest, &folder.root_directory_digest) {
                (None, None) => false,
                (tree, root) => {
                    tree.as_ref()
                        .is_none_or(|tree| is_whole_tree(store, view, tree))
                        && root
                            .as_ref()
                            .is_none_or(|root| is_whole_folder(store, view, root))
                }
            },
        )
}

fn are_there<'a>(
    store: &Store,
    view: &View,
    mut named: impl Iterator<Item = Option<&'a message::Digest>>,
) -> bool {
    named.all(|digest| {
        let digest = Digest::read(digest);
        digest.is_ok_and(|digest| contents::has(store, view, &digest))
    })
}

fn files(folder: &Directory) -> impl Iterator<Item = Option<&message::Digest>> {
    folder.files.iter().map(|file| file.digest.as_ref())
}

/// Whether a folder is there with all files that it has at any depth, as one message has them.
fn is_whole_tree(store: &Store, view: &View, digest: &message::Digest) -> bool {
    let Some(tree) = read::<Tree>(store, view, digest) else {
        return false;
    };
    let folders = tree.root.iter().chain(&tree.children);
    are_there(store, view, folders.flat_map(files))
}

/// The same where each folder is a content of its own.
fn is_whole_folder(store: &Store, view: &View, root: &message::Digest) -> bool {
    let (mut seen, mut next) = (HashSet::from([root.clone()]), vec![root.clone()]);
    while let Some(digest) = next.pop() {
        let Some(folder) = read::<Directory>(store, view, &digest) else {
            return false;
        };
        if !are_there(store, view, files(&folder)) || seen.len() > FOLDERS {
            return false;
        }
        for child in folder.directories {
            let Some(child) = child.digest else {
                return false;
            };
            if seen.insert(child.clone()) {
                next.push(child);
            }
        }
    }
    true
}

fn read<M: Message + Default>(store: &Store, view: &View, digest: &message::Digest) -> Option<M> {
    let digest = Digest::read(Some(digest)).ok()?;
    if digest.bytes > TREE {
        tracing::warn!(%digest, "a folder that an action made is too large to be looked through: the action runs again");
        return None;
    }
    M::decode(contents::bytes(store, view, &digest)?.as_slice()).ok()
}
