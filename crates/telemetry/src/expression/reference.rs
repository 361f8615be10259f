//! The language once more, as naively as can be: random expressions give the same in both.

use proptest::prelude::*;

use super::parse::Context;
use super::seen::{Scope, Seen};
use crate::expression::Expression;
use crate::message::Message;
use crate::value::Value;

/// An expression by its definition.
#[derive(Clone, Debug)]
enum Naive {
    Null,
    Truth(bool),
    Number(i8),
    Fraction(i8),
    Text(&'static str),
    Path(&'static str),
    Not(Box<Naive>),
    Minus(Box<Naive>),
    And(Box<Naive>, Box<Naive>),
    Or(Box<Naive>, Box<Naive>),
    Compare(Box<Naive>, &'static str, Box<Naive>),
    Reckon(Box<Naive>, char, Box<Naive>),
    IsNull(Box<Naive>, bool),
    In(Box<Naive>, bool, Vec<Naive>),
    Like(Box<Naive>, bool, &'static str),
}

/// What it gives. All numbers of the test are small, so that floats hold them exactly.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Given {
    Null,
    Truth(bool),
    Number(f64),
    Text(&'static str),
}

impl Naive {
    fn given(&self) -> Given {
        match self {
            Self::Null => Given::Null,
            Self::Truth(truth) => Given::Truth(*truth),
            Self::Number(number) => Given::Number((*number).into()),
            Self::Fraction(number) => Given::Number(f64::from(*number) + 0.5),
            Self::Text(text) => Given::Text(text),
            Self::Path(path) => match *path {
                "yes" => Given::Truth(true),
                "no" => Given::Truth(false),
                "three" => Given::Number(3.0),
                "half" => Given::Number(0.5),
                "word" => Given::Text("ab"),
                _ => Given::Null,
            },
            Self::Not(part) => logic(part.truth().map(|truth| !truth)),
            Self::Minus(part) => match part.given() {
                Given::Number(number) => Given::Number(-number),
                _ => Given::Null,
            },
            Self::And(one, other) => logic(match (one.truth(), other.truth()) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            }),
            Self::Or(one, other) => logic(match (one.truth(), other.truth()) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            }),
            Self::Compare(one, symbol, other) => logic(holds(one.given(), symbol, other.given())),
            Self::Reckon(one, symbol, other) => match (one.given(), other.given()) {
                (Given::Number(one), Given::Number(other)) => reckoned(one, *symbol, other),
                _ => Given::Null,
            },
            Self::IsNull(part, negated) => Given::Truth((part.given() == Given::Null) != *negated),
            Self::In(part, negated, list) => {
                let part = part.given();
                let found = list.iter().map(|other| holds(part, "=", other.given()));
                let found: Vec<Option<bool>> = found.collect();
                let truth = if found.contains(&Some(true)) {
                    Some(true)
                } else if found.contains(&None) {
                    None
                } else {
                    Some(false)
                };
                logic(truth.map(|truth| truth != *negated))
            }
            Self::Like(part, negated, pattern) => match part.given() {
                Given::Text(text) => Given::Truth(like(pattern, text) != *negated),
                _ => Given::Null,
            },
        }
    }

    fn truth(&self) -> Option<bool> {
        match self.given() {
            Given::Truth(truth) => Some(truth),
            _ => None,
        }
    }

    /// How strongly it holds together: what is weaker than its place stands in parentheses.
    fn strength(&self) -> u8 {
        match self {
            Self::Or(..) => 0,
            Self::And(..) => 1,
            Self::Not(_) => 2,
            Self::Compare(..) | Self::IsNull(..) | Self::In(..) | Self::Like(..) => 3,
            Self::Reckon(_, '+' | '-', _) => 4,
            Self::Reckon(..) => 5,
            // A negative number is written with a minus.
            Self::Minus(_) | Self::Number(..=-1) | Self::Fraction(..=-1) => 6,
            _ => 7,
        }
    }

    fn within(&self, least: u8) -> String {
        if self.strength() < least {
            format!("({})", self.text())
        } else {
            self.text()
        }
    }

    fn text(&self) -> String {
        let not = |negated: &bool| if *negated { "not " } else { "" };
        match self {
            Self::Null => "NULL".into(),
            Self::Truth(truth) => truth.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Fraction(number) => (f64::from(*number) + 0.5).to_string(),
            Self::Text(text) => format!("'{text}'"),
            Self::Path(path) => (*path).into(),
            Self::Not(part) => format!("not {}", part.within(2)),
            Self::Minus(part) => format!("- {}", part.within(6)),
            Self::And(one, other) => format!("{} AND {}", one.within(1), other.within(2)),
            Self::Or(one, other) => format!("{} or {}", one.within(0), other.within(1)),
            Self::Compare(one, symbol, other) => {
                format!("{}{symbol}{}", one.within(4), other.within(4))
            }
            Self::Reckon(one, symbol, other) => {
                let strength = self.strength();
                format!(
                    "{} {symbol} {}",
                    one.within(strength),
                    other.within(strength + 1)
                )
            }
            Self::IsNull(part, negated) => format!("{} is {}null", part.within(4), not(negated)),
            Self::In(part, negated, list) => {
                let list: Vec<String> = list.iter().map(|other| other.within(4)).collect();
                format!(
                    "{} {}in ({})",
                    part.within(4),
                    not(negated),
                    list.join(", ")
                )
            }
            Self::Like(part, negated, pattern) => {
                format!("{} {}like '{pattern}'", part.within(4), not(negated))
            }
        }
    }
}

const fn logic(truth: Option<bool>) -> Given {
    match truth {
        Some(truth) => Given::Truth(truth),
        None => Given::Null,
    }
}

fn holds(one: Given, symbol: &str, other: Given) -> Option<bool> {
    let (less, equal) = match (one, other) {
        (Given::Number(one), Given::Number(other)) => (one < other, one == other),
        (Given::Text(one), Given::Text(other)) => (one < other, one == other),
        (Given::Truth(one), Given::Truth(other)) => (!one & other, one == other),
        _ => return None,
    };
    Some(match symbol {
        "=" => equal,
        "!=" | "<>" => !equal,
        "<" => less,
        "<=" => less || equal,
        ">" => !less && !equal,
        _ => !less,
    })
}

fn reckoned(one: f64, symbol: char, other: f64) -> Given {
    let result = match symbol {
        '+' => one + other,
        '-' => one - other,
        '*' => one * other,
        '/' => one / other,
        _ => one % other,
    };
    if result.is_finite() {
        Given::Number(result)
    } else {
        Given::Null
    }
}

fn like(pattern: &str, text: &str) -> bool {
    match pattern {
        "a%" => text.starts_with('a'),
        "%b" => text.ends_with('b'),
        "_" => text.len() == 1,
        _ => text == pattern,
    }
}

fn boxed(part: impl Strategy<Value = Naive>) -> impl Strategy<Value = Box<Naive>> {
    part.prop_map(Box::new)
}

fn number() -> impl Strategy<Value = Naive> + Clone {
    let leaf = prop_oneof![
        (-9..10_i8).prop_map(Naive::Number),
        (-3..3_i8).prop_map(Naive::Fraction),
        prop::sample::select(vec!["three", "half", "word", "missing"]).prop_map(Naive::Path),
        Just(Naive::Null),
    ];
    leaf.prop_recursive(3, 8, 2, |part| {
        let symbol = prop::sample::select(vec!['+', '-', '*', '/', '%']);
        prop_oneof![
            3 => (boxed(part.clone()), symbol, boxed(part.clone()))
                .prop_map(|(one, symbol, other)| Naive::Reckon(one, symbol, other)),
            1 => boxed(part).prop_map(Naive::Minus),
        ]
    })
}

fn text() -> impl Strategy<Value = Naive> + Clone {
    prop_oneof![
        prop::sample::select(vec!["", "a", "ab", "b"]).prop_map(Naive::Text),
        prop::sample::select(vec!["word", "three", "missing"]).prop_map(Naive::Path),
    ]
}

fn condition() -> impl Strategy<Value = Naive> {
    let symbol = || prop::sample::select(vec!["=", "!=", "<>", "<", "<=", ">", ">="]);
    let of = |part: BoxedStrategy<Naive>| {
        let list = prop::collection::vec(part.clone(), 1..4);
        prop_oneof![
            4 => (boxed(part.clone()), symbol(), boxed(part.clone()))
                .prop_map(|(one, symbol, other)| Naive::Compare(one, symbol, other)),
            1 => (boxed(part.clone()), any::<bool>()).prop_map(|(part, not)| Naive::IsNull(part, not)),
            1 => (boxed(part), any::<bool>(), list)
                .prop_map(|(part, not, list)| Naive::In(part, not, list)),
        ]
    };
    let patterns = prop::sample::select(vec!["a%", "%b", "_", "ab"]);
    let leaf = prop_oneof![
        1 => any::<bool>().prop_map(Naive::Truth),
        2 => prop::sample::select(vec!["yes", "no", "missing", "three"]).prop_map(Naive::Path),
        4 => of(number().boxed()),
        2 => of(text().boxed()),
        1 => (boxed(text()), any::<bool>(), patterns)
            .prop_map(|(part, not, pattern)| Naive::Like(part, not, pattern)),
    ];
    leaf.prop_recursive(4, 16, 2, |part| {
        prop_oneof![
            (boxed(part.clone()), boxed(part.clone())).prop_map(|(a, b)| Naive::And(a, b)),
            (boxed(part.clone()), boxed(part.clone())).prop_map(|(a, b)| Naive::Or(a, b)),
            boxed(part).prop_map(Naive::Not),
        ]
    })
}

fn payload() -> Value<'static> {
    Value::object([
        ("yes", Value::Boolean(true)),
        ("no", Value::Boolean(false)),
        ("three", Value::Integer(3)),
        ("half", Value::Float(0.5)),
        ("word", Value::text("ab")),
    ])
}

/// What the real one gives, in the same terms; a whole number and a float that is one are the same.
fn really(text: &str) -> Result<Given, String> {
    let read = Expression::read(text, Context::default(), &mut Vec::new());
    let expression = read.map_err(|fault| format!("{fault:?}"))?;
    let (message, payload) = (Message::default(), payload());
    let scope = Scope {
        message: &message,
        topic: "",
        item: &payload,
        index: 0,
        outer: &[],
    };
    Ok(match expression.evaluate(&scope)? {
        Seen::Boolean(truth) => Given::Truth(truth),
        Seen::Integer(number) => Given::Number(number as f64),
        Seen::Float(number) => Given::Number(number),
        Seen::Text("ab") => Given::Text("ab"),
        Seen::Null => Given::Null,
        other => return Err(format!("{other:?}")),
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4_000))]
    #[test]
    fn conditions_give_what_the_definition_says(condition in condition()) {
        let text = condition.text();
        prop_assert_eq!(really(&text), Ok(condition.given()), "{}", text);
    }

    #[test]
    fn numbers_give_what_the_definition_says(number in number()) {
        let text = number.text();
        prop_assert_eq!(really(&text), Ok(number.given()), "{}", text);
    }

    #[test]
    fn no_text_at_all_makes_it_panic(text in "\\PC{0,40}|[a-c0-9.()\\[\\]'\" =<>!+*/%-]{0,40}") {
        drop(really(&text));
    }
}
