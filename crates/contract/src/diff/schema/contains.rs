//! The comparison of two schemas.

use std::collections::{BTreeSet, HashSet};

use serde_json::Value;

use super::accepts::{accepts, any_accepts};
use super::shape::{Answer, Arrays, Numbers, Objects, Shape, Side, Strings, shapes};
use crate::limits::{COMPARE_DEPTH, COMPARE_STEPS};

/// How a second schema stands to a first one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Relation {
    /// They let the same through.
    Equal,
    /// Everything that the second lets through the first does too.
    Narrows,
    /// Everything that the first lets through the second does too.
    Widens,
    /// Each lets something through that the other does not.
    Incomparable,
    /// It could not be decided.
    Unknown,
}

/// How properties that are not declared are read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reading {
    /// As JSON Schema does: without `additionalProperties: false` a property that is not declared may be anything.
    Exact,
    /// As people do who evolve an API: a property that is not declared is not sent, so a new optional property breaks nobody.
    Api,
}

/// Compares schema `a` of the document `old` with schema `b` of the document `new`; references are followed in their documents.
#[must_use]
pub fn compare(old: &Value, a: &Value, new: &Value, b: &Value, reading: Reading) -> Relation {
    let loose = reading == Reading::Api;
    let (old, new) = (Side { root: old, loose }, Side { root: new, loose });
    let b_in_a = Comparison::new(reading).contains((old, a), (new, b));
    let a_in_b = Comparison::new(reading).contains((new, b), (old, a));
    match (b_in_a, a_in_b) {
        (Answer::Yes, Answer::Yes) => Relation::Equal,
        (Answer::Yes, _) => Relation::Narrows,
        (_, Answer::Yes) => Relation::Widens,
        (Answer::No, Answer::No) => Relation::Incomparable,
        _ => Relation::Unknown,
    }
}

type Located<'a> = (Side<'a>, &'a Value);

/// One comparison, with its budget and the pairs that are being compared.
pub(crate) struct Comparison {
    reading: Reading,
    steps: usize,
    depth: usize,
    /// Pairs whose comparison has begun. To assume them is sound: a value is finite, and each step goes into it.
    open: HashSet<(String, String)>,
}

impl Comparison {
    pub(crate) fn new(reading: Reading) -> Self {
        Self {
            reading,
            steps: 0,
            depth: 0,
            open: HashSet::new(),
        }
    }

    /// How many pairs of schemas were looked at.
    pub(crate) const fn steps(&self) -> usize {
        self.steps
    }

    /// Whether `outer` lets everything through that `inner` does.
    pub(crate) fn contains(&mut self, outer: Located<'_>, inner: Located<'_>) -> Answer {
        self.steps += 1;
        if matches!(outer.1, Value::Bool(true)) || matches!(inner.1, Value::Bool(false)) {
            return Answer::Yes;
        }
        if self.steps > COMPARE_STEPS || self.depth > COMPARE_DEPTH {
            return Answer::Unknown;
        }
        let refers = |schema: &Value| schema.get("$ref").is_some() || schema.get("allOf").is_some();
        let key = (refers(outer.1) || refers(inner.1))
            .then(|| (outer.1.to_string(), inner.1.to_string()));
        if let Some(key) = &key
            && !self.open.insert(key.clone())
        {
            return Answer::Yes;
        }
        self.depth += 1;
        let outer_shapes = shapes(outer.0, outer.1);
        let inner_shapes = shapes(inner.0, inner.1);
        let each = inner_shapes
            .iter()
            .map(|shape| self.covered((outer.0, &outer_shapes), (inner.0, shape)));
        let answer = all(each);
        self.depth -= 1;
        if let Some(key) = &key {
            self.open.remove(key);
        }
        answer
    }

