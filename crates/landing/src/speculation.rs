//! Each change is tested on those ahead of it.

use crate::base::{Base, News};
use crate::plans::{Planning, Tasks};
use crate::runs::{SHARED, Scope, State, Want, Wish};
use crate::view::{Outlook, View, view};
use crate::{Because, ChangeId, Clash, Event, Order, Rival, Settings, Strategy};

/// How many changes are tested at once: at first, and at least.
const WINDOW: usize = 20;
const NARROWEST: usize = 3;

/// Each change is tested on all those ahead of it, as Zuul does, in a window that grows by one with each that lands and halves with each that is
/// refused. Where one is red, those behind it are tested anew without it.
#[derive(Debug)]
pub struct Speculation {
    base: Base,
    /// In the order of the queue.
    attempts: Vec<Attempt>,
    window: usize,
    keys: bool,
    scopes: Scope,
}

/// A change on those ahead of it.
#[derive(Clone, Debug)]
struct Attempt {
    change: ChangeId,
    line: Vec<ChangeId>,
    scope: Scope,
    failed: bool,
}

/// What an attempt is found to be.
enum Found {
    /// It is ahead of the next ones, with the tasks of its candidate.
    Sound(Option<Tasks>),
    /// The next ones are tested without it.
    Failed,
    /// It was refused: all is to be looked at again.
    Refused,
}

impl Speculation {
    /// An empty queue that runs every task for every attempt.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            base: Base::new(settings, 0),
            attempts: Vec::new(),
            window: WINDOW,
            keys: false,
            scopes: 0,
        }
    }

    /// An empty queue that never runs a green key again.
    #[must_use]
    pub fn with_keys(settings: Settings) -> Self {
        Self {
            keys: true,
            ..Self::new(settings)
        }
    }

    fn hear(&mut self, news: &News) {
        self.window += news.landed.len();
        let left = |change: &ChangeId| news.left.contains(change);
        self.attempts.retain(|one| !left(&one.change));
        for attempt in &mut self.attempts {
            attempt.line.retain(|change| !news.landed.contains(change));
        }
    }

    fn turn(&mut self) -> Option<Vec<Wish>> {
        let open: Vec<ChangeId> = self.base.book.changes().take(self.window).collect();
        let mut before = std::mem::take(&mut self.attempts);
        let mut ahead: Vec<ChangeId> = Vec::new();
        let mut above: Option<Tasks> = None;
        let mut wishes = Vec::new();
        for change in open {
            let mut line = ahead.clone();
            line.push(change);
            let mut attempt = match before.iter().position(|one| one.change == change) {
                Some(place) if before[place].line == line => before.swap_remove(place),
                _ => self.attempt(change, line),
            };
            match self.look(&mut attempt, above.as_ref(), &mut wishes) {
                Found::Sound(tasks) => {
                    ahead.push(change);
                    above = tasks;
                }
                Found::Failed => {}
                Found::Refused => {
                    self.window = (self.window / 2).max(NARROWEST);
                    self.attempts.extend(before);
                    return None;
                }
            }
            self.attempts.push(attempt);
        }
        for attempt in before {
            self.base.runs.forget(attempt.scope);
        }
        Some(wishes)
    }

    fn attempt(&mut self, change: ChangeId, line: Vec<ChangeId>) -> Attempt {
        self.scopes += 1;
        Attempt {
            change,
            line,
            scope: if self.keys { SHARED } else { self.scopes },
            failed: false,
        }
    }

    /// Finds out how an attempt is doing; `above` are the tasks of the candidate that it stands on.
    fn look(
        &mut self,
        attempt: &mut Attempt,
        above: Option<&Tasks>,
        wishes: &mut Vec<Wish>,
    ) -> Found {
        let head = attempt.line.len() == 1;
        let planning = self.base.plan(&attempt.line);
        let (candidate, tasks) = match planning {
            Planning::Ready(candidate, tasks) if head || above.is_some() => (candidate, tasks),
            Planning::Clash(clash) => return self.clash(attempt, &clash),
            _ => {
                wishes.push(self.base.keep(&[attempt.change]));
                return Found::Sound(None);
            }
        };
        if self.base.is_landing(attempt.change) {
            return Found::Sound(Some(tasks));
        }
        let own = tasks.iter().filter(|task| {
            let known = above.is_some_and(|above| above.iter().any(|one| one.0 == task.0));
            head || !known
        });
        let own: Tasks = own.cloned().collect();
        let scope = attempt.scope;
        let red = own.iter().find_map(|(key, project)| {
            let state = self.base.runs.state(scope, key)?;
            state.is_red().then(|| (*key, project.clone(), state))
        });
        attempt.failed = red.is_some();
        let Some((key, project, state)) = red else {
            if head && self.base.all_green(scope, &own) {
                self.base.land(&attempt.line);
            }
            wishes.extend(self.base.wants(scope, candidate, &own));
            return Found::Sound(Some(tasks));
        };
        if state == State::RedOnce {
            wishes.push(Wish::Run(Want {
                scope,
                key,
                project,
                candidate,
                confirm: true,
            }));
        } else if head {
            let with = Vec::new();
            self.base
                .refuse(attempt.change, Because::Red { project, key, with });
            return Found::Refused;
        }
        Found::Failed
    }

    fn clash(&mut self, attempt: &mut Attempt, clash: &Clash) -> Found {
        attempt.failed = true;
        if Base::rival(clash, &attempt.line) == Rival::Trunk {
            self.base.refuse_clash(clash);
            return Found::Refused;
        }
        Found::Failed
    }
}

impl Strategy for Speculation {
    fn step(&mut self, event: Event) -> Vec<Order> {
        let news = self.base.apply(event);
        self.hear(&news);
        loop {
            if let Some(wishes) = self.turn() {
                return self.base.settle(&wishes);
            }
        }
    }

    fn view(&self) -> View {
        view(&self.base, false, |change| {
            let attempt = self.attempts.iter().find(|one| one.change == change);
            attempt.map_or_else(Outlook::default, |attempt| Outlook {
                line: attempt.line.clone(),
                batch: vec![change],
                scope: attempt.scope,
                suspect: attempt.failed,
            })
        })
    }
}
