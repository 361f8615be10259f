//! Functions.

use super::names::{Kind, Reach};
use super::parse::{Parser, Part};
use super::token::Word;
use crate::limits;
use crate::problem::{Fault, did_you_mean};
use crate::program::{Binary, Operation, Unary};

const FUNCTIONS: [&str; 18] = [
    "if", "min", "max", "abs", "sin", "cos", "exp", "log", "sqrt", "power", "floor", "ceil",
    "round", "clamp", "noise", "uniform", "chance", "previous",
];

/// Reads the arguments of the function `name`, whose opening parenthesis was read.
pub(super) fn read(parser: &mut Parser<'_>, at: usize, name: &str) -> Result<Part, Fault> {
    let number = |operation| Some((operation, Kind::Number));
    let unary = |unary| (1, number(Operation::Unary(unary)));
    let (count, done) = match name {
        "if" => return choice(parser, at),
        "min" => return extreme(parser, at, Binary::Min),
        "max" => return extreme(parser, at, Binary::Max),
        "round" => return round(parser, at),
        "previous" => return previous(parser, at),
        "noise" | "uniform" | "chance" if parser.reach == Reach::Constant => {
            let text = format!("`{name}()` is by chance, and this is the same for all devices");
            return Err(Fault::new(at, text));
        }
        "abs" => unary(Unary::Abs),
        "sin" => unary(Unary::Sin),
        "cos" => unary(Unary::Cos),
        "exp" => unary(Unary::Exp),
        "log" => unary(Unary::Log),
        "sqrt" => unary(Unary::Sqrt),
        "floor" => unary(Unary::Floor),
        "ceil" => unary(Unary::Ceil),
        "power" => (2, number(Operation::Binary(Binary::Power))),
        "clamp" => (3, number(Operation::Clamp)),
        "noise" => (1, number(Operation::Noise(parser.site()))),
        "uniform" => (2, number(Operation::Uniform(parser.site()))),
        "chance" => (1, Some((Operation::Happens(parser.site()), Kind::Boolean))),
        _ => (0, None),
    };
    let Some((operation, kind)) = done else {
        let fault = Fault::new(at, format!("there is no function `{name}()`"));
        let all = || format!("there are {}", FUNCTIONS.join("(), ") + "()");
        return Err(fault.hint(did_you_mean(name, FUNCTIONS).unwrap_or_else(all)));
    };
    for place in 0..count {
        if place > 0 {
            parser.expect(",")?;
        }
        parser.deeper(Parser::condition)?.must_be(Kind::Number)?;
    }
    parser.expect(")")?;
    parser.out.emit(operation);
    Ok(Part { kind, at })
}

fn choice(parser: &mut Parser<'_>, at: usize) -> Result<Part, Fault> {
    parser.deeper(Parser::condition)?.must_be(Kind::Boolean)?;
    parser.expect(",")?;
    let other = parser.out.jump_if_false();
    let one = parser.deeper(Parser::condition)?;
    if one.kind == Kind::State {
        return Err(
            Fault::new(one.at, "a state cannot be chosen").hint("states follow transitions")
        );
    }
    parser.expect(",")?;
    let end = parser.out.jump();
    parser.out.close(other);
    parser.deeper(Parser::condition)?.must_be(one.kind)?;
    parser.out.close(end);
    parser.expect(")")?;
    Ok(Part { at, ..one })
}

fn extreme(parser: &mut Parser<'_>, at: usize, binary: Binary) -> Result<Part, Fault> {
    let first = parser.deeper(Parser::condition)?;
    first.must_be(Kind::Number)?;
    parser.expect(",")?;
    let mut count = 1;
    loop {
        parser.deeper(Parser::condition)?.must_be(Kind::Number)?;
        parser.out.emit(Operation::Binary(binary));
        count += 1;
        if count > limits::ARGUMENTS {
            let text = format!("more than {} values to choose from", limits::ARGUMENTS);
            return Err(Fault::new(at, text));
        }
        if !parser.symbol(",") {
            break;
        }
    }
    parser.expect(")")?;
    Ok(Part { at, ..first })
}

fn round(parser: &mut Parser<'_>, at: usize) -> Result<Part, Fault> {
    let part = parser.deeper(Parser::condition)?;
    part.must_be(Kind::Number)?;
    let mut digits = 0;
    if parser.symbol(",") {
        let at = parser.at();
        digits = match parser.advance() {
            Word::Number(number) => {
                (0..=limits::DIGITS).find(|digits| f64::from(*digits) == number)
            }
            _ => None,
        }
        .ok_or_else(|| {
            let most = limits::DIGITS;
            Fault::new(
                at,
                format!("`round` keeps 0 to {most} digits behind the point"),
            )
        })?;
    }
    parser.expect(")")?;
    parser.out.emit(Operation::Round(digits));
    Ok(Part { at, ..part })
}

fn previous(parser: &mut Parser<'_>, at: usize) -> Result<Part, Fault> {
    let place = parser.at();
    let Word::Name(name) = parser.advance() else {
        return Err(Fault::new(place, "`previous` asks for one variable"));
    };
    parser.expect(")")?;
    if parser.reach < Reach::Step {
        return Err(Fault::new(at, "there is nothing before the first step"));
    }
    let variables = &parser.names.variables;
    let found = variables.iter().position(|(known, _)| *known == name);
    let found = found.and_then(|found| Some((u16::try_from(found).ok()?, variables.get(found)?.1)));
    let Some((number, kind)) = found else {
        let fault = Fault::new(place, format!("there is no variable `{name}`"));
        let known = variables.iter().map(|(known, _)| known.as_str());
        let hint = did_you_mean(&name, known);
        return Err(Fault { hint, ..fault });
    };
    parser.out.emit(Operation::Previous(number));
    Ok(Part { kind, at })
}
