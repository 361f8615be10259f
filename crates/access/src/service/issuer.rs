//! Signing in at an issuer: who may come in, and what belonging to a group means here.

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Instant;

use trunkline_model::{Role, Timestamp};
use trunkline_store::Transaction;
use trunkline_web::ClientAddress;

use super::Access;
use crate::events::PersonChanged;
use crate::store::{
    AccountRow, active_owners, find_account, find_account_by_email, find_identity, find_team,
    insert_identity, update_account,
};
use crate::{AccessError, Account, NewSession};
use trunkline_proof::{Identity, Issuer, Purpose, Secret, check_name, fold_email};

const NO_GROUP: &str = "this identity is in no group that may sign in here";
const NO_DOMAIN: &str = "only verified emails of certain domains may sign in here";
const NO_ACCOUNT: &str = "there is no account for this identity";
const NO_LINK: &str = "an account has this email already, but nobody vouches that it is the same person; ask an owner to confirm the email";
const DISABLED: &str = "this account is disabled";

/// The longest address to go on to.
const MAX_NEXT: usize = 512;

/// A sign-in that goes on at the issuer.
#[derive(Debug)]
pub struct IssuerStart {
    /// Where the browser goes.
    pub url: String,
    /// The cookie that the answer must come with.
    pub browser: Secret,
}

/// What the issuer's answer says.
#[derive(Clone, Default)]
pub struct IssuerAnswer {
    /// The code that buys an ID token.
    pub code: Option<String>,
    /// Which sign-in it belongs to.
    pub state: Option<String>,
    /// Which issuer answers.
    pub iss: Option<String>,
}

impl std::fmt::Debug for IssuerAnswer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("IssuerAnswer(..)")
    }
}

impl Access {
    /// The ids and names of the issuers with which people may sign in.
    #[must_use]
    pub fn issuers(&self) -> Vec<(String, String)> {
        let list = self.issuers.list().iter();
        list.map(|issuer| (issuer.config.id.clone(), issuer.config.name.clone()))
            .collect()
    }

    /// Begins to sign in at the issuer `id`. People reach the platform at `base` and go on to `next` afterwards.
    ///
    /// # Errors
    /// [`AccessError::IssuerUnknown`], [`AccessError::IssuerFailed`], [`AccessError::RateLimited`].
    pub async fn begin_issuer_sign_in(
        &self,
        id: &str,
        base: &str,
        next: Option<&str>,
        client: ClientAddress,
    ) -> Result<IssuerStart, AccessError> {
        let issuer = self.issuers.find(id).ok_or(AccessError::IssuerUnknown)?;
        self.may_begin(client)?;
        let secret = || Purpose::Browser.make(&*self.ids);
        let (browser, state, nonce, verifier) = (secret(), secret(), secret(), secret());
        let redirect = format!(
            "{}/v1/session/oidc/{id}/callback",
            base.trim_end_matches('/')
        );
        let (url, pending) = issuer
            .begin(
                &redirect,
                state.reveal(),
                nonce.reveal(),
                verifier.reveal().into(),
                Purpose::Browser.digest(browser.reveal()),
                own_path(next).into(),
            )
            .await?;
        self.issuers
            .waiting
            .put(state.reveal().into(), pending, Instant::now());
        Ok(IssuerStart {
            url: url.into(),
            browser,
        })
    }

    /// Begins a session of whom the issuer `id` names, and says where to go on.
    ///
    /// # Errors
    /// [`AccessError::IssuerState`] when the answer belongs to no sign-in of this browser, [`AccessError::IssuerFailed`],
    /// [`AccessError::IssuerRefused`].
    pub async fn finish_issuer_sign_in(
        &self,
        id: &str,
        answer: IssuerAnswer,
        browser: Option<&str>,
        client: ClientAddress,
    ) -> Result<(NewSession, String), AccessError> {
        let issuer = self.issuers.find(id).ok_or(AccessError::IssuerUnknown)?;
        let (Some(state), Some(browser)) = (answer.state, browser) else {
            return Err(AccessError::IssuerState);
        };
        let pending = self.issuers.waiting.take(&state, Instant::now());
        let pending = pending
            .filter(|pending| {
                pending.issuer == id && pending.browser == Purpose::Browser.digest(browser)
            })
            .ok_or(AccessError::IssuerState)?;
        let Some(code) = answer.code else {
            return Err(AccessError::IssuerRefused(
                "the issuer did not let this person in",
            ));
        };
        let (next, now) = (pending.next.clone(), self.clock.now());
        let identity = issuer
            .finish(pending, code, answer.iss.as_deref(), now)
            .await?;
        match self.admit(issuer, &identity, client, now).await {
            Err(error @ AccessError::IssuerRefused(_)) => {
                self.tell_failure(client, "issuer", None).await?;
                Err(error)
            }
            other => Ok((other?, next)),
        }
    }

