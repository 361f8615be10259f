//! Files with what is worth remembering between two runs, and can be made anew: written as a whole or not at all, and read only where they are
//! what was written.

use std::path::Path;
use std::time::Duration;

use serde::Serialize;
use serde::de::DeserializeOwned;
use xxhash_rust::xxh3::xxh3_128;

use crate::look::now;

/// Bytes of one that is read.
const MOST: u64 = 256 << 20;
/// How long one is kept that nobody writes again.
const OLD: Duration = Duration::from_secs(30 * 86_400);
/// Bytes of the hash that it begins with.
const HASH: usize = 16;

/// What was written to `file`; nothing where there is none, or something else.
pub(crate) fn read<T: DeserializeOwned>(file: &Path) -> Option<T> {
    read_with(file, |content| serde_json::from_slice(content).ok())
}

/// What `decode` makes of the bytes that were written to `file`.
pub(crate) fn read_with<T>(file: &Path, decode: impl FnOnce(&[u8]) -> Option<T>) -> Option<T> {
    let about = std::fs::metadata(file).ok()?;
    if about.len() > MOST {
        return None;
    }
    let bytes = std::fs::read(file).ok()?;
    let (hash, content) = bytes.split_at_checked(HASH)?;
    if xxh3_128(content).to_le_bytes() == hash {
        decode(content)
    } else {
        None
    }
}

/// Writes `what`. Where that fails the next run has more to do.
pub(crate) fn write(file: &Path, what: &impl Serialize) {
    match serde_json::to_vec(what) {
        Ok(content) => write_bytes(file, &content),
        Err(error) => tracing::debug!(%error, "what is not kept"),
    }
}

/// Writes `content` behind its hash. Where that fails the next run has more to do.
pub(crate) fn write_bytes(file: &Path, content: &[u8]) {
    let part = file.with_extension(format!("part-{}", std::process::id()));
    let bytes = [&xxh3_128(content).to_le_bytes(), content].concat();
    let folder = file.parent().map_or(Ok(()), std::fs::create_dir_all);
    let written = folder
        .and_then(|()| std::fs::write(&part, bytes))
        .and_then(|()| std::fs::rename(&part, file));
    if let Some(folder) = file.parent() {
        forget_old(folder);
    }
    if let Err(error) = written {
        tracing::debug!(%error, file = %file.display(), "something is not remembered");
        let _none = std::fs::remove_file(&part);
    }
}

/// Removes what nobody has written for long: checkouts go, and nobody says so.
fn forget_old(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let written = entry.metadata().and_then(|about| about.modified());
        if written.is_ok_and(|then| now().duration_since(then).is_ok_and(|age| age > OLD)) {
            let _stays = std::fs::remove_file(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_was_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("a/kept");
        assert_eq!(read::<Vec<u32>>(&file), None);
        write(&file, &vec![1, 2]);
        assert_eq!(read::<Vec<u32>>(&file), Some(vec![1, 2]));
        assert_eq!(read::<String>(&file), None);
        let good = std::fs::read(&file).unwrap();
        for end in 0..good.len() {
            std::fs::write(&file, &good[..end]).unwrap();
            assert_eq!(read::<Vec<u32>>(&file), None, "{end}");
        }
        let old = file.with_file_name("old");
        std::fs::write(&old, "").unwrap();
        let then = now() - OLD * 2;
        std::fs::File::options()
            .append(true)
            .open(&old)
            .unwrap()
            .set_modified(then)
            .unwrap();
        write(&file, &1);
        assert!(file.exists() && !old.exists());
        let mut other = good;
        *other.last_mut().unwrap() ^= 1;
        std::fs::write(&file, other).unwrap();
        assert_eq!(read::<Vec<u32>>(&file), None);
    }
}
