//! What an expression gives for a message.

use super::node::{Expression, Function, Node, Operator};
use super::number::{compare, negate, reckon};
use super::{Scope, Seen};

impl Expression {
    /// What it gives.
    ///
    /// # Errors
    /// Why a part of the payload that it asks for cannot be read.
    pub(crate) fn evaluate<'a>(&'a self, scope: &Scope<'a>) -> Result<Seen<'a>, String> {
        self.node.evaluate(scope)
    }
}

impl Node {
    fn evaluate<'a>(&'a self, scope: &Scope<'a>) -> Result<Seen<'a>, String> {
        Ok(match self {
            Self::Null => Seen::Null,
            Self::Boolean(truth) => Seen::Boolean(*truth),
            Self::Integer(number) => Seen::Integer(*number),
            Self::Float(number) => Seen::Float(*number),
            Self::Text(text) => Seen::Text(text),
            Self::Item(path) => Seen::of(scope.item.at(path))?,
            Self::Outer(number) => Seen::of(scope.outer.get(*number).copied().flatten())?,
            Self::Function(function) => function.evaluate(scope),
            Self::Not(part) => {
                let truth = part.evaluate(scope)?.truth();
                Seen::of_truth(truth.map(|truth| !truth))
            }
            Self::Negate(part) => negate(part.evaluate(scope)?),
            Self::All(parts) => Seen::of_truth(until(false, parts, scope)?),
            Self::Any(parts) => Seen::of_truth(until(true, parts, scope)?),
            Self::Compare(comparison, sides) => {
                let order = compare(sides.0.evaluate(scope)?, sides.1.evaluate(scope)?);
                Seen::of_truth(comparison.holds(order))
            }
            Self::Arithmetic(first, rest) => chain(first, rest, scope)?,
            Self::IsNull(part) => Seen::Boolean(part.evaluate(scope)? == Seen::Null),
            Self::In(part, list) => Seen::of_truth(is_in(part, list, scope)?),
            Self::Like(part, pattern) => match part.evaluate(scope)? {
                Seen::Text(text) => Seen::Boolean(pattern.matches(text)),
                _ => Seen::Null,
            },
        })
    }
}

/// `and` ends with the first false part, `or` with the first true one; otherwise it is unknown if any part is.
fn until<'a>(end: bool, parts: &'a [Node], scope: &Scope<'a>) -> Result<Option<bool>, String> {
    let mut truth = Some(!end);
    for part in parts {
        match part.evaluate(scope)?.truth() {
            Some(found) if found == end => return Ok(Some(end)),
            Some(_) => {}
            None => truth = None,
        }
    }
    Ok(truth)
}

fn chain<'a>(
    first: &'a Node,
    rest: &'a [(Operator, Node)],
    scope: &Scope<'a>,
) -> Result<Seen<'a>, String> {
    let mut result = first.evaluate(scope)?;
    for (operator, node) in rest {
        result = reckon(*operator, result, node.evaluate(scope)?);
    }
    Ok(result)
}

/// Whether one of the list is equal; unknown where none is and one might be.
fn is_in<'a>(part: &'a Node, list: &'a [Node], scope: &Scope<'a>) -> Result<Option<bool>, String> {
    let value = part.evaluate(scope)?;
    let mut truth = Some(false);
    for other in list {
        match compare(value, other.evaluate(scope)?) {
            Some(order) if order.is_eq() => return Ok(Some(true)),
            Some(_) => {}
            None => truth = None,
        }
    }
    Ok(truth)
}

impl Function {
    fn evaluate<'a>(self, scope: &Scope<'a>) -> Seen<'a> {
        match self {
            Self::Topic => Seen::text(Some(scope.topic)),
            Self::Level(number) => {
                let mut levels = scope.topic.split('/');
                match levels.nth(number.saturating_sub(1)) {
                    Some(level) if !scope.topic.is_empty() => Seen::Text(level),
                    _ => Seen::Null,
                }
            }
            Self::Thing => Seen::text(scope.message.thing),
            Self::Client => Seen::text(scope.message.client),
            Self::Principal => Seen::text(scope.message.principal),
            Self::ContentType => Seen::text(scope.message.content_type),
            Self::Timestamp => Seen::Time(scope.message.received),
            Self::Index => Seen::Integer(scope.index as i128),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expression::Context;
    use crate::message::Message;
    use crate::value::Value;
    use trunkline_model::Timestamp;

    fn message() -> Message<'static> {
        Message {
            topic: "dt/pump-7/telemetry",
            client: Some("c"),
            principal: Some(""),
            thing: Some("pump-7"),
            received: Timestamp::from_millis(1_000),
            ..Message::default()
        }
    }

    fn read(text: &str) -> Expression {
        let context = Context {
            each: true,
            whole: false,
        };
        Expression::read(text, context, &mut vec![vec![]]).unwrap()
    }

    fn evaluate(text: &str, item: &Value<'_>) -> Result<String, String> {
        let (expression, message) = (read(text), message());
        let scope = Scope {
            message: &message,
            topic: message.topic,
            item,
            index: 3,
            outer: &[],
        };
        expression.evaluate(&scope).map(|seen| format!("{seen:?}"))
    }

    #[test]
    fn functions_say_what_is_known_of_the_message() {
        for (text, wanted) in [
            ("topic()", "Text(\"dt/pump-7/telemetry\")"),
            ("TOPIC(2)", "Text(\"pump-7\")"),
            ("topic(4)", "Null"),
            ("thing()", "Text(\"pump-7\")"),
            ("client()", "Text(\"c\")"),
            ("principal()", "Null"),
            ("content_type()", "Null"),
            ("index()", "Integer(3)"),
            ("timestamp() = '1970-01-01T00:00:01Z'", "Boolean(true)"),
            (
                "thing() like 'pump-_' and topic(1) in ('a', 'dt')",
                "Boolean(true)",
            ),
        ] {
            assert_eq!(evaluate(text, &Value::Null), Ok(wanted.into()), "{text}");
        }
    }

    #[test]
    fn what_is_broken_says_so_only_to_who_asks() {
        let item = Value::object([("a", Value::Broken("why".into())), ("b", Value::Integer(1))]);
        assert_eq!(evaluate("a.c = 1", &item), Err("why".into()));
        assert_eq!(
            evaluate("b = 2 and a = 1", &item),
            Ok("Boolean(false)".into())
        );
        assert_eq!(
            evaluate("b = 1 or a = 1", &item),
            Ok("Boolean(true)".into())
        );
        assert_eq!(evaluate("a is null", &item), Err("why".into()));
    }
}
