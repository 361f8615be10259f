//! From words to an expression.

use super::like::Pattern;
use super::node::{Comparison, Expression, Kind, Node, Operator};
use super::token::{Token, Word, tokens};
use super::{Fault, primary};
use crate::value::Path;

/// The most bytes of an expression.
const BYTES: usize = 4_096;
/// How many parts may lie in one another.
const DEPTH: usize = 32;

/// What the rule says of its payloads.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Context {
    /// Whether there is a row for each element.
    pub(crate) each: bool,
    /// Whether the payload is a single text, into which no path leads.
    pub(crate) whole: bool,
}

/// Reads an expression. The paths that begin at the payload while there are elements go to `outer`.
pub(super) struct Parser<'p> {
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
    pub(super) context: Context,
    pub(super) outer: &'p mut Vec<Path>,
    pub(super) reads_payload: bool,
}

/// A part that was read.
pub(super) struct Part {
    pub(super) node: Node,
    pub(super) kind: Kind,
    pub(super) at: usize,
}

impl Expression {
    /// Reads `text`; its paths that begin at the payload while there are elements go to `outer`.
    pub(crate) fn read(text: &str, context: Context, outer: &mut Vec<Path>) -> Result<Self, Fault> {
        let mut parser = Parser::new(text, context, outer)?;
        let part = parser.condition()?;
        parser.end()?;
        Ok(Self {
            node: part.node,
            kind: part.kind,
            reads_payload: parser.reads_payload,
        })
    }
}

/// Reads the path of `each`, which ends with `[*]`.
pub(crate) fn path_to_elements(text: &str) -> Result<Path, Fault> {
    let wanted = || {
        Fault::new(0, "`each` is the path of an array").hint("it ends with `[*]`, as `readings[*]`")
    };
    let before = text.trim_end().strip_suffix("[*]").ok_or_else(wanted)?;
    if before.trim().is_empty() || before.trim() == "payload" {
        return Ok(Path::new());
    }
    let mut outer = Vec::new();
    match Expression::read(before, Context::default(), &mut outer)?.node {
        Node::Item(path) => Ok(path),
        _ => Err(wanted()),
    }
}

impl<'p> Parser<'p> {
    fn new(text: &str, context: Context, outer: &'p mut Vec<Path>) -> Result<Self, Fault> {
        if text.len() > BYTES {
            return Err(Fault::new(
                0,
                format!("an expression has at most {BYTES} bytes"),
            ));
        }
        Ok(Self {
            tokens: tokens(text)?,
            next: 0,
            depth: 0,
            context,
            outer,
            reads_payload: false,
        })
    }

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

