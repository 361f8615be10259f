//! Principals and things as Cedar knows them, made for each question from what is known of them.

use std::collections::{HashMap, HashSet};

use cedar_policy::{Entity, EntityId, EntityTypeName, EntityUid, RestrictedExpression};
use trunkline_model::{Principal, PrincipalKind, Role};

/// The type that principals of a kind have in policies.
pub(crate) const fn type_of(kind: PrincipalKind) -> &'static str {
    match kind {
        PrincipalKind::Account => "Person",
        PrincipalKind::Token => "Token",
        PrincipalKind::Service => "Service",
        PrincipalKind::Job => "Job",
        PrincipalKind::Platform => "Platform",
    }
}

/// Names of types, parsed once.
#[derive(Debug, Default)]
pub(crate) struct Types(HashMap<&'static str, EntityTypeName>);

impl Types {
    /// The types called `names`; one that is no name of a type is left out.
    pub(crate) fn new(names: impl Iterator<Item = &'static str>) -> Self {
        let parsed = names.filter_map(|name| Some((name, name.parse().ok()?)));
        Self(parsed.collect())
    }

    /// The thing of the type `name` with the id `id`.
    pub(crate) fn uid(&self, name: &str, id: &str) -> Option<EntityUid> {
        let name = self.0.get(name)?.clone();
        Some(EntityUid::from_type_name_and_id(name, EntityId::new(id)))
    }

    /// What `principal` is, and all that it belongs to.
    pub(crate) fn principal(
        &self,
        principal: &Principal,
    ) -> Option<(EntityUid, HashSet<EntityUid>)> {
        let uid = self.uid(type_of(principal.kind), &principal.id)?;
        // The roles before its own stand here too, so that no entity of a role need say so.
        let roles = Role::ALL
            .into_iter()
            .filter(|role| *role <= principal.role)
            .filter_map(|role| self.uid("Role", role.name()));
        let teams = principal
            .teams
            .iter()
            .filter_map(|team| self.uid("Team", team));
        Some((uid, roles.chain(teams).collect()))
    }
}

/// The entity of `principal`.
pub(crate) fn of_principal(
    uid: EntityUid,
    parents: HashSet<EntityUid>,
    principal: &Principal,
) -> Option<Entity> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let scopes = principal.scopes.iter().map(|scope| text(scope.name()));
    let teams = principal.teams.iter().map(|team| text(team));
    let attributes = HashMap::from([
        ("name".to_owned(), text(&principal.name)),
        ("role".to_owned(), text(principal.role.name())),
        ("teams".to_owned(), RestrictedExpression::new_set(teams)),
        ("scopes".to_owned(), RestrictedExpression::new_set(scopes)),
    ]);
    Entity::new(uid, attributes, parents).ok()
}

/// The entity of the thing called `name`.
pub(crate) fn of_resource(
    uid: EntityUid,
    parents: HashSet<EntityUid>,
    name: &str,
    team: Option<&str>,
) -> Option<Entity> {
    let text = |text: &str| RestrictedExpression::new_string(text.to_owned());
    let mut attributes = HashMap::from([("name".to_owned(), text(name))]);
    if let Some(team) = team {
        attributes.insert("team".to_owned(), text(team));
    }
    Entity::new(uid, attributes, parents).ok()
}
