//! Follows the bytes of an HTTP/1 connection from one head to the next.

use super::bytes::{is_token, is_value};
use super::head::{Framing, read_head};
use super::{HeadLimits, Refusal};

/// Where in the stream of requests the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// At the first byte of a head, or inside one that is not complete.
    Head,
    /// Inside a body of known length.
    Body(u64),
    /// Inside a chunked body.
    Chunked(Chunk),
    /// After a head that asks for an upgrade: nothing may pass until its answer is known.
    Waiting,
    /// After an accepted upgrade: the bytes are not HTTP any more.
    Opaque,
}

/// Where in a chunked body the next byte stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Chunk {
    /// In the hexadecimal size; how many digits there were.
    Size { size: u64, digits: u8 },
    /// In an extension, which is passed over; so many bytes of it so far.
    Extension { size: u64, bytes: u16 },
    /// At the line feed after the size.
    SizeEnd { size: u64 },
    /// In the data.
    Data(u64),
    /// At the carriage return after the data.
    DataReturn,
    /// At the line feed after the data.
    DataEnd,
    /// At the first byte of a line of the trailer section; so many bytes of it so far.
    Trailer { bytes: u16 },
    /// In a name of the trailer section.
    TrailerName { bytes: u16 },
    /// In a value of the trailer section.
    TrailerValue { bytes: u16 },
    /// At the line feed of a trailer's line.
    TrailerEnd { bytes: u16 },
    /// At the line feed of the last line.
    End,
}

/// The most bytes of chunk extensions of one chunk and of trailers of one body.
const MOST_EXTENSION: u16 = 256;
const MOST_TRAILER: u16 = 8 * 1024;

/// What is to be done with a piece of bytes.
#[derive(Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The first so many bytes may pass; the rest is to be kept and shown again with what follows.
    Pass(usize),
    /// The bytes before `at` may pass. There a request begins that breaks a rule.
    Refuse { at: usize, why: Refusal },
    /// The body of a request whose head has passed breaks a rule.
    Broken(Refusal),
}

/// Reads the bytes of one connection in the order in which they arrive.
#[derive(Debug)]
pub struct Scanner {
    place: Place,
    limits: HeadLimits,
    /// Bytes of an incomplete head that were searched for its end already.
    searched: usize,
}

impl Scanner {
    /// A scanner at the beginning of a connection.
    #[must_use]
    pub const fn new(limits: HeadLimits) -> Self {
        Self {
            place: Place::Head,
            limits,
            searched: 0,
        }
    }

    /// Whether the next byte belongs to a head.
    pub const fn in_head(&self) -> bool {
        matches!(self.place, Place::Head)
    }

    /// Whether the answer to an upgrade has to be known first.
    pub const fn is_waiting(&self) -> bool {
        matches!(self.place, Place::Waiting)
    }

    /// Whether bytes pass unread.
    pub const fn is_opaque(&self) -> bool {
        matches!(self.place, Place::Opaque)
    }

    /// Tells the answer to the upgrade.
    pub const fn decide(&mut self, upgraded: bool) {
        self.place = if upgraded { Place::Opaque } else { Place::Head };
    }

    /// Reads `bytes`, which begin where the last pass ended.
    pub fn read(&mut self, bytes: &[u8]) -> Verdict {
        let mut at = 0;
        // The head of the request that the bytes at `at` belong to, if it is among these bytes.
        let mut head = None;
        while at < bytes.len() {
            let step = match self.place {
                Place::Opaque => return Verdict::Pass(bytes.len()),
                Place::Waiting => return Verdict::Pass(at),
                Place::Head => {
                    head = Some(at);
                    match self.head(&bytes[at..]) {
                        Ok(Some(length)) => Ok(length),
                        Ok(None) => return Verdict::Pass(at),
                        Err(why) => Err(why),
                    }
                }
                Place::Body(left) => {
                    let taken = left.min((bytes.len() - at) as u64);
                    self.place = if taken == left {
                        Place::Head
                    } else {
                        Place::Body(left - taken)
                    };
                    Ok(taken as usize)
                }
                Place::Chunked(chunk) => self.chunk(chunk, &bytes[at..]),
            };
            match (step, head) {
                (Ok(length), _) => at += length,
                (Err(why), Some(at)) => return Verdict::Refuse { at, why },
                (Err(why), None) => return Verdict::Broken(why),
            }
        }
        Verdict::Pass(bytes.len())
    }

