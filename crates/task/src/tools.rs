//! Which versions of tools are there.

use std::collections::BTreeMap;
use std::fmt;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError};

use serde::{Deserialize, Serialize};

/// Bytes of a version that count.
const LONGEST: usize = 500;

/// Knows the versions of tools.
pub trait Tools: Send + Sync + fmt::Debug {
    /// The first line that the tool says of its version; nothing where it is not there.
    fn version(&self, tool: &str) -> Option<String>;
}

/// The tools of this machine. What one said is kept with how its file looked, so a tool is asked once and not for each run.
#[derive(Debug)]
pub struct InstalledTools {
    path: Vec<PathBuf>,
    kept: PathBuf,
    known: Mutex<BTreeMap<String, Known>>,
}

/// What a tool said, and how its file looked then.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Known {
    place: PathBuf,
    looks: (u64, i64, i64, u64),
    version: Option<String>,
}

impl InstalledTools {
    /// The tools in the folders of `path`, as `PATH` has them. What they say is kept in the file `kept`, which can be removed at any time.
    #[must_use]
    pub fn new(path: &str, kept: PathBuf) -> Self {
        let read = std::fs::read(&kept).ok();
        let known = read.and_then(|bytes| serde_json::from_slice(&bytes).ok());
        Self {
            path: std::env::split_paths(path).collect(),
            kept,
            known: Mutex::new(known.unwrap_or_default()),
        }
    }

    fn find(&self, tool: &str) -> Option<PathBuf> {
        // A path is no name: what it leads to could be in the checkout.
        if tool.is_empty() || tool.contains('/') {
            return None;
        }
        let mut places = self.path.iter().map(|folder| folder.join(tool));
        places.find(|place| place.is_file())
    }
}

fn looks(place: &Path) -> Option<(u64, i64, i64, u64)> {
    let found = std::fs::metadata(place).ok()?;
    Some((found.len(), found.mtime(), found.mtime_nsec(), found.ino()))
}

fn ask(place: &Path) -> Option<String> {
    let output = Command::new(place)
        .arg("--version")
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .output()
        .ok()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let line = text.lines().next()?.trim();
    Some(line[..line.floor_char_boundary(LONGEST)].to_owned())
}

impl Tools for InstalledTools {
    fn version(&self, tool: &str) -> Option<String> {
        let place = self.find(tool)?;
        let looks = looks(&place)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(tool)
            && known.place == place
            && known.looks == looks
        {
            return known.version.clone();
        }
        let version = ask(&place);
        let new = Known {
            place,
            looks,
            version: version.clone(),
        };
        known.insert(tool.to_owned(), new);
        let text = serde_json::to_vec(&*known).unwrap_or_default();
        let part = self.kept.with_extension("part");
        // Where it cannot be kept, the tool is asked again next time.
        let _kept = std::fs::write(&part, text).and_then(|()| std::fs::rename(&part, &self.kept));
        version
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    #[test]
    fn a_tool_is_asked_once_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let tool = folder.path().join("tool");
        let write = |version: &str| {
            let script = format!(
                "#!/bin/sh\necho asked >> {}/asked\necho 'tool {version}'\necho more\n",
                folder.path().display()
            );
            std::fs::write(&tool, script).unwrap();
            std::fs::set_permissions(&tool, std::fs::Permissions::from_mode(0o755)).unwrap();
        };
        write("1");
        let kept = folder.path().join("tools.json");
        let path = folder.path().to_str().unwrap();
        for _ in 0..3 {
            let tools = InstalledTools::new(path, kept.clone());
            assert_eq!(tools.version("tool").as_deref(), Some("tool 1"));
        }
        assert_eq!(
            std::fs::read_to_string(folder.path().join("asked")).unwrap(),
            "asked\n"
        );
        write("1.1");
        let tools = InstalledTools::new(path, kept);
        assert_eq!(tools.version("tool").as_deref(), Some("tool 1.1"));
        assert_eq!(tools.version("none"), None);
        assert_eq!(tools.version("./tool"), None);
    }
}
