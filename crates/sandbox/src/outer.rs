//! The first step: namespaces, and in them a copy of this process.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::fd::AsFd as _;

use fork::{ProcessFork, fork_process};
use nix::errno::Errno;
use nix::poll::{PollFd, PollFlags, PollTimeout, poll};
use nix::sched::{CloneFlags, unshare};
use nix::unistd::{dup2_stderr, dup2_stdout};
use rustix::process::{
    Pid, PidfdFlags, Signal, WaitOptions, WaitStatus, kill_current_process_group, kill_process,
    pidfd_open, set_parent_process_death_signal, waitpid,
};

use crate::cgroup::Groups;
use crate::launcher::FAILED;
use crate::shape::Shape;
use crate::{Request, SandboxError, files, frame, inner};

/// Processes of one task where nothing is said.
pub(crate) const PROCESSES: u64 = 4_096;

/// Lets a copy of this process do the work, and ends as soon as that tells how the task ended. To take namespaces down takes the kernel longer than
/// a short task, and only who is in them has to wait for it.
pub(crate) fn run(shape: &Shape) -> u8 {
    work(shape).unwrap_or_else(|error| complain(&error))
}

fn work(shape: &Shape) -> Result<u8, SandboxError> {
    let failed = SandboxError::of("the first step");
    let launcher = std::process::id();
    let (mut from, mut to) = std::io::pipe().map_err(|error| failed(&error))?;
    match fork_process().map_err(|error| failed(&error))? {
        ProcessFork::Child => {
            drop(from);
            let dies_too = set_parent_process_death_signal(Some(Signal::KILL));
            let made = dies_too.map_err(|error| failed(&error));
            let code = made.and_then(|()| start(shape, launcher));
            let code = code.unwrap_or_else(|error| complain(&error));
            // Where nobody hears it, the platform has gone.
            let _told = to.write_all(&[code]);
            end(code);
        }
        ProcessFork::Parent(_) => drop(to),
    }
    let mut code = [FAILED];
    from.read_exact(&mut code).map_err(|error| failed(&error))?;
    Ok(code[0])
}

/// Ends a copy of this process.
#[expect(
    clippy::disallowed_methods,
    reason = "a copy must not go back into what the first one does"
)]
fn end(code: u8) -> ! {
    std::process::exit(i32::from(code))
}

/// Says what went wrong where the log of the task will have it.
pub(crate) fn complain(error: &SandboxError) -> u8 {
    // There is nobody else to tell.
    let _written = writeln!(std::io::stderr(), "the task could not be confined: {error}");
    FAILED
}

/// Makes all that does not depend on the request, and then waits for it: a launcher may be started ahead.
fn start(shape: &Shape, launcher: u32) -> Result<u8, SandboxError> {
    let groups = Groups::new(launcher);
    if shape.namespaces {
        become_root()?;
        leave(shape.network)?;
    }
    let failed = SandboxError::of("the second step");
    let (from, mut to) = std::io::pipe().map_err(|error| failed(&error))?;
    // To start the program once more instead would take longer than all else here. This process has one thread, so its copy is whole.
    let second = match fork_process().map_err(|error| failed(&error))? {
        ProcessFork::Child => {
            drop(to);
            end(inner::run(shape, from));
        }
        ProcessFork::Parent(second) => Pid::from_raw(second.get()),
    };
    drop(from);
    let second = second.ok_or_else(|| failed(&"it has no number"))?;
    groups.put(second);
    let heard = frame::read(std::io::stdin().lock());
    let Some(text) = heard.map_err(|error| failed(&error))? else {
        // None came, and the second step ends as its pipe does.
        return Ok(FAILED);
    };
    let unread = SandboxError::of("reading the request");
    let request: Request = serde_json::from_slice(&text).map_err(|error| unread(&error))?;
    groups.limit(&request, request.processes.unwrap_or(PROCESSES));
    to.write_all(&text).map_err(|error| failed(&error))?;
    drop(to);
    be_silent().map_err(|error| failed(&error))?;
    wait(second, shape.namespaces).map_err(|error| failed(&error))
}

/// What the task writes ends with the task, and not with us.
fn be_silent() -> std::io::Result<()> {
    let nothing = File::options().write(true).open("/dev/null")?;
    dup2_stdout(&nothing)?;
    dup2_stderr(&nothing)?;
    Ok(())
}

/// Asks the second step to end. As the first process of its namespace it hears only what it listens for; where it listens for nothing, nobody has
/// to wait for it.
fn quit(second: Pid, namespaces: bool) {
    let listens = || {
        let status = std::fs::read_to_string("/proc/1/status").unwrap_or_default();
        let caught = status.lines().find_map(|line| line.strip_prefix("SigCgt:"));
        let caught = caught.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
        caught.is_none_or(|mask| mask & (1 << (Signal::TERM.as_raw() - 1)) != 0)
    };
    let signal = if !namespaces || listens() {
        Signal::TERM
    } else {
        Signal::KILL
    };
    // It may have ended in between.
    let _gone = kill_process(second, signal);
}

/// Waits for the end of the second step, and tells it as a shell does. Whoever holds the other end of our input asks for that end by a byte. Where they
/// go first, all of
/// the group goes with it. A signal of the kernel would tell of the end of the thread that started this, and threads come and go while the
/// platform lives.
fn wait(second: Pid, namespaces: bool) -> std::io::Result<u8> {
    let ended = pidfd_open(second, PidfdFlags::empty())?;
    let input = std::io::stdin();
    loop {
        let mut both =
            [ended.as_fd(), input.as_fd()].map(|one| PollFd::new(one, PollFlags::POLLIN));
        match poll(&mut both, PollTimeout::NONE) {
            Err(Errno::EINTR) => continue,
            other => other?,
        };
        let [over, heard] = both.map(|one| one.revents().is_some_and(|what| !what.is_empty()));
        if over {
            break;
        }
        if heard {
            if matches!(input.lock().read(&mut [0; 64]), Ok(1..)) {
                quit(second, namespaces);
            } else {
                let _gone = kill_current_process_group(Signal::KILL);
            }
        }
    }
    let status = waitpid(Some(second), WaitOptions::empty())?;
    let status = status.map(|(_, status)| status);
    let signal = |status: WaitStatus| status.terminating_signal().map(|signal| 128 + signal);
    let code = status.and_then(|status| status.exit_status().or_else(|| signal(status)));
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// Goes into a namespace of users of its own. In it it is root by name; outside it is who it was.
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
pub(crate) fn try_namespaces() -> u8 {
    if !files::is_there() {
        return 0;
    }
    if become_root().and_then(|()| leave(false)).is_ok() {
        2
    } else {
        1
    }
}
