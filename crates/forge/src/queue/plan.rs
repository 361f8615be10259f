//! Merging candidates and finding their tasks.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError};

use gix::ObjectId;
use trunkline_landing::{
    Candidate, CandidateId, ChangeId, Clash, Commit, Event, Key, Project, Rival, Touched,
};
use trunkline_project::Repository;
use trunkline_repository::{Bare, RepositoryError};

use super::actor::{Actor, Done};
use super::group::{Group, groups};
use crate::forge::{Hosted, reading};
use crate::store::{self, Landing};
use crate::{Forge, ForgeError};

/// A candidate in git.
#[derive(Debug)]
pub(super) struct Merged {
    /// The commit below; nothing where the trunk is empty.
    pub(super) base: Option<ObjectId>,
    /// Each landing of it, with its changes and the commits that they become, in their order.
    pub(super) parts: Vec<Part>,
    /// The last of these commits.
    pub(super) tip: ObjectId,
    /// What has to be green, by the key that the rules have for it.
    pub(super) groups: HashMap<Key, Group>,
}

/// One landing of a candidate.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) change: ChangeId,
    /// Its changes and the commits that they become.
    pub(super) commits: Vec<(i64, ObjectId)>,
}

/// Why a candidate could not be merged.
#[derive(Debug)]
pub(super) enum Failed {
    /// A landing does not fit.
    Clash { clash: Clash, problem: String },
    /// One of its landings was taken back in the meantime.
    Gone(ChangeId),
    /// Something else is wrong with the landing.
    Wrong { change: ChangeId, problem: String },
}

impl Actor {
    pub(super) fn plan(&self, candidate: Candidate) {
        let (forge, hosted) = (Arc::clone(&self.forge), Arc::clone(&self.hosted));
        let landings: Vec<_> = candidate
            .changes
            .iter()
            .map(|member| (member.change, self.landings.get(&member.change).cloned()))
            .collect();
        self.beside(async move {
            let merged = merge(&forge, &hosted, &candidate.base, landings).await;
            let known = match &merged {
                Ok(merged) => known_green(&forge, merged).await,
                Err(_) => Known::default(),
            };
            Done::Planned {
                candidate: candidate.id,
                merged,
                known,
            }
        });
    }

    pub(super) async fn planned(
        &mut self,
        candidate: CandidateId,
        merged: Result<Merged, Failed>,
        known: Known,
    ) {
        let result = match merged {
            Ok(merged) => {
                self.tell_plan(&merged, known.tasks);
                let groups = merged.groups.iter();
                let tasks =
                    groups.map(|(key, group)| (*key, Project::from(group.project.as_str())));
                let mut tasks: Vec<_> = tasks.collect();
                tasks.sort();
                self.candidates.insert(candidate, Arc::new(merged));
                Ok(tasks)
            }
            Err(Failed::Clash { clash, problem }) => {
                self.note(clash.change, &problem);
                Err(clash)
            }
            Err(Failed::Wrong { change, problem }) => {
                self.note(change, &problem);
                Err(Clash {
                    change,
                    with: Rival::Trunk,
                })
            }
            Err(Failed::Gone(change)) => Err(Clash {
                change,
                with: Rival::Trunk,
            }),
        };
        if !known.groups.is_empty() {
            let green = known.groups;
            self.step(Event::Known { green }).await;
        }
        self.step(Event::Planned { candidate, result }).await;
    }

    fn tell_plan(&self, merged: &Merged, green: usize) {
        let tasks: usize = merged.groups.values().map(|group| group.tasks.len()).sum();
        let line = match tasks {
            0 => "nothing has to run".to_owned(),
            1 => format!("1 task is affected, {green} known to be green"),
            _ => format!("{tasks} tasks are affected, {green} known to be green"),
        };
        for part in &merged.parts {
            self.note(part.change, &line);
        }
    }

    /// Tells a line to who follows the landing `change`.
    pub(super) fn note(&self, change: ChangeId, line: &str) {
        if let Some(landing) = self.landings.get(&change) {
            self.notes.line(&landing.id, line);
        }
    }
}

/// What is known of a candidate before anything runs for it.
#[derive(Debug, Default)]
pub(super) struct Known {
    /// The keys of projects all of whose tasks are green.
    pub(super) groups: Vec<Key>,
    /// How many tasks are green.
    pub(super) tasks: usize,
}

async fn known_green(forge: &Forge, merged: &Merged) -> Known {
    let mut known = Known::default();
    let Ok(mut connection) = forge.reader().await else {
        return known;
    };
    for (key, group) in &merged.groups {
        let mut green = 0;
        for task in &group.tasks {
            // A record that cannot be read is as good as none: the task runs.
            let found = store::is_green(&mut connection, &task.key.to_string()).await;
            green += usize::from(found.unwrap_or(false));
        }
        known.tasks += green;
        if green == group.tasks.len() {
            known.groups.push(*key);
        }
    }
    known.groups.sort();
    known
}

