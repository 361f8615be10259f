//! Writing and looking at types.

use serde_json::json;
use trunkline_model::{Event, catalogue};
use trunkline_store::{Transaction, outbox};
use trunkline_thingtype::{Kind, NewThingType, ThingType};
use trunkline_twin::{Limits, is_thing_name};

use super::store;
use crate::{Fleet, FleetError};

/// Types at the most.
const TYPES: usize = 500;
/// The most bytes of a shadow.
const SHADOW: usize = 64 * 1024;
/// The most bytes of a description.
const DESCRIPTION: usize = 2_028;

impl Fleet {
    /// Writes a type, which may be there already.
    ///
    /// # Errors
    /// [`FleetError::TypeInvalid`] where its name, its size or a schema is none; [`FleetError::Full`] where there are too many.
    pub async fn put_type(
        &self,
        name: &str,
        wanted: NewThingType,
        by: &str,
    ) -> Result<ThingType, FleetError> {
        let least = Limits::default().document_bytes;
        let kind = ThingType {
            name: name.to_owned(),
            description: wanted.description,
            reported: wanted.reported,
            attributes: wanted.attributes,
            shadow_bytes: wanted.shadow_bytes.unwrap_or(least),
            changed: self.clock.now(),
        };
        check(&kind, least)?;
        let compiled = Kind::of(&kind).map_err(FleetError::TypeInvalid)?;
        let mut transaction = self.store.begin().await?;
        let all = store::all(transaction.connection()).await?;
        if all.len() >= TYPES && !all.iter().any(|known| known.name == name) {
            return Err(FleetError::Full(format!(
                "there are {TYPES} types, which is the most"
            )));
        }
        store::put(transaction.connection(), &kind).await?;
        self.type_changed(&mut transaction, &kind, false, by)
            .await?;
        transaction.commit().await?;
        self.kinds.put(name, compiled);
        Ok(kind)
    }

    /// Takes a type away. Its things stay, and their kind is a mere word from then on.
    ///
    /// # Errors
    /// [`FleetError::TypeUnknown`] where there is none of this name.
    pub async fn remove_type(&self, name: &str, by: &str) -> Result<(), FleetError> {
        let unknown = || FleetError::TypeUnknown(name.into());
        let mut transaction = self.store.begin().await?;
        let kind = store::one(transaction.connection(), name).await?;
        let kind = kind.ok_or_else(unknown)?;
        store::remove(transaction.connection(), name).await?;
        self.type_changed(&mut transaction, &kind, true, by).await?;
        transaction.commit().await?;
        self.kinds.remove(name);
        Ok(())
    }

    /// All types in the order of their names.
    ///
    /// # Errors
    /// [`FleetError::Store`] when they cannot be read.
    pub async fn types(&self) -> Result<Vec<ThingType>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        Ok(store::all(&mut reader).await?)
    }

    /// One type.
    ///
    /// # Errors
    /// [`FleetError::TypeUnknown`] where there is none of this name.
    pub async fn thing_type(&self, name: &str) -> Result<ThingType, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        store::one(&mut reader, name)
            .await?
            .ok_or_else(|| FleetError::TypeUnknown(name.into()))
    }

    /// Takes the types into memory.
    pub(crate) async fn load_types(&self) -> Result<(), FleetError> {
        for kind in self.types().await? {
            match Kind::of(&kind) {
                Ok(compiled) => self.kinds.put(&kind.name, compiled),
                // Written by a version that took more; its things must not suffer from that.
                Err(error) => tracing::warn!(
                    name = kind.name,
                    error,
                    "a type of devices is not looked at"
                ),
            }
        }
        Ok(())
    }

    async fn type_changed(
        &self,
        transaction: &mut Transaction,
        kind: &ThingType,
        removed: bool,
        by: &str,
    ) -> Result<(), FleetError> {
        let data = json!({
            "type": kind.name, "reported": kind.reported, "attributes": kind.attributes, "shadow_bytes": kind.shadow_bytes,
            "removed": removed, "by": by,
        });
        let name = catalogue::FLEET_TYPE_CHANGED;
        let now = self.clock.now();
        let event = Event::platform("fleet", name, &kind.name, now, &*self.ids, &data)?;
        Ok(outbox::put(transaction, &event).await?)
    }
}

fn check(kind: &ThingType, least: usize) -> Result<(), FleetError> {
    let invalid = |what: String| Err(FleetError::TypeInvalid(what));
    if !is_thing_name(&kind.name) {
        return invalid("a type's name has 1 to 128 letters, digits, `:`, `_` and `-`".into());
    }
    if kind.description.len() > DESCRIPTION {
        return invalid(format!("a description has at most {DESCRIPTION} bytes"));
    }
    if !(least..=SHADOW).contains(&kind.shadow_bytes) {
        return invalid(format!("`shadow_bytes` is from {least} to {SHADOW}"));
    }
    Ok(())
}
