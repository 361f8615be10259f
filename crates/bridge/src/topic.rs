//! Names and filters of topics: which are valid, what a filter takes, and whether two of them take the same.

/// Bytes of the longest topic that MQTT can carry.
pub(crate) const LONGEST: usize = 65_535;

/// Whether a message can have this topic.
pub(crate) fn is_topic(topic: &str) -> bool {
    !topic.is_empty() && topic.len() <= LONGEST && !topic.contains(['+', '#', '\0'])
}

/// Whether one can subscribe to this filter.
pub(crate) fn is_filter(filter: &str) -> bool {
    if filter.is_empty() || filter.len() > LONGEST || filter.contains('\0') {
        return false;
    }
    let mut levels = filter.split('/').peekable();
    while let Some(level) = levels.next() {
        let good = match level {
            "+" => true,
            "#" => levels.peek().is_none(),
            plain => !plain.contains(['+', '#']),
        };
        if !good {
            return false;
        }
    }
    true
}

/// How many levels a topic has.
pub(crate) fn levels(topic: &str) -> usize {
    topic.split('/').count()
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

/// Whether there is a topic that both filters take.
pub(crate) fn overlap(one: &str, other: &str) -> bool {
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
    fn wildcards_stand_alone_and_the_last_one_at_the_end() {
        for good in ["#", "+", "a/#", "+/a/+", "/#", "a//+", "$aws/things/+/x"] {
            assert!(is_filter(good), "{good}");
        }
        for bad in ["", "a#", "a/b#", "#/a", "a+", "+a/b", "a/#/b", "\0"] {
            assert!(!is_filter(bad), "{bad}");
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
            4 => Just("a"), 3 => Just("b"), 1 => Just(""), 1 => Just("$x"), 3 => Just("+")
        ];
        (prop::collection::vec(level, 0..4), any::<bool>())
            .prop_map(|(levels, open)| {
                let text = levels.join("/");
                match (open, levels.is_empty()) {
                    (true, true) => "#".into(),
                    (true, false) => format!("{text}/#"),
                    (false, _) => text,
                }
            })
            .prop_filter("no filter is empty", |filter| !filter.is_empty())
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
