//! The lengths of the functions of a TypeScript or Svelte file.
//!
//! Prettier formats these files (`npm run check` says so), therefore a block ends at the first line with the indentation of the line
//! that opened it, and no parser is needed.

use std::sync::LazyLock;

use regex::Regex;

use super::function::Length;

/// A line that opens the block of a function, a method or an arrow function, and the name if there is one.
static OPENING: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let function = r"(?:export )?(?:default )?(?:async )?function\*? ?(?P<a>\w+)?.*\{$";
    let arrow = r"(?:export )?(?:const|let) (?P<b>\w+)\b.*=> \{$";
    let method = r"(?:(?:static|async|private|public|protected|readonly|get|set) )*(?P<c>\w+)\([^;]*\)(?:: .+)? \{$";
    Regex::new(&format!("^(?:{function}|{arrow}|{method})")).ok()
});

/// Words that open a block which is no function.
const STATEMENTS: &[&str] = &["if", "for", "while", "switch", "catch", "with"];

/// The lengths of all functions in `text`.
pub(super) fn lengths(text: &str) -> Vec<Length> {
    let lines: Vec<&str> = text.lines().collect();
    let Some(opening) = OPENING.as_ref() else {
        return Vec::new();
    };
    let mut found = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let bare = line.trim_start();
        let Some(name) = name(opening, bare) else {
            continue;
        };
        let indent = line.len() - bare.len();
        let end = lines[index + 1..].iter().position(|later| {
            later.starts_with(&line[..indent]) && later[indent..].starts_with('}')
        });
        if let Some(end) = end {
            found.push(Length {
                name,
                line: index + 1,
                lines: end + 2,
            });
        }
    }
    found
}

/// The name of the function that the line opens, if it opens one.
fn name(opening: &Regex, line: &str) -> Option<String> {
    let captures = opening.captures(line)?;
    let name = ["a", "b", "c"]
        .iter()
        .find_map(|group| captures.name(group))
        .map_or("function", |found| found.as_str());
    (!STATEMENTS.contains(&name)).then(|| name.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_methods_and_arrows_are_measured() {
        let text = "export function one() {\n  if (a) {\n    b();\n  }\n}\n\nclass A {\n  async two(a: string): Promise<void> {\n    a();\n  }\n}\n\nconst three = (a) => {\n};\n";
        let found: Vec<_> = lengths(text)
            .into_iter()
            .map(|one| (one.name, one.line, one.lines))
            .collect();
        let expected = [("one", 1, 5), ("two", 8, 3), ("three", 13, 2)];
        assert_eq!(
            found,
            expected.map(|(name, line, lines)| (name.to_string(), line, lines))
        );
    }
}
