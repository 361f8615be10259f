//! From trunks to releases.

use std::sync::Arc;
use std::time::Duration;

use trunkline_model::Timestamp;
use trunkline_project::service::{Service, Strategy};
use trunkline_rollout::{Deployment, Kind, Line, Plan, Step};
use trunkline_store::outbox;

use crate::port::{FoundService, FoundServices, SourceError, Trunk};
use crate::post::{Book, Post};
use crate::store::{self, ReleaseRow, ServiceRow};
use crate::{RunError, Services};

/// How long is waited where a trunk is out of reach.
const AGAIN: Duration = Duration::from_secs(1);
/// Who releases what has landed.
const BY: &str = "trunk";

impl Services {
    /// Looks at all trunks, and makes releases of what changed.
    pub(crate) async fn look_at_trunks(&self) -> Result<(), RunError> {
        let known = store::trunks(&mut *self.reader().await?).await?;
        for trunk in self.parts.source.trunks() {
            let seen = (trunk.repository.clone(), trunk.commit.clone());
            if known.contains(&seen) {
                continue;
            }
            match self.parts.source.services(&trunk).await {
                Ok(found) => self.take(&trunk, found).await?,
                Err(error @ SourceError::Unreachable(_)) => {
                    let repository = &trunk.repository;
                    tracing::warn!(repository, %error, "the services of a trunk are looked at again");
                    tokio::time::sleep(AGAIN).await;
                    continue;
                }
                // What is wrong with a commit is wrong the next time too.
                Err(SourceError::Wrong(problem)) => {
                    let repository = &trunk.repository;
                    tracing::warn!(
                        repository,
                        problem,
                        "the services of a trunk cannot be read"
                    );
                }
            }
            let mut transaction = self.parts.store.begin().await?;
            store::put_trunk(transaction.connection(), &trunk).await?;
            transaction.commit().await?;
        }
        for post in self.all() {
            if self.parts.source.is_gone(post.repository()) {
                self.dismiss(&post).await?;
            }
        }
        Ok(())
    }

    async fn take(&self, trunk: &Trunk, found: FoundServices) -> Result<(), RunError> {
        let FoundServices { services, problems } = found;
        let named = |name: &str| {
            services
                .iter()
                .filter(|one| one.service.name == name)
                .count()
        };
        for one in services.iter().filter(|one| named(&one.service.name) == 1) {
            self.take_one(trunk, one).await?;
        }
        for post in self.all() {
            if post.repository() != trunk.repository {
                continue;
            }
            let folder = post.book.lock().await.row.folder.clone();
            let own = |(path, _): &&(String, String)| folder_of(path) == folder;
            let problem = match named(&post.name) {
                1 => None,
                0 => match problems.iter().find(own) {
                    Some((_, problem)) => Some(problem.clone()),
                    None => {
                        self.dismiss(&post).await?;
                        continue;
                    }
                },
                many => Some(format!("{many} services of the trunk have its name")),
            };
            // What runs goes on, whatever a mistyped file says.
            self.note_problem(&post, problem).await?;
        }
        Ok(())
    }

    async fn note_problem(&self, post: &Post, problem: Option<String>) -> Result<(), RunError> {
        let mut book = post.book.lock().await;
        if problem.is_none() && book.row.line.pinned.is_some() || book.row.problem == problem {
            return Ok(());
        }
        let mut row = book.row.clone();
        row.problem = problem;
        let mut transaction = self.parts.store.begin().await?;
        store::put_service(transaction.connection(), &row).await?;
        transaction.commit().await?;
        book.row = row;
        Ok(())
    }

    async fn take_one(&self, trunk: &Trunk, found: &FoundService) -> Result<(), RunError> {
        while let Some(post) = self.post_for(trunk, found).await? {
            let mut book = post.book.lock().await;
            let there = self.post(&post.name);
            if !there.is_ok_and(|known| Arc::ptr_eq(&known, &post)) {
                // It was dismissed a moment ago, and is over.
                continue;
            }
            book.gone = false;
            if book.row.fingerprint != found.fingerprint {
                self.release(&mut book, trunk, found).await?;
            }
            drop(book);
            post.wake.notify_one();
            break;
        }
        Ok(())
    }

    /// The post of a service, which may be new; nothing where the service may not be run.
    async fn post_for(
        &self,
        trunk: &Trunk,
        found: &FoundService,
    ) -> Result<Option<Arc<Post>>, RunError> {
        let name = &found.service.name;
        match self.post(name) {
            Ok(post) if post.repository() != trunk.repository => {
                let (other, here) = (post.repository(), &trunk.repository);
                tracing::warn!(
                    service = name,
                    here,
                    other,
                    "a service of this name is in another repository"
                );
                Ok(None)
            }
            Ok(post) => Ok(Some(post)),
            Err(_) if self.all().len() >= self.config.max_services => {
                let most = self.config.max_services;
                tracing::warn!(
                    service = name,
                    most,
                    "there are too many services, and this one is not run"
                );
                Ok(None)
            }
            Err(_) => Ok(Some(self.appoint(trunk, found).await?)),
        }
    }

