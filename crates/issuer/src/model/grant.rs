//! What a person let a client have.

use trunkline_model::Timestamp;

use super::ClientId;

/// A person's yes: everything that the tokens of it are made from.
#[derive(Clone, Debug)]
pub(crate) struct Approval {
    /// The client that may have tokens.
    pub(crate) client: ClientId,
    /// The person's account.
    pub(crate) subject: String,
    /// What the tokens may be used for.
    pub(crate) scopes: Vec<String>,
    /// The session in which they said it.
    pub(crate) session: String,
    /// When they signed in.
    pub(crate) auth_time: Timestamp,
    /// How they signed in.
    pub(crate) methods: Vec<String>,
    /// What the client wants to find in its ID token.
    pub(crate) nonce: Option<String>,
}

/// An approval that tokens were made from. All tokens of it live and die together.
#[derive(Clone, Debug)]
pub(crate) struct Grant {
    /// Its id.
    pub(crate) id: String,
    /// What was approved.
    pub(crate) approval: Approval,
    /// When the first token was made.
    pub(crate) created: Timestamp,
    /// When it was taken back.
    pub(crate) revoked: Option<Timestamp>,
}
