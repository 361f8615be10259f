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
use crate::{BridgeFile, BridgeStatus, Home, Problem, Settings, Watch};

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

type Wanted = BTreeMap<String, Arc<Settings>>;
type Board = BTreeMap<String, Arc<Mutex<BridgeStatus>>>;

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
    /// and those whose file says something else begin anew. Where a file is wrong, what it last said holds on; its problems are returned.
    #[must_use]
    pub fn put(&self, files: &[BridgeFile]) -> Vec<Problem> {
        let mut problems: BTreeMap<&str, Vec<Problem>> = BTreeMap::new();
        let mut wanted = Wanted::new();
        let mut names = BTreeSet::new();
        let last = self.wanted.borrow().clone();
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
                    problems.entry(name).or_default().extend(found);
                    last.get(name).cloned()
                }
            };
            let Some(settings) = settings else { continue };
            let same = wanted.values().find(|other| other.same_session(&settings));
            if let Some(other) = same
                && other.name != name
            {
                let text = format!(
                    "the bridge `{}` has this id at the same remote, and each would end the other's connection",
                    other.name
                );
                let problem = file.problem_at("client_id", text);
                problems
                    .entry(name)
                    .or_default()
                    .push(problem.hint("give each bridge an id of its own"));
                continue;
            }
            wanted.entry(name.to_owned()).or_insert(settings);
        }
        self.note(&names, &problems);
        self.wanted.send_if_modified(|present| {
            let changed = *present != wanted;
            *present = wanted;
            changed
        });
        problems.into_values().flatten().collect()
    }

    fn note(&self, names: &BTreeSet<&str>, problems: &BTreeMap<&str, Vec<Problem>>) {
        let mut board = self.board();
        board.retain(|name, _| names.contains(name.as_str()));
        for name in names {
            let status = board
                .entry((*name).to_owned())
                .or_insert_with(|| Arc::new(Mutex::new(BridgeStatus::new(name))));
            let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
            status.problems = problems.get(name).cloned().unwrap_or_default();
        }
    }

    fn board(&self) -> MutexGuard<'_, Board> {
        self.board.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn work(&self, name: &str, settings: &Arc<Settings>) -> Work {
        let mut board = self.board();
        let status = board
            .entry(name.to_owned())
            .or_insert_with(|| Arc::new(Mutex::new(BridgeStatus::new(name))));
        Work {
            settings: Arc::clone(settings),
            status: Arc::clone(status),
        }
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
                let work = present.get(name).map(|settings| self.work(name, settings));
                keeper.send_if_modified(|said| {
                    let changed = !Work::same(said.as_ref(), work.as_ref());
                    if changed {
                        *said = work;
                    }
                    changed
                });
            }
            for (name, settings) in present {
                if let Entry::Vacant(free) = keepers.entry(name) {
                    let work = self.work(free.key(), &settings);
                    let (keeper, said) = watch::channel(Some(work));
                    tasks.spawn(keep(self.ports.clone(), said, stop.clone()));
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
