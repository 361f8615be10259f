//! Questions that were judged a moment ago: the same few are asked with every request.

use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher as _;
use std::sync::{Arc, PoisonError, RwLock};

use trunkline_model::Principal;
use trunkline_web::Question;

/// Verdicts that are kept; beyond that the cache starts anew.
const MAX_ENTRIES: usize = 16_384;

/// What was decided, and by which policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Verdict {
    /// Why not; nothing where it is allowed.
    pub(crate) reason: Option<Arc<str>>,
    /// The ids of the policies that decided.
    pub(crate) policies: Arc<[String]>,
}

/// Verdicts by question.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    hasher: RandomState,
    entries: RwLock<HashMap<u64, Entry>>,
}

#[derive(Debug)]
struct Entry {
    who: Principal,
    action: &'static str,
    resource: String,
    team: Option<String>,
    verdict: Verdict,
}

impl Entry {
    /// Whether this is the same question; the hash alone is no proof.
    fn answers(&self, question: &Question<'_>) -> bool {
        self.action == question.action.name
            && self.resource == question.resource
            && self.team.as_deref() == question.team
            && self.who == *question.who
    }
}

impl Cache {
    /// The verdict on `question`, if it was judged before.
    pub(crate) fn get(&self, question: &Question<'_>) -> Option<Verdict> {
        let entries = self.entries.read().unwrap_or_else(PoisonError::into_inner);
        let entry = entries.get(&self.key(question))?;
        entry.answers(question).then(|| entry.verdict.clone())
    }

    /// Keeps the verdict on `question`.
    pub(crate) fn put(&self, question: &Question<'_>, verdict: Verdict) {
        let entry = Entry {
            who: question.who.clone(),
            action: question.action.name,
            resource: question.resource.to_owned(),
            team: question.team.map(str::to_owned),
            verdict,
        };
        let mut entries = self.entries.write().unwrap_or_else(PoisonError::into_inner);
        if entries.len() >= MAX_ENTRIES {
            entries.clear();
        }
        entries.insert(self.key(question), entry);
    }

    fn key(&self, question: &Question<'_>) -> u64 {
        self.hasher.hash_one((
            &question.who.id,
            question.action.name,
            question.resource,
            question.team,
        ))
    }
}
