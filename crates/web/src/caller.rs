//! Who sent the request.

use std::ops::Deref;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use trunkline_model::action::ActionType;
use trunkline_model::{Principal, code};

use crate::{Authorize, ClientAddress, Decision, Problem, Question};

/// The principal whose credential the request carries.
///
/// A handler that takes it can only run behind [`crate::require_credential`]; elsewhere the request is refused.
#[derive(Clone, Debug)]
pub struct Caller {
    principal: Arc<Principal>,
    client: ClientAddress,
    authorize: Arc<dyn Authorize>,
}

impl Caller {
    /// The caller that `principal` is, who asks from `client` and is judged by `authorize`.
    #[must_use]
    pub fn new(principal: Principal, client: ClientAddress, authorize: Arc<dyn Authorize>) -> Self {
        Self {
            principal: Arc::new(principal),
            client,
            authorize,
        }
    }

    /// Where the request came from.
    #[must_use]
    pub const fn client(&self) -> ClientAddress {
        self.client
    }

    /// Who judges what the caller may do.
    #[must_use]
    pub fn authorize(&self) -> &Arc<dyn Authorize> {
        &self.authorize
    }

    /// Whether the caller might do `action` to the thing called `resource`, which belongs to `team` where it belongs to one. For what
    /// is shown or left out; nothing is noted.
    #[must_use]
    pub fn may_do(&self, action: &'static ActionType, resource: &str, team: Option<&str>) -> bool {
        let question = self.question(action, resource, team);
        self.authorize.judge(&question).is_allowed()
    }

    /// Whether the caller may do `action` to the thing called `resource`, which is about to be done.
    #[must_use]
    pub fn decide(&self, action: &'static ActionType, resource: &str) -> Decision {
        self.authorize
            .decide(&self.question(action, resource, None))
    }

    fn question<'a>(
        &'a self,
        action: &'static ActionType,
        resource: &'a str,
        team: Option<&'a str>,
    ) -> Question<'a> {
        Question {
            who: &self.principal,
            action,
            resource,
            team,
            client: self.client,
        }
    }

    /// Nothing where the caller may do `action` to the thing called `resource`; it is empty where the action is about all of them.
    ///
    /// # Errors
    /// `TL-ACCESS-003` with the reason where the caller may not.
    pub fn require(&self, action: &'static ActionType, resource: &str) -> Result<(), Problem> {
        self.decide(action, resource).require()
    }
}

impl Deref for Caller {
    type Target = Principal;

    fn deref(&self) -> &Principal {
        &self.principal
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _state: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(&code::ACCESS_NO_CREDENTIAL, "the request has no credential");
        parts.extensions.get::<Self>().cloned().ok_or_else(missing)
    }
}