    /// A post for a service that was not there before.
    async fn appoint(&self, trunk: &Trunk, found: &FoundService) -> Result<Arc<Post>, RunError> {
        let row = ServiceRow {
            name: found.service.name.clone(),
            repository: trunk.repository.clone(),
            folder: found.folder.clone(),
            project: found.project.clone(),
            fingerprint: String::new(),
            manifest: found.service.clone(),
            line: Line::default(),
            judged_from: None,
            step_from: None,
            problem: None,
        };
        let event = self.made().service(&row, false, "it is in the trunk", BY)?;
        let mut transaction = self.parts.store.begin().await?;
        store::put_service(transaction.connection(), &row).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        let post = Post::new(row);
        self.take_in(Arc::clone(&post));
        Ok(post)
    }

    /// A release of what the trunk has of a service now, and its deployment.
    async fn release(
        &self,
        book: &mut Book,
        trunk: &Trunk,
        found: &FoundService,
    ) -> Result<(), RunError> {
        self.learn_releases(book).await?;
        let now = self.parts.clock.now();
        let mut row = book.row.clone();
        row.folder.clone_from(&found.folder);
        row.project.clone_from(&found.project);
        row.fingerprint.clone_from(&found.fingerprint);
        row.manifest = found.service.clone();
        let mut transaction = self.parts.store.begin().await?;
        let number = store::next_number(transaction.connection(), &row.name).await?;
        let release = release_row(self.id(), number, trunk, found, now);
        store::add_release(transaction.connection(), &release).await?;
        book.releases.insert(release.id, release.clone());
        let plan = plan_of(&found.service, book.serving());
        let wanted = Deployment::new(self.id(), Kind::Release, release.id, plan, BY.to_owned());
        let mut changed = Vec::new();
        match row.line.release(wanted) {
            Ok(deployments) => changed = deployments,
            Err(refusal) => row.problem = Some(RunError::from(refusal).to_string()),
        }
        store::put_service(transaction.connection(), &row).await?;
        self.tell(&mut transaction, book, &changed).await?;
        transaction.commit().await?;
        book.row = row;
        Ok(())
    }

    /// A service that is in its trunk no more.
    async fn dismiss(&self, post: &Arc<Post>) -> Result<(), RunError> {
        let mut book = post.book.lock().await;
        if book.gone {
            return Ok(());
        }
        self.learn_releases(&mut book).await?;
        let reason = "it is not in the trunk any more";
        let mut line = book.row.line.clone();
        let ended = line.end(reason);
        let event = self.made().service(&book.row, true, reason, BY)?;
        let mut transaction = self.parts.store.begin().await?;
        self.tell(&mut transaction, &book, &ended).await?;
        store::remove_service(transaction.connection(), &post.name).await?;
        outbox::put(&mut transaction, &event).await?;
        transaction.commit().await?;
        self.parts.routes.remove(&post.name);
        book.row.line = line;
        book.routed = None;
        book.gone = true;
        book.row.fingerprint.clear();
        drop(book);
        post.wake.notify_one();
        Ok(())
    }
}

fn release_row(
    id: trunkline_rollout::ReleaseId,
    number: i64,
    trunk: &Trunk,
    found: &FoundService,
    created: Timestamp,
) -> ReleaseRow {
    ReleaseRow {
        id,
        service: found.service.name.clone(),
        number,
        repository: trunk.repository.clone(),
        commit: trunk.commit.clone(),
        folder: found.folder.clone(),
        project: found.project.clone(),
        fingerprint: found.fingerprint.clone(),
        manifest: found.service.clone(),
        digest: None,
        bytes: None,
        created,
    }
}

fn folder_of(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// How the `service.toml` wants its releases to go, where the release with the manifest `serving` serves.
pub(crate) fn plan_of(service: &Service, serving: Option<&Service>) -> Plan {
    let milliseconds = |span: trunkline_project::service::Span| {
        u64::try_from(span.0.as_millis()).unwrap_or(u64::MAX)
    };
    let deploy = &service.deploy;
    // Without requests there is nothing to judge, and what passes is time.
    let has_requests = |service: &Service| service.route.path.is_some();
    // Where there was no route before there is nothing to hold it against.
    let both = has_requests(service) && serving.is_none_or(has_requests);
    let judged = both && !service.rollback.rules.is_empty();
    let step = |step: &trunkline_project::service::Step| Step {
        percent: step.percent,
        pause: milliseconds(step.pause),
    };
    let by_steps = deploy.strategy == Strategy::Canary && both;
    Plan {
        steps: if by_steps {
            deploy.steps.iter().map(step).collect()
        } else {
            Vec::new()
        },
        bake: milliseconds(deploy.bake),
        answers: if judged { deploy.requests } else { 0 },
        warm: if deploy.strategy == Strategy::AllAtOnce {
            0
        } else {
            milliseconds(deploy.keep_warm)
        },
        within: milliseconds(service.health.within),
    }
}
