//! Who sent a request: API keys and sessions of `access`, tokens of issuers.

use std::net::IpAddr;
use std::sync::Arc;

use http::{HeaderMap, HeaderValue, header, request};
use trunkline_access::{Access, AccessError, KnownCredential};
use trunkline_admission::{Claims, TokenVerifier};
use trunkline_gateway::{Admission, Admit, Admitted, AuthMethod, Denied, Need};
use trunkline_model::{Clock, Coded as _, action, code};
use trunkline_web::{
    Authorize, ClientAddress, Decision, KEY_HEADER, Question, TOKEN_PREFIX, session_cookie,
};

use crate::remembered::Remembered;

/// Reads credentials.
#[derive(Clone, Debug)]
pub(crate) struct Door(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    access: Arc<Access>,
    tokens: Arc<TokenVerifier>,
    permits: Arc<dyn Authorize>,
    clock: Arc<dyn Clock>,
    holders: Remembered<KnownCredential>,
    claims: Remembered<Claims>,
}

/// A credential of a request.
enum Shown {
    Key(String),
    Token(String),
    Session(String),
}

impl Door {
    /// A door that knows the keys and sessions of `access` and the tokens that `tokens` verifies, and asks `permits` who may call what.
    pub(crate) fn new(
        access: Arc<Access>,
        tokens: Arc<TokenVerifier>,
        permits: Arc<dyn Authorize>,
        clock: Arc<dyn Clock>,
    ) -> Self {
        Self(Arc::new(Shared {
            access,
            tokens,
            permits,
            clock,
            holders: Remembered::default(),
            claims: Remembered::default(),
        }))
    }
}

impl Admit for Door {
    fn admit(&self, request: &request::Parts, need: &Need, client: IpAddr) -> Admission {
        let Some(shown) = shown(&request.headers, &need.methods) else {
            let detail = "this route needs a credential, and the request has none of the kinds that it takes";
            return Admission::Now(Err(challenged(Denied::new(
                &code::ACCESS_NO_CREDENTIAL,
                detail,
            ))));
        };
        let client = ClientAddress(client);
        if let Some(known) = self.0.known(&shown, need, client) {
            return Admission::Now(known);
        }
        let (shared, need) = (Arc::clone(&self.0), need.clone());
        Admission::Later(Box::pin(async move {
            shared.look_up(shown, &need, client).await
        }))
    }
}

/// The first credential of one of the kinds `methods`.
fn shown(headers: &HeaderMap, methods: &[AuthMethod]) -> Option<Shown> {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    let bearer = text(header::AUTHORIZATION.as_str()).and_then(|value| {
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
    });
    let takes = |method| methods.contains(&method);
    let key = text(KEY_HEADER).or(bearer.filter(|token| token.starts_with(TOKEN_PREFIX)));
    if let Some(key) = key.filter(|_| takes(AuthMethod::Key)) {
        return Some(Shown::Key(key.to_owned()));
    }
    if let Some(token) =
        bearer.filter(|token| takes(AuthMethod::Jwt) && !token.starts_with(TOKEN_PREFIX))
    {
        return Some(Shown::Token(token.to_owned()));
    }
    let cookie = session_cookie(headers).filter(|_| takes(AuthMethod::Session));
    cookie.map(|cookie| Shown::Session(cookie.to_owned()))
}

impl Shared {
    /// The answer, where it lies in memory.
    fn known(
        &self,
        shown: &Shown,
        need: &Need,
        client: ClientAddress,
    ) -> Option<Result<Arc<Admitted>, Denied>> {
        match shown {
            Shown::Key(text) => {
                let holder = self.access.known_token(text)?;
                Some(self.holder("key", &holder, need, client))
            }
            Shown::Token(text) => {
                let claims = self.tokens.verify_cached(text, self.clock.now())?;
                Some(self.claimed(&claims, need))
            }
            Shown::Session(_) => None,
        }
    }

