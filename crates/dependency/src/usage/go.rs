//! Sources in Go.

/// The packages that `text` imports, with their lines. Imports come first in a file of Go, so all after them is left alone.
pub(super) fn imports(text: &str) -> Vec<(&str, usize)> {
    let mut imports = Vec::new();
    let mut in_block = false;
    let mut in_comment = false;
    for (number, line) in text.lines().enumerate() {
        let code = line.trim();
        if in_comment {
            in_comment = !code.contains("*/");
            continue;
        }
        if code.starts_with("/*") {
            in_comment = !code.contains("*/");
            continue;
        }
        let rest = if in_block {
            code
        } else if let Some(rest) = code.strip_prefix("import") {
            rest.trim_start()
        } else if ["func ", "type ", "var ", "const "]
            .iter()
            .any(|word| code.starts_with(word))
        {
            break;
        } else {
            continue;
        };
        match rest {
            "(" => in_block = true,
            ")" => in_block = false,
            rest if rest.starts_with("//") => {}
            rest => imports.extend(quoted(rest).map(|name| (name, number + 1))),
        }
    }
    imports
}

fn quoted(text: &str) -> Option<&str> {
    let (_, rest) = text.split_once('"')?;
    rest.split_once('"').map(|(name, _)| name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_come_first() {
        let text = "// Package a.\npackage a\n\nimport \"one\"\n/* import \"no\" */\nimport (\n\t\"e.org/two\"\n\t// \"no\"\n\t_ \"e.org/three/x\" // why\n)\n\nvar a = `import \"no\"`\nimport \"no\"\n";
        assert_eq!(
            imports(text),
            [("one", 4), ("e.org/two", 7), ("e.org/three/x", 9)]
        );
    }
}
