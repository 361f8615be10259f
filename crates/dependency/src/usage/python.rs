//! Sources in Python.

/// The modules at the top of what `text` imports, with their lines.
pub(super) fn imports(text: &str) -> Vec<(&str, usize)> {
    let mut imports = Vec::new();
    let mut closing: Option<&str> = None;
    for (number, line) in text.lines().enumerate() {
        if let Some(quote) = closing {
            if line.matches(quote).count() % 2 == 1 {
                closing = None;
            }
            continue;
        }
        for quote in ["\"\"\"", "'''"] {
            if line.matches(quote).count() % 2 == 1 {
                closing = Some(quote);
            }
        }
        let code = line.split('#').next().unwrap_or_default().trim();
        let number = number + 1;
        if let Some(rest) = code.strip_prefix("from ") {
            if rest.contains(" import") {
                imports.extend(top(rest).map(|name| (name, number)));
            }
        } else if let Some(rest) = code.strip_prefix("import ") {
            imports.extend(rest.split(',').filter_map(top).map(|name| (name, number)));
        }
    }
    imports
}

/// `a` of `a.b as c`; nothing where it is relative.
fn top(text: &str) -> Option<&str> {
    let is_part = |letter: char| letter.is_alphanumeric() || letter == '_';
    let text = text.trim_start();
    let end = text.find(|letter| !is_part(letter)).unwrap_or(text.len());
    (end > 0).then(|| &text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn imports_are_found_where_code_is() {
        let text = "\"\"\"\nimport no\n\"\"\"\nimport one.a, two as t  # import no\nfrom three.b import c\nfrom . import no\n# from no import x\ndef f():\n    from four import d\nx = \"\"\"import no\"\"\"\n";
        assert_eq!(
            imports(text),
            [("one", 4), ("two", 4), ("three", 5), ("four", 9)]
        );
    }
}
