//! The types in memory, with what holds values against their schemas.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::Validator;
use serde_json::{Map, Value};

use crate::ThingType;
use crate::schema::{compile, problems};

/// A type that can be held against things.
#[derive(Debug)]
pub struct Kind {
    reported: Option<Validator>,
    attributes: Option<Validator>,
    /// Bytes that a shadow may have.
    pub shadow_bytes: usize,
}

impl Kind {
    /// What holds things against the schemas of `kind`.
    ///
    /// # Errors
    /// Which schema is wrong, and what is wrong with it, for people.
    pub fn of(kind: &ThingType) -> Result<Self, String> {
        let compiled = |what: &str, schema: &Option<Value>| {
            let compiled = schema.as_ref().map(compile).transpose();
            compiled.map_err(|why| format!("`{what}`: {why}"))
        };
        Ok(Self {
            reported: compiled("reported", &kind.reported)?,
            attributes: compiled("attributes", &kind.attributes)?,
            shadow_bytes: kind.shadow_bytes,
        })
    }

    /// Where what a thing reports does not fit.
    #[must_use]
    pub fn misreported(&self, reported: &Map<String, Value>) -> Vec<String> {
        self.reported.as_ref().map_or_else(Vec::new, |validator| {
            problems(validator, &Value::Object(reported.clone()))
        })
    }
}

/// All types by their names.
#[derive(Debug, Default)]
pub struct Kinds(RwLock<HashMap<String, Arc<Kind>>>);

impl Kinds {
    /// The type of this name, if there is one.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<Arc<Kind>> {
        let all = self.0.read().unwrap_or_else(PoisonError::into_inner);
        all.get(name).map(Arc::clone)
    }

    /// There is a type of this name from now on.
    pub fn put(&self, name: &str, kind: Kind) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.insert(name.to_owned(), Arc::new(kind));
    }

    /// There is no type of this name from now on.
    pub fn remove(&self, name: &str) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(name);
    }

    /// Whether a thing of this kind may have these attributes. A kind that is no type is a mere word.
    ///
    /// # Errors
    /// Where they do not fit, for people.
    pub fn check(&self, name: &str, attributes: Map<String, Value>) -> Result<(), Vec<String>> {
        let kind = self.get(name);
        let Some(validator) = kind.as_ref().and_then(|kind| kind.attributes.as_ref()) else {
            return Ok(());
        };
        let problems = problems(validator, &Value::Object(attributes));
        if problems.is_empty() {
            return Ok(());
        }
        Err(problems)
    }
}
