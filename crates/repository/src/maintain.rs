//! Keeping a repository quick.

use crate::{Bare, RepositoryError, git};

impl Bare {
    /// Packs what lies single and removes what nobody needs and is older than two weeks, where there is enough of it to be worth it. Run it
    /// one at a time.
    ///
    /// # Errors
    /// [`RepositoryError::Git`] where git fails; nothing is lost then.
    pub async fn maintain(&self) -> Result<(), RepositoryError> {
        let mut command = self.git(["gc.auto=2000", "gc.autoPackLimit=30", "gc.autoDetach=false"]);
        command.args(["gc", "--auto", "--quiet"]);
        git::ask(command, &[], self.limits().time).await?;
        Ok(())
    }
}
