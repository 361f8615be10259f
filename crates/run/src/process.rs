//! Instances as processes, which the keeper holds.

use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::fd::{AsFd as _, OwnedFd};
use std::path::{Path, PathBuf};

use async_trait::async_trait;
use tokio::sync::Mutex;
use trunkline_keeper::{Keeper, Order, Stand as Kept};
use trunkline_sandbox::Request;

use crate::port::{Driver, InstanceOrder, SeenInstance, Stand};
use crate::{RunConfig, RunError};

/// What the gateway's sockets are kept as.
const GATEWAY: &str = "gateway";
/// Bytes of a log's end that are read.
const END: u64 = 256 << 10;

/// Instances as processes on this machine.
#[derive(Debug)]
pub struct Processes {
    keeper: Keeper,
    /// Where programs are looked for.
    path: String,
    /// What the gateway listens at, for a keeper that is started.
    sockets: Mutex<Vec<OwnedFd>>,
}

impl Processes {
    /// Processes below a keeper in `folder`, which is `program` again; they look for programs in `path`.
    #[must_use]
    pub fn new(config: &RunConfig, folder: &Path, program: PathBuf, path: String) -> Self {
        let outlive = std::time::Duration::from_secs(config.outlive_seconds);
        Self {
            keeper: Keeper::new(folder.to_owned(), program, config.sandbox.name(), outlive),
            path,
            sockets: Mutex::default(),
        }
    }

    /// What the gateway of the platform before listened at, where a keeper kept it.
    pub async fn kept_sockets(&self) -> Vec<OwnedFd> {
        if !self.is_kept().await {
            return Vec::new();
        }
        let kept = self.keeper.sockets(GATEWAY).await;
        kept.unwrap_or_else(|error| {
            tracing::warn!(%error, "the gateway listens anew");
            Vec::new()
        })
    }

    /// Has the keeper keep what the gateway listens at, so that who connects while there is no platform waits for the next one; without any, those
    /// before are let go.
    pub async fn keep_sockets(&self, sockets: Vec<OwnedFd>) {
        *self.sockets.lock().await = sockets;
        if self.is_kept().await {
            self.hand_over_sockets().await;
        }
    }

    /// Whether there is a keeper. One that cannot be asked is none to ask.
    async fn is_kept(&self) -> bool {
        self.keeper.is_there().await.is_ok_and(|is| is)
    }

    async fn hand_over_sockets(&self) {
        let sockets = self.sockets.lock().await;
        let sockets: Vec<_> = sockets.iter().map(OwnedFd::as_fd).collect();
        if let Err(error) = self.keeper.keep(GATEWAY, &sockets).await {
            tracing::warn!(%error, "the sockets of the gateway are not kept over the end of this platform");
        }
    }

    fn request(&self, order: InstanceOrder) -> Request {
        let mut environment = order.environment;
        environment
            .entry("PATH".to_owned())
            .or_insert_with(|| self.path.clone());
        let programs = std::env::split_paths(&self.path);
        Request {
            command: order.command,
            folder: order.folder,
            environment,
            checkout: None,
            readable: programs.chain([order.release]).collect(),
            writable: vec![order.own],
            network: true,
            memory_bytes: order.memory,
            processes: order.processes.map(u64::from),
            file_bytes: None,
        }
    }
}

#[async_trait]
impl Driver for Processes {
    async fn is_there(&self) -> Result<bool, RunError> {
        Ok(self.keeper.is_there().await?)
    }

    async fn start(&self, order: InstanceOrder) -> Result<(), RunError> {
        if self.keeper.ensure().await? {
            self.hand_over_sockets().await;
        }
        let (id, label) = (order.id.clone(), order.label.clone());
        let request = self.request(order);
        let order = Order { id, label, request };
        Ok(self.keeper.start(order).await?)
    }

    async fn quit(&self, id: &str) -> Result<(), RunError> {
        Ok(self.keeper.quit(id).await?)
    }

    async fn kill(&self, id: &str) -> Result<(), RunError> {
        Ok(self.keeper.kill(id).await?)
    }

    async fn park(&self, id: &str, parked: bool) -> Result<(), RunError> {
        let done = if parked {
            self.keeper.park(id).await
        } else {
            self.keeper.unpark(id).await
        };
        Ok(done?)
    }

    async fn forget(&self, id: &str) -> Result<(), RunError> {
        Ok(self.keeper.forget(id).await?)
    }

    async fn list(&self, after: u64) -> Result<(u64, Vec<SeenInstance>), RunError> {
        let (count, all) = self.keeper.list(after).await?;
        let seen = all.into_iter().map(|one| SeenInstance {
            id: one.id,
            label: one.label,
            process: one.process,
            stand: match one.stand {
                Kept::Running => Stand::Running,
                Kept::Parked => Stand::Parked,
                Kept::Ended(ended) => Stand::Ended(ended.exit),
            },
        });
        Ok((count, seen.collect()))
    }

    fn log(&self, id: &str, lines: usize) -> Vec<String> {
        // What cannot be read is not there yet.
        let text = end_of(&self.keeper.log(id)).unwrap_or_default();
        let all: Vec<_> = text.lines().map(str::to_owned).collect();
        all[all.len().saturating_sub(lines)..].to_vec()
    }

    async fn end(&self) {
        if self.is_kept().await
            && let Err(error) = self.keeper.end().await
        {
            tracing::warn!(%error, "services could not be ended");
        }
    }
}

fn end_of(path: &Path) -> std::io::Result<String> {
    let mut file = std::fs::File::open(path)?;
    let length = file.metadata()?.len();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    let mut bytes = Vec::new();
    file.take(END).read_to_end(&mut bytes)?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}
