//! Access keys in memory.

use std::collections::HashMap;
use std::sync::Mutex;

use async_trait::async_trait;
use trunkline_aws::{AccessKey, AccessSecret, KeyError, Keys};
use trunkline_model::{Principal, PrincipalKind, Scope};
use trunkline_web::ClientAddress;

/// The key of an owner, of a program that writes, and of one that may only read.
pub(crate) const OWNER: (&str, &str) = ("TLOWNER0000000000001", "owner/secret+1");
pub(crate) const WRITER: (&str, &str) = ("TLWRITER000000000003", "writer-secret");
pub(crate) const READER: (&str, &str) = ("TLREADER000000000002", "reader-secret");

#[derive(Debug)]
pub(crate) struct InMemory {
    keys: HashMap<&'static str, AccessKey>,
    wrong: Mutex<Vec<String>>,
    used: Mutex<Vec<String>>,
}

impl InMemory {
    pub(crate) fn new() -> Self {
        let key = |id: &str, secret: &str, scopes: &[Scope]| AccessKey {
            secret: AccessSecret::new(secret),
            principal: Principal::new(PrincipalKind::Token, id, "program", scopes.to_vec()),
        };
        let writes = [Scope::Read, Scope::Write];
        Self {
            keys: HashMap::from([
                (OWNER.0, key("tok_owner", OWNER.1, &[Scope::Owner])),
                (WRITER.0, key("tok_writer", WRITER.1, &writes)),
                (READER.0, key("tok_reader", READER.1, &[Scope::Read])),
            ]),
            wrong: Mutex::default(),
            used: Mutex::default(),
        }
    }

    /// The keys that were claimed wrongly, and those that signed, since the last look.
    pub(crate) fn take(&self) -> (Vec<String>, Vec<String>) {
        let take = |all: &Mutex<Vec<String>>| std::mem::take(&mut *all.lock().unwrap());
        (take(&self.wrong), take(&self.used))
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
        Ok(self.keys.get(id).cloned())
    }

    fn was_wrong(&self, id: &str, _: ClientAddress) {
        self.wrong.lock().unwrap().push(id.into());
    }

    fn used(&self, id: &str) {
        self.used.lock().unwrap().push(id.into());
    }
}
