//! From words to a program.

use super::names::{Kind, Names, Reach};
use super::primary;
use super::token::{Token, Word, tokens};
use crate::limits;
use crate::problem::{Fault, did_you_mean};
use crate::program::{Binary, Emitter, Operation, Program, Unary};

/// An expression that was read.
#[derive(Clone, Debug)]
pub(crate) struct Compiled {
    pub(crate) program: Program,
    pub(crate) kind: Kind,
}

/// Reads an expression. Places of chance take their numbers from `sites`.
pub(crate) fn compile(
    text: &str,
    names: &Names,
    reach: Reach,
    sites: &mut u32,
) -> Result<Compiled, Fault> {
    if text.len() > limits::EXPRESSION {
        let most = limits::EXPRESSION;
        let text = format!("an expression has at most {most} bytes");
        return Err(Fault::new(0, text));
    }
    let mut parser = Parser {
        tokens: tokens(text)?,
        next: 0,
        depth: 0,
        names,
        reach,
        sites,
        out: Emitter::default(),
    };
    let part = parser.condition()?;
    match parser.peek() {
        Word::End => {}
        word => {
            let text = format!(
                "the expression goes on with {} where it could end",
                word.shown()
            );
            return Err(Fault::new(parser.at(), text));
        }
    }
    Ok(Compiled {
        program: parser.out.finish()?,
        kind: part.kind,
    })
}

/// Reads words and writes operations.
pub(super) struct Parser<'p> {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    pub(super) names: &'p Names,
    pub(super) reach: Reach,
    sites: &'p mut u32,
    pub(super) out: Emitter,
}

/// A part whose operations were written: what it gives, and where it begins.
#[derive(Clone, Copy)]
pub(super) struct Part {
    pub(super) kind: Kind,
    pub(super) at: usize,
}

impl Part {
    /// Nothing where it is of the kind that is needed.
    pub(super) fn must_be(self, kind: Kind) -> Result<(), Fault> {
        if self.kind == kind {
            return Ok(());
        }
        let (needed, found) = (kind.name(), self.kind.name());
        let text = format!("{needed} is needed here, and this is {found}");
        Err(Fault::new(self.at, text))
    }
}

