//! Documents made again from what was written when they changed, and held against the present ones.

use serde::Serialize;
use serde_json::{Map, Value};
use trunkline_store::StoreError;
use trunkline_twin::{Document, Section, Times};
use utoipa::ToSchema;

use crate::cache::Key;
use crate::table;

/// The last version of a twin, as it was written when it changed.
#[derive(Clone, Debug, PartialEq)]
pub struct Version {
    /// The thing.
    pub thing: String,
    /// The shadow's name; empty for the classic one.
    pub shadow: String,
    /// The version.
    pub version: u64,
    /// When it changed, in seconds since 1970.
    pub seconds: i64,
    /// Whether it was deleted.
    pub deleted: bool,
    /// What was wanted, what was reported, and when each was written, as JSON objects.
    pub desired: String,
    /// See `desired`.
    pub reported: String,
    /// See `desired`.
    pub metadata: String,
}

/// A document that is not what the log says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Difference {
    /// The thing.
    #[schema(example = "pump-7")]
    pub thing: String,
    /// The shadow's name; empty for the classic one.
    pub shadow: String,
    /// The document that there is; null where there is none.
    #[schema(required = true)]
    pub present: Option<String>,
    /// The document as the log makes it.
    pub rebuilt: String,
}

/// What came of making all documents again.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Rebuild {
    /// Twins that were made again.
    pub rebuilt: u64,
    /// Those that are byte for byte what they were.
    pub equal: u64,
    /// Documents that there are and that the log does not know.
    pub unknown: u64,
    /// Those that are not, at most a hundred of them.
    pub differences: Vec<Difference>,
    /// Whether the different ones were put in the place of the present ones.
    pub mended: bool,
}

impl Version {
    pub(crate) fn key(&self) -> Key {
        Key {
            thing: self.thing.clone(),
            shadow: self.shadow.clone(),
        }
    }

    /// The document, and its JSON.
    pub(crate) fn document(&self) -> Result<(Document, String), StoreError> {
        let mut metadata = object(&self.metadata)?;
        let mut times = |section: &str| match metadata.remove(section) {
            Some(times @ Value::Object(_)) => serde_json::from_value(times)
                .map_err(|error| StoreError::value("times of a twin", error)),
            _ => Ok(Times::default()),
        };
        let document = Document {
            desired: Section {
                state: object(&self.desired)?,
                metadata: times("desired")?,
            },
            reported: Section {
                state: object(&self.reported)?,
                metadata: times("reported")?,
            },
            version: self.version,
            timestamp: self.seconds,
            deleted: self.deleted,
        };
        let text = table::text(&document)?;
        Ok((document, text))
    }
}

fn object(text: &str) -> Result<Map<String, Value>, StoreError> {
    if text.is_empty() {
        return Ok(Map::new());
    }
    serde_json::from_str(text).map_err(|error| StoreError::value("section of a twin", error))
}

/// What came of comparing some versions with the present documents.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// How many of them there are.
    pub present: u64,
    /// Those that differ.
    pub differences: Vec<Difference>,
}

/// The difference between the document that there is and the one that was made again, if there is any. One that has changed since the
/// versions were read is no difference; one that cannot be read is.
pub(crate) fn difference(
    key: &Key,
    present: Option<&str>,
    rebuilt: &str,
    version: u64,
) -> Option<Difference> {
    let readable = present.and_then(|text| table::parse(text).ok());
    let newer = readable.is_some_and(|document| document.version > version);
    let differs = present != Some(rebuilt) && !newer;
    differs.then(|| Difference {
        thing: key.thing.clone(),
        shadow: key.shadow.clone(),
        present: present.map(str::to_owned),
        rebuilt: rebuilt.to_owned(),
    })
}
