//! From a message to rows.

use trunkline_model::Timestamp;

use crate::cell::{Cell, Row};
use crate::decode::{Aliases, Format, is_birth};
use crate::expression::{Scope, Seen};
use crate::fit::fit;
use crate::limits::Limits;
use crate::message::{Failure, Message, shown};
use crate::rule::{INGEST, Rule, RuleColumn};
use crate::rules::Rules;
use crate::value::Value;

/// Topics on which applications say whether they are there; their payloads are none of Sparkplug B.
const STATE: &str = "spBv1.0/STATE/";

/// Who wants a message, and the topic as functions see it.
struct Route<'a> {
    topic: &'a str,
    /// The rules, each with the number of its table.
    wanted: Vec<&'a (Rule, usize)>,
}

/// A payload in the formats in which rules want it.
struct Decoded<'a>(Vec<(Format, Result<Value<'a>, String>)>);

impl<'a> Decoded<'a> {
    fn get(&self, format: Format) -> Result<&Value<'a>, String> {
        let found = self.0.iter().find(|(known, _)| *known == format);
        match found {
            Some((_, value)) => value.as_ref().map_err(Clone::clone),
            None => Err(format!("the payload was not read as {}", format.name())),
        }
    }
}

impl Rules {
    /// Makes rows of a message and hands each to `sink`, with the place of its table in [`Rules::tables`].
    ///
    /// What is told is what no row could be made of, at most once for each rule: a rule that fails, or an element of it, keeps no other
    /// from its rows. `aliases` remembers what Sparkplug's births tell, whether a rule wants the birth or not, as long as any rule reads
    /// Sparkplug.
    pub fn apply(
        &self,
        message: &Message<'_>,
        aliases: &mut Aliases,
        mut sink: impl FnMut(usize, Row<'_, '_>),
    ) -> Vec<Failure> {
        let route = match self.route(message) {
            Ok(route) => route,
            Err(reason) => return vec![Failure { rule: None, reason }],
        };
        let birth = is_birth(route.topic) && self.reads_sparkplug();
        if route.wanted.is_empty() && !birth {
            return Vec::new();
        }
        let formats = route.wanted.iter().map(|(rule, _)| rule.format(message));
        let formats = formats.chain(birth.then_some(Format::SparkplugB));
        let decoded = self.decode(message, route.topic, formats, aliases);
        let mut failures = Vec::new();
        for (rule, table) in &route.wanted {
            let made = match decoded.get(rule.format(message)) {
                Ok(payload) => {
                    let rows = Rows {
                        rule,
                        message,
                        topic: route.topic,
                        payload,
                        limits: &self.limits,
                    };
                    rows.make(&mut |row| sink(*table, row))
                }
                Err(reason) => Err(reason),
            };
            failures.extend(made.err().map(|reason| Failure {
                rule: Some(rule.name.clone()),
                reason,
            }));
        }
        let mut formats = route.wanted.iter().map(|(rule, _)| rule.format(message));
        if birth
            && formats.all(|format| format != Format::SparkplugB)
            && let Err(reason) = decoded.get(Format::SparkplugB)
        {
            failures.push(Failure { rule: None, reason });
        }
        failures
    }

    /// Reads the payload in each of the formats, once.
    fn decode<'a>(
        &self,
        message: &Message<'a>,
        topic: &str,
        formats: impl Iterator<Item = Format>,
        aliases: &mut Aliases,
    ) -> Decoded<'a> {
        let mut decoded = Decoded(Vec::with_capacity(1));
        let most = self.limits.payload_bytes;
        for format in formats {
            if decoded.0.iter().any(|(known, _)| *known == format) {
                continue;
            }
            let value = if message.payload.len() > most {
                Err(format!("the payload has more than {most} bytes"))
            } else {
                format.decode(topic, message.payload, aliases, &self.limits)
            };
            decoded.0.push((format, value));
        }
        decoded
    }

    /// Who wants a message, as far as can be told without reading its payload.
    fn route<'a>(&'a self, message: &Message<'a>) -> Result<Route<'a>, String> {
        let topic = message.topic;
        let Some(rest) = topic.strip_prefix(INGEST) else {
            let found = self.filters.find(topic);
            let rules = found
                .into_iter()
                .filter_map(|number| self.rules.get(number));
            let wanted = rules.filter(|(rule, _)| rule.may_want(message, topic));
            return Ok(Route {
                topic,
                wanted: wanted.collect(),
            });
        };
        let (name, rest) = rest.split_once('/').unwrap_or((rest, ""));
        let number = self.by_name.get(name);
        match number.and_then(|number| self.rules.get(*number)) {
            None => Err(format!("there is no rule {}", shown(name))),
            Some((rule, _)) if !rule.topic.takes_ingest(topic) => {
                Err(format!("the rule {} takes no such topic", shown(name)))
            }
            found => Ok(Route {
                topic: rest,
                wanted: found
                    .into_iter()
                    .filter(|(rule, _)| rule.may_want(message, rest))
                    .collect(),
            }),
        }
    }

    fn reads_sparkplug(&self) -> bool {
        self.rules
            .iter()
            .any(|(rule, _)| rule.format == Some(Format::SparkplugB))
    }
}