    /// Whether the alternatives of `outer` together let through what `inner` does, type by type.
    fn covered(&mut self, outer: (Side<'_>, &[Shape]), inner: (Side<'_>, &Shape)) -> Answer {
        let shape = inner.1;
        if let Some(values) = &shape.values {
            return all(values.iter().map(|value| listed(outer, inner, value)));
        }
        let mut answers = Vec::with_capacity(6);
        let simple = [
            (shape.null, Value::Null),
            (shape.boolean, Value::Bool(true)),
            (shape.boolean, Value::Bool(false)),
        ];
        for (there, value) in simple {
            if there {
                answers.push(soften(inner.1, outer.1, any_open(outer, inner.1, &value)));
            }
        }
        if let Some(part) = &shape.number {
            answers.push(self.one(outer, shape, |_, other| {
                other.number.as_ref().map(|other| numbers(other, part))
            }));
        }
        if let Some(part) = &shape.string {
            answers.push(self.one(outer, shape, |_, other| {
                other.string.as_ref().map(|other| strings(other, part))
            }));
        }
        if let Some(part) = &shape.array {
            answers.push(self.one(outer, shape, |this, other| {
                other
                    .array
                    .as_ref()
                    .map(|other| this.arrays((outer.0, other), (inner.0, part)))
            }));
        }
        if let Some(part) = &shape.object {
            answers.push(self.one(outer, shape, |this, other| {
                other
                    .object
                    .as_ref()
                    .map(|other| this.objects((outer.0, other), (inner.0, part)))
            }));
        }
        all(answers.into_iter())
    }

