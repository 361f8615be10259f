//! Access keys in memory.

use std::collections::HashMap;

use async_trait::async_trait;
use trunkline_aws::{AccessKey, AccessSecret, KeyError, Keys};
use trunkline_model::{Principal, PrincipalKind, Scope};
use trunkline_web::ClientAddress;

/// The key of an owner, and of who may only read.
pub(crate) const OWNER: (&str, &str) = ("TLOWNER0000000000001", "owner/secret+1");
pub(crate) const READER: (&str, &str) = ("TLREADER000000000002", "reader-secret");

#[derive(Debug)]
pub(crate) struct InMemory(HashMap<&'static str, AccessKey>);

impl InMemory {
    pub(crate) fn new() -> Self {
        let key = |id: &str, secret: &str, scope| AccessKey {
            secret: AccessSecret::new(secret),
            principal: Principal::new(PrincipalKind::Token, id, "program", vec![scope]),
        };
        Self(HashMap::from([
            (OWNER.0, key("tok_owner", OWNER.1, Scope::Owner)),
            (READER.0, key("tok_reader", READER.1, Scope::Read)),
        ]))
    }
}

#[async_trait]
impl Keys for InMemory {
    /// One that begins with `LIMITED` is asked for too often, and for one that begins with `BROKEN` nothing can be said.
    async fn find(&self, id: &str, _: ClientAddress) -> Result<Option<AccessKey>, KeyError> {
        if id.starts_with("LIMITED") {
            return Err(KeyError::RateLimited);
        }
        if id.starts_with("BROKEN") {
            return Err(KeyError::Unavailable(Box::new(std::io::Error::other(
                "disk 7",
            ))));
        }
        Ok(self.0.get(id).cloned())
    }
}
