//! An artifact, as people and programs see it.

use serde::Serialize;
use trunkline_model::Timestamp;
use utoipa::ToSchema;

use crate::ArtifactError;

/// The most bytes of a name, and of a version.
const LETTERS: usize = 64;
/// The most bytes of a content type.
const TYPE: usize = 128;
/// What content is where nobody says what it is.
const BYTES: &str = "application/octet-stream";

/// One version of the image of a kind of devices. It never changes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Artifact {
    /// What it is for.
    #[schema(example = "pump-firmware")]
    pub name: String,
    /// Which one it is.
    #[schema(example = "1.4.0")]
    pub version: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// The SHA-256 of its content, in lower-case hexadecimal digits.
    pub sha256: String,
    /// The signature over its content in base64: ECDSA on the curve P-256 with SHA-256, as DER.
    pub signature: String,
    /// The key that signed it: the SHA-256 of its public half as DER, in lower-case hexadecimal digits.
    pub key: String,
    /// What its content is, as far as whoever sent it said so.
    pub content_type: String,
    /// When it was uploaded.
    #[schema(value_type = String, format = DateTime)]
    pub created: Timestamp,
    /// Who uploaded it.
    pub by: String,
}

impl Artifact {
    /// Its name and version, such as `pump-firmware@1.4.0`.
    #[must_use]
    pub fn subject(&self) -> String {
        subject(&self.name, &self.version)
    }

    /// Its tag in HTTP, with the quotes. The same tag is the same content, byte for byte.
    pub(crate) fn tag(&self) -> String {
        format!("\"{}\"", self.sha256)
    }
}

/// Artifacts from one to the next in the order of their names and versions.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ArtifactPage {
    /// The artifacts.
    pub artifacts: Vec<Artifact>,
    /// What to ask for as `after` to read on; null at the end.
    #[schema(required = true)]
    pub next: Option<String>,
}

/// An artifact that is about to be uploaded.
#[derive(Clone, Debug)]
pub struct NewArtifact {
    pub(crate) name: String,
    pub(crate) version: String,
    pub(crate) content_type: String,
    /// The SHA-256 that whoever sends it expects.
    pub(crate) expected: Option<[u8; 32]>,
    /// How many bytes will come, where that is known.
    pub(crate) announced: Option<u64>,
}

impl NewArtifact {
    /// One of this name and version.
    ///
    /// # Errors
    /// [`ArtifactError::Invalid`] where a name or a version cannot be like that.
    pub fn new(name: &str, version: &str) -> Result<Self, ArtifactError> {
        if !is_name(name) {
            return invalid(
                "a name has 1 to 64 letters, digits, `_`, `-` and `.`, and begins with a letter or a digit",
            );
        }
        if !is_version(version) {
            return invalid(
                "a version has 1 to 64 letters, digits, `_`, `-`, `.` and `+`, and begins with a letter or a digit",
            );
        }
        Ok(Self {
            name: name.into(),
            version: version.into(),
            content_type: BYTES.into(),
            expected: None,
            announced: None,
        })
    }

    /// The same, whose content is of this type.
    ///
    /// # Errors
    /// [`ArtifactError::Invalid`] where no content type is like that.
    pub fn with_content_type(mut self, content_type: &str) -> Result<Self, ArtifactError> {
        let plain = content_type
            .bytes()
            .all(|byte| (0x20..0x7f).contains(&byte));
        if !plain || !(1..=TYPE).contains(&content_type.len()) {
            return invalid("a content type has 1 to 128 visible letters of ASCII");
        }
        self.content_type = content_type.into();
        Ok(self)
    }
}

fn invalid<T>(what: &str) -> Result<T, ArtifactError> {
    Err(ArtifactError::Invalid(what.into()))
}

/// Under what an artifact is known, in the index and as the subject of events. No name has an `@`.
pub(crate) fn subject(name: &str, version: &str) -> String {
    format!("{name}@{version}")
}

/// Whether `name` can be an artifact's.
pub(crate) fn is_name(name: &str) -> bool {
    is_plain(name, b"_-.")
}

/// Whether `version` can be one: semantic versions are.
pub(crate) fn is_version(version: &str) -> bool {
    is_plain(version, b"_-.+")
}

/// Never empty, and never `.` or `..`, which a path could not hold.
fn is_plain(text: &str, marks: &[u8]) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || marks.contains(&byte);
    text.len() <= LETTERS
        && text
            .bytes()
            .next()
            .is_some_and(|first| first.is_ascii_alphanumeric())
        && text.bytes().all(plain)
}

/// Lower-case hexadecimal digits, two for each byte.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_short_and_plain() {
        for good in ["pump-firmware", "1.4.0", "a", "A_b.c-d", &"a".repeat(64)] {
            assert!(is_name(good) && is_version(good), "{good}");
        }
        assert!(is_version("1.4.0-rc.1+build.7") && !is_name("a+b"));
        for bad in [
            "",
            ".",
            "..",
            "-a",
            "_a",
            "a/b",
            "a@b",
            "a b",
            "a}",
            "\u{e9}",
            &"a".repeat(65),
        ] {
            assert!(!is_name(bad) && !is_version(bad), "{bad}");
        }
    }

    #[test]
    fn a_content_type_is_a_line() {
        let with = |text: &str| NewArtifact::new("a", "1").unwrap().with_content_type(text);
        assert_eq!(
            with("application/zip; x=1").unwrap().content_type,
            "application/zip; x=1"
        );
        for bad in ["", "a\r\nb", "\u{e9}", &"a".repeat(129)] {
            assert!(with(bad).is_err(), "{bad}");
        }
    }
}
