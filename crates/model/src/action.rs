//! What can be done to the platform: the name of each action, what it is done to, and who may do it where no policy says otherwise.
//!
//! An action is `noun.verb`. Every route, table and topic asks about one of these, and policies name them.

use serde::Serialize;

use crate::{Role, Scope};

/// One action.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ActionType {
    /// Its name in policies and in the audit, such as `table.read`.
    pub name: &'static str,
    /// The kind of thing that it is done to, as policies name it, such as `Table`.
    pub resource: &'static str,
    /// The least role that may do it where no policy says otherwise.
    pub role: Role,
    /// The ceiling that a credential needs.
    pub scope: Scope,
    /// Whether it changes something: it is then in the audit even where it is allowed.
    pub changes: bool,
    /// What it does, in a few words.
    pub meaning: &'static str,
}

macro_rules! actions {
    ($($constant:ident = $name:literal, $resource:literal, $role:ident, $scope:ident, $changes:literal, $meaning:literal;)*) => {
        $(
            #[doc = $meaning]
            pub static $constant: ActionType = ActionType {
                name: $name,
                resource: $resource,
                role: Role::$role,
                scope: Scope::$scope,
                changes: $changes,
                meaning: $meaning,
            };
        )*

        /// Every action, in the order of their names.
        pub static ALL: &[&ActionType] = &[$(&$constant),*];
    };
}

