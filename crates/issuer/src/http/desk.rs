//! What the open handlers share, and who stands in front of them.

use std::sync::Arc;

use axum::extract::FromRef;
use axum::http::HeaderMap;
use trunkline_model::PrincipalKind;
use trunkline_web::{
    AuthError, Authenticate, ClientAddress, Credential, Origins, Problem, session_cookie,
};

use crate::Issuer;
use crate::service::Visitor;

#[derive(Clone, Debug)]
pub(super) struct Desk {
    pub(super) issuer: Arc<Issuer>,
    pub(super) authenticate: Arc<dyn Authenticate>,
    pub(super) origins: Origins,
}

impl FromRef<Desk> for Arc<Issuer> {
    fn from_ref(desk: &Desk) -> Self {
        Self::clone(&desk.issuer)
    }
}

/// Who a browser belongs to.
#[derive(Debug)]
pub(super) enum Who {
    /// Nobody is signed in.
    Nobody,
    /// Somebody who cannot sign in elsewhere: a session that was begun with an API token, or an account that was disabled.
    NotAPerson,
    /// A person, with the cookie of their session.
    Person(Box<Visitor>, String),
}

impl Desk {
    /// The person of a browser, by its session cookie alone: a token in `Authorization` is no person.
    pub(super) async fn who(
        &self,
        headers: &HeaderMap,
        client: ClientAddress,
    ) -> Result<Who, Problem> {
        let Some(cookie) = session_cookie(headers) else {
            return Ok(Who::Nobody);
        };
        let principal = match self
            .authenticate
            .authenticate(Credential::Session(cookie), client)
            .await
        {
            Ok(principal) => principal,
            Err(AuthError::Missing | AuthError::Invalid) => return Ok(Who::Nobody),
            Err(error) => return Err(error.into_problem()),
        };
        if principal.kind != PrincipalKind::Account {
            return Ok(Who::NotAPerson);
        }
        let Some(person) = self.issuer.welcome(&principal.id).await? else {
            return Ok(Who::NotAPerson);
        };
        let Some(sign_in) = self.issuer.sign_in_of(cookie).await? else {
            return Ok(Who::Nobody);
        };
        Ok(Who::Person(
            Box::new(Visitor { person, sign_in }),
            cookie.into(),
        ))
    }
}
