//! A file of lines in pieces that one request can take.

use std::io::{self, BufRead};

/// Lines of one request.
pub const LINES: usize = 1_000;
/// Bytes of one request, unless a single line is longer.
const BYTES: usize = 4 << 20;

/// Some lines that follow one another.
#[derive(Debug, PartialEq, Eq)]
pub struct Chunk {
    /// The number of the first line, from 1, blank ones counted.
    pub first: u64,
    /// How many of them are not blank.
    pub events: u64,
    /// The lines with their ends.
    pub bytes: Vec<u8>,
}

/// Reads chunk after chunk.
#[derive(Debug)]
pub struct Chunks<R> {
    reader: R,
    line: u64,
}

impl<R: BufRead> Chunks<R> {
    /// Chunks of what `reader` gives.
    pub fn new(reader: R) -> Self {
        Self { reader, line: 0 }
    }

    /// The next chunk; none at the end. The same file gives the same chunks each time, which its ids rely on.
    ///
    /// # Errors
    /// Those of the reader.
    #[expect(
        clippy::should_implement_trait,
        reason = "it can fail, and is asked until it gives nothing"
    )]
    pub fn next(&mut self) -> io::Result<Option<Chunk>> {
        let mut chunk = Chunk {
            first: self.line + 1,
            events: 0,
            bytes: Vec::new(),
        };
        let mut lines = 0;
        while lines < LINES && chunk.bytes.len() < BYTES {
            let from = chunk.bytes.len();
            if self.reader.read_until(b'\n', &mut chunk.bytes)? == 0 {
                break;
            }
            lines += 1;
            chunk.events += u64::from(!chunk.bytes[from..].trim_ascii().is_empty());
        }
        self.line += lines as u64;
        Ok((lines > 0).then_some(chunk))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_is_in_one_chunk_and_blank_ones_do_not_count() {
        let text = "{\"a\":1}\n\n".repeat(800);
        let mut chunks = Chunks::new(text.as_bytes());
        let first = chunks.next().unwrap().unwrap();
        let second = chunks.next().unwrap().unwrap();
        assert_eq!((first.first, first.events), (1, 500));
        assert_eq!((second.first, second.events), (1_001, 300));
        assert_eq!([first.bytes, second.bytes].concat(), text.as_bytes());
        assert_eq!(chunks.next().unwrap(), None);
    }

    #[test]
    fn long_lines_make_short_chunks() {
        let text = format!("{}\n", "x".repeat(3 << 20)).repeat(3);
        let mut chunks = Chunks::new(text.as_bytes());
        assert_eq!(chunks.next().unwrap().unwrap().events, 2);
        assert_eq!(chunks.next().unwrap().unwrap().first, 3);
    }
}
