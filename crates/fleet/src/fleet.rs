//! The service.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde_json::json;
use tokio::sync::{mpsc, oneshot};
use trunkline_authority::Authority;
use trunkline_model::{Clock, Event, IdGen, catalogue};
use trunkline_proof::{Digest, Purpose, Secret};
use trunkline_store::{Store, outbox};
use trunkline_twin::{Limits, is_shadow_name, is_thing_name};

use crate::certificate::{self, Roll};
use crate::error::FleetError;
use crate::job::{Desk, Requests, Watches};
use crate::kind::{Kinds, Unfit};
use crate::port::Ask;
use crate::provision::Provisions;
use crate::store::{self, MIGRATIONS};
use crate::thing::{NewThing, Thing, ThingChange};
use crate::twin::{Answer, TwinRequest, WAITING, Waiting, Worker};

/// What the certificates of the platform's authority are called.
const NAME: &str = "Trunkline";

/// Things and their twins.
#[derive(Debug)]
pub struct Fleet {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) authority: Arc<Authority>,
    pub(crate) roll: Arc<Roll>,
    pub(crate) provisions: Provisions,
    pub(crate) kinds: Arc<Kinds>,
    pub(crate) watches: Watches,
    pub(crate) job_requests: Requests,
    pub(crate) ask: OnceLock<Arc<dyn Ask>>,
    /// The names of things by what is kept of their secrets.
    secrets: RwLock<HashMap<Digest, Arc<str>>>,
    requests: mpsc::Sender<Waiting>,
}

