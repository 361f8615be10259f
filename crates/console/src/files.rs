//! Where the files of the console come from.

use std::borrow::Cow;
use std::path::PathBuf;

use rust_embed::RustEmbed;

use crate::path::is_plain;

/// The build of the console; empty where it was not built.
#[derive(RustEmbed)]
#[folder = "../../web/dist"]
#[allow_missing = true]
struct Embedded;

/// The source of the console's files.
#[derive(Clone, Debug)]
pub enum Files {
    /// Inside the binary.
    Embedded,
    /// A folder that is read at each request.
    Folder(PathBuf),
}

/// One stored file.
#[derive(Debug)]
pub(crate) struct Stored {
    /// Its bytes as stored, so perhaps compressed.
    pub(crate) bytes: Cow<'static, [u8]>,
    /// A fingerprint of the bytes, hex.
    pub(crate) fingerprint: String,
}

impl Files {
    /// The folder that `TRUNKLINE_CONSOLE_DIR` names, or the binary's own files.
    #[must_use]
    pub fn from_environment() -> Self {
        match std::env::var_os("TRUNKLINE_CONSOLE_DIR") {
            Some(folder) if !folder.is_empty() => Self::Folder(folder.into()),
            _ => Self::Embedded,
        }
    }

    /// Finds a file by its name in the build, with its `.br` or `.gz` ending if it has one.
    pub(crate) fn get(&self, name: &str) -> Option<Stored> {
        match self {
            Self::Embedded => Embedded::get(name).map(|file| Stored {
                fingerprint: hex(&file.metadata.sha256_hash()),
                bytes: file.data,
            }),
            Self::Folder(folder) => {
                // The embedded files cannot be left by a path; a folder can.
                if !is_plain(name) {
                    return None;
                }
                let path = folder.join(name);
                let changed = std::fs::metadata(&path).ok()?.modified().ok()?;
                let bytes = std::fs::read(&path).ok()?;
                let age = changed
                    .duration_since(std::time::UNIX_EPOCH)
                    .unwrap_or_default();
                let fingerprint = format!("{:x}-{:x}", age.as_nanos(), bytes.len());
                Some(Stored {
                    bytes: bytes.into(),
                    fingerprint,
                })
            }
        }
    }
}

/// The first half of a hash is plenty to tell two builds apart.
fn hex(hash: &[u8; 32]) -> String {
    hash.iter()
        .take(16)
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
