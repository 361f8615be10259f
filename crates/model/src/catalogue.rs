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
    ACCESS_OWNER_CREATED = "trunkline.access.owner.created.v1", "access", "The first start made the owner.", ["account", "name"];
    ACCESS_SESSION_ENDED = "trunkline.access.session.ended.v1", "access", "A person signed out.", ["session", "account"];
    ACCESS_SESSION_STARTED = "trunkline.access.session.started.v1", "access", "A person signed in.", ["session", "account", "method"];
    ACCESS_SIGN_IN_LINK_CREATED = "trunkline.access.sign-in-link.created.v1", "access", "A one-time sign-in link was made.", ["account", "expires"];
    ACCESS_TOKEN_CREATED = "trunkline.access.token.created.v1", "access", "An API token was made.", ["token", "name", "scopes", "expires", "by"];
    ACCESS_TOKEN_REVOKED = "trunkline.access.token.revoked.v1", "access", "An API token was revoked.", ["token", "name", "by"];
    INGEST_REFUSED = "trunkline.ingest.refused.v1", "ingest", "An event was refused and lies in the dead-letter table.", ["protocol", "code", "detail"];
    ISSUER_CLIENT_CHANGED = "trunkline.issuer.client.changed.v1", "issuer", "A client of the OpenID provider got other settings.", ["client", "name", "settings", "by"];
    ISSUER_CLIENT_CREATED = "trunkline.issuer.client.created.v1", "issuer", "A client of the OpenID provider was registered.", ["client", "name", "kind", "settings", "by"];
    ISSUER_CLIENT_REMOVED = "trunkline.issuer.client.removed.v1", "issuer", "A client of the OpenID provider was removed.", ["client", "name", "by"];
    ISSUER_CONSENT_GIVEN = "trunkline.issuer.consent.given.v1", "issuer", "A person let a client know who they are.", ["client", "account", "scopes", "method"];
    ISSUER_GRANT_REVOKED = "trunkline.issuer.grant.revoked.v1", "issuer", "The tokens of a grant, or a single token, were taken back.", ["client", "subject", "grant", "token", "reason"];
    ISSUER_KEY_CREATED = "trunkline.issuer.key.created.v1", "issuer", "A signing key of the OpenID provider was made.", ["key", "starts", "removed", "by"];
    ISSUER_SECRET_CREATED = "trunkline.issuer.secret.created.v1", "issuer", "A client of the OpenID provider got a secret.", ["client", "secret", "by"];
    ISSUER_SECRET_REMOVED = "trunkline.issuer.secret.removed.v1", "issuer", "A client of the OpenID provider lost a secret.", ["client", "secret", "by"];
    ISSUER_TOKEN_GRANTED = "trunkline.issuer.token.granted.v1", "issuer", "A client of the OpenID provider got tokens.", ["client", "subject", "flow", "grant", "token", "scopes", "audience"];
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
