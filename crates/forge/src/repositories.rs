//! Making, changing and removing repositories.

use std::sync::{Arc, PoisonError};

use trunkline_repository::{Bare, is_repository_name};
use trunkline_store::outbox;

use crate::forge::to_the_end;
use crate::{Forge, ForgeError, NewRepository, RepositoryInfo, store};

/// Bytes of a description.
const DESCRIPTION: usize = 500;

impl Forge {
    /// All repositories, in the order of their names.
    #[must_use]
    pub fn repositories(&self) -> Vec<RepositoryInfo> {
        let all = self
            .repositories
            .read()
            .unwrap_or_else(PoisonError::into_inner);
        all.values().map(|hosted| hosted.info()).collect()
    }

    /// One repository.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is none of this name.
    pub fn repository(&self, name: &str) -> Result<RepositoryInfo, ForgeError> {
        Ok(self.hosted(name)?.info())
    }

    /// Makes an empty repository.
    ///
    /// # Errors
    /// [`ForgeError`] where there is one of this name, its name or trunk is none, or there are too many.
    pub async fn create_repository(
        self: &Arc<Self>,
        wanted: NewRepository,
        by: &str,
    ) -> Result<RepositoryInfo, ForgeError> {
        self.require_git()?;
        if !is_repository_name(&wanted.name) {
            return Err(ForgeError::Repository(
                trunkline_repository::RepositoryError::Name(wanted.name),
            ));
        }
        check_description(&wanted.description)?;
        let (own, by) = (Arc::clone(self), by.to_owned());
        to_the_end(async move { own.create(wanted, by).await }).await
    }

    async fn create(
        self: &Arc<Self>,
        wanted: NewRepository,
        by: String,
    ) -> Result<RepositoryInfo, ForgeError> {
        let _turn = self.turn.lock().await;
        if self.hosted(&wanted.name).is_ok() {
            return Err(ForgeError::Exists(wanted.name));
        }
        if self.repositories().len() >= self.config.max_repositories {
            let most = self.config.max_repositories;
            return Err(ForgeError::Limit(format!(
                "there are {most} repositories, which is the limit"
            )));
        }
        let path = self.path(&wanted.name);
        let bare = Bare::create(&path, &wanted.trunk, self.config.limits()).await?;
        let info = RepositoryInfo {
            name: wanted.name,
            trunk: wanted.trunk,
            description: wanted.description,
            created: self.clock.now(),
            created_by: by.clone(),
            paused: false,
            pause_reason: String::new(),
            follows: None,
        };
        let event = self.made().repository(&info, false, &by)?;
        let mut transaction = self.store.begin().await?;
        store::insert_repository(transaction.connection(), &info).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.host(info.clone(), bare, Vec::new());
        Ok(info)
    }

    /// Changes what a repository is said to be for.
    ///
    /// # Errors
    /// [`ForgeError`] where there is none, or the description is too long.
    pub async fn describe_repository(
        &self,
        name: &str,
        description: String,
        by: &str,
    ) -> Result<RepositoryInfo, ForgeError> {
        check_description(&description)?;
        let hosted = self.hosted(name)?;
        let _turn = self.turn.lock().await;
        let mut info = hosted.info();
        info.description = description;
        let event = self.made().repository(&info, false, by)?;
        let mut transaction = self.store.begin().await?;
        store::update_repository(transaction.connection(), &info).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        *hosted.info.write().unwrap_or_else(PoisonError::into_inner) = info.clone();
        Ok(info)
    }

    /// Lets the landing queue of a repository wait, or go on.
    ///
    /// # Errors
    /// [`ForgeError`] where there is no such repository.
    pub async fn pause_queue(
        &self,
        name: &str,
        paused: bool,
        reason: &str,
        by: &str,
    ) -> Result<RepositoryInfo, ForgeError> {
        check_description(reason)?;
        let hosted = self.hosted(name)?;
        let _turn = self.turn.lock().await;
        let mut info = hosted.info();
        let reason = if paused { reason.trim() } else { "" };
        if (info.paused, info.pause_reason.as_str()) == (paused, reason) {
            return Ok(info);
        }
        info.paused = paused;
        reason.clone_into(&mut info.pause_reason);
        let event = self.made().queue(name, paused, reason, by)?;
        let mut transaction = self.store.begin().await?;
        store::update_repository(transaction.connection(), &info).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        *hosted.info.write().unwrap_or_else(PoisonError::into_inner) = info.clone();
        hosted.queue.pause(paused);
        Ok(info)
    }

    /// Removes a repository with its changes. Its folder is set aside under another name and removed then.
    ///
    /// # Errors
    /// [`ForgeError::Unknown`] where there is none of this name.
    pub async fn remove_repository(
        self: &Arc<Self>,
        name: &str,
        by: &str,
    ) -> Result<(), ForgeError> {
        let (own, name, by) = (Arc::clone(self), name.to_owned(), by.to_owned());
        to_the_end(async move {
            let _turn = own.turn.lock().await;
            let hosted = own.hosted(&name)?;
            hosted.queue.stop().await;
            let _intake = hosted.intake.lock().await;
            let event = own.made().repository(&hosted.info(), true, &by)?;
            let mut transaction = own.store.begin().await?;
            store::remove_repository(transaction.connection(), &name).await?;
            outbox::put(&mut transaction, &event).await?;
            transaction.commit().await?;
            {
                let mut all = own.repositories.write().unwrap_or_else(PoisonError::into_inner);
                all.remove(&name);
            }
            let path = hosted.bare.path().to_owned();
            let removing = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(path));
            if let Ok(Err(error)) = removing.await {
                tracing::warn!(repository = name, %error, "the folder of a removed repository stays");
            }
            Ok(())
        })
        .await
    }
}

fn check_description(text: &str) -> Result<(), ForgeError> {
    if text.len() > DESCRIPTION {
        return Err(ForgeError::Invalid(format!(
            "a description or reason has at most {DESCRIPTION} bytes"
        )));
    }
    Ok(())
}
