//! `Capabilities`.

/// Asks what there is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct GetCapabilitiesRequest {
    /// Of which instance.
    #[prost(string, tag = "1")]
    pub instance_name: String,
}

/// What there is.
#[derive(Clone, PartialEq, prost::Message)]
pub struct ServerCapabilities {
    /// What the cache can do.
    #[prost(message, optional, tag = "1")]
    pub cache_capabilities: Option<CacheCapabilities>,
    /// The oldest version that is spoken.
    #[prost(message, optional, tag = "4")]
    pub low_api_version: Option<SemVer>,
    /// The newest version that is spoken.
    #[prost(message, optional, tag = "5")]
    pub high_api_version: Option<SemVer>,
}

/// What the cache can do.
#[derive(Clone, PartialEq, prost::Message)]
pub struct CacheCapabilities {
    /// How contents are named; 1 is SHA-256.
    #[prost(int32, repeated, tag = "1")]
    pub digest_functions: Vec<i32>,
    /// Whether results may be put in.
    #[prost(message, optional, tag = "2")]
    pub action_cache_update_capabilities: Option<UpdateCapabilities>,
    /// Bytes of all contents of one batch.
    #[prost(int64, tag = "4")]
    pub max_batch_total_size_bytes: i64,
    /// What becomes of links to absolute paths; 2 is that they are taken.
    #[prost(int32, tag = "5")]
    pub symlink_absolute_path_strategy: i32,
}

/// Whether results may be put in.
#[derive(Clone, PartialEq, prost::Message)]
pub struct UpdateCapabilities {
    /// Whether they may.
    #[prost(bool, tag = "1")]
    pub update_enabled: bool,
}

/// A version.
#[derive(Clone, PartialEq, prost::Message)]
pub struct SemVer {
    /// Its first number.
    #[prost(int32, tag = "1")]
    pub major: i32,
    /// Its second number.
    #[prost(int32, tag = "2")]
    pub minor: i32,
}
