//! Groups of processes with limits of their own, where the kernel's tree of them may be written: version 2, or the controllers of version 1.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};

use rustix::process::Pid;

use crate::Request;

/// Where the tree is.
const ROOT: &str = "/sys/fs/cgroup";
/// What our groups are called before the number of their launcher.
const NAME: &str = "trunkline-task-";

/// A controller: its name, and the files of its limit in version 2 and in version 1.
const PIDS: (&str, &str, &str) = ("pids", "pids.max", "pids.max");
const MEMORY: (&str, &str, &str) = ("memory", "memory.max", "memory.limit_in_bytes");

/// A group for each controller, or one for all.
#[derive(Debug, Default)]
pub(crate) struct Groups {
    /// The number of the launcher.
    launcher: u32,
    /// The folder of each, and the file that takes its processes.
    groups: Vec<(PathBuf, File)>,
    pids: Option<File>,
    memory: Option<File>,
}

impl Groups {
    /// Makes the groups of a launcher, without limits and processes. Where that is refused, the other limits hold.
    pub(crate) fn new(launcher: u32) -> Self {
        let mut groups = Self {
            launcher,
            ..Self::default()
        };
        let second = Path::new(ROOT).join("cgroup.controllers").is_file();
        groups.pids = groups.add(PIDS, second);
        groups.memory = groups.add(MEMORY, second);
        groups
    }

    /// The file of a controller's limit. Files are opened here: once this process has left its namespace of users the kernel asks who opened them.
    fn add(&mut self, (controller, new, old): (&str, &str, &str), second: bool) -> Option<File> {
        let parent = if second {
            PathBuf::from(ROOT)
        } else {
            Path::new(ROOT).join(controller)
        };
        let folder = parent.join(format!("{NAME}{}", self.launcher));
        let open = |file: &str| File::options().write(true).open(folder.join(file)).ok();
        let limit = if second { new } else { old };
        if self.groups.iter().any(|(known, _)| *known == folder) {
            return open(limit);
        }
        if std::fs::create_dir(&folder).is_err() {
            // One of the same number was here before, and has ended.
            std::fs::remove_dir(&folder).ok()?;
            std::fs::create_dir(&folder).ok()?;
        }
        if let (Some(limit), Some(processes)) = (open(limit), open("cgroup.procs")) {
            self.groups.push((folder, processes));
            return Some(limit);
        }
        // What cannot be removed now is removed at the next start.
        let _stays = std::fs::remove_dir(&folder);
        None
    }

    /// Puts a process, and so all that come of it, into the groups. This takes the kernel some milliseconds, for each process that it moves: so the
    /// launcher itself stays where it is.
    pub(crate) fn put(&self, process: Pid) {
        for (_, processes) in &self.groups {
            let mut processes = processes;
            // Where it is refused, the other limits hold.
            let _refused = processes.write_all(process.as_raw_nonzero().to_string().as_bytes());
        }
    }

    /// Sets the limits of `request`.
    pub(crate) fn limit(&self, request: &Request, processes: u64) {
        let limits = [
            (&self.pids, Some(processes)),
            (&self.memory, request.memory_bytes),
        ];
        for (file, limit) in limits {
            if let (Some(mut file), Some(limit)) = (file.as_ref(), limit) {
                // Where it is refused, the other limits hold.
                let _refused = file.write_all(limit.to_string().as_bytes());
            }
        }
    }
}

/// Removes the groups of a launcher that has ended; false where a process of it is still on its way out. The launcher itself does not do it: it
/// would end, and be heard of, a millisecond later.
pub(crate) fn remove(launcher: u32) -> bool {
    let folders = parents().map(|parent| parent.join(format!("{NAME}{launcher}")));
    folders.iter().fold(true, |gone, folder| {
        let removed = std::fs::remove_dir(folder);
        gone && !removed.is_err_and(|error| error.kind() == ErrorKind::ResourceBusy)
    })
}

fn parents() -> [PathBuf; 3] {
    let root = Path::new(ROOT);
    [root.to_owned(), root.join(PIDS.0), root.join(MEMORY.0)]
}

/// Removes the groups of launchers that are gone.
pub(crate) fn forget() {
    for folder in parents() {
        let Ok(entries) = std::fs::read_dir(folder) else {
            continue;
        };
        for entry in entries.flatten() {
            let name = entry.file_name();
            if name.to_string_lossy().starts_with(NAME) {
                // One with processes in it is refused, as it should be.
                let _in_use = std::fs::remove_dir(entry.path());
            }
        }
    }
}