impl Rule {
    fn format(&self, message: &Message<'_>) -> Format {
        self.format
            .unwrap_or_else(|| Format::of(message.content_type))
    }

    /// Whether the rule may want the message, as far as can be told without reading its payload.
    fn may_want(&self, message: &Message<'_>, topic: &str) -> bool {
        if self.format == Some(Format::SparkplugB) && topic.starts_with(STATE) {
            return false;
        }
        let Some(condition) = self
            .condition
            .as_ref()
            .filter(|condition| !condition.reads_payload)
        else {
            return true;
        };
        let scope = Scope {
            message,
            topic,
            item: &Value::Null,
            index: 0,
            outer: &[],
        };
        condition.evaluate(&scope) == Ok(Seen::Boolean(true))
    }
}

/// The rows of one rule and one message.
struct Rows<'a> {
    rule: &'a Rule,
    message: &'a Message<'a>,
    topic: &'a str,
    payload: &'a Value<'a>,
    limits: &'a Limits,
}

impl<'a> Rows<'a> {
    fn make(&self, sink: &mut dyn FnMut(Row<'_, '_>)) -> Result<(), String> {
        let paths = self.rule.outer.iter();
        let outer: Vec<Option<&Value<'_>>> = paths.map(|path| self.payload.at(path)).collect();
        let elements = self.elements()?;
        let mut refused = Refused::default();
        let mut cells = Vec::with_capacity(self.rule.columns.len());
        let mut bytes = 0;
        for (index, item) in elements.iter().enumerate() {
            let scope = Scope {
                message: self.message,
                topic: self.topic,
                item,
                index,
                outer: &outer,
            };
            cells.clear();
            match self.row(&scope, &mut cells) {
                Ok(None) => {}
                Ok(Some(time)) => {
                    bytes += cells.iter().map(Cell::text_bytes).sum::<usize>();
                    if bytes > self.limits.text_bytes {
                        let most = self.limits.text_bytes;
                        return Err(format!(
                            "the rows from the element {index} on are left out: the texts of all would have more than {most} bytes"
                        ));
                    }
                    sink(Row {
                        time,
                        cells: &cells,
                    });
                }
                Err(reason) => refused.add(index, reason),
            }
        }
        refused.result(self.rule.each.is_some())
    }

    fn elements(&self) -> Result<&'a [Value<'a>], String> {
        let Some(each) = &self.rule.each else {
            return Ok(std::slice::from_ref(self.payload));
        };
        match self.payload.at(&each.path) {
            Some(Value::Array(elements)) if elements.len() <= self.limits.elements => Ok(elements),
            Some(Value::Array(elements)) => Err(format!(
                "{} has {} elements, and at most {} become rows",
                shown(&each.text),
                elements.len(),
                self.limits.elements
            )),
            Some(Value::Broken(why)) => Err(why.clone()),
            _ => Err(format!("there is no array at {}", shown(&each.text))),
        }
    }

    /// Puts the cells of a row into `cells` and gives the row's time; nothing where the rule wants no row.
    fn row(
        &self,
        scope: &Scope<'a>,
        cells: &mut Vec<Cell<'a>>,
    ) -> Result<Option<Timestamp>, String> {
        if let Some(condition) = &self.rule.condition {
            let found = condition.evaluate(scope);
            if found.map_err(|why| format!("`where`: {why}"))? != Seen::Boolean(true) {
                return Ok(None);
            }
        }
        for column in &self.rule.columns {
            cells.push(cell(column, scope)?);
        }
        let time = match &self.rule.time {
            Some(column) => cell(column, scope)?,
            None => Cell::Null,
        };
        Ok(Some(match time {
            Cell::Time(time) => time,
            _ => self.message.received,
        }))
    }
}

fn cell<'a>(column: &'a RuleColumn, scope: &Scope<'a>) -> Result<Cell<'a>, String> {
    let name = &column.column.name;
    let seen = column
        .from
        .evaluate(scope)
        .map_err(|why| format!("the column `{name}`: {why}"))?;
    if column.required && seen == Seen::Null {
        let from = &column.text;
        return Err(format!(
            "the column `{name}` is required, and {} gives no value",
            shown(from)
        ));
    }
    fit(seen, column.column.kind, column.format).map_err(|why| format!("the column `{name}` {why}"))
}

/// The elements that no row could be made of.
#[derive(Default)]
struct Refused {
    first: Option<(usize, String)>,
    more: usize,
}

impl Refused {
    fn add(&mut self, index: usize, reason: String) {
        match self.first {
            None => self.first = Some((index, reason)),
            Some(_) => self.more += 1,
        }
    }

    fn result(self, of_elements: bool) -> Result<(), String> {
        match (self.first, self.more) {
            (None, _) => Ok(()),
            (Some((_, reason)), _) if !of_elements => Err(reason),
            (Some((index, reason)), 0) => Err(format!("the element {index}: {reason}")),
            (Some((index, reason)), more) => Err(format!(
                "the element {index}: {reason}; so many more were refused: {more}"
            )),
        }
    }
}
