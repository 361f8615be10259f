//! What shows that a question is the platform's.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Read as _, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::Path;

use trunkline_model::{IdGen as _, RandomIds};

/// Where it is. What is held may not read it.
const FILE: &str = "keeper.key";

/// The key in a folder, which is made where there is none.
pub(crate) fn ensure(folder: &Path) -> std::io::Result<String> {
    let path = folder.join(FILE);
    let new = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(&path);
    match new {
        Ok(mut file) => {
            let mut bytes = [0; 32];
            RandomIds.fill_secret(&mut bytes);
            let key: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
            file.write_all(key.as_bytes())?;
            Ok(key)
        }
        Err(error) if error.kind() == ErrorKind::AlreadyExists => read(folder),
        Err(error) => Err(error),
    }
}

/// The key in a folder.
pub(crate) fn read(folder: &Path) -> std::io::Result<String> {
    let mut key = String::new();
    let file = OpenOptions::new().read(true).open(folder.join(FILE))?;
    file.take(1_024).read_to_string(&mut key)?;
    if key.len() != 64 {
        return Err(std::io::Error::other("the key of the keeper is not whole"));
    }
    Ok(key)
}

/// Whether two keys are the same, in a time that says nothing of where they differ.
pub(crate) fn is_same(one: &str, other: &str) -> bool {
    let differ = one.bytes().zip(other.bytes());
    let differ = differ.fold(0, |all, (one, other)| all | (one ^ other));
    one.len() == other.len() && differ == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_made_once() {
        let folder = tempfile::tempdir().unwrap();
        assert!(read(folder.path()).is_err());
        let key = ensure(folder.path()).unwrap();
        assert_eq!(ensure(folder.path()).unwrap(), key);
        assert!(is_same(&key, &read(folder.path()).unwrap()));
        assert!(!is_same(&key, &key[1..]) && !is_same(&key, &"0".repeat(64)));
    }
}