impl Parser<'_> {
    pub(super) fn at(&self) -> usize {
        self.tokens.get(self.next).map_or(0, |token| token.at)
    }

    pub(super) fn peek(&self) -> &Word {
        let token = self.tokens.get(self.next);
        token.map_or(&Word::End, |token| &token.word)
    }

    pub(super) fn advance(&mut self) -> Word {
        let word = self.peek().clone();
        self.next += 1;
        word
    }

    /// Whether `symbol` comes next; it is then taken.
    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let found = matches!(self.peek(), Word::Symbol(next) if *next == symbol);
        self.next += usize::from(found);
        found
    }

    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Word::Name(next) if next == word);
        self.next += usize::from(found);
        found
    }

    pub(super) fn expect(&mut self, symbol: &str) -> Result<(), Fault> {
        if self.symbol(symbol) {
            return Ok(());
        }
        let text = format!("`{symbol}` is missing before {}", self.peek().shown());
        Err(Fault::new(self.at(), text))
    }

    /// The number of one more place of chance.
    pub(super) const fn site(&mut self) -> u32 {
        *self.sites += 1;
        *self.sites
    }

    /// Reads something that lies one level deeper.
    pub(super) fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Part, Fault>,
    ) -> Result<Part, Fault> {
        if self.depth == limits::DEPTH {
            let text = format!("more than {} parts lie in one another", limits::DEPTH);
            return Err(Fault::new(self.at(), text));
        }
        self.depth += 1;
        let part = read(self);
        self.depth -= 1;
        part
    }

    pub(super) fn condition(&mut self) -> Result<Part, Fault> {
        let first = self.conjunction()?;
        while self.word("or") {
            first.must_be(Kind::Boolean)?;
            let other = self.out.jump_if_false();
            self.out.emit(Operation::Constant(1.0));
            let end = self.out.jump();
            self.out.close(other);
            self.conjunction()?.must_be(Kind::Boolean)?;
            self.out.close(end);
        }
        Ok(first)
    }

    fn conjunction(&mut self) -> Result<Part, Fault> {
        let first = self.negation()?;
        while self.word("and") {
            first.must_be(Kind::Boolean)?;
            let other = self.out.jump_if_false();
            self.negation()?.must_be(Kind::Boolean)?;
            let end = self.out.jump();
            self.out.close(other);
            self.out.emit(Operation::Constant(0.0));
            self.out.close(end);
        }
        Ok(first)
    }

    fn negation(&mut self) -> Result<Part, Fault> {
        let at = self.at();
        if !self.word("not") {
            return self.comparison();
        }
        self.deeper(Self::negation)?.must_be(Kind::Boolean)?;
        self.out.emit(Operation::Unary(Unary::Not));
        let kind = Kind::Boolean;
        Ok(Part { kind, at })
    }

    fn comparison(&mut self) -> Result<Part, Fault> {
        let left = self.sum()?;
        let at = self.at();
        let operator = match self.peek() {
            Word::Symbol("=") => Binary::Equal,
            Word::Symbol("!=" | "<>") => Binary::Unequal,
            Word::Symbol("<") => Binary::Less,
            Word::Symbol("<=") => Binary::LessOrEqual,
            Word::Symbol(">") => Binary::Greater,
            Word::Symbol(">=") => Binary::GreaterOrEqual,
            _ => return Ok(left),
        };
        self.next += 1;
        let ordered = !matches!(operator, Binary::Equal | Binary::Unequal);
        if ordered && left.kind != Kind::Number {
            let text = format!("{} is neither larger nor smaller", left.kind.name());
            return Err(Fault::new(at, text).hint("`=` and `!=` compare it"));
        }
        if left.kind == Kind::State {
            self.state()?;
        } else {
            self.sum()?.must_be(left.kind)?;
        }
        self.out.emit(Operation::Binary(operator));
        Ok(Part {
            kind: Kind::Boolean,
            at: left.at,
        })
    }

    /// The name of a state, with which the present one is compared.
    fn state(&mut self) -> Result<(), Fault> {
        let at = self.at();
        let Word::Text(name) = self.advance() else {
            let fault = Fault::new(at, "the name of a state is needed here");
            return Err(fault.hint("it stands in single quotes"));
        };
        let states = &self.names.states;
        let Some(number) = states.iter().position(|state| *state == name) else {
            let all = || format!("there are {}", states.join(", "));
            let hint = did_you_mean(&name, states.iter().map(String::as_str));
            let fault = Fault::new(at, format!("there is no state '{name}'"));
            return Err(fault.hint(hint.unwrap_or_else(all)));
        };
        self.out.emit(Operation::Constant(number as f64));
        Ok(())
    }

    fn sum(&mut self) -> Result<Part, Fault> {
        let operator = |word: &Word| match word {
            Word::Symbol("+") => Some(Binary::Add),
            Word::Symbol("-") => Some(Binary::Subtract),
            _ => None,
        };
        self.chain(operator, Self::product)
    }

    fn product(&mut self) -> Result<Part, Fault> {
        let operator = |word: &Word| match word {
            Word::Symbol("*") => Some(Binary::Multiply),
            Word::Symbol("/") => Some(Binary::Divide),
            Word::Symbol("%") => Some(Binary::Remainder),
            _ => None,
        };
        self.chain(operator, Self::factor)
    }

    fn chain(
        &mut self,
        operator: impl Fn(&Word) -> Option<Binary>,
        read: fn(&mut Self) -> Result<Part, Fault>,
    ) -> Result<Part, Fault> {
        let first = read(self)?;
        while let Some(operator) = operator(self.peek()) {
            first.must_be(Kind::Number)?;
            self.next += 1;
            read(self)?.must_be(Kind::Number)?;
            self.out.emit(Operation::Binary(operator));
        }
        Ok(first)
    }

    fn factor(&mut self) -> Result<Part, Fault> {
        let at = self.at();
        if !self.symbol("-") {
            return primary::read(self);
        }
        self.deeper(Self::factor)?.must_be(Kind::Number)?;
        self.out.emit(Operation::Unary(Unary::Negate));
        let kind = Kind::Number;
        Ok(Part { kind, at })
    }
}
