//! Who asks: the identity that every request carries once it has shown a credential.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What kind of identity a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PrincipalKind {
    /// A person with a session.
    Account,
    /// A program with an API token of its own.
    Token,
    /// A program that acts under a service account.
    Service,
    /// A task of continuous integration, for as long as it runs.
    Job,
    /// The platform itself.
    Platform,
}

/// What a person or program is in the team. Each role may do what the ones before it may.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Reads what the team shares.
    #[default]
    Viewer,
    /// Builds and ships services, and sends events.
    Developer,
    /// Runs the platform: routes, devices, alarms.
    Operator,
    /// Decides who belongs to the team and what may be erased.
    Owner,
}

impl Role {
    /// Every role, the least first.
    pub const ALL: [Self; 4] = [Self::Viewer, Self::Developer, Self::Operator, Self::Owner];

    /// Its name in files, in the API and in policies.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Viewer => "viewer",
            Self::Developer => "developer",
            Self::Operator => "operator",
            Self::Owner => "owner",
        }
    }

    /// The role with the name `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.name() == name)
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// The ceiling of a credential: what it may be used for at most, whatever its holder's role allows.
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

impl Scope {
    /// The scope with the name `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        [Self::Write, Self::Read, Self::Owner]
            .into_iter()
            .find(|scope| scope.name() == name)
    }

    /// Its name in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Write => "write",
            Self::Read => "read",
            Self::Owner => "owner",
        }
    }
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
    /// What it is in the team.
    pub role: Role,
    /// The teams that it belongs to, by name, in the order of the alphabet.
    pub teams: Vec<String>,
    /// The ceiling of the credential that it showed.
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
            role: Role::Owner,
            teams: Vec::new(),
            scopes: vec![Scope::Owner],
        }
    }

    /// A principal that is in no team. Whose credential has the scope `owner` is an owner, everybody else a developer.
    #[must_use]
    pub fn new(
        kind: PrincipalKind,
        id: impl Into<String>,
        name: impl Into<String>,
        scopes: Vec<Scope>,
    ) -> Self {
        let role = if scopes.contains(&Scope::Owner) {
            Role::Owner
        } else {
            Role::Developer
        };
        Self {
            kind,
            id: id.into(),
            name: name.into(),
            role,
            teams: Vec::new(),
            scopes,
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
