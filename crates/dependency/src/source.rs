//! The files of a commit.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::error::DependencyError;

/// The files of one commit, wherever they are kept.
pub trait Sources {
    /// The paths of all files, in order: `/` between names, relative to the root.
    ///
    /// # Errors
    /// [`DependencyError::Sources`] where they cannot be listed.
    fn paths(&self) -> Result<Vec<String>, DependencyError>;

    /// The bytes of the file at `path`; nothing where there is none.
    ///
    /// # Errors
    /// [`DependencyError::Sources`] where it cannot be read.
    fn read(&self, path: &str) -> Result<Option<Cow<'_, [u8]>>, DependencyError>;
}

impl Sources for BTreeMap<String, Vec<u8>> {
    fn paths(&self) -> Result<Vec<String>, DependencyError> {
        Ok(self.keys().cloned().collect())
    }

    fn read(&self, path: &str) -> Result<Option<Cow<'_, [u8]>>, DependencyError> {
        Ok(self.get(path).map(|bytes| Cow::Borrowed(bytes.as_slice())))
    }
}
