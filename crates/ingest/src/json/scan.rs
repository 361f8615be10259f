//! The scanner: one pass over the text, which checks it and says where its parts are.

/// What is wrong with a text, and at which byte.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ScanError {
    /// What is wrong.
    pub(crate) what: &'static str,
    /// The byte at which it was seen.
    pub(crate) at: usize,
    /// Whether the text is only nested too deep.
    pub(crate) depth: bool,
}

/// A string of the text, without its quotes and with its escapes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    /// What stands between the quotes.
    pub(crate) raw: &'a str,
    /// Whether it holds an escape.
    pub(crate) escaped: bool,
}

/// What kind of value stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ValueKind {
    String { escaped: bool },
    Number { integer: bool },
    True,
    False,
    Null,
    Object,
    Array,
}

/// A value of the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Value<'a> {
    /// All of it, with quotes or brackets.
    pub(crate) raw: &'a str,
    /// What it is.
    pub(crate) kind: ValueKind,
}

impl<'a> Value<'a> {
    /// The string that it is, if it is one.
    pub(crate) fn text(self) -> Option<Text<'a>> {
        match self.kind {
            ValueKind::String { escaped } => Some(Text {
                raw: self.raw.get(1..self.raw.len() - 1)?,
                escaped,
            }),
            _ => None,
        }
    }
}

/// A member of an object.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Member<'a> {
    /// Its name.
    pub(crate) key: Text<'a>,
    /// Its value.
    pub(crate) value: Value<'a>,
}

/// Walks the members of the object that `text` is. What stands around it may only be white space.
///
/// Each step checks what it passes over; the whole text is checked once the walk has ended without an error.
pub(crate) fn members(text: &str, max_depth: u32) -> Members<'_> {
    Members {
        scanner: Scanner::new(text),
        state: State::Before,
        max_depth,
    }
}

/// Walks the elements of the array that `text` is, like [`members`].
pub(crate) fn elements(text: &str, max_depth: u32) -> Elements<'_> {
    Elements {
        scanner: Scanner::new(text),
        state: State::Before,
        max_depth,
    }
}

/// The value that `text` is.
pub(crate) fn value(text: &str, max_depth: u32) -> Result<Value<'_>, ScanError> {
    let mut scanner = Scanner::new(text);
    scanner.space();
    let value = scanner.value(max_depth)?;
    scanner.end()?;
    Ok(value)
}

/// Checks that `text` is one JSON value, nested no deeper than `max_depth`.
pub(crate) fn check(text: &str, max_depth: u32) -> Result<ValueKind, ScanError> {
    value(text, max_depth).map(|value| value.kind)
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Before,
    First,
    Next,
    Done,
}

/// See [`members`].
#[derive(Debug)]
pub(crate) struct Members<'a> {
    scanner: Scanner<'a>,
    state: State,
    max_depth: u32,
}

impl<'a> Members<'a> {
    /// The next member, or none after the last.
    #[inline]
    pub(crate) fn next(&mut self) -> Result<Option<Member<'a>>, ScanError> {
        if self.state == State::Before {
            self.open()?;
        }
        if self.state == State::Done {
            return Ok(None);
        }
        self.scanner.space();
        match self.scanner.peek() {
            Some(b'}') => {
                self.scanner.at += 1;
                self.state = State::Done;
                self.scanner.end()?;
                return Ok(None);
            }
            Some(b',') if self.state == State::Next => {
                self.scanner.at += 1;
                self.scanner.space();
            }
            Some(_) if self.state == State::First => {}
            _ => return Err(self.scanner.wrong("expected `,` or `}`")),
        }
        self.state = State::Next;
        self.scanner
            .member(self.max_depth.saturating_sub(1))
            .map(Some)
    }

    fn open(&mut self) -> Result<(), ScanError> {
        self.scanner.space();
        if self.scanner.peek() != Some(b'{') {
            return Err(self.scanner.wrong("expected an object"));
        }
        if self.max_depth == 0 {
            return Err(self.scanner.too_deep());
        }
        self.scanner.at += 1;
        self.state = State::First;
        Ok(())
    }
}

/// See [`elements`].
#[derive(Debug)]
pub(crate) struct Elements<'a> {
    scanner: Scanner<'a>,
    state: State,
    max_depth: u32,
}

impl<'a> Elements<'a> {
    /// The byte after the element that came last.
    pub(crate) fn position(&self) -> usize {
        self.scanner.at
    }

