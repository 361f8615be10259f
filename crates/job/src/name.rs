//! What ids and texts may look like.

/// The most bytes of a job's id.
const JOB: usize = 64;
/// The most bytes of a thing's name.
const THING: usize = 128;

/// Whether `id` can be a job's: 1 to 64 letters, digits, `_` and `-`.
#[must_use]
pub fn is_job_id(id: &str) -> bool {
    (1..=JOB).contains(&id.len()) && id.bytes().all(is_plain)
}

/// Whether `name` can be a thing's: 1 to 128 letters, digits, `:`, `_` and `-`.
pub(crate) fn is_thing_name(name: &str) -> bool {
    (1..=THING).contains(&name.len()) && name.bytes().all(|byte| byte == b':' || is_plain(byte))
}

pub(crate) const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-')
}

/// Whether `text` has nothing in it that cannot be seen: no control character, no mark that turns the direction of writing, and
/// nothing that Unicode gives to private use or to nobody.
pub(crate) fn is_visible(text: &str) -> bool {
    !text.chars().any(is_other)
}

/// The category `C` of Unicode, other than what may yet be assigned.
fn is_other(character: char) -> bool {
    character.is_control()
        || matches!(
            character,
            '\u{ad}'
                | '\u{600}'..='\u{605}'
                | '\u{61c}'
                | '\u{6dd}'
                | '\u{70f}'
                | '\u{890}'..='\u{891}'
                | '\u{8e2}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{202a}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{e000}'..='\u{f8ff}'
                | '\u{fdd0}'..='\u{fdef}'
                | '\u{feff}'
                | '\u{fff0}'..='\u{fffb}'
                | '\u{110bd}'
                | '\u{110cd}'
                | '\u{13430}'..='\u{1343f}'
                | '\u{1bca0}'..='\u{1bca3}'
                | '\u{1d173}'..='\u{1d17a}'
                | '\u{e0000}'..='\u{e0fff}'
                | '\u{f0000}'..='\u{10ffff}'
        )
        || u32::from(character) & 0xfffe == 0xfffe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_short_and_plain() {
        assert!(is_job_id("ota_1-2") && is_job_id(&"a".repeat(64)));
        for bad in ["", "$next", "a:b", "a.b", "a/b", "+", "\u{e9}"] {
            assert!(!is_job_id(bad), "{bad}");
        }
        assert!(!is_job_id(&"a".repeat(65)));
        assert!(is_thing_name("pump:7_b-c") && is_thing_name(&"a".repeat(128)));
        for bad in ["", "$next", "a.b", "a/b", "+"] {
            assert!(!is_thing_name(bad), "{bad}");
        }
        assert!(!is_thing_name(&"a".repeat(129)));
    }

    #[test]
    fn what_cannot_be_seen_is_found() {
        for good in ["50%", "Gr\u{fc}\u{df}e, \u{65e5}\u{672c}", "\u{1f680}", ""] {
            assert!(is_visible(good), "{good}");
        }
        for bad in [
            "a\nb",
            "\u{7f}",
            "\u{202e}x",
            "\u{feff}",
            "\u{e000}",
            "\u{ffff}",
            "\u{10fffe}",
        ] {
            assert!(!is_visible(bad), "{bad:?}");
        }
    }
}
