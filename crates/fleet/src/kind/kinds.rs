//! The types in memory, with what holds values against their schemas.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::Validator;
use serde_json::{Map, Value};

use super::ThingType;
use super::schema::{compile, problems};
use crate::FleetError;
use crate::provision::MADE_BY;

/// A type that can be held against things.
#[derive(Debug)]
pub(crate) struct Kind {
    reported: Option<Validator>,
    attributes: Option<Validator>,
    /// Bytes that a shadow may have.
    pub(crate) shadow_bytes: usize,
}

impl Kind {
    /// # Errors
    /// [`FleetError::TypeInvalid`] with the schema and what is wrong with it.
    pub(super) fn of(kind: &ThingType) -> Result<Self, FleetError> {
        let compiled = |what: &str, schema: &Option<Value>| {
            let compiled = schema.as_ref().map(compile).transpose();
            compiled.map_err(|why| FleetError::TypeInvalid(format!("`{what}`: {why}")))
        };
        Ok(Self {
            reported: compiled("reported", &kind.reported)?,
            attributes: compiled("attributes", &kind.attributes)?,
            shadow_bytes: kind.shadow_bytes,
        })
    }

    /// Where what a thing reports does not fit.
    pub(crate) fn misreported(&self, reported: &Map<String, Value>) -> Vec<String> {
        self.reported.as_ref().map_or_else(Vec::new, |validator| {
            problems(validator, &Value::Object(reported.clone()))
        })
    }
}

/// All types by their names.
#[derive(Debug, Default)]
pub(crate) struct Kinds(RwLock<HashMap<String, Arc<Kind>>>);

impl Kinds {
    pub(crate) fn get(&self, name: &str) -> Option<Arc<Kind>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(name).map(Arc::clone)
    }

    pub(super) fn put(&self, name: &str, kind: Kind) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), Arc::new(kind));
    }

    pub(super) fn remove(&self, name: &str) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(name);
    }

    /// Whether a thing of this kind may have these attributes. A kind that is no type is a mere word.
    ///
    /// # Errors
    /// [`FleetError::Unfit`] where it may not.
    pub(crate) fn check(
        &self,
        name: &str,
        attributes: &Map<String, Value>,
    ) -> Result<(), FleetError> {
        let kind = self.get(name);
        let Some(validator) = kind.as_ref().and_then(|kind| kind.attributes.as_ref()) else {
            return Ok(());
        };
        // What the platform itself writes there is no matter of the type.
        let mut attributes = attributes.clone();
        attributes.remove(MADE_BY);
        let problems = problems(validator, &Value::Object(attributes));
        if problems.is_empty() {
            return Ok(());
        }
        Err(FleetError::Unfit {
            kind: name.to_owned(),
            problems,
        })
    }
}