    /// The next element, or none after the last.
    pub(crate) fn next(&mut self) -> Result<Option<Value<'a>>, ScanError> {
        let scanner = &mut self.scanner;
        if self.state == State::Before {
            scanner.space();
            if scanner.peek() != Some(b'[') {
                return Err(scanner.wrong("expected an array"));
            }
            scanner.at += 1;
            self.state = State::First;
        }
        if self.state == State::Done {
            return Ok(None);
        }
        scanner.space();
        match scanner.peek() {
            Some(b']') => {
                scanner.at += 1;
                self.state = State::Done;
                scanner.end()?;
                return Ok(None);
            }
            Some(b',') if self.state == State::Next => {
                scanner.at += 1;
                scanner.space();
            }
            Some(_) if self.state == State::First => {}
            _ => return Err(scanner.wrong("expected `,` or `]`")),
        }
        self.state = State::Next;
        scanner.value(self.max_depth).map(Some)
    }
}

#[derive(Debug)]
struct Scanner<'a> {
    text: &'a str,
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn new(text: &'a str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            at: 0,
        }
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    #[inline]
    fn space(&mut self) {
        while let Some(b' ' | b'\n' | b'\r' | b'\t') = self.peek() {
            self.at += 1;
        }
    }

    #[cold]
    fn wrong(&self, what: &'static str) -> ScanError {
        let what = if self.at >= self.bytes.len() {
            "the text ends too early"
        } else {
            what
        };
        ScanError {
            what,
            at: self.at,
            depth: false,
        }
    }

    #[cold]
    fn too_deep(&self) -> ScanError {
        ScanError {
            what: "nested too deep",
            at: self.at,
            depth: true,
        }
    }

    fn slice(&self, from: usize, to: usize) -> &'a str {
        self.text.get(from..to).unwrap_or_default()
    }

    fn end(&mut self) -> Result<(), ScanError> {
        self.space();
        if self.at < self.bytes.len() {
            return Err(self.wrong("something follows the value"));
        }
        Ok(())
    }

    #[inline]
    fn member(&mut self, depth: u32) -> Result<Member<'a>, ScanError> {
        if self.peek() != Some(b'"') {
            return Err(self.wrong("expected a name in quotes"));
        }
        let from = self.at + 1;
        let escaped = self.string()?;
        let key = Text {
            raw: self.slice(from, self.at - 1),
            escaped,
        };
        self.space();
        if self.peek() != Some(b':') {
            return Err(self.wrong("expected `:`"));
        }
        self.at += 1;
        self.space();
        let value = self.value(depth)?;
        Ok(Member { key, value })
    }

    #[inline]
    fn value(&mut self, depth: u32) -> Result<Value<'a>, ScanError> {
        let from = self.at;
        let kind = self.skip(depth)?;
        Ok(Value {
            raw: self.slice(from, self.at),
            kind,
        })
    }

    /// Passes over one value; `depth` is how many levels may still open.
    fn skip(&mut self, depth: u32) -> Result<ValueKind, ScanError> {
        match self.peek() {
            Some(b'"') => self.string().map(|escaped| ValueKind::String { escaped }),
            Some(b'-' | b'0'..=b'9') => self.number().map(|integer| ValueKind::Number { integer }),
            Some(b'{') => self.object(depth),
            Some(b'[') => self.array(depth),
            Some(b't') => self.word("true", ValueKind::True),
            Some(b'f') => self.word("false", ValueKind::False),
            Some(b'n') => self.word("null", ValueKind::Null),
            _ => Err(self.wrong("expected a value")),
        }
    }

    fn word(&mut self, word: &str, kind: ValueKind) -> Result<ValueKind, ScanError> {
        let rest = self.bytes.get(self.at..).unwrap_or_default();
        if !rest.starts_with(word.as_bytes()) {
            return Err(self.wrong("expected true, false or null"));
        }
        self.at += word.len();
        Ok(kind)
    }

    fn object(&mut self, depth: u32) -> Result<ValueKind, ScanError> {
        let depth = depth.checked_sub(1).ok_or_else(|| self.too_deep())?;
        self.at += 1;
        self.space();
        if self.peek() == Some(b'}') {
            self.at += 1;
            return Ok(ValueKind::Object);
        }
        loop {
            self.member(depth)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b'}') => {
                    self.at += 1;
                    return Ok(ValueKind::Object);
                }
                _ => return Err(self.wrong("expected `,` or `}`")),
            }
            self.space();
        }
    }

    fn array(&mut self, depth: u32) -> Result<ValueKind, ScanError> {
        let depth = depth.checked_sub(1).ok_or_else(|| self.too_deep())?;
        self.at += 1;
        self.space();
        if self.peek() == Some(b']') {
            self.at += 1;
            return Ok(ValueKind::Array);
        }
        loop {
            self.skip(depth)?;
            self.space();
            match self.peek() {
                Some(b',') => self.at += 1,
                Some(b']') => {
                    self.at += 1;
                    return Ok(ValueKind::Array);
                }
                _ => return Err(self.wrong("expected `,` or `]`")),
            }
            self.space();
        }
    }

    /// Passes over a number and says whether it has neither fraction nor exponent.
    #[inline]
    fn number(&mut self) -> Result<bool, ScanError> {
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        match self.peek() {
            Some(b'0') => self.at += 1,
            Some(b'1'..=b'9') => self.digits(),
            _ => return Err(self.wrong("expected a digit")),
        }
        let mut integer = true;
        if self.peek() == Some(b'.') {
            integer = false;
            self.at += 1;
            self.some_digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            integer = false;
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.some_digits()?;
        }
        Ok(integer)
    }

    #[inline]
    fn digits(&mut self) {
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
    }

    fn some_digits(&mut self) -> Result<(), ScanError> {
        let from = self.at;
        self.digits();
        if self.at == from {
            return Err(self.wrong("expected a digit"));
        }
        Ok(())
    }

    /// Passes over a string, from quote to quote, and says whether it holds an escape.
    #[inline]
    fn string(&mut self) -> Result<bool, ScanError> {
        self.at += 1;
        let mut escaped = false;
        loop {
            self.at = plain_end(self.bytes, self.at);
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(escaped);
                }
                Some(b'\\') => {
                    escaped = true;
                    self.escape()?;
                }
                _ => return Err(self.wrong("a control character must be escaped in a string")),
            }
        }
    }

    fn escape(&mut self) -> Result<(), ScanError> {
        match self.bytes.get(self.at + 1) {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.at += 2;
                Ok(())
            }
            Some(b'u') => self.unicode_escape(),
            _ => Err(self.wrong("not an escape")),
        }
    }

    /// Half of a surrogate pair stands for no character, so that it is refused here and nothing behind has to mend it.
    fn unicode_escape(&mut self) -> Result<(), ScanError> {
        let Some(first) = hex4(self.bytes, self.at + 2) else {
            return Err(self.wrong("expected four hex digits"));
        };
        match first {
            0xd800..=0xdbff => {
                let follows = self.bytes.get(self.at + 6..self.at + 8) == Some(br"\u");
                let second = hex4(self.bytes, self.at + 8);
                if !follows || !matches!(second, Some(0xdc00..=0xdfff)) {
                    return Err(self.wrong("half of a surrogate pair"));
                }
                self.at += 12;
            }
            0xdc00..=0xdfff => return Err(self.wrong("half of a surrogate pair")),
            _ => self.at += 6,
        }
        Ok(())
    }
}

