//! Which bytes may stand where (RFC 9110 and RFC 9112).

/// Whether `byte` may stand in a method or a field name.
pub(super) const fn is_token(byte: u8) -> bool {
    TOKEN[byte as usize]
}

/// Whether `byte` may stand in a field value: everything visible, space, tab and the old high half.
pub(super) const fn is_value(byte: u8) -> bool {
    (byte == b'\t') | ((byte >= b' ') & (byte != 0x7f))
}

/// Whether `byte` may stand in a request target: visible ASCII without the characters that no URI has.
pub(super) const fn is_target(byte: u8) -> bool {
    byte > b' ' && byte < 0x7f && !matches!(byte, b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'#')
}

/// Whether `byte` may stand in the authority of a host: names, addresses and a port, and nothing of user information.
pub(super) const fn is_host(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b':' | b'[' | b']')
}

const TOKEN: [bool; 256] = {
    let mut table = [false; 256];
    let mut byte = 0;
    while byte < 256 {
        let letter = byte as u8;
        table[byte] = letter.is_ascii_alphanumeric()
            || matches!(
                letter,
                b'!' | b'#'
                    | b'$'
                    | b'%'
                    | b'&'
                    | b'\''
                    | b'*'
                    | b'+'
                    | b'-'
                    | b'.'
                    | b'^'
                    | b'_'
                    | b'`'
                    | b'|'
                    | b'~'
            );
        byte += 1;
    }
    table
};

/// `text` without the optional white space around it.
pub(super) fn trim(text: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(byte, b' ' | b'\t');
    let start = text
        .iter()
        .position(|byte| !blank(byte))
        .unwrap_or(text.len());
    let end = text
        .iter()
        .rposition(|byte| !blank(byte))
        .map_or(start, |last| last + 1);
    &text[start..end]
}

/// A `Host` value that is a name or an address with an optional port.
pub(super) fn is_authority(host: &[u8]) -> bool {
    if host.is_empty() || host.len() > 255 || !host.iter().copied().all(is_host) {
        return false;
    }
    let (name, port) = match host.iter().rposition(|&byte| byte == b':') {
        Some(at) if host[0] != b'[' || host[at - 1] == b']' => (&host[..at], &host[at + 1..]),
        _ => (host, &b"0"[..]),
    };
    let bracketed = name.len() > 2 && name[0] == b'[' && name[name.len() - 1] == b']';
    let plain = !name.is_empty() && !name.iter().any(|byte| matches!(byte, b':' | b'[' | b']'));
    let port_good = !port.is_empty() && port.len() <= 5 && port.iter().all(u8::is_ascii_digit);
    (bracketed || plain) && port_good
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_names_or_addresses() {
        for good in ["a", "a.example:8080", "[::1]", "[::1]:80", "127.0.0.1:1"] {
            assert!(is_authority(good.as_bytes()), "{good}");
        }
        for bad in [
            "", "a b", "a@b", "a:", "a:x", "a:123456", "a/b", "a,b", "::1", ":80", "a:1:2",
        ] {
            assert!(!is_authority(bad.as_bytes()), "{bad}");
        }
    }

    #[test]
    fn white_space_is_trimmed() {
        assert_eq!(trim(b" \ta b\t "), b"a b");
        assert_eq!(trim(b" \t "), b"");
    }
}
