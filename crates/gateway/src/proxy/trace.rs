//! W3C trace context: continued where the client began one, begun where it did not.

use http::{HeaderMap, HeaderName, HeaderValue};

const PARENT: HeaderName = HeaderName::from_static("traceparent");
const STATE: HeaderName = HeaderName::from_static("tracestate");

/// The trace of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trace {
    /// `00-<32 digits>-<16 digits>-01`.
    text: [u8; 55],
}

impl Trace {
    /// Continues the trace of `headers`, or begins one; `chance` are three random numbers. The headers name the new span after that.
    pub(crate) fn join(headers: &mut HeaderMap, chance: [u64; 3]) -> Self {
        let mut text = *b"00-00000000000000000000000000000000-0000000000000000-01";
        let mut parents = headers.get_all(PARENT).iter();
        match (parents.next(), parents.next()) {
            (Some(parent), None) if is_parent(parent.as_bytes()) => {
                text.copy_from_slice(&parent.as_bytes()[..55]);
            }
            _ => {
                headers.remove(STATE);
                hex(&mut text[3..19], chance[0] | 1);
                hex(&mut text[19..35], chance[1]);
            }
        }
        hex(&mut text[36..52], chance[2] | 1);
        if let Ok(value) = HeaderValue::from_bytes(&text) {
            headers.insert(PARENT, value);
        }
        Self { text }
    }

    /// The trace's id.
    pub(crate) fn trace_id(&self) -> &str {
        std::str::from_utf8(&self.text[3..35]).unwrap_or_default()
    }

    /// The gateway's own span.
    pub(crate) fn span_id(&self) -> &str {
        std::str::from_utf8(&self.text[36..52]).unwrap_or_default()
    }
}

fn is_parent(text: &[u8]) -> bool {
    let digits = |part: &[u8]| {
        part.iter()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    text.len() == 55
        && text.starts_with(b"00-")
        && text[35] == b'-'
        && text[52] == b'-'
        && digits(&text[3..35])
        && digits(&text[36..52])
        && digits(&text[53..])
        && text[3..35].iter().any(|&byte| byte != b'0')
        && text[36..52].iter().any(|&byte| byte != b'0')
}

fn hex(out: &mut [u8], number: u64) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    for (place, byte) in out.iter_mut().enumerate() {
        *byte = DIGITS[(number >> (60 - 4 * place)) as usize & 15];
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_is_continued_with_a_new_span() {
        let mut headers = HeaderMap::new();
        headers.insert(
            PARENT,
            HeaderValue::from_static("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00"),
        );
        headers.insert(STATE, HeaderValue::from_static("a=b"));
        let trace = Trace::join(&mut headers, [1, 2, 0xabc]);
        assert_eq!(trace.trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
        assert_eq!(
            headers[PARENT],
            "00-4bf92f3577b34da6a3ce929d0e0e4736-0000000000000abd-00"
        );
        assert!(headers.contains_key(STATE));
    }

    #[test]
    fn a_broken_trace_is_begun_anew() {
        for bad in [
            "",
            "00-0-0-0",
            "00-00000000000000000000000000000000-00f067aa0ba902b7-00",
            "ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00",
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(PARENT, HeaderValue::from_static(bad));
            headers.insert(STATE, HeaderValue::from_static("a=b"));
            let trace = Trace::join(&mut headers, [2, 5, 9]);
            assert_eq!(trace.trace_id(), "00000000000000030000000000000005");
            assert_eq!(trace.span_id(), "0000000000000009");
            assert!(!headers.contains_key(STATE));
        }
    }
}
