//! Whose account is meant, and where people reach the platform.

use std::convert::Infallible;
use std::sync::Arc;

use axum::extract::{FromRef, FromRequestParts};
use axum::http::header;
use axum::http::request::Parts;
use axum::http::uri::Authority;
use trunkline_model::PrincipalKind;
use trunkline_model::action::ActionType;
use trunkline_web::{Caller, Problem, Reply};

use crate::{Access, AccessError, AccountId};

/// The account of a caller who is a person and may do `action` to it.
pub(super) fn person(caller: &Caller, action: &'static ActionType) -> Reply<AccountId> {
    caller.require(action, "")?;
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
