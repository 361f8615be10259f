//! What is told about a twin, in the order in which AWS writes it.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::delta::delta;
use crate::document::Document;
use crate::request::{Change, Request, SectionChange};
use crate::times::{Times, all};

/// The sections of a document; those that are empty are left out.
#[derive(Serialize)]
struct State<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    desired: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported: Option<&'a Map<String, Value>>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    delta: Map<String, Value>,
}

/// The times of the sections.
#[derive(Serialize)]
struct Metadata<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    desired: Option<&'a Times>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reported: Option<&'a Times>,
}

impl<'a> State<'a> {
    fn of(document: &'a Document) -> Self {
        let [desired, reported] =
            sections(document).map(|section| section.map(|section| &section.state));
        Self {
            desired,
            reported,
            delta: Map::new(),
        }
    }
}

impl<'a> Metadata<'a> {
    fn of(document: &'a Document) -> Self {
        let [desired, reported] =
            sections(document).map(|section| section.map(|section| &section.metadata));
        Self { desired, reported }
    }
}

fn sections(document: &Document) -> [Option<&crate::Section>; 2] {
    [&document.desired, &document.reported]
        .map(|section| Some(section).filter(|section| !section.is_empty()))
}

pub(crate) fn difference(document: &Document) -> (Map<String, Value>, Times) {
    let (state, seconds) = delta(
        &document.desired.state,
        document.desired.metadata.seconds(),
        Some(&document.reported.state),
    );
    (state, Times(seconds))
}

/// The whole document, for who asks.
#[derive(Serialize)]
struct Whole<'a> {
    state: State<'a>,
    metadata: Metadata<'a>,
    version: u64,
    timestamp: i64,
    #[serde(rename = "clientToken", skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

pub(crate) fn whole<'a>(document: &'a Document, token: Option<&'a str>) -> impl Serialize + 'a {
    Whole {
        state: State {
            delta: difference(document).0,
            ..State::of(document)
        },
        metadata: Metadata::of(document),
        version: document.version,
        timestamp: document.timestamp,
        token,
    }
}

/// What was asked for, to who asked for it.
#[derive(Serialize)]
struct Accepted<'a> {
    state: Asked<'a>,
    metadata: Written,
    version: u64,
    timestamp: i64,
    #[serde(rename = "clientToken", skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// The state that was asked for. What was to go is null.
#[derive(Serialize)]
#[serde(untagged)]
enum Asked<'a> {
    Nothing,
    Sections {
        #[serde(skip_serializing_if = "Option::is_none")]
        desired: Option<Option<&'a Map<String, Value>>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reported: Option<Option<&'a Map<String, Value>>>,
    },
}

/// When it was written.
#[derive(Serialize)]
#[serde(untagged)]
enum Written {
    Whole {
        timestamp: i64,
    },
    Each(Times),
    Sections {
        #[serde(skip_serializing_if = "Option::is_none")]
        desired: Option<Box<Self>>,
        #[serde(skip_serializing_if = "Option::is_none")]
        reported: Option<Box<Self>>,
    },
}

pub(crate) fn accepted<'a>(document: &Document, request: &'a Request) -> impl Serialize + 'a {
    let timestamp = document.timestamp;
    let asked = |change: &'a Option<SectionChange>| {
        change.as_ref().map(|change| match change {
            SectionChange::Remove => None,
            SectionChange::Merge(members) => Some(members),
        })
    };
    let written = |change: &'a Option<SectionChange>| {
        change.as_ref().map(|change| {
            Box::new(match change {
                SectionChange::Remove => Written::Whole { timestamp },
                SectionChange::Merge(members) => Written::Each(all(members, timestamp)),
            })
        })
    };
    let (state, metadata) = match &request.change {
        Change::Clear => (Asked::Nothing, Written::Whole { timestamp }),
        Change::Sections { desired, reported } => (
            Asked::Sections {
                desired: asked(desired),
                reported: asked(reported),
            },
            Written::Sections {
                desired: written(desired),
                reported: written(reported),
            },
        ),
    };
    Accepted {
        state,
        metadata,
        version: document.version,
        timestamp,
        token: request.token.as_deref(),
    }
}

/// All that is wanted and not yet so, for the device.
#[derive(Serialize)]
struct Differing<'a> {
    version: u64,
    timestamp: i64,
    state: Map<String, Value>,
    metadata: Times,
    #[serde(rename = "clientToken", skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

/// Nothing where there is no difference.
pub(crate) fn differing<'a>(
    document: &Document,
    token: Option<&'a str>,
) -> Option<impl Serialize + 'a> {
    let (state, metadata) = difference(document);
    (!state.is_empty()).then(|| Differing {
        version: document.version,
        timestamp: document.timestamp,
        state,
        metadata,
        token,
    })
}

/// The document before and after, for who keeps a history.
#[derive(Serialize)]
struct Documents<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    previous: Option<Version<'a>>,
    current: Version<'a>,
    timestamp: i64,
    #[serde(rename = "clientToken", skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

#[derive(Serialize)]
struct Version<'a> {
    state: State<'a>,
    metadata: Metadata<'a>,
    version: u64,
}

impl<'a> Version<'a> {
    fn of(document: &'a Document) -> Self {
        Self {
            state: State::of(document),
            metadata: Metadata::of(document),
            version: document.version,
        }
    }
}

pub(crate) fn documents<'a>(
    before: Option<&'a Document>,
    after: &'a Document,
    token: Option<&'a str>,
) -> impl Serialize + 'a {
    Documents {
        previous: before.map(Version::of),
        current: Version::of(after),
        timestamp: after.timestamp,
        token,
    }
}

/// That the shadow is gone.
#[derive(Serialize)]
struct Deleted<'a> {
    version: u64,
    timestamp: i64,
    #[serde(rename = "clientToken", skip_serializing_if = "Option::is_none")]
    token: Option<&'a str>,
}

pub(crate) fn deleted<'a>(document: &Document, token: Option<&'a str>) -> impl Serialize + 'a {
    Deleted {
        version: document.version,
        timestamp: document.timestamp,
        token,
    }
}

/// As JSON. Maps of text with values of JSON always are.
pub(crate) fn text(message: &impl Serialize) -> String {
    serde_json::to_string(message).unwrap_or_default()
}