actions! {
    ACCESS_CHECK = "access.check", "Workspace", Operator, Read, false, "ask what somebody may do";
    API_READ = "api.read", "Api", Viewer, Read, false, "read a service's API document and what changed in it";
    ARTIFACT_CHANGE = "artifact.change", "Artifact", Operator, Write, true, "upload a firmware artifact, which is signed, or remove one";
    ARTIFACT_READ = "artifact.read", "Artifact", Viewer, Read, false, "look at firmware artifacts and download them";
    CACHE_READ = "cache.read", "Cache", Viewer, Read, false, "read results of tasks from the shared cache";
    CACHE_TRUST = "cache.trust", "Cache", Operator, Write, true, "put results of tasks where everybody takes them from";
    CACHE_WRITE = "cache.write", "Cache", Developer, Write, false, "put results of tasks into the own part of the shared cache";
    CHANGE_PUSH = "change.push", "Repository", Developer, Write, true, "push changes for the trunk, and branches and tags beside it";
    CHANGE_READ = "change.read", "Repository", Viewer, Read, false, "look at changes, their reviews, the queue and the runs of tasks";
    CHANGE_REVIEW = "change.review", "Repository", Developer, Write, true, "comment on changes, approve them or ask for more";
    CLIENT_CHANGE = "client.change", "Client", Owner, Owner, true, "make, change or remove a client of the OpenID provider";
    CLIENT_LIST = "client.list", "Client", Operator, Read, false, "list the clients of the OpenID provider";
    COMMAND_READ = "command.read", "Thing", Viewer, Read, false, "look at the commands of a device and what it answered";
    COMMAND_SEND = "command.send", "Thing", Operator, Owner, true, "send a command to a device, or call one off";
    DEPLOYMENT_CHANGE = "deployment.change", "Deployment", Developer, Write, true, "roll a service out or back, hold, resume, skip, pin";
    DEPLOYMENT_READ = "deployment.read", "Deployment", Viewer, Read, false, "look at services, their releases, deployments, instances and logs";
    EVENT_SEND = "event.send", "Topic", Developer, Write, false, "send events of a type";
    EVENT_TAIL = "event.tail", "Workspace", Viewer, Read, false, "follow the log";
    GATEWAY_CHANGE = "gateway.change", "Gateway", Operator, Owner, true, "change weights and splits";
    GATEWAY_READ = "gateway.read", "Gateway", Viewer, Read, false, "look at routes, upstreams and usage";
    INVITATION_CHANGE = "invitation.change", "Workspace", Owner, Owner, true, "invite somebody or take an invitation back";
    INVITATION_LIST = "invitation.list", "Workspace", Operator, Read, false, "list open invitations";
    LINK_CREATE = "link.create", "Workspace", Owner, Owner, true, "make a one-time sign-in link to the own account";
    PERSON_CHANGE = "person.change", "Account", Owner, Owner, true, "change, disable or reset a person's account";
    PERSON_LIST = "person.list", "Workspace", Viewer, Read, false, "list the people and their teams";
    POLICY_READ = "policy.read", "Workspace", Viewer, Read, false, "read the policies";
    QUERY_CHANGE = "query.change", "Workspace", Viewer, Read, true, "save or remove a query";
    QUERY_LIST = "query.list", "Workspace", Viewer, Read, false, "list the saved queries";
    QUEUE_CHANGE = "queue.change", "Repository", Operator, Write, true, "pause the landing queue, or let it go on";
    REF_PUSH = "ref.push", "Ref", Developer, Write, true, "push to a branch or tag, which is named `repository:refs/heads/name`";
    REPOSITORY_CHANGE = "repository.change", "Repository", Operator, Owner, true, "make, change or remove a repository";
    REPOSITORY_READ = "repository.read", "Repository", Viewer, Read, false, "look at repositories, clone them and fetch from them";
    ROUTE_CALL = "route.call", "Route", Viewer, Read, false, "call a route of the gateway with a key or a session";
    ROW_READ = "row.read", "Rows", Viewer, Read, false, "see the rows of one team in a table";
    SELF_CHANGE = "self.change", "Workspace", Viewer, Read, true, "change the own password, passkeys and sessions";
    SELF_READ = "self.read", "Workspace", Viewer, Read, false, "look at the own sessions and passkeys";
    SERVICE_CHANGE = "service.change", "Workspace", Owner, Owner, true, "make or remove a service account";
    SERVICE_LIST = "service.list", "Workspace", Operator, Read, false, "list the service accounts";
    SQL_RUN = "sql.run", "Workspace", Viewer, Read, false, "run SQL and look at what runs";
    STATEMENT_CANCEL = "statement.cancel", "Workspace", Viewer, Read, true, "cancel a statement";
    SYSTEM_READ = "system.read", "Workspace", Viewer, Read, false, "look at the state of the platform";
    TABLE_CHANGE = "table.change", "Table", Owner, Owner, true, "change a table's shape or retention";
    TABLE_ERASE = "table.erase", "Table", Owner, Owner, true, "erase rows";
    TABLE_LIST = "table.list", "Workspace", Viewer, Read, false, "list the tables";
    TABLE_READ = "table.read", "Table", Viewer, Read, false, "read a table";
    TEAM_CHANGE = "team.change", "Team", Owner, Owner, true, "make or remove a team, or change who is in it";
    THING_CHANGE = "thing.change", "Thing", Operator, Owner, true, "make or remove a device, its secret and certificates, and groups, kinds, jobs and relations of devices";
    THING_READ = "thing.read", "Thing", Viewer, Read, false, "look at a device, its twins, certificates, groups, jobs and relations";
    TOKEN_CREATE = "token.create", "Workspace", Owner, Owner, true, "make an API token";
    TOKEN_LIST = "token.list", "Workspace", Owner, Owner, false, "list the API tokens";
    TOKEN_REVOKE = "token.revoke", "Workspace", Owner, Owner, true, "revoke an API token";
    TOPIC_PUBLISH = "topic.publish", "Broker", Developer, Write, false, "publish messages over MQTT";
    TOPIC_SUBSCRIBE = "topic.subscribe", "Broker", Viewer, Read, false, "subscribe to messages over MQTT";
    TRUNK_PUSH = "trunk.push", "Repository", Owner, Owner, true, "push to the trunk past the landing queue";
    TWIN_CHANGE = "twin.change", "Thing", Developer, Write, true, "change a device's twin";
}

/// The action called `name`.
#[must_use]
pub fn find(name: &str) -> Option<&'static ActionType> {
    ALL.iter().copied().find(|action| action.name == name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_sorted_and_each_is_a_noun_and_a_verb() {
        assert!(ALL.windows(2).all(|pair| pair[0].name < pair[1].name));
        for action in ALL {
            let (noun, verb) = action.name.split_once('.').unwrap();
            assert!(!noun.is_empty() && !verb.is_empty(), "{}", action.name);
            assert!(!action.meaning.ends_with('.'), "{}", action.name);
        }
        assert_eq!(find("table.read"), Some(&TABLE_READ));
        assert_eq!(find("table"), None);
    }
}
