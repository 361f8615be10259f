//! Who may do what at these addresses, and where people reach them.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use trunkline_model::{PrincipalKind, Scope};
use trunkline_web::{Caller, Problem, Reply};

use crate::{Access, AccessError, AccountId};

/// Nothing where the caller may see who belongs to the team.
pub(super) fn may_see_people(caller: &Caller) -> Reply<()> {
    caller.require(Scope::Read)
}

/// Nothing where the caller may change people and invite them.
pub(super) fn may_change_people(caller: &Caller) -> Reply<()> {
    caller.require(Scope::Owner)
}

/// Nothing where the caller may make teams and say who belongs to them.
pub(super) fn may_change_teams(caller: &Caller) -> Reply<()> {
    caller.require(Scope::Owner)
}

/// Nothing where the caller may make service accounts.
pub(super) fn may_change_services(caller: &Caller) -> Reply<()> {
    caller.require(Scope::Owner)
}

/// Nothing where the caller may see, make and revoke tokens.
pub(super) fn may_change_tokens(caller: &Caller) -> Reply<()> {
    caller.require(Scope::Owner)
}

/// Nothing where the caller may make a sign-in link.
pub(super) fn may_make_links(caller: &Caller) -> Reply<()> {
    caller.require(Scope::Owner)
}

/// The account of a caller who is a person.
pub(super) fn person(caller: &Caller) -> Reply<AccountId> {
    let id = match caller.kind {
        PrincipalKind::Account => caller.id.parse().ok(),
        _ => None,
    };
    id.ok_or_else(|| Problem::from(AccessError::NotAPerson))
}

/// Where people reach the platform: as it is configured, else as the caller reached it. Without a slash at its end.
pub(super) struct Base(pub(super) String);

impl<S: Send + Sync> FromRequestParts<S> for Base
where
    Arc<Access>: FromRef<S>,
{
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Infallible> {
        let access = Arc::<Access>::from_ref(state);
        if let Some(url) = access.public_url() {
            return Ok(Self(url.trim_end_matches('/').into()));
        }
        let host = || {
            parts
                .headers
                .get(header::HOST)
                .and_then(|value| value.to_str().ok())
        };
        let host = parts.uri.authority().map(Authority::as_str).or_else(host);
        Ok(Self(
            host.map_or_else(String::new, |host| format!("http://{host}")),
        ))
    }
}
