//! What the locks of uv and Poetry have in common.

/// A name as all tools compare it (PEP 503): `My.Package` is `my-package`.
pub(super) fn normal(name: &str) -> String {
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

/// One checksum of a package that has many files, in whatever order they are listed.
pub(super) fn checksum<'a>(hashes: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut hashes: Vec<&str> = hashes.into_iter().collect();
    hashes.sort_unstable();
    hashes.dedup();
    match hashes.as_slice() {
        [] => None,
        [one] => Some((*one).to_owned()),
        several => {
            let hash = blake3::hash(several.join("\n").as_bytes());
            Some(format!("blake3:{}", hash.to_hex()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_order_of_files_does_not_count() {
        assert_eq!(checksum(["a", "b"]), checksum(["b", "a", "b"]));
        assert_ne!(checksum(["a", "b"]), checksum(["ab"]));
        assert_eq!(checksum([]), None);
        assert_eq!(normal("My._Package"), "my-package");
    }
}
