//! Filters of topics: what is wrong with one, and finding all that match one topic without looking at each.

use std::collections::HashMap;

/// The most bytes of a filter.
const BYTES: usize = 256;
/// The most levels of a filter.
const LEVELS: usize = 32;

/// Whether MQTT knows such a filter.
///
/// # Errors
/// What is wrong with it.
pub(crate) fn check(filter: &str) -> Result<(), String> {
    if filter.is_empty() {
        return Err("a topic filter has at least one character".into());
    }
    if filter.len() > BYTES {
        return Err(format!("a topic filter has at most {BYTES} bytes"));
    }
    if filter.contains('\0') {
        return Err("a topic filter has no NUL".into());
    }
    let levels: Vec<&str> = filter.split('/').collect();
    if levels.len() > LEVELS {
        return Err(format!("a topic filter has at most {LEVELS} levels"));
    }
    for (place, level) in levels.iter().enumerate() {
        if *level == "#" && place + 1 < levels.len() {
            return Err("`#` is the last level of a topic filter".into());
        }
        if level.len() > 1 && level.contains(['+', '#']) {
            return Err(format!("`{level}`: `+` and `#` are levels of their own"));
        }
    }
    Ok(())
}

/// Many filters, level by level, each with a number.
#[derive(Debug, Default)]
pub(crate) struct Filters {
    next: HashMap<String, Filters>,
    /// What lies behind `+`.
    any: Option<Box<Filters>>,
    /// The filters that end here.
    here: Vec<usize>,
    /// The filters that end here with `#`.
    below: Vec<usize>,
}

impl Filters {
    /// Adds a filter that [`check`] has let through.
    pub(crate) fn insert(&mut self, filter: &str, number: usize) {
        let mut level = self;
        for name in filter.split('/') {
            level = match name {
                "#" => return level.below.push(number),
                "+" => level.any.get_or_insert_default(),
                name => level.next.entry(name.into()).or_default(),
            };
        }
        level.here.push(number);
    }

    /// The numbers of the filters that take `topic`, from the lowest on.
    pub(crate) fn find(&self, topic: &str) -> Vec<usize> {
        let mut found = Vec::new();
        if topic.starts_with('$') {
            let (first, rest) = parts(topic);
            if let Some(level) = self.next.get(first) {
                level.walk(rest, &mut found);
            }
        } else {
            self.walk(Some(topic), &mut found);
        }
        found.sort_unstable();
        found
    }

    /// `rest` is what of the topic lies below this level.
    fn walk(&self, rest: Option<&str>, found: &mut Vec<usize>) {
        found.extend(&self.below);
        let Some(rest) = rest else {
            found.extend(&self.here);
            return;
        };
        let (first, rest) = parts(rest);
        if let Some(level) = self.next.get(first) {
            level.walk(rest, found);
        }
        if let Some(level) = &self.any {
            level.walk(rest, found);
        }
    }
}

/// The first level and the others.
fn parts(topic: &str) -> (&str, Option<&str>) {
    match topic.split_once('/') {
        Some((first, rest)) => (first, Some(rest)),
        None => (topic, None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use trunkline_topic::matches;

    #[test]
    fn wildcards_stand_alone_and_the_last_one_at_the_end() {
        for good in ["#", "+", "a/#", "+/a/+", "/#", "a//+", "$aws/a"] {
            assert_eq!(check(good), Ok(()), "{good}");
        }
        let (long, deep) = ("a".repeat(257), "a/".repeat(32));
        for bad in ["", "a#", "a/b#", "#/a", "a+", "a/#/b", "\0", &long, &deep] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }

    fn filter() -> impl Strategy<Value = String> {
        let level = prop_oneof![
            4 => Just("a"), 3 => Just("b"), 1 => Just(""), 1 => Just("$x"), 2 => Just("+")
        ];
        (prop::collection::vec(level, 0..4), any::<bool>()).prop_filter_map(
            "no filter",
            |(mut levels, open)| {
                levels.extend(open.then_some("#"));
                let text = levels.join("/");
                (!text.is_empty()).then_some(text)
            },
        )
    }

    fn topic() -> impl Strategy<Value = String> {
        let level = prop_oneof![Just("a"), Just("b"), Just(""), Just("$x")];
        prop::collection::vec(level, 1..5).prop_map(|levels| levels.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn all_are_found_that_match(filters in prop::collection::vec(filter(), 0..12), topic in topic()) {
            let mut all = Filters::default();
            for (number, filter) in filters.iter().enumerate() {
                prop_assert_eq!(check(filter), Ok(()));
                all.insert(filter, number);
            }
            let wanted: Vec<usize> = (0..filters.len()).filter(|number| matches(&filters[*number], &topic)).collect();
            prop_assert_eq!(all.find(&topic), wanted, "{:?} {}", filters, topic);
        }
    }
}
