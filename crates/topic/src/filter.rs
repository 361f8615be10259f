//! Which names and filters are valid, what a filter takes, when it takes no more than another, and when both take the same.

/// What a shared subscription begins with.
const SHARED: &str = "$share/";

/// Bytes of the longest topic that MQTT can carry.
pub const LONGEST: usize = 65_535;

/// Whether a message can have this topic, of at most so many bytes and levels.
#[must_use]
pub fn is_topic(topic: &str, bytes: usize, levels: usize) -> bool {
    !topic.is_empty()
        && topic.len() <= bytes
        && !topic.contains(['+', '#', '\0'])
        && within(topic, levels)
}

/// Whether one can subscribe to this filter, of at most so many bytes and levels. A shared subscription is no filter; see [`shared`].
#[must_use]
pub fn is_filter(filter: &str, bytes: usize, levels: usize) -> bool {
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

/// A filter begins as one of a shared subscription and is not well-formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotShared;

/// The group and the filter of a shared subscription, `$share/<group>/<filter>`; nothing where it is none, and an error where it is
/// one without a group or a filter.
///
/// # Errors
/// [`NotShared`] where it begins as one and is not well-formed.
pub fn shared(filter: &str) -> Result<Option<(&str, &str)>, NotShared> {
    let Some(rest) = filter.strip_prefix(SHARED) else {
        return Ok(None);
    };
    match rest.split_once('/') {
        Some((group, filter))
            if !group.is_empty() && !group.contains(['+', '#']) && !filter.is_empty() =>
        {
            Ok(Some((group, filter)))
        }
        _ => Err(NotShared),
    }
}

/// Whether `filter` takes messages of `topic`. A wildcard in the first level takes no topic that begins with `$`.
#[must_use]
pub fn matches(filter: &str, topic: &str) -> bool {
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
#[must_use]
pub fn contains(outer: &str, inner: &str) -> bool {
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

/// Whether there is a topic that both filters take.
#[must_use]
pub fn overlap(one: &str, other: &str) -> bool {
    let reserved = |filter: &str| filter.starts_with('$');
    let open = |filter: &str| filter.starts_with(['+', '#']);
    if (reserved(one) && open(other)) || (reserved(other) && open(one)) {
        return false;
    }
    let (mut ones, mut others) = (one.split('/'), other.split('/'));
    loop {
        match (ones.next(), others.next()) {
            // `a/#` takes `a` as well, so it meets a filter that ends before it.
            (Some("#"), _) | (_, Some("#")) | (None, None) => return true,
            (Some("+"), Some(_)) | (Some(_), Some("+")) => {}
            (Some(level), Some(same)) if level == same => {}
            _ => return false,
        }
    }
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
            assert_eq!(shared(bad), Err(NotShared), "{bad}");
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

    #[test]
    fn filters_meet_where_a_topic_fits_both() {
        for (one, other) in [
            ("a/b", "a/b"),
            ("a/#", "a"),
            ("a/#", "a/b/c"),
            ("#", "a/+"),
            ("+/b", "a/+"),
            ("a/+/c", "a/b/#"),
            ("$aws/#", "$aws/things/+"),
        ] {
            assert!(overlap(one, other) && overlap(other, one), "{one} {other}");
        }
        for (one, other) in [
            ("a/b", "a/c"),
            ("a/+", "a"),
            ("a/+", "a/b/c"),
            ("#", "$aws/things"),
            ("+/things", "$aws/things"),
            ("a/#", "b/#"),
            ("site-7/dt/#", "site-7/cmd/#"),
        ] {
            assert!(
                !overlap(one, other) && !overlap(other, one),
                "{one} {other}"
            );
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

    /// A topic that a filter takes, with `fill` where it leaves the level open.
    fn example(filter: &str, fill: &[&str]) -> String {
        let mut fill = fill.iter().cycle();
        let mut levels: Vec<&str> = Vec::new();
        for level in filter.split('/') {
            match level {
                "+" => levels.extend(fill.next()),
                "#" => levels.extend(fill.by_ref().take(2)),
                plain => levels.push(plain),
            }
        }
        levels.join("/")
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

        #[test]
        fn what_both_take_makes_them_meet(
            one in filter(),
            other in filter(),
            fill in prop::collection::vec(prop_oneof![Just("a"), Just("b"), Just("")], 1..4),
        ) {
            prop_assert_eq!(overlap(&one, &other), overlap(&other, &one));
            for topic in [example(&one, &fill), example(&other, &fill)] {
                if matches(&one, &topic) && matches(&other, &topic) {
                    prop_assert!(overlap(&one, &other), "{} {} {}", one, other, topic);
                }
            }
        }

        #[test]
        fn filters_that_meet_have_a_topic(one in filter(), other in filter()) {
            // All topics of up to five levels over what the filters are made of.
            let words = ["a", "b", "", "$x"];
            let mut topics: Vec<String> = words.iter().map(ToString::to_string).collect();
            let mut last = topics.clone();
            for _ in 0..4 {
                last = last
                    .iter()
                    .flat_map(|topic| words.map(|word| format!("{topic}/{word}")))
                    .collect();
                topics.extend(last.iter().cloned());
            }
            let common = topics
                .iter()
                .any(|topic| matches(&one, topic) && matches(&other, topic));
            prop_assert_eq!(overlap(&one, &other), common, "{} {}", one, other);
        }
    }
}
