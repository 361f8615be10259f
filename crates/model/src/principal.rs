//! Who asks: the identity that every request carries once it has shown a credential.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of identity a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A person with a session.
    Account,
    /// A program with an API token.
    Token,
    /// The platform itself.
    Platform,
}

/// What a principal may do, coarse; fine permissions come as policies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// May only send events.
    Write,
    /// May only read: SQL, tail, tables, system.
    Read,
    /// May do everything, tokens and erasure included.
    Owner,
}

/// An identity that has shown a credential.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Principal {
    /// Person, program or the platform.
    pub kind: PrincipalKind,
    /// The id of the account or token, with its prefix.
    pub id: String,
    /// The name that people know it by.
    pub name: String,
    /// What it may do.
    pub scopes: Vec<Scope>,
}

impl Principal {
    /// The platform's own identity, which may do everything.
    #[must_use]
    pub fn platform() -> Self {
        Self {
            kind: PrincipalKind::Platform,
            id: "platform".into(),
            name: "Trunkline".into(),
            scopes: vec![Scope::Owner],
        }
    }

    /// Whether it may do what `scope` names; an owner may do all.
    #[must_use]
    pub fn may(&self, scope: Scope) -> bool {
        self.scopes.contains(&Scope::Owner) || self.scopes.contains(&scope)
    }
}

impl fmt::Display for Principal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.name, self.id)
    }
}
