//! `ContentAddressableStorage`.

use bytes::Bytes;

/// The name of a content.
#[derive(Clone, PartialEq, Eq, Hash, prost::Message)]
pub struct Digest {
    /// Its SHA-256, as 64 hexadecimal digits.
    #[prost(string, tag = "1")]
    pub hash: String,
    /// Its bytes.
    #[prost(int64, tag = "2")]
    pub size_bytes: i64,
}

/// How something ended, as gRPC says it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct RpcStatus {
    /// The code of gRPC.
    #[prost(int32, tag = "1")]
    pub code: i32,
    /// What is wrong.
    #[prost(string, tag = "2")]
    pub message: String,
}

/// Asks which contents are not there.
#[derive(Clone, PartialEq, prost::Message)]
pub struct FindMissingBlobsRequest {
    /// In which instance.
    #[prost(string, tag = "1")]
    pub instance_name: String,
    /// Of which ones.
    #[prost(message, repeated, tag = "2")]
    pub blob_digests: Vec<Digest>,
    /// How they are named; 0 and 1 are SHA-256.
    #[prost(int32, tag = "3")]
    pub digest_function: i32,
}

/// Which contents are not there.
#[derive(Clone, PartialEq, prost::Message)]
pub struct FindMissingBlobsResponse {
    /// They.
    #[prost(message, repeated, tag = "2")]
    pub missing_blob_digests: Vec<Digest>,
}

/// Brings contents.
#[derive(Clone, PartialEq, prost::Message)]
pub struct BatchUpdateBlobsRequest {
    /// Into which instance.
    #[prost(string, tag = "1")]
    pub instance_name: String,
    /// They.
    #[prost(message, repeated, tag = "2")]
    pub requests: Vec<UpdateBlob>,
    /// How they are named; 0 and 1 are SHA-256.
    #[prost(int32, tag = "5")]
    pub digest_function: i32,
}

/// A content that comes.
#[derive(Clone, PartialEq, prost::Message)]
pub struct UpdateBlob {
    /// Its name.
    #[prost(message, optional, tag = "1")]
    pub digest: Option<Digest>,
    /// The content.
    #[prost(bytes = "bytes", tag = "2")]
    pub data: Bytes,
    /// How it is compressed; 0 is not at all.
    #[prost(int32, tag = "3")]
    pub compressor: i32,
}

/// What became of contents.
#[derive(Clone, PartialEq, prost::Message)]
pub struct BatchUpdateBlobsResponse {
    /// Of each of them.
    #[prost(message, repeated, tag = "1")]
    pub responses: Vec<UpdatedBlob>,
}

/// What became of a content.
#[derive(Clone, PartialEq, prost::Message)]
pub struct UpdatedBlob {
    /// Its name.
    #[prost(message, optional, tag = "1")]
    pub digest: Option<Digest>,
    /// What became of it.
    #[prost(message, optional, tag = "2")]
    pub status: Option<RpcStatus>,
}

/// Asks for contents.
#[derive(Clone, PartialEq, prost::Message)]
pub struct BatchReadBlobsRequest {
    /// In which instance.
    #[prost(string, tag = "1")]
    pub instance_name: String,
    /// Which ones.
    #[prost(message, repeated, tag = "2")]
    pub digests: Vec<Digest>,
    /// How they are named; 0 and 1 are SHA-256.
    #[prost(int32, tag = "4")]
    pub digest_function: i32,
}

/// Contents.
#[derive(Clone, PartialEq, prost::Message)]
pub struct BatchReadBlobsResponse {
    /// Each of them.
    #[prost(message, repeated, tag = "1")]
    pub responses: Vec<ReadBlob>,
}

/// A content, or why there is none.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ReadBlob {
    /// Its name.
    #[prost(message, optional, tag = "1")]
    pub digest: Option<Digest>,
    /// The content.
    #[prost(bytes = "bytes", tag = "2")]
    pub data: Bytes,
    /// Whether it is there.
    #[prost(message, optional, tag = "3")]
    pub status: Option<RpcStatus>,
}

/// Asks for a folder and all folders in it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetTreeRequest {
    /// In which instance.
    #[prost(string, tag = "1")]
    pub instance_name: String,
    /// The content that is its [`Directory`].
    #[prost(message, optional, tag = "2")]
    pub root_digest: Option<Digest>,
    /// Folders of an answer at most.
    #[prost(int32, tag = "3")]
    pub page_size: i32,
    /// Where to go on.
    #[prost(string, tag = "4")]
    pub page_token: String,
    /// How it is named; 0 and 1 are SHA-256.
    #[prost(int32, tag = "5")]
    pub digest_function: i32,
}

/// Folders.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetTreeResponse {
    /// They, each a [`Directory`] as it was kept.
    #[prost(bytes = "bytes", repeated, tag = "1")]
    pub directories: Vec<Bytes>,
}

/// A folder with all folders in it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Tree {
    /// The folder.
    #[prost(message, optional, tag = "1")]
    pub root: Option<Directory>,
    /// All folders in it.
    #[prost(message, repeated, tag = "2")]
    pub children: Vec<Directory>,
}

/// What is in a folder.
#[derive(Clone, PartialEq, prost::Message)]
pub struct Directory {
    /// Files.
    #[prost(message, repeated, tag = "1")]
    pub files: Vec<FileNode>,
    /// Folders.
    #[prost(message, repeated, tag = "2")]
    pub directories: Vec<DirectoryNode>,
}

/// A file in a folder.
#[derive(Clone, PartialEq, prost::Message)]
pub struct FileNode {
    /// Its content.
    #[prost(message, optional, tag = "2")]
    pub digest: Option<Digest>,
}

/// A folder in a folder.
#[derive(Clone, PartialEq, prost::Message)]
pub struct DirectoryNode {
    /// The content that is its [`Directory`].
    #[prost(message, optional, tag = "2")]
    pub digest: Option<Digest>,
}
