//! Names in calls of `ByteStream`: `blobs/HASH/BYTES`, and `uploads/ID/blobs/HASH/BYTES`.

use crate::ReapiError;
use crate::digest::{Digest, require_no_instance};

/// Letters of the id of an upload.
const ID: usize = 128;

/// The content that is read.
pub(crate) fn read(name: &str) -> Result<Digest, ReapiError> {
    let parts = after(name, &["blobs", "compressed-blobs"])?;
    match parts.as_slice() {
        ["blobs", hash, bytes] => digest(hash, bytes),
        _ => Err(unknown(&parts, "blobs/HASH/BYTES")),
    }
}

/// An upload and the content that it brings. What a client says behind the bytes is its own affair.
pub(crate) fn write(name: &str) -> Result<(String, Digest), ReapiError> {
    let parts = after(name, &["uploads"])?;
    match parts.as_slice() {
        ["uploads", id, "blobs", hash, bytes, ..] if !id.is_empty() && id.len() <= ID => {
            Ok(((*id).to_owned(), digest(hash, bytes)?))
        }
        _ => Err(unknown(&parts, "uploads/ID/blobs/HASH/BYTES")),
    }
}

/// The parts of a name from the word with which it begins behind the name of an instance, which must not be there.
fn after<'a>(name: &'a str, words: &[&str]) -> Result<Vec<&'a str>, ReapiError> {
    let parts: Vec<&str> = name.split('/').collect();
    match parts.iter().position(|part| words.contains(part)) {
        Some(at) if at > 0 => require_no_instance(&parts[..at].join("/")).map(|()| parts),
        _ => Ok(parts),
    }
}

fn digest(hash: &str, bytes: &str) -> Result<Digest, ReapiError> {
    Digest::new(hash, bytes.parse().unwrap_or(-1))
}

fn unknown(parts: &[&str], form: &str) -> ReapiError {
    if parts.contains(&"compressed-blobs") {
        return ReapiError::Argument(
            "contents come and go as they are: start Bazel without `--remote_cache_compression`"
                .to_owned(),
        );
    }
    ReapiError::Argument(format!("the name has the form `{form}`"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_and_others_are_refused_with_a_reason() {
        let hash = "a".repeat(64);
        let content = Digest::new(&hash, 7).unwrap();
        assert_eq!(read(&format!("blobs/{hash}/7")).unwrap(), content);
        for rest in ["", "/", "/made/by/me"] {
            let name = format!("uploads/1/blobs/{hash}/7{rest}");
            assert_eq!(write(&name).unwrap(), ("1".to_owned(), content.clone()));
        }
        for (name, reason) in [
            (format!("main/blobs/{hash}/7"), "without instances"),
            (format!("/blobs/{hash}/7"), "the form"),
            (format!("blobs/{hash}"), "the form"),
            (format!("blobs/{hash}/7/8"), "the form"),
            (format!("blobs/{hash}/x"), "a digest is"),
            (format!("compressed-blobs/zstd/{hash}/7"), "as they are"),
        ] {
            let refused = read(&name).unwrap_err().to_string();
            assert!(refused.contains(reason), "{name}: {refused}");
        }
        for (name, reason) in [
            (format!("a/b/uploads/1/blobs/{hash}/7"), "without instances"),
            (format!("uploads//blobs/{hash}/7"), "the form"),
            (
                format!("uploads/1/compressed-blobs/zstd/{hash}/7"),
                "as they are",
            ),
        ] {
            let refused = write(&name).unwrap_err().to_string();
            assert!(refused.contains(reason), "{name}: {refused}");
        }
    }
}
