//! Names of things and of their shadows.

/// The most bytes of a thing's name.
const THING: usize = 128;
/// The most bytes of a shadow's name.
const SHADOW: usize = 64;

/// Whether `name` can be a thing's: 1 to 128 letters, digits, `:`, `_` and `-`.
#[must_use]
pub fn is_thing_name(name: &str) -> bool {
    (1..=THING).contains(&name.len()) && name.bytes().all(is_plain)
}

/// Whether `name` can be a shadow's: 1 to 64 letters, digits, `:`, `_`, `-` and `$`.
#[must_use]
pub fn is_shadow_name(name: &str) -> bool {
    (1..=SHADOW).contains(&name.len()) && name.bytes().all(|byte| byte == b'$' || is_plain(byte))
}

const fn is_plain(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b':' | b'_' | b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_short_and_plain() {
        assert!(is_thing_name("pump-7") && is_thing_name("a:b_C"));
        assert!(is_shadow_name("$net:1") && !is_thing_name("$net"));
        for bad in ["", "a/b", "a+", "#", "\u{e9}", &"a".repeat(129)] {
            assert!(!is_thing_name(bad) && !is_shadow_name(bad), "{bad}");
        }
        assert!(!is_shadow_name(&"a".repeat(65)) && is_thing_name(&"a".repeat(128)));
    }
}
