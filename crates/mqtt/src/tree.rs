//! Who subscribed to what: a tree of levels, so that a message looks only where its topic leads.

use std::collections::HashMap;

/// Subscribers by filter. `T` is what a subscriber is known by.
#[derive(Debug)]
pub(crate) struct Tree<T> {
    root: Node<T>,
    filters: usize,
}

#[derive(Debug)]
struct Node<T> {
    levels: HashMap<Box<str>, Node<T>>,
    any: Option<Box<Node<T>>>,
    here: Vec<T>,
    /// Those of `…/#`.
    below: Vec<T>,
}

impl<T> Default for Node<T> {
    fn default() -> Self {
        Self {
            levels: HashMap::new(),
            any: None,
            here: Vec::new(),
            below: Vec::new(),
        }
    }
}

impl<T> Default for Tree<T> {
    fn default() -> Self {
        Self {
            root: Node::default(),
            filters: 0,
        }
    }
}

impl<T> Node<T> {
    fn is_empty(&self) -> bool {
        self.levels.is_empty()
            && self.any.is_none()
            && self.here.is_empty()
            && self.below.is_empty()
    }
}

impl<T> Tree<T> {
    /// How many subscribers there are, each counted for each of its filters.
    pub(crate) const fn len(&self) -> usize {
        self.filters
    }

    /// Puts `subscriber` at `filter`, in the place of the one there that `same` finds.
    pub(crate) fn insert(&mut self, filter: &str, subscriber: T, same: impl Fn(&T) -> bool) {
        let list = self.list(filter);
        match list.iter_mut().find(|there| same(there)) {
            Some(there) => *there = subscriber,
            None => {
                list.push(subscriber);
                self.filters += 1;
            }
        }
    }

    fn list(&mut self, filter: &str) -> &mut Vec<T> {
        let mut node = &mut self.root;
        for level in filter.split('/') {
            match level {
                "#" => return &mut node.below,
                "+" => node = node.any.get_or_insert_default(),
                level => {
                    if !node.levels.contains_key(level) {
                        node.levels.insert(level.into(), Node::default());
                    }
                    // It was put there just above.
                    node = node.levels.entry(level.into()).or_default();
                }
            }
        }
        &mut node.here
    }

    /// Takes the subscriber that `same` finds away from `filter`; whether there was one.
    pub(crate) fn remove(&mut self, filter: &str, same: impl Fn(&T) -> bool) -> bool {
        let levels: Vec<&str> = filter.split('/').collect();
        let removed = Self::remove_at(&mut self.root, &levels, &same);
        self.filters -= usize::from(removed);
        removed
    }

    fn remove_at(node: &mut Node<T>, levels: &[&str], same: &impl Fn(&T) -> bool) -> bool {
        let take = |list: &mut Vec<T>| match list.iter().position(same) {
            Some(place) => {
                list.swap_remove(place);
                true
            }
            None => false,
        };
        match levels {
            [] => take(&mut node.here),
            ["#"] => take(&mut node.below),
            ["+", rest @ ..] => {
                let Some(any) = &mut node.any else {
                    return false;
                };
                let removed = Self::remove_at(any, rest, same);
                if any.is_empty() {
                    node.any = None;
                }
                removed
            }
            [level, rest @ ..] => {
                let Some(next) = node.levels.get_mut(*level) else {
                    return false;
                };
                let removed = Self::remove_at(next, rest, same);
                if next.is_empty() {
                    node.levels.remove(*level);
                }
                removed
            }
        }
    }

    /// Shows each subscriber whose filter takes `topic`, once for each such filter.
    pub(crate) fn visit<'a>(&'a self, topic: &str, mut found: impl FnMut(&'a T)) {
        let wild = !topic.starts_with('$');
        Self::visit_at(&self.root, Some(topic), wild, &mut found);
    }

    fn visit_at<'a>(
        node: &'a Node<T>,
        rest: Option<&str>,
        wild: bool,
        found: &mut impl FnMut(&'a T),
    ) {
        if wild {
            node.below.iter().for_each(&mut *found);
        }
        let Some(rest) = rest else {
            node.here.iter().for_each(found);
            return;
        };
        let (level, rest) = match rest.split_once('/') {
            Some((level, rest)) => (level, Some(rest)),
            None => (rest, None),
        };
        if let Some(next) = node.levels.get(level) {
            Self::visit_at(next, rest, true, found);
        }
        if let (true, Some(any)) = (wild, &node.any) {
            Self::visit_at(any, rest, true, found);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trunkline_topic::matches;

    fn found(tree: &Tree<u32>, topic: &str) -> Vec<u32> {
        let mut all = Vec::new();
        tree.visit(topic, |subscriber| all.push(*subscriber));
        all.sort_unstable();
        all
    }

    #[test]
    fn one_subscriber_stands_once_at_a_filter() {
        let mut tree = Tree::default();
        for subscriber in [1, 2, 1] {
            tree.insert("a/+", subscriber, |there| *there == subscriber);
        }
        assert_eq!((tree.len(), found(&tree, "a/b")), (2, vec![1, 2]));
        assert!(tree.remove("a/+", |there| *there == 1));
        assert!(!tree.remove("a/+", |there| *there == 1));
        assert_eq!((tree.len(), found(&tree, "a/b")), (1, vec![2]));
    }

    fn filter() -> impl Strategy<Value = String> {
        let level = prop_oneof![
            4 => Just("a"), 3 => Just("b"), 1 => Just(""), 1 => Just("$x"), 2 => Just("+")
        ];
        prop_oneof![
            Just("#".to_owned()),
            (prop::collection::vec(level, 1..4), any::<bool>()).prop_map(|(levels, open)| {
                let text = levels.join("/");
                if open { format!("{text}/#") } else { text }
            })
        ]
    }

    proptest! {
        #[test]
        fn the_tree_finds_what_filters_match(
            filters in prop::collection::vec(filter(), 1..20),
            gone in prop::collection::vec(any::<bool>(), 20),
            topic in "[ab]{0,1}(/[ab]{0,1}){0,3}|\\$x/a",
        ) {
            let mut tree = Tree::default();
            for (filter, number) in filters.iter().zip(0..) {
                tree.insert(filter, number, |there| *there == number);
            }
            let mut kept = Vec::new();
            for ((filter, number), gone) in filters.iter().zip(0_u32..).zip(gone) {
                if gone {
                    prop_assert!(tree.remove(filter, |there| *there == number));
                } else {
                    kept.push((filter, number));
                }
            }
            prop_assert_eq!(tree.len(), kept.len());
            let wanted: Vec<u32> = kept.iter().filter(|(filter, _)| matches(filter, &topic)).map(|(_, number)| *number).collect();
            prop_assert_eq!(found(&tree, &topic), wanted);
            if kept.is_empty() {
                prop_assert!(tree.root.is_empty());
            }
        }
    }
}
