//! A twin as it is.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::message;
use crate::request::{Change, Request};
use crate::{Limits, Rejected, Section, Updated};

/// One shadow of one thing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Document {
    /// What is wanted of the device.
    #[serde(default, skip_serializing_if = "Section::is_empty")]
    pub desired: Section,
    /// What the device says of itself.
    #[serde(default, skip_serializing_if = "Section::is_empty")]
    pub reported: Section,
    /// How many updates were accepted.
    pub version: u64,
    /// When the last one was, in seconds since 1970.
    pub timestamp: i64,
    /// Whether it was deleted, and is kept for its version alone.
    #[serde(default, skip_serializing_if = "is_false")]
    pub deleted: bool,
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks with a reference"
)]
const fn is_false(flag: &bool) -> bool {
    !*flag
}

impl Document {
    /// How long the version of a deleted shadow is remembered, in seconds: one that is made anew until then goes on counting.
    pub const REMEMBERED: i64 = 48 * 3_600;

    /// The shadow as it is there: one that was deleted is not.
    fn living(before: Option<&Self>) -> Option<&Self> {
        before.filter(|document| !document.deleted)
    }

    /// The document after `request`, at `now` in seconds since 1970; `before` is the shadow until now, if there was one.
    ///
    /// # Errors
    /// [`Rejected`] where the request has seen another version, and where the document would be too large.
    pub fn update(
        before: Option<&Arc<Self>>,
        request: Request,
        limits: &Limits,
        now: i64,
    ) -> Result<Updated, Rejected> {
        let living = before.filter(|before| !before.deleted);
        let counted = match before {
            Some(before) if !before.deleted || now - before.timestamp <= Self::REMEMBERED => {
                before.version
            }
            _ => 0,
        };
        if let Some(wanted) = request.version
            && wanted != living.map_or(0, |before| before.version)
        {
            return Err(Rejected::conflict());
        }
        let mut document = Self {
            desired: living.map_or_else(Section::default, |before| before.desired.clone()),
            reported: living.map_or_else(Section::default, |before| before.reported.clone()),
            version: counted + 1,
            timestamp: now,
            deleted: false,
        };
        match &request.change {
            Change::Clear => {
                document.desired = Section::default();
                document.reported = Section::default();
            }
            Change::Sections { desired, reported } => {
                if let Some(change) = desired {
                    document.desired.apply(change, now);
                }
                if let Some(change) = reported {
                    document.reported.apply(change, now);
                }
            }
        }
        if document.bytes() > limits.document_bytes {
            return Err(Rejected::too_large());
        }
        Ok(Updated {
            before: living.cloned(),
            document: Arc::new(document),
            request,
        })
    }

    /// All that is wanted and not yet so.
    #[must_use]
    pub fn delta(&self) -> Map<String, Value> {
        message::difference(self).0
    }

    /// What `get` answers, as JSON.
    ///
    /// # Errors
    /// [`Rejected`] where there is no shadow called `name`.
    pub fn get(
        document: Option<&Self>,
        name: Option<&str>,
        token: Option<&str>,
    ) -> Result<String, Rejected> {
        Self::living(document)
            .map(|document| message::text(&message::whole(document, token)))
            .ok_or_else(|| Rejected::no_shadow(name))
    }

    /// What is kept of a deleted shadow, and what `delete` answers, as JSON.
    ///
    /// # Errors
    /// [`Rejected`] where there is no shadow called `name`.
    pub fn delete(
        document: Option<&Self>,
        name: Option<&str>,
        token: Option<&str>,
        now: i64,
    ) -> Result<(Self, String), Rejected> {
        let document = Self::living(document).ok_or_else(|| Rejected::no_shadow(name))?;
        let kept = Self {
            desired: Section::default(),
            reported: Section::default(),
            version: document.version,
            timestamp: now,
            deleted: true,
        };
        let answer = message::text(&message::deleted(&kept, token));
        Ok((kept, answer))
    }

    /// Bytes of the state as JSON without blanks.
    fn bytes(&self) -> usize {
        let mut count = Count(0);
        for section in [&self.desired, &self.reported] {
            if !section.is_empty() {
                // Counting does not fail, and maps of text are JSON.
                drop(serde_json::to_writer(&mut count, &section.state));
            }
        }
        count.0
    }
}

/// Counts what is written.
struct Count(usize);

impl std::io::Write for Count {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 += bytes.len();
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
