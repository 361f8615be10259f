//! Which versions of tools are there.

use std::collections::BTreeMap;
use std::fmt;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::process::CommandExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Mutex, PoisonError, mpsc};
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process_group};
use serde::{Deserialize, Serialize};

/// Bytes of a version that count.
const LONGEST: usize = 500;
/// Bytes that are read of what a tool says.
const READ: u64 = 4_096;
/// How long a tool has to say it.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a tool sees of the environment, as tasks do: where it finds itself, and nothing that would choose another version for this shell alone.
const SEEN: &[&str] = &["PATH", "HOME", "CARGO_HOME", "RUSTUP_HOME"];

/// Knows the versions of tools.
pub trait Tools: Send + Sync + fmt::Debug {
    /// The first line that the tool says of its version; nothing where it is not there.
    fn version(&self, tool: &str) -> Option<String>;
}

/// The tools of this machine. What one said is kept with how its file looked, so a tool is asked once and not for each run. A file that stands for
/// others, as those of rustup and asdf do, looks the same whatever they become, and is asked each time.
///
/// They are asked in the root of the file system. In a checkout its files would choose the version, even a program of its own, and would do so
/// outside of any sandbox; these files are among the inputs of a task as they are.
#[derive(Debug)]
pub struct InstalledTools {
    path: Vec<PathBuf>,
    kept: PathBuf,
    known: Mutex<BTreeMap<String, Known>>,
    patience: Duration,
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
            patience: PATIENCE,
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

/// Whether the file only finds the program that it is called after: a link to a program of another name, or a script.
fn stands_for_others(place: &Path, tool: &str) -> bool {
    let link = std::fs::canonicalize(place).is_ok_and(|real| !real.ends_with(tool));
    let mut first = [0; 2];
    let script = File::open(place).and_then(|mut file| file.read_exact(&mut first));
    link || (script.is_ok() && &first == b"#!")
}

/// The first line of what a tool says, in as much time as `patience`.
fn ask(place: &Path, tool: &str, patience: Duration) -> Option<String> {
    let question = if tool == "go" { "version" } else { "--version" };
    let seen = SEEN.iter().map(|name| (name, std::env::var_os(name)));
    let mut child = Command::new(place)
        .arg(question)
        .current_dir("/")
        .env_clear()
        .envs(seen.filter_map(|(name, value)| Some((name, value?))))
        .env("LANG", "C.UTF-8")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .ok()?;
    let mut line = BufReader::new(child.stdout.take()?.take(READ));
    let (to, from) = mpsc::channel();
    std::thread::spawn(move || {
        let mut text = Vec::new();
        let _broken = line.read_until(b'\n', &mut text);
        // Who asked may have gone.
        let _gone = to.send(text);
    });
    let text = from.recv_timeout(patience).ok();
    // What it has to say beyond is not waited for.
    let ended = text.is_some() && matches!(child.try_wait(), Ok(Some(_)));
    if !ended && let Some(group) = Pid::from_raw(child.id().cast_signed()) {
        let _gone = kill_process_group(group, Signal::KILL);
    }
    let _waited = child.wait();
    let text = String::from_utf8_lossy(&text?).trim().to_owned();
    let line = &text[..text.floor_char_boundary(LONGEST)];
    (!line.is_empty()).then(|| line.to_owned())
}

impl Tools for InstalledTools {
    fn version(&self, tool: &str) -> Option<String> {
        let place = self.find(tool)?;
        if stands_for_others(&place, tool) {
            return ask(&place, tool, self.patience);
        }
        let looks = looks(&place)?;
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = known.get(tool)
            && known.place == place
            && known.looks == looks
        {
            return known.version.clone();
        }
        let version = ask(&place, tool, self.patience);
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

    fn script(place: &Path, text: &str) {
        std::fs::write(place, format!("#!/bin/sh\n{text}\n")).unwrap();
        std::fs::set_permissions(place, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    fn tools(folder: &tempfile::TempDir) -> InstalledTools {
        let path = folder.path().to_str().unwrap();
        InstalledTools::new(path, folder.path().join("tools.json"))
    }

    #[test]
    fn a_tool_is_asked_once_until_it_changes() {
        let folder = tempfile::tempdir().unwrap();
        let tool = folder.path().join("tool");
        let git = InstalledTools::new(&std::env::var("PATH").unwrap(), PathBuf::new());
        std::fs::copy(git.find("git").unwrap().canonicalize().unwrap(), &tool).unwrap();
        let said = tools(&folder).version("tool").unwrap();
        assert!(said.starts_with("git version "), "{said}");
        // What is kept is told without asking.
        let kept = folder.path().join("tools.json");
        let text = std::fs::read_to_string(&kept).unwrap();
        std::fs::write(&kept, text.replace("git version ", "kept ")).unwrap();
        assert!(tools(&folder).version("tool").unwrap().starts_with("kept "));
        let mut changed = std::fs::read(&tool).unwrap();
        changed.push(0);
        std::fs::write(&tool, changed).unwrap();
        assert_eq!(tools(&folder).version("tool"), Some(said));
        assert_eq!(tools(&folder).version("none"), None);
        assert_eq!(tools(&folder).version("./tool"), None);
    }

    #[test]
    fn what_stands_for_others_is_asked_each_time() {
        let folder = tempfile::tempdir().unwrap();
        let shims = tempfile::tempdir().unwrap();
        let version = folder.path().join("version");
        let shim = shims.path().join("manager");
        script(&shim, &format!("cat {}", version.display()));
        for name in ["rustc", "script"] {
            let place = folder.path().join(name);
            if name == "rustc" {
                std::os::unix::fs::symlink(&shim, place).unwrap();
            } else {
                std::fs::copy(&shim, place).unwrap();
            }
            for number in ["1", "2"] {
                std::fs::write(&version, number).unwrap();
                assert_eq!(tools(&folder).version(name).as_deref(), Some(number));
            }
        }
    }

    #[test]
    fn a_tool_is_asked_as_it_wants_and_not_for_long() {
        let folder = tempfile::tempdir().unwrap();
        let place = |name: &str| folder.path().join(name);
        script(
            &place("go"),
            "test $1 = version && echo go1 $(pwd) $CARGO_PKG_NAME",
        );
        script(&place("endless"), "yes | tr -d '\\n'");
        script(&place("silent"), "sleep 60 & wait");
        script(&place("mute"), "exit 1");
        let tools = InstalledTools {
            patience: Duration::from_millis(500),
            ..tools(&folder)
        };
        assert_eq!(tools.version("go").as_deref(), Some("go1 /"));
        assert_eq!(tools.version("endless").unwrap().len(), LONGEST);
        let began = std::time::Instant::now();
        assert_eq!(tools.version("silent"), None);
        assert!(began.elapsed() < Duration::from_secs(10));
        assert_eq!(tools.version("mute"), None);
    }
}
