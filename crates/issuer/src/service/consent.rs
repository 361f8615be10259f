//! A person's yes.

use trunkline_model::Timestamp;

use super::authorize::AuthorizeRequest;
use super::code::CODE_LIFE;
use super::issuer::{Issuer, MINUTE};
use crate::events::ConsentGiven;
use crate::model::{Approval, ClientId, Refusal};
use crate::secret::{Purpose, Secret};
use crate::store::code::{Code, count_codes, insert_code};
use crate::store::consent::{consent, consented};
use crate::{IssuerError, Person, SignIn};

/// Codes that one person may have at the same time.
const MAX_CODES: i64 = 50;
/// Microseconds for which a page may be looked at before its button is pressed.
const PAGE_LIFE: i64 = 10 * MINUTE;

/// The person of a browser.
#[derive(Clone, Debug)]
pub(crate) struct Visitor {
    pub(crate) person: Person,
    pub(crate) sign_in: SignIn,
}

impl Visitor {
    /// The approval that this person gives `client`.
    pub(crate) fn approval(
        &self,
        client: ClientId,
        scopes: Vec<String>,
        nonce: Option<String>,
    ) -> Approval {
        Approval {
            client,
            subject: self.person.id.clone(),
            scopes,
            session: self.sign_in.session.clone(),
            auth_time: self.sign_in.at,
            methods: self.sign_in.methods.clone(),
            nonce,
        }
    }
}

impl Issuer {
    /// The person with the account `id`, unless they are disabled or gone.
    pub(crate) async fn welcome(&self, id: &str) -> Result<Option<Person>, IssuerError> {
        let person = self.people.person(id).await.map_err(IssuerError::People)?;
        Ok(person.filter(|person| !person.disabled))
    }

    /// How the session with this cookie began.
    pub(crate) async fn sign_in_of(&self, cookie: &str) -> Result<Option<SignIn>, IssuerError> {
        self.people
            .sign_in(cookie)
            .await
            .map_err(IssuerError::People)
    }

    /// Ends the session with this cookie, and what was granted in it.
    pub(crate) async fn sign_out(&self, cookie: &str) -> Result<(), IssuerError> {
        if let Some(sign_in) = self.sign_in_of(cookie).await? {
            self.people
                .sign_out(cookie)
                .await
                .map_err(IssuerError::People)?;
            self.end_session(&sign_in.session).await?;
        }
        Ok(())
    }

    /// What the person let the client have before.
    pub(crate) async fn consented(
        &self,
        person: &str,
        client: ClientId,
    ) -> Result<Vec<String>, IssuerError> {
        Ok(consented(self.store.readers(), person, client).await?)
    }

    /// Writes a code for the visitor's approval. `asked` says that they pressed the button for it just now.
    pub(crate) async fn approve(
        &self,
        request: &AuthorizeRequest,
        visitor: &Visitor,
        asked: bool,
    ) -> Result<Secret, Refusal> {
        let (now, account) = (self.now(), &visitor.person.id);
        let secret = Purpose::Code.make(&*self.ids);
        let code = Code {
            grant: format!("gra_{}", self.ids.ulid(now)),
            approval: visitor.approval(
                request.client.id,
                request.scopes.clone(),
                request.nonce.clone(),
            ),
            redirect_uri: request.redirect_uri.clone(),
            challenge: request.challenge.clone(),
            created: now,
            used: None,
        };
        let mut transaction = self.store.begin().await?;
        let connection = transaction.connection();
        let since = now.plus_micros(-CODE_LIFE);
        if count_codes(connection, account, since).await? >= MAX_CODES {
            return Err(Refusal::new(
                "temporarily_unavailable",
                "too many sign-ins at once",
            ));
        }
        insert_code(connection, Purpose::Code.digest(secret.reveal()), &code).await?;
        if asked {
            consent(connection, account, request.client.id, &request.scopes, now).await?;
            let payload = ConsentGiven {
                client: request.client.id,
                account,
                scopes: &request.scopes,
                method: "browser",
            };
            self.record(&mut transaction, account, now, &payload)
                .await?;
        }
        transaction.commit().await?;
        Ok(secret)
    }

    /// What the form of a page must carry.
    pub(crate) fn seal(&self, cookie: &str, page: &str, request: &str) -> String {
        let until: Timestamp = self.now().plus_micros(PAGE_LIFE);
        self.forms.seal(cookie, page, request, until.as_micros())
    }

    /// Whether a form came from our own page, in the same session, for the same request, and not too late.
    pub(crate) fn holds(&self, seal: &str, cookie: &str, page: &str, request: &str) -> bool {
        self.forms
            .holds(seal, cookie, page, request, self.now().as_micros())
    }
}
