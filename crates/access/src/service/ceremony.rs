//! Sign-ins and registrations that were begun and wait for their second half.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use trunkline_proof::Waiting;
use trunkline_web::{Rate, RateLimiter};
use webauthn_rs::Webauthn;
use webauthn_rs::prelude::{DiscoverableAuthentication, PasskeyRegistration};

use crate::AccountId;

/// How long the second half of a passkey's ceremony may take.
const LIFE: Duration = Duration::from_secs(5 * 60);

/// Addresses whose ceremonies are counted.
const MAX_ADDRESSES: usize = 4096;

/// Ceremonies that one address may begin.
const STARTS: Rate = Rate {
    per_second: 0.5,
    burst: 30,
};

/// The first half of what a passkey does, which never leaves the server.
pub(super) enum Ceremony {
    /// A person adds a passkey.
    Add {
        account: AccountId,
        host: Arc<Webauthn>,
        state: Box<PasskeyRegistration>,
    },
    /// Somebody signs in.
    SignIn {
        host: Arc<Webauthn>,
        state: Box<DiscoverableAuthentication>,
    },
}

/// The ceremonies under way, and how many an address may begin.
#[derive(Debug)]
pub(super) struct Ceremonies {
    pub(super) waiting: Waiting<Ceremony>,
    pub(super) starts: RateLimiter<IpAddr>,
}

impl Ceremonies {
    pub(super) fn new() -> Self {
        Self {
            waiting: Waiting::new(LIFE),
            starts: RateLimiter::new(STARTS, MAX_ADDRESSES),
        }
    }
}
