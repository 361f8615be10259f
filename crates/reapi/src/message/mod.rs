//! The messages, as far as they are used: what else a client says is skipped, as Protocol Buffers do.
//!
//! Messages that are kept or passed on without being understood are bytes here, which look the same on the wire, so that nothing of them is lost.

mod action;
mod byte_stream;
mod capabilities;
mod content;

pub use action::{
    ActionResult, GetActionResultRequest, OutputDirectory, OutputFile, UpdateActionResultRequest,
};
pub use byte_stream::{
    QueryWriteStatusRequest, QueryWriteStatusResponse, ReadRequest, ReadResponse, WriteRequest,
    WriteResponse,
};
pub use capabilities::{
    CacheCapabilities, GetCapabilitiesRequest, SemVer, ServerCapabilities, UpdateCapabilities,
};
pub use content::{
    BatchReadBlobsRequest, BatchReadBlobsResponse, BatchUpdateBlobsRequest,
    BatchUpdateBlobsResponse, Digest, Directory, DirectoryNode, FileNode, FindMissingBlobsRequest,
    FindMissingBlobsResponse, GetTreeRequest, GetTreeResponse, ReadBlob, RpcStatus, Tree,
    UpdateBlob, UpdatedBlob,
};
