//! What is shown.

use trunkline_model::Timestamp;
use trunkline_rollout::{Deployment, ReleaseId};

use crate::post::{Book, Instance, Post, evidence};
use crate::store;
use crate::{DeploymentInfo, InstanceInfo, ReleaseInfo, RunError, ServiceInfo, Services};

/// Releases and deployments that are shown at once.
const MOST: i64 = 100;
/// Lines of a log that are shown at once.
const LINES: usize = 2_000;

impl Services {
    /// All services, in the order of their names.
    ///
    /// # Errors
    /// [`RunError::Store`] where the tables cannot be read.
    pub async fn services(&self) -> Result<Vec<ServiceInfo>, RunError> {
        let mut all = Vec::new();
        for post in self.all() {
            all.push(self.info(&post).await?);
        }
        Ok(all)
    }

    /// One service.
    ///
    /// # Errors
    /// [`RunError::Unknown`] where there is none of this name.
    pub async fn service(&self, name: &str) -> Result<ServiceInfo, RunError> {
        let post = self.post(name)?;
        self.info(&post).await
    }

    async fn info(&self, post: &Post) -> Result<ServiceInfo, RunError> {
        let mut book = post.book.lock().await;
        let serving = match book.row.line.serving {
            Some(id) => self.learn_release(&mut book, id).await?,
            None => None,
        };
        let deployment = match book.row.line.active.clone() {
            Some(active) => Some(self.deployment_info(&mut book, &active).await?),
            None => None,
        };
        Ok(ServiceInfo {
            name: book.row.name.clone(),
            repository: book.row.repository.clone(),
            folder: book.row.folder.clone(),
            owner: book.row.manifest.owner.clone(),
            health: health(&book),
            serving: serving.map(|release| release.info()),
            deployment,
            pinned: book.row.line.pinned.clone(),
            problem: book
                .row
                .problem
                .clone()
                .or_else(|| book.refused.clone())
                .or_else(|| trouble(&book)),
            instances: instances(&book),
        })
    }

    async fn deployment_info(
        &self,
        book: &mut Book,
        active: &Deployment,
    ) -> Result<DeploymentInfo, RunError> {
        let number = self.learn_release(book, active.release).await?;
        let known = store::deployment(&mut *self.reader().await?, active.id).await?;
        let times = known.map(|known| (known.started, known.changed));
        let (started, changed) = times.unwrap_or((Timestamp::default(), Timestamp::default()));
        let mut shown = active.clone();
        if let Some(finding) = &book.finding {
            shown.finding = Some(finding.clone());
        }
        Ok(DeploymentInfo {
            id: active.id.to_string(),
            kind: active.kind.name().to_owned(),
            number: number.map_or(0, |release| release.number),
            release: active.release.to_string(),
            state: active.state.name().to_owned(),
            step: crate::event::step_of(active),
            percent: i64::from(active.percent()),
            reason: active.reason.clone(),
            evidence: evidence(&shown),
            by: active.by.clone(),
            started,
            changed,
        })
    }

    /// The last releases of a service, the newest first.
    ///
    /// # Errors
    /// [`RunError`] where there is no such service.
    pub async fn releases(&self, name: &str) -> Result<Vec<ReleaseInfo>, RunError> {
        self.post(name)?;
        let all = store::releases(&mut *self.reader().await?, name, MOST).await?;
        Ok(all.iter().map(store::ReleaseRow::info).collect())
    }

    /// The last deployments of a service, the newest first.
    ///
    /// # Errors
    /// [`RunError`] where there is no such service.
    pub async fn deployments(&self, name: &str) -> Result<Vec<DeploymentInfo>, RunError> {
        self.post(name)?;
        Ok(store::deployments(&mut *self.reader().await?, name, MOST).await?)
    }

    /// The last lines of the instances of a service, in the order of their times.
    ///
    /// # Errors
    /// [`RunError`] where there is no such service.
    pub async fn logs(&self, name: &str, lines: usize) -> Result<Vec<String>, RunError> {
        let post = self.post(name)?;
        let ids: Vec<_> = post.book.lock().await.instances.keys().cloned().collect();
        let driver = std::sync::Arc::clone(&self.parts.driver);
        let most = lines.min(LINES);
        let read = tokio::task::spawn_blocking(move || {
            let mut all: Vec<_> = ids.iter().flat_map(|id| driver.log(id, most)).collect();
            // Each begins with its time.
            all.sort();
            all.split_off(all.len().saturating_sub(most))
        });
        Ok(read.await.unwrap_or_default())
    }
}

fn health(book: &Book) -> &'static str {
    let Some(serving) = book.row.line.serving else {
        return "none";
    };
    let own = || book.instances.values().filter(|one| one.release == serving);
    if own().any(Instance::is_ready) {
        "serving"
    } else if own().next().is_some() {
        "starting"
    } else {
        "down"
    }
}

/// Why what serves is down.
fn trouble(book: &Book) -> Option<String> {
    let serving: ReleaseId = book.row.line.serving?;
    let ready = book
        .instances
        .values()
        .any(|one| one.release == serving && one.is_ready());
    let ends = book.crashes.get(&serving).filter(|_| !ready)?;
    Some(ends.why.clone())
}

fn instances(book: &Book) -> Vec<InstanceInfo> {
    let number = |id: &ReleaseId| book.releases.get(id).map_or(0, |release| release.number);
    let one = |(id, instance): (&String, &Instance)| InstanceInfo {
        id: id.clone(),
        number: number(&instance.release),
        port: instance.port,
        process: instance.process,
        state: instance.state(),
        // Why the one before it ended.
        problem: book
            .crashes
            .get(&instance.release)
            .filter(|_| !instance.is_ready())
            .map(|ends| ends.why.clone()),
    };
    book.instances.iter().map(one).collect()
}
