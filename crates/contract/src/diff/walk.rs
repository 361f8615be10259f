//! Two schemas side by side, down to the places that differ.

use serde_json::Value;

use super::change::{Changes, Direction, Severity};
use super::leaves;
use super::schema::{Answer, Comparison, Reading, Side, shapes};
use crate::limits::DIFF_STEPS;
use crate::pointer::{escape, follow};

/// What is compared: two documents, a direction, and whether it is a `body`, a `property`, a `parameter` or a `header`.
#[derive(Clone, Copy)]
pub(super) struct Pair<'a> {
    pub(super) old: &'a Value,
    pub(super) new: &'a Value,
    pub(super) direction: Direction,
    pub(super) what: &'static str,
}

impl<'a> Pair<'a> {
    pub(super) fn sides(&self) -> (Side<'a>, Side<'a>) {
        (
            Side {
                root: self.old,
                loose: true,
            },
            Side {
                root: self.new,
                loose: true,
            },
        )
    }

    /// `request-property` and the like, the first part of a rule's name.
    pub(super) fn prefix(&self) -> String {
        format!("{}-{}", self.direction.name(), self.what)
    }

    /// Whether clients of the old schema are safe with the new one.
    fn safe(&self, old: &Value, new: &Value, steps: &mut usize) -> Answer {
        if *steps > DIFF_STEPS {
            return Answer::Unknown;
        }
        let (before, after) = self.sides();
        let mut comparison = Comparison::new(Reading::Api);
        let answer = match self.direction {
            Direction::Request => comparison.contains((after, new), (before, old)),
            Direction::Response => comparison.contains((before, old), (after, new)),
        };
        *steps += comparison.steps();
        answer
    }
}

/// How deep places are named; below, a difference is told at the place above it.
const DEPTH: usize = 12;

pub(super) fn walk(pair: Pair<'_>, schemas: (&Value, &Value), place: &str, changes: &mut Changes) {
    let mut open = Vec::new();
    step(pair, schemas, place, changes, &mut open);
}

/// `open` are the pairs of references on the way here, so that a tree of itself ends.
fn step(
    pair: Pair<'_>,
    (old, new): (&Value, &Value),
    place: &str,
    changes: &mut Changes,
    open: &mut Vec<(String, String)>,
) {
    if old == new && (changes.same || !old.to_string().contains("\"$ref\"")) {
        return;
    }
    let key = (old.to_string(), new.to_string());
    if open.len() > DEPTH || open.contains(&key) {
        return;
    }
    open.push(key);
    let begin = changes.found.len();
    let safe = pair.safe(old, new, &mut changes.steps);
    let (before, after) = pair.sides();
    let (was, is) = (shapes(before, old), shapes(after, new));
    let single = |shapes: &[_]| shapes.len() == 1;
    if single(&was) && single(&is) {
        leaves::compare(pair, (&was[0], &is[0]), place, changes);
        children(pair, (&was[0], &is[0]), place, changes, open);
    } else if safe != Answer::Yes {
        leaves::alternatives(
            pair,
            (was.len(), is.len()),
            Severity::of(safe),
            place,
            changes,
        );
    }
    defaults(pair, (old, new), place, changes);
    level(pair, safe, begin, place, changes);
    open.pop();
}

/// The law has the last word: leaves only say where. What it calls safe breaks nobody, and what it calls breaking is told at least once.
fn level(pair: Pair<'_>, safe: Answer, begin: usize, place: &str, changes: &mut Changes) {
    let wanted = Severity::of(safe);
    if safe == Answer::Yes {
        for change in changes.found.iter_mut().skip(begin) {
            if change.severity == Severity::Breaking {
                change.severity = Severity::Info;
            }
        }
    } else if !changes
        .found
        .iter()
        .skip(begin)
        .any(|change| change.severity >= wanted)
    {
        let (rule, text) = match (safe, pair.direction) {
            (Answer::Unknown, _) => ("changed", "it changed in a way that cannot be judged"),
            (_, Direction::Request) => ("narrowed", "less is taken than before"),
            (_, Direction::Response) => ("widened", "more can come than before"),
        };
        changes.add(wanted, format!("{}-{rule}", pair.prefix()), place, text);
    }
}

fn children(
    pair: Pair<'_>,
    (was, is): (&super::schema::Shape, &super::schema::Shape),
    place: &str,
    changes: &mut Changes,
    open: &mut Vec<(String, String)>,
) {
    let inner = Pair {
        what: "property",
        ..pair
    };
    if let (Some(was), Some(is)) = (&was.object, &is.object) {
        for (name, old) in &was.properties {
            if let Some(new) = is.properties.get(name) {
                step(
                    inner,
                    (old, new),
                    &format!("{place}/{}", escape(name)),
                    changes,
                    open,
                );
            }
        }
    }
    if let (Some(was), Some(is)) = (&was.array, &is.array) {
        let any = Value::Bool(true);
        let (old, new) = (
            was.items.as_ref().unwrap_or(&any),
            is.items.as_ref().unwrap_or(&any),
        );
        step(inner, (old, new), &format!("{place}/items"), changes, open);
    }
}

fn defaults(pair: Pair<'_>, (old, new): (&Value, &Value), place: &str, changes: &mut Changes) {
    let default = |root: &Value, schema: &Value| {
        follow(root, schema)
            .and_then(|schema| schema.get("default"))
            .cloned()
    };
    let (was, is) = (default(pair.old, old), default(pair.new, new));
    if was == is {
        return;
    }
    let what = match (&was, &is) {
        (None, _) => "added",
        (_, None) => "removed",
        _ => "changed",
    };
    // Who leaves the value out gets another behaviour, which no schema shows.
    let severity = if pair.direction == Direction::Request {
        Severity::Breaking
    } else {
        Severity::Info
    };
    let severity = if was.is_none() {
        Severity::Info
    } else {
        severity.min(Severity::Warning)
    };
    let rule = format!("{}-default-value-{what}", pair.prefix());
    changes.add(severity, rule, place, format!("the default was {what}"));
}
