//! Folders: as outputs of actions, and as a whole.

use bytes::Bytes;
use prost::Message as _;
use tonic::Code;
use trunkline_reapi::message::{
    ActionResult, Digest, Directory, DirectoryNode, FileNode, GetTreeRequest, GetTreeResponse,
    OutputDirectory, Tree,
};

use crate::actions::is_known;
use crate::support::{Bench, CONTENTS, Client, digest_of};

fn folder(files: &[&Digest], folders: &[&Digest]) -> Directory {
    let digest = |digest: &&Digest| Some((*digest).clone());
    let file = |found| FileNode {
        digest: digest(found),
    };
    let folder = |found| DirectoryNode {
        digest: digest(found),
    };
    Directory {
        files: files.iter().map(file).collect(),
        directories: folders.iter().map(folder).collect(),
    }
}

/// Whether a result with this folder is answered.
async fn answers(client: &Client, folder: OutputDirectory) -> bool {
    let action = digest_of(&folder.encode_to_vec());
    let result = ActionResult {
        output_directories: vec![folder],
        ..ActionResult::default()
    };
    client.put_result(&action, &result).await.unwrap();
    is_known(client, &action).await
}

#[tokio::test]
async fn a_result_is_answered_with_all_files_of_its_folders_alone() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let there = ada.put(b"there").await;
    for (deep, is_whole) in [(there.clone(), true), (digest_of(b"gone"), false)] {
        let inner = folder(&[&there, &deep], &[]);
        let inner_digest = ada.put(&inner.encode_to_vec()).await;
        let root = folder(&[&there], &[&inner_digest]);
        let tree = Tree {
            root: Some(root.clone()),
            children: vec![inner],
        };
        let tree = OutputDirectory {
            tree_digest: Some(ada.put(&tree.encode_to_vec()).await),
            ..OutputDirectory::default()
        };
        assert_eq!(answers(&ada, tree).await, is_whole);
        let root = OutputDirectory {
            root_directory_digest: Some(ada.put(&root.encode_to_vec()).await),
            ..OutputDirectory::default()
        };
        assert_eq!(answers(&ada, root).await, is_whole);
    }
    let gone = OutputDirectory {
        tree_digest: Some(digest_of(b"no tree")),
        ..OutputDirectory::default()
    };
    assert!(!answers(&ada, gone).await);
    let no_tree = OutputDirectory {
        tree_digest: Some(ada.put(b"\xff\xff").await),
        ..OutputDirectory::default()
    };
    assert!(!answers(&ada, no_tree).await);
    assert!(!answers(&ada, OutputDirectory::default()).await);
}

async fn tree(client: &Client, root: &Digest, page_size: i32) -> Result<Vec<Vec<Bytes>>, Code> {
    let request = GetTreeRequest {
        root_digest: Some(root.clone()),
        page_size,
        ..GetTreeRequest::default()
    };
    let path = format!("{CONTENTS}GetTree");
    let pages: Vec<GetTreeResponse> = client
        .pieces(&path, request)
        .await
        .map_err(|status| status.code())?;
    Ok(pages.into_iter().map(|page| page.directories).collect())
}

#[tokio::test]
async fn a_tree_comes_as_its_folders_once_each() {
    let bench = Bench::new().await;
    let ada = bench.client("ada");
    let file = digest_of(b"a file need not be there");
    let leaf = folder(&[&file], &[]).encode_to_vec();
    let leaf_digest = ada.put(&leaf).await;
    let middle = folder(&[], &[&leaf_digest]).encode_to_vec();
    let middle_digest = ada.put(&middle).await;
    let gone = digest_of(b"gone");
    let root = folder(&[], &[&leaf_digest, &middle_digest, &gone]).encode_to_vec();
    let root_digest = ada.put(&root).await;
    let pages = tree(&ada, &root_digest, 0).await.unwrap();
    assert_eq!(pages.len(), 1);
    assert_eq!(pages[0][0], root);
    let mut found = pages[0][1..].to_vec();
    found.sort();
    let mut wanted = vec![Bytes::from(leaf), Bytes::from(middle)];
    wanted.sort();
    assert_eq!(found, wanted);
    let small = tree(&ada, &root_digest, 1).await.unwrap();
    assert!(small.iter().all(|page| page.len() <= 1), "{small:?}");
    assert_eq!(small.concat().len(), 3);
    assert_eq!(tree(&ada, &gone, 0).await, Err(Code::NotFound));
    let no_folder = ada.put(b"\xff\xff").await;
    assert_eq!(tree(&ada, &no_folder, 0).await, Err(Code::InvalidArgument));
}
