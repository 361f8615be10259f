//! Sources in JavaScript, TypeScript and what embeds them.

use super::word::{Mask, is_identifier};

/// What stands before the name of a module.
const BEFORE: &[&str] = &["from", "import"];
/// What is called with the name of a module.
const CALLS: &[&str] = &["require", "import", "resolve", "mock", "importActual"];

/// The package that a module belongs to: `@s/a` of `@s/a/b`; nothing for files and addresses.
pub(super) fn package(module: &str) -> Option<&str> {
    if module.starts_with(['.', '/', '#']) || module.contains(':') || module.is_empty() {
        return None;
    }
    let parts = if module.starts_with('@') { 2 } else { 1 };
    let end = module
        .match_indices('/')
        .nth(parts - 1)
        .map(|(place, _)| place);
    Some(&module[..end.unwrap_or(module.len())])
}

/// The modules that `text` imports, with their lines.
pub(super) fn imports(text: &str) -> Vec<(String, usize)> {
    let code = without_comments(text);
    let bytes = code.as_bytes();
    let mut imports = Vec::new();
    let mut line = 1;
    let mut place = 0;
    while let Some(byte) = bytes.get(place).copied() {
        match byte {
            b'\n' => line += 1,
            b'"' | b'\'' => {
                let end = end_of_string(bytes, place);
                let inside = code.get(place + 1..end.saturating_sub(1));
                if is_module(&code[..place])
                    && let Some(inside) = inside
                {
                    imports.push((inside.to_owned(), line));
                }
                place = end;
                continue;
            }
            b'`' => {
                let end = end_of_template(bytes, place);
                line += bytes[place..end]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count();
                place = end;
                continue;
            }
            _ => {}
        }
        place += 1;
    }
    imports
}

/// Whether what follows `before` names a module.
fn is_module(before: &str) -> bool {
    let before = before.trim_end();
    let ends_with = |word: &&&str| {
        let rest = before.trim_end_matches('(').trim_end();
        let start = rest.strip_suffix(**word);
        start.is_some_and(|start| !start.bytes().next_back().is_some_and(is_identifier))
    };
    if before.ends_with('(') {
        CALLS.iter().any(|word| ends_with(&word))
    } else {
        BEFORE.iter().any(|word| ends_with(&word))
    }
}

fn without_comments(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut mask = Mask::new(text);
    let mut place = 0;
    while let Some(byte) = bytes.get(place).copied() {
        match byte {
            b'"' | b'\'' => place = end_of_string(bytes, place),
            b'`' => place = end_of_template(bytes, place),
            b'/' if bytes.get(place + 1) == Some(&b'/') => {
                let rest = bytes[place..].iter().position(|byte| *byte == b'\n');
                let end = rest.map_or(bytes.len(), |rest| place + rest);
                mask.hide(place, end);
                place = end;
            }
            b'/' if bytes.get(place + 1) == Some(&b'*') => {
                let mut rest = bytes[place + 2..].windows(2);
                let found = rest.position(|window| window == b"*/");
                let end = found.map_or(bytes.len(), |found| place + found + 4);
                mask.hide(place, end);
                place = end;
            }
            _ => place += 1,
        }
    }
    mask.text()
}

/// The place after a string; one that is not closed ends with its line, as the quote of a regular expression does.
fn end_of_string(bytes: &[u8], place: usize) -> usize {
    let quote = bytes[place];
    let mut at = place + 1;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'\\' => at += 2,
            b'\n' => return at,
            byte if byte == quote => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

fn end_of_template(bytes: &[u8], place: usize) -> usize {
    let mut at = place + 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'\\' => at += 2,
            b'`' => return at + 1,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn modules_belong_to_packages() {
        assert_eq!(package("@s/a/b"), Some("@s/a"));
        assert_eq!(package("a/b/c"), Some("a"));
        for module in ["./a", "node:fs", "/a", "", "#a"] {
            assert_eq!(package(module), None, "{module}");
        }
    }

    #[test]
    fn imports_are_found_where_code_is() {
        let text = "// import 'no1'\nimport a, { b } from \"first\";\nimport 'second';\n/* require('no2') */\nconst c = require( 'third' );\nexport * from 'fourth';\nconst d = await import('fifth');\nconst text = `\nimport 'no3'`;\nlet e = /\"/; vi.mock('sixth/x')\nlet f = transform('no4');\nimport {\n  g,\n} from\n  'seventh';\n";
        let found: Vec<_> = imports(text);
        let found: Vec<_> = found
            .iter()
            .map(|(name, line)| (name.as_str(), *line))
            .collect();
        assert_eq!(
            found,
            [
                ("first", 2),
                ("second", 3),
                ("third", 5),
                ("fourth", 6),
                ("fifth", 7),
                ("seventh", 15),
            ]
        );
        for torn in ["'", "`", "\"\\", "/*", "import '"] {
            imports(torn);
        }
    }
}
