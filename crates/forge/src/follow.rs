//! A trunk that follows a repository elsewhere, or is followed.

use std::sync::{Arc, PoisonError};

use gix::ObjectId;
use trunkline_repository::{Bare, RefUpdate};
use trunkline_store::outbox;

use crate::event::{MovedRef, MovedRefs};
use crate::forge::{reading, to_the_end};
use crate::{Forge, ForgeError, store};

impl Forge {
    /// Whether there is no repository of this name any more. One that is there and cannot be opened is there.
    #[must_use]
    pub fn is_gone(&self, name: &str) -> bool {
        let unknown = matches!(self.hosted(name), Err(ForgeError::Unknown(_)));
        unknown && !self.path(name).exists()
    }

    /// The git repository, for whoever fetches for it or pushes from it.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is none of this name.
    pub fn bare(&self, name: &str) -> Result<Bare, ForgeError> {
        Ok(self.hosted(name)?.bare.clone())
    }

    /// Says which repository elsewhere the trunk follows, or that it follows none any more.
    ///
    /// # Errors
    /// [`ForgeError`] where there is no such repository, or changes wait in its queue.
    pub async fn set_follows(
        &self,
        name: &str,
        source: Option<String>,
        by: &str,
    ) -> Result<(), ForgeError> {
        let hosted = self.hosted(name)?;
        let _turn = self.turn.lock().await;
        let mut info = hosted.info();
        if info.follows == source {
            return Ok(());
        }
        if source.is_some() && hosted.queue.len() > 0 {
            return Err(ForgeError::Invalid(format!(
                "changes wait in the queue of `{name}`: let them land or give them up first"
            )));
        }
        info.follows = source;
        let event = self.made().repository(&info, false, by)?;
        let mut transaction = self.store.begin().await?;
        store::update_repository(transaction.connection(), &info).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        *hosted.info.write().unwrap_or_else(PoisonError::into_inner) = info;
        Ok(())
    }

    /// Moves the trunk forward to a commit of the repository that it follows, which was fetched. False where it is there already.
    ///
    /// # Errors
    /// [`ForgeError::Invalid`] where the trunk has commits that the other does not.
    pub async fn follow_to(
        self: &Arc<Self>,
        name: &str,
        tip: ObjectId,
        by: &str,
    ) -> Result<bool, ForgeError> {
        let hosted = self.hosted(name)?;
        let old = hosted.bare.trunk_tip()?;
        if old == Some(tip) {
            return Ok(false);
        }
        if let Some(old) = old {
            let bare = hosted.bare.clone();
            if !reading(move || bare.is_ancestor(old, tip)).await? {
                return Err(ForgeError::Invalid(format!(
                    "`{}` has commits that the other side does not: the two went apart",
                    hosted.bare.trunk()
                )));
            }
        }
        let update = RefUpdate {
            name: hosted.bare.trunk_ref(),
            old,
            new: Some(tip),
        };
        let moved = MovedRefs {
            repository: name,
            refs: vec![MovedRef {
                name: update.name.clone(),
                old: old.map(|id| id.to_string()),
                new: Some(tip.to_string()),
            }],
            break_glass: None,
            by,
        };
        let event = self.made().refs(&moved)?;
        let own = Arc::clone(self);
        to_the_end(async move {
            hosted.bare.update(&[update]).await?;
            let mut transaction = own.store.begin().await?;
            outbox::put(&mut transaction, &event).await?;
            transaction.commit().await?;
            hosted.queue.trunk_moved();
            Ok(true)
        })
        .await
    }
}
