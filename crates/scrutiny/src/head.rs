//! The head of one HTTP/1 request, byte by byte.

use super::Refusal;
use super::bytes::{is_authority, is_target, is_token, is_value, trim};

/// How large a head may be.
#[derive(Clone, Copy, Debug)]
pub struct HeadLimits {
    /// Bytes of the whole head.
    pub head: usize,
    /// Bytes of the request target.
    pub target: usize,
    /// Number of header fields.
    pub fields: usize,
}

impl Default for HeadLimits {
    fn default() -> Self {
        Self {
            head: 64 * 1024,
            target: 8 * 1024,
            fields: 100,
        }
    }
}

/// How the bytes after a head are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    /// So many bytes of body.
    Length(u64),
    /// A chunked body.
    Chunked,
    /// An upgrade is asked for; what follows depends on the answer.
    Upgrade,
}

/// What the fields of a head said so far.
#[derive(Default)]
struct Seen {
    fields: usize,
    hosts: usize,
    length: Option<u64>,
    chunked: bool,
    upgrade: bool,
    content_types: usize,
    authorizations: usize,
}

/// Reads a whole head, the empty line at its end included.
pub(super) fn read_head(head: &[u8], limits: &HeadLimits) -> Result<Framing, Refusal> {
    let mut lines = Lines(head);
    let old = request_line(lines.next_line()?, limits)?;
    let mut seen = Seen::default();
    loop {
        let line = lines.next_line()?;
        if line.is_empty() {
            break;
        }
        seen.fields += 1;
        if seen.fields > limits.fields {
            return Err(Refusal::HeadersTooLarge(
                "there are more header fields than the limit",
            ));
        }
        seen.field(line)?;
    }
    seen.framing(old)
}

/// Lines that end in CRLF.
struct Lines<'a>(&'a [u8]);

impl<'a> Lines<'a> {
    fn next_line(&mut self) -> Result<&'a [u8], Refusal> {
        let Some(end) = memchr::memchr(b'\n', self.0) else {
            return Err(Refusal::Malformed("the head does not end"));
        };
        let line = &self.0[..end];
        self.0 = &self.0[end + 1..];
        match line.split_last() {
            Some((b'\r', line)) => Ok(line),
            _ => Err(Refusal::Malformed("a line ends in a bare line feed")),
        }
    }
}

/// Checks the request line; true for HTTP/1.0.
fn request_line(line: &[u8], limits: &HeadLimits) -> Result<bool, Refusal> {
    let mut parts = line.split(|&byte| byte == b' ');
    let (Some(method), Some(target), Some(version), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(Refusal::Malformed(
            "the request line is not `METHOD target HTTP/1.1`",
        ));
    };
    if method.is_empty() || method.len() > 32 || !method.iter().copied().all(is_token) {
        return Err(Refusal::Malformed("the method is not a token"));
    }
    if method == b"CONNECT" || method == b"TRACE" {
        return Err(Refusal::Malformed("CONNECT and TRACE are not served"));
    }
    if target.len() > limits.target {
        return Err(Refusal::TargetTooLong);
    }
    if target.is_empty() || !target.iter().copied().all(is_target) {
        return Err(Refusal::Malformed(
            "the request target has characters that no URI has",
        ));
    }
    match version {
        b"HTTP/1.1" => Ok(false),
        b"HTTP/1.0" => Ok(true),
        _ => Err(Refusal::Malformed(
            "the version is not HTTP/1.1 or HTTP/1.0",
        )),
    }
}

