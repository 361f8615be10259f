//! People.

use serde::Serialize;
use trunkline_model::{Principal, PrincipalKind, Role, Scope, Timestamp};
use utoipa::ToSchema;

use super::AccountId;

/// A person who may sign in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Its id.
    pub id: AccountId,
    /// The name that people know it by.
    pub name: String,
    /// Its email, without capitals.
    pub email: Option<String>,
    /// What it is in the team.
    pub role: Role,
    /// Whether it may not come in any more.
    pub disabled: bool,
}

/// A person as the team sees it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Person {
    /// The account's id.
    #[schema(value_type = String, example = "acc_01JD9Z6T3S8Q4H5W2E7R1Y0UAB")]
    pub id: AccountId,
    /// The name that people know it by.
    pub name: String,
    /// Its email, without capitals.
    #[schema(required = true)]
    pub email: Option<String>,
    /// `viewer`, `developer`, `operator` or `owner`.
    #[schema(value_type = String, example = "developer")]
    pub role: Role,
    /// The teams that it belongs to, in the order of the alphabet.
    pub teams: Vec<String>,
    /// When it joined.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// When it was last seen, to the minute; null where it never was.
    #[schema(value_type = Option<String>, format = DateTime, required = true)]
    pub last_seen: Option<Timestamp>,
    /// Whether it may not come in any more.
    pub disabled: bool,
    /// Whether it has a password.
    pub password: bool,
    /// Whether it is asked for the code of an authenticator app.
    pub totp: bool,
    /// How many passkeys it has.
    pub passkeys: u32,
}

/// A person as the sender of a request. A session has no ceiling: the role and the policies say what its person may do.
pub(crate) fn person_principal(
    id: String,
    name: String,
    role: Role,
    teams: Vec<String>,
) -> Principal {
    let mut principal = Principal::new(PrincipalKind::Account, id, name, vec![Scope::Owner]);
    principal.role = role;
    principal.teams = teams;
    principal
}
