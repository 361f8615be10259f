//! How a request gets from the platform to a launcher: its length in eight bytes, and the text. The pipe stays open behind it, and its end is
//! the end of the platform.

use std::io::{self, Read};

/// The longest request. A pipe that gives more is not from us.
const MOST: u64 = 64 << 20;

/// What is sent for `text`.
pub(crate) fn encode(text: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(text.len() + 8);
    frame.extend((text.len() as u64).to_le_bytes());
    frame.extend(text);
    frame
}

/// The text that comes; nothing where the other side has gone without sending one.
pub(crate) fn read(mut from: impl Read) -> io::Result<Option<Vec<u8>>> {
    let mut length = [0; 8];
    match from.read_exact(&mut length) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => return Ok(None),
        other => other?,
    }
    let length = u64::from_le_bytes(length);
    if length > MOST {
        return Err(io::Error::other(format!("it has more than {MOST} bytes")));
    }
    let mut text = Vec::new();
    let read = from.take(length).read_to_end(&mut text)?;
    Ok((read as u64 == length).then_some(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_there_as_a_whole_or_not_at_all() {
        let frame = encode(b"request");
        let more = [&frame[..], b"more"].concat();
        assert_eq!(read(&more[..]).unwrap().unwrap(), b"request");
        for length in 0..frame.len() {
            assert_eq!(read(&frame[..length]).unwrap(), None, "{length}");
        }
        assert!(read(&[0xff; 16][..]).is_err());
    }
}