impl Seen {
    fn field(&mut self, line: &[u8]) -> Result<(), Refusal> {
        if matches!(line[0], b' ' | b'\t') {
            return Err(Refusal::Malformed(
                "a header field is folded over two lines",
            ));
        }
        let Some(colon) = line.iter().position(|&byte| !is_token(byte)) else {
            return Err(Refusal::Malformed("a header field has no colon"));
        };
        let (name, rest) = line.split_at(colon);
        if name.is_empty() || rest[0] != b':' {
            return Err(Refusal::Malformed(
                "a header name is empty or has a character that is not allowed",
            ));
        }
        let value = &rest[1..];
        // Every byte is looked at, without a branch for each, so that the compiler takes many at once: tokens are long.
        if !value.iter().fold(true, |good, &byte| good & is_value(byte)) {
            return Err(Refusal::Malformed("a header value has a control character"));
        }
        // Only names of these lengths mean something to the framing.
        match name.len() {
            4 if name.eq_ignore_ascii_case(b"host") => self.host(trim(value)),
            7 if name.eq_ignore_ascii_case(b"upgrade") => {
                self.upgrade |= trim(value).eq_ignore_ascii_case(b"websocket");
                Ok(())
            }
            12 if name.eq_ignore_ascii_case(b"content-type") => {
                self.content_types += 1;
                once(self.content_types, "there are two Content-Type headers")
            }
            13 if name.eq_ignore_ascii_case(b"authorization") => {
                self.authorizations += 1;
                once(self.authorizations, "there are two Authorization headers")
            }
            14 if name.eq_ignore_ascii_case(b"content-length") => self.length(trim(value)),
            17 if name.eq_ignore_ascii_case(b"transfer-encoding") => self.coding(trim(value)),
            // What a lenient reader behind us could take for one of the two: `Content_Length`, `Transfer_Encoding`.
            14 if name.eq_ignore_ascii_case(b"content_length") => {
                Err(Refusal::Malformed("a header name imitates Content-Length"))
            }
            17 if name.eq_ignore_ascii_case(b"transfer_encoding") => Err(Refusal::Malformed(
                "a header name imitates Transfer-Encoding",
            )),
            _ => Ok(()),
        }
    }

    fn host(&mut self, value: &[u8]) -> Result<(), Refusal> {
        self.hosts += 1;
        if !is_authority(value) {
            return Err(Refusal::Malformed(
                "the Host header is not a host with an optional port",
            ));
        }
        once(self.hosts, "there are two Host headers")
    }

    fn length(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.length.is_some() {
            return Err(Refusal::Malformed("there are two Content-Length headers"));
        }
        if value.is_empty() || value.len() > 18 || !value.iter().all(u8::is_ascii_digit) {
            return Err(Refusal::Malformed(
                "Content-Length is not one decimal number",
            ));
        }
        self.length = Some(
            value
                .iter()
                .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
        );
        Ok(())
    }

    fn coding(&mut self, value: &[u8]) -> Result<(), Refusal> {
        if self.chunked || !value.eq_ignore_ascii_case(b"chunked") {
            return Err(Refusal::Malformed(
                "Transfer-Encoding is not exactly `chunked`",
            ));
        }
        self.chunked = true;
        Ok(())
    }

    fn framing(&self, old: bool) -> Result<Framing, Refusal> {
        if self.hosts == 0 {
            return Err(Refusal::Malformed("there is no Host header"));
        }
        if self.chunked && self.length.is_some() {
            return Err(Refusal::Malformed(
                "there are both Content-Length and Transfer-Encoding",
            ));
        }
        if self.chunked && old {
            return Err(Refusal::Malformed("HTTP/1.0 has no Transfer-Encoding"));
        }
        if self.upgrade {
            if old || self.chunked || self.length.is_some_and(|length| length > 0) {
                return Err(Refusal::Malformed(
                    "a request that upgrades has no body and is HTTP/1.1",
                ));
            }
            return Ok(Framing::Upgrade);
        }
        if self.chunked {
            return Ok(Framing::Chunked);
        }
        Ok(Framing::Length(self.length.unwrap_or(0)))
    }
}

