//! From text to words.

use super::Fault;

/// A word of an expression, and the byte at which it begins.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Token {
    pub(crate) at: usize,
    pub(crate) word: Word,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Word {
    /// A key, a function or a word of the language.
    Name(String),
    /// A key in double quotes.
    Quoted(String),
    /// A text in single quotes.
    Text(String),
    Integer(i128),
    Float(f64),
    Symbol(&'static str),
    End,
}

impl Word {
    /// As a message shows it.
    pub(crate) fn shown(&self) -> String {
        match self {
            Self::Name(name) => format!("`{name}`"),
            Self::Quoted(name) => format!("`\"{name}\"`"),
            Self::Text(text) => format!("the text '{text}'"),
            Self::Integer(number) => format!("`{number}`"),
            Self::Float(number) => format!("`{number}`"),
            Self::Symbol(symbol) => format!("`{symbol}`"),
            Self::End => "the end".into(),
        }
    }
}

/// The longer ones first, so that they are not taken for their beginnings.
const SYMBOLS: [&str; 18] = [
    "!=", "<>", "<=", ">=", "=", "<", ">", "(", ")", "[", "]", ",", ".", "+", "-", "*", "/", "%",
];

/// All words of `text`, an end after the last one.
pub(crate) fn tokens(text: &str) -> Result<Vec<Token>, Fault> {
    let mut tokens = Vec::new();
    let mut at = 0;
    loop {
        let rest = text.get(at..).unwrap_or_default();
        let blanks = rest.len() - rest.trim_start().len();
        at += blanks;
        let rest = rest.trim_start();
        let (word, length) = next(rest, at)?;
        let end = word == Word::End;
        tokens.push(Token { at, word });
        if end {
            return Ok(tokens);
        }
        at += length;
    }
}

/// The first word of `rest`, which begins at `at`, and its bytes.
fn next(rest: &str, at: usize) -> Result<(Word, usize), Fault> {
    let Some(first) = rest.chars().next() else {
        return Ok((Word::End, 0));
    };
    match first {
        '\'' => quoted(rest, '\'', at).map(|(text, length)| (Word::Text(text), length)),
        '"' => quoted(rest, '"', at).map(|(name, length)| (Word::Quoted(name), length)),
        '0'..='9' => number(rest, at),
        'a'..='z' | 'A'..='Z' | '_' => {
            let length = rest.find(|letter| !is_of_name(letter));
            let name = &rest[..length.unwrap_or(rest.len())];
            Ok((Word::Name(name.into()), name.len()))
        }
        _ => symbol(rest, first, at),
    }
}

fn is_of_name(letter: char) -> bool {
    letter.is_ascii_alphanumeric() || letter == '_'
}

fn symbol(rest: &str, first: char, at: usize) -> Result<(Word, usize), Fault> {
    let hint = match rest {
        _ if rest.starts_with("==") => "one `=` compares",
        _ if rest.starts_with("&&") => "write `and`",
        _ if rest.starts_with("||") => "write `or`",
        _ if rest.starts_with('!') && !rest.starts_with("!=") => "write `not`",
        _ => {
            if let Some(symbol) = SYMBOLS.iter().find(|symbol| rest.starts_with(**symbol)) {
                return Ok((Word::Symbol(symbol), symbol.len()));
            }
            "a key with other characters than letters, digits and `_` stands in double quotes"
        }
    };
    Err(Fault::new(at, format!("`{first}` means nothing here")).hint(hint))
}

/// What stands in quotes, with doubled ones made single, and the bytes up to and with the closing one.
fn quoted(rest: &str, quote: char, at: usize) -> Result<(String, usize), Fault> {
    let mut text = String::new();
    let mut letters = rest.char_indices().skip(1).peekable();
    while let Some((place, letter)) = letters.next() {
        if letter != quote {
            text.push(letter);
        } else if letters.next_if(|(_, next)| *next == quote).is_some() {
            text.push(quote);
        } else {
            return Ok((text, place + 1));
        }
    }
    Err(Fault::new(at, format!("the {quote} is never closed")))
}

fn number(rest: &str, at: usize) -> Result<(Word, usize), Fault> {
    let digits = |from: usize| {
        let tail = rest.get(from..).unwrap_or_default();
        tail.find(|letter: char| !letter.is_ascii_digit())
            .unwrap_or(tail.len())
    };
    let mut length = digits(0);
    let whole = length;
    if rest[length..].starts_with('.') && digits(length + 1) > 0 {
        length += 1 + digits(length + 1);
    }
    if rest[length..].starts_with(['e', 'E']) {
        let sign = usize::from(rest[length + 1..].starts_with(['+', '-']));
        let exponent = digits(length + 1 + sign);
        if exponent > 0 {
            length += 1 + sign + exponent;
        }
    }
    if rest[length..].starts_with(is_of_name) {
        let text = "a number ends where a letter follows";
        return Err(
            Fault::new(at, text).hint("a key that begins with a digit stands in double quotes")
        );
    }
    let text = &rest[..length];
    let too_large = || Fault::new(at, format!("the number {text} is too large"));
    if length == whole {
        let number = text
            .parse()
            .ok()
            .filter(|number| *number <= u64::MAX.into());
        let number = number.ok_or_else(too_large)?;
        return Ok((Word::Integer(number), length));
    }
    let number: f64 = text.parse().map_err(|_| too_large())?;
    if number.is_finite() {
        Ok((Word::Float(number), length))
    } else {
        Err(too_large())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<Word> {
        let tokens = tokens(text).unwrap();
        tokens.into_iter().map(|token| token.word).collect()
    }

    #[test]
    fn words_are_told_apart() {
        assert_eq!(
            words(r#" a1."b ""c"""[0]<=-1.5e3 'it''s'"#),
            [
                Word::Name("a1".into()),
                Word::Symbol("."),
                Word::Quoted("b \"c\"".into()),
                Word::Symbol("["),
                Word::Integer(0),
                Word::Symbol("]"),
                Word::Symbol("<="),
                Word::Symbol("-"),
                Word::Float(1.5e3),
                Word::Text("it's".into()),
                Word::End,
            ]
        );
        assert_eq!(words(""), [Word::End]);
        assert_eq!(
            words("18446744073709551615"),
            [Word::Integer(u64::MAX.into()), Word::End]
        );
    }

    #[test]
    fn faults_have_places_and_hints() {
        for (text, at, hint) in [
            ("a == 1", 2, "one `=` compares"),
            ("a && b", 2, "write `and`"),
            ("a || b", 2, "write `or`"),
            ("!a", 0, "write `not`"),
            ("a ? b", 2, "double quotes"),
            ("\u{e9}", 0, "double quotes"),
            ("a.5b", 2, "double quotes"),
        ] {
            let fault = tokens(text).unwrap_err();
            assert_eq!(fault.at, at, "{text}");
            assert!(fault.hint.unwrap().contains(hint), "{text}");
        }
        for (text, at) in [
            ("a = 'b", 4),
            ("\"a", 0),
            ("1 + 18446744073709551616", 4),
            ("1e999", 0),
        ] {
            assert_eq!(tokens(text).unwrap_err().at, at, "{text}");
        }
    }
}