impl Fleet {
    /// The fleet on the tables in `store`, which are brought up to date. What is asked about twins and jobs is worked off by tasks of the
    /// runtime, which end with the fleet.
    ///
    /// # Errors
    /// [`FleetError::Store`] when the tables cannot be used.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
    ) -> Result<Arc<Self>, FleetError> {
        store.migrate("fleet", MIGRATIONS).await?;
        let mut reader = store.readers().acquire().await?;
        let secrets = store::secrets(&mut reader).await?;
        drop(reader);
        let secrets = secrets
            .into_iter()
            .map(|(name, digest)| (digest, Arc::from(name)))
            .collect();
        let authority = Arc::new(own_authority(&store, &*clock, &*ids).await?);
        let kinds = Arc::<Kinds>::default();
        let (requests, waiting) = mpsc::channel(WAITING);
        let worker = Worker {
            store: store.clone(),
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
            limits: Limits::default(),
            kinds: Arc::clone(&kinds),
            unfit: Unfit::default(),
        };
        tokio::spawn(worker.run(waiting));
        let job_requests = Requests::begin(store.clone(), Arc::clone(&clock), Arc::clone(&ids));
        let fleet = Self {
            store,
            clock,
            ids,
            authority,
            roll: Arc::default(),
            provisions: Provisions::default(),
            kinds,
            watches: Watches::default(),
            job_requests,
            ask: OnceLock::new(),
            secrets: RwLock::new(secrets),
            requests,
        };
        for certificate in fleet.certificates(None).await? {
            fleet.roll.put(&certificate);
        }
        fleet.load_foreign().await?;
        fleet.load_types().await?;
        Ok(Arc::new(fleet))
    }

    /// The thing whose secret this is.
    #[must_use]
    pub fn known(&self, shown: &str) -> Option<Arc<str>> {
        if !Purpose::Device.is_well_formed(shown) {
            return None;
        }
        let digest = Purpose::Device.digest(shown);
        let secrets = self.secrets.read().unwrap_or_else(PoisonError::into_inner);
        secrets.get(&digest).map(Arc::clone)
    }

    /// Makes a thing; its secret is shown this once.
    ///
    /// # Errors
    /// [`FleetError`] where there is one of this name, or a name, kind or attribute breaks a rule.
    pub async fn create(&self, wanted: NewThing, by: &str) -> Result<(Thing, Secret), FleetError> {
        wanted.check()?;
        self.kinds.check(&wanted.kind, &wanted.attributes)?;
        let now = self.clock.now();
        let thing = Thing {
            name: wanted.name,
            kind: wanted.kind,
            attributes: wanted.attributes,
            created: now,
        };
        let secret = Purpose::Device.make(&*self.ids);
        let digest = Purpose::Device.digest(secret.reveal());
        let mut transaction = self.store.begin().await?;
        if !store::insert(transaction.connection(), &thing, &digest).await? {
            return Err(FleetError::ThingExists(thing.name));
        }
        let data = json!({"thing": thing.name, "kind": thing.kind, "attributes": thing.attributes, "by": by});
        let kind = catalogue::FLEET_THING_CREATED;
        let event = Event::platform("fleet", kind, &thing.name, now, &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.secrets
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(digest, Arc::from(thing.name.as_str()));
        Ok((thing, secret))
    }

    /// Changes a thing's kind or attributes.
    ///
    /// # Errors
    /// [`FleetError`] where there is no such thing, and where it would break a rule or not fit its type.
    pub async fn change(
        &self,
        name: &str,
        change: ThingChange,
        by: &str,
    ) -> Result<Thing, FleetError> {
        let mut transaction = self.store.begin().await?;
        let thing = store::thing(transaction.connection(), name).await?;
        let mut thing = thing.ok_or_else(|| FleetError::ThingUnknown(name.into()))?;
        change.apply(&mut thing)?;
        self.kinds.check(&thing.kind, &thing.attributes)?;
        store::update(transaction.connection(), &thing).await?;
        let data =
            json!({"thing": name, "kind": thing.kind, "attributes": thing.attributes, "by": by});
        let kind = catalogue::FLEET_THING_CHANGED;
        let event = Event::platform("fleet", kind, name, self.clock.now(), &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        Ok(thing)
    }

    /// Gives a thing a new secret; the old one is worth nothing from then on.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`] where there is none of this name.
    pub async fn renew_secret(&self, name: &str, by: &str) -> Result<Secret, FleetError> {
        let secret = Purpose::Device.make(&*self.ids);
        let digest = Purpose::Device.digest(secret.reveal());
        let mut transaction = self.store.begin().await?;
        if !store::set_secret(transaction.connection(), name, &digest).await? {
            return Err(FleetError::ThingUnknown(name.into()));
        }
        let data = json!({"thing": name, "by": by});
        let kind = catalogue::FLEET_THING_SECRET_RENEWED;
        let event = Event::platform("fleet", kind, name, self.clock.now(), &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        let mut secrets = self.secrets.write().unwrap_or_else(PoisonError::into_inner);
        secrets.retain(|_, known| **known != *name);
        secrets.insert(digest, Arc::from(name));
        Ok(secret)
    }

    /// Takes a thing, its certificates and its twins away, and ends what it has to do for jobs; the ids of the certificates, whose
    /// connections have to end.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`] where there is none of this name.
    pub async fn remove(&self, name: &str, by: &str) -> Result<Vec<String>, FleetError> {
        let now = self.clock.now();
        let mut desk = Desk::new(self.store.begin().await?, &*self.ids, now);
        desk.dismiss(name).await?;
        if !store::remove(desk.transaction.connection(), name).await? {
            return Err(FleetError::ThingUnknown(name.into()));
        }
        let data = json!({"thing": name, "by": by});
        let kind = catalogue::FLEET_THING_REMOVED;
        let event = Event::platform("fleet", kind, name, now, &*self.ids, &data)?;
        outbox::put(&mut desk.transaction, &event).await?;
        desk.commit().await?;
        self.secrets
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .retain(|_, known| **known != *name);
        Ok(self.roll.forget(name))
    }

    /// Things in the order of their names, after `after`, at most `count`.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn things(&self, after: &str, count: u32) -> Result<Vec<Thing>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::things(&mut reader, after, count).await?)
    }

    /// One thing.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`] where there is none of this name.
    pub async fn thing(&self, name: &str) -> Result<Thing, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        store::thing(&mut reader, name)
            .await?
            .ok_or_else(|| FleetError::ThingUnknown(name.into()))
    }

    /// The names of a thing's shadows; that of the classic one is empty.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`] where there is no such thing.
    pub async fn shadows(&self, name: &str) -> Result<Vec<String>, FleetError> {
        self.thing(name).await?;
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::shadows(&mut reader, name).await?)
    }

    /// Works off a request about a twin. What it changed is durable when this returns.
    ///
    /// # Errors
    /// [`FleetError`] where it could not be worked off; a request that is refused has an answer like any other.
    pub async fn twin(&self, request: TwinRequest) -> Result<Answer, FleetError> {
        if !is_thing_name(&request.thing) || !request.shadow.as_deref().is_none_or(is_shadow_name) {
            return Err(FleetError::Invalid(
                "the name of a thing or of a shadow is not one".into(),
            ));
        }
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting { request, answer };
        self.requests
            .send(waiting)
            .await
            .map_err(|_| FleetError::Closed)?;
        answered.await.map_err(|_| FleetError::Closed)?
    }
}

