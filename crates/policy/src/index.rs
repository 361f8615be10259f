//! Which policies can have a say: found by the scope of the principal, sifted by those of the action and the resource.
//!
//! A policy that is left out has a scope that does not match, so it would neither decide nor fail. What is left in may still not match.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};

use cedar_policy::{
    ActionConstraint, EntityTypeName, EntityUid, Policy, PolicySet, PrincipalConstraint,
    ResourceConstraint,
};

/// Sets of policies that are kept; beyond that they are made anew.
const MAX_SLICES: usize = 2_048;

/// The scope of one end of a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Scope {
    Any,
    /// The thing itself, or whatever is in it.
    Within(EntityUid),
    Type(EntityTypeName),
}

impl Scope {
    fn matches(&self, end: &End<'_>) -> bool {
        match self {
            Self::Any => true,
            Self::Within(uid) => uid == end.uid || end.ancestors.contains(uid),
            Self::Type(name) => name == end.uid.type_name(),
        }
    }
}

/// A principal or a resource, with all that it belongs to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct End<'a> {
    pub(crate) uid: &'a EntityUid,
    pub(crate) ancestors: &'a HashSet<EntityUid>,
}

#[derive(Debug)]
struct Entry {
    policy: Policy,
    action: ActionConstraint,
    resource: Scope,
}

/// All policies by their scopes.
#[derive(Debug, Default)]
pub(crate) struct Index {
    entries: Vec<Entry>,
    by_principal: HashMap<Scope, Vec<usize>>,
    slices: RwLock<HashMap<Vec<usize>, Arc<PolicySet>>>,
}

impl Index {
    /// An index of `policies`.
    pub(crate) fn new<'a>(policies: impl Iterator<Item = &'a Policy>) -> Self {
        let mut index = Self::default();
        for (place, policy) in policies.enumerate() {
            let principal = match policy.principal_constraint() {
                PrincipalConstraint::Any => Scope::Any,
                PrincipalConstraint::In(uid)
                | PrincipalConstraint::Eq(uid)
                | PrincipalConstraint::IsIn(_, uid) => Scope::Within(uid),
                PrincipalConstraint::Is(name) => Scope::Type(name),
            };
            let resource = match policy.resource_constraint() {
                ResourceConstraint::Any => Scope::Any,
                ResourceConstraint::In(uid)
                | ResourceConstraint::Eq(uid)
                | ResourceConstraint::IsIn(_, uid) => Scope::Within(uid),
                ResourceConstraint::Is(name) => Scope::Type(name),
            };
            index.by_principal.entry(principal).or_default().push(place);
            index.entries.push(Entry {
                policy: policy.clone(),
                action: policy.action_constraint(),
                resource,
            });
        }
        index
    }

    /// The policies that can have a say where `principal` wants to do `action`, which is in `groups`, to `resource`.
    pub(crate) fn slice(
        &self,
        principal: End<'_>,
        action: &EntityUid,
        groups: &HashSet<EntityUid>,
        resource: End<'_>,
    ) -> Arc<PolicySet> {
        let scopes = [
            Scope::Any,
            Scope::Type(principal.uid.type_name().clone()),
            Scope::Within(principal.uid.clone()),
        ];
        let ancestors = principal.ancestors.iter().cloned().map(Scope::Within);
        let mut places: Vec<usize> = scopes
            .into_iter()
            .chain(ancestors)
            .filter_map(|scope| self.by_principal.get(&scope))
            .flatten()
            .copied()
            .filter(|place| {
                self.entries.get(*place).is_some_and(|entry| {
                    is_of(&entry.action, action, groups) && entry.resource.matches(&resource)
                })
            })
            .collect();
        places.sort_unstable();
        if let Some(known) = self.known(&places) {
            return known;
        }
        let made = Arc::new(self.make(&places));
        let mut slices = self.slices.write().unwrap_or_else(PoisonError::into_inner);
        if slices.len() >= MAX_SLICES {
            slices.clear();
        }
        slices.insert(places, Arc::clone(&made));
        made
    }

    fn known(&self, places: &[usize]) -> Option<Arc<PolicySet>> {
        let slices = self.slices.read().unwrap_or_else(PoisonError::into_inner);
        slices.get(places).cloned()
    }

    fn make(&self, places: &[usize]) -> PolicySet {
        let mut set = PolicySet::new();
        let wanted = places.iter().filter_map(|place| self.entries.get(*place));
        for entry in wanted {
            if let Err(error) = set.add(entry.policy.clone()) {
                // Ids are unique, since all policies come from one set.
                debug_assert!(false, "{error}");
            }
        }
        set
    }
}

fn is_of(constraint: &ActionConstraint, action: &EntityUid, groups: &HashSet<EntityUid>) -> bool {
    match constraint {
        ActionConstraint::Any => true,
        ActionConstraint::Eq(wanted) => wanted == action,
        ActionConstraint::In(wanted) => wanted
            .iter()
            .any(|wanted| wanted == action || groups.contains(wanted)),
    }
}
