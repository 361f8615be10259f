//! Names and filters of topics: which are valid, what a filter takes, and when a filter takes no more than another.

/// What a shared subscription begins with.
const SHARED: &str = "$share/";

/// Whether a message can have this topic, of at most so many bytes and levels.
pub(crate) fn is_topic(topic: &str, bytes: usize, levels: usize) -> bool {
    !topic.is_empty()
        && topic.len() <= bytes
        && !topic.contains(['+', '#', '\0'])
        && within(topic, levels)
}

/// Whether one can subscribe to this filter, of at most so many bytes and levels. A shared subscription is no filter; see [`shared`].
pub(crate) fn is_filter(filter: &str, bytes: usize, levels: usize) -> bool {
    if filter.is_empty() || filter.len() > bytes || filter.contains('\0') || !within(filter, levels)
    {
        return false;
    }
    let mut parts = filter.split('/').peekable();
    while let Some(level) = parts.next() {
        let good = match level {
            "+" => true,
            "#" => parts.peek().is_none(),
            plain => !plain.contains(['+', '#']),
        };
        if !good {
            return false;
        }
    }
    true
}

fn within(topic: &str, levels: usize) -> bool {
    topic.bytes().filter(|byte| *byte == b'/').count() < levels
}

/// The group and the filter of a shared subscription, `$share/<group>/<filter>`; nothing where it is none, and an error where it is
/// one without a group or a filter.
///
/// # Errors
/// `()` where it begins as one and is not well-formed.
pub(crate) fn shared(filter: &str) -> Result<Option<(&str, &str)>, ()> {
    let Some(rest) = filter.strip_prefix(SHARED) else {
        return Ok(None);
    };
    match rest.split_once('/') {
        Some((group, filter))
            if !group.is_empty() && !group.contains(['+', '#']) && !filter.is_empty() =>
        {
            Ok(Some((group, filter)))
        }
        _ => Err(()),
    }
}

/// Whether `filter` takes messages of `topic`. A wildcard in the first level takes no topic that begins with `$`.
pub(crate) fn matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for wanted in filter.split('/') {
        match (wanted, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (wanted, Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

/// Whether every topic that `inner` takes is taken by `outer` too; so a subscription is allowed when an allowed filter contains it.
pub(crate) fn contains(outer: &str, inner: &str) -> bool {
    if inner.starts_with('$') && outer.starts_with(['+', '#']) {
        return false;
    }
    let mut inside = inner.split('/');
    for wanted in outer.split('/') {
        match (wanted, inside.next()) {
            // `a/#` takes `a` itself, so it contains the filter `a` as well.
            ("#", _) => return true,
            ("+", Some(level)) if level != "#" => {}
            (wanted, Some(level)) if wanted == level => {}
            _ => return false,
        }
    }
    inside.next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn topics_have_no_wildcards_and_limits() {
        for good in ["a", "/", "a//b", "$aws/things/x", "\u{e9}/b c"] {
            assert!(is_topic(good, 256, 8), "{good}");
        }
        for bad in ["", "a/+", "#", "a\0b", "a/b/c/d/e/f/g/h/i"] {
            assert!(!is_topic(bad, 256, 8), "{bad}");
        }
        assert!(!is_topic(&"a".repeat(257), 256, 8));
    }

    #[test]
    fn wildcards_stand_alone_and_the_last_one_at_the_end() {
        for good in ["#", "+", "a/#", "+/a/+", "/#", "a//+"] {
            assert!(is_filter(good, 256, 8), "{good}");
        }
        for bad in ["", "a#", "a/b#", "#/a", "a+", "+a/b", "a/#/b", "\0"] {
            assert!(!is_filter(bad, 256, 8), "{bad}");
        }
    }

    #[test]
    fn shared_filters_have_a_group() {
        assert_eq!(shared("a/b"), Ok(None));
        assert_eq!(shared("$share/g/a/+"), Ok(Some(("g", "a/+"))));
        for bad in [
            "$share/",
            "$share/g",
            "$share//a",
            "$share/g/",
            "$share/g+/a",
        ] {
            assert_eq!(shared(bad), Err(()), "{bad}");
        }
    }

    #[test]
    fn filters_match_as_the_standard_says() {
        for (filter, topic) in [
            ("a/b", "a/b"),
            ("a/#", "a"),
            ("a/#", "a/b/c"),
            ("#", "a/b"),
            ("+/b", "a/b"),
            ("+/+", "/b"),
            ("/+", "/b"),
            ("$aws/#", "$aws/things"),
            ("$aws/+/x", "$aws/a/x"),
        ] {
            assert!(matches(filter, topic), "{filter} {topic}");
        }
        for (filter, topic) in [
            ("a/b", "a/b/c"),
            ("a/+", "a"),
            ("a/+", "a/b/c"),
            ("+", "/b"),
            ("#", "$aws/things"),
            ("+/things", "$aws/things"),
            ("a/#", "ab"),
        ] {
            assert!(!matches(filter, topic), "{filter} {topic}");
        }
    }

    #[test]
    fn a_filter_contains_what_takes_no_more() {
        for (outer, inner) in [
            ("a/#", "a/b/+"),
            ("a/#", "a"),
            ("a/#", "a/#"),
            ("a/+", "a/b"),
            ("a/+", "a/+"),
            ("+/b", "a/b"),
            ("$aws/things/t/#", "$aws/things/t/shadow/get/+"),
        ] {
            assert!(contains(outer, inner), "{outer} {inner}");
        }
        for (outer, inner) in [
            ("a/+", "a/#"),
            ("a/b", "a/+"),
            ("a/+/c", "a/#"),
            ("#", "$aws/#"),
            ("+/x", "$a/x"),
            ("a/b", "a/b/c"),
            ("a/+", "a"),
            ("$aws/things/t/#", "$aws/things/+/shadow/get"),
        ] {
            assert!(!contains(outer, inner), "{outer} {inner}");
        }
    }

    fn filter() -> impl Strategy<Value = String> {
        let level = prop_oneof![
            4 => Just("a"), 3 => Just("b"), 1 => Just(""), 1 => Just("$x"), 2 => Just("+")
        ];
        (prop::collection::vec(level, 1..4), any::<bool>()).prop_map(|(levels, open)| {
            let text = levels.join("/");
            if open { format!("{text}/#") } else { text }
        })
    }

    fn topic() -> impl Strategy<Value = String> {
        let level = prop_oneof![Just("a"), Just("b"), Just(""), Just("$x")];
        prop::collection::vec(level, 1..5).prop_map(|levels| levels.join("/"))
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4_000))]
        #[test]
        fn what_is_contained_matches_nothing_more(outer in filter(), inner in filter(), topic in topic()) {
            prop_assume!(!topic.is_empty());
            if contains(&outer, &inner) && matches(&inner, &topic) {
                prop_assert!(matches(&outer, &topic), "{outer} {inner} {topic}");
            }
        }
    }
}
