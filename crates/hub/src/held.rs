//! Tokens by which clients are connected, looked at again and again: where one is taken back, or its holder's rights change, its
//! connections end, and the clients may come again with what they may do now.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::net::{IpAddr, Ipv4Addr};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use trunkline_access::{Access, AccessError};
use trunkline_web::{Authorize, ClientAddress, Question};

use crate::door::Rights;

/// How long a token is looked at though nobody is connected by it yet: its client may be on its way in.
const ON_ITS_WAY: Duration = Duration::from_secs(30);

/// A token that was shown.
#[derive(Clone)]
struct Shown {
    token: Arc<str>,
    /// What its holder could do then.
    rights: Rights,
    last: Instant,
}

/// Tokens by their ids. Their texts are shown to nobody.
#[derive(Default)]
pub(crate) struct Held(Mutex<HashMap<Arc<str>, Shown>>);

impl fmt::Debug for Held {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Held").finish_non_exhaustive()
    }
}

impl Held {
    /// Notes that somebody connects with `token`. What its holder could do when the first of its connections began stays noted, so that
    /// those end which have other rights than now.
    pub(crate) fn note(&self, id: &Arc<str>, token: &str, rights: Rights) {
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        let shown = held.entry(Arc::clone(id)).or_insert_with(|| Shown {
            token: Arc::from(token),
            rights,
            last: now,
        });
        shown.last = now;
    }

    /// The ids of tokens whose connections have to end; those by which nobody is connected are forgotten.
    pub(crate) async fn ended(
        &self,
        access: &Access,
        permits: &dyn Authorize,
        connected: &HashSet<Arc<str>>,
    ) -> Vec<Arc<str>> {
        let held: Vec<(Arc<str>, Shown)> = {
            let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            held.retain(|id, shown| connected.contains(id) || shown.last.elapsed() < ON_ITS_WAY);
            held.iter()
                .map(|(id, shown)| (Arc::clone(id), shown.clone()))
                .collect()
        };
        // The platform itself asks, so nobody else's failures are counted.
        let here = ClientAddress(IpAddr::V4(Ipv4Addr::LOCALHOST));
        let mut ended = Vec::new();
        for (id, shown) in held {
            let holder = match access.known_token(&shown.token) {
                Some(holder) => Ok(holder),
                None => access.look_up_token(&shown.token, here).await,
            };
            let stays = match holder {
                Ok(holder) => {
                    let judge = |question: &Question<'_>| permits.judge(question);
                    Rights::of((&holder.principal, here), judge, judge) == shown.rights
                }
                // Where nobody can tell now, it is asked again in a second.
                Err(error) => matches!(
                    error,
                    AccessError::RateLimited { .. } | AccessError::Store(_)
                ),
            };
            if !stays {
                ended.push(id);
            }
        }
        // Whoever comes again is noted with what it may do then.
        let mut held = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for id in &ended {
            held.remove(id);
        }
        ended
    }
}
