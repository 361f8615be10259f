//! A schema as a list of alternatives.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use super::intersect::intersect;
use crate::limits::{ALTERNATIVES, COMPARE_DEPTH};
use crate::pointer::local;

/// An answer that may be open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Answer {
    Yes,
    No,
    Unknown,
}

/// Where the references of a schema lead.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Side<'a> {
    pub(crate) root: &'a Value,
    /// Whether `oneOf` may be read as `anyOf`.
    pub(crate) loose: bool,
}

/// One alternative: what it lets through, type by type.
#[derive(Clone, Debug, Default)]
pub(crate) struct Shape {
    pub(crate) null: bool,
    pub(crate) boolean: bool,
    pub(crate) number: Option<Numbers>,
    pub(crate) string: Option<Strings>,
    pub(crate) array: Option<Arrays>,
    pub(crate) object: Option<Objects>,
    /// The only values, when they are listed. They must fit the rest as well.
    pub(crate) values: Option<Vec<Value>>,
    /// Rules that are not understood, in a form in which they can be compared. They only narrow.
    pub(crate) opaque: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Numbers {
    pub(crate) integer: bool,
    /// The bound, and whether it is excluded.
    pub(crate) low: Option<(f64, bool)>,
    pub(crate) high: Option<(f64, bool)>,
    pub(crate) multiples: Vec<f64>,
    pub(crate) formats: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Strings {
    pub(crate) shortest: u64,
    pub(crate) longest: Option<u64>,
    pub(crate) patterns: BTreeSet<String>,
    pub(crate) formats: BTreeSet<String>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Arrays {
    pub(crate) fewest: u64,
    pub(crate) most: Option<u64>,
    pub(crate) unique: bool,
    pub(crate) prefix: Vec<Value>,
    pub(crate) items: Option<Value>,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Objects {
    pub(crate) properties: BTreeMap<String, Value>,
    pub(crate) required: BTreeSet<String>,
    pub(crate) additional: Option<Value>,
    pub(crate) fewest: u64,
    pub(crate) most: Option<u64>,
}

/// Takes `schema` apart. An empty list lets nothing through.
pub(crate) fn shapes(side: Side<'_>, schema: &Value) -> Vec<Shape> {
    build(side, schema, 0)
}

fn build(side: Side<'_>, schema: &Value, depth: usize) -> Vec<Shape> {
    let object = match schema {
        Value::Bool(false) => return Vec::new(),
        Value::Object(object) => object,
        _ => return vec![Shape::all()],
    };
    if depth > COMPARE_DEPTH {
        return vec![Shape::opaque(side, schema)];
    }
    let mut found = vec![base(side, object)];
    let mut conjuncts: Vec<Vec<Shape>> = Vec::new();
    if let Some(reference) = object.get("$ref") {
        let target = reference.as_str().and_then(|text| local(side.root, text));
        conjuncts.push(match target {
            Some(target) => build(side, target, depth + 1),
            None => vec![Shape::opaque(side, schema)],
        });
    }
    for branch in list(object, "allOf") {
        conjuncts.push(build(side, branch, depth + 1));
    }
    for word in ["anyOf", "oneOf"] {
        if object.contains_key(word) {
            conjuncts.push(alternatives(side, object, word, depth));
        }
    }
    for conjunct in conjuncts {
        if found.len() * conjunct.len() > ALTERNATIVES {
            return vec![Shape::opaque(side, schema)];
        }
        found = found
            .iter()
            .flat_map(|left| conjunct.iter().map(|right| intersect(left, right)))
            .filter(|shape| !shape.is_empty())
            .collect();
    }
    found
}

fn alternatives(
    side: Side<'_>,
    object: &Map<String, Value>,
    word: &str,
    depth: usize,
) -> Vec<Shape> {
    let branches: Vec<_> = list(object, word)
        .map(|branch| build(side, branch, depth + 1))
        .collect();
    let exclusive = word == "oneOf" && !side.loose && !all_disjoint(&branches);
    let mut found: Vec<_> = branches.into_iter().flatten().collect();
    if exclusive {
        let rule = canonical(side, &json!({ word: object[word] }));
        for shape in &mut found {
            shape.opaque.insert(rule.clone());
        }
    }
    found
}

fn all_disjoint(branches: &[Vec<Shape>]) -> bool {
    branches.iter().enumerate().all(|(index, left)| {
        branches[index + 1..].iter().all(|right| {
            left.iter()
                .all(|left| right.iter().all(|right| disjoint(left, right)))
        })
    })
}

fn disjoint(left: &Shape, right: &Shape) -> bool {
    if let (Some(left), Some(right)) = (&left.values, &right.values) {
        return !left
            .iter()
            .any(|value| right.iter().any(|other| same_value(value, other)));
    }
    !(left.null && right.null
        || left.boolean && right.boolean
        || left.number.is_some() && right.number.is_some()
        || left.string.is_some() && right.string.is_some()
        || left.array.is_some() && right.array.is_some()
        || left.object.is_some() && right.object.is_some())
}

/// Equality as JSON Schema has it: `1` and `1.0` are the same number. Nested numbers are compared as they are written.
pub(super) fn same_value(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(a), Value::Number(b)) => a == b || a.as_f64() == b.as_f64(),
        _ => left == right,
    }
}

pub(super) fn list<'a>(
    object: &'a Map<String, Value>,
    word: &str,
) -> impl Iterator<Item = &'a Value> + use<'a> {
    object
        .get(word)
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
}

/// The words that say something about the shape of a value and that `base` does not understand.
const OPAQUE: [&str; 17] = [
    "not",
    "if",
    "then",
    "else",
    "dependentSchemas",
    "dependentRequired",
    "dependencies",
    "propertyNames",
    "patternProperties",
    "unevaluatedProperties",
    "unevaluatedItems",
    "contains",
    "minContains",
    "maxContains",
    "$dynamicRef",
    "$recursiveRef",
    "additionalItems",
];

/// What the words of one schema object say by themselves.
fn base(side: Side<'_>, object: &Map<String, Value>) -> Shape {
    let mut shape = Shape::all();
    if let Some(kinds) = object.get("type") {
        let names: Vec<_> = match kinds {
            Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
            other => other.as_str().into_iter().collect(),
        };
        shape.only(&names);
    }
    super::parts::fill(&mut shape, object);
    if let Some(Value::Array(values)) = object.get("enum") {
        shape.values = Some(values.clone());
    }
    if let Some(value) = object.get("const") {
        let before = shape.values.take();
        let fits = before.is_none_or(|values| values.iter().any(|other| same_value(other, value)));
        shape.values = Some(fits.then(|| value.clone()).into_iter().collect());
    }
    let mut rules = Map::new();
    for word in OPAQUE {
        if let Some(rule) = object.get(word) {
            rules.insert(word.to_owned(), rule.clone());
        }
    }
    let relative = [
        "patternProperties",
        "unevaluatedProperties",
        "unevaluatedItems",
    ];
    if relative.iter().any(|word| rules.contains_key(*word)) {
        // These depend on all their siblings, so all of them belong to the rule.
        shape
            .opaque
            .insert(canonical(side, &Value::Object(object.clone())));
        if let Some(objects) = &mut shape.object
            && rules.contains_key("patternProperties")
        {
            objects.additional = None;
        }
    } else if !rules.is_empty() {
        shape.opaque.insert(canonical(side, &Value::Object(rules)));
    }
    shape
}

/// A text that is the same for two rules only when they mean the same: references are written out. A rule that cannot be written out
/// (it contains itself) gets a text that names its document, so that it equals nothing of the other.
pub(super) fn canonical(side: Side<'_>, rule: &Value) -> String {
    let mut budget = 2_000;
    match expand(side.root, rule, 0, &mut budget) {
        Some(value) => value.to_string(),
        None => format!("{:p} {rule}", side.root),
    }
}

/// `value` with its references written out, without annotations; nothing when it is too large or contains itself.
pub(crate) fn expand(
    root: &Value,
    value: &Value,
    depth: usize,
    budget: &mut usize,
) -> Option<Value> {
    *budget = budget.checked_sub(1)?;
    if depth > COMPARE_DEPTH {
        return None;
    }
    match value {
        Value::Array(items) => {
            let items = items
                .iter()
                .map(|item| expand(root, item, depth + 1, budget));
            items.collect::<Option<Vec<_>>>().map(Value::Array)
        }
        Value::Object(object) => {
            if object.len() == 1
                && let Some(Value::String(reference)) = object.get("$ref")
            {
                return expand(root, local(root, reference)?, depth + 1, budget);
            }
            let mut sorted = BTreeMap::new();
            for (key, child) in object {
                let note = matches!(key.as_str(), "description" | "title") && child.is_string();
                if note {
                    continue;
                }
                if matches!(key.as_str(), "enum" | "const") {
                    sorted.insert(key.clone(), child.clone());
                } else if key == "$ref" {
                    let target = local(root, child.as_str()?)?;
                    sorted.insert(key.clone(), expand(root, target, depth + 1, budget)?);
                } else {
                    sorted.insert(key.clone(), expand(root, child, depth + 1, budget)?);
                }
            }
            Some(Value::Object(sorted.into_iter().collect()))
        }
        _ => Some(value.clone()),
    }
}

impl Shape {
    pub(super) fn all() -> Self {
        Self {
            null: true,
            boolean: true,
            number: Some(Numbers::default()),
            string: Some(Strings::default()),
            array: Some(Arrays::default()),
            object: Some(Objects::default()),
            values: None,
            opaque: BTreeSet::new(),
        }
    }

    fn opaque(side: Side<'_>, schema: &Value) -> Self {
        let mut shape = Self::all();
        shape.opaque.insert(canonical(side, schema));
        shape
    }

    fn only(&mut self, names: &[&str]) {
        let has = |name: &str| names.contains(&name);
        self.null &= has("null");
        self.boolean &= has("boolean");
        if !has("string") {
            self.string = None;
        }
        if !has("array") {
            self.array = None;
        }
        if !has("object") {
            self.object = None;
        }
        if !has("number") && !has("integer") {
            self.number = None;
        }
        if let Some(number) = &mut self.number {
            number.integer = !has("number");
        }
    }

    fn is_empty(&self) -> bool {
        let no_type = !self.null
            && !self.boolean
            && self.number.is_none()
            && self.string.is_none()
            && self.array.is_none()
            && self.object.is_none();
        no_type || self.values.as_ref().is_some_and(Vec::is_empty)
    }
}
