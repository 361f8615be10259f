//! All processes that are held.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use rustix::process::Signal;
use tokio::process::Child;
use tokio::sync::{Mutex, watch};
use tokio::task::JoinSet;
use trunkline_model::Clock;
use trunkline_sandbox::Sandbox;

use crate::kept::Kept;
use crate::log::{Log, pump};
use crate::protocol::{Answer, Ended, Order, Seen, Stand};

/// Processes that are held at once.
const MOST: usize = 1_024;
/// Names of sockets that are kept.
const NAMES: usize = 16;
/// How long what a process wrote last may take to come in.
const LAST_WORDS: Duration = Duration::from_secs(1);
/// How long all may take to end where all are to.
const GRACE: Duration = Duration::from_secs(10);

/// All processes that are held.
#[derive(Debug)]
pub(crate) struct Hold {
    sandbox: Sandbox,
    logs: PathBuf,
    clock: Arc<dyn Clock>,
    kept: Mutex<BTreeMap<String, Kept>>,
    sockets: Mutex<BTreeMap<String, Vec<OwnedFd>>>,
    count: watch::Sender<u64>,
}

impl Hold {
    pub(crate) fn new(sandbox: Sandbox, logs: &Path, clock: Arc<dyn Clock>) -> Arc<Self> {
        Arc::new(Self {
            sandbox,
            logs: logs.to_owned(),
            clock,
            kept: Mutex::default(),
            sockets: Mutex::default(),
            // Whoever asks for what comes after 0 gets all.
            count: watch::Sender::new(1),
        })
    }

    fn changed(&self) {
        self.count.send_modify(|count| *count += 1);
    }

    /// Told at each change.
    pub(crate) fn watch(&self) -> watch::Receiver<u64> {
        self.count.subscribe()
    }

    pub(crate) async fn all(&self) -> Vec<Seen> {
        let kept = self.kept.lock().await;
        kept.iter().map(|(id, one)| one.seen(id)).collect()
    }

    pub(crate) async fn is_empty(&self) -> bool {
        let kept = self.kept.lock().await;
        kept.values()
            .all(|one| matches!(one.stand, Stand::Ended(_)))
    }

    pub(crate) async fn start(self: &Arc<Self>, order: Order) -> Result<(), String> {
        self.check(&order.id).await?;
        // Others are not held up by it.
        let started = self.sandbox.start(&order.request).await;
        let mut started = started.map_err(|error| error.to_string())?;
        let process = started.child.id().ok_or("it has ended already")?;
        let log = Log::new(&self.log(&order.id));
        let mut pumps = JoinSet::new();
        if let Some(output) = started.child.stdout.take() {
            pumps.spawn(pump(output, Arc::clone(&log), Arc::clone(&self.clock)));
        }
        if let Some(errors) = started.child.stderr.take() {
            pumps.spawn(pump(errors, log, Arc::clone(&self.clock)));
        }
        let one = Kept {
            label: order.label,
            process,
            stand: Stand::Running,
            tether: started.tether,
        };
        self.kept.lock().await.insert(order.id.clone(), one);
        tokio::spawn(Arc::clone(self).wait(order.id, started.child, pumps));
        self.changed();
        Ok(())
    }

    async fn check(&self, id: &str) -> Result<(), String> {
        let kept = self.kept.lock().await;
        if kept.contains_key(id) {
            return Err(format!("`{id}` is held already"));
        }
        if kept.len() >= MOST {
            return Err(format!("{MOST} processes are held, which is the limit"));
        }
        if !is_plain(id) {
            return Err(format!("`{id}` is no name"));
        }
        Ok(())
    }

    fn log(&self, id: &str) -> PathBuf {
        self.logs.join(format!("{id}.log"))
    }

    async fn wait(self: Arc<Self>, id: String, mut child: Child, mut pumps: JoinSet<()>) {
        let status = child.wait().await;
        let exit = status.ok().and_then(exit_of).unwrap_or(1);
        // Its last words come before its end. What it started may hold the pipes for longer.
        let heard = async { while pumps.join_next().await.is_some() {} };
        drop(tokio::time::timeout(LAST_WORDS, heard).await);
        if let Some(one) = self.kept.lock().await.get_mut(&id) {
            // What it started may be there still.
            let _gone = one.signal(Signal::KILL);
            one.stand = Stand::Ended(Ended { exit });
            one.tether = None;
        }
        self.changed();
    }

    /// Does something with one that is held.
    pub(crate) async fn with(
        &self,
        id: &str,
        change: impl AsyncFnOnce(&mut Kept) -> Result<(), String>,
    ) -> Result<(), String> {
        let mut kept = self.kept.lock().await;
        let one = kept
            .get_mut(id)
            .ok_or_else(|| format!("`{id}` is not held"))?;
        change(one).await?;
        drop(kept);
        self.changed();
        Ok(())
    }

    pub(crate) async fn forget(&self, id: &str) -> Result<(), String> {
        let mut kept = self.kept.lock().await;
        match kept.get(id).map(|one| one.stand) {
            Some(Stand::Ended(_)) => {
                kept.remove(id);
                let log = self.log(id);
                for log in [log.with_extension("log.1"), log] {
                    // It may never have been written.
                    let _none = std::fs::remove_file(log);
                }
            }
            Some(_) => return Err(format!("`{id}` has not ended")),
            None => {}
        }
        drop(kept);
        self.changed();
        Ok(())
    }

    /// Keeps sockets under a name. Who connects meanwhile waits until somebody goes on with them.
    pub(crate) async fn keep(&self, name: String, sockets: Vec<OwnedFd>) -> Answer {
        let mut kept = self.sockets.lock().await;
        if kept.len() >= NAMES && !kept.contains_key(&name) {
            let why = format!("sockets of {NAMES} names are kept, which is the limit");
            return Answer::Refused { why };
        }
        if sockets.is_empty() {
            kept.remove(&name);
        } else {
            kept.insert(name, sockets);
        }
        Answer::Done
    }

    /// The sockets of a name, for one more process.
    pub(crate) async fn sockets(&self, name: &str) -> std::io::Result<Vec<OwnedFd>> {
        let kept = self.sockets.lock().await;
        let own = kept.get(name).map_or(&[][..], Vec::as_slice);
        own.iter().map(OwnedFd::try_clone).collect()
    }

    /// Asks all to end, and ends what does not.
    pub(crate) async fn end(&self) {
        self.sockets.lock().await.clear();
        for one in self.kept.lock().await.values_mut() {
            let _gone = one.quit().await;
        }
        let mut watch = self.watch();
        let all_ended = async { while !self.is_empty().await && watch.changed().await.is_ok() {} };
        drop(tokio::time::timeout(GRACE, all_ended).await);
        for one in self.kept.lock().await.values_mut() {
            let _gone = one.signal(Signal::KILL);
        }
    }
}

fn exit_of(status: std::process::ExitStatus) -> Option<i32> {
    use std::os::unix::process::ExitStatusExt as _;
    status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal))
}

/// Ids become the names of files.
fn is_plain(id: &str) -> bool {
    let fits = |letter: u8| letter.is_ascii_alphanumeric() || letter == b'_' || letter == b'-';
    !id.is_empty() && id.len() <= 100 && id.bytes().all(fits)
}
