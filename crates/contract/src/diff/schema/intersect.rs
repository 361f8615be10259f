//! What two alternatives let through together.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::parts::{tighter, whole};
use super::shape::{Arrays, Numbers, Objects, Shape, Strings, same_value};

pub(super) fn intersect(left: &Shape, right: &Shape) -> Shape {
    let values = match (&left.values, &right.values) {
        (Some(left), Some(right)) => {
            let both = left
                .iter()
                .filter(|value| right.iter().any(|other| same_value(value, other)));
            Some(both.cloned().collect())
        }
        (Some(values), None) | (None, Some(values)) => Some(values.clone()),
        (None, None) => None,
    };
    Shape {
        null: left.null && right.null,
        boolean: left.boolean && right.boolean,
        number: left
            .number
            .as_ref()
            .zip(right.number.as_ref())
            .map(|(a, b)| numbers(a, b)),
        string: left
            .string
            .as_ref()
            .zip(right.string.as_ref())
            .map(|(a, b)| strings(a, b)),
        array: left
            .array
            .as_ref()
            .zip(right.array.as_ref())
            .map(|(a, b)| arrays(a, b)),
        object: left
            .object
            .as_ref()
            .zip(right.object.as_ref())
            .map(|(a, b)| objects(a, b)),
        values,
        opaque: left.opaque.union(&right.opaque).cloned().collect(),
    }
}

fn numbers(a: &Numbers, b: &Numbers) -> Numbers {
    let mut both = Numbers {
        integer: a.integer || b.integer,
        low: tighter(a.low, b.low, true),
        high: tighter(a.high, b.high, false),
        multiples: a.multiples.iter().chain(&b.multiples).copied().collect(),
        formats: a.formats.union(&b.formats).cloned().collect(),
    };
    whole(&mut both);
    both
}

fn strings(a: &Strings, b: &Strings) -> Strings {
    Strings {
        shortest: a.shortest.max(b.shortest),
        longest: least(a.longest, b.longest),
        patterns: a.patterns.union(&b.patterns).cloned().collect(),
        formats: a.formats.union(&b.formats).cloned().collect(),
    }
}

fn arrays(a: &Arrays, b: &Arrays) -> Arrays {
    let length = a.prefix.len().max(b.prefix.len());
    Arrays {
        fewest: a.fewest.max(b.fewest),
        most: least(a.most, b.most),
        unique: a.unique || b.unique,
        prefix: (0..length)
            .map(|index| both(Some(a.at(index)), Some(b.at(index))).unwrap_or(Value::Bool(true)))
            .collect(),
        items: both(a.items.as_ref(), b.items.as_ref()),
    }
}

fn objects(a: &Objects, b: &Objects) -> Objects {
    let names: BTreeSet<_> = a.properties.keys().chain(b.properties.keys()).collect();
    Objects {
        properties: names
            .into_iter()
            .map(|name| {
                (
                    name.clone(),
                    both(Some(a.of(name)), Some(b.of(name))).unwrap_or(Value::Bool(true)),
                )
            })
            .collect(),
        required: a.required.union(&b.required).cloned().collect(),
        additional: both(a.additional.as_ref(), b.additional.as_ref()),
        fewest: a.fewest.max(b.fewest),
        most: least(a.most, b.most),
    }
}

fn least(a: Option<u64>, b: Option<u64>) -> Option<u64> {
    match (a, b) {
        (Some(a), Some(b)) => Some(a.min(b)),
        (bound, None) | (None, bound) => bound,
    }
}

fn both(a: Option<&Value>, b: Option<&Value>) -> Option<Value> {
    match (
        a.filter(|schema| **schema != Value::Bool(true)),
        b.filter(|schema| **schema != Value::Bool(true)),
    ) {
        (Some(a), Some(b)) if a == b => Some(a.clone()),
        (Some(a), Some(b)) => Some(json!({"allOf": [a, b]})),
        (Some(schema), None) | (None, Some(schema)) => Some(schema.clone()),
        (None, None) => None,
    }
}

static TRUE: Value = Value::Bool(true);

impl Arrays {
    /// The schema of the item at `index`.
    pub(super) fn at(&self, index: usize) -> &Value {
        self.prefix
            .get(index)
            .or(self.items.as_ref())
            .unwrap_or(&TRUE)
    }
}

impl Objects {
    /// The schema of the property `name`.
    pub(super) fn of(&self, name: &str) -> &Value {
        self.properties.get(name).unwrap_or_else(|| self.rest())
    }

    /// The schema of what is not declared.
    pub(super) fn rest(&self) -> &Value {
        self.additional.as_ref().unwrap_or(&TRUE)
    }
}
