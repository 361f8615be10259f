//! Paths in a repository, and lines in a text.

/// Folders that hold somebody else's code, or what a build left.
const FOREIGN: &[&str] = &["node_modules", "vendor", "target", ".venv", ".git"];

/// The folder that `path` lies in.
pub(crate) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The last name of `path`.
pub(crate) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// What follows the last dot of its name; empty where there is none.
pub(crate) fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, end)| end)
}

/// What is left of `path` below `folder`; nothing where it does not lie there.
pub(crate) fn below<'a>(path: &'a str, folder: &str) -> Option<&'a str> {
    if folder.is_empty() {
        return Some(path);
    }
    let rest = path.strip_prefix(folder)?;
    if rest.is_empty() {
        return Some(rest);
    }
    rest.strip_prefix('/')
}

/// `relative` as seen from `folder`; nothing where it leads out of the repository.
pub(crate) fn join(folder: &str, relative: &str) -> Option<String> {
    let mut names: Vec<&str> = folder.split('/').filter(|name| !name.is_empty()).collect();
    for name in relative.split('/') {
        match name {
            "" | "." => {}
            ".." => {
                names.pop()?;
            }
            name => names.push(name),
        }
    }
    Some(names.join("/"))
}

/// Whether `path` lies in somebody else's code, or in what a build left.
pub(crate) fn is_foreign(path: &str) -> bool {
    folder(path).split('/').any(|name| FOREIGN.contains(&name))
}

/// The line, from 1, of the byte at `place`.
pub(crate) fn line_at(text: &str, place: usize) -> usize {
    let before = text.as_bytes().iter().take(place);
    before.filter(|byte| **byte == b'\n').count() + 1
}

/// A name as all tools of Python compare it (PEP 503): `My.Package` is `my-package`.
pub(crate) fn python_name(name: &str) -> String {
    let mut normal = String::with_capacity(name.len());
    for letter in name.chars() {
        if matches!(letter, '-' | '_' | '.') {
            if !normal.ends_with('-') {
                normal.push('-');
            }
        } else {
            normal.extend(letter.to_lowercase());
        }
    }
    normal
}