    /// Whether the word `word` of the language comes next; it is then taken.
    fn word(&mut self, word: &str) -> bool {
        let found = matches!(self.peek(), Word::Name(next) if next.eq_ignore_ascii_case(word));
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

    fn end(&self) -> Result<(), Fault> {
        match self.peek() {
            Word::End => Ok(()),
            word => {
                let text = format!(
                    "the expression goes on with {} where it could end",
                    word.shown()
                );
                Err(Fault::new(self.at(), text))
            }
        }
    }

    /// Reads something that lies one level deeper.
    pub(super) fn deeper(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<Part, Fault>,
    ) -> Result<Part, Fault> {
        if self.depth == DEPTH {
            let text = format!("more than {DEPTH} parts lie in one another");
            return Err(Fault::new(self.at(), text));
        }
        self.depth += 1;
        let part = read(self);
        self.depth -= 1;
        part
    }

    pub(super) fn condition(&mut self) -> Result<Part, Fault> {
        self.chain("or", Self::conjunction, Node::Any)
    }

    fn conjunction(&mut self) -> Result<Part, Fault> {
        self.chain("and", Self::negation, Node::All)
    }

    fn chain(
        &mut self,
        word: &str,
        read: fn(&mut Self) -> Result<Part, Fault>,
        join: fn(Vec<Node>) -> Node,
    ) -> Result<Part, Fault> {
        let first = read(self)?;
        if !self.word(word) {
            return Ok(first);
        }
        let at = first.at;
        let mut nodes = vec![condition(first)?];
        loop {
            let part = read(self)?;
            nodes.push(condition(part)?);
            if !self.word(word) {
                return Ok(Part::condition(join(nodes), at));
            }
        }
    }

    fn negation(&mut self) -> Result<Part, Fault> {
        let at = self.at();
        if !self.word("not") {
            return self.predicate();
        }
        let part = self.deeper(Self::negation)?;
        Ok(Part::condition(Node::Not(Box::new(condition(part)?)), at))
    }

    fn predicate(&mut self) -> Result<Part, Fault> {
        let left = self.sum()?;
        let at = left.at;
        if let Some(comparison) = self.comparison() {
            let right = self.sum()?;
            comparable(&left, &right)?;
            let sides = Box::new((left.node, right.node));
            return Ok(Part::condition(Node::Compare(comparison, sides), at));
        }
        if self.word("is") {
            let negated = self.word("not");
            if !self.word("null") {
                let text = format!("`null` is missing before {}", self.peek().shown());
                return Err(Fault::new(self.at(), text));
            }
            let node = Node::IsNull(Box::new(left.node));
            return Ok(Part::condition(negated_if(negated, node), at));
        }
        let negated = self.word("not");
        let node = if self.word("in") {
            self.list(left)?
        } else if self.word("like") {
            self.pattern(left)?
        } else if negated {
            let text = format!("`in` or `like` is missing before {}", self.peek().shown());
            return Err(Fault::new(self.at(), text));
        } else {
            return Ok(left);
        };
        Ok(Part::condition(negated_if(negated, node), at))
    }

    fn comparison(&mut self) -> Option<Comparison> {
        let comparison = match self.peek() {
            Word::Symbol("=") => Comparison::Equal,
            Word::Symbol("!=" | "<>") => Comparison::Unequal,
            Word::Symbol("<") => Comparison::Less,
            Word::Symbol("<=") => Comparison::LessOrEqual,
            Word::Symbol(">") => Comparison::Greater,
            Word::Symbol(">=") => Comparison::GreaterOrEqual,
            _ => return None,
        };
        self.next += 1;
        Some(comparison)
    }

    fn list(&mut self, left: Part) -> Result<Node, Fault> {
        self.expect("(")?;
        let mut list = Vec::new();
        loop {
            let part = self.deeper(Self::sum)?;
            comparable(&left, &part)?;
            list.push(part.node);
            if !self.symbol(",") {
                break;
            }
        }
        self.expect(")")?;
        Ok(Node::In(Box::new(left.node), list))
    }

    fn pattern(&mut self, left: Part) -> Result<Node, Fault> {
        if !matches!(left.kind, Kind::Text | Kind::Any) {
            let text = format!("`like` needs a text, and this is {}", left.kind.name());
            return Err(Fault::new(left.at, text));
        }
        let at = self.at();
        let Word::Text(text) = self.advance() else {
            return Err(Fault::new(at, "a pattern in single quotes follows `like`"));
        };
        let pattern = Pattern::read(&text).map_err(|why| Fault::new(at, why))?;
        Ok(Node::Like(Box::new(left.node), pattern))
    }

    fn sum(&mut self) -> Result<Part, Fault> {
        let operator = |word: &Word| match word {
            Word::Symbol("+") => Some(Operator::Add),
            Word::Symbol("-") => Some(Operator::Subtract),
            _ => None,
        };
        self.arithmetic(operator, Self::product)
    }

    fn product(&mut self) -> Result<Part, Fault> {
        let operator = |word: &Word| match word {
            Word::Symbol("*") => Some(Operator::Multiply),
            Word::Symbol("/") => Some(Operator::Divide),
            Word::Symbol("%") => Some(Operator::Remainder),
            _ => None,
        };
        self.arithmetic(operator, Self::factor)
    }

    fn arithmetic(
        &mut self,
        operator: impl Fn(&Word) -> Option<Operator>,
        read: fn(&mut Self) -> Result<Part, Fault>,
    ) -> Result<Part, Fault> {
        let first = read(self)?;
        let Some(mut found) = operator(self.peek()) else {
            return Ok(first);
        };
        let at = first.at;
        let first = number(first)?;
        let mut rest = Vec::new();
        loop {
            self.next += 1;
            let part = read(self)?;
            rest.push((found, number(part)?));
            match operator(self.peek()) {
                Some(next) => found = next,
                None => break,
            }
        }
        Ok(Part {
            node: Node::Arithmetic(Box::new(first), rest),
            kind: Kind::Number,
            at,
        })
    }

    fn factor(&mut self) -> Result<Part, Fault> {
        let at = self.at();
        if !self.symbol("-") {
            return primary::read(self);
        }
        let part = self.deeper(Self::factor)?;
        let node = match number(part)? {
            Node::Integer(number) => Node::Integer(-number),
            node => Node::Negate(Box::new(node)),
        };
        Ok(Part {
            node,
            kind: Kind::Number,
            at,
        })
    }
}

impl Part {
    fn condition(node: Node, at: usize) -> Self {
        Self {
            node,
            kind: Kind::Boolean,
            at,
        }
    }
}

fn negated_if(negated: bool, node: Node) -> Node {
    if negated {
        Node::Not(Box::new(node))
    } else {
        node
    }
}

/// A part that may be true or false.
fn condition(part: Part) -> Result<Node, Fault> {
    match part.kind {
        Kind::Boolean | Kind::Any => Ok(part.node),
        kind => Err(Fault::new(
            part.at,
            format!("a condition is needed here, and this is {}", kind.name()),
        )),
    }
}

/// A part that may be a number.
fn number(part: Part) -> Result<Node, Fault> {
    match part.kind {
        Kind::Number | Kind::Any => Ok(part.node),
        kind => Err(Fault::new(
            part.at,
            format!("a number is needed here, and this is {}", kind.name()),
        )),
    }
}

/// Two parts of which a comparison can be anything but unknown.
fn comparable(left: &Part, right: &Part) -> Result<(), Fault> {
    if left.kind.compares_with(right.kind) {
        return Ok(());
    }
    let (one, other) = (left.kind.name(), right.kind.name());
    Err(Fault::new(
        right.at,
        format!("{one} is never like {other}, so that this is always unknown"),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::Step;

    fn fault(text: &str) -> (usize, String) {
        let context = Context {
            each: true,
            whole: false,
        };
        let fault = Expression::read(text, context, &mut Vec::new()).unwrap_err();
        (fault.at, fault.text)
    }

    #[test]
    fn each_fault_has_its_place() {
        for (text, at, why) in [
            ("", 0, "a value is missing before the end"),
            ("a =", 3, "a value is missing before the end"),
            ("a = 1 2", 6, "the expression goes on with `2`"),
            ("a < b < c", 6, "the expression goes on with `<`"),
            ("(a = 1", 6, "`)` is missing before the end"),
            ("a is nul", 5, "`null` is missing before `nul`"),
            ("a not = 1", 6, "`in` or `like` is missing before `=`"),
            ("a in 1", 5, "`(` is missing before `1`"),
            ("a in ()", 6, "a value is missing before `)`"),
            ("a like b", 7, "a pattern in single quotes"),
            ("a like 'b\\'", 7, "nothing follows the `\\`"),
            (
                "topic() + 1 = 2",
                0,
                "a number is needed here, and this is a text",
            ),
            (
                "a and 1",
                6,
                "a condition is needed here, and this is a number",
            ),
            (
                "not topic()",
                4,
                "a condition is needed here, and this is a text",
            ),
            ("topic(2) = 5", 11, "a text is never like a number"),
            ("timestamp() > 5", 14, "a time is never like a number"),
            (
                "topic(0) = 'a'",
                6,
                "levels of a topic are counted from 1 to 128",
            ),
            ("topic('a') = 'a'", 6, "`)` is missing before the text 'a'"),
            ("clientid() = 'a'", 0, "there is no function `clientid()`"),
            ("topc(1) = 'a'", 0, "there is no function `topc()`"),
            ("a[*] = 1", 2, "a path leads to one value"),
            (
                "a[-1] = 1",
                2,
                "the place of an element is missing before `-`",
            ),
            ("a.0.b = 1", 2, "a key is missing before `0`"),
            ("in = 1", 0, "a value is missing before `in`"),
        ] {
            let (place, found) = fault(text);
            assert!(
                place == at && found.contains(why),
                "{text}: {place} {found}"
            );
        }
    }

    #[test]
    fn hints_say_what_to_do() {
        for (text, hint) in [
            ("clientid()", "did you mean `client()`?".replace("()", "")),
            ("zzz()", "there are topic(), thing()".into()),
            (
                "a.0",
                "write `[0]` for an element, and \"0\" for a key".into(),
            ),
            ("in", "the key `in` stands in double quotes".into()),
        ] {
            let fault = Expression::read(text, Context::default(), &mut Vec::new()).unwrap_err();
            let found = fault.hint.unwrap();
            assert!(found.contains(&hint), "{text}: {found}");
        }
    }

    #[test]
    fn nesting_and_length_have_limits() {
        let nested = |levels: usize| {
            let (open, close) = ("(".repeat(levels), ")".repeat(levels));
            Expression::read(
                &format!("{open}a{close}"),
                Context::default(),
                &mut Vec::new(),
            )
        };
        assert!(nested(DEPTH).is_ok());
        for text in [
            "(".repeat(2_000),
            "not ".repeat(1_000),
            "-".repeat(2_000),
            "a in (".repeat(600),
            format!("a{}", ".b".repeat(40)),
            "a ".repeat(BYTES),
        ] {
            let read = Expression::read(&text, Context::default(), &mut Vec::new());
            assert!(read.is_err(), "{}", &text[..8]);
        }
        assert!(nested(DEPTH + 1).is_err());
        // Chains are long and not deep.
        for word in [" or ", " and ", "+", "*"] {
            let text = vec!["a"; 600].join(word);
            assert!(Expression::read(&text, Context::default(), &mut Vec::new()).is_ok());
        }
    }

    #[test]
    fn a_path_begins_at_the_element_and_payload_at_the_payload() {
        let context = Context {
            each: true,
            whole: false,
        };
        let mut outer = Vec::new();
        let mut read = |text: &str| Expression::read(text, context, &mut outer).unwrap();
        let member = |name: &str| Step::Member(name.into());
        let item = read("a.\"b c\"[1]").node;
        let path = vec![member("a"), member("b c"), Step::Element(1)];
        assert!(matches!(item, Node::Item(found) if found == path));
        assert!(matches!(read("payload.a").node, Node::Outer(0)));
        assert!(matches!(read("payload()[0]").node, Node::Outer(1)));
        assert!(matches!(read("payload.a").node, Node::Outer(0)));
        assert!(matches!(read("\"payload\".a").node, Node::Item(_)));
        assert!(matches!(read("item()").node, Node::Item(path) if path.is_empty()));
        assert_eq!(outer, [vec![member("a")], vec![Step::Element(0)]]);
    }

    #[test]
    fn elements_have_a_path_too() {
        let member = |name: &str| Step::Member(name.into());
        for (text, path) in [
            ("[*]", vec![]),
            ("payload[*]", vec![]),
            ("a.b[*]", vec![member("a"), member("b")]),
            ("payload.a[2] [*]", vec![member("a"), Step::Element(2)]),
        ] {
            assert_eq!(path_to_elements(text), Ok(path), "{text}");
        }
        for bad in [
            "a",
            "a[*].b",
            "topic()[*]",
            "a = 1[*]",
            "[*][*]",
            "1[*]",
            "",
        ] {
            assert!(path_to_elements(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_needs_no_payload_is_known() {
        let reads = |text: &str| {
            let read = Expression::read(text, Context::default(), &mut Vec::new());
            read.unwrap().reads_payload
        };
        assert!(!reads("topic(2) = 'a' and thing() is not null"));
        assert!(reads("topic(2) = 'a' and a = 1") && reads("payload() is null"));
    }
}
