//! Literals, functions and paths.

use super::Fault;
use super::node::{Function, Kind, Node};
use super::parse::{Parser, Part};
use super::token::Word;
use crate::problem::did_you_mean;
use crate::value::{Path, Step};

/// The most steps of a path.
const STEPS: usize = 32;

/// Words that are no keys unless they stand in quotes or after a dot.
const WORDS: [&str; 9] = [
    "and", "or", "not", "is", "in", "like", "null", "true", "false",
];

const FUNCTIONS: [&str; 9] = [
    "topic",
    "thing",
    "client",
    "principal",
    "content_type",
    "timestamp",
    "payload",
    "item",
    "index",
];

/// Where a path begins.
#[derive(Clone, Copy)]
enum Root {
    Item,
    Payload,
}

/// Reads a literal, a function, a path or what stands in parentheses.
pub(super) fn read(parser: &mut Parser<'_>) -> Result<Part, Fault> {
    let at = parser.at();
    if parser.symbol("(") {
        let part = parser.deeper(Parser::condition)?;
        parser.expect(")")?;
        return Ok(Part { at, ..part });
    }
    if matches!(parser.peek(), Word::Symbol("[")) {
        return path(parser, at, Root::Item, Path::new());
    }
    let part = |node, kind| Ok(Part { node, kind, at });
    match parser.advance() {
        Word::Text(text) => part(Node::Text(text), Kind::Text),
        Word::Integer(number) => part(Node::Integer(number), Kind::Number),
        Word::Float(number) => part(Node::Float(number), Kind::Number),
        Word::Quoted(name) => path(parser, at, Root::Item, vec![Step::Member(name)]),
        Word::Name(name) if parser.symbol("(") => function(parser, at, &name.to_ascii_lowercase()),
        Word::Name(name) => match name.to_ascii_lowercase().as_str() {
            "null" => part(Node::Null, Kind::Any),
            "true" => part(Node::Boolean(true), Kind::Boolean),
            "false" => part(Node::Boolean(false), Kind::Boolean),
            _ if name == "payload" => path(parser, at, Root::Payload, Path::new()),
            word if WORDS.contains(&word) => Err(missing(at, &Word::Name(name.clone()))
                .hint(format!("the key `{name}` stands in double quotes"))),
            _ => path(parser, at, Root::Item, vec![Step::Member(name)]),
        },
        word => Err(missing(at, &word)),
    }
}

fn missing(at: usize, word: &Word) -> Fault {
    Fault::new(at, format!("a value is missing before {}", word.shown()))
}

fn function(parser: &mut Parser<'_>, at: usize, name: &str) -> Result<Part, Fault> {
    // Before its arguments are looked at: who mistyped the name has to read of the name.
    if !FUNCTIONS.contains(&name) {
        let fault = Fault::new(at, format!("there is no function `{name}()`"));
        let all = || format!("there are {}", FUNCTIONS.join("(), ") + "()");
        return Err(fault.hint(did_you_mean(name, FUNCTIONS).unwrap_or_else(all)));
    }
    let argument = match parser.peek() {
        Word::Integer(number) if name == "topic" => {
            let number = usize::try_from(*number).ok();
            let at = parser.at();
            parser.advance();
            let level = number.filter(|number| (1..=128).contains(number));
            Some(
                level
                    .ok_or_else(|| Fault::new(at, "levels of a topic are counted from 1 to 128"))?,
            )
        }
        _ => None,
    };
    parser.expect(")")?;
    if matches!(name, "item" | "index") && !parser.context.each {
        let text = format!("`{name}()` is of an element, and the rule has no `each`");
        return Err(Fault::new(at, text));
    }
    let (function, kind) = match name {
        "payload" => return path(parser, at, Root::Payload, Path::new()),
        "item" => return path(parser, at, Root::Item, Path::new()),
        "topic" => (
            argument.map_or(Function::Topic, Function::Level),
            Kind::Text,
        ),
        "thing" => (Function::Thing, Kind::Text),
        "client" => (Function::Client, Kind::Text),
        "principal" => (Function::Principal, Kind::Text),
        "content_type" => (Function::ContentType, Kind::Text),
        "timestamp" => (Function::Timestamp, Kind::Time),
        // The one that is left.
        _ => (Function::Index, Kind::Number),
    };
    parser.reads_payload |= function == Function::Index;
    let node = Node::Function(function);
    Ok(Part { node, kind, at })
}

/// Reads the rest of a path that begins with `steps`.
fn path(parser: &mut Parser<'_>, at: usize, root: Root, mut steps: Path) -> Result<Part, Fault> {
    loop {
        if parser.symbol(".") {
            steps.push(Step::Member(key(parser)?));
        } else if parser.symbol("[") {
            steps.push(Step::Element(element(parser)?));
            parser.expect("]")?;
        } else {
            break;
        }
        if steps.len() > STEPS {
            return Err(Fault::new(at, format!("a path has at most {STEPS} steps")));
        }
    }
    parser.reads_payload = true;
    if parser.context.whole && !steps.is_empty() {
        let fault = Fault::new(at, "no path leads into a payload that is a single text");
        return Err(fault.hint("`payload()` is the text"));
    }
    let kind = if parser.context.whole {
        Kind::Text
    } else {
        Kind::Any
    };
    let node = match root {
        Root::Payload if parser.context.each => Node::Outer(outer(parser.outer, steps)),
        Root::Payload | Root::Item => Node::Item(steps),
    };
    Ok(Part { node, kind, at })
}

fn key(parser: &mut Parser<'_>) -> Result<String, Fault> {
    let at = parser.at();
    match parser.advance() {
        Word::Name(name) | Word::Quoted(name) => Ok(name),
        word => {
            let fault = Fault::new(at, format!("a key is missing before {}", word.shown()));
            Err(match word {
                Word::Integer(number) => fault.hint(format!(
                    "write `[{number}]` for an element, and \"{number}\" for a key"
                )),
                _ => fault,
            })
        }
    }
}

fn element(parser: &mut Parser<'_>) -> Result<usize, Fault> {
    let at = parser.at();
    match parser.advance() {
        Word::Integer(number) if number <= u32::MAX.into() => {
            Ok(usize::try_from(number).unwrap_or(usize::MAX))
        }
        Word::Symbol("*") => Err(Fault::new(at, "a path leads to one value")
            .hint("`each` makes a row for each element of an array")),
        word => {
            let text = format!("the place of an element is missing before {}", word.shown());
            Err(Fault::new(at, text).hint("places are counted from 0"))
        }
    }
}

/// The number of an outer path; each stands once.
fn outer(all: &mut Vec<Path>, steps: Path) -> usize {
    match all.iter().position(|known| *known == steps) {
        Some(number) => number,
        None => {
            all.push(steps);
            all.len() - 1
        }
    }
}
