//! What a code is, and all of them.

/// A kind of error that a person can see.
#[derive(Debug, PartialEq, Eq)]
pub struct ErrorCode {
    /// The code, such as `TL-LOG-003`.
    pub code: &'static str,
    /// The HTTP status that carries it.
    pub status: u16,
    /// What is wrong, in a few words.
    pub title: &'static str,
    /// What to do about it.
    pub hint: &'static str,
}

/// An error that knows its code.
pub trait Coded: std::error::Error {
    /// The code of this error.
    fn code(&self) -> &'static ErrorCode;
}

/// Every code there is, room by room.
pub fn all() -> impl Iterator<Item = &'static ErrorCode> {
    [
        super::access::CODES,
        super::admission::CODES,
        super::api::CODES,
        super::artifact::CODES,
        super::cli::CODES,
        super::command::CODES,
        super::contract::CODES,
        super::dependency::CODES,
        super::fleet::CODES,
        super::forge::CODES,
        super::gateway::CODES,
        super::ingest::CODES,
        super::issuer::CODES,
        super::lake::CODES,
        super::landing::CODES,
        super::lfs::CODES,
        super::log::CODES,
        super::mirror::CODES,
        super::permit::CODES,
        super::portal::CODES,
        super::project::CODES,
        super::repository::CODES,
        super::run::CODES,
        super::sandbox::CODES,
        super::store::CODES,
        super::task::CODES,
        super::topology::CODES,
        super::web::CODES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// The code whose text is `code`, in whatever case it was typed.
#[must_use]
pub fn find(code: &str) -> Option<&'static ErrorCode> {
    all().find(|entry| entry.code.eq_ignore_ascii_case(code))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_well_formed() {
        let mut seen = BTreeSet::new();
        for entry in super::all() {
            assert!(seen.insert(entry.code), "{} stands twice", entry.code);
            let parts: Vec<_> = entry.code.split('-').collect();
            assert!(
                parts.len() == 3 && parts[0] == "TL" && parts[2].len() == 3,
                "{}",
                entry.code
            );
            assert!((400..600).contains(&entry.status), "{}", entry.code);
            assert!(
                !entry.hint.is_empty() && !entry.title.ends_with('.'),
                "{}",
                entry.code
            );
        }
    }
}
