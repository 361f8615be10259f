//! Folders that a platform before this one left behind.

use std::path::Path;
use std::sync::PoisonError;

use crate::post::remove_beside;
use crate::{RunError, Services, store};

impl Services {
    /// Removes the folders of instances that nothing runs in, and files of releases that nobody needs or that were not brought to their end.
    pub(crate) async fn sweep(&self) -> Result<(), RunError> {
        for id in names(&self.parts.folder.join("instances")).await {
            let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
            let runs = seen.as_ref().is_none_or(|seen| seen.contains_key(&id));
            drop(seen);
            if !runs {
                remove_beside(self.parts.folder.join("instances").join(id));
            }
        }
        for name in names(&self.parts.folder.join("releases")).await {
            if !self.is_needed(&name).await? {
                remove_beside(self.parts.folder.join("releases").join(name));
            }
        }
        Ok(())
    }

    /// Whether the files of the release `name` may be wanted: it is one of the last of a service, or on its line.
    async fn is_needed(&self, name: &str) -> Result<bool, RunError> {
        let Ok(id) = name.parse() else {
            return Ok(false);
        };
        let Some(release) = store::release(&mut *self.reader().await?, id).await? else {
            return Ok(false);
        };
        let Ok(post) = self.post(&release.service) else {
            return Ok(false);
        };
        let wanted = {
            let book = post.book.lock().await;
            let wanted = book.row.line.wanted(&self.sights(&book));
            wanted.modes.contains_key(&id)
        };
        let keep = i64::try_from(self.config.keep_releases).unwrap_or(i64::MAX);
        let newest = store::releases(&mut *self.reader().await?, &release.service, keep).await?;
        Ok(wanted || newest.iter().any(|one| one.id == id))
    }
}

/// The names of what is in a folder; none where there is no folder.
async fn names(folder: &Path) -> Vec<String> {
    let mut names = Vec::new();
    let Ok(mut entries) = tokio::fs::read_dir(folder).await else {
        return names;
    };
    while let Ok(Some(entry)) = entries.next_entry().await {
        names.push(entry.file_name().to_string_lossy().into_owned());
    }
    names
}
