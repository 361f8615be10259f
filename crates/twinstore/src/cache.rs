//! Documents in memory: those that changed and are not in the table yet, and those that were used lately.

use std::collections::HashMap;
use std::sync::Arc;

use trunkline_twin::Document;

use crate::Place;

/// Documents that are held at the most, beside those that are not in the table yet.
const MOST: usize = 8_192;

/// Names one shadow of one thing.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(crate) thing: String,
    /// Empty for the classic one.
    pub(crate) shadow: String,
}

/// A shadow, or the knowledge that there is none.
#[derive(Debug, Default)]
pub(crate) struct Held {
    document: Option<Arc<Document>>,
    /// Where the log stood before the first change that the table does not have.
    since: Option<Place>,
    /// The same of the first change after it was taken to be written.
    again: Option<Place>,
    taken: bool,
    in_table: bool,
    used: bool,
}

/// What a document was before a change, to be given back to [`Cache::undo`].
#[derive(Debug)]
pub(crate) struct Before {
    document: Option<Arc<Document>>,
    since: Option<Place>,
    again: Option<Place>,
}

/// The documents.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    held: HashMap<Key, Held>,
    /// How many shadows each thing has that the table does not know yet.
    fresh: HashMap<String, usize>,
}

impl Cache {
    pub(crate) fn knows(&self, key: &Key) -> bool {
        self.held.contains_key(key)
    }

    /// Takes in what the table says. It has no say in what changed since.
    pub(crate) fn learn(&mut self, key: Key, document: Option<Document>) {
        self.held.entry(key).or_insert_with(|| Held {
            in_table: document.is_some(),
            document: document.map(Arc::new),
            used: true,
            ..Held::default()
        });
    }

    pub(crate) fn get(&mut self, key: &Key) -> Option<Arc<Document>> {
        let held = self.held.get_mut(key)?;
        held.used = true;
        held.document.clone()
    }

    /// Puts what a document is from now on; the log stood at `place` before.
    pub(crate) fn set(&mut self, key: &Key, document: Arc<Document>, place: Place) -> Before {
        let held = self.held.entry(key.clone()).or_default();
        let before = Before {
            document: held.document.replace(document),
            since: held.since,
            again: held.again,
        };
        held.used = true;
        if held.taken {
            held.again.get_or_insert(place);
        } else {
            held.since.get_or_insert(place);
        }
        if before.document.is_none() && !held.in_table {
            *self.fresh.entry(key.thing.clone()).or_default() += 1;
        }
        before
    }

    /// Takes a change back.
    pub(crate) fn undo(&mut self, key: &Key, before: Before) {
        let Some(held) = self.held.get_mut(key) else {
            return;
        };
        let fresh = before.document.is_none() && !held.in_table;
        held.document = before.document;
        held.since = before.since;
        held.again = before.again;
        if fresh {
            self.settled(&key.thing);
        }
    }

    /// How many shadows of `thing` the table does not know yet.
    pub(crate) fn fresh(&self, thing: &str) -> usize {
        self.fresh.get(thing).copied().unwrap_or_default()
    }