fn once(count: usize, rule: &'static str) -> Result<(), Refusal> {
    if count > 1 {
        Err(Refusal::Malformed(rule))
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(head: &str) -> Result<Framing, Refusal> {
        read_head(head.as_bytes(), &HeadLimits::default())
    }

    #[test]
    fn ordinary_heads_pass() {
        assert_eq!(
            read("GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
            Ok(Framing::Length(0))
        );
        assert_eq!(
            read("POST /x?y=%20 HTTP/1.1\r\nhost: a:80\r\ncontent-length: 12\r\n\r\n"),
            Ok(Framing::Length(12))
        );
        assert_eq!(
            read("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: Chunked\r\n\r\n"),
            Ok(Framing::Chunked)
        );
        assert_eq!(
            read("GET / HTTP/1.0\r\nHost: a\r\nX: \u{e9}\t;\r\n\r\n"),
            Ok(Framing::Length(0))
        );
        assert_eq!(
            read("GET / HTTP/1.1\r\nHost: a\r\nUpgrade: WebSocket\r\n\r\n"),
            Ok(Framing::Upgrade)
        );
    }

    #[test]
    fn every_form_that_two_readers_read_in_two_ways_is_refused() {
        let forms = [
            (
                "content length and coding",
                "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
            ),
            (
                "coding and content length",
                "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
            ),
            ("a list of lengths", "Content-Length: 5, 5\r\n"),
            ("two lengths", "Content-Length: 5\r\nContent-Length: 6\r\n"),
            (
                "the same length twice",
                "Content-Length: 5\r\nContent-Length: 5\r\n",
            ),
            ("a sign", "Content-Length: +5\r\n"),
            ("a negative length", "Content-Length: -5\r\n"),
            ("a hexadecimal length", "Content-Length: 0x5\r\n"),
            ("an empty length", "Content-Length:\r\n"),
            ("an overflow", "Content-Length: 99999999999999999999\r\n"),
            ("an unknown coding", "Transfer-Encoding: xchunked\r\n"),
            ("a list of codings", "Transfer-Encoding: gzip, chunked\r\n"),
            (
                "the coding twice",
                "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
            ),
            ("identity", "Transfer-Encoding: identity\r\n"),
            ("a quoted coding", "Transfer-Encoding: \"chunked\"\r\n"),
            ("a vertical tab", "Transfer-Encoding: \u{b}chunked\r\n"),
            (
                "a space before the colon",
                "Transfer-Encoding : chunked\r\n",
            ),
            ("a fold", "X: 1\r\n Transfer-Encoding: chunked\r\n"),
            ("a tab fold", "X: 1\r\n\tb\r\n"),
            ("a bare line feed", "X: 1\nY: 2\r\n"),
            ("a bare carriage return", "X: 1\rContent-Length: 5\r\n"),
            ("a NUL in a name", "X\0: 1\r\n"),
            ("a NUL in a value", "X: a\0b\r\n"),
            ("no colon", "Transfer-Encoding\r\n"),
            ("an empty name", ": 1\r\n"),
            ("a second host", "Host: b\r\n"),
            (
                "two content types",
                "Content-Type: a/b\r\nContent-Type: c/d\r\n",
            ),
            (
                "two credentials",
                "Authorization: a\r\nAuthorization: b\r\n",
            ),
            ("an imitation", "Content_Length: 5\r\n"),
            (
                "an upgrade with a body",
                "Upgrade: websocket\r\nContent-Length: 5\r\n",
            ),
        ];
        for (name, fields) in forms {
            let head = format!("POST / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
            assert!(matches!(read(&head), Err(Refusal::Malformed(_))), "{name}");
        }
    }

    #[test]
    fn request_lines_are_strict() {
        for line in [
            "GET  / HTTP/1.1",
            "GET / HTTP/1.1 ",
            " GET / HTTP/1.1",
            "GET\t/\tHTTP/1.1",
            "GET / HTTP/2.0",
            "GET / http/1.1",
            "GET /",
            "G@T / HTTP/1.1",
            "GET /a\\b HTTP/1.1",
            "GET /\u{e9} HTTP/1.1",
            "GET /a#b HTTP/1.1",
            "CONNECT a:80 HTTP/1.1",
            "TRACE / HTTP/1.1",
        ] {
            let head = format!("{line}\r\nHost: a\r\n\r\n");
            assert!(matches!(read(&head), Err(Refusal::Malformed(_))), "{line}");
        }
    }

    #[test]
    fn hosts_are_needed_once() {
        assert!(read("GET / HTTP/1.1\r\n\r\n").is_err());
        assert!(read("GET / HTTP/1.0\r\n\r\n").is_err());
        assert!(read("GET / HTTP/1.1\r\nHost: a b\r\n\r\n").is_err());
        assert!(read("POST / HTTP/1.0\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n").is_err());
    }

    #[test]
    fn sizes_have_limits() {
        let fields = "X: 1\r\n".repeat(300);
        let many = format!("GET / HTTP/1.1\r\nHost: a\r\n{fields}\r\n");
        assert!(matches!(read(&many), Err(Refusal::HeadersTooLarge(_))));
        let long = format!("GET /{} HTTP/1.1\r\nHost: a\r\n\r\n", "a".repeat(20_000));
        assert_eq!(read(&long), Err(Refusal::TargetTooLong));
    }
}
