//! The mirrors of all repositories.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use tokio::sync::Semaphore;
use trunkline_model::{Clock, IdGen};
use trunkline_repository::check_ref_name;
use trunkline_scrutiny::AddressPolicy;
use trunkline_store::{Connection, Store, StoreError, outbox};

use crate::store::{self, MIGRATIONS};
use crate::{
    Direction, Hosting, Mirror, MirrorConfig, MirrorError, MirrorState, NewMirror, Secrets,
    WebhookInfo, address, event, webhook,
};

/// Webhooks that are read at once.
const WEBHOOKS: usize = 4;
/// Bytes of the name of a user or of a secret.
const NAME: usize = 100;

/// What mirrors stand on.
#[derive(Debug)]
pub struct MirrorParts {
    /// Where what is known is kept.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids.
    pub ids: Arc<dyn IdGen>,
    /// The repositories here.
    pub hosting: Arc<dyn Hosting>,
    /// What is shown to other sides.
    pub secrets: Arc<dyn Secrets>,
    /// Where people reach the platform, such as `https://trunkline.example`.
    pub base: String,
}

/// The mirrors.
#[derive(Debug)]
pub struct Mirrors {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) config: MirrorConfig,
    pub(crate) hosting: Arc<dyn Hosting>,
    pub(crate) secrets: Arc<dyn Secrets>,
    /// Mirrors that somebody wants looked after at once.
    pub(crate) wanted: Mutex<BTreeSet<String>>,
    /// When each is looked after again, and how often it failed in a row.
    pub(crate) next: Mutex<BTreeMap<String, (Instant, u32)>>,
    /// Webhooks that are read at once: who sends one has shown nothing yet.
    pub(crate) webhooks: Semaphore,
    /// Whoever makes or removes one holds it.
    turn: tokio::sync::Mutex<()>,
    base: String,
}

impl Mirrors {
    /// The mirrors over the table in `parts.store`, which is brought up to date.
    ///
    /// # Errors
    /// [`MirrorError`] where the table cannot be used.
    pub async fn open(config: &MirrorConfig, parts: MirrorParts) -> Result<Arc<Self>, MirrorError> {
        parts.store.migrate("mirror", MIGRATIONS).await?;
        Ok(Arc::new(Self {
            store: parts.store,
            clock: parts.clock,
            ids: parts.ids,
            config: config.clone(),
            hosting: parts.hosting,
            secrets: parts.secrets,
            wanted: Mutex::default(),
            next: Mutex::default(),
            webhooks: Semaphore::new(WEBHOOKS),
            turn: tokio::sync::Mutex::default(),
            base: parts.base.trim_end_matches('/').to_owned(),
        }))
    }

    /// Which addresses other sides may have.
    pub(crate) fn policy(&self) -> AddressPolicy {
        AddressPolicy {
            loopback: self.config.allow_private_addresses,
            private: self.config.allow_private_addresses,
            ranges: Vec::new(),
        }
    }

    pub(crate) async fn reader(
        &self,
    ) -> Result<impl std::ops::DerefMut<Target = Connection> + use<>, MirrorError> {
        let reader = self.store.readers().acquire().await;
        Ok(reader.map_err(StoreError::from)?)
    }

    /// The mirror of a repository, and what its webhook shows. One of a repository that is gone is none.
    pub(crate) async fn find(&self, repository: &str) -> Result<(Mirror, String), MirrorError> {
        let found = store::one(&mut *self.reader().await?, repository).await?;
        let found = found.filter(|(mirror, _)| self.is_of_one_that_is_there(mirror));
        found.ok_or_else(|| {
            let name: String = repository.chars().take(64).collect();
            MirrorError::Unknown(format!("mirror of `{name}`"))
        })
    }

    /// The mirror of a repository.
    ///
    /// # Errors
    /// [`MirrorError::Unknown`] where it has none.
    pub async fn mirror(&self, repository: &str) -> Result<Mirror, MirrorError> {
        Ok(self.find(repository).await?.0)
    }