/// The commit that the rules name.
pub(super) fn commit_of(commit: &Commit) -> Option<ObjectId> {
    ObjectId::from_hex(commit.0.as_bytes()).ok()
}

async fn merge(
    forge: &Forge,
    hosted: &Hosted,
    base: &Commit,
    landings: Vec<(ChangeId, Option<Landing>)>,
) -> Result<Merged, Failed> {
    let bare = &hosted.bare;
    let base = commit_of(base);
    let mut tip = base;
    let mut parts: Vec<Part> = Vec::new();
    let mut last = ChangeId(0);
    for (change, landing) in landings {
        let landing = landing.ok_or(Failed::Gone(change))?;
        let wrong = |error: ForgeError| Failed::Wrong {
            change,
            problem: error.to_string(),
        };
        let commits = {
            let bare = bare.clone();
            let tip = landing.tip;
            reading(move || bare.stack(base, tip))
                .await
                .map_err(wrong)?
        };
        // The changes of a landing are the last commits of its stack; what is below has landed, or lands with those ahead.
        let skipped = commits.len().saturating_sub(landing.changes.len());
        let commits = &commits[skipped..];
        let rebased = match bare.rebase(commits, tip).await {
            Ok(rebased) => rebased,
            Err(RepositoryError::Conflict { onto, files }) => {
                let problem = format!("it does not fit onto {onto}: {}", files.join(", "));
                let with = rival(bare, base, commits, &parts).await;
                let clash = Clash { change, with };
                return Err(Failed::Clash { clash, problem });
            }
            Err(error) => return Err(wrong(error.into())),
        };
        tip = Some(rebased.tip);
        let numbers = landing.changes.iter().copied();
        let commits = numbers.zip(rebased.commits.iter().map(|(_, new)| *new));
        parts.push(Part {
            change,
            commits: commits.collect(),
        });
        last = change;
    }
    let tip = tip.ok_or(Failed::Gone(last))?;
    let tasks = forge.workshop.plan(bare, base, tip).await;
    let tasks = tasks.map_err(|error| Failed::Wrong {
        change: last,
        problem: error.to_string(),
    })?;
    Ok(Merged {
        base,
        parts,
        tip,
        groups: groups(tasks)
            .into_iter()
            .map(|group| (group.key(), group))
            .collect(),
    })
}

/// What commits do not fit onto: the trunk, or the last of those ahead of them that they do not fit onto alone.
async fn rival(
    bare: &Bare,
    base: Option<ObjectId>,
    commits: &[trunkline_repository::Commit],
    ahead: &[Part],
) -> Rival {
    if ahead.is_empty() || bare.rebase(commits, base).await.is_err() {
        return Rival::Trunk;
    }
    for part in ahead.iter().rev() {
        let Some((_, onto)) = part.commits.last() else {
            continue;
        };
        if bare.rebase(commits, Some(*onto)).await.is_ok() {
            // It is one after this that is in the way.
            let after = ahead.iter().find(|one| one.change > part.change);
            return Rival::Change(after.unwrap_or(part).change);
        }
    }
    Rival::Change(ahead[0].change)
}

/// The projects that the commits up to `tip` touch beside the trunk.
pub(super) async fn touched(hosted: &Arc<Hosted>, tip: ObjectId) -> Touched {
    let hosted = Arc::clone(hosted);
    let found = tokio::task::spawn_blocking(move || -> Option<Touched> {
        let trunk = hosted.bare.trunk_tip().ok()??;
        let mut kept = hosted
            .projects
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let repository = match kept.take() {
            Some(repository) => repository,
            None => Repository::discover(hosted.bare.path()).ok()?,
        };
        let repository = kept.insert(repository);
        let head = repository.revision(&tip.to_string()).ok()?;
        let base = repository
            .merge_base(repository.revision(&trunk.to_string()).ok()?, head)
            .ok()?;
        let found = repository.compare(base, head).ok()?;
        let (old, new) = (&found.base, &found.head);
        // A file of no project may mean anything to anybody, and a file that says what tasks there are means it to all.
        let free = found
            .changes
            .iter()
            .any(|change| new.owners(&change.0).is_empty() && old.owners(&change.0).is_empty());
        if free && new.projects.is_empty() {
            return Some(Touched::All);
        }
        let labels = found
            .affected
            .iter()
            .map(|one| new.projects[one.project].label());
        let mut labels: Vec<_> = labels.map(|label| Project::from(label.as_str())).collect();
        if free {
            labels.push(Project::from("files:"));
        }
        Some(labels.into_iter().collect())
    });
    // What cannot be found out could be everything.
    found.await.ok().flatten().unwrap_or(Touched::All)
}
