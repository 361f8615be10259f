//! The platform's own event types: the name, version and meaning of each event that a room writes.

use serde::Serialize;

/// One type of event that the platform writes.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct EventType {
    /// The CloudEvents `type`, version included.
    pub name: &'static str,
    /// The room that writes it.
    pub room: &'static str,
    /// What it says, in one sentence.
    pub meaning: &'static str,
    /// The names of the payload's fields.
    pub fields: &'static [&'static str],
}

macro_rules! event_types {
    ($($(#[$doc:meta])* $constant:ident = $name:literal, $room:literal, $meaning:literal, [$($field:literal),*];)*) => {
        $($(#[$doc])* #[doc = $meaning] pub const $constant: &str = $name;)*

        /// Every event type of the platform, in the order of their names.
        pub const ALL: &[EventType] = &[
            $(EventType { name: $name, room: $room, meaning: $meaning, fields: &[$($field),*] },)*
        ];
    };
}

event_types! {
    ACCESS_DECISION = "trunkline.access.decision.v1", "access", "Somebody did something that changes the platform, or was refused; a row of the table `audit`.", ["time", "who", "who_name", "kind", "role", "action", "resource", "of_team", "allowed", "reason", "policies", "client", "repeated"];
    ACCESS_OWNER_CREATED = "trunkline.access.owner.created.v1", "access", "The first start made the owner.", ["account", "name"];
    ACCESS_SESSION_ENDED = "trunkline.access.session.ended.v1", "access", "A person signed out.", ["session", "account"];
    ACCESS_SESSION_STARTED = "trunkline.access.session.started.v1", "access", "A person signed in.", ["session", "account", "method"];
    ACCESS_SIGN_IN_LINK_CREATED = "trunkline.access.sign-in-link.created.v1", "access", "A one-time sign-in link was made.", ["account", "expires"];
    ACCESS_TOKEN_CREATED = "trunkline.access.token.created.v1", "access", "An API token was made.", ["token", "name", "scopes", "expires", "by"];
    ACCESS_TOKEN_REVOKED = "trunkline.access.token.revoked.v1", "access", "An API token was revoked.", ["token", "name", "by"];
    GATEWAY_REQUEST = "trunkline.gateway.request.v1", "gateway", "A request passed the gateway or was refused by it; a row of the table `requests`.", ["time", "route", "team", "service", "release", "upstream", "method", "path", "status", "refusal", "auth", "principal", "key", "plan", "client", "trace_id", "span_id", "bytes_in", "bytes_out", "total_us", "wait_us", "upstream_us", "retries", "protocol", "mirror", "user_agent", "repeated"];
    INGEST_REFUSED = "trunkline.ingest.refused.v1", "ingest", "An event was refused and lies in the dead-letter table.", ["protocol", "code", "detail"];
    LAKE_ROWS_ERASED = "trunkline.lake.rows.erased.v1", "lake", "Rows were erased from a table by an owner.", ["table", "where", "rows", "by"];
    LAKE_TABLE_CHANGED = "trunkline.lake.table.changed.v1", "lake", "A table's retention or columns changed.", ["table", "change", "by"];
    LAKE_TYPE_REGISTERED = "trunkline.lake.type.registered.v1", "lake", "An event type got its own table.", ["type", "table", "columns", "by"];
    QUERY_REMOVED = "trunkline.query.removed.v1", "api", "A saved query was removed.", ["name", "by"];
    QUERY_SAVED = "trunkline.query.saved.v1", "api", "A query was saved under a name.", ["name", "query", "chart", "by"];
}

/// The entry of the event type called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static EventType> {
    ALL.iter().find(|entry| entry.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_versioned_and_unique() {
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
        for entry in ALL {
            assert!(entry.name.starts_with("trunkline."), "{}", entry.name);
            let version = entry.name.rsplit('.').next().unwrap();
            assert!(version.starts_with('v'), "{}", entry.name);
        }
    }

    #[test]
    fn the_catalogue_is_an_outside_shape() {
        insta::assert_json_snapshot!(ALL);
    }
}