    /// Makes the mirror of a repository, in place of the one that it has. It is looked after at once.
    ///
    /// # Errors
    /// [`MirrorError`] where there is no such repository, the address may not be gone to, or there are too many.
    pub async fn put(
        self: &Arc<Self>,
        repository: &str,
        wanted: NewMirror,
        by: &str,
    ) -> Result<(Mirror, WebhookInfo), MirrorError> {
        let mirror = self.check(repository, wanted)?;
        address::resolve(&address::read(&mirror.url)?, &self.policy()).await?;
        let _turn = self.turn.lock().await;
        let all = store::all(&mut *self.reader().await?).await?;
        let others = all.iter().filter(|one| one.repository != repository);
        if others.count() >= self.config.max_mirrors {
            return Err(MirrorError::Limit(self.config.max_mirrors));
        }
        let source = (mirror.direction == Direction::From).then(|| mirror.url.clone());
        self.hosting.set_follows(repository, source, by).await?;
        let secret = webhook::new_secret();
        let event = event::changed(&mirror, false, by, &*self.clock, &*self.ids)?;
        let mut transaction = self.store.begin().await?;
        store::put(transaction.connection(), &mirror, &secret).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.want(repository);
        let webhook = WebhookInfo {
            address: format!("{}/webhooks/git/{repository}", self.base),
            secret,
        };
        Ok((mirror, webhook))
    }

    fn check(&self, repository: &str, wanted: NewMirror) -> Result<Mirror, MirrorError> {
        let identity = self.hosting.identity(repository).ok_or_else(|| {
            let name: String = repository.chars().take(64).collect();
            MirrorError::Unknown(format!("repository `{name}`"))
        })?;
        let url = address::read(&wanted.url)?.to_string();
        check_ref_name(&format!("refs/heads/{}", wanted.branch))?;
        let secret = wanted.secret.filter(|name| !name.is_empty());
        for name in secret.iter().chain([&wanted.user]) {
            if name.len() > NAME || name.contains(|one: char| one.is_control() || one == ':') {
                return Err(MirrorError::Invalid(format!(
                    "the name of a user or a secret has at most {NAME} bytes and no colon"
                )));
            }
        }
        if let Some(name) = secret
            .as_ref()
            .filter(|name| self.secrets.secret(name).is_none())
        {
            return Err(MirrorError::Invalid(format!(
                "there is no secret `{name}`: start the platform with TRUNKLINE_SECRET_{name} in its environment"
            )));
        }
        Ok(Mirror {
            repository: repository.to_owned(),
            identity,
            direction: wanted.direction,
            url,
            branch: wanted.branch,
            user: wanted.user,
            secret,
            state: MirrorState::New,
            problem: None,
            commit: None,
            checked: None,
        })
    }

    /// Removes the mirror of a repository. Both sides stay as they are.
    ///
    /// # Errors
    /// [`MirrorError::Unknown`] where it has none.
    pub async fn remove(&self, repository: &str, by: &str) -> Result<(), MirrorError> {
        let _turn = self.turn.lock().await;
        let (mirror, _) = self.find(repository).await?;
        if self.hosting.bare(repository).is_some() {
            self.hosting.set_follows(repository, None, by).await?;
        }
        let event = event::changed(&mirror, true, by, &*self.clock, &*self.ids)?;
        let mut transaction = self.store.begin().await?;
        store::remove(transaction.connection(), repository).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(())
    }

    /// Whether its repository is there, and not another of the same name.
    pub(crate) fn is_of_one_that_is_there(&self, mirror: &Mirror) -> bool {
        let there = self.hosting.identity(&mirror.repository);
        there.as_ref() == Some(&mirror.identity)
    }

    /// Removes mirrors of repositories that are gone, and ends that one follows what no mirror of it names: a crash may have come between the two.
    pub(crate) async fn reconcile(&self) -> Result<(), MirrorError> {
        let _turn = self.turn.lock().await;
        let all = store::all(&mut *self.reader().await?).await?;
        let (there, gone): (Vec<_>, Vec<_>) = all
            .into_iter()
            .partition(|mirror| self.is_of_one_that_is_there(mirror));
        if !gone.is_empty() {
            let mut transaction = self.store.begin().await?;
            for mirror in &gone {
                store::remove(transaction.connection(), &mirror.repository).await?;
            }
            transaction.commit().await?;
        }
        for name in self.hosting.following() {
            let named =
                |mirror: &Mirror| mirror.repository == name && mirror.direction == Direction::From;
            if !there.iter().any(named) {
                self.hosting.set_follows(&name, None, "mirror").await?;
            }
        }
        Ok(())
    }

    /// Has a mirror looked after at once.
    pub(crate) fn want(&self, repository: &str) {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        wanted.insert(repository.to_owned());
    }
}
