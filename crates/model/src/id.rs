//! Sortable ids that carry the kind of thing they name.

use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;
use std::sync::Mutex;

use rand::rngs::StdRng;
use rand::{RngCore, SeedableRng};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
pub use ulid::Ulid;

use crate::Timestamp;

/// The kinds of things that have an id; each is the prefix of the id's text.
pub mod kind {
    macro_rules! kinds {
        ($($(#[$doc:meta])* $name:ident = $prefix:literal;)*) => {$(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub enum $name {}
            impl super::Kind for $name { const PREFIX: &'static str = $prefix; }
        )*};
    }

    kinds! {
        /// A person with an account.
        Account = "acc";
        /// An API token.
        Token = "tok";
        /// A signed-in session.
        Session = "ses";
        /// A service account.
        Service = "svc";
        /// A team.
        Team = "tea";
        /// An invitation.
        Invitation = "inv";
        /// A passkey.
        Passkey = "psk";
        /// A client of the OpenID provider.
        Client = "cli";
        /// A request that passed the gateway.
        Request = "req";
        /// A running SQL statement.
        Query = "qry";
        /// A command to a device.
        Command = "cmd";
        /// Changes that are to land together.
        Landing = "lan";
        /// A run of a task.
        Run = "run";
        /// A release of a service.
        Release = "rel";
        /// A deployment of a release.
        Deployment = "dep";
        /// A running instance of a release.
        Instance = "ins";
        /// A comment on a change.
        Comment = "com";
        /// A row of the outbox.
        Outbox = "out";
    }
}

/// A kind of thing that has ids; see [`kind`].
pub trait Kind {
    /// Three letters that open the id's text.
    const PREFIX: &'static str;
}

/// A ULID that names a thing of kind `K`, written as `tok_01J…`.
pub struct TypedId<K>(Ulid, PhantomData<fn() -> K>);

impl<K> TypedId<K> {
    /// Gives a ULID its kind.
    #[must_use]
    pub const fn new(ulid: Ulid) -> Self {
        Self(ulid, PhantomData)
    }

    /// The bare ULID.
    #[must_use]
    pub const fn ulid(self) -> Ulid {
        self.0
    }
}

/// A text that is not an id of the wanted kind.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an id of the form {1}_<26 letters and digits>")]
pub struct IdError(String, &'static str);

impl<K: Kind> FromStr for TypedId<K> {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.strip_prefix(K::PREFIX)
            .and_then(|rest| rest.strip_prefix('_'))
            .and_then(|ulid| Ulid::from_string(ulid).ok())
            .map(Self::new)
            .ok_or_else(|| IdError(text.chars().take(64).collect(), K::PREFIX))
    }
}

impl<K: Kind> fmt::Display for TypedId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}_{}", K::PREFIX, self.0)
    }
}

impl<K: Kind> fmt::Debug for TypedId<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl<K> Clone for TypedId<K> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<K> Copy for TypedId<K> {}

impl<K> PartialEq for TypedId<K> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}

impl<K> Eq for TypedId<K> {}

impl<K> PartialOrd for TypedId<K> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl<K> Ord for TypedId<K> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}

impl<K> std::hash::Hash for TypedId<K> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}

impl<K: Kind> Serialize for TypedId<K> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, K: Kind> Deserialize<'de> for TypedId<K> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Gives new ids and secrets. Passed in wherever chance matters, so that a test can repeat it.
pub trait IdGen: Send + Sync + fmt::Debug {
    /// A new ULID for a thing made at `now`.
    fn ulid(&self, now: Timestamp) -> Ulid;

    /// Fills `bytes` with bytes that an outsider cannot guess.
    fn fill_secret(&self, bytes: &mut [u8]);
}

/// Ids and secrets from the operating system's generator.
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomIds;

impl IdGen for RandomIds {
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where chance enters"
    )]
    fn ulid(&self, now: Timestamp) -> Ulid {
        compose(now, &mut rand::rng())
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the one place where chance enters"
    )]
    fn fill_secret(&self, bytes: &mut [u8]) {
        rand::rng().fill_bytes(bytes);
    }
}

/// The same ids and secrets for the same seed; for tests and simulations, never for a real secret.
#[derive(Debug)]
pub struct SeededIds(Mutex<StdRng>);

impl SeededIds {
    /// A generator that starts from `seed`.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(Mutex::new(StdRng::seed_from_u64(seed)))
    }

    fn with<T>(&self, draw: impl FnOnce(&mut StdRng) -> T) -> T {
        let mut guard = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        draw(&mut guard)
    }
}

impl IdGen for SeededIds {
    fn ulid(&self, now: Timestamp) -> Ulid {
        self.with(|rng| compose(now, rng))
    }

    fn fill_secret(&self, bytes: &mut [u8]) {
        self.with(|rng| rng.fill_bytes(bytes));
    }
}

fn compose(now: Timestamp, rng: &mut impl RngCore) -> Ulid {
    let millis = u64::try_from(now.as_micros() / 1_000).unwrap_or(0);
    let random = (u128::from(rng.next_u64()) << 64) | u128::from(rng.next_u64());
    Ulid::from_parts(millis, random)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn id_keeps_its_kind() {
        let ids = SeededIds::new(7);
        let token: TypedId<kind::Token> = TypedId::new(ids.ulid(Timestamp::from_millis(1)));
        let text = token.to_string();
        assert!(text.starts_with("tok_"));
        assert_eq!(text.parse::<TypedId<kind::Token>>().unwrap(), token);
        assert!(text.parse::<TypedId<kind::Session>>().is_err());
    }

    #[test]
    fn same_seed_same_ids() {
        let now = Timestamp::from_millis(9);
        assert_eq!(SeededIds::new(1).ulid(now), SeededIds::new(1).ulid(now));
        assert_ne!(SeededIds::new(1).ulid(now), SeededIds::new(2).ulid(now));
    }
}
