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
    ACCESS_INVITATION_CREATED = "trunkline.access.invitation.created.v1", "access", "A person was invited.", ["invitation", "role", "teams", "expires", "by"];
    ACCESS_INVITATION_REMOVED = "trunkline.access.invitation.removed.v1", "access", "An invitation was withdrawn.", ["invitation", "by"];
    ACCESS_MAIL_FAILED = "trunkline.access.mail.failed.v1", "access", "A mail could not be sent.", ["about", "subject", "reason"];
    ACCESS_OWNER_CREATED = "trunkline.access.owner.created.v1", "access", "The first start made the owner.", ["account", "name"];
    ACCESS_PASSKEY_ADDED = "trunkline.access.passkey.added.v1", "access", "A person added a passkey.", ["account", "passkey", "name"];
    ACCESS_PASSKEY_REFUSED = "trunkline.access.passkey.refused.v1", "access", "A passkey's counter went backwards: it may be a copy.", ["account", "passkey"];
    ACCESS_PASSKEY_REMOVED = "trunkline.access.passkey.removed.v1", "access", "A person removed a passkey.", ["account", "passkey"];
    ACCESS_PASSWORD_RESET_CREATED = "trunkline.access.password-reset.created.v1", "access", "A link to set a new password was made.", ["account", "expires", "by"];
    ACCESS_PASSWORD_CHANGED = "trunkline.access.password.changed.v1", "access", "A password was set.", ["account", "how"];
    ACCESS_PERSON_CHANGED = "trunkline.access.person.changed.v1", "access", "A person's name, email or role changed.", ["account", "name", "role", "by"];
    ACCESS_PERSON_DISABLED = "trunkline.access.person.disabled.v1", "access", "A person was disabled; its sessions and tokens ended.", ["account", "by"];
    ACCESS_PERSON_ENABLED = "trunkline.access.person.enabled.v1", "access", "A disabled person may come in again.", ["account", "by"];
    ACCESS_PERSON_JOINED = "trunkline.access.person.joined.v1", "access", "A person joined, by invitation or from an issuer.", ["account", "name", "role", "how"];
    ACCESS_SERVICE_CREATED = "trunkline.access.service.created.v1", "access", "A service account was made.", ["service", "name", "role", "teams", "by"];
    ACCESS_SERVICE_REMOVED = "trunkline.access.service.removed.v1", "access", "A service account was removed; its tokens ended.", ["service", "name", "by"];
    ACCESS_SESSION_ENDED = "trunkline.access.session.ended.v1", "access", "A person signed out.", ["session", "account"];
    ACCESS_SESSION_STARTED = "trunkline.access.session.started.v1", "access", "A person signed in.", ["session", "account", "method"];
    ACCESS_SIGN_IN_LINK_CREATED = "trunkline.access.sign-in-link.created.v1", "access", "A one-time sign-in link was made.", ["account", "expires"];
    ACCESS_SIGN_IN_FAILED = "trunkline.access.sign-in.failed.v1", "access", "Somebody did not come in; at most one event for an address in ten seconds.", ["client", "method", "account", "failures"];
    ACCESS_TEAM_CREATED = "trunkline.access.team.created.v1", "access", "A team was made.", ["team", "name", "by"];
    ACCESS_TEAM_JOINED = "trunkline.access.team.joined.v1", "access", "Somebody joined a team.", ["team", "name", "member", "by"];
    ACCESS_TEAM_LEFT = "trunkline.access.team.left.v1", "access", "Somebody left a team.", ["team", "name", "member", "by"];
    ACCESS_TEAM_REMOVED = "trunkline.access.team.removed.v1", "access", "A team was removed.", ["team", "name", "by"];
    ACCESS_TOKEN_CREATED = "trunkline.access.token.created.v1", "access", "An API token was made.", ["token", "name", "scopes", "expires", "by"];
    ACCESS_TOKEN_REVOKED = "trunkline.access.token.revoked.v1", "access", "An API token was revoked.", ["token", "name", "by"];
    ACCESS_TOTP_DISABLED = "trunkline.access.totp.disabled.v1", "access", "An authenticator app was removed from an account.", ["account", "by"];
    ACCESS_TOTP_ENABLED = "trunkline.access.totp.enabled.v1", "access", "An account asks for the code of an authenticator app.", ["account"];
    FLEET_ARTIFACT_ADDED = "trunkline.fleet.artifact.added.v1", "artifact", "A firmware artifact was uploaded and signed.", ["name", "version", "bytes", "sha256", "key", "by"];
    FLEET_ARTIFACT_REMOVED = "trunkline.fleet.artifact.removed.v1", "artifact", "A firmware artifact was removed.", ["name", "version", "sha256", "by"];
    FLEET_AUTHORITY_ADDED = "trunkline.fleet.authority.added.v1", "fleet", "Another authority was registered, whose certificates may become devices.", ["authority", "subject", "not_after", "by"];
    FLEET_AUTHORITY_REMOVED = "trunkline.fleet.authority.removed.v1", "fleet", "Another authority is not trusted any more.", ["authority", "by"];
    FLEET_BRIDGE_CONNECTED = "trunkline.fleet.bridge.connected.v1", "fleet", "A bridge is connected with our broker or with the other one.", ["bridge", "side", "address"];
    FLEET_BRIDGE_DISCONNECTED = "trunkline.fleet.bridge.disconnected.v1", "fleet", "A connection of a bridge ended.", ["bridge", "side", "address", "reason"];
    FLEET_BRIDGE_DROPPED = "trunkline.fleet.bridge.dropped.v1", "fleet", "A bridge could not carry messages, because of a limit or a refusal.", ["bridge", "direction", "reason", "count", "topic", "bytes"];
    FLEET_CERTIFICATE_CHANGED = "trunkline.fleet.certificate.changed.v1", "fleet", "A device's certificate was made, or its status changed.", ["certificate", "thing", "status", "claim", "not_after", "by"];
    FLEET_CERTIFICATE_EXPIRING = "trunkline.fleet.certificate.expiring.v1", "fleet", "A device's certificate ends within 30 days; told once a day.", ["certificate", "thing", "not_after"];
    FLEET_CLIENT_CONNECTED = "trunkline.fleet.client.connected.v1", "fleet", "A client connected over MQTT.", ["client", "principal", "thing", "address", "version"];
    FLEET_CLIENT_GONE = "trunkline.fleet.client.gone.v1", "fleet", "A client's connection ended.", ["client", "principal", "thing", "reason"];
    FLEET_CLIENT_REFUSED = "trunkline.fleet.client.refused.v1", "fleet", "A client was not let in; at most one event a second for each address and reason.", ["client", "address", "reason", "repeated"];
    FLEET_COMMAND_ANSWERED = "trunkline.fleet.command.answered.v1", "command", "A device answered a command in time.", ["command", "thing", "name", "status", "result", "binary", "reason", "by"];
    FLEET_COMMAND_CANCELLED = "trunkline.fleet.command.cancelled.v1", "command", "A command was called off before the device answered it.", ["command", "thing", "name", "by"];
    FLEET_COMMAND_LATE = "trunkline.fleet.command.late.v1", "command", "A device answered a command that was over by then, which changed nothing; told once for each command.", ["command", "thing", "name", "over", "status", "result", "binary", "reason", "by"];
    FLEET_COMMAND_SENT = "trunkline.fleet.command.sent.v1", "command", "A command was made for a device.", ["command", "thing", "name", "payload", "deadline", "by"];
    FLEET_COMMAND_TIMED_OUT = "trunkline.fleet.command.timed-out.v1", "command", "A device did not answer a command by its deadline.", ["command", "thing", "name", "delivered"];
    FLEET_GROUP_CHANGED = "trunkline.fleet.group.changed.v1", "fleet", "A group of devices was made, changed or removed.", ["group", "parent", "statement", "description", "removed", "by"];
    FLEET_GROUP_MEMBER_CHANGED = "trunkline.fleet.group.member.changed.v1", "fleet", "A device came into a group or left it.", ["group", "thing", "member", "by"];
    FLEET_JOB_CHANGED = "trunkline.fleet.job.changed.v1", "fleet", "A job was made, began, was called off, was done or was removed; `statement` and `criterion` say by what it called itself off.", ["job", "status", "forced", "reason", "comment", "document", "statement", "criterion", "removed", "by"];
    FLEET_JOB_EXECUTION_CHANGED = "trunkline.fleet.job.execution.changed.v1", "fleet", "A device's work on a job changed.", ["job", "thing", "number", "status", "version", "details"];
    FLEET_JOB_QUESTION_FAILED = "trunkline.fleet.job.question.failed.v1", "fleet", "A statement of a job, or of a group that it is for, could not be evaluated; told once until it can.", ["job", "about", "statement", "reason"];
    FLEET_JOIN_TOKEN_CHANGED = "trunkline.fleet.join-token.changed.v1", "fleet", "A token by which devices join was made or removed.", ["token", "pattern", "uses", "ends", "removed", "by"];
    FLEET_MESSAGE_DROPPED = "trunkline.fleet.message.dropped.v1", "fleet", "A message was lost to a limit: the rate of its sender, the queue of a client, or the number of retained topics; at most one event a second for each client and limit.", ["client", "limit", "repeated"];
    FLEET_RELATION_PUT = "trunkline.fleet.relation.put.v1", "topology", "A device or a place was related to another.", ["from", "kind", "to", "by"];
    FLEET_RELATION_REMOVED = "trunkline.fleet.relation.removed.v1", "topology", "A relation of a device or a place to another was removed.", ["from", "kind", "to", "by"];
    FLEET_TEMPLATE_CHANGED = "trunkline.fleet.template.changed.v1", "fleet", "A template by which devices are provisioned was written or removed.", ["template", "removed", "by"];
    FLEET_THING_CHANGED = "trunkline.fleet.thing.changed.v1", "fleet", "The kind or the attributes of a device changed.", ["thing", "kind", "attributes", "by"];
    FLEET_THING_CREATED = "trunkline.fleet.thing.created.v1", "fleet", "A device was made.", ["thing", "kind", "attributes", "by"];
    FLEET_THING_REMOVED = "trunkline.fleet.thing.removed.v1", "fleet", "A device and its twins were removed.", ["thing", "by"];
    FLEET_THING_SECRET_RENEWED = "trunkline.fleet.thing.secret-renewed.v1", "fleet", "A device got a new secret; the old one ended.", ["thing", "by"];
    FLEET_TOPIC_DENIED = "trunkline.fleet.topic.denied.v1", "fleet", "A client wanted to publish or subscribe where it may not; at most one event a second for each topic.", ["client", "principal", "thing", "action", "topic", "repeated"];
    FLEET_TWIN_CHANGED = "trunkline.fleet.twin.changed.v1", "fleet", "A twin changed or was removed; a row of the table `twins`.", ["thing", "shadow", "version", "deleted", "desired", "reported", "metadata", "by"];
    FLEET_TWIN_UNFIT = "trunkline.fleet.twin.unfit.v1", "fleet", "What a device reports does not fit its type; at most one event a minute for each device.", ["thing", "kind", "version", "problems", "repeated"];
    FLEET_TWINS_FORGOTTEN = "trunkline.fleet.twins.forgotten.v1", "fleet", "All twins of a device are gone, since the device is.", ["thing", "by"];
    FLEET_TYPE_CHANGED = "trunkline.fleet.type.changed.v1", "fleet", "A type of devices was written or removed.", ["type", "reported", "attributes", "shadow_bytes", "removed", "by"];
    FORGE_CHANGE_CHANGED = "trunkline.forge.change.changed.v1", "forge", "A change was pushed, queued, landed, refused or given up; a row of the table `changes`.", ["change", "repository", "state", "mode", "revision", "commit", "title", "author", "topic", "landed", "reason", "by"];
    FORGE_CHANGE_COMMENTED = "trunkline.forge.change.commented.v1", "forge", "Somebody commented on a change, or a comment was resolved.", ["change", "comment", "revision", "path", "line", "side", "text", "resolved", "by"];
    FORGE_CHANGE_REVIEWED = "trunkline.forge.change.reviewed.v1", "forge", "Somebody approved a change or asked for more.", ["change", "revision", "verdict", "by"];
    FORGE_LANDING_FINISHED = "trunkline.forge.landing.finished.v1", "forge", "The queue landed or refused what was pushed together; a row of the table `landings`.", ["landing", "repository", "changes", "outcome", "reason", "commit", "previous", "waited_ms", "tasks", "ran", "task_ms", "by"];
    FORGE_QUEUE_CHANGED = "trunkline.forge.queue.changed.v1", "forge", "The landing queue of a repository was paused or goes on.", ["repository", "paused", "reason", "by"];
    FORGE_REFS_UPDATED = "trunkline.forge.refs.updated.v1", "forge", "Branches or tags were moved by a push; `break_glass` says why it went past the queue.", ["repository", "refs", "break_glass", "by"];
    FORGE_REPOSITORY_CHANGED = "trunkline.forge.repository.changed.v1", "forge", "A repository was made, changed or removed.", ["repository", "trunk", "description", "removed", "by"];
    FORGE_TASK_FINISHED = "trunkline.forge.task.finished.v1", "forge", "A task of a change ended, or its result was known; a row of the table `tasks`.", ["run", "repository", "landing", "change", "project", "task", "key", "outcome", "exit", "milliseconds", "cached", "flaky", "commit"];
    GATEWAY_CONTRACT_VIOLATED = "trunkline.gateway.contract.violated.v1", "gateway", "A request or its answer did not keep to the service's API document.", ["time", "route", "service", "side", "method", "path", "status", "enforced", "findings", "repeated"];
    GATEWAY_MIRROR_COMPARED = "trunkline.gateway.mirror.compared.v1", "gateway", "The answers of an upstream and of its mirror to the same request were compared.", ["route", "upstream", "status", "mirror_status", "same_status", "same_type", "same_body", "same"];
    GATEWAY_REQUEST = "trunkline.gateway.request.v1", "gateway", "A request passed the gateway or was refused by it; a row of the table `requests`.", ["time", "route", "team", "service", "release", "upstream", "method", "path", "service_path", "status", "refusal", "auth", "principal", "key", "plan", "client", "trace_id", "span_id", "bytes_in", "bytes_out", "total_us", "wait_us", "upstream_us", "retries", "protocol", "mirror", "user_agent", "repeated"];
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
    LFS_OBJECT_STORED = "trunkline.lfs.object.stored.v1", "lfs", "A large file of a repository arrived.", ["repository", "oid", "bytes", "by"];
    MIRROR_CHANGED = "trunkline.mirror.changed.v1", "mirror", "A mirror of a repository was made, changed or removed.", ["repository", "direction", "url", "branch", "removed", "by"];
    MIRROR_SYNCED = "trunkline.mirror.synced.v1", "mirror", "A repository and the one elsewhere that it mirrors are at another commit, or stopped or began to fail.", ["repository", "direction", "url", "state", "commit", "problem"];
    PORTAL_API_CHANGED = "trunkline.portal.api.changed.v1", "portal", "A service's API document changed.", ["service", "from", "to", "breaking", "changes", "listed"];
    QUERY_REMOVED = "trunkline.query.removed.v1", "api", "A saved query was removed.", ["name", "by"];
    QUERY_SAVED = "trunkline.query.saved.v1", "api", "A query was saved under a name.", ["name", "query", "chart", "by"];
    RUN_DEPLOYMENT_CHANGED = "trunkline.run.deployment.changed.v1", "run", "A deployment came to another state; a row of the table `deployments`.", ["deployment", "service", "kind", "release", "number", "previous", "state", "step", "percent", "reason", "evidence", "commit", "started", "by"];
    RUN_INSTANCE_CHANGED = "trunkline.run.instance.changed.v1", "run", "A process of a service started, got ready, was parked or ended.", ["instance", "service", "release", "state", "port", "exit", "reason"];
    RUN_RELEASE_CREATED = "trunkline.run.release.created.v1", "run", "A landing made a release of a service; a row of the table `releases`.", ["release", "service", "number", "repository", "commit", "digest", "files", "bytes", "tasks", "by"];
    RUN_SERVICE_CHANGED = "trunkline.run.service.changed.v1", "run", "A service was found in a trunk, changed, pinned or removed.", ["service", "repository", "folder", "pinned", "removed", "reason", "by"];
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
