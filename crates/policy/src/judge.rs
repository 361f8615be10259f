//! Judging a question.

use std::collections::HashSet;

use cedar_policy::{
    Authorizer, Context, Decision, Entities, Entity, EntityUid, PolicySet, Request,
};
use trunkline_model::Principal;
use trunkline_model::action::ActionType;

use crate::Policies;
use crate::entity::{of_principal, of_resource};
use crate::index::End;

/// What is known about a question.
#[derive(Clone, Copy, Debug)]
pub struct Facts<'a> {
    /// Who asks.
    pub principal: &'a Principal,
    /// What is to be done.
    pub action: &'static ActionType,
    /// The name of the thing that it is to be done to; empty where it is about all of them.
    pub resource: &'a str,
    /// The team that the thing belongs to, where it belongs to one.
    pub team: Option<&'a str>,
}

/// What the policies say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Whether it may be done.
    pub allowed: bool,
    /// The ids of the policies that decided: those that forbid, else those that permit; none where no policy permits.
    pub policies: Vec<String>,
    /// What went wrong in policies that could not be judged; Cedar leaves such a policy out.
    pub errors: Vec<String>,
}

impl Answer {
    fn denied(error: &str) -> Self {
        Self {
            allowed: false,
            policies: Vec::new(),
            errors: vec![error.into()],
        }
    }
}

/// A question in Cedar's words.
struct Asked {
    request: Request,
    entities: Entities,
}

impl Policies {
    /// What the policies say to a question. It is denied where it cannot be judged.
    #[must_use]
    pub fn judge(&self, facts: &Facts<'_>) -> Answer {
        self.judged(facts, |policies, principal, action, resource| {
            let known = policies.actions.get(action)?;
            Some(
                policies
                    .index
                    .slice(principal, &known.uid, &known.groups, resource),
            )
        })
    }

    fn judged<S: std::ops::Deref<Target = PolicySet>>(
        &self,
        facts: &Facts<'_>,
        slice: impl FnOnce(&Self, End<'_>, &str, End<'_>) -> Option<S>,
    ) -> Answer {
        let Some((principal, belongs)) = self.types.principal(facts.principal) else {
            return Answer::denied("the principal has no type in the schema");
        };
        let Some((resource, parents)) = self.resource(facts) else {
            return Answer::denied("the resource has no type in the schema");
        };
        let (who, what) = (
            End {
                uid: &principal,
                ancestors: &belongs,
            },
            End {
                uid: &resource,
                ancestors: &parents,
            },
        );
        let Some(set) = slice(self, who, facts.action.name, what) else {
            return Answer::denied("the action is not in the schema");
        };
        match self.asked(
            facts,
            principal.clone(),
            belongs.clone(),
            resource.clone(),
            parents.clone(),
        ) {
            Some(asked) => decide(&asked, &set),
            None => Answer::denied("the question cannot be put"),
        }
    }

    fn resource(&self, facts: &Facts<'_>) -> Option<(EntityUid, HashSet<EntityUid>)> {
        // Rows of one team are a thing of their own, within their table.
        let (id, parent) = match (facts.action.resource, facts.team) {
            ("Rows", Some(team)) => (format!("{}/{team}", facts.resource), true),
            ("Rows", None) => (facts.resource.to_owned(), true),
            _ => (facts.resource.to_owned(), false),
        };
        let uid = self.types.uid(facts.action.resource, &id)?;
        let table = parent
            .then(|| self.types.uid("Table", facts.resource))
            .flatten();
        Some((uid, table.into_iter().collect()))
    }

    fn asked(
        &self,
        facts: &Facts<'_>,
        principal: EntityUid,
        belongs: HashSet<EntityUid>,
        resource: EntityUid,
        parents: HashSet<EntityUid>,
    ) -> Option<Asked> {
        let action = self.actions.get(facts.action.name)?;
        let request = Request::new(
            principal.clone(),
            action.uid.clone(),
            resource.clone(),
            Context::empty(),
            None,
        );
        let entities: [Entity; 3] = [
            of_principal(principal, belongs, facts.principal)?,
            action.entity.clone(),
            of_resource(resource, parents, facts.resource, facts.team)?,
        ];
        Some(Asked {
            request: request.ok()?,
            entities: Entities::from_entities(entities, None).ok()?,
        })
    }
}

fn decide(asked: &Asked, set: &PolicySet) -> Answer {
    let response = Authorizer::new().is_authorized(&asked.request, set, &asked.entities);
    let diagnostics = response.diagnostics();
    let mut policies: Vec<_> = diagnostics.reason().map(ToString::to_string).collect();
    policies.sort_unstable();
    let mut errors: Vec<_> = diagnostics.errors().map(ToString::to_string).collect();
    errors.sort_unstable();
    Answer {
        allowed: response.decision() == Decision::Allow,
        policies,
        errors,
    }
}

#[cfg(test)]
mod tests;
