//! The configuration section `lake`.

use serde::{Deserialize, Serialize};

/// Where tables lie, how they are written and what a statement may use.
#[derive(Clone, Debug, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct LakeConfig {
    /// Where the Delta tables lie: `file:///path` or `s3://bucket/prefix`; empty is the folder `lake` of the data directory.
    pub url: String,
    /// The S3 endpoint, for servers other than AWS; empty is AWS.
    pub s3_endpoint: String,
    /// The S3 region.
    pub s3_region: String,
    /// The S3 access key; empty takes what the environment has (`AWS_ACCESS_KEY_ID` and the like).
    pub s3_access_key_id: String,
    /// The S3 secret key.
    pub s3_secret_access_key: String,
    /// A file that holds the S3 secret key.
    pub s3_secret_access_key_file: String,
    /// Seconds that one request to object storage may take before it is tried again.
    pub storage_timeout_seconds: u64,
    /// Rows of one table that wait in memory at the most before they are written to a file.
    pub flush_rows: usize,
    /// Bytes of all tables that wait in memory at the most; intake waits beyond it, so this bounds memory.
    pub hot_bytes: usize,
    /// Seconds after which waiting rows are written however few they are.
    pub flush_seconds: u64,
    /// How many small files of one day make a compaction.
    pub compact_files: usize,
    /// Bytes beyond which a file is no longer compacted.
    pub target_file_bytes: u64,
    /// Seconds between two rounds of compaction, retention and clean-up.
    pub maintenance_seconds: u64,
    /// Days that rows are kept where a table says nothing else; 0 keeps them for ever.
    pub retention_days: u32,
    /// Hours that files stay on storage after no version needs them, for readers that are still at it.
    pub vacuum_hours: u64,
    /// Bytes that all running statements together may hold in memory; beyond it they spill.
    pub query_memory_bytes: usize,
    /// Bytes that statements may spill to disk.
    pub query_spill_bytes: u64,
    /// Milliseconds that a statement may run where it asks for no other time.
    pub query_timeout_ms: u64,
    /// How many statements may run at once; more wait for a moment, then are refused.
    pub query_concurrency: usize,
    /// Threads that run statements; 0 is one per core.
    pub query_threads: usize,
}

impl Default for LakeConfig {
    fn default() -> Self {
        Self {
            url: String::new(),
            s3_endpoint: String::new(),
            s3_region: "us-east-1".into(),
            s3_access_key_id: String::new(),
            s3_secret_access_key: String::new(),
            s3_secret_access_key_file: String::new(),
            storage_timeout_seconds: 30,
            flush_rows: 500_000,
            hot_bytes: 256 << 20,
            flush_seconds: 60,
            compact_files: 8,
            target_file_bytes: 64 << 20,
            maintenance_seconds: 60,
            retention_days: 0,
            vacuum_hours: 24,
            query_memory_bytes: 1 << 30,
            query_spill_bytes: 20 << 30,
            query_timeout_ms: 60_000,
            query_concurrency: 16,
            query_threads: 0,
        }
    }
}
