//! Paths of members, as seen from the folder of the lock.

/// `relative` as seen from `folder`; nothing where it leads out of the folder of the lock.
pub(super) fn join(folder: &str, relative: &str) -> Option<String> {
    if relative.starts_with('/') || relative.contains('\\') {
        return None;
    }
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

/// The name and the rest of `name@rest`, where a name may begin with the `@` of a scope.
pub(super) fn name_and_rest(text: &str) -> Option<(&str, &str)> {
    let place = text
        .char_indices()
        .skip(1)
        .find(|(_, letter)| *letter == '@')?
        .0;
    Some((&text[..place], &text[place + 1..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_stay_below_the_lock() {
        assert_eq!(join("packages/a", "../b").as_deref(), Some("packages/b"));
        assert_eq!(join("", ".").as_deref(), Some(""));
        assert_eq!(join("a", "../../b"), None);
    }

    #[test]
    fn a_scope_is_a_part_of_a_name() {
        assert_eq!(name_and_rest("@s/a@^1"), Some(("@s/a", "^1")));
        assert_eq!(
            name_and_rest("a@git+ssh://git@e.org/a"),
            Some(("a", "git+ssh://git@e.org/a"))
        );
        assert_eq!(name_and_rest("@s"), None);
    }
}
