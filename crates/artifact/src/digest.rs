//! `Content-Digest` and `Repr-Digest`, as RFC 9530 has them.

use aws_lc_rs::digest::{Context, SHA256};
use axum::http::HeaderMap;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::ArtifactError;

/// The header of who sends something.
const CONTENT_DIGEST: &str = "content-digest";

/// Computes the SHA-256 of what comes in pieces.
pub(crate) fn context() -> Context {
    Context::new(&SHA256)
}

/// The SHA-256 that `Content-Digest` says. Other digests in it are not looked at, as the standard allows.
///
/// # Errors
/// [`ArtifactError::Invalid`] where it names SHA-256 but has none.
pub(crate) fn expected(headers: &HeaderMap) -> Result<Option<[u8; 32]>, ArtifactError> {
    let wrong = || {
        let what =
            "`Content-Digest` is like `sha-256=:d435Qo+nKZ+gLcUHn7GQtQ72hiBVAgqoLsZnZPiTGPk=:`";
        ArtifactError::Invalid(what.into())
    };
    let mut found = None;
    for header in headers.get_all(CONTENT_DIGEST) {
        let text = header.to_str().map_err(|_| wrong())?;
        // Base64 has no comma, so it separates the members of the dictionary.
        for member in text.split(',') {
            let Some(value) = member.trim().strip_prefix("sha-256=") else {
                continue;
            };
            let letters = value
                .strip_prefix(':')
                .and_then(|rest| rest.strip_suffix(':'));
            let bytes = STANDARD
                .decode(letters.ok_or_else(wrong)?)
                .map_err(|_| wrong())?;
            // The last of several members of one name counts.
            found = Some(bytes.try_into().map_err(|_| wrong())?);
        }
    }
    Ok(found)
}

/// `Repr-Digest` for content with this SHA-256 in hexadecimal digits.
pub(crate) fn representation(sha256: &str) -> String {
    let digit = |at: usize| {
        sha256
            .get(at..at + 2)
            .and_then(|two| u8::from_str_radix(two, 16).ok())
    };
    let bytes: Vec<u8> = (0..sha256.len()).step_by(2).filter_map(digit).collect();
    format!("sha-256=:{}:", STANDARD.encode(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:";
    const HEX: &str = "44aff4ab2d7c3250525675a08f0cfa9591168cffe51791c5f5bbc417c15a6c38";

    fn read(lines: &[&str]) -> Result<Option<[u8; 32]>, ArtifactError> {
        let mut headers = HeaderMap::new();
        for line in lines {
            headers.append(CONTENT_DIGEST, line.parse().unwrap());
        }
        expected(&headers)
    }

    #[test]
    fn the_example_of_the_standard_is_read_and_written() {
        let digest = read(&[EXAMPLE]).unwrap().unwrap();
        assert_eq!(crate::model::hex(&digest), HEX);
        assert_eq!(representation(HEX), EXAMPLE);
    }

    #[test]
    fn a_dictionary_may_have_other_digests_and_several_lines() {
        for lines in [
            &["sha-512=:YWJj:, sha-256=:RK/0qy18MlBSVnWgjwz6lZEWjP/lF5HF9bvEF8FabDg=:"][..],
            &["sha-512=:YWJj:", EXAMPLE],
        ] {
            assert!(read(lines).unwrap().is_some());
        }
        assert_eq!(read(&[]).unwrap(), None);
        assert_eq!(read(&["sha-512=:YWJj:"]).unwrap(), None);
    }

    #[test]
    fn a_digest_that_is_none_is_refused() {
        for bad in [
            "sha-256=",
            "sha-256=abc",
            "sha-256=:YWJj:",
            "sha-256=:*:",
            "sha-256=:YWJj",
        ] {
            assert!(read(&[bad]).is_err(), "{bad}");
        }
    }
}
