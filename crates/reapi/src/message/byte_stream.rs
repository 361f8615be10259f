//! `google.bytestream.ByteStream`.

use bytes::Bytes;

/// Asks for a content, or a part of it.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ReadRequest {
    /// Which one.
    #[prost(string, tag = "1")]
    pub resource_name: String,
    /// Bytes that are left out at its beginning.
    #[prost(int64, tag = "2")]
    pub read_offset: i64,
    /// Bytes that are wanted at most; all of them where it is 0.
    #[prost(int64, tag = "3")]
    pub read_limit: i64,
}

/// A piece of a content.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ReadResponse {
    /// The piece.
    #[prost(bytes = "bytes", tag = "10")]
    pub data: Bytes,
}

/// Brings a piece of a content.
#[derive(Clone, PartialEq, prost::Message)]
pub struct WriteRequest {
    /// Which one; it may be left out of all but the first.
    #[prost(string, tag = "1")]
    pub resource_name: String,
    /// Where the piece begins.
    #[prost(int64, tag = "2")]
    pub write_offset: i64,
    /// Whether it is the last one.
    #[prost(bool, tag = "3")]
    pub finish_write: bool,
    /// The piece.
    #[prost(bytes = "bytes", tag = "10")]
    pub data: Bytes,
}

/// What came.
#[derive(Clone, PartialEq, prost::Message)]
pub struct WriteResponse {
    /// Its bytes.
    #[prost(int64, tag = "1")]
    pub committed_size: i64,
}

/// Asks what came.
#[derive(Clone, PartialEq, prost::Message)]
pub struct QueryWriteStatusRequest {
    /// Of which content.
    #[prost(string, tag = "1")]
    pub resource_name: String,
}

/// What came, and whether that is all.
#[derive(Clone, PartialEq, prost::Message)]
pub struct QueryWriteStatusResponse {
    /// Its bytes.
    #[prost(int64, tag = "1")]
    pub committed_size: i64,
    /// Whether the content is there.
    #[prost(bool, tag = "2")]
    pub complete: bool,
}
