//! The artifacts: opening, looking at them, and links to them.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use tokio::sync::{Mutex, Semaphore};
use trunkline_authority::Authority;
use trunkline_model::{Clock, IdGen, Timestamp};
use trunkline_store::Store;

use crate::folder::Folder;
use crate::link::LinkKey;
use crate::model::subject;
use crate::signer::Signer;
use crate::space::Space;
use crate::store::{self, MIGRATIONS};
use crate::{Artifact, ArtifactConfig, ArtifactError, ArtifactPage, InUse, Link};

/// The most entries of one page.
const PAGE: u32 = 1_000;

/// What the artifacts stand on.
#[derive(Debug)]
pub struct ArtifactParts {
    /// Where what is known of them is kept.
    pub store: Store,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives ids and secrets.
    pub ids: Arc<dyn IdGen>,
    /// Issues the certificate of the key that signs.
    pub authority: Arc<Authority>,
    /// Knows which jobs use them.
    pub in_use: Arc<dyn InUse>,
    /// The folder for their content.
    pub folder: PathBuf,
    /// Where devices reach the platform, such as `https://trunkline.example`.
    pub base: String,
}

/// Signed artifacts for updates over the air.
#[derive(Debug)]
pub struct Artifacts {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) in_use: Arc<dyn InUse>,
    pub(crate) folder: Folder,
    pub(crate) signer: Signer,
    pub(crate) links: LinkKey,
    pub(crate) space: Arc<Space>,
    pub(crate) max_bytes: u64,
    pub(crate) stall: Duration,
    pub(crate) uploads: Arc<Semaphore>,
    pub(crate) downloads: Arc<Semaphore>,
    /// Whoever changes the table and the folder together holds it.
    pub(crate) turn: Mutex<()>,
    /// All of them, by name and version. The table is read at the start alone.
    pub(crate) index: RwLock<BTreeMap<String, Arc<Artifact>>>,
    base: String,
    link_seconds: i64,
}

impl Artifacts {
    /// The artifacts in the table in `parts.store`, which is brought up to date, and in the folder, from which goes away what a crash left
    /// there. At the first start the key that signs is made.
    ///
    /// # Errors
    /// [`ArtifactError`] when the table or the folder cannot be used, or the key cannot be made.
    pub async fn open(
        config: &ArtifactConfig,
        parts: ArtifactParts,
    ) -> Result<Arc<Self>, ArtifactError> {
        let ArtifactParts {
            store, clock, ids, ..
        } = parts;
        store.migrate("artifact", MIGRATIONS).await?;
        let (signer, links) = Signer::open(&store, &parts.authority, clock.now(), &*ids).await?;
        let mut reader = store
            .readers()
            .acquire()
            .await
            .map_err(trunkline_store::StoreError::from)?;
        let all = store::all(&mut reader).await?;
        drop(reader);
        // The same content may have several names, and lies there once.
        let known: HashMap<String, u64> = all
            .iter()
            .map(|one| (one.sha256.clone(), one.bytes))
            .collect();
        let taken = known.values().sum();
        let path = parts.folder;
        let opening = tokio::task::spawn_blocking(move || Folder::open(path, &known));
        let folder = opening.await.map_err(|_| ArtifactError::Stopped)??;
        let index = all.into_iter().map(|one| (one.subject(), Arc::new(one)));
        Ok(Arc::new(Self {
            store,
            clock,
            ids,
            in_use: parts.in_use,
            folder,
            signer,
            links,
            space: Space::new(config.max_total_bytes, taken),
            max_bytes: config.max_bytes,
            stall: Duration::from_secs(config.stall_seconds.into()),
            uploads: Arc::new(Semaphore::new(config.max_uploads)),
            downloads: Arc::new(Semaphore::new(config.max_downloads)),
            turn: Mutex::default(),
            index: RwLock::new(index.collect()),
            base: parts.base.trim_end_matches('/').to_owned(),
            link_seconds: config.link_seconds.into(),
        }))
    }

    /// One artifact, if there is one of this name and version.
    #[must_use]
    pub fn find(&self, name: &str, version: &str) -> Option<Arc<Artifact>> {
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        index.get(&subject(name, version)).cloned()
    }

    /// One artifact.
    ///
    /// # Errors
    /// [`ArtifactError::Unknown`] where there is none of this name and version.
    pub fn artifact(&self, name: &str, version: &str) -> Result<Arc<Artifact>, ArtifactError> {
        let unknown = || ArtifactError::Unknown(subject(name, version).chars().take(160).collect());
        self.find(name, version).ok_or_else(unknown)
    }

    /// Artifacts in the order of texts such as `pump@1.4.0`, at most `count`, after where an earlier page ended; those of one name
    /// where one is given.
    #[must_use]
    pub fn list(&self, name: Option<&str>, after: &str, count: u32) -> ArtifactPage {
        let count = count.clamp(1, PAGE) as usize;
        let prefix = name.map_or_else(String::new, |name| subject(name, ""));
        let from = after.max(prefix.as_str());
        let index = self.index.read().unwrap_or_else(PoisonError::into_inner);
        let mut found = index
            .range::<str, _>((Bound::Excluded(from), Bound::Unbounded))
            .take_while(|(subject, _)| subject.starts_with(&prefix));
        let page: Vec<_> = found.by_ref().take(count).collect();
        let last = page.last().map(|(subject, _)| (*subject).clone());
        ArtifactPage {
            next: last.filter(|_| found.next().is_some()),
            artifacts: page
                .into_iter()
                .map(|(_, one)| Artifact::clone(one))
                .collect(),
        }
    }

    /// The certificate of the key that signs, and that of the authority above it, as PEM. Devices know the root above both.
    #[must_use]
    pub fn signer_chain(&self) -> &str {
        self.signer.chain()
    }

    /// A link to an artifact for one thing, good from `now` for as long as the configuration says; nothing where there is no such artifact.
    #[must_use]
    pub fn link(&self, thing: &str, name: &str, version: &str, now: Timestamp) -> Option<Link> {
        let artifact = self.find(name, version)?;
        let expires = now.as_micros().div_euclid(1_000_000) + self.link_seconds;
        Some(self.links.link(&self.base, &artifact, thing, expires))
    }

    /// The artifact that a link leads to, where the link is good now.
    pub(crate) fn linked(
        &self,
        name: &str,
        version: &str,
        thing: &str,
        expires: i64,
        seal: &str,
    ) -> Result<Arc<Artifact>, ArtifactError> {
        // Whoever has no good link does not learn what there is.
        let artifact = self.find(name, version).ok_or(ArtifactError::Link)?;
        self.links
            .check(&artifact, thing, expires, seal, self.clock.now())?;
        Ok(artifact)
    }
}

/// Does something to its end, also where whoever asked for it goes away: half of it must not be done.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, ArtifactError>> + Send + 'static,
) -> Result<T, ArtifactError> {
    tokio::spawn(work)
        .await
        .map_err(|_| ArtifactError::Stopped)?
}
