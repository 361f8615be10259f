//! The service: documents, their versions, and what was learnt.

use std::collections::{BTreeMap, BTreeSet};
use std::future::Future;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use serde::Serialize;
use trunkline_contract::{Change, Contract, Document, Seen, breaking, diff_on};
use trunkline_model::{Clock, Event, IdGen, Timestamp, catalogue};
use trunkline_store::{Store, outbox};

use crate::PortalError;
use crate::learned::Learned;
use crate::store::{Kept, MIGRATIONS, keep, learned, newest, write_learned};

/// How often what was learnt is written down.
const WRITE_EVERY: Duration = Duration::from_secs(30);
/// Changes that an event lists; the rest is counted.
const LISTED: usize = 50;

/// A document of the workspace.
#[derive(Clone, Debug)]
pub struct ApiFile {
    /// The service: the name of the folder that it lies in.
    pub service: String,
    /// Its text, JSON or YAML.
    pub text: String,
}

/// What a service promises.
#[derive(Clone, Debug)]
pub struct Promise {
    /// The document, in the form of OpenAPI 3.1.
    pub document: Arc<Document>,
    /// The document, ready to check requests; missing where a schema in it cannot be used.
    pub contract: Option<Arc<Contract>>,
    /// What is wrong with it.
    pub problems: Vec<String>,
}

/// A service in a list.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub(crate) struct Api {
    /// The service.
    #[schema(example = "orders")]
    pub(crate) service: String,
    /// The document's title; empty where there is none.
    pub(crate) title: String,
    /// The version that the document names.
    pub(crate) version: String,
    /// Operations that it has.
    pub(crate) operations: usize,
    /// What is wrong with it.
    pub(crate) problems: Vec<String>,
    /// Endpoints that traffic shows and the document does not have.
    pub(crate) learned: usize,
}

/// The data of the event that a document changed.
#[derive(Serialize)]
struct ApiChanged<'a> {
    service: &'a str,
    from: Option<&'a str>,
    to: &'a str,
    breaking: usize,
    changes: usize,
    listed: &'a [Change],
}

/// All documents.
#[derive(Debug)]
pub struct Portal {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    promises: RwLock<Arc<BTreeMap<String, Promise>>>,
    learned: Learned,
}

