//! Folders that commits are put into.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// The folders of all repositories.
#[derive(Clone, Debug)]
pub(crate) struct Folders {
    root: PathBuf,
    free: Arc<Mutex<Vec<(String, usize)>>>,
    made: Arc<Mutex<Vec<(String, usize)>>>,
}

/// A folder while somebody works in it.
#[derive(Debug)]
pub(crate) struct Folder {
    of: Folders,
    name: (String, usize),
    /// Where the files are.
    pub(crate) root: PathBuf,
    /// What git remembers of them.
    pub(crate) index: PathBuf,
}

impl Folders {
    pub(crate) fn new(root: &Path) -> Self {
        Self {
            root: root.to_owned(),
            free: Arc::default(),
            made: Arc::default(),
        }
    }

    /// A folder of the repository that nobody works in, one that was used before if there is one. There are as many as people work at once.
    pub(crate) fn take(&self, repository: &str) -> Folder {
        let mut free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let known = free.iter().position(|(name, _)| name == repository);
        let name = match known {
            Some(place) => free.remove(place),
            None => {
                let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
                let number = made.iter().filter(|(name, _)| name == repository).count();
                let name = (repository.to_owned(), number);
                made.push(name.clone());
                name
            }
        };
        let folder = self.root.join(&name.0);
        Folder {
            root: folder.join(format!("{}", name.1)),
            index: folder.join(format!("{}.index", name.1)),
            of: self.clone(),
            name,
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let mut free = self.of.free.lock().unwrap_or_else(PoisonError::into_inner);
        free.push(self.name.clone());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_is_used_again_by_one_at_a_time() {
        let folders = Folders::new(Path::new("/w"));
        let (one, two) = (folders.take("shop"), folders.take("shop"));
        assert_eq!(
            (one.root.as_path(), two.root.as_path()),
            (Path::new("/w/shop/0"), Path::new("/w/shop/1"))
        );
        drop(one);
        assert_eq!(folders.take("tools").root, Path::new("/w/tools/0"));
        assert_eq!(folders.take("shop").index, Path::new("/w/shop/0.index"));
        drop(two);
    }
}
