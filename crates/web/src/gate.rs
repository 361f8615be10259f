//! The gate: no request passes without a credential.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use tracing::Span;

use crate::origin::has_effect;
use crate::{
    AuthError, Authenticate, Authorize, Caller, ClientAddress, Credential, Origins, Problem,
};

/// What [`require_credential`] needs: who checks a credential, who judges what its holder may do, and which origins may use a cookie.
#[derive(Clone, Debug)]
pub struct Gate {
    authenticate: Arc<dyn Authenticate>,
    authorize: Arc<dyn Authorize>,
    origins: Origins,
}

impl Gate {
    /// A gate that lets through whom `authenticate` knows, to be judged by `authorize`.
    #[must_use]
    pub fn new(
        authenticate: Arc<dyn Authenticate>,
        authorize: Arc<dyn Authorize>,
        origins: Origins,
    ) -> Self {
        Self {
            authenticate,
            authorize,
            origins,
        }
    }

    /// Who sends the request with `parts`.
    ///
    /// # Errors
    /// A problem with the code of what is wrong with its credential, or with where it came from.
    pub async fn admit(&self, parts: &Parts) -> Result<Caller, Problem> {
        let credential = Credential::from_headers(&parts.headers)
            .ok_or_else(|| AuthError::Missing.into_problem())?;
        let client = ClientAddress::from_extensions(&parts.extensions);
        let principal = self
            .authenticate
            .authenticate(credential, client)
            .await
            .map_err(AuthError::into_problem)?;
        if matches!(credential, Credential::Session(_)) && has_effect(parts) {
            self.origins.require(parts)?;
        }
        Ok(Caller::new(principal, client, Arc::clone(&self.authorize)))
    }
}

/// Middleware that lets a request through once its credential is known, and gives the handler its [`Caller`].
///
/// Put it around the routes with `route_layer(axum::middleware::from_fn_with_state(gate, require_credential))`.
pub async fn require_credential(
    State(gate): State<Gate>,
    request: Request,
    next: Next,
) -> Response {
    let (mut parts, body) = request.into_parts();
    match gate.admit(&parts).await {
        Ok(caller) => {
            Span::current().record("principal", caller.id.as_str());
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(problem) => problem.into_response(),
    }
}
