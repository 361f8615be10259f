//! What this room needs from outside: the people, and their sessions.

use std::fmt;

use async_trait::async_trait;
use trunkline_model::{Role, Timestamp};

/// A person with an account, as a service may come to know them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Person {
    /// The account's id; it never changes and is the `sub` of every token.
    pub id: String,
    /// The name that people know them by.
    pub name: String,
    /// Their address, where they have one.
    pub email: Option<String>,
    /// Whether they have shown that the address is theirs.
    pub email_verified: bool,
    /// What they are in the team.
    pub role: Role,
    /// The names of their teams.
    pub teams: Vec<String>,
    /// Whether they may no longer come in.
    pub disabled: bool,
}

/// How and when the person of a browser signed in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignIn {
    /// The id of the session.
    pub session: String,
    /// When they showed their credential.
    pub at: Timestamp,
    /// How, in the words of RFC 8176 where it has one: `pwd`, `otp`, `hwk`, `mfa`.
    pub methods: Vec<String>,
}

/// Why the people could not be asked.
pub type PeopleError = Box<dyn std::error::Error + Send + Sync>;

/// The people, as the room `access` keeps them.
///
/// [`Self::person`] and [`Self::sign_in`] are asked while a change of this room is under way, so they may read but never change the
/// control state: they would wait for their own caller.
#[async_trait]
pub trait People: Send + Sync + fmt::Debug {
    /// The person with the account `id`.
    ///
    /// # Errors
    /// Whatever kept them from being read; nothing is granted then.
    async fn person(&self, id: &str) -> Result<Option<Person>, PeopleError>;

    /// How the live session with the cookie `cookie` began; nothing where it is no session.
    ///
    /// # Errors
    /// Whatever kept it from being read.
    async fn sign_in(&self, cookie: &str) -> Result<Option<SignIn>, PeopleError>;

    /// Ends the session with the cookie `cookie`; nothing happens where it ended already.
    ///
    /// # Errors
    /// Whatever kept it from being ended.
    async fn sign_out(&self, cookie: &str) -> Result<(), PeopleError>;
}
