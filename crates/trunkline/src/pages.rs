//! The pages of error codes, as build.rs collects them from `docs/errors`.

include!(concat!(env!("OUT_DIR"), "/pages.rs"));

/// The page of the error code `code`, in Markdown.
#[must_use]
pub fn error_page(code: &str) -> Option<&'static str> {
    PAGES
        .binary_search_by(|(name, _)| (*name).cmp(code))
        .ok()
        .map(|index| PAGES[index].1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_of_this_room_has_its_page() {
        for entry in trunkline_model::code::all().filter(|entry| entry.code.starts_with("TL-CLI-"))
        {
            let page = error_page(entry.code).unwrap_or_default();
            assert!(
                page.starts_with(&format!("# {}: {}\n", entry.code, entry.title)),
                "{}",
                entry.code
            );
        }
        assert_eq!(error_page("TL-NONE-001"), None);
    }
}