    async fn admit(
        &self,
        issuer: &Arc<Issuer>,
        identity: &Identity,
        client: ClientAddress,
        now: Timestamp,
    ) -> Result<NewSession, AccessError> {
        let email = identity
            .email
            .as_deref()
            .and_then(|email| fold_email(email).ok());
        let domains = &issuer.config.allowed_domains;
        let domain = email.as_deref().and_then(|email| email.split_once('@'));
        if !domains.is_empty()
            && !domain.is_some_and(|(_, domain)| {
                domains
                    .iter()
                    .any(|allowed| allowed.eq_ignore_ascii_case(domain))
            })
        {
            return Err(AccessError::IssuerRefused(NO_DOMAIN));
        }
        let role = role_of(issuer, &identity.groups);
        if role.is_none() && !issuer.config.groups.is_empty() {
            return Err(AccessError::IssuerRefused(NO_GROUP));
        }
        let mut transaction = self.store.begin().await?;
        let row = match self
            .known(&mut transaction, issuer, identity, email.as_deref())
            .await?
        {
            Some(row) => row,
            None => {
                self.join(&mut transaction, issuer, identity, email, role, now)
                    .await?
            }
        };
        if row.account.disabled {
            return Err(AccessError::IssuerRefused(DISABLED));
        }
        let account = self
            .follow_groups(&mut transaction, issuer, identity, row, role, now)
            .await?;
        let session = self
            .begin_account_session(&mut transaction, &account, &issuer.config.id, client, now)
            .await?;
        self.commit_and_forget(transaction).await?;
        Ok(session)
    }

    /// The account of an identity: the one that it signed in to before, else the one with the same email, if somebody vouches for both.
    async fn known(
        &self,
        transaction: &mut Transaction,
        issuer: &Issuer,
        identity: &Identity,
        email: Option<&str>,
    ) -> Result<Option<AccountRow>, AccessError> {
        let (address, subject) = (issuer.address(), identity.subject.as_str());
        if let Some(id) = find_identity(transaction.connection(), address, subject).await? {
            return Ok(find_account(transaction.connection(), id).await?);
        }
        let Some(email) = email else {
            return Ok(None);
        };
        let Some(row) = find_account_by_email(transaction.connection(), email).await? else {
            return Ok(None);
        };
        if !row.verified {
            return Err(AccessError::IssuerRefused(NO_LINK));
        }
        insert_identity(transaction.connection(), address, subject, row.account.id).await?;
        Ok(Some(row))
    }

    async fn join(
        &self,
        transaction: &mut Transaction,
        issuer: &Issuer,
        identity: &Identity,
        email: Option<String>,
        role: Option<Role>,
        now: Timestamp,
    ) -> Result<AccountRow, AccessError> {
        let role = role.filter(|_| issuer.config.create_people);
        let role = role.ok_or(AccessError::IssuerRefused(NO_ACCOUNT))?;
        let account = Account {
            id: self.new_id(now),
            name: name_of(identity, email.as_deref()),
            email,
            role,
            disabled: false,
        };
        self.add_person(transaction, &account, true, &issuer.config.id, now)
            .await?;
        insert_identity(
            transaction.connection(),
            issuer.address(),
            &identity.subject,
            account.id,
        )
        .await?;
        Ok(AccountRow {
            account,
            verified: true,
            password: None,
            totp: false,
        })
    }