    /// Whether one alternative of `outer` lets the part through that `part` compares.
    fn one(
        &mut self,
        outer: (Side<'_>, &[Shape]),
        inner: &Shape,
        mut part: impl FnMut(&mut Self, &Shape) -> Option<Answer>,
    ) -> Answer {
        let mut best = Answer::No;
        for other in outer.1 {
            let Some(mut answer) = part(self, other) else {
                continue;
            };
            if other.values.is_some() && answer == Answer::Yes {
                answer = Answer::No;
            }
            if answer == Answer::Yes && !other.opaque.is_subset(&inner.opaque) {
                answer = Answer::Unknown;
            }
            match answer {
                Answer::Yes => return Answer::Yes,
                Answer::Unknown => best = Answer::Unknown,
                Answer::No => {}
            }
        }
        soften(inner, outer.1, best)
    }

    fn arrays(&mut self, outer: (Side<'_>, &Arrays), inner: (Side<'_>, &Arrays)) -> Answer {
        let (a, b) = (outer.1, inner.1);
        let most = b.most.unwrap_or(u64::MAX);
        let closed = b.items == Some(Value::Bool(false));
        let most = if closed {
            most.min(b.prefix.len() as u64)
        } else {
            most
        };
        let bounds = b.fewest >= a.fewest
            && a.most.is_none_or(|limit| most <= limit)
            && (!a.unique || b.unique || most <= 1);
        if !bounds {
            return Answer::No;
        }
        let length = a.prefix.len().max(b.prefix.len());
        let mut answers = Vec::with_capacity(length + 1);
        for index in 0..=length {
            if (index as u64) < most {
                let answer = self.contains((outer.0, a.at(index)), (inner.0, b.at(index)));
                // Where an item need not be there, another that cannot exist decides nothing.
                answers.push(answer);
            }
        }
        all(answers.into_iter())
    }

    fn objects(&mut self, outer: (Side<'_>, &Objects), inner: (Side<'_>, &Objects)) -> Answer {
        let (a, b) = (outer.1, inner.1);
        let fewest = b.fewest.max(b.required.len() as u64);
        let closed = b.additional == Some(Value::Bool(false));
        let most = if closed {
            Some(b.properties.len() as u64)
        } else {
            None
        };
        let most = match (most, b.most) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        let bounds = fewest >= a.fewest
            && a.most
                .is_none_or(|limit| most.is_some_and(|most| most <= limit))
            && a.required.is_subset(&b.required);
        if !bounds {
            return Answer::No;
        }
        let names: BTreeSet<_> = a.properties.keys().chain(b.properties.keys()).collect();
        let mut answers = Vec::with_capacity(names.len() + 1);
        for name in names {
            let undeclared = self.reading == Reading::Api
                && !b.properties.contains_key(name)
                && b.additional.is_none();
            if !undeclared {
                answers.push(self.contains((outer.0, a.of(name)), (inner.0, b.of(name))));
            }
        }
        answers.push(self.contains((outer.0, a.rest()), (inner.0, b.rest())));
        all(answers.into_iter())
    }
}

/// `No` is only certain when nothing that is not understood could have taken the difference away, on either side.
fn soften(inner: &Shape, outer: &[Shape], answer: Answer) -> Answer {
    let understood = outer
        .iter()
        .any(|shape| inner.opaque.is_subset(&shape.opaque))
        || inner.opaque.is_empty();
    if answer == Answer::No && !understood {
        Answer::Unknown
    } else {
        answer
    }
}

fn listed(outer: (Side<'_>, &[Shape]), inner: (Side<'_>, &Shape), value: &Value) -> Answer {
    match accepts(inner.0, inner.1, value, 0) {
        Answer::No => Answer::Yes,
        Answer::Yes => any_open(outer, inner.1, value),
        Answer::Unknown => match any_open(outer, inner.1, value) {
            Answer::No => Answer::Unknown,
            answer => answer,
        },
    }
}

/// Whether one of the alternatives lets `value` through, where what both do not understand counts as the same.
fn any_open(outer: (Side<'_>, &[Shape]), inner: &Shape, value: &Value) -> Answer {
    let same: Vec<_> = outer
        .1
        .iter()
        .map(|shape| {
            let mut shape = shape.clone();
            shape.opaque.retain(|rule| !inner.opaque.contains(rule));
            if shape.values.is_some() && shape.values == inner.values {
                shape.values = None;
            }
            if let (Some(mine), Some(other)) = (&mut shape.string, &inner.string) {
                mine.patterns
                    .retain(|pattern| !other.patterns.contains(pattern));
                mine.formats
                    .retain(|format| !other.formats.contains(format));
            }
            if let (Some(mine), Some(other)) = (&mut shape.number, &inner.number) {
                mine.multiples
                    .retain(|multiple| !other.multiples.contains(multiple));
                mine.formats
                    .retain(|format| !other.formats.contains(format));
            }
            shape
        })
        .collect();
    any_accepts(outer.0, &same, value, 0)
}

fn all(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut result = Answer::Yes;
    for answer in answers {
        match answer {
            Answer::No => return Answer::No,
            Answer::Unknown => result = Answer::Unknown,
            Answer::Yes => {}
        }
    }
    result
}

const fn decided(good: bool) -> Answer {
    if good { Answer::Yes } else { Answer::No }
}

fn numbers(a: &Numbers, b: &Numbers) -> Answer {
    let inside =
        |outer: Option<(f64, bool)>, inner: Option<(f64, bool)>, low: bool| match (outer, inner) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some((x, open_x)), Some((y, open_y))) => {
                let deeper = if low { y > x } else { y < x };
                deeper || (x == y && (!open_x || open_y))
            }
        };
    if !inside(a.low, b.low, true) || !inside(a.high, b.high, false) {
        return Answer::No;
    }
    let whole = b.integer
        || b.multiples
            .iter()
            .any(|step| step.fract() == 0.0 && *step > 0.0);
    if a.integer && !whole {
        return if b.multiples.is_empty() {
            Answer::No
        } else {
            Answer::Unknown
        };
    }
    let wider = |format: &str| match format {
        "int64" => b.formats.contains("int32"),
        "double" => b.formats.contains("float"),
        _ => false,
    };
    if !a
        .formats
        .iter()
        .all(|format| b.formats.contains(format) || wider(format))
    {
        return Answer::No;
    }
    all(a.multiples.iter().map(|step| multiple(*step, b)))
}

fn multiple(step: f64, b: &Numbers) -> Answer {
    // Only whole steps are computed with: fractions are not exact.
    let divides = |other: f64| {
        step == other || (step.fract() == 0.0 && other.fract() == 0.0 && other % step == 0.0)
    };
    if b.multiples.iter().any(|other| divides(*other)) || (b.integer && step == 1.0) {
        return Answer::Yes;
    }
    let clear = b.multiples.is_empty()
        || (step.fract() == 0.0 && b.multiples.iter().all(|other| other.fract() == 0.0));
    if clear { Answer::No } else { Answer::Unknown }
}

fn strings(a: &Strings, b: &Strings) -> Answer {
    let long = a
        .longest
        .is_none_or(|limit| b.longest.is_some_and(|longest| longest <= limit));
    if b.shortest < a.shortest || !long || !a.formats.is_subset(&b.formats) {
        return Answer::No;
    }
    if a.patterns.is_subset(&b.patterns) {
        return Answer::Yes;
    }
    // A pattern where there was none lets less through; two patterns are not compared.
    decided(false).unless(!b.patterns.is_empty())
}

impl Answer {
    const fn unless(self, open: bool) -> Self {
        if open { Self::Unknown } else { self }
    }
}