/// The authority of the platform; it is made at the first start.
async fn own_authority(
    store: &Store,
    clock: &dyn Clock,
    ids: &dyn IdGen,
) -> Result<Authority, FleetError> {
    let mut transaction = store.begin().await?;
    if let Some(stored) = certificate::authority(transaction.connection()).await? {
        return Ok(Authority::from_pem(&stored)?);
    }
    let authority = Authority::make(NAME, clock.now(), ids)?;
    certificate::put_authority(transaction.connection(), &authority.to_pem()).await?;
    transaction.commit().await?;
    Ok(authority)
}

#[cfg(test)]
mod tests {
    use super::*;
    use trunkline_model::{ManualClock, SeededIds, Timestamp};
    use trunkline_store::StoreConfig;
    use trunkline_twin::Operation;

    async fn fleet(folder: &std::path::Path) -> Arc<Fleet> {
        let store = Store::open(&folder.join("control.db"), &StoreConfig::default())
            .await
            .unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(1_780_000_000_000)));
        Fleet::open(store, clock, Arc::new(SeededIds::new(1)))
            .await
            .unwrap()
    }

    fn named(name: &str) -> NewThing {
        NewThing {
            name: name.into(),
            kind: "pump".into(),
            ..NewThing::default()
        }
    }

    fn ask(thing: &str, operation: Operation, payload: &str) -> TwinRequest {
        TwinRequest {
            thing: thing.into(),
            shadow: None,
            operation,
            payload: payload.into(),
            by: "acc_1".into(),
        }
    }

    #[tokio::test]
    async fn a_secret_names_its_thing_until_it_is_renewed_or_the_thing_goes() {
        let folder = tempfile::tempdir().unwrap();
        let fleet = fleet(folder.path()).await;
        let (thing, secret) = fleet.create(named("pump-7"), "acc_1").await.unwrap();
        assert!(secret.reveal().starts_with("tld_"));
        assert_eq!(fleet.known(secret.reveal()).as_deref(), Some("pump-7"));
        assert_eq!(fleet.known("tld_other"), None);
        assert_eq!(fleet.things("", 10).await.unwrap(), [thing]);
        let again = fleet.create(named("pump-7"), "acc_1").await;
        assert!(matches!(again, Err(FleetError::ThingExists(_))));
        let renewed = fleet.renew_secret("pump-7", "acc_1").await.unwrap();
        assert_eq!(fleet.known(secret.reveal()), None);
        assert_eq!(fleet.known(renewed.reveal()).as_deref(), Some("pump-7"));
        fleet.remove("pump-7", "acc_1").await.unwrap();
        assert_eq!(fleet.known(renewed.reveal()), None);
        let gone = fleet.remove("pump-7", "acc_1").await;
        assert!(matches!(gone, Err(FleetError::ThingUnknown(_))));
    }

    #[tokio::test]
    async fn things_are_the_same_after_a_restart() {
        let folder = tempfile::tempdir().unwrap();
        let first = fleet(folder.path()).await;
        let (_, secret) = first.create(named("pump-7"), "acc_1").await.unwrap();
        let update = ask(
            "pump-7",
            Operation::Update,
            r#"{"state":{"reported":{"on":true}}}"#,
        );
        first.twin(update).await.unwrap();
        let second = fleet(folder.path()).await;
        assert_eq!(second.known(secret.reveal()).as_deref(), Some("pump-7"));
        let got = second
            .twin(ask("pump-7", Operation::Get, ""))
            .await
            .unwrap();
        assert_eq!(got.result.unwrap()["state"]["reported"]["on"], true);
    }

    #[tokio::test]
    async fn an_update_is_answered_and_told_to_all_who_listen() {
        let folder = tempfile::tempdir().unwrap();
        let fleet = fleet(folder.path()).await;
        fleet.create(named("pump-7"), "acc_1").await.unwrap();
        let update = ask(
            "pump-7",
            Operation::Update,
            r#"{"state":{"desired":{"on":true}},"clientToken":"t"}"#,
        );
        let answer = fleet.twin(update).await.unwrap();
        let topics: Vec<_> = answer.told.iter().map(|told| told.topic.as_str()).collect();
        assert_eq!(
            topics,
            [
                "$aws/things/pump-7/shadow/update/accepted",
                "$aws/things/pump-7/shadow/update/delta",
                "$aws/things/pump-7/shadow/update/documents",
            ]
        );
        assert_eq!(answer.result.unwrap()["version"], 1);
        assert_eq!(fleet.shadows("pump-7").await.unwrap(), [""]);
        let waiting = fleet.store.outbox_backlog().await.unwrap();
        assert_eq!(waiting.events, 2);
    }

    #[tokio::test]
    async fn a_refusal_has_its_words_and_changes_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let fleet = fleet(folder.path()).await;
        fleet.create(named("pump-7"), "acc_1").await.unwrap();
        let refusals = [
            (ask("pump-8", Operation::Get, ""), 404),
            (ask("pump-7", Operation::Get, ""), 404),
            (ask("pump-7", Operation::Delete, ""), 404),
            (
                ask(
                    "pump-7",
                    Operation::Update,
                    r#"{"state":1,"clientToken":"t"}"#,
                ),
                400,
            ),
            (
                ask("pump-7", Operation::Update, r#"{"state":{},"version":7}"#),
                409,
            ),
        ];
        for (request, code) in refusals {
            let operation = request.operation.as_str();
            let answer = fleet.twin(request).await.unwrap();
            assert_eq!(answer.result.unwrap_err().code, code);
            assert_eq!(answer.told.len(), 1);
            assert!(
                answer.told[0]
                    .topic
                    .ends_with(&format!("{operation}/rejected"))
            );
            assert_eq!(answer.told[0].document["code"], code);
        }
        let waiting = fleet.store.outbox_backlog().await.unwrap();
        assert_eq!(waiting.events, 1);
    }

    #[tokio::test]
    async fn a_thing_has_a_number_of_shadows() {
        let folder = tempfile::tempdir().unwrap();
        let fleet = fleet(folder.path()).await;
        fleet.create(named("pump-7"), "acc_1").await.unwrap();
        let update = |n: usize| TwinRequest {
            shadow: Some(format!("s{n}")),
            ..ask(
                "pump-7",
                Operation::Update,
                r#"{"state":{},"clientToken":"t"}"#,
            )
        };
        for n in 0..101 {
            fleet.twin(update(n)).await.unwrap().result.unwrap();
        }
        let refused = fleet.twin(update(101)).await.unwrap();
        assert_eq!(refused.result.unwrap_err().code, 400);
        assert_eq!(refused.told[0].document["clientToken"], "t");
        // One that is there is changed, and one that was deleted still counts for its version's sake.
        fleet.twin(update(7)).await.unwrap().result.unwrap();
        let delete = TwinRequest {
            operation: Operation::Delete,
            payload: Vec::new(),
            ..update(7)
        };
        fleet.twin(delete).await.unwrap().result.unwrap();
        assert_eq!(fleet.shadows("pump-7").await.unwrap().len(), 100);
        fleet.twin(update(102)).await.unwrap().result.unwrap_err();
    }

    #[tokio::test]
    async fn many_at_once_lose_no_version() {
        let folder = tempfile::tempdir().unwrap();
        let fleet = fleet(folder.path()).await;
        for thing in 0..10 {
            fleet
                .create(named(&format!("t{thing}")), "acc_1")
                .await
                .unwrap();
        }
        let mut tasks = tokio::task::JoinSet::new();
        for n in 0..500 {
            let fleet = Arc::clone(&fleet);
            tasks.spawn(async move {
                let payload = format!(r#"{{"state":{{"reported":{{"n{n}":{n}}}}}}}"#);
                let thing = format!("t{}", n % 10);
                let update = ask(&thing, Operation::Update, &payload);
                let answer = fleet.twin(update).await.unwrap().result.unwrap();
                (thing, answer["version"].as_u64().unwrap())
            });
        }
        let mut versions: HashMap<String, Vec<u64>> = HashMap::new();
        while let Some(done) = tasks.join_next().await {
            let (thing, version) = done.unwrap();
            versions.entry(thing).or_default().push(version);
        }
        for (thing, mut versions) in versions {
            versions.sort_unstable();
            assert_eq!(versions, (1..=50).collect::<Vec<_>>());
            let got = fleet.twin(ask(&thing, Operation::Get, "")).await.unwrap();
            let reported = got.result.unwrap()["state"]["reported"].clone();
            assert_eq!(reported.as_object().map(serde_json::Map::len), Some(50));
        }
    }
}
