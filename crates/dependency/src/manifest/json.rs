//! The places of strings in JSON that is known to be well-formed.

use std::ops::Range;

/// A table at the top of a document, by its name.
#[derive(Debug)]
pub(super) struct Section<'a> {
    pub(super) name: &'a str,
    pub(super) members: Vec<Member<'a>>,
    /// The place of the closing bracket.
    pub(super) close: usize,
}

/// One name of a table, and what it stands for.
#[derive(Debug)]
pub(super) struct Member<'a> {
    pub(super) name: &'a str,
    /// From the name to the end of the value.
    pub(super) whole: Range<usize>,
    /// The inside of a string; nothing where the value is something else.
    pub(super) value: Option<Range<usize>>,
}

/// The tables at the top of `text`.
pub(super) fn sections(text: &str) -> Vec<Section<'_>> {
    let mut scan = Scan {
        text,
        place: text.find('{').map_or(text.len(), |place| place + 1),
    };
    let mut sections = Vec::new();
    while let Some(name) = scan.string() {
        scan.skip(b':');
        if scan.peek() == Some(b'{') {
            scan.place += 1;
            let (members, close) = scan.members();
            sections.push(Section {
                name: &text[name],
                members,
                close,
            });
        } else {
            scan.value();
        }
        scan.skip(b',');
    }
    sections
}

struct Scan<'a> {
    text: &'a str,
    place: usize,
}

impl<'a> Scan<'a> {
    /// The next byte that is no space.
    fn peek(&mut self) -> Option<u8> {
        loop {
            let byte = *self.text.as_bytes().get(self.place)?;
            if !byte.is_ascii_whitespace() {
                return Some(byte);
            }
            self.place += 1;
        }
    }

    fn skip(&mut self, wanted: u8) {
        if self.peek() == Some(wanted) {
            self.place += 1;
        }
    }

    /// The inside of a string, if one is next.
    fn string(&mut self) -> Option<Range<usize>> {
        if self.peek()? != b'"' {
            return None;
        }
        let start = self.place + 1;
        let mut at = start;
        loop {
            match self.text.as_bytes().get(at)? {
                b'\\' => at += 2,
                b'"' => break,
                _ => at += 1,
            }
        }
        self.place = at + 1;
        Some(start..at)
    }

    /// Passes over a value of any kind; its inside where it is a string.
    fn value(&mut self) -> Option<Range<usize>> {
        if let Some(inside) = self.string() {
            return Some(inside);
        }
        let mut depth = 0_usize;
        while let Some(byte) = self.peek() {
            match byte {
                b'"' => {
                    self.string()?;
                    continue;
                }
                b'{' | b'[' => depth += 1,
                b'}' | b']' | b',' if depth == 0 => return None,
                b'}' | b']' => depth -= 1,
                _ => {}
            }
            self.place += 1;
        }
        None
    }

    fn members(&mut self) -> (Vec<Member<'a>>, usize) {
        let mut members = Vec::new();
        while let Some(name) = self.string() {
            let start = name.start - 1;
            self.skip(b':');
            let value = self.value();
            let end = self.text[..self.place].trim_end().len();
            members.push(Member {
                name: &self.text[name],
                whole: start..end,
                value,
            });
            self.skip(b',');
        }
        self.peek();
        let close = self.place;
        self.skip(b'}');
        (members, close)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_at_the_top_have_places() {
        let text = r#"{"name": "a\"b", "list": [1, {"x": "}"}], "needs": {"b": "^1", "c": {"d": [2]} , "e": true}, "after": {}}"#;
        let sections = sections(text);
        let shown: Vec<_> = sections[0]
            .members
            .iter()
            .map(|member| {
                let value = member.value.clone().map(|value| &text[value]);
                (member.name, &text[member.whole.clone()], value)
            })
            .collect();
        assert_eq!(
            shown,
            [
                ("b", "\"b\": \"^1\"", Some("^1")),
                ("c", "\"c\": {\"d\": [2]}", None),
                ("e", "\"e\": true", None),
            ]
        );
        assert_eq!(&text[sections[0].close..=sections[0].close], "}");
        assert_eq!((sections[1].name, sections[1].members.len()), ("after", 0));
    }

    #[test]
    fn a_text_that_ends_early_ends_the_scan() {
        for text in [
            "",
            "{",
            "{\"a",
            "{\"a\": {\"b\": \"",
            "{\"a\": {\"b\\",
            "[]",
        ] {
            sections(text);
        }
    }
}
