//! The words in which two alternatives differ, each with the name of its rule.

use super::change::{Changes, Severity};
use super::schema::Shape;
use super::walk::Pair;

struct Teller<'a> {
    pair: Pair<'a>,
    place: &'a str,
    changes: &'a mut Changes,
}

impl Teller<'_> {
    fn tell(&mut self, narrows: bool, rule: &str, text: impl Into<String>) {
        let severity = self.pair.direction.law(narrows);
        self.changes.add(
            severity,
            format!("{}-{rule}", self.pair.prefix()),
            self.place,
            text,
        );
    }

    /// A lower bound (`min`, `min-length`) or, turned round, an upper one.
    fn bound<T: PartialOrd + std::fmt::Display + Copy>(
        &mut self,
        name: &str,
        low: bool,
        was: Option<T>,
        is: Option<T>,
    ) {
        let end = if low { "min" } else { "max" };
        let rule = |verb: &str| {
            if name.is_empty() {
                format!("{end}-{verb}")
            } else {
                format!("{end}-{name}-{verb}")
            }
        };
        match (was, is) {
            (None, Some(is)) => self.tell(true, &rule("set"), format!("a bound of {is} is new")),
            (Some(was), None) => self.tell(
                false,
                &rule("removed"),
                format!("the bound of {was} is gone"),
            ),
            (Some(was), Some(is)) if is > was => {
                self.tell(
                    low,
                    &rule("increased"),
                    format!("the bound went from {was} to {is}"),
                );
            }
            (Some(was), Some(is)) if is < was => {
                self.tell(
                    !low,
                    &rule("decreased"),
                    format!("the bound went from {was} to {is}"),
                );
            }
            _ => {}
        }
    }
}

pub(super) fn compare(
    pair: Pair<'_>,
    (was, is): (&Shape, &Shape),
    place: &str,
    changes: &mut Changes,
) {
    let mut teller = Teller {
        pair,
        place,
        changes,
    };
    types(&mut teller, was, is);
    values(&mut teller, was, is);
    numbers(&mut teller, was, is);
    strings(&mut teller, was, is);
    if let (Some(was), Some(is)) = (&was.array, &is.array) {
        teller.bound("items", true, some(was.fewest), some(is.fewest));
        teller.bound("items", false, was.most, is.most);
        if was.unique != is.unique {
            teller.tell(
                is.unique,
                "unique-items-changed",
                "whether items may repeat changed",
            );
        }
    }
    objects(&mut teller, was, is);
}

/// Unions, told as a whole.
pub(super) fn alternatives(
    pair: Pair<'_>,
    (was, is): (usize, usize),
    severity: Severity,
    place: &str,
    changes: &mut Changes,
) {
    let (rule, text) = match is.cmp(&was) {
        std::cmp::Ordering::Less => ("one-of-removed", "an alternative was removed"),
        std::cmp::Ordering::Greater => ("one-of-added", "an alternative was added"),
        std::cmp::Ordering::Equal => ("one-of-changed", "an alternative changed"),
    };
    changes.add(severity, format!("{}-{rule}", pair.prefix()), place, text);
}

const fn some(count: u64) -> Option<u64> {
    if count == 0 { None } else { Some(count) }
}

fn types(teller: &mut Teller<'_>, was: &Shape, is: &Shape) {
    if was.null && !is.null {
        teller.tell(
            true,
            "became-not-nullable",
            "null is not let through any more",
        );
    }
    if !was.null && is.null {
        teller.tell(false, "became-nullable", "null is let through now");
    }
    let kinds = |shape: &Shape| {
        let whole = shape.number.as_ref().is_some_and(|part| part.integer);
        [
            shape.boolean,
            shape.number.is_some(),
            shape.number.is_some() && !whole,
            shape.string.is_some(),
            shape.array.is_some(),
            shape.object.is_some(),
        ]
    };
    let pairs = kinds(was).into_iter().zip(kinds(is));
    let lost = pairs.clone().any(|(was, is)| was && !is);
    let gained = pairs.into_iter().any(|(was, is)| !was && is);
    if lost {
        teller.tell(true, "type-changed", "a type is not let through any more");
    }
    if gained && !(lost && teller.pair.direction.law(true) == Severity::Breaking) {
        teller.tell(false, "type-changed", "a further type is let through");
    }
}

fn values(teller: &mut Teller<'_>, was: &Shape, is: &Shape) {
    match (&was.values, &is.values) {
        (None, Some(_)) => teller.tell(
            true,
            "became-enum",
            "only listed values are let through now",
        ),
        (Some(_), None) => teller.tell(
            false,
            "enum-removed",
            "other values than the listed ones are let through now",
        ),
        (Some(was), Some(is)) => {
            if was.iter().any(|value| !is.contains(value)) {
                teller.tell(true, "enum-value-removed", "a listed value was removed");
            }
            if is.iter().any(|value| !was.contains(value)) {
                teller.tell(false, "enum-value-added", "a listed value was added");
            }
        }
        (None, None) => {}
    }
}