impl Portal {
    /// The portal on the tables in `store`, which are brought up to date.
    ///
    /// # Errors
    /// [`PortalError::Store`] when they cannot be used.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
    ) -> Result<Arc<Self>, PortalError> {
        store.migrate("portal", MIGRATIONS).await?;
        let mut reader = store.readers().acquire().await?;
        let states = learned(&mut reader).await?;
        drop(reader);
        Ok(Arc::new(Self {
            store,
            clock,
            ids,
            promises: RwLock::default(),
            learned: Learned::restore(states),
        }))
    }

    /// Takes the documents of the workspace, at once; a document that cannot be read leaves the last good one of its service in force.
    /// [`Self::keep_versions`] then writes new versions down.
    pub fn apply(&self, files: &[ApiFile]) {
        let before = self.promises();
        let mut promises = BTreeMap::new();
        for file in files {
            let promise = match Document::read(&file.text) {
                Ok(document) => {
                    let mut promise = promise(document);
                    // Where a promise cannot be compiled, the last one that could is held to.
                    if promise.contract.is_none() {
                        promise.contract = before
                            .get(&file.service)
                            .and_then(|last| last.contract.clone());
                    }
                    promise
                }
                Err(error) => {
                    tracing::warn!(service = file.service, %error, "an API document is not used");
                    let Some(last) = before.get(&file.service) else {
                        continue;
                    };
                    let mut last = last.clone();
                    last.problems = vec![error.to_string()];
                    last
                }
            };
            promises.insert(file.service.clone(), promise);
        }
        *self
            .promises
            .write()
            .unwrap_or_else(PoisonError::into_inner) = Arc::new(promises);
    }

    /// Keeps each document that differs from the newest kept one, with an event that says what changed and what of it breaks clients.
    ///
    /// # Errors
    /// [`PortalError::Store`] when it could not be written.
    pub async fn keep_versions(&self) -> Result<(), PortalError> {
        for (service, promise) in &*self.promises() {
            self.keep_version(service, &promise.document).await?;
        }
        Ok(())
    }

    async fn keep_version(&self, service: &str, document: &Document) -> Result<(), PortalError> {
        let text = document.value().to_string();
        let mut transaction = self.store.begin().await?;
        let last = newest(transaction.connection(), service, 1).await?;
        let last = last.first();
        if last.is_some_and(|last| last.document == text) {
            return Ok(());
        }
        let now = self.clock.now();
        let kept = Kept {
            number: last.map_or(0, |last| last.number) + 1,
            version: document.version().to_owned(),
            document: text,
        };
        keep(transaction.connection(), service, &kept, now).await?;
        let before = last.and_then(|last| Document::read(&last.document).ok());
        let changes = before.map_or_else(Vec::new, |before| {
            diff_on(&before, document, Some(&now.date()))
        });
        let data = ApiChanged {
            service,
            from: last.map(|last| last.version.as_str()),
            to: &kept.version,
            breaking: breaking(&changes),
            changes: changes.len(),
            listed: changes.get(..LISTED).unwrap_or(&changes),
        };
        let kind = catalogue::PORTAL_API_CHANGED;
        let event = Event::platform("portal", kind, service, now, &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        Ok(transaction.commit().await?)
    }

    /// The time.
    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Keeps new versions, and writes down what was learnt, until `shutdown` is done.
    pub async fn maintain(self: Arc<Self>, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = std::pin::pin!(shutdown);
        let mut seen = Arc::default();
        let mut since = Duration::ZERO;
        loop {
            let now = self.promises();
            if !Arc::ptr_eq(&seen, &now) {
                complain(self.keep_versions().await);
                seen = now;
            }
            const ROUND: Duration = Duration::from_millis(500);
            let over = tokio::select! {
                () = tokio::time::sleep(ROUND) => false,
                () = &mut shutdown => true,
            };
            since += ROUND;
            if over || since >= WRITE_EVERY {
                complain(self.write_learned().await);
                since = Duration::ZERO;
            }
            if over {
                return;
            }
        }
    }

    async fn write_learned(&self) -> Result<(), PortalError> {
        let states = self.learned.take_changed();
        if states.is_empty() {
            return Ok(());
        }
        let mut transaction = self.store.begin().await?;
        for (service, state) in states {
            write_learned(transaction.connection(), &service, &state).await?;
        }
        Ok(transaction.commit().await?)
    }

    /// What all services promise now.
    pub(crate) fn promises(&self) -> Arc<BTreeMap<String, Promise>> {
        Arc::clone(&self.promises.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// What `service` promises now.
    #[must_use]
    pub fn promise(&self, service: &str) -> Option<Promise> {
        self.promises().get(service).cloned()
    }

    /// Looks at one request to `service` that was answered.
    pub fn observe(&self, service: &str, seen: &Seen<'_>) {
        self.learned.observe(service, seen);
    }

    /// All services that have a document or were seen, in the order of their names.
    pub(crate) fn list(&self) -> Vec<Api> {
        let promises = self.promises();
        let names: BTreeSet<String> = promises
            .keys()
            .cloned()
            .chain(self.learned.services())
            .collect();
        names
            .into_iter()
            .map(|service| {
                let promise = promises.get(&service);
                let contract = promise.and_then(|promise| promise.contract.as_deref());
                Api {
                    title: promise
                        .map_or("", |promise| promise.document.title())
                        .into(),
                    version: promise
                        .map_or("", |promise| promise.document.version())
                        .into(),
                    operations: contract.map_or(0, |contract| contract.operations().count()),
                    problems: promise.map_or_else(Vec::new, |promise| promise.problems.clone()),
                    learned: self.undocumented(&service, contract),
                    service,
                }
            })
            .collect()
    }

    fn undocumented(&self, service: &str, contract: Option<&Contract>) -> usize {
        let count = self.learned.read(service, |learner| match contract {
            Some(contract) => learner.undocumented(contract).len(),
            None => learner.endpoints().len(),
        });
        count.unwrap_or_default()
    }

    /// What changed between the two newest versions of a service's document, with the names of both.
    ///
    /// # Errors
    /// [`PortalError::ServiceUnknown`] where there is no document.
    pub(crate) async fn changes(
        &self,
        service: &str,
    ) -> Result<(Option<String>, String, Vec<Change>), PortalError> {
        let mut reader = self.store.readers().acquire().await?;
        let kept = newest(&mut reader, service, 2).await?;
        drop(reader);
        let mut kept = kept.into_iter();
        let Some(new) = kept.next() else {
            return Err(PortalError::ServiceUnknown(service.into()));
        };
        let Some(old) = kept.next() else {
            return Ok((None, new.version, Vec::new()));
        };
        let changes = compare(&old.document, &new.document, self.clock.now())?;
        Ok((Some(old.version), new.version, changes))
    }

    /// What was learnt of a service: a draft of its document, and the endpoints that its document does not have.
    ///
    /// # Errors
    /// [`PortalError::ServiceUnknown`] where it was never seen.
    pub(crate) fn learned(
        &self,
        service: &str,
    ) -> Result<(serde_json::Value, Vec<trunkline_contract::Endpoint>), PortalError> {
        let promise = self.promise(service);
        let contract = promise.and_then(|promise| promise.contract);
        let learned = self.learned.read(service, |learner| {
            let endpoints = match contract.as_deref() {
                Some(contract) => learner
                    .undocumented(contract)
                    .into_iter()
                    .map(|undocumented| undocumented.endpoint)
                    .collect(),
                None => learner.endpoints(),
            };
            (learner.draft(service), endpoints)
        });
        learned.ok_or_else(|| PortalError::ServiceUnknown(service.into()))
    }
}

/// What changed between two documents.
pub(crate) fn compare(old: &str, new: &str, now: Timestamp) -> Result<Vec<Change>, PortalError> {
    let read = |which, text| {
        Document::read(text).map_err(|source| PortalError::Document { which, source })
    };
    Ok(diff_on(
        &read("old", old)?,
        &read("new", new)?,
        Some(&now.date()),
    ))
}

fn promise(document: Document) -> Promise {
    let (contract, problems) = match Contract::compile(&document) {
        Ok(contract) => {
            let warnings = contract.warnings().to_vec();
            (Some(Arc::new(contract)), warnings)
        }
        Err(error) => (None, vec![error.to_string()]),
    };
    Promise {
        document: Arc::new(document),
        contract,
        problems,
    }
}

fn complain(done: Result<(), PortalError>) {
    if let Err(error) = done {
        tracing::warn!(
            error = &error as &dyn std::error::Error,
            "the portal could not write"
        );
    }
}

#[cfg(test)]
mod tests {
    use trunkline_model::{ManualClock, SeededIds, Timestamp};
    use trunkline_store::StoreConfig;

    use super::*;

    const FIRST: &str = r#"{"openapi":"3.1.0","info":{"title":"Orders","version":"1"},"paths":{
        "/orders":{"get":{"responses":{"200":{"description":"all"}}}},
        "/orders/{id}":{"get":{"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"integer"}}],
            "responses":{"200":{"description":"one"}}}}}}"#;

    fn files(text: &str) -> Vec<ApiFile> {
        vec![ApiFile {
            service: "orders".into(),
            text: text.into(),
        }]
    }

    async fn portal(folder: &std::path::Path) -> Arc<Portal> {
        let store = Store::open(&folder.join("control.db"), &StoreConfig::default())
            .await
            .unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1)));
        Portal::open(store, clock, Arc::new(SeededIds::new(1)))
            .await
            .unwrap()
    }

    fn seen(path: &str) -> Seen<'_> {
        Seen {
            method: "GET",
            path,
            query_keys: &[],
            request: None,
            status: 200,
            response: None,
            at: Timestamp::from_millis(5),
        }
    }

    #[tokio::test]
    async fn a_version_is_kept_once_and_its_changes_are_known_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = portal(folder.path()).await;
        first.apply(&files(FIRST));
        first.keep_versions().await.unwrap();
        first.keep_versions().await.unwrap();
        let (from, to, changes) = first.changes("orders").await.unwrap();
        assert_eq!((from, to.as_str(), changes.len()), (None, "1", 0));
        let second = FIRST
            .replace("\"version\":\"1\"", "\"version\":\"2\"")
            .replace(
                "\"/orders\":{\"get\":{\"responses\":{\"200\":{\"description\":\"all\"}}}},",
                "",
            );
        first.apply(&files(&second));
        first.keep_versions().await.unwrap();
        drop(first);
        let again = portal(folder.path()).await;
        let (from, to, changes) = again.changes("orders").await.unwrap();
        assert_eq!((from.as_deref(), to.as_str()), (Some("1"), "2"));
        assert_eq!(breaking(&changes), 1, "{changes:?}");
        assert!(matches!(
            again.changes("stock").await,
            Err(PortalError::ServiceUnknown(_))
        ));
    }

    #[tokio::test]
    async fn a_broken_document_leaves_the_last_good_one_in_force() {
        let folder = tempfile::tempdir().unwrap();
        let portal = portal(folder.path()).await;
        portal.apply(&files(FIRST));
        portal.apply(&files("openapi: [3"));
        let promise = portal.promise("orders").unwrap();
        assert_eq!(promise.document.title(), "Orders");
        assert_eq!(promise.problems.len(), 1);
        portal.apply(&[]);
        assert!(portal.promise("orders").is_none());
    }

    #[tokio::test]
    async fn traffic_that_no_document_has_is_listed_and_survives_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = portal(folder.path()).await;
        first.apply(&files(FIRST));
        first.observe("orders", &seen("/orders/7"));
        first.observe("orders", &seen("/refunds"));
        first.observe("stock", &seen("/stock"));
        let listed: Vec<_> = first
            .list()
            .into_iter()
            .map(|api| (api.service, api.operations, api.learned))
            .collect();
        assert_eq!(listed, [("orders".into(), 2, 1), ("stock".into(), 0, 1)]);
        Arc::clone(&first).maintain(async {}).await;
        drop(first);
        let again = portal(folder.path()).await;
        again.apply(&files(FIRST));
        let (draft, endpoints) = again.learned("orders").unwrap();
        assert_eq!(endpoints.len(), 1);
        assert_eq!(endpoints[0].path, "/refunds");
        assert!(draft["paths"]["/refunds"]["get"].is_object(), "{draft}");
    }
}