/// The number that four hex digits at `at` are.
pub(super) fn hex4(bytes: &[u8], at: usize) -> Option<u32> {
    let digits = bytes.get(at..at + 4)?;
    digits.iter().try_fold(0, |number, digit| {
        char::from(*digit)
            .to_digit(16)
            .map(|digit| number * 16 + digit)
    })
}

const ONES: u64 = 0x0101_0101_0101_0101;
const HIGHS: u64 = 0x8080_8080_8080_8080;

/// The first byte from `at` on that is a quote, a backslash or a control character; the length where there is none.
///
/// Looks at eight bytes at a time. The lowest bit that each test sets is exact, the higher ones may be echoes of a borrow.
#[inline]
pub(super) fn plain_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(Ok(chunk)) = bytes.get(at..at + 8).map(<[u8; 8]>::try_from) {
        let word = u64::from_le_bytes(chunk);
        let quote = word ^ (ONES * 0x22);
        let back = word ^ (ONES * 0x5c);
        let found = (quote.wrapping_sub(ONES) & !quote)
            | (back.wrapping_sub(ONES) & !back)
            | (word.wrapping_sub(ONES * 0x20) & !word);
        let found = found & HIGHS;
        if found != 0 {
            return at + (found.trailing_zeros() / 8) as usize;
        }
        at += 8;
    }
    while let Some(byte) = bytes.get(at) {
        if *byte == b'"' || *byte == b'\\' || *byte < 0x20 {
            break;
        }
        at += 1;
    }
    at
}
