//! All bridges.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;
use trunkline_model::{Clock, IdGen};

use crate::run::{Work, keep};
use crate::{BridgeFile, BridgeStatus, Home, Problem, Settings, Side, Watch};

/// Bridges at the most.
const MOST: usize = 64;
/// How long nothing is tried after a defect of our own.
const DEFECT: Duration = Duration::from_secs(10);

/// What bridges need of the platform.
#[derive(Clone, Debug)]
pub struct Ports {
    /// Where our broker is.
    pub home: Arc<dyn Home>,
    /// Who is told what becomes of bridges.
    pub watch: Arc<dyn Watch>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Chance.
    pub ids: Arc<dyn IdGen>,
    /// The folder from which paths in the files lead.
    pub folder: PathBuf,
}

/// What each bridge is to do, by name.
pub(crate) type Wanted = BTreeMap<String, Work>;
type Board = BTreeMap<String, Arc<Mutex<BridgeStatus>>>;
type Problems = BTreeMap<String, Vec<Problem>>;
type Read<'a> = (&'a BridgeFile, Arc<Settings>);

/// All bridges: what is wanted of them, and how they are.
#[derive(Debug)]
pub struct Bridges {
    ports: Ports,
    wanted: watch::Sender<Wanted>,
    board: Mutex<Board>,
}

impl Bridges {
    /// No bridges yet.
    #[must_use]
    pub fn new(ports: Ports) -> Self {
        Self {
            ports,
            wanted: watch::Sender::new(Wanted::new()),
            board: Mutex::default(),
        }
    }

    /// Takes all files as they are now. Bridges whose file is new begin, those whose file is gone end and are forgotten by both brokers,
    /// and those whose file says something else begin anew, with a new status from this moment on. Where a file is wrong, what it last
    /// said holds on; its problems are returned.
    #[must_use]
    pub fn put(&self, files: &[BridgeFile]) -> Vec<Problem> {
        // Held to the end, so that what is wanted and what is shown fit each other.
        let mut board = self.board();
        let last = self.wanted.borrow().clone();
        let mut problems = Problems::new();
        let read = read_all(files, &last, &mut problems);
        let wanted: Wanted = place(read, &last, &mut problems)
            .into_iter()
            .map(|(name, settings)| (name, work(settings, &last)))
            .collect();
        let names: BTreeSet<&str> = files.iter().map(BridgeFile::bridge).collect();
        board.retain(|name, _| names.contains(name.as_str()));
        for name in names {
            let status = match wanted.get(name) {
                Some(work) => {
                    board.insert(name.to_owned(), Arc::clone(&work.status));
                    &work.status
                }
                None => board
                    .entry(name.to_owned())
                    .or_insert_with(|| Arc::new(Mutex::new(BridgeStatus::new(name)))),
            };
            let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
            status.problems = problems.get(name).cloned().unwrap_or_default();
        }
        self.wanted.send_if_modified(|present| {
            let same = |(one, other): (&Work, &Work)| Work::same(Some(one), Some(other));
            let changed = !present.keys().eq(wanted.keys())
                || !present.values().zip(wanted.values()).all(same);
            *present = wanted;
            changed
        });
        problems.into_values().flatten().collect()
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// How all bridges are, by name.
    #[must_use]
    pub fn status(&self) -> Vec<BridgeStatus> {
        let board = self.board();
        board
            .values()
            .map(|status| {
                status
                    .lock()
                    .unwrap_or_else(PoisonError::into_inner)
                    .clone()
            })
            .collect()
    }

    /// Keeps the bridges running until `stop`, and ends them in good order then: their sessions stay.
    pub async fn run(&self, stop: CancellationToken) {
        let mut wanted = self.wanted.subscribe();
        let mut keepers: BTreeMap<String, watch::Sender<Option<Work>>> = BTreeMap::new();
        let mut tasks = JoinSet::new();
        loop {
            let present = wanted.borrow_and_update().clone();
            keepers.retain(|_, keeper| !keeper.is_closed());
            for (name, keeper) in &keepers {
                let work = present.get(name).cloned();
                keeper.send_if_modified(|said| {
                    let changed = !Work::same(said.as_ref(), work.as_ref());
                    if changed {
                        *said = work;
                    }
                    changed
                });
            }
            for (name, work) in present {
                if let Entry::Vacant(free) = keepers.entry(name) {
                    let (keeper, said) = watch::channel(Some(work));
                    let all = self.wanted.subscribe();
                    tasks.spawn(keep(self.ports.clone(), said, all, stop.clone()));
                    free.insert(keeper);
                }
            }
            let ended = tokio::select! {
                () = stop.cancelled() => break,
                _ = wanted.changed() => continue,
                Some(ended) = tasks.join_next() => ended,
            };
            if let Err(error) = ended {
                tracing::error!(%error, "a bridge ended by a defect of its own, and begins anew");
                tokio::select! {
                    () = stop.cancelled() => break,
                    () = tokio::time::sleep(DEFECT) => {}
                }
            }
        }
        while let Some(ended) = tasks.join_next().await {
            if let Err(error) = ended {
                tracing::error!(%error, "a bridge ended by a defect of its own");
            }
        }
    }
}

/// Reads all files; for one that is wrong, what it last said.
fn read_all<'a>(files: &'a [BridgeFile], last: &Wanted, problems: &mut Problems) -> Vec<Read<'a>> {
    let mut names = BTreeSet::new();
    let mut all: Vec<Read<'a>> = Vec::new();
    for file in files {
        let name = file.bridge();
        let read = if !names.insert(name) {
            Err(vec![file.problem(format!(
                "another file is of the bridge `{name}` too"
            ))])
        } else if names.len() > MOST {
            Err(vec![
                file.problem(format!("there are more than {MOST} bridges")),
            ])
        } else {
            file.read()
        };
        let settings = match read {
            Ok(settings) => Some(Arc::new(settings)),
            Err(found) => {
                problems.entry(name.to_owned()).or_default().extend(found);
                last.get(name).map(|work| Arc::clone(&work.settings))
            }
        };
        if let Some(settings) = settings
            && all.iter().all(|(_, other)| other.name != name)
        {
            all.push((file, settings));
        }
    }
    all
}

