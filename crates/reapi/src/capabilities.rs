//! What the cache can do.

use trunkline_model::action;
use trunkline_web::Caller;

use crate::Reapi;
use crate::blobs::BATCH;
use crate::digest::{FUNCTION, require_no_instance};
use crate::error::ReapiError;
use crate::message::{
    CacheCapabilities, GetCapabilitiesRequest, SemVer, ServerCapabilities, UpdateCapabilities,
};

/// Links to absolute paths are taken: what they mean is the client's affair.
const ALLOWED: i32 = 2;

impl Reapi {
    pub(crate) async fn capabilities(
        self,
        caller: Caller,
        request: GetCapabilitiesRequest,
    ) -> Result<ServerCapabilities, ReapiError> {
        caller
            .require(&action::CACHE_READ, "")
            .map_err(ReapiError::Refused)?;
        require_no_instance(&request.instance_name)?;
        let cache = CacheCapabilities {
            digest_functions: vec![FUNCTION],
            action_cache_update_capabilities: Some(UpdateCapabilities {
                update_enabled: caller.may_do(&action::CACHE_WRITE, "", None),
            }),
            max_batch_total_size_bytes: BATCH as i64,
            symlink_absolute_path_strategy: ALLOWED,
        };
        Ok(ServerCapabilities {
            cache_capabilities: Some(cache),
            low_api_version: Some(SemVer { major: 2, minor: 0 }),
            high_api_version: Some(SemVer { major: 2, minor: 3 }),
        })
    }
}
