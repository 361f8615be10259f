//! What is true of changes, which a queue has to find out.

use std::collections::BTreeMap;

use trunkline_landing::{ChangeId, Clash, Key, Member, Project, Rival, Touched};

/// How many projects there are.
const PROJECTS: u64 = 14;

/// A number made of others, the same each time.
pub(crate) fn mix(numbers: &[u64]) -> u64 {
    numbers.iter().fold(0x51_7c_c1_b7, |before, number| {
        let mixed = (before ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) ^ (mixed >> 32)
    })
}

/// How much goes wrong, in parts of a hundred.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Trouble {
    pub(crate) bad: u64,
    /// Pairs that share a project and are red together in it.
    pub(crate) conflicts: u64,
    /// Pairs that share a project and do not merge.
    pub(crate) clashes: u64,
    /// Keys whose first run is red although they are green.
    pub(crate) flakes: u64,
}

pub(crate) const NONE: Trouble = Trouble {
    bad: 0,
    conflicts: 0,
    clashes: 0,
    flakes: 0,
};

/// One content of one change. Foreign commits are changes too.
#[derive(Clone, Debug)]
pub(crate) struct Content {
    pub(crate) touched: Touched,
    pub(crate) bad: Option<Project>,
}

#[derive(Debug)]
pub(crate) struct Truth {
    pub(crate) seed: u64,
    pub(crate) trouble: Trouble,
    /// Whether a change conflicts with one other at most.
    pub(crate) couples: bool,
    pub(crate) contents: BTreeMap<Member, Content>,
}

pub(crate) fn projects() -> impl Iterator<Item = Project> {
    (0..PROJECTS).map(|one| Project::from(format!("p{one}").as_str()))
}

impl Truth {
    /// Makes up a content for a change.
    pub(crate) fn write(&mut self, member: Member, sound: bool) -> Content {
        let number = |what: u64| {
            let revision = u64::from(member.revision);
            mix(&[self.seed, member.change.0, revision, what])
        };
        let all: Vec<Project> = projects().collect();
        let count = [1, 1, 1, 2, 2, 3, 5, 9][number(1) as usize % 8];
        let first = number(2) as usize;
        let some = (0..count).map(|place| all[(first + place) % all.len()].clone());
        let touched: Touched = some.collect();
        let bad = all[(first + number(3) as usize % count) % all.len()].clone();
        let bad = (!sound && number(4) % 100 < self.trouble.bad).then_some(bad);
        let touched = if number(5) % 50 == 0 && !sound {
            Touched::All
        } else {
            touched
        };
        let content = Content { touched, bad };
        self.contents.insert(member, content.clone());
        content
    }

    pub(crate) fn touches(&self, member: &Member, project: &Project) -> bool {
        self.contents[member].touched.has(project)
    }

    /// The members that a project's key is made of.
    pub(crate) fn content(&self, project: &Project, members: &[Member]) -> Vec<Member> {
        let mut of: Vec<Member> = members
            .iter()
            .filter(|member| self.touches(member, project))
            .copied()
            .collect();
        of.sort_unstable();
        of
    }

    pub(crate) fn key(&self, project: &Project, members: &[Member]) -> Key {
        let name: Vec<u64> = project.0.bytes().map(u64::from).collect();
        let mut numbers = vec![mix(&name)];
        for member in self.content(project, members) {
            numbers.extend([member.change.0, u64::from(member.revision)]);
        }
        let mut key = [0; 32];
        for (place, to) in key.chunks_mut(8).enumerate() {
            numbers[0] = numbers[0].wrapping_add(place as u64);
            to.copy_from_slice(&mix(&numbers).to_le_bytes());
        }
        Key(key)
    }

    /// The project in which two changes are red together.
    pub(crate) fn conflict(&self, one: &Member, two: &Member) -> Option<Project> {
        let couple = one.change.0 ^ two.change.0 == 1 + self.seed % 15;
        if self.couples && !couple {
            return None;
        }
        self.pair(one, two, 11, self.trouble.conflicts)
    }

    pub(crate) fn clash(&self, one: &Member, two: &Member) -> bool {
        self.pair(one, two, 12, self.trouble.clashes).is_some()
    }

    fn pair(&self, one: &Member, two: &Member, what: u64, percent: u64) -> Option<Project> {
        let (one, two) = (one.min(two), one.max(two));
        let numbers = [
            one.change.0,
            one.revision.into(),
            two.change.0,
            two.revision.into(),
        ];
        let foreign = two.change.0 >= FOREIGN;
        if percent == 0 || foreign || mix(&[self.seed, what, mix(&numbers)]) % 100 >= percent {
            return None;
        }
        projects().find(|project| self.touches(one, project) && self.touches(two, project))
    }

    pub(crate) fn is_green(&self, project: &Project, members: &[Member]) -> bool {
        let of = self.content(project, members);
        let bad = |member: &Member| self.contents[member].bad.as_ref() == Some(project);
        !of.iter().any(bad)
            && !of.iter().enumerate().any(|(place, two)| {
                let mut before = of[..place].iter();
                before.any(|one| self.conflict(one, two).as_ref() == Some(project))
            })
    }

    /// Merges changes onto what has landed.
    pub(crate) fn merge(
        &self,
        landed: &[Member],
        changes: &[Member],
    ) -> Result<Vec<(Key, Project)>, Clash> {
        for (place, change) in changes.iter().enumerate() {
            let with = if landed.iter().any(|one| self.clash(one, change)) {
                Rival::Trunk
            } else {
                let mut ahead = changes[..place].iter();
                match ahead.find(|one| self.clash(one, change)) {
                    Some(one) => Rival::Change(one.change),
                    None => continue,
                }
            };
            let change = change.change;
            return Err(Clash { change, with });
        }
        let members = [landed, changes].concat();
        let touched = projects().filter(|project| {
            let mut changes = changes.iter();
            changes.any(|change| self.touches(change, project))
        });
        Ok(touched
            .map(|project| (self.key(&project, &members), project))
            .collect())
    }

    /// Whether a change may be refused with this landed.
    pub(crate) fn is_at_fault(&self, change: &Member, landed: &[Member]) -> bool {
        let met = |one: &Member| self.conflict(one, change).is_some() || self.clash(one, change);
        self.contents[change].bad.is_some() || landed.iter().any(met)
    }
}

/// The first number of a commit by another hand.
pub(crate) const FOREIGN: u64 = 1 << 40;

pub(crate) fn member(change: u64, revision: u32) -> Member {
    Member {
        change: ChangeId(change),
        revision,
    }
}
