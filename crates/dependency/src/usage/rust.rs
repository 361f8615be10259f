//! Sources in Rust.

use std::collections::BTreeSet;

use super::word::{Mask, is_identifier, words};

/// What a file of Rust brings in from other crates, with the line, and which names it gives to something of its own.
#[derive(Debug, Default)]
pub(super) struct Imports<'a> {
    pub(super) imported: Vec<(&'a str, usize)>,
    pub(super) own: BTreeSet<&'a str>,
}

/// The imports of `text`, whose comments and strings are hidden by [`masked`].
pub(super) fn imports(text: &str) -> Imports<'_> {
    let mut imports = Imports::default();
    for (number, line) in text.lines().enumerate() {
        let mut names = words(line, is_identifier).map(|(_, word)| word).peekable();
        // `pub(crate) use`
        while names
            .next_if(|word| matches!(*word, "pub" | "crate" | "super" | "in" | "unsafe"))
            .is_some()
        {}
        match (names.next(), names.next()) {
            (Some("extern"), Some("crate")) => {
                imports
                    .imported
                    .extend(names.next().map(|name| (name, number + 1)));
            }
            (Some("use"), Some(name)) if line.contains(&format!("{name}::")) => {
                imports.imported.push((name, number + 1));
            }
            (Some("mod" | "enum" | "struct" | "trait" | "type" | "fn"), Some(name)) => {
                imports.own.insert(name);
            }
            _ => {}
        }
        let mut before = "";
        for (_, word) in words(line, is_identifier) {
            if before == "as" {
                imports.own.insert(word);
            }
            before = word;
        }
    }
    imports
}

/// `text` without its comments and the insides of its strings, line by line as long as before.
pub(super) fn masked(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut mask = Mask::new(text);
    let mut place = 0;
    while let Some(byte) = bytes.get(place).copied() {
        let end = match byte {
            b'/' if bytes.get(place + 1) == Some(&b'/') => find(text, place, "\n"),
            b'/' if bytes.get(place + 1) == Some(&b'*') => end_of_comment(bytes, place),
            b'"' => end_of_string(bytes, place),
            b'r' | b'#' if is_raw(bytes, place) => {
                let hashes = bytes[place + 1..]
                    .iter()
                    .take_while(|byte| **byte == b'#')
                    .count();
                let close = format!("\"{}", "#".repeat(hashes));
                find(text, place + hashes + 2, &close) + close.len()
            }
            b'\'' if bytes.get(place + 1) == Some(&b'\\') => find(text, place + 3, "'") + 1,
            b'\'' if bytes.get(place + 2) == Some(&b'\'') => place + 3,
            _ => {
                place += 1;
                continue;
            }
        };
        mask.hide(place, end);
        place = end.max(place + 1);
    }
    mask.text()
}

/// Whether a raw string begins at `place`: `r"`, `r#"`, and not within a name.
fn is_raw(bytes: &[u8], place: usize) -> bool {
    let before = place.checked_sub(1).and_then(|place| bytes.get(place));
    let starts =
        bytes[place] == b'r' && before.is_none_or(|byte| !is_identifier(*byte) || *byte == b'b');
    let after = bytes[place + 1..].iter().find(|byte| **byte != b'#');
    starts && after == Some(&b'"')
}

/// The place of `wanted` from `place` on, or the end. Both are at whole letters or the text is not split there.
fn find(text: &str, place: usize, wanted: &str) -> usize {
    let bytes = text.as_bytes();
    let rest = bytes.get(place..).unwrap_or_default();
    let mut windows = rest.windows(wanted.len());
    let found = windows.position(|window| window == wanted.as_bytes());
    found.map_or(bytes.len(), |found| place + found)
}

fn end_of_comment(bytes: &[u8], place: usize) -> usize {
    let mut depth = 0_usize;
    let mut at = place;
    while at < bytes.len() {
        match &bytes[at..bytes.len().min(at + 2)] {
            b"/*" => {
                depth += 1;
                at += 2;
            }
            b"*/" => {
                depth -= 1;
                at += 2;
                if depth == 0 {
                    return at;
                }
            }
            _ => at += 1,
        }
    }
    at
}

fn end_of_string(bytes: &[u8], place: usize) -> usize {
    let mut at = place + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_where_code_is() {
        let text = "//! use no::one;\npub(crate) use first::A;\nextern crate second;\nuse ::third::B as other;\nmod fourth;\nlet s = \"\nuse no::two;\";\n/* use no::three /* x */ use no::four; */\nlet r = r#\"\nuse no::five;\"#; let c = '\"'; let l: &'static str = x;\nuse fifth::{a};\nuse lonely;\n";
        let masked = masked(text);
        assert_eq!(masked.lines().count(), text.lines().count());
        let imports = imports(&masked);
        assert_eq!(
            imports.imported,
            [("first", 2), ("second", 3), ("third", 4), ("fifth", 11)]
        );
        assert_eq!(imports.own, BTreeSet::from(["fourth", "other"]));
    }
}
