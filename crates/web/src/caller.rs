//! Who sent the request.

use std::ops::Deref;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use trunkline_model::{Principal, Scope, code};

use crate::Problem;

/// The principal whose credential the request carries.
///
/// A handler that takes it can only run behind [`crate::require_credential`]; elsewhere the request is refused.
#[derive(Clone, Debug)]
pub struct Caller(pub Principal);

impl Caller {
    /// Nothing where the caller has `scope`, or is an owner.
    ///
    /// # Errors
    /// `TL-ACCESS-003`, which names the missing scope.
    pub fn require(&self, scope: Scope) -> Result<(), Problem> {
        if self.0.may(scope) {
            return Ok(());
        }
        let name = match scope {
            Scope::Read => "read",
            Scope::Write => "write",
            Scope::Owner => "owner",
        };
        let detail = format!("{} lacks the scope `{name}`", self.0);
        Err(Problem::new(&code::ACCESS_FORBIDDEN, detail))
    }
}

impl Deref for Caller {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.0
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(&code::ACCESS_NO_CREDENTIAL, "the request has no credential");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}