    /// The length of the head that `bytes` begin with; nothing where it is not complete.
    fn head(&mut self, bytes: &[u8]) -> Result<Option<usize>, Refusal> {
        // An empty line before a request line is an old client's habit that RFC 9112 lets pass.
        if bytes.starts_with(b"\r\n") {
            return Ok(Some(2));
        }
        let Some(length) = head_length(bytes, self.searched)? else {
            if bytes.len() > self.limits.head {
                return Err(self.too_large(bytes));
            }
            self.searched = bytes.len();
            return Ok(None);
        };
        self.searched = 0;
        if length > self.limits.head {
            return Err(self.too_large(bytes));
        }
        self.place = match read_head(&bytes[..length], &self.limits)? {
            Framing::Length(0) => Place::Head,
            Framing::Length(length) => Place::Body(length),
            Framing::Chunked => Place::Chunked(Chunk::Size { size: 0, digits: 0 }),
            Framing::Upgrade => Place::Waiting,
        };
        Ok(Some(length))
    }

    fn too_large(&self, bytes: &[u8]) -> Refusal {
        let in_first_line = !bytes[..self.limits.target.min(bytes.len())].contains(&b'\n');
        if in_first_line {
            Refusal::TargetTooLong
        } else {
            Refusal::HeadersTooLarge("the header section is larger than the limit")
        }
    }

    /// Follows a chunked body by at least one byte.
    fn chunk(&mut self, chunk: Chunk, bytes: &[u8]) -> Result<usize, Refusal> {
        if let Chunk::Data(left) = chunk {
            let taken = left.min(bytes.len() as u64);
            let next = if taken == left {
                Chunk::DataReturn
            } else {
                Chunk::Data(left - taken)
            };
            self.place = Place::Chunked(next);
            return Ok(taken as usize);
        }
        if chunk == Chunk::End {
            self.place = Place::Head;
            return if bytes[0] == b'\n' {
                Ok(1)
            } else {
                Err(BAD_CHUNK)
            };
        }
        self.place = Place::Chunked(chunk.after(bytes[0])?);
        Ok(1)
    }
}

const BAD_CHUNK: Refusal = Refusal::Malformed("the chunked body is not well-formed");

impl Chunk {
    /// The place after `byte`.
    fn after(self, byte: u8) -> Result<Self, Refusal> {
        Ok(match (self, byte) {
            (Self::Size { size, digits }, _) if byte.is_ascii_hexdigit() && digits < 15 => {
                let digit = (byte as char).to_digit(16).unwrap_or(0);
                Self::Size {
                    size: size * 16 + u64::from(digit),
                    digits: digits + 1,
                }
            }
            (Self::Size { size, digits: 1.. } | Self::Extension { size, .. }, b'\r') => {
                Self::SizeEnd { size }
            }
            (Self::Size { size, digits: 1.. }, b';') => Self::Extension { size, bytes: 0 },
            (Self::Extension { size, bytes }, _) if is_value(byte) && bytes < MOST_EXTENSION => {
                Self::Extension {
                    size,
                    bytes: bytes + 1,
                }
            }
            (Self::SizeEnd { size: 0 }, b'\n') => Self::Trailer { bytes: 0 },
            (Self::SizeEnd { size }, b'\n') => Self::Data(size),
            (Self::DataReturn, b'\r') => Self::DataEnd,
            (Self::DataEnd, b'\n') => Self::Size { size: 0, digits: 0 },
            (Self::Trailer { .. }, b'\r') => Self::End,
            (Self::Trailer { bytes } | Self::TrailerName { bytes }, _)
                if is_token(byte) && bytes < MOST_TRAILER =>
            {
                Self::TrailerName { bytes: bytes + 1 }
            }
            (Self::TrailerName { bytes }, b':') => Self::TrailerValue { bytes },
            (Self::TrailerValue { bytes }, b'\r') => Self::TrailerEnd { bytes },
            (Self::TrailerValue { bytes }, _) if is_value(byte) && bytes < MOST_TRAILER => {
                Self::TrailerValue { bytes: bytes + 1 }
            }
            (Self::TrailerEnd { bytes }, b'\n') => Self::Trailer { bytes },
            _ => return Err(BAD_CHUNK),
        })
    }
}

