//! Which stored form of a file a client gets.

use std::io::Read as _;

use flate2::read::GzDecoder;

/// A way in which a file is stored and sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Encoding {
    Brotli,
    Gzip,
    Identity,
}

impl Encoding {
    /// The ending of the stored file.
    pub(crate) fn suffix(self) -> &'static str {
        match self {
            Self::Brotli => ".br",
            Self::Gzip => ".gz",
            Self::Identity => "",
        }
    }

    /// The value of `content-encoding`, if one is sent.
    pub(crate) fn header(self) -> Option<&'static str> {
        match self {
            Self::Brotli => Some("br"),
            Self::Gzip => Some("gzip"),
            Self::Identity => None,
        }
    }
}

/// The forms that a client takes, best first. Identity is always last, since nothing but a client that forbids everything
/// (RFC 9110, 12.5.3) could refuse it, and for that client an answer is better than none.
pub(crate) fn accepted(header: Option<&str>) -> Vec<Encoding> {
    let header = header.unwrap_or("");
    let mut forms: Vec<Encoding> = [("br", Encoding::Brotli), ("gzip", Encoding::Gzip)]
        .into_iter()
        .filter(|(name, _)| takes(header, name))
        .map(|(_, form)| form)
        .collect();
    forms.push(Encoding::Identity);
    forms
}

/// Whether the header names the coding, or all by `*`, with a quality above zero.
fn takes(header: &str, name: &str) -> bool {
    let quality_of = |wanted: &str| {
        header.split(',').find_map(|item| {
            let mut parts = item.split(';');
            let coding = parts.next()?.trim();
            coding.eq_ignore_ascii_case(wanted).then(|| {
                parts
                    .find_map(|part| part.trim().strip_prefix("q=").map(str::trim))
                    .and_then(|quality| quality.parse::<f32>().ok())
                    .unwrap_or(1.0)
            })
        })
    };
    quality_of(name)
        .or_else(|| quality_of("*"))
        .is_some_and(|quality| quality > 0.0)
}

/// Unpacks a gzip file for a client that takes neither form.
pub(crate) fn unpack(bytes: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut plain = Vec::with_capacity(bytes.len() * 4);
    GzDecoder::new(bytes).read_to_end(&mut plain)?;
    Ok(plain)
}

#[cfg(test)]
mod tests {
    use super::{Encoding, accepted};

    #[test]
    fn takes_the_smallest_form_that_the_client_knows() {
        assert_eq!(
            accepted(Some("gzip, deflate, br, zstd"))[0],
            Encoding::Brotli
        );
        assert_eq!(accepted(Some("gzip"))[0], Encoding::Gzip);
        assert_eq!(accepted(Some("*"))[0], Encoding::Brotli);
        assert_eq!(accepted(None), [Encoding::Identity]);
    }

    #[test]
    fn a_quality_of_zero_refuses_a_form() {
        assert_eq!(accepted(Some("br;q=0, gzip;q=0.5"))[0], Encoding::Gzip);
        assert_eq!(accepted(Some("*;q=0")), [Encoding::Identity]);
        assert_eq!(accepted(Some("*;q=0.1, br;q=0.0"))[0], Encoding::Gzip);
    }

    #[test]
    fn a_longer_name_is_another_coding() {
        assert_eq!(accepted(Some("brotli, x-gzip")), [Encoding::Identity]);
    }
}
