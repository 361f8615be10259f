//! From the name of a file to what reads it.

use crate::error::{LockError, Wrong};
use crate::lock::{Format, Lock, limits};

use super::{bun, cargo, go, npm, pnpm, poetry, uv, yarn};

/// Reads the lockfile at `path`, whose format its name tells.
///
/// # Errors
/// [`LockError`] where no known tool writes a file of this name or in this version, where it is too large, or where it is malformed.
pub fn read(path: &str, bytes: &[u8]) -> Result<Lock, LockError> {
    read_any(path, bytes).map_err(|wrong| wrong.of(path))
}

fn read_any(path: &str, bytes: &[u8]) -> Result<Lock, Wrong> {
    let Some(format) = Format::of(path) else {
        return Err(Wrong::Unsupported("it is no lockfile that is known".into()));
    };
    if bytes.len() > limits::BYTES {
        return Err(Wrong::TooMany {
            what: "bytes",
            limit: limits::BYTES,
        });
    }
    let text = std::str::from_utf8(bytes).map_err(|_| Wrong::somewhere("it is not UTF-8"))?;
    let text = text.trim_start_matches('\u{feff}');
    match format {
        Format::Cargo => cargo::read(text),
        Format::Npm => npm::read(text),
        Format::Pnpm => pnpm::read(text),
        Format::Yarn => yarn::read(text),
        Format::Bun => bun::read(text),
        Format::Go => go::read(text),
        Format::Uv => uv::read(text),
        Format::Poetry => poetry::read(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_lockfile_is_refused() {
        let wrong = |path: &str, bytes: &[u8]| read(path, bytes).unwrap_err().to_string();
        assert_eq!(
            wrong("a/bun.lockb", b""),
            "a/bun.lockb: it is no lockfile that is known"
        );
        assert_eq!(wrong("Cargo.lock", b"\xff"), "Cargo.lock: it is not UTF-8");
        assert_eq!(
            wrong("go.sum", &vec![b' '; limits::BYTES + 1]),
            "go.sum has more than 33554432 bytes"
        );
    }
}
