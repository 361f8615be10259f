//! A driver that does what a test says and writes down what it is asked for.

use std::collections::{BTreeMap, VecDeque};

use trunkline_landing::{
    Candidate, CandidateId, ChangeId, Clash, Commit, Event, Key, Kind, Order, Project, Rival,
    Settings, Strategy, Touched, Verdict,
};

pub(crate) struct Script {
    pub(crate) queue: Box<dyn Strategy + Send>,
    touched: BTreeMap<ChangeId, Touched>,
    landed: Vec<ChangeId>,
    candidates: BTreeMap<CandidateId, Candidate>,
    /// Tasks by how the test calls them.
    keys: BTreeMap<String, Key>,
    /// Pairs that do not merge.
    clashes: Vec<(ChangeId, ChangeId)>,
    log: Vec<String>,
    /// Whether a landing is answered by the test.
    pub(crate) holds: bool,
    pub(crate) landing: Option<CandidateId>,
}

impl Script {
    pub(crate) fn new(kind: Kind, slots: usize) -> Self {
        let mut script = Self {
            queue: kind.queue(Settings::default()),
            touched: BTreeMap::new(),
            landed: Vec::new(),
            candidates: BTreeMap::new(),
            keys: BTreeMap::new(),
            clashes: Vec::new(),
            log: Vec::new(),
            holds: false,
            landing: None,
        };
        let trunk = script.trunk();
        script.tell(Event::Started { trunk, slots });
        script
    }

    pub(crate) fn clash(mut self, one: u64, two: u64) -> Self {
        self.clashes.push((ChangeId(one), ChangeId(two)));
        self
    }

    /// A change that touches the projects named, each by one letter; `*` is all.
    pub(crate) fn submit(&mut self, change: u64, projects: &str) -> Vec<String> {
        let touched = self.touch(change, projects);
        let change = ChangeId(change);
        self.tell(Event::Submitted {
            change,
            touched,
            priority: 0,
        })
    }

    pub(crate) fn amend(&mut self, change: u64, projects: &str) -> Vec<String> {
        let touched = self.touch(change, projects);
        let change = ChangeId(change);
        self.tell(Event::Amended { change, touched })
    }

    pub(crate) fn withdraw(&mut self, change: u64) -> Vec<String> {
        let change = ChangeId(change);
        self.tell(Event::Withdrawn { change })
    }

    /// Ends a task, called as in the log: `a[1,2]` is that of `a` with the changes 1 and 2.
    pub(crate) fn finish(&mut self, task: &str, verdict: Verdict) -> Vec<String> {
        let key = self.keys[task];
        self.tell(Event::Finished { key, verdict })
    }

    pub(crate) fn green(&mut self, task: &str) -> Vec<String> {
        self.finish(task, Verdict::Green)
    }

    pub(crate) fn red(&mut self, task: &str) -> Vec<String> {
        self.finish(task, Verdict::Red)
    }

    /// Another hand lands a change.
    pub(crate) fn move_trunk_by(&mut self, change: u64, projects: &str) -> (Commit, Touched) {
        let touched = self.touch(change, projects);
        self.landed.push(ChangeId(change));
        (self.trunk(), touched)
    }

    fn touch(&mut self, change: u64, projects: &str) -> Touched {
        let touched = some(projects);
        self.touched.insert(ChangeId(change), touched.clone());
        touched
    }

    fn trunk(&self) -> Commit {
        Commit::from(self.landed.len().to_string().as_str())
    }

    /// Hands an event over and says what came of it, but for plans.
    pub(crate) fn tell(&mut self, event: Event) -> Vec<String> {
        let mut events = VecDeque::from([event]);
        while let Some(event) = events.pop_front() {
            for order in self.queue.step(event) {
                self.note(&order);
                events.extend(self.answer(order));
            }
        }
        std::mem::take(&mut self.log)
    }

    fn answer(&mut self, order: Order) -> Option<Event> {
        match order {
            Order::Plan { candidate } => {
                let id = candidate.id;
                let result = self.merge(&candidate);
                self.candidates.insert(id, candidate);
                let candidate = id;
                Some(Event::Planned { candidate, result })
            }
            Order::Land { candidate, .. } if self.holds => {
                self.landing = Some(candidate);
                None
            }
            Order::Land { candidate, .. } => Some(self.landed(candidate)),
            _ => None,
        }
    }

    /// What the driver says once a candidate has landed.
    pub(crate) fn landed(&mut self, candidate: CandidateId) -> Event {
        let changes = self.candidates[&candidate].changes.iter();
        let changes: Vec<ChangeId> = changes.map(|member| member.change).collect();
        self.landed.extend(&changes);
        let trunk = self.trunk();
        Event::Landed {
            candidate,
            changes,
            trunk,
        }
    }

    fn merge(&mut self, candidate: &Candidate) -> Result<Vec<(Key, Project)>, Clash> {
        let changes: Vec<ChangeId> = candidate.changes.iter().map(|one| one.change).collect();
        for (place, change) in changes.iter().enumerate() {
            let hits = |other: &ChangeId| self.clashes.contains(&(*other, *change));
            let ahead = changes[..place].iter().copied().find(hits);
            let with = match ahead {
                Some(other) => Rival::Change(other),
                None if self.landed.iter().any(hits) => Rival::Trunk,
                None => continue,
            };
            let change = *change;
            return Err(Clash { change, with });
        }
        let mut tasks = Vec::new();
        for letter in 'a'..='h' {
            let project = Project::from(letter.to_string().as_str());
            let touching = |change: &&ChangeId| self.touched[*change].has(&project);
            if changes.iter().any(|change| touching(&change)) {
                let all = self.landed.iter().chain(&changes).filter(touching);
                let mut of: Vec<u64> = all.map(|change| change.0).collect();
                of.sort_unstable();
                let of: Vec<String> = of.iter().map(ToString::to_string).collect();
                let task = format!("{letter}[{}]", of.join(","));
                let mut key = [0; 32];
                let bytes = task.bytes().chain(0..).take(32);
                key.iter_mut().zip(bytes).for_each(|(to, byte)| *to = byte);
                self.keys.insert(task, Key(key));
                tasks.push((Key(key), project));
            }
        }
        Ok(tasks)
    }

    fn note(&mut self, order: &Order) {
        let name = |key: &Key| {
            let mut keys = self.keys.iter();
            let found = keys.find(|(_, other)| *other == key);
            found.map_or_else(|| "?".to_owned(), |(name, _)| name.clone())
        };
        let text = match order {
            Order::Plan { .. } => return,
            Order::Run { key, .. } => format!("run {}", name(key)),
            Order::Stop { key } => format!("stop {}", name(key)),
            Order::Land { changes, .. } => {
                let changes: Vec<String> = changes.iter().map(ToString::to_string).collect();
                format!("land {}", changes.join(","))
            }
            Order::Refuse { change, because } => format!("refuse {change}: {because}"),
            Order::Flake { key, .. } => format!("flake {}", name(key)),
        };
        let long = self.keys.iter();
        let text = long.fold(text, |text, (name, key)| {
            text.replace(&key.to_string(), name)
        });
        self.log.push(text);
    }
}

fn some(projects: &str) -> Touched {
    if projects == "*" {
        return Touched::All;
    }
    let letters = projects.chars();
    letters
        .map(|letter| Project::from(letter.to_string().as_str()))
        .collect()
}
