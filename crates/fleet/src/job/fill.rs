//! Documents of jobs on their way to devices.

use std::sync::{Arc, OnceLock};

use serde_json::Value;
use trunkline_job::{Document, Message};

use super::store;
use crate::{Documents, Fleet, FleetError, Told};

/// Who fills documents; nobody before the platform has said who.
pub(crate) type Filler = Arc<OnceLock<Arc<dyn Documents>>>;

/// Where the document of a job stands in what a device is told. What the device itself said beside it stays as it is.
const PLACES: [&str; 2] = ["/jobDocument", "/execution/jobDocument"];

/// What `thing` is told.
pub(super) fn told(message: Message, thing: &str, filler: &Filler) -> Told {
    let mut document = message.document;
    if let Some(filler) = filler.get() {
        for place in PLACES {
            if let Some(there) = document.pointer_mut(place) {
                *there = filler.fill(there.take(), thing);
            }
        }
    }
    Told {
        topic: message.topic,
        body: document.into(),
    }
}

impl Fleet {
    /// Says who checks and fills the documents of jobs. The first one stays.
    pub fn set_documents(&self, documents: Arc<dyn Documents>) {
        self.filler.get_or_init(|| documents);
    }

    /// Whether a job may have this document.
    pub(super) fn check_document(&self, document: &Document) -> Result<(), FleetError> {
        let Some(filler) = self.filler.get() else {
            return Ok(());
        };
        let document = Value::Object(document.0.clone());
        filler.check(&document).map_err(FleetError::JobInvalid)
    }

    /// The documents that devices may still be told, with the ids of their jobs; those that would roll them back are among them.
    ///
    /// # Errors
    /// [`FleetError::Store`] when one of them cannot be read.
    pub async fn documents_in_use(&self) -> Result<Vec<(String, Value)>, FleetError> {
        let mut reader = self.store.readers().acquire().await?;
        let mut all = Vec::new();
        for row in store::in_use(&mut reader).await? {
            for document in row.rollback.into_iter().chain([row.job.document]) {
                all.push((row.job.id.clone(), Value::Object(document.0)));
            }
        }
        Ok(all)
    }
}
