//! Groups of processes with limits of their own, where the kernel's tree of them may be written: version 2, or the controllers of version 1.

use std::path::{Path, PathBuf};

use crate::Request;

/// Where the tree is.
const ROOT: &str = "/sys/fs/cgroup";
/// What our groups are called before the number of their launcher.
const NAME: &str = "trunkline-task-";

/// A group for each controller. They are removed with it.
#[derive(Debug, Default)]
pub(crate) struct Groups(Vec<PathBuf>);

impl Groups {
    /// Puts this process, and so all that come of it, into groups with the limits of `request`. Where that is refused, the other limits hold.
    pub(crate) fn enter(request: &Request, processes: u64) -> Self {
        let mut groups = Self::default();
        let second = Path::new(ROOT).join("cgroup.controllers").is_file();
        let limits = [
            ("pids", "pids.max", "pids.max", Some(processes)),
            (
                "memory",
                "memory.max",
                "memory.limit_in_bytes",
                request.memory_bytes,
            ),
        ];
        for (controller, new, old, limit) in limits {
            let Some(limit) = limit else {
                continue;
            };
            let (parent, file) = if second {
                (PathBuf::from(ROOT), new)
            } else {
                (Path::new(ROOT).join(controller), old)
            };
            groups.add(&parent, file, limit);
        }
        groups
    }

    fn add(&mut self, parent: &Path, file: &str, limit: u64) {
        let group = parent.join(format!("{NAME}{}", std::process::id()));
        let made = std::fs::create_dir(&group);
        let known = self.0.contains(&group);
        if made.is_err() && !known {
            return;
        }
        let written = std::fs::write(group.join(file), limit.to_string())
            .and_then(|()| std::fs::write(group.join("cgroup.procs"), "0"));
        if written.is_ok() && !known {
            self.0.push(group);
        } else if !known {
            // It stays empty, and the next start removes it.
            let _stays = std::fs::remove_dir(&group);
        }
    }
}

impl Drop for Groups {
    fn drop(&mut self) {
        for group in &self.0 {
            let parent = group.parent().unwrap_or(Path::new(ROOT));
            // What cannot be removed now is removed at the next start.
            let _left = std::fs::write(parent.join("cgroup.procs"), "0");
            let _stays = std::fs::remove_dir(group);
        }
    }
}

/// Removes the groups of launchers that are gone.
pub(crate) fn forget() {
    for folder in [
        PathBuf::from(ROOT),
        Path::new(ROOT).join("pids"),
        Path::new(ROOT).join("memory"),
    ] {
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
