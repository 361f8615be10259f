//! All policies: the built-in ones and those of the team's files.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::str::FromStr as _;

use cedar_policy::{
    Entity, EntityUid, Policy, PolicyId, PolicySet, Schema, ValidationMode, Validator,
};
use serde::Serialize;
use trunkline_model::action::ActionType;

use crate::entity::Types;
use crate::index::Index;
use crate::problem::{PolicyProblem, line_of, of_parsing, of_validation};
use crate::{built_in, schema};

/// Policies of all files together; beyond that a file is refused.
const MAX_POLICIES: usize = 20_000;

/// A file with policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyFile {
    /// Its name, by which problems and policies refer to it.
    pub name: String,
    /// Its text in Cedar.
    pub text: String,
}

/// A policy as people read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PolicyText {
    /// Its id: the file, `#`, and the annotation `@id`, else its number in the file.
    pub id: String,
    /// The file that it stands in.
    pub file: String,
    /// The line on which it begins, from 1 on, where it is known.
    pub line: Option<usize>,
    /// The policy itself.
    pub text: String,
    /// Its annotations, such as `description`.
    pub annotations: BTreeMap<String, String>,
    /// Whether it came with the platform.
    pub built_in: bool,
}

/// The policies that hold.
#[derive(Debug)]
pub struct Policies {
    pub(crate) index: Index,
    pub(crate) set: PolicySet,
    pub(crate) types: Types,
    pub(crate) actions: HashMap<&'static str, Action>,
    texts: HashMap<String, PolicyText>,
    schema: String,
    /// The last good version of each file.
    good: BTreeMap<String, String>,
}

/// An action as Cedar knows it.
#[derive(Debug)]
pub(crate) struct Action {
    pub(crate) uid: EntityUid,
    pub(crate) groups: HashSet<EntityUid>,
    pub(crate) entity: Entity,
}

impl Policies {
    /// The policies that hold with `files`, and what is wrong with them. A file that cannot be used leaves its version in `before` in
    /// force; where there is none, only owners may do anything, for it may have forbidden something.
    #[must_use]
    pub fn read(
        actions: &[&'static ActionType],
        files: &[PolicyFile],
        before: Option<&Self>,
    ) -> (Self, Vec<PolicyProblem>) {
        let text = schema::text(actions);
        let names = actions.iter().map(|action| action.resource);
        let types = Types::new(
            names
                .chain(schema::PRINCIPALS)
                .chain(["Role", "Team", "Action"]),
        );
        let mut policies = Self {
            index: Index::default(),
            set: PolicySet::new(),
            actions: known_actions(&types, actions),
            types,
            texts: HashMap::new(),
            schema: text.clone(),
            good: BTreeMap::new(),
        };
        let mut problems = Vec::new();
        match Schema::from_str(&text) {
            Ok(schema) => policies.fill(&Validator::new(schema), files, before, &mut problems),
            // Without a schema there is no policy, and so no permission at all.
            Err(error) => problems.push(PolicyProblem {
                file: built_in::FILE.into(),
                line: None,
                text: error.to_string(),
            }),
        }
        policies.index = Index::new(policies.set.policies());
        (policies, problems)
    }

    fn fill(
        &mut self,
        validator: &Validator,
        files: &[PolicyFile],
        before: Option<&Self>,
        problems: &mut Vec<PolicyProblem>,
    ) {
        problems.extend(
            self.take(validator, built_in::FILE, built_in::ROLES)
                .err()
                .into_iter()
                .flatten(),
        );
        let mut unreadable = false;
        for file in files {
            let Err(found) = self.take(validator, &file.name, &file.text) else {
                self.good.insert(file.name.clone(), file.text.clone());
                continue;
            };
            problems.extend(found);
            let last = before.and_then(|before| before.good.get(&file.name));
            match last {
                Some(last) if self.take(validator, &file.name, last).is_ok() => {
                    self.good.insert(file.name.clone(), last.clone());
                }
                _ => unreadable = true,
            }
        }
        if unreadable {
            let taken = self.take(validator, built_in::FILE, built_in::UNREADABLE);
            problems.extend(taken.err().into_iter().flatten());
        }
    }

    /// Adds the policies of a file: all of them or none.
    fn take(
        &mut self,
        validator: &Validator,
        file: &str,
        text: &str,
    ) -> Result<(), Vec<PolicyProblem>> {
        let refuse = |text: String| {
            vec![PolicyProblem {
                file: file.into(),
                line: None,
                text,
            }]
        };
        let set = PolicySet::from_str(text).map_err(|errors| of_parsing(file, text, &errors))?;
        if set.templates().next().is_some() {
            return Err(refuse(
                "templates cannot be used: write the principal and the resource out".into(),
            ));
        }
        let checked = validator.validate(&set, ValidationMode::Strict);
        let wrong: Vec<_> = checked
            .validation_errors()
            .map(|error| of_validation(file, text, error))
            .collect();
        if !wrong.is_empty() {
            return Err(wrong);
        }
        if self.set.num_of_policies() + set.num_of_policies() > MAX_POLICIES {
            return Err(refuse(format!(
                "there are more than {MAX_POLICIES} policies"
            )));
        }
        let mut named = Vec::new();
        let mut ids = HashSet::new();
        for policy in set.policies() {
            let id = id_of(file, policy);
            if self.texts.contains_key(&id) || !ids.insert(id.clone()) {
                return Err(refuse(format!("the id `{id}` stands twice")));
            }
            named.push((id, policy));
        }
        for (id, policy) in named {
            let renamed = policy.new_id(PolicyId::new(&id));
            self.set
                .add(renamed)
                .map_err(|error| refuse(error.to_string()))?;
            self.texts
                .insert(id.clone(), text_of(id, file, text, policy));
        }
        Ok(())
    }

    /// The policy with the id `id`.
    #[must_use]
    pub fn policy(&self, id: &str) -> Option<&PolicyText> {
        self.texts.get(id)
    }

    /// All policies, by their ids.
    #[must_use]
    pub fn all(&self) -> Vec<&PolicyText> {
        let mut all: Vec<_> = self.texts.values().collect();
        all.sort_by(|one, other| {
            (!one.built_in, &one.file, one.line, &one.id).cmp(&(
                !other.built_in,
                &other.file,
                other.line,
                &other.id,
            ))
        });
        all
    }

    /// The schema that the files are checked against, in Cedar's own notation.
    #[must_use]
    pub fn schema(&self) -> &str {
        &self.schema
    }
}

fn id_of(file: &str, policy: &Policy) -> String {
    let number = policy.id().to_string();
    let name = policy.annotation("id").map_or_else(
        || number.trim_start_matches("policy").to_owned(),
        str::to_owned,
    );
    format!("{file}#{name}")
}

fn text_of(id: String, file: &str, text: &str, policy: &Policy) -> PolicyText {
    let own = policy.to_cedar().unwrap_or_else(|| policy.to_string());
    PolicyText {
        line: text.find(own.as_str()).map(|place| line_of(text, place)),
        id,
        file: file.into(),
        annotations: policy
            .annotations()
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .collect(),
        text: own,
        built_in: file == built_in::FILE,
    }
}

fn known_actions(types: &Types, actions: &[&'static ActionType]) -> HashMap<&'static str, Action> {
    let known = actions.iter().filter_map(|action| {
        let uid = types.uid("Action", action.name)?;
        let groups = HashSet::from([types.uid("Action", action.role.name())?]);
        let entity = Entity::new_no_attrs(uid.clone(), groups.clone());
        let known = Action {
            uid,
            groups,
            entity,
        };
        Some((action.name, known))
    });
    known.collect()
}