    /// The documents of `thing` that are held, with their shadows' names.
    pub(crate) fn of<'a>(
        &'a self,
        thing: &'a str,
    ) -> impl Iterator<Item = (&'a str, &'a Document)> {
        let own = move |(key, held): (&'a Key, &'a Held)| {
            let document = held.document.as_deref()?;
            (key.thing == thing).then_some((key.shadow.as_str(), document))
        };
        self.held.iter().filter_map(own)
    }

    /// Forgets all of `thing`. Nothing of it may be under way to the table.
    pub(crate) fn forget(&mut self, thing: &str) {
        self.held.retain(|key, _| key.thing != thing);
        self.fresh.remove(thing);
    }

    /// Takes at most `count` documents that are to be written, those first that have waited longest, and says up to which place the table
    /// is true once they are: `place`, where the log stands, unless others still have to be written.
    pub(crate) fn take(
        &mut self,
        count: usize,
        place: Place,
    ) -> (Vec<(Key, Arc<Document>)>, Place) {
        let newest = self.newest_of(count);
        let (mut taken, mut true_to) = (Vec::new(), place);
        for (key, held) in &mut self.held {
            let (Some(since), Some(document)) = (held.since, &held.document) else {
                continue;
            };
            if taken.len() < count && newest.is_none_or(|newest| since <= newest) {
                held.taken = true;
                taken.push((key.clone(), Arc::clone(document)));
            } else {
                true_to = true_to.min(since);
            }
        }
        (taken, true_to)
    }

    /// Since when the newest of the `count` documents waits that have waited longest; nothing where there are no more than these.
    fn newest_of(&self, count: usize) -> Option<Place> {
        let mut places: Vec<Place> = self.held.values().filter_map(|held| held.since).collect();
        if places.len() <= count {
            return None;
        }
        Some(match count.checked_sub(1) {
            Some(last) => *places.select_nth_unstable(last).1,
            None => 0,
        })
    }

    /// What was taken was written, or was not.
    pub(crate) fn written<'a>(&mut self, keys: impl Iterator<Item = &'a Key>, done: bool) {
        for key in keys {
            let Some(held) = self.held.get_mut(key) else {
                continue;
            };
            held.taken = false;
            let again = held.again.take();
            if !done {
                continue;
            }
            held.since = again;
            if !std::mem::replace(&mut held.in_table, true) {
                self.settled(&key.thing);
            }
        }
    }

    /// Whether anything is not in the table.
    pub(crate) fn is_dirty(&self) -> bool {
        self.held.values().any(|held| held.since.is_some())
    }

    /// Lets go of documents that were not used lately, where there are too many, and says how many are held then.
    pub(crate) fn shrink(&mut self) -> usize {
        if self.held.len() > MOST {
            // Whoever was used since the last time has another chance.
            self.held
                .retain(|_, held| held.since.is_some() || std::mem::take(&mut held.used));
        }
        self.held.len()
    }

    fn settled(&mut self, thing: &str) {
        if let Some(count) = self.fresh.get_mut(thing) {
            *count = count.saturating_sub(1);
            if *count == 0 {
                self.fresh.remove(thing);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(thing: &str) -> Key {
        Key {
            thing: thing.into(),
            shadow: String::new(),
        }
    }

    fn document(version: u64) -> Arc<Document> {
        Arc::new(unshared(version))
    }

    fn unshared(version: u64) -> Document {
        let text = format!(r#"{{"version":{version},"timestamp":1}}"#);
        serde_json::from_str(&text).unwrap()
    }

    #[test]
    fn a_change_while_it_is_written_is_written_again() {
        let mut cache = Cache::default();
        cache.set(&key("a"), document(1), 10);
        let (taken, true_to) = cache.take(9, 12);
        assert_eq!((taken.len(), true_to), (1, 12));
        cache.set(&key("a"), document(2), 12);
        cache.written(taken.iter().map(|(key, _)| key), true);
        assert!(cache.is_dirty());
        let (taken, true_to) = cache.take(9, 15);
        assert_eq!((taken[0].1.version, true_to), (2, 15));
        cache.written(taken.iter().map(|(key, _)| key), true);
        assert!(!cache.is_dirty());
    }

    #[test]
    fn the_table_is_true_up_to_what_is_left() {
        let mut cache = Cache::default();
        for (place, name) in ["a", "b", "c"].into_iter().enumerate() {
            cache.set(&key(name), document(1), 10 + place as u64);
        }
        let (taken, true_to) = cache.take(2, 20);
        let mut names: Vec<_> = taken.iter().map(|(key, _)| key.thing.as_str()).collect();
        names.sort_unstable();
        assert_eq!(
            (names, true_to),
            (vec!["a", "b"], 12),
            "the oldest go first"
        );
    }

    #[test]
    fn what_changes_all_the_time_does_not_keep_others_waiting() {
        let mut cache = Cache::default();
        for n in 0..50 {
            cache.set(&key(&n.to_string()), document(1), n);
        }
        let mut written = std::collections::HashSet::new();
        for turn in 0..10 {
            let (taken, _) = cache.take(5, 100 + turn);
            for (key, _) in &taken {
                cache.set(key, document(2), 100 + turn);
                written.insert(key.thing.clone());
            }
            cache.written(taken.iter().map(|(key, _)| key), true);
        }
        assert_eq!(written.len(), 50);
    }

    #[test]
    fn what_could_not_be_written_stays() {
        let mut cache = Cache::default();
        cache.set(&key("a"), document(1), 10);
        let (taken, _) = cache.take(9, 12);
        cache.set(&key("a"), document(2), 12);
        cache.written(taken.iter().map(|(key, _)| key), false);
        let (_, true_to) = cache.take(0, 20);
        assert_eq!(true_to, 10, "the first change is not in the table");
    }

    #[test]
    fn a_change_that_is_taken_back_never_was() {
        let mut cache = Cache::default();
        let before = cache.set(&key("a"), document(1), 10);
        assert_eq!(cache.fresh("a"), 1);
        cache.undo(&key("a"), before);
        assert_eq!((cache.fresh("a"), cache.is_dirty()), (0, false));
        assert!(cache.get(&key("a")).is_none());
    }

    #[test]
    fn shadows_are_fresh_until_the_table_knows_them() {
        let mut cache = Cache::default();
        cache.set(&key("a"), document(1), 10);
        cache.set(&key("a"), document(2), 11);
        let (taken, _) = cache.take(9, 12);
        cache.written(taken.iter().map(|(key, _)| key), true);
        assert_eq!(cache.fresh("a"), 0);
        cache.learn(key("b"), Some(unshared(1)));
        cache.set(&key("b"), document(2), 12);
        assert_eq!(cache.fresh("b"), 0);
    }

    #[test]
    fn only_what_is_in_the_table_is_let_go() {
        let mut cache = Cache::default();
        for n in 0..=MOST {
            cache.learn(key(&n.to_string()), None);
        }
        cache.set(&key("0"), document(1), 1);
        cache.shrink();
        cache.shrink();
        assert_eq!(cache.held.len(), 1);
        assert!(cache.knows(&key("0")));
    }
}
