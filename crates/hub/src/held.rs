//! Tokens by which clients are connected, looked at again and again: one that is taken back ends its connections.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};

use trunkline_access::{Access, AccessError};
use trunkline_web::ClientAddress;

/// Tokens by their ids. Their texts are shown to nobody.
#[derive(Default)]
pub(crate) struct Held(Mutex<HashMap<Arc<str>, String>>);

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Held").finish_non_exhaustive()
    }
}

impl Held {
    /// Notes that somebody connects with `token`.
    pub(crate) fn note(&self, id: &Arc<str>, token: &str) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !held.contains_key(id) {
            held.insert(Arc::clone(id), token.to_owned());
        }
    }

    /// The ids of tokens that are worth nothing any more; those by which nobody is connected are forgotten.
    pub(crate) async fn ended(
        &self,
        access: &Access,
        connected: &HashSet<Arc<str>>,
    ) -> Vec<Arc<str>> {
        let held: Vec<(Arc<str>, String)> = {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.retain(|id, _| connected.contains(id));
            held.iter()
                .map(|(id, token)| (Arc::clone(id), token.clone()))
                .collect()
        };
        // The platform itself asks, so nobody else's failures are counted.
        let here = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut ended = Vec::new();
        for (id, token) in held {
            if access.known_token(&token).is_some() {
                continue;
            }
            // Where nobody can tell now, it is asked again in a second.
            let unsure = |error: &AccessError| {
                matches!(
                    error,
                    AccessError::RateLimited { .. } | AccessError::Store(_)
                )
            };
            if let Err(error) = access.look_up_token(&token, here).await
                && !unsure(&error)
            {
                ended.push(id);
            }
        }
        ended
    }
}
