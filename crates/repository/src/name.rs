//! What repositories and refs may be called.

use crate::RepositoryError;

/// The longest name of a ref, in bytes.
const LONGEST: usize = 256;

/// Whether `name` can be the name of a repository: small letters, digits and `-`, at most 63, beginning with a letter.
#[must_use]
pub fn is_repository_name(name: &str) -> bool {
    let fits =
        |letter: u8| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == b'-';
    name.len() <= 63
        && name.bytes().all(fits)
        && name.starts_with(|first: char| first.is_ascii_lowercase())
        && !name.ends_with('-')
}

/// Nothing where `name` can be the whole name of a ref, such as `refs/heads/trunk`. A name that git would take for an option, or that no
/// file can have, cannot.
///
/// # Errors
/// [`RepositoryError::Name`].
pub fn check_ref_name(name: &str) -> Result<(), RepositoryError> {
    let fits = name.len() <= LONGEST
        && name.starts_with("refs/")
        && gix::validate::reference::name(name.into()).is_ok()
        && name.split('/').all(|part| !part.starts_with('-'));
    if fits {
        Ok(())
    } else {
        Err(RepositoryError::Name(name.chars().take(LONGEST).collect()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_repository_has_a_plain_name() {
        for name in ["shop", "a", "shop-2"] {
            assert!(is_repository_name(name), "{name}");
        }
        for name in ["", "Shop", "-a", "a-", "2a", "a.git", "a/b", "..", "a b"] {
            assert!(!is_repository_name(name), "{name}");
        }
    }

    #[test]
    fn a_ref_is_no_option_and_no_way_out() {
        for name in ["refs/heads/trunk", "refs/for/trunk", "refs/heads/a/b-c"] {
            assert!(check_ref_name(name).is_ok(), "{name}");
        }
        for name in [
            "HEAD",
            "trunk",
            "refs/heads/--upload-pack=x",
            "refs/heads/../../x",
            "refs/heads/a..b",
            "refs/heads/a.lock",
            "refs/heads/a b",
            "refs/heads/",
            "refs/heads/a\u{7}",
        ] {
            assert!(check_ref_name(name).is_err(), "{name}");
        }
        assert!(check_ref_name(&format!("refs/heads/{}", "a".repeat(300))).is_err());
    }
}