    async fn look_up(
        &self,
        shown: Shown,
        need: &Need,
        client: ClientAddress,
    ) -> Result<Arc<Admitted>, Denied> {
        match shown {
            Shown::Key(text) => {
                let holder = self.access.look_up_token(&text, client).await;
                let holder = holder.map_err(|error| of_access(&error))?;
                self.holder("key", &holder, need, client)
            }
            Shown::Session(cookie) => {
                let holder = self.access.look_up_session(&cookie, client).await;
                let holder = holder.map_err(|error| of_access(&error))?;
                self.holder("session", &holder, need, client)
            }
            Shown::Token(text) => match self.tokens.verify(&text, self.clock.now()).await {
                Ok(claims) => self.claimed(&claims, need),
                Err(error) => Err(challenged(Denied::new(error.code(), error.to_string()))),
            },
        }
    }

    fn holder(
        &self,
        method: &'static str,
        holder: &Arc<KnownCredential>,
        need: &Need,
        client: ClientAddress,
    ) -> Result<Arc<Admitted>, Denied> {
        let principal = &holder.principal;
        let has = |scope: &str| {
            trunkline_model::Scope::named(scope).is_some_and(|scope| principal.may(scope))
        };
        scoped(need, has)?;
        let decision = self.permits.decide(&Question {
            who: principal,
            action: &action::ROUTE_CALL,
            resource: &need.route,
            team: need.team.as_deref(),
            client,
        });
        if let Decision::Deny(reason) = decision {
            return Err(Denied::new(&code::ACCESS_FORBIDDEN, reason));
        }
        Ok(self.holders.get(holder, |holder| {
            let principal = &holder.principal;
            let scopes: Vec<String> = principal
                .scopes
                .iter()
                .map(|scope| scope.name().to_owned())
                .collect();
            let key = (method == "key").then(|| holder.id.clone());
            Admitted::new(method, principal.id.clone(), &principal.name, &scopes).with(key, None)
        }))
    }

    fn claimed(&self, claims: &Arc<Claims>, need: &Need) -> Result<Arc<Admitted>, Denied> {
        if !need.issuers.is_empty() && !need.issuers.iter().any(|name| **name == *claims.issuer) {
            let detail = "this route does not take tokens of this issuer";
            return Err(Denied::new(&code::ACCESS_FORBIDDEN, detail));
        }
        scoped(need, |scope| claims.has_scope(scope))?;
        Ok(self.claims.get(claims, |claims| {
            let subject = format!("{}/{}", claims.issuer, claims.subject);
            let name = claims.raw.get("name").and_then(|name| name.as_str());
            let scopes: Vec<String> = claims.scopes.iter().map(ToString::to_string).collect();
            Admitted::new("jwt", subject, name.unwrap_or(&claims.subject), &scopes)
        }))
    }
}

/// Nothing where the credential has every scope that the route asks for.
fn scoped(need: &Need, has: impl Fn(&str) -> bool) -> Result<(), Denied> {
    match need.scopes.iter().find(|scope| !has(scope)) {
        None => Ok(()),
        Some(missing) => Err(Denied::new(
            &code::ACCESS_FORBIDDEN,
            format!("this route needs the scope `{missing}`"),
        )),
    }
}

fn of_access(error: &AccessError) -> Denied {
    let mut denied = Denied::new(error.code(), error.to_string());
    if let AccessError::RateLimited { retry_after } = error {
        denied.retry_after = Some(*retry_after);
        return denied;
    }
    challenged(denied)
}

fn challenged(mut denied: Denied) -> Denied {
    denied.challenge = Some(HeaderValue::from_static("Bearer"));
    denied
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    HeaderValue::from_static(value),
                )
            })
            .collect()
    }

    #[test]
    fn only_kinds_that_the_route_takes_are_read() {
        use AuthMethod::{Jwt, Key, Session};
        let all = headers(&[
            ("authorization", "Bearer a.b.c"),
            ("x-api-key", "tl_1"),
            ("cookie", "trunkline_session=s"),
        ]);
        assert!(matches!(shown(&all, &[Key, Jwt]), Some(Shown::Key(key)) if key == "tl_1"));
        assert!(matches!(shown(&all, &[Jwt]), Some(Shown::Token(token)) if token == "a.b.c"));
        assert!(matches!(shown(&all, &[Session]), Some(Shown::Session(cookie)) if cookie == "s"));
        let key = headers(&[("authorization", "bearer tl_2")]);
        assert!(matches!(shown(&key, &[Key]), Some(Shown::Key(key)) if key == "tl_2"));
        assert!(shown(&key, &[Jwt, Session]).is_none());
        assert!(shown(&headers(&[]), &[Key, Jwt, Session]).is_none());
    }
}
