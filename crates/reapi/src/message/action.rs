//! `ActionCache`.

use bytes::Bytes;

use super::Digest;

/// Asks for the result of an action.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetActionResultRequest {
    /// In which instance.
    #[prost(string, tag = "1")]
    pub instance_name: String,
    /// Which action.
    #[prost(message, optional, tag = "2")]
    pub action_digest: Option<Digest>,
    /// How the action is named; 0 and 1 are SHA-256.
    #[prost(int32, tag = "6")]
    pub digest_function: i32,
}

/// Brings the result of an action.
#[derive(Clone, PartialEq, prost::Message)]
pub struct UpdateActionResultRequest {
    /// Into which instance.
    #[prost(string, tag = "1")]
    pub instance_name: String,
    /// Which action.
    #[prost(message, optional, tag = "2")]
    pub action_digest: Option<Digest>,
    /// Its result.
    #[prost(message, optional, tag = "3")]
    pub action_result: Option<ActionResult>,
    /// How the action is named; 0 and 1 are SHA-256.
    #[prost(int32, tag = "5")]
    pub digest_function: i32,
}

/// What came of an action.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ActionResult {
    /// The files that it made.
    #[prost(message, repeated, tag = "2")]
    pub output_files: Vec<OutputFile>,
    /// The folders that it made.
    #[prost(message, repeated, tag = "3")]
    pub output_directories: Vec<OutputDirectory>,
    /// How it ended.
    #[prost(int32, tag = "4")]
    pub exit_code: i32,
    /// What it wrote.
    #[prost(bytes = "bytes", tag = "5")]
    pub stdout_raw: Bytes,
    /// The content that it wrote.
    #[prost(message, optional, tag = "6")]
    pub stdout_digest: Option<Digest>,
    /// What it wrote of errors.
    #[prost(bytes = "bytes", tag = "7")]
    pub stderr_raw: Bytes,
    /// The content that it wrote of errors.
    #[prost(message, optional, tag = "8")]
    pub stderr_digest: Option<Digest>,
    /// Where and when it ran.
    #[prost(bytes = "bytes", optional, tag = "9")]
    pub execution_metadata: Option<Bytes>,
    /// The links to files that it made.
    #[prost(bytes = "bytes", repeated, tag = "10")]
    pub output_file_symlinks: Vec<Bytes>,
    /// The links to folders that it made.
    #[prost(bytes = "bytes", repeated, tag = "11")]
    pub output_directory_symlinks: Vec<Bytes>,
    /// The links that it made.
    #[prost(bytes = "bytes", repeated, tag = "12")]
    pub output_symlinks: Vec<Bytes>,
}

/// A file that an action made.
#[derive(Clone, PartialEq, prost::Message)]
pub struct OutputFile {
    /// Where it lies.
    #[prost(string, tag = "1")]
    pub path: String,
    /// Its content.
    #[prost(message, optional, tag = "2")]
    pub digest: Option<Digest>,
    /// Whether it can be run.
    #[prost(bool, tag = "4")]
    pub is_executable: bool,
    /// The content itself.
    #[prost(bytes = "bytes", tag = "5")]
    pub contents: Bytes,
    /// What else is known of it.
    #[prost(bytes = "bytes", optional, tag = "7")]
    pub node_properties: Option<Bytes>,
}

/// A folder that an action made.
#[derive(Clone, PartialEq, prost::Message)]
pub struct OutputDirectory {
    /// Where it lies.
    #[prost(string, tag = "1")]
    pub path: String,
    /// The content that is its [`super::Tree`].
    #[prost(message, optional, tag = "3")]
    pub tree_digest: Option<Digest>,
    /// Whether the tree names parents before children.
    #[prost(bool, tag = "4")]
    pub is_topologically_sorted: bool,
    /// The content that is its [`super::Directory`].
    #[prost(message, optional, tag = "5")]
    pub root_directory_digest: Option<Digest>,
}
