//! The service.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock, PoisonError, RwLock};

use serde_json::json;
use tokio::sync::Mutex;
use trunkline_authority::Authority;
use trunkline_model::{Clock, Event, IdGen, catalogue};
use trunkline_proof::{Digest, Purpose, Secret};
use trunkline_store::{Store, outbox};
use trunkline_thingtype::Kinds;
use trunkline_twin::{is_shadow_name, is_thing_name};
use trunkline_twinstore::{Answer, Journal, Parts, TwinRequest, Twins};

use crate::certificate::{self, INTRODUCED_BY, Roll};
use crate::error::FleetError;
use crate::job::{Filler, Requests, Watches};
use crate::port::Ask;
use crate::provision::{MADE_BY, Provisions};
use crate::register::Register;
use crate::store::{self, MIGRATIONS};
use crate::thing::{NewThing, Thing, ThingChange};

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
    pub(crate) filler: Filler,
    /// The names of things by what is kept of their secrets.
    secrets: RwLock<HashMap<Digest, Arc<str>>>,
    register: Arc<Register>,
    /// Held while a thing is made, changed or taken away, so that the register and the table say the same.
    turn: Mutex<()>,
    pub(crate) twins: Twins,
}

impl Fleet {
    /// The fleet on the tables in `store`, which are brought up to date, and on the log, whose last changes of twins are played again.
    /// What is asked about twins and jobs is worked off by tasks of the runtime, which end with the fleet.
    ///
    /// # Errors
    /// [`FleetError::Store`] when the tables cannot be used; [`FleetError::Closed`] where the log cannot be read.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        journal: Arc<dyn Journal>,
    ) -> Result<Arc<Self>, FleetError> {
        store.migrate("fleet", MIGRATIONS).await?;
        let mut reader = store.readers().acquire().await?;
        let secrets = store::secrets(&mut reader).await?;
        let things = store::kinds(&mut reader).await?;
        drop(reader);
        let secrets = secrets
            .into_iter()
            .map(|(name, digest)| (digest, Arc::from(name)))
            .collect();
        let authority = Arc::new(own_authority(&store, &*clock, &*ids).await?);
        let kinds = Arc::<Kinds>::default();
        let register = Arc::new(Register::new(things, Arc::clone(&kinds), Arc::clone(&ids)));
        let twins = Twins::open(Parts {
            store: store.clone(),
            journal,
            registry: Arc::clone(&register) as _,
            clock: Arc::clone(&clock),
            ids: Arc::clone(&ids),
        });
        let twins = twins.await?;
        let filler = Filler::default();
        let own = (Arc::clone(&clock), Arc::clone(&ids));
        let job_requests = Requests::begin(store.clone(), own.0, own.1, Arc::clone(&filler));
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
            filler,
            secrets: RwLock::new(secrets),
            register,
            turn: Mutex::new(()),
            twins,
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
    pub async fn create(
        self: &Arc<Self>,
        wanted: NewThing,
        by: &str,
    ) -> Result<(Thing, Secret), FleetError> {
        wanted.check()?;
        let (fleet, by) = (Arc::clone(self), by.to_owned());
        to_the_end(async move { fleet.create_now(wanted, &by).await }).await
    }

    async fn create_now(&self, wanted: NewThing, by: &str) -> Result<(Thing, Secret), FleetError> {
        let _turn = self.turn.lock().await;
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
        // Only then: one that is there is there, whatever its type says by now.
        self.check_attributes(&thing)?;
        let data = json!({"thing": thing.name, "kind": thing.kind, "attributes": thing.attributes, "by": by});
        let kind = catalogue::FLEET_THING_CREATED;
        let event = Event::platform("fleet", kind, &thing.name, now, &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.secrets
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(digest, Arc::from(thing.name.as_str()));
        self.register.put(&thing.name, &thing.kind);
        Ok((thing, secret))
    }

    /// Changes a thing's kind or attributes.
    ///
    /// # Errors
    /// [`FleetError`] where there is no such thing, and where it would break a rule or not fit its type.
    pub async fn change(
        self: &Arc<Self>,
        name: &str,
        change: ThingChange,
        by: &str,
    ) -> Result<Thing, FleetError> {
        let (fleet, name, by) = (Arc::clone(self), name.to_owned(), by.to_owned());
        to_the_end(async move { fleet.change_now(&name, change, &by).await }).await
    }

    async fn change_now(
        &self,
        name: &str,
        change: ThingChange,
        by: &str,
    ) -> Result<Thing, FleetError> {
        let _turn = self.turn.lock().await;
        let mut transaction = self.store.begin().await?;
        let thing = store::thing(transaction.connection(), name).await?;
        let mut thing = thing.ok_or_else(|| FleetError::ThingUnknown(name.into()))?;
        change.apply(&mut thing)?;
        self.check_attributes(&thing)?;
        store::update(transaction.connection(), &thing).await?;
        let data =
            json!({"thing": name, "kind": thing.kind, "attributes": thing.attributes, "by": by});
        let kind = catalogue::FLEET_THING_CHANGED;
        let event = Event::platform("fleet", kind, name, self.clock.now(), &*self.ids, &data)?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.register.put(&thing.name, &thing.kind);
        Ok(thing)
    }

    /// Whether the type of a thing lets it have its attributes.
    fn check_attributes(&self, thing: &Thing) -> Result<(), FleetError> {
        let mut attributes = thing.attributes.clone();
        // What the platform itself writes there is no matter of the type.
        attributes.remove(MADE_BY);
        attributes.remove(INTRODUCED_BY);
        let checked = self.kinds.check(&thing.kind, attributes);
        checked.map_err(|problems| FleetError::Unfit {
            kind: thing.kind.clone(),
            problems,
        })
    }

    /// Gives a thing a new secret; the old one is worth nothing from then on.
    ///
    /// # Errors
    /// [`FleetError::ThingUnknown`] where there is none of this name.
    pub async fn renew_secret(
        self: &Arc<Self>,
        name: &str,
        by: &str,
    ) -> Result<Secret, FleetError> {
        let (fleet, name, by) = (Arc::clone(self), name.to_owned(), by.to_owned());
        to_the_end(async move { fleet.renew_secret_now(&name, &by).await }).await
    }

    async fn renew_secret_now(&self, name: &str, by: &str) -> Result<Secret, FleetError> {
        let _turn = self.turn.lock().await;
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
    pub async fn remove(self: &Arc<Self>, name: &str, by: &str) -> Result<Vec<String>, FleetError> {
        let (fleet, name, by) = (Arc::clone(self), name.to_owned(), by.to_owned());
        to_the_end(async move { fleet.remove_now(&name, &by).await }).await
    }

    async fn remove_now(&self, name: &str, by: &str) -> Result<Vec<String>, FleetError> {
        let _turn = self.turn.lock().await;
        let thing = self.thing(name).await?;
        // First, so that nobody makes a twin of it once the others are forgotten. Broken off after that, there is a thing without twins.
        self.register.remove(name);
        let removed = self.remove_known(&thing, by).await;
        if removed.is_err() {
            self.register.put(name, &thing.kind);
        } else {
            // Whoever read the things in between reads them again.
            self.register.remove(name);
        }
        removed
    }

    async fn remove_known(&self, thing: &Thing, by: &str) -> Result<Vec<String>, FleetError> {
        let name = thing.name.as_str();
        self.twins.forget(name, by).await?;
        // What was made of the thing until now goes with it; what comes later is of another one of its name.
        let now = self.clock.now();
        let mut desk = self.desk(now).await?;
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
        Ok(self.twins.shadows(name).await?)
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
        Ok(self.twins.ask(request).await?)
    }

    /// The kind of a thing, if there is one of this name.
    #[must_use]
    pub fn kind_of(&self, name: &str) -> Option<Arc<str>> {
        self.register.kind(name)
    }

    /// Grows whenever a thing is made, changed or taken away.
    #[must_use]
    pub fn changes_of_things(&self) -> u64 {
        self.register.changes()
    }

    /// The twins, for those who read all of them.
    #[must_use]
    pub const fn twins(&self) -> &Twins {
        &self.twins
    }

    /// Takes no more requests about twins, and returns when all are in their table.
    pub async fn stop(&self) {
        self.twins.close().await;
    }
}

/// Does something to its end, also where whoever asked for it goes away: half of it must not be done.
pub(crate) async fn to_the_end<T: Send + 'static>(
    work: impl Future<Output = Result<T, FleetError>> + Send + 'static,
) -> Result<T, FleetError> {
    tokio::spawn(work).await.map_err(|_| FleetError::Closed)?
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
