//! Error codes: what a person can look up, quote to a colleague and act upon.
//!
//! Each code has a page `docs/errors/<CODE>.md`, which `trunkline explain <CODE>` prints. A code is never reused.

mod access;
mod api;
mod cli;
mod ingest;
mod lake;
mod log;
mod store;
mod web;

pub use access::*;
pub use api::*;
pub use cli::*;
pub use ingest::*;
pub use lake::*;
pub use log::*;
pub use store::*;
pub use web::*;

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
        access::CODES,
        api::CODES,
        cli::CODES,
        ingest::CODES,
        lake::CODES,
        log::CODES,
        store::CODES,
        web::CODES,
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

/// Declares a room's codes as constants and lists them in `CODES`.
macro_rules! error_codes {
    ($($constant:ident = $code:literal, $status:literal, $title:literal, $hint:literal;)*) => {
        $(
            #[doc = $title]
            pub static $constant: super::ErrorCode =
                super::ErrorCode { code: $code, status: $status, title: $title, hint: $hint };
        )*
        pub(super) static CODES: &[&super::ErrorCode] = &[$(&$constant),*];
    };
}
use error_codes;

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
