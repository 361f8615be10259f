//! The first step: namespaces, and in them the program once more.

use std::io::{Read as _, Write as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc;

use nix::sched::{CloneFlags, unshare};
use rustix::process::{Signal, kill_current_process_group};

use crate::cgroup::Groups;
use crate::launcher::{ARGUMENT, FAILED, INNER};
use crate::shape::Shape;
use crate::{Request, SandboxError, files, frame};

/// Processes of one task where nothing is said.
pub(crate) const PROCESSES: u64 = 4_096;

pub(crate) fn run(shape: &Shape) -> ExitCode {
    match start(shape) {
        Ok(code) => code,
        Err(error) => complain(&error),
    }
}

/// Says what went wrong where the log of the task will have it.
pub(crate) fn complain(error: &SandboxError) -> ExitCode {
    // There is nobody else to tell.
    let _written = writeln!(std::io::stderr(), "the task could not be confined: {error}");
    ExitCode::from(FAILED)
}

/// Makes all that does not depend on the request, and then waits for it: a launcher may be started ahead.
fn start(shape: &Shape) -> Result<ExitCode, SandboxError> {
    let groups = Groups::new();
    if shape.namespaces {
        become_root()?;
    }
    // Threads are made behind the namespace of users, which only a process with one of them makes, and before that of processes, into which its
    // maker has children alone.
    let (to, from) = mpsc::channel();
    std::thread::spawn(move || hear(&to));
    if shape.namespaces {
        leave(shape.network)?;
    }
    let mut second = second_step(shape)?;
    groups.put(second.id());
    let failed = SandboxError::of("reading the request");
    let Ok(text) = from.recv() else {
        // None came, and the second step ends as its pipe does.
        return Ok(ExitCode::from(FAILED));
    };
    let request: Request = serde_json::from_slice(&text).map_err(|error| failed(&error))?;
    groups.limit(&request, request.processes.unwrap_or(PROCESSES));
    let failed = SandboxError::of("the second step");
    if let Some(mut stdin) = second.stdin.take() {
        stdin.write_all(&text).map_err(|error| failed(&error))?;
    }
    let status = second.wait().map_err(|error| failed(&error))?;
    drop(groups);
    // A shell tells a signal so.
    use std::os::unix::process::ExitStatusExt as _;
    let code = status
        .code()
        .or_else(|| status.signal().map(|signal| 128 + signal));
    Ok(ExitCode::from(u8::try_from(code.unwrap_or(1)).unwrap_or(1)))
}

/// Reads the request, and then waits for the end of the pipe that it came by, which the platform holds open. A signal of the kernel would tell of
/// the end of the thread that started this, and threads come and go while the platform lives.
fn hear(to: &mpsc::Sender<Vec<u8>>) {
    let mut from = std::io::stdin();
    let Ok(Some(text)) = frame::read(&mut from) else {
        return;
    };
    if to.send(text).is_err() {
        return;
    }
    let mut rest = [0];
    while from.read(&mut rest).is_ok_and(|read| read > 0) {}
    // This is one of the group.
    let _gone = kill_current_process_group(Signal::KILL);
}

fn second_step(shape: &Shape) -> Result<Child, SandboxError> {
    let failed = SandboxError::of("starting the second step");
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    Command::new(program)
        .args([ARGUMENT, INNER, &shape.argument()])
        .env_clear()
        .stdin(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&error))
}

/// Goes into a namespace of users of its own. In it it is root by name, so that its powers over the others outlast the start of the second step;
/// outside it is who it was.
fn become_root() -> Result<(), SandboxError> {
    let (user, group) = (rustix::process::getuid(), rustix::process::getgid());
    let failed = SandboxError::of("a namespace of users");
    unshare(CloneFlags::CLONE_NEWUSER).map_err(|error| failed(&error))?;
    let write = |file: &str, text: String| {
        std::fs::write(format!("/proc/self/{file}"), text).map_err(|error| failed(&error))
    };
    write("setgroups", "deny".to_owned())?;
    write("uid_map", format!("0 {} 1", user.as_raw()))?;
    write("gid_map", format!("0 {} 1", group.as_raw()))
}

/// Goes into the other namespaces.
fn leave(network: bool) -> Result<(), SandboxError> {
    let mut flags = CloneFlags::CLONE_NEWNS
        | CloneFlags::CLONE_NEWPID
        | CloneFlags::CLONE_NEWIPC
        | CloneFlags::CLONE_NEWUTS;
    if !network {
        flags |= CloneFlags::CLONE_NEWNET;
    }
    let failed = SandboxError::of("namespaces of mounts, processes and network");
    unshare(flags).map_err(|error| failed(&error))
}

/// Tries what there is, and tells it by the exit code.
pub(crate) fn try_namespaces() -> ExitCode {
    if !files::is_there() {
        return ExitCode::from(0);
    }
    ExitCode::from(if become_root().and_then(|()| leave(false)).is_ok() {
        2
    } else {
        1
    })
}