fn numbers(teller: &mut Teller<'_>, was: &Shape, is: &Shape) {
    let (Some(was), Some(is)) = (&was.number, &is.number) else {
        return;
    };
    let at = |bound: Option<(f64, bool)>| bound.map(|(at, _)| at);
    teller.bound("", true, at(was.low), at(is.low));
    teller.bound("", false, at(was.high), at(is.high));
    let open = |bound: Option<(f64, bool)>| bound.is_some_and(|(_, open)| open);
    for (name, was, is) in [("min", was.low, is.low), ("max", was.high, is.high)] {
        if at(was) == at(is) && open(was) != open(is) {
            teller.tell(
                open(is),
                &format!("exclusive-{name}-changed"),
                "whether the bound itself is let through changed",
            );
        }
    }
    if was.multiples != is.multiples {
        teller.tell(
            is.multiples.len() >= was.multiples.len(),
            "multiple-of-changed",
            "the step between values changed",
        );
    }
    formats(teller, &was.formats, &is.formats);
}

fn formats(
    teller: &mut Teller<'_>,
    was: &std::collections::BTreeSet<String>,
    is: &std::collections::BTreeSet<String>,
) {
    if was != is {
        let narrows = !is.is_subset(was);
        let text = "the format changed";
        if narrows && !was.is_empty() {
            // Another format is neither narrower nor wider.
            teller.changes.add(
                Severity::Breaking,
                format!("{}-type-changed", teller.pair.prefix()),
                teller.place,
                text,
            );
        } else {
            teller.tell(narrows, "type-changed", text);
        }
    }
}

fn strings(teller: &mut Teller<'_>, was: &Shape, is: &Shape) {
    let (Some(was), Some(is)) = (&was.string, &is.string) else {
        return;
    };
    teller.bound("length", true, some(was.shortest), some(is.shortest));
    teller.bound("length", false, was.longest, is.longest);
    if was.patterns != is.patterns {
        if was.patterns.is_empty() {
            teller.tell(true, "pattern-added", "a pattern is new");
        } else if is.patterns.is_empty() {
            teller.tell(false, "pattern-removed", "the pattern is gone");
        } else {
            let rule = format!("{}-pattern-changed", teller.pair.prefix());
            teller.changes.add(
                Severity::Warning,
                rule,
                teller.place,
                "the pattern changed, which cannot be judged",
            );
        }
    }
    formats(teller, &was.formats, &is.formats);
}

fn objects(teller: &mut Teller<'_>, was: &Shape, is: &Shape) {
    let (Some(was), Some(is)) = (&was.object, &is.object) else {
        return;
    };
    teller.bound("properties", true, some(was.fewest), some(is.fewest));
    teller.bound("properties", false, was.most, is.most);
    let request = teller.pair.direction == super::change::Direction::Request;
    let direction = teller.pair.direction.name();
    for name in was
        .properties
        .keys()
        .filter(|name| !is.properties.contains_key(*name))
    {
        let required = was.required.contains(name);
        let (severity, rule) = match (request, required) {
            (true, _) => (Severity::Warning, "request-property-removed"),
            (false, true) => (Severity::Breaking, "response-required-property-removed"),
            (false, false) => (Severity::Warning, "response-optional-property-removed"),
        };
        let place = format!("{}/{}", teller.place, crate::pointer::escape(name));
        teller
            .changes
            .add(severity, rule, &place, "the property was removed");
    }
    for name in is
        .properties
        .keys()
        .filter(|name| !was.properties.contains_key(*name))
    {
        let place = format!("{}/{}", teller.place, crate::pointer::escape(name));
        let (severity, rule) = match (request, is.required.contains(name)) {
            (true, true) => (Severity::Breaking, "new-required-request-property"),
            (true, false) => (Severity::Info, "new-optional-request-property"),
            (false, true) => (Severity::Info, "response-required-property-added"),
            (false, false) => (Severity::Info, "response-optional-property-added"),
        };
        teller
            .changes
            .add(severity, rule, &place, "the property is new");
    }
    for name in was
        .properties
        .keys()
        .filter(|name| is.properties.contains_key(*name))
    {
        let (before, after) = (was.required.contains(name), is.required.contains(name));
        if before != after {
            let word = if after { "required" } else { "optional" };
            let place = format!("{}/{}", teller.place, crate::pointer::escape(name));
            let severity = teller.pair.direction.law(after);
            teller.changes.add(
                severity,
                format!("{direction}-property-became-{word}"),
                &place,
                format!("the property is {word} now"),
            );
        }
    }
    let (before, after) = (was.additional.is_some(), is.additional.is_some());
    if before != after {
        teller.tell(
            after,
            "additional-properties-changed",
            "whether undeclared properties are let through changed",
        );
    }
}
