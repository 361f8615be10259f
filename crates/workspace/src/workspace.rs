//! The folder, watched for changes.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use crate::Kind;
use crate::notice::Notice;

/// How often the folder is looked at where the kernel does not tell of a change. The names, sizes and times of a few dozen files cost a
/// few microseconds.
const EVERY: Duration = Duration::from_millis(250);

/// The watched workspace.
#[derive(Debug)]
pub struct Workspace {
    folder: PathBuf,
    kinds: Vec<Kind>,
}

impl Workspace {
    /// The workspace in `folder`, which need not be there. All files are handed over once before this returns.
    #[must_use]
    pub fn open(folder: PathBuf, mut kinds: Vec<Kind>) -> Self {
        for kind in &mut kinds {
            kind.look(&folder, true);
        }
        Self { folder, kinds }
    }

    /// Hands changed files over until `stop`.
    pub async fn watch(self, stop: CancellationToken) {
        let notice = Notice::new();
        notice.watch(&self.folders());
        let workspace = Arc::new(std::sync::Mutex::new(self));
        loop {
            tokio::select! {
                () = notice.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
            let workspace = Arc::clone(&workspace);
            let looked = tokio::task::spawn_blocking(move || {
                let mut workspace = workspace
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let Workspace { folder, kinds } = &mut *workspace;
                for kind in kinds {
                    kind.look(folder, false);
                }
                workspace.folders()
            });
            match looked.await {
                Ok(folders) => notice.watch(&folders),
                Err(_) => tracing::error!("the workspace could not be looked at"),
            }
        }
    }

    /// The folders in which a change matters.
    fn folders(&self) -> Vec<PathBuf> {
        let own = std::iter::once(&self.folder);
        let below = self.kinds.iter().flat_map(|kind| &kind.folders);
        own.chain(below).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_change_hands_all_files_over_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let seen: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let into = Arc::clone(&seen);
        let kind = Kind::new(
            "policies",
            &[".cedar"],
            Box::new(move |files| {
                let names = files
                    .into_iter()
                    .map(|file| format!("{}={}", file.name, file.text));
                into.lock().unwrap().push(names.collect());
            }),
        );
        let mut workspace = Workspace::open(folder.path().into(), vec![kind]);
        let look = |workspace: &mut Workspace| {
            let Workspace { folder, kinds } = workspace;
            kinds[0].look(folder, false);
        };
        look(&mut workspace);
        std::fs::create_dir_all(folder.path().join("policies/teams")).unwrap();
        std::fs::write(folder.path().join("policies/a.cedar"), "one").unwrap();
        std::fs::write(folder.path().join("policies/teams/b.cedar"), "two").unwrap();
        std::fs::write(folder.path().join("policies/.hidden.cedar"), "no").unwrap();
        std::fs::write(folder.path().join("policies/readme.md"), "no").unwrap();
        look(&mut workspace);
        look(&mut workspace);
        std::fs::remove_file(folder.path().join("policies/a.cedar")).unwrap();
        look(&mut workspace);
        assert_eq!(
            *seen.lock().unwrap(),
            [
                vec![],
                vec![
                    "policies/a.cedar=one".to_owned(),
                    "policies/teams/b.cedar=two".to_owned()
                ],
                vec!["policies/teams/b.cedar=two".to_owned()],
            ]
        );
        // What cannot be read is as it was, and what never could be is no rule at all.
        std::fs::write(folder.path().join("policies/teams/b.cedar"), [0xff]).unwrap();
        std::fs::write(folder.path().join("policies/c.cedar"), [0xff]).unwrap();
        look(&mut workspace);
        let last = seen.lock().unwrap().last().cloned().unwrap();
        assert_eq!(last[1], "policies/teams/b.cedar=two");
        assert!(
            last[0].starts_with("policies/c.cedar=this file is no"),
            "{last:?}"
        );
    }
}
