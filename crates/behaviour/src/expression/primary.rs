//! Literals, names, and what stands in parentheses.

use super::function;
use super::names::{Kind, Reach};
use super::parse::{Parser, Part};
use super::token::Word;
use crate::problem::{Fault, did_you_mean};
use crate::program::Operation;

/// Reads a literal, a name, a function, or what stands in parentheses.
pub(super) fn read(parser: &mut Parser<'_>) -> Result<Part, Fault> {
    let at = parser.at();
    if parser.symbol("(") {
        let part = parser.deeper(Parser::condition)?;
        parser.expect(")")?;
        return Ok(Part { at, ..part });
    }
    match parser.advance() {
        Word::Number(number) => {
            parser.out.emit(Operation::Constant(number));
            let kind = Kind::Number;
            Ok(Part { kind, at })
        }
        Word::Name(name) if parser.symbol("(") => function::read(parser, at, &name),
        Word::Name(name) => named(parser, at, &name),
        Word::Text(_) => Err(Fault::new(at, "a text has no place here")
            .hint("a state is asked for as `state = 'name'`")),
        word => Err(Fault::new(
            at,
            format!("a value is missing before {}", word.shown()),
        )),
    }
}

fn named(parser: &mut Parser<'_>, at: usize, name: &str) -> Result<Part, Fault> {
    let (operation, kind, needs) = find(parser, at, name)?;
    if parser.reach < needs {
        let text = match parser.reach {
            Reach::Constant => format!("`{name}` is no parameter, and nothing else is known here"),
            _ => format!("`{name}` is not known before the first step"),
        };
        return Err(Fault::new(at, text));
    }
    parser.out.emit(operation);
    Ok(Part { kind, at })
}

/// What a name stands for, and who sees it.
fn find(parser: &Parser<'_>, at: usize, name: &str) -> Result<(Operation, Kind, Reach), Fault> {
    let names = parser.names;
    if let Some((_, kind, value)) = names.parameters.iter().find(|(known, ..)| known == name) {
        return Ok((Operation::Constant(*value), *kind, Reach::Constant));
    }
    let place = |all: &[(String, Kind)]| {
        let place = all.iter().position(|(known, _)| known == name)?;
        let kind = all.get(place)?.1;
        Some((u16::try_from(place).ok()?, kind))
    };
    if let Some((place, kind)) = place(&names.variables) {
        return Ok((Operation::Variable(place), kind, Reach::Start));
    }
    if let Some((place, kind)) = place(&names.inputs) {
        return Ok((Operation::Input(place), kind, Reach::Step));
    }
    let constant = |value, kind| Ok((Operation::Constant(value), kind, Reach::Constant));
    match name {
        "true" => constant(1.0, Kind::Boolean),
        "false" => constant(0.0, Kind::Boolean),
        "pi" => constant(std::f64::consts::PI, Kind::Number),
        "t" => Ok((Operation::Time, Kind::Number, Reach::Step)),
        "dt" => Ok((Operation::Delta, Kind::Number, Reach::Step)),
        "state" | "in_state" if names.states.is_empty() => {
            Err(Fault::new(at, "the model has no states").hint("they are tables `[states.<name>]`"))
        }
        "state" => Ok((Operation::State, Kind::State, Reach::Step)),
        "in_state" => Ok((Operation::InState, Kind::Number, Reach::Step)),
        "and" | "or" | "not" => Err(Fault::new(
            at,
            format!("a value is missing before `{name}`"),
        )),
        _ => {
            let fault = Fault::new(at, format!("nothing is called `{name}`"));
            let hint = match name.to_ascii_lowercase().as_str() {
                word @ ("and" | "or" | "not" | "true" | "false") => {
                    Some(format!("`{word}` is written in small letters"))
                }
                _ => did_you_mean(name, names.all()),
            };
            Err(Fault { hint, ..fault })
        }
    }
}
