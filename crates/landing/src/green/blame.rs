//! Whose fault a red task is.

use crate::ChangeId;
use crate::base::Base;
use crate::plans::{Planning, Tasks};
use crate::runs::{SHARED, State, Want, Wish};
use crate::{Key, Project};

/// A task that is red in a group.
#[derive(Clone, Debug)]
pub(super) struct Fault {
    pub(super) key: Key,
    pub(super) project: Project,
    /// The changes of the group that may be at fault, in their order.
    pub(super) suspects: Vec<ChangeId>,
}

/// What is known of a fault.
#[derive(Debug)]
pub(super) enum Finding {
    /// Something has to be found out first.
    Open(Wish),
    /// This one.
    Guilty(ChangeId),
}

/// The first red task of a group of `changes` that is not a matter of those ahead of it, or that it is not known yet whose it is.
pub(super) fn fault(
    base: &Base,
    tasks: &Tasks,
    changes: &[ChangeId],
    ahead: &[&Tasks],
) -> Option<Result<Fault, ()>> {
    let mut unknown = false;
    for (key, project) in tasks.iter() {
        if !base.runs.state(SHARED, key).is_some_and(State::is_red) {
            continue;
        }
        match below(base, project, ahead) {
            Some(State::Green) => {}
            _ if ahead.is_empty() => {}
            _ => {
                unknown = true;
                continue;
            }
        }
        let touching = |change: &&ChangeId| {
            let entry = base.book.get(**change);
            entry.is_some_and(|entry| entry.touched.has(project))
        };
        let mut suspects: Vec<ChangeId> = changes.iter().filter(touching).copied().collect();
        if suspects.is_empty() {
            suspects = changes.to_vec();
        }
        let (key, project) = (*key, project.clone());
        return Some(Ok(Fault {
            key,
            project,
            suspects,
        }));
    }
    unknown.then_some(Err(()))
}

/// How the task of a project is with those ahead alone; green where none of them touches it.
fn below(base: &Base, project: &Project, ahead: &[&Tasks]) -> Option<State> {
    let mut last = ahead.iter().rev();
    let found = last.find_map(|tasks| tasks.iter().find(|task| task.1 == *project));
    found.map_or(Some(State::Green), |(key, _)| base.runs.state(SHARED, key))
}

impl Fault {
    /// Narrows the suspects down, by the task alone on prefixes of them on top of `ahead`.
    pub(super) fn trace(&self, base: &mut Base, ahead: &[ChangeId]) -> Finding {
        let (mut green, mut red) = (0, self.suspects.len());
        while red - green > 1 {
            let middle = usize::midpoint(green, red);
            let mut line = ahead.to_vec();
            line.extend(&self.suspects[..middle]);
            let (candidate, tasks) = match base.plan(&line) {
                Planning::Waiting => return Finding::Open(Wish::Keep(1)),
                Planning::Clash(clash) => return Finding::Guilty(clash.change),
                Planning::Ready(candidate, tasks) => (candidate, tasks),
            };
            let task = tasks.iter().find(|task| task.1 == self.project);
            let Some((key, project)) = task else {
                green = middle;
                continue;
            };
            match base.runs.state(SHARED, key) {
                Some(State::Green) => green = middle,
                Some(_) => red = middle,
                None => {
                    return Finding::Open(Wish::Run(Want {
                        scope: SHARED,
                        key: *key,
                        project: project.clone(),
                        candidate,
                        confirm: false,
                    }));
                }
            }
        }
        Finding::Guilty(self.suspects[red - 1])
    }
}
