//! What a follower asks for.

use std::collections::BTreeSet;

use serde::Deserialize;
use trunkline_log::{Bounds, Offset};
use utoipa::IntoParams;

use crate::ApiError;

/// Where to begin and what to show.
#[derive(Clone, Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
pub(crate) struct TailRequest {
    /// An offset, `earliest` or `latest`; `latest` where it is missing.
    pub(super) from: Option<String>,
    /// Tables, separated by commas; all where it is missing.
    pub(super) table: Option<String>,
    /// A text that a row must contain.
    pub(super) contains: Option<String>,
}

impl TailRequest {
    /// The offset to begin with. What the browser saw last (`Last-Event-ID`) comes before what the address says.
    pub(super) fn start(
        &self,
        last_seen: Option<&str>,
        bounds: Bounds,
    ) -> Result<Offset, ApiError> {
        let number = |text: &str| text.parse().ok().map(Offset);
        if let Some(last) = last_seen {
            return number(last)
                .map(|last| last.plus(1))
                .ok_or_else(|| ApiError::From(last.chars().take(40).collect()));
        }
        match self.from.as_deref() {
            None | Some("latest" | "") => Ok(bounds.next),
            Some("earliest") => Ok(bounds.first),
            Some(text) => {
                number(text).ok_or_else(|| ApiError::From(text.chars().take(40).collect()))
            }
        }
    }

    /// What rows must be like.
    pub(super) fn filter(&self) -> Filter {
        let tables = self.table.iter().flat_map(|tables| tables.split(','));
        Filter {
            tables: tables
                .map(str::trim)
                .filter(|table| !table.is_empty())
                .map(str::to_owned)
                .collect(),
            contains: self.contains.clone().filter(|text| !text.is_empty()),
        }
    }
}

/// What rows must be like to be shown.
#[derive(Clone, Debug)]
pub(super) struct Filter {
    tables: BTreeSet<String>,
    contains: Option<String>,
}

impl Filter {
    pub(super) fn wants_table(&self, table: &str) -> bool {
        self.tables.is_empty() || self.tables.contains(table)
    }

    pub(super) fn wants_text(&self, json: &str) -> bool {
        self.contains
            .as_ref()
            .is_none_or(|wanted| json.contains(wanted.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: Bounds = Bounds {
        first: Offset(5),
        next: Offset(9),
        bytes: 0,
        segments: 1,
    };

    fn start(from: Option<&str>, last: Option<&str>) -> Result<Offset, ApiError> {
        let request = TailRequest {
            from: from.map(str::to_owned),
            ..TailRequest::default()
        };
        request.start(last, BOUNDS)
    }

    #[test]
    fn the_beginning_is_a_word_or_a_number() {
        assert_eq!(start(None, None).unwrap(), Offset(9));
        assert_eq!(start(Some("earliest"), None).unwrap(), Offset(5));
        assert_eq!(start(Some("7"), None).unwrap(), Offset(7));
        assert_eq!(start(Some("latest"), Some("6")).unwrap(), Offset(7));
        assert!(start(Some("-1"), None).is_err());
        assert!(start(None, Some("x")).is_err());
    }

    #[test]
    fn filters_hold_together() {
        let request = TailRequest {
            table: Some("logs, spans".into()),
            contains: Some("boom".into()),
            from: None,
        };
        let filter = request.filter();
        assert!(filter.wants_table("spans") && !filter.wants_table("events"));
        assert!(filter.wants_text("{\"a\":\"boom\"}") && !filter.wants_text("{}"));
    }
}
