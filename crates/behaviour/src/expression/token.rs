//! From text to words.

use crate::problem::Fault;

/// A word of an expression, and the byte at which it begins.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub(super) at: usize,
    pub(super) word: Word,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Word {
    Name(String),
    /// A text in single quotes.
    Text(String),
    Number(f64),
    Symbol(&'static str),
    End,
}

impl Word {
    /// As a message shows it.
    pub(super) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Text(text) => format!("the text '{text}'"),
            Self::Number(number) => format!("`{number}`"),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".into(),
        }
    }
}

/// The longer ones first, so that they are not taken for their beginnings.
const SYMBOLS: [&str; 15] = [
    "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", ",", "+", "-", "*", "/", "%",
];

/// Ways to write something that other languages have, and how it is written here.
const OTHERWISE: [(&str, &str); 6] = [
    ("==", "one `=` compares"),
    ("&&", "write `and`"),
    ("||", "write `or`"),
    ("**", "write `power(x, y)`"),
    ("^", "write `power(x, y)`"),
    ("?", "write `if(condition, one, other)`"),
];

/// All words of `text`, an end after the last one.
pub(super) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while !rest.is_empty() {
        let at = text.len() - rest.len();
        let (word, length) = next(rest).map_err(|fault| Fault {
            at: fault.at + at,
            ..fault
        })?;
        tokens.push(Token { at, word });
        rest = rest.get(length..).unwrap_or_default().trim_start();
    }
    tokens.push(Token {
        at: text.trim_end().len(),
        word: Word::End,
    });
    Ok(tokens)
}

/// The first word of `rest`, and its bytes.
fn next(rest: &str) -> Result<(Word, usize), Fault> {
    let first = rest.chars().next().unwrap_or_default();
    match first {
        '\'' => quoted(rest),
        '0'..='9' | '.' => number(rest),
        'a'..='z' | 'A'..='Z' | '_' => {
            let name = leading(rest, is_of_name);
            Ok((Word::Name(name.into()), name.len()))
        }
        _ => symbol(rest, first),
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

/// The characters at the beginning that are of a kind.
fn leading(text: &str, is_of_kind: impl Fn(char) -> bool) -> &str {
    let length = text.find(|letter| !is_of_kind(letter));
    text.get(..length.unwrap_or(text.len())).unwrap_or_default()
}

fn symbol(rest: &str, first: char) -> Result<(Word, usize), Fault> {
    let fault = Fault::new(0, format!("`{first}` means nothing here"));
    if let Some((_, hint)) = OTHERWISE.iter().find(|(other, _)| rest.starts_with(other)) {
        return Err(fault.hint(*hint));
    }
    match SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
        Some(symbol) => Ok((Word::Symbol(symbol), symbol.len())),
        None if first == '!' => Err(fault.hint("write `not`")),
        None if first == '"' => Err(fault.hint("the name of a state stands in single quotes")),
        None => Err(fault),
    }
}

fn quoted(rest: &str) -> Result<(Word, usize), Fault> {
    let inner = rest.get(1..).unwrap_or_default();
    let end = inner
        .find('\'')
        .ok_or_else(|| Fault::new(0, "the ' is never closed"))?;
    let text = inner.get(..end).unwrap_or_default();
    Ok((Word::Text(text.into()), end + 2))
}

fn number(rest: &str) -> Result<(Word, usize), Fault> {
    let after = |length: usize| rest.get(length..).unwrap_or_default();
    let digits = |length: usize| leading(after(length), |letter| letter.is_ascii_digit()).len();
    let mut length = digits(0);
    if after(length).starts_with('.') {
        length += 1 + digits(length + 1);
    }
    if after(length).starts_with(['e', 'E']) {
        let sign = usize::from(after(length + 1).starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    if after(length).starts_with(is_of_name) {
        return Err(Fault::new(0, "a number ends where a letter follows"));
    }
    let text = rest.get(..length).unwrap_or_default();
    let number: Option<f64> = text.parse().ok();
    match number {
        Some(number) if number.is_finite() => Ok((Word::Number(number), length)),
        Some(_) => Err(Fault::new(0, format!("the number {text} is too large"))),
        None => Err(Fault::new(0, format!("`{text}` means nothing here"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_apart() {
        let words: Vec<Word> = tokens(" a1<=-1.5e3 'on' .5,2.")
            .unwrap()
            .into_iter()
            .map(|token| token.word)
            .collect();
        assert_eq!(
            words,
            [
                Word::Name("a1".into()),
                Word::Symbol("<="),
                Word::Symbol("-"),
                Word::Number(1.5e3),
                Word::Text("on".into()),
                Word::Number(0.5),
                Word::Symbol(","),
                Word::Number(2.0),
                Word::End,
            ]
        );
        assert_eq!(tokens(" ").unwrap()[0].word, Word::End);
    }

    #[test]
    fn faults_have_places_and_hints() {
        for (text, at, hint) in [
            ("a == 1", 2, "one `=` compares"),
            ("a && b", 2, "write `and`"),
            ("a || b", 2, "write `or`"),
            ("!a", 0, "write `not`"),
            ("a ? b", 2, "write `if(condition, one, other)`"),
            ("a ** 2", 2, "write `power(x, y)`"),
            ("a ^ 2", 2, "write `power(x, y)`"),
            ("\"a\"", 0, "single quotes"),
        ] {
            let fault = tokens(text).unwrap_err();
            assert_eq!(fault.at, at, "{text}");
            assert!(fault.hint.unwrap().contains(hint), "{text}");
        }
        for (text, at) in [
            ("a = 'b", 4),
            ("1e999", 0),
            ("2x", 0),
            ("a .", 2),
            ("\u{e4}", 0),
        ] {
            assert_eq!(tokens(text).unwrap_err().at, at, "{text}");
        }
    }
}