/// The length of the head up to its empty line; an error for a line that ends in a bare line feed.
fn head_length(bytes: &[u8], mut from: usize) -> Result<Option<usize>, Refusal> {
    while let Some(feed) = memchr::memchr(b'\n', &bytes[from..]) {
        let at = from + feed;
        if at == 0 || bytes[at - 1] != b'\r' {
            return Err(Refusal::Malformed("a line ends in a bare line feed"));
        }
        if at >= 3 && bytes[at - 2] == b'\n' {
            return Ok(Some(at + 1));
        }
        from = at + 1;
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const GET: &[u8] = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n";

    fn scanner() -> Scanner {
        Scanner::new(HeadLimits::default())
    }

    #[test]
    fn pipelined_requests_are_each_read() {
        let mut stream = GET.to_vec();
        stream.extend_from_slice(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc");
        let evil = stream.len();
        stream.extend_from_slice(b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n");
        assert!(matches!(scanner().read(&stream), Verdict::Refuse { at, .. } if at == evil));
    }

    #[test]
    fn a_head_inside_a_body_is_a_body() {
        let stream =
            b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 20\r\n\r\nGET /evil HTTP/9\n\n\0\0";
        assert_eq!(scanner().read(&stream[..]), Verdict::Pass(stream.len()));
    }

    #[test]
    fn chunked_bodies_end_where_they_say() {
        let head = "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        for good in [
            "0\r\n\r\n",
            "5\r\nhello\r\n0\r\n\r\n",
            "A;x=y\r\n0123456789\r\n0\r\nx-sum: 1\r\n\r\n",
        ] {
            let stream = format!("{head}{good}GET / HTTP/1.1\r\nHost: a\r\nX\r\n\r\n");
            let at = head.len() + good.len();
            assert!(
                matches!(scanner().read(stream.as_bytes()), Verdict::Refuse { at: found, .. } if found == at),
                "{good}"
            );
        }
        for bad in [
            "5\nhello\r\n0\r\n\r\n",
            "5;a\nb\r\nhello\r\n",
            "5\r\nhello0\r\n\r\n",
            "-1\r\n",
            "0x5\r\nhello\r\n",
            " 5\r\nhello\r\n",
            "5 \r\nhello\r\n",
            "\r\n",
            "fffffffffffffffff\r\n",
            "0\r\nx y: 1\r\n\r\n",
            "0\r\n x: 1\r\n\r\n",
            "0\r\nx: 1\n\r\n",
            "5\r\nhello\n0\r\n\r\n",
            "0\r\n\n",
        ] {
            let stream = format!("{head}{bad}");
            assert!(
                matches!(
                    scanner().read(stream.as_bytes()),
                    Verdict::Refuse { at: 0, .. }
                ),
                "{bad:?}"
            );
        }
    }

    #[test]
    fn a_broken_body_after_its_head_is_told_apart() {
        let mut scanner = scanner();
        let head = b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n";
        assert_eq!(scanner.read(head), Verdict::Pass(head.len()));
        assert_eq!(scanner.read(b"5;a\n"), Verdict::Broken(BAD_CHUNK));
    }

    #[test]
    fn an_endless_head_is_refused() {
        let mut stream = b"GET / HTTP/1.1\r\n".to_vec();
        stream.extend_from_slice(&[b'a'; 70 * 1024]);
        assert!(matches!(
            scanner().read(&stream),
            Verdict::Refuse {
                why: Refusal::HeadersTooLarge(_),
                ..
            }
        ));
        assert_eq!(
            scanner().read(&[b'a'; 70 * 1024]),
            Verdict::Refuse {
                at: 0,
                why: Refusal::TargetTooLong
            }
        );
    }

    #[test]
    fn nothing_passes_until_an_upgrade_is_answered() {
        let mut stream = b"GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n".to_vec();
        let head = stream.len();
        stream.extend_from_slice(b"GET /admin HTTP/1.1\r\nHost: a\r\n\r\n");
        let mut scanner = scanner();
        assert_eq!(scanner.read(&stream), Verdict::Pass(head));
        assert!(scanner.is_waiting());
        scanner.decide(true);
        assert_eq!(scanner.read(b"\0\n\r"), Verdict::Pass(3));
    }

    proptest! {
        /// However a stream is cut, the same bytes pass and the same request is refused.
        #[test]
        fn cuts_do_not_matter(cuts in proptest::collection::vec(1_usize..40, 0..40), evil in any::<bool>()) {
            let mut stream = GET.to_vec();
            stream.extend_from_slice(b"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
            let good = stream.len();
            let tail: &[u8] = if evil { b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1, 1\r\n\r\n" } else { GET };
            stream.extend_from_slice(tail);
            let mut scanner = scanner();
            let (mut kept, mut passed, mut refused) = (Vec::new(), 0, false);
            let mut cuts = cuts.into_iter();
            let mut rest = &stream[..];
            while !rest.is_empty() && !refused {
                let length = cuts.next().unwrap_or(rest.len()).min(rest.len());
                kept.extend_from_slice(&rest[..length]);
                rest = &rest[length..];
                match scanner.read(&kept) {
                    Verdict::Pass(count) => { passed += count; kept.drain(..count); }
                    Verdict::Refuse { at, .. } => { passed += at; refused = true; }
                    Verdict::Broken(why) => panic!("{why}"),
                }
            }
            prop_assert_eq!(refused, evil);
            prop_assert_eq!(passed, if evil { good } else { stream.len() });
        }
    }
}
