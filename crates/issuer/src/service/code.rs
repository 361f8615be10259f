//! From a code, a refresh token or a client's own secret to tokens.

use trunkline_model::{Event, Timestamp};
use trunkline_store::Transaction;

use super::issuer::{DAY, Issuer};
use super::mint::{Order, TokenAnswer};
use crate::events::{Payload, TokenGranted};
use crate::jwt::sign;
use crate::model::{
    Approval, Client, Grant, GrantType, OFFLINE, Params, Refusal, split, without_people,
};
use crate::secret::{Purpose, Secret, encode, same, sha256};
use crate::store::code::{Code, find_code, spend_code};
use crate::store::grant::{insert_grant, live_of};
use crate::store::refresh::{find_refresh, insert_refresh, spend_refresh};
use crate::{IssuerError, Person};

/// Microseconds for which a code is good.
pub(super) const CODE_LIFE: i64 = 60_000_000;
/// Live grants that a client may have of one person; an older one is taken back.
const MAX_GRANTS: usize = 20;

impl Issuer {
    /// Exchanges an authorization code.
    pub(crate) async fn exchange_code(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<TokenAnswer, Refusal> {
        require(client, GrantType::AuthorizationCode)?;
        let missing = |name: &str| Refusal::invalid_request(format!("{name} is missing"));
        let code = params.get("code").ok_or_else(|| missing("code"))?;
        let verifier = params
            .get("code_verifier")
            .ok_or_else(|| missing("code_verifier"))?;
        let redirect_uri = params
            .get("redirect_uri")
            .ok_or_else(|| missing("redirect_uri"))?;
        let (now, digest) = (self.now(), Purpose::Code.digest(code));
        let mut transaction = self.store.begin().await?;
        let found = find_code(transaction.connection(), digest).await?;
        let Some(found) = found.filter(|found| found.approval.client == client.id) else {
            return Err(Refusal::invalid_grant("the code is not one of this client"));
        };
        if found.used.is_some() {
            // Somebody else has it too, and nobody can tell which of the two was the client (RFC 6749, section 4.1.2).
            self.take_back(
                &mut transaction,
                &found.grant,
                &found.approval,
                "code reused",
                now,
            )
            .await?;
            self.finish(transaction).await?;
            return Err(Refusal::invalid_grant(
                "the code was used already; its tokens were taken back",
            ));
        }
        check_code(&found, redirect_uri, verifier, now)?;
        let person = self.person_of(&found.approval).await?;
        spend_code(transaction.connection(), digest, now).await?;
        let grant = Grant {
            id: found.grant,
            approval: found.approval,
            created: now,
            revoked: None,
        };
        let answer = self
            .begin_grant(
                &mut transaction,
                client,
                &grant,
                &person,
                "authorization_code",
            )
            .await?;
        self.finish(transaction).await?;
        Ok(answer)
    }

    /// Writes a new grant and makes its first tokens.
    pub(super) async fn begin_grant(
        &self,
        transaction: &mut Transaction,
        client: &Client,
        grant: &Grant,
        person: &Person,
        flow: &'static str,
    ) -> Result<TokenAnswer, IssuerError> {
        let (approval, now) = (&grant.approval, grant.created);
        let live = live_of(transaction.connection(), client.id, &approval.subject).await?;
        for old in live.iter().skip(MAX_GRANTS - 1) {
            self.take_back(transaction, old, approval, "too many grants", now)
                .await?;
        }
        insert_grant(transaction.connection(), grant).await?;
        let offline = approval.scopes.iter().any(|scope| scope == OFFLINE);
        let refresh = if offline && client.may(GrantType::RefreshToken) {
            Some(self.new_refresh(transaction, &grant.id, now).await?)
        } else {
            None
        };
        let order = Order {
            client,
            grant,
            person,
            scopes: &approval.scopes,
            refresh,
            flow,
            now,
        };
        self.mint(transaction, order).await
    }

    /// Exchanges a refresh token for new tokens, a new refresh token among them.
    pub(crate) async fn exchange_refresh(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<TokenAnswer, Refusal> {
        require(client, GrantType::RefreshToken)?;
        let text = params
            .get("refresh_token")
            .ok_or_else(|| Refusal::invalid_request("refresh_token is missing"))?;
        let (now, digest) = (self.now(), Purpose::Refresh.digest(text));
        let mut transaction = self.store.begin().await?;
        let found = find_refresh(transaction.connection(), digest).await?;
        let Some(found) = found.filter(|found| found.grant.approval.client == client.id) else {
            return Err(Refusal::invalid_grant(
                "the refresh token is not one of this client",
            ));
        };
        let (grant, approval) = (&found.grant, &found.grant.approval);
        if grant.revoked.is_some() {
            return Err(Refusal::invalid_grant("the refresh token was taken back"));
        }
        if found.used.is_some() {
            self.take_back(
                &mut transaction,
                &grant.id,
                approval,
                "refresh token reused",
                now,
            )
            .await?;
            self.finish(transaction).await?;
            return Err(Refusal::invalid_grant(
                "the refresh token was used already; all tokens of this sign-in were taken back",
            ));
        }
        let idle = i64::from(self.config.refresh_idle_days) * DAY;
        let longest = i64::from(self.config.refresh_max_days) * DAY;
        if now.micros_since(found.made) >= idle || now.micros_since(grant.created) >= longest {
            return Err(Refusal::invalid_grant("the refresh token has expired"));
        }
        let person = match self.person_of(approval).await {
            Err(refusal) if refusal.error == "invalid_grant" => {
                self.take_back(
                    &mut transaction,
                    &grant.id,
                    approval,
                    "account disabled",
                    now,
                )
                .await?;
                self.finish(transaction).await?;
                return Err(refusal);
            }
            other => other?,
        };
        // What an owner took from the client since is not renewed.
        let mut scopes = client.allowed(approval.scopes.clone());
        if let Some(wanted) = params.get("scope") {
            let wanted = split(wanted);
            if !wanted.iter().all(|scope| scopes.contains(scope)) {
                return Err(Refusal::new(
                    "invalid_scope",
                    "the person did not give all of these scopes",
                ));
            }
            scopes = wanted;
        }
        spend_refresh(transaction.connection(), digest, now).await?;
        let refresh = Some(self.new_refresh(&mut transaction, &grant.id, now).await?);
        let order = Order {
            client,
            grant,
            person: &person,
            scopes: &scopes,
            refresh,
            flow: "refresh_token",
            now,
        };
        let answer = self.mint(&mut transaction, order).await?;
        transaction.commit().await?;
        Ok(answer)
    }

    /// Gives a client a token for itself. No row is written, so that it is as fast as a signature.
    pub(crate) async fn client_credentials(
        &self,
        client: &Client,
        params: &Params,
    ) -> Result<TokenAnswer, Refusal> {
        require(client, GrantType::ClientCredentials)?;
        let own = without_people(client.settings.scopes.clone());
        let scopes = match params.get("scope") {
            None => own,
            Some(wanted) => {
                let wanted = split(wanted);
                if !wanted.iter().all(|scope| own.contains(scope)) {
                    let text = "the client may not have all of these scopes, or they need a person";
                    return Err(Refusal::new("invalid_scope", text));
                }
                wanted
            }
        };
        let now = self.now();
        let claims = self.access_claims(client, &client.id.to_string(), &scopes, now);
        let access_token = sign(&self.ring(), &claims, now)?;
        let payload = TokenGranted {
            client: &claims.client_id,
            subject: &claims.sub,
            flow: "client_credentials",
            grant: None,
            token: &claims.jti,
            scopes: &claims.scope,
            audience: &claims.aud,
        };
        let event = Event::platform(
            "issuer",
            TokenGranted::KIND,
            &claims.client_id,
            now,
            &*self.ids,
            &payload,
        )
        .map_err(IssuerError::from)?;
        self.record_later(event).await?;
        Ok(TokenAnswer {
            access_token,
            token_type: "Bearer",
            expires_in: claims.exp - claims.iat,
            scope: claims.scope,
            refresh_token: None,
            id_token: None,
        })
    }

    async fn new_refresh(
        &self,
        transaction: &mut Transaction,
        grant: &str,
        now: Timestamp,
    ) -> Result<Secret, IssuerError> {
        let secret = Purpose::Refresh.make(&*self.ids);
        let digest = Purpose::Refresh.digest(secret.reveal());
        insert_refresh(transaction.connection(), digest, grant, now).await?;
        Ok(secret)
    }

    /// The person who gave `approval`, unless they are gone.
    pub(super) async fn person_of(&self, approval: &Approval) -> Result<Person, Refusal> {
        let person = self
            .people
            .person(&approval.subject)
            .await
            .map_err(IssuerError::People)?;
        person
            .filter(|person| !person.disabled)
            .ok_or_else(|| Refusal::invalid_grant("the account is disabled or gone"))
    }
}

/// Nothing where `client` may come by tokens in the way `grant`.
pub(super) fn require(client: &Client, grant: GrantType) -> Result<(), Refusal> {
    if client.may(grant) {
        return Ok(());
    }
    Err(Refusal::new(
        "unauthorized_client",
        "the client may not come by tokens in this way",
    ))
}

fn check_code(
    code: &Code,
    redirect_uri: &str,
    verifier: &str,
    now: Timestamp,
) -> Result<(), Refusal> {
    if now.micros_since(code.created) >= CODE_LIFE {
        return Err(Refusal::invalid_grant("the code has expired"));
    }
    if code.redirect_uri != redirect_uri {
        return Err(Refusal::invalid_grant(
            "redirect_uri is not the one that the code was sent to",
        ));
    }
    let challenge = encode(&sha256(&[verifier.as_bytes()]));
    if !is_verifier(verifier) || !same(challenge.as_bytes(), code.challenge.as_bytes()) {
        return Err(Refusal::invalid_grant(
            "code_verifier does not fit the code_challenge",
        ));
    }
    Ok(())
}

fn is_verifier(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    (43..=128).contains(&text.len()) && text.bytes().all(plain)
}
