//! Names and email addresses.

use crate::ProofError;

/// The longest name in characters.
const MAX_NAME: usize = 64;

/// The longest email address in bytes, as RFC 5321 allows it.
const MAX_EMAIL: usize = 254;

/// Nothing where a thing or person may have this name.
pub fn check_name(name: &str) -> Result<(), ProofError> {
    let allowed = |letter: char| letter.is_alphanumeric() || " ._-".contains(letter);
    let length = name.chars().count();
    if name.trim() != name || !(1..=MAX_NAME).contains(&length) || !name.chars().all(allowed) {
        return Err(ProofError::NameInvalid);
    }
    Ok(())
}

/// The email address `text` in the form in which two are compared: without capitals.
///
/// What stands before the `@` may in theory differ by its capitals alone; no provider of today does that, and two accounts that look
/// the same would help nobody but a thief.
pub fn fold_email(text: &str) -> Result<String, ProofError> {
    let folded = text.trim().to_lowercase();
    let fits = folded.len() <= MAX_EMAIL && folded.split_once('@').is_some_and(is_email);
    if fits {
        Ok(folded)
    } else {
        Err(ProofError::EmailInvalid)
    }
}

fn is_email((local, domain): (&str, &str)) -> bool {
    let plain = |letter: char| {
        !letter.is_control() && !letter.is_whitespace() && !"<>(),;:\\\"[]".contains(letter)
    };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label
                .chars()
                .all(|letter| letter.is_alphanumeric() || letter == '-')
    };
    !local.is_empty()
        && local.chars().all(plain)
        && !domain.is_empty()
        && domain.split('.').all(label)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn capitals_do_not_make_another_address() {
        assert_eq!(fold_email(" Ada@Example.COM ").unwrap(), "ada@example.com");
        assert_eq!(fold_email("ada+ci@localhost").unwrap(), "ada+ci@localhost");
    }

    #[test]
    fn what_is_no_address_is_refused() {
        let long = format!("{}@example.com", "x".repeat(250));
        for text in [
            "",
            "ada",
            "@example.com",
            "ada@",
            "a@b@c",
            "a b@c.d",
            "a@b..c",
            "a@-b.c",
            "a\n@b.c",
            "a@b.c\r\nBcc: x@y.z",
            "<a@b.c>",
            "a,b@c.d",
            &long,
        ] {
            assert!(fold_email(text).is_err(), "{text}");
        }
    }
}
