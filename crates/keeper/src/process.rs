//! The keeper as a process of its own.

use std::fs::File;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use rustix::fs::{FlockOperation, flock};
use tokio::net::UnixListener;
use trunkline_model::{Clock, SystemClock};
use trunkline_sandbox::{Level, Sandbox};

use crate::hold::Hold;
use crate::key;
use crate::serve::serve;

/// The hidden argument by which the program knows that it is the keeper.
pub const ARGUMENT: &str = "keeper-exec";
/// The socket in its folder.
pub(crate) const SOCKET: &str = "keeper.sock";
/// What only one keeper of a folder has.
const LOCK: &str = "keeper.lock";
/// What it writes itself.
pub(crate) const LOG: &str = "keeper.log";
/// What the processes write.
pub(crate) const LOGS: &str = "logs";

/// Where the program was started as the keeper: is it until it ends, and gives the exit code. Call it first of all.
#[must_use]
pub fn keep() -> Option<ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next()? != ARGUMENT {
        return None;
    }
    let folder = PathBuf::from(arguments.next()?);
    let number = arguments
        .next()
        .and_then(|text| text.to_str()?.parse().ok());
    let orphaned = Duration::from_millis(number.unwrap_or(300_000));
    let least = arguments.next().unwrap_or_default();
    let ended = run(&folder, orphaned, level(&least.to_string_lossy()));
    Some(match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _told = std::io::Write::write_all(
                &mut std::io::stderr(),
                format!("the keeper could not begin: {error}\n").as_bytes(),
            );
            ExitCode::FAILURE
        }
    })
}

/// The least confinement by its name.
fn level(name: &str) -> Level {
    [Level::Files, Level::Namespaces]
        .into_iter()
        .find(|level| level.name() == name)
        .unwrap_or(Level::None)
}

fn run(folder: &Path, orphaned: Duration, least: Level) -> std::io::Result<()> {
    make_folder(folder)?;
    let lock = File::create(folder.join(LOCK))?;
    if flock(&lock, FlockOperation::NonBlockingLockExclusive).is_err() {
        // Another one was quicker, and does the same.
        return Ok(());
    }
    let socket = folder.join(SOCKET);
    match std::fs::remove_file(&socket) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let launcher = std::env::current_exe()?;
        let sandbox = Sandbox::open(&launcher, least, 0).map_err(std::io::Error::other)?;
        let listener = UnixListener::bind(&socket)?;
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let hold = Hold::new(sandbox, &folder.join(LOGS), clock);
        serve(listener, key::ensure(folder)?, hold, orphaned).await;
        std::fs::remove_file(&socket)
    })
}

/// Nobody else may speak to it.
pub(crate) fn make_folder(folder: &Path) -> std::io::Result<()> {
    let mut builder = std::fs::DirBuilder::new();
    builder
        .recursive(true)
        .mode(0o700)
        .create(folder.join(LOGS))?;
    std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o700))
}
