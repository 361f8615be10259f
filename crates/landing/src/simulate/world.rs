//! The model: a monorepo, the changes to it, and which of them are bad.

use std::collections::BTreeMap;

use super::random::{Random, mix};
use crate::{Key, Project, Touched};

/// How long a task runs.
pub const TASK_SECONDS: u64 = 120;
/// How many tasks run at once.
pub(super) const SLOTS: usize = 4;
const PROJECTS: usize = 200;
const LAYERS: usize = 17;
const MOST_NEEDS: usize = 2;
/// How much rarer a change of a project is that many need: the power of how many it touches. With it a change touches 3.3 projects on
/// average, most of them one or two, and landing them one by one takes 430 seconds of slots for each.
const RARITY: f64 = 0.87;
const BAD: f64 = 0.06;
const CONFLICTS: f64 = 0.01;

/// A change of the model.
#[derive(Clone, Debug)]
pub(super) struct Work {
    /// When it is submitted, in seconds.
    pub(super) at: f64,
    /// What it touches, by place.
    pub(super) projects: Vec<usize>,
    /// The project whose task it makes red.
    pub(super) bad: Option<usize>,
}

/// A monorepo of 200 projects and some changes to it, made of a seed.
#[derive(Clone, Debug)]
pub struct World {
    pub(super) work: Vec<Work>,
    /// Pairs that are red together, and in which project.
    conflicts: BTreeMap<(usize, usize), usize>,
    names: Vec<Project>,
}

impl World {
    /// A world with so many `changes`, which arrive at `rate` an hour.
    #[must_use]
    pub fn new(seed: u64, changes: usize, rate: f64) -> Self {
        let mut random = Random::new(seed);
        let touched = dependents(&mut random);
        let weights: Vec<f64> = touched
            .iter()
            .map(|projects| (projects.len() as f64).powf(-RARITY))
            .collect();
        let total: f64 = weights.iter().sum();
        let mut at = 0.0;
        let mut work = Vec::with_capacity(changes);
        for _ in 0..changes {
            at += random.wait(rate / 3600.0);
            let mut left = random.unit() * total;
            let place = weights.iter().position(|weight| {
                left -= weight;
                left < 0.0
            });
            let projects = touched[place.unwrap_or(0)].clone();
            let red = projects[random.below(projects.len())];
            let bad = (random.unit() < BAD).then_some(red);
            work.push(Work { at, projects, bad });
        }
        let conflicts = conflicts(&mut random, &work);
        let names = (0..PROJECTS).map(|place| Project::from(format!("p{place:03}").as_str()));
        Self {
            work,
            conflicts,
            names: names.collect(),
        }
    }

    pub(super) fn name(&self, project: usize) -> Project {
        self.names[project].clone()
    }

    pub(super) fn touched(&self, change: usize) -> Touched {
        let projects = self.work[change].projects.iter();
        projects.map(|project| self.name(*project)).collect()
    }

    /// Whether the task of `project` is green with `changes`, in ascending order.
    pub(super) fn is_green(&self, project: usize, changes: &[usize]) -> bool {
        let bad = |change: &usize| self.work[*change].bad == Some(project);
        let red = |one: usize, two: usize| self.conflicts.get(&(one, two)) == Some(&project);
        !changes.iter().any(bad)
            && !changes.iter().enumerate().any(|(place, two)| {
                let mut before = changes[..place].iter();
                before.any(|one| red(*one, *two))
            })
    }

    /// Whether a change that was refused had a fault: its own, or one with a change that landed.
    pub(super) fn is_at_fault(&self, change: usize, landed: &[usize]) -> bool {
        let met = |other: &usize| {
            let pair = (change.min(*other), change.max(*other));
            self.conflicts.contains_key(&pair)
        };
        self.work[change].bad.is_some() || landed.iter().any(met)
    }
}

/// The key of a project with changes: equal for equal content, whatever else has landed.
pub(super) fn key(project: usize, changes: &[usize]) -> Key {
    let mut parts = [1_u64, 2, 3, 4].map(|part| mix(part ^ ((project as u64) << 8)));
    for change in changes {
        for part in &mut parts {
            *part = mix(*part ^ (*change as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
        }
    }
    let mut key = [0; 32];
    for (to, part) in key.chunks_mut(8).zip(parts) {
        to.copy_from_slice(&part.to_le_bytes());
    }
    Key(key)
}

/// What a change of each project touches: itself and all that need it.
fn dependents(random: &mut Random) -> Vec<Vec<usize>> {
    let layer = |project: usize| project * LAYERS / PROJECTS;
    let of_layer = |wanted: usize| -> Vec<usize> {
        (0..PROJECTS)
            .filter(|project| layer(*project) == wanted)
            .collect()
    };
    let mut touched: Vec<Vec<usize>> = (0..PROJECTS).map(|project| vec![project]).collect();
    let mut needs: Vec<Vec<usize>> = vec![Vec::new(); PROJECTS];
    for project in 0..PROJECTS {
        let Some(below) = layer(project).checked_sub(1) else {
            continue;
        };
        let near = of_layer(below);
        let mut all = vec![near[random.below(near.len())]];
        for _ in 0..random.below(MOST_NEEDS) {
            all.push(random.below(near[0] + near.len()));
        }
        for need in all {
            needs[project].push(need);
            let further = needs[need].clone();
            needs[project].extend(further);
        }
        needs[project].sort_unstable();
        needs[project].dedup();
        for need in &needs[project] {
            touched[*need].push(project);
        }
    }
    touched
}

/// Pairs of changes that share a project and are red together there.
fn conflicts(random: &mut Random, work: &[Work]) -> BTreeMap<(usize, usize), usize> {
    let mut conflicts = BTreeMap::new();
    for two in 0..work.len() {
        for one in 0..two {
            let shared = work[one].projects.iter();
            let shared = shared.filter(|project| work[two].projects.contains(project));
            let shared: Vec<usize> = shared.copied().collect();
            if !shared.is_empty() && random.unit() < CONFLICTS {
                conflicts.insert((one, two), shared[random.below(shared.len())]);
            }
        }
    }
    conflicts
}