/// Gives each session at a remote to one bridge, by name: first to those that have it already, so that nobody takes it from them.
fn place(
    read: Vec<Read<'_>>,
    last: &Wanted,
    problems: &mut Problems,
) -> BTreeMap<String, Arc<Settings>> {
    let has_it = |settings: &Settings| {
        let before = last.get(&settings.name);
        before.is_some_and(|work| work.settings.same_session(settings))
    };
    let (present, newcomers): (Vec<_>, Vec<_>) =
        read.into_iter().partition(|(_, settings)| has_it(settings));
    let mut placed: BTreeMap<String, Arc<Settings>> = BTreeMap::new();
    for (file, settings) in present.into_iter().chain(newcomers) {
        let name = settings.name.clone();
        let taken_by = |settings: &Settings| {
            let mut all = placed.values();
            all.find(|other| other.same_session(settings))
                .map(|other| other.name.clone())
        };
        let Some(other) = taken_by(&settings) else {
            placed.insert(name, settings);
            continue;
        };
        let text = format!(
            "the bridge `{other}` has this id at the same remote, and each would end the other's connection"
        );
        let problem = file.problem_at("client_id", text);
        problems
            .entry(name.clone())
            .or_default()
            .push(problem.hint("give each bridge an id of its own"));
        if let Some(before) = last.get(&name)
            && taken_by(&before.settings).is_none()
        {
            placed.insert(name, Arc::clone(&before.settings));
        }
    }
    placed
}

/// The work that there was already, where it is the same, or new work with a status of its own.
fn work(settings: Arc<Settings>, last: &Wanted) -> Work {
    if let Some(same) = last
        .get(&settings.name)
        .filter(|work| work.settings == settings)
    {
        return same.clone();
    }
    // A renamed file is another bridge, but the session at the remote is the old one.
    let former = last
        .values()
        .filter(|other| other.settings.name != settings.name)
        .filter(|other| other.settings.may_share_session(&settings))
        .flat_map(|other| other.settings.filters(Side::Remote))
        .collect();
    let mut status = BridgeStatus::new(&settings.name);
    status.server = Some(settings.server.to_string());
    Work {
        settings,
        status: Arc::new(Mutex::new(status)),
        former,
    }
}