    /// Gives a person the role and teams that its groups mean. Teams that no group names are left alone, and the last owner stays one.
    async fn follow_groups(
        &self,
        transaction: &mut Transaction,
        issuer: &Issuer,
        identity: &Identity,
        mut row: AccountRow,
        role: Option<Role>,
        now: Timestamp,
    ) -> Result<Account, AccessError> {
        let groups = &issuer.config.groups;
        let Some(role) = role.filter(|_| !groups.is_empty()) else {
            return Ok(row.account);
        };
        let (id, by) = (row.account.id.to_string(), issuer.config.id.as_str());
        let last_owner =
            row.account.role == Role::Owner && active_owners(transaction.connection()).await? <= 1;
        if role != row.account.role && !last_owner {
            row.account.role = role;
            update_account(transaction.connection(), &row, now).await?;
            let payload = PersonChanged {
                account: row.account.id,
                name: &row.account.name,
                role,
                by,
            };
            self.record(transaction, &id, now, &payload).await?;
        }
        let mine: BTreeSet<&String> = identity
            .groups
            .iter()
            .filter_map(|group| groups.get(group))
            .flat_map(|group| &group.teams)
            .collect();
        let managed: BTreeSet<&String> = groups.values().flat_map(|group| &group.teams).collect();
        for name in managed {
            let team = find_team(transaction.connection(), name).await?;
            match (team, mine.contains(name)) {
                (Some(team), true) => {
                    self.put_into(transaction, (team, name), &id, by, now)
                        .await?;
                }
                (Some(team), false) => {
                    self.take_out(transaction, (team, name), &id, by, now)
                        .await?;
                }
                (None, true) => {
                    let team = self.make_team(transaction, name, by, now).await?;
                    self.put_into(transaction, (team, name), &id, by, now)
                        .await?;
                }
                (None, false) => {}
            }
        }
        Ok(row.account)
    }
}

/// The highest role of the groups, else the issuer's default.
fn role_of(issuer: &Issuer, groups: &[String]) -> Option<Role> {
    let mapped = groups
        .iter()
        .filter_map(|group| issuer.config.groups.get(group)?.role)
        .max();
    mapped.or(issuer.config.default_role)
}

/// A name that an account may have.
fn name_of(identity: &Identity, email: Option<&str>) -> String {
    let local = email.and_then(|email| email.split('@').next());
    let wanted = identity.name.as_deref().or(local).unwrap_or_default();
    let plain: String = wanted
        .chars()
        .map(|letter| {
            if letter.is_alphanumeric() || "._-".contains(letter) {
                letter
            } else {
                ' '
            }
        })
        .take(64)
        .collect();
    let plain = plain.split_whitespace().collect::<Vec<_>>().join(" ");
    if check_name(&plain).is_ok() {
        plain
    } else {
        "person".into()
    }
}

/// A path of this platform: an address of another one would make the sign-in page a trampoline.
fn own_path(next: Option<&str>) -> &str {
    let own = |path: &&str| {
        path.len() <= MAX_NEXT
            && path.starts_with('/')
            && !path.starts_with("//")
            && path
                .bytes()
                .all(|byte| byte.is_ascii_graphic() && byte != b'\\')
    };
    next.filter(own).unwrap_or("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_goes_on_only_within_the_platform() {
        assert_eq!(own_path(Some("/sql?q=1#top")), "/sql?q=1#top");
        for bad in [
            "",
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "/a\r\nSet-Cookie: b",
            "javascript:alert(1)",
            "/ü",
        ] {
            assert_eq!(own_path(Some(bad)), "/", "{bad}");
        }
        assert_eq!(own_path(None), "/");
    }

    #[test]
    fn a_name_is_made_of_what_the_issuer_says() {
        let identity = |name: Option<&str>| Identity {
            subject: "1".into(),
            email: None,
            name: name.map(Into::into),
            groups: Vec::new(),
        };
        assert_eq!(
            name_of(&identity(Some("Ada <b>Lovelace</b>")), None),
            "Ada b Lovelace b"
        );
        assert_eq!(name_of(&identity(None), Some("ada@example.com")), "ada");
        assert_eq!(name_of(&identity(Some("<>")), None), "person");
    }
}
