//! An update that was accepted.

use std::sync::Arc;

use crate::request::{Change, Request, SectionChange};
use crate::{Document, message};

/// An accepted update. What is told of it is put together when it is asked for: most updates have nobody who hears of them.
#[derive(Clone, Debug, PartialEq)]
pub struct Updated {
    pub(crate) before: Option<Arc<Document>>,
    pub(crate) document: Arc<Document>,
    pub(crate) request: Request,
}

/// What is told of an update, each on a topic of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// For `…/update/accepted`: what was asked for.
    Accepted,
    /// For `…/update/delta`: all that is wanted and not yet so; nothing where there is no difference.
    Delta,
    /// For `…/update/documents`: before and after.
    Documents,
}

impl Part {
    /// The end of its topic.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "update/accepted",
            Self::Delta => "update/delta",
            Self::Documents => "update/documents",
        }
    }
}

impl Updated {
    /// The shadow from now on.
    #[must_use]
    pub const fn document(&self) -> &Arc<Document> {
        &self.document
    }

    /// Whether the section `reported` was written.
    #[must_use]
    pub const fn has_reported(&self) -> bool {
        matches!(
            self.request.change,
            Change::Sections {
                reported: Some(SectionChange::Merge(_)),
                ..
            }
        )
    }

    /// A part as JSON.
    #[must_use]
    pub fn text(&self, part: Part) -> Option<String> {
        let (document, token) = (&*self.document, self.request.token.as_deref());
        match part {
            Part::Accepted => Some(message::text(&message::accepted(document, &self.request))),
            Part::Delta => message::differing(document, token).map(|told| message::text(&told)),
            Part::Documents => {
                let before = self.before.as_deref();
                Some(message::text(&message::documents(before, document, token)))
            }
        }
    }
}
