//! The team's workspace: a folder of files that say how the platform is to behave, watched for changes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio_util::sync::CancellationToken;
use trunkline_gateway::{Gateway, RouteFile};
use trunkline_hub::{RuleFile, TopicRules};
use trunkline_permit::{Permits, PolicyFile};
use trunkline_portal::{ApiFile, Portal};

use super::notice::Notice;

/// How often the folder is looked at where the kernel does not tell of a change. The names, sizes and times of a few dozen files cost a
/// few microseconds.
const EVERY: Duration = Duration::from_millis(250);
/// Bytes of the largest file that is read.
const LARGEST: u64 = 4 << 20;
/// Files of one kind that are read at the most.
const MOST_FILES: usize = 1_000;

/// A file of the workspace: its path from the workspace's folder, and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WorkspaceFile {
    pub(super) name: String,
    pub(super) text: String,
}

/// What a room does with its files, each time one of them changes.
pub(super) type Apply = Box<dyn Fn(Vec<WorkspaceFile>) + Send + Sync>;

/// Files of one kind, and who wants them.
pub(super) struct Kind {
    /// The folder below the workspace.
    folder: &'static str,
    /// The endings of the files' names.
    endings: &'static [&'static str],
    apply: Apply,
    seen: BTreeMap<PathBuf, Stamp>,
    /// The folders that files were looked for in.
    folders: Vec<PathBuf>,
    /// The files as they were read, for those that cannot be read any more.
    texts: BTreeMap<PathBuf, WorkspaceFile>,
}

/// By this a changed file is known.
type Stamp = (SystemTime, u64);

impl Kind {
    /// Files below `folder` whose names end in one of `endings`, for `apply`.
    pub(super) fn new(
        folder: &'static str,
        endings: &'static [&'static str],
        apply: Apply,
    ) -> Self {
        Self {
            folder,
            endings,
            apply,
            seen: BTreeMap::new(),
            folders: Vec::new(),
            texts: BTreeMap::new(),
        }
    }

    /// Hands the files over where one of them changed since the last time, or `first` says to do so in any case.
    fn look(&mut self, workspace: &Path, first: bool) {
        let mut found = BTreeMap::new();
        self.folders.clear();
        self.list(&workspace.join(self.folder), 0, &mut found);
        if found == self.seen && !first {
            return;
        }
        // A file that is there and cannot be read is as it was: a rule must not vanish because a file grew too large.
        let texts = found.keys().map(|path| {
            let file = read(workspace, path).or_else(|| self.texts.get(path).cloned());
            (
                path.clone(),
                file.unwrap_or_else(|| unreadable(workspace, path)),
            )
        });
        self.texts = texts.collect();
        (self.apply)(self.texts.values().cloned().collect());
        self.seen = found;
    }

    fn list(&mut self, folder: &Path, depth: usize, found: &mut BTreeMap<PathBuf, Stamp>) {
        let Ok(entries) = std::fs::read_dir(folder) else {
            return;
        };
        if self.folders.len() < MOST_FILES {
            self.folders.push(folder.into());
        }
        for entry in entries.flatten() {
            let Ok(metadata) = entry.metadata() else {
                continue;
            };
            let path = entry.path();
            if metadata.is_dir() && depth < 2 {
                self.list(&path, depth + 1, found);
            } else if metadata.is_file() && self.wants(&path) && found.len() < MOST_FILES {
                let changed = metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                found.insert(path, (changed, metadata.len()));
            }
        }
    }

    fn wants(&self, path: &Path) -> bool {
        let name = path.file_name().map(std::ffi::OsStr::to_string_lossy);
        let whole = path.to_string_lossy();
        name.is_some_and(|name| !name.starts_with('.'))
            && self.endings.iter().any(|ending| whole.ends_with(ending))
    }
}

/// Stands for a file that never could be read. No room can make anything of it, so that it is named as a problem where people look.
fn unreadable(workspace: &Path, path: &Path) -> WorkspaceFile {
    let name = path.strip_prefix(workspace).unwrap_or(path);
    WorkspaceFile {
        name: name.to_string_lossy().into_owned(),
        text: "this file is no UTF-8 text of at most 4 MiB".to_owned(),
    }
}

fn read(workspace: &Path, path: &Path) -> Option<WorkspaceFile> {
    let name = path.strip_prefix(workspace).ok()?.to_string_lossy();
    let size = std::fs::metadata(path).ok()?.len();
    if size > LARGEST {
        tracing::warn!(file = %name, size, most = LARGEST, "a file of the workspace is too large, and its last good version holds");
        return None;
    }
    match std::fs::read_to_string(path) {
        Ok(text) => Some(WorkspaceFile {
            name: name.into_owned(),
            text,
        }),
        Err(error) => {
            tracing::warn!(file = %name, %error, "a file of the workspace cannot be read, and its last good version holds");
            None
        }
    }
}

/// The team's policies.
pub(super) fn policies(permits: Arc<Permits>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| PolicyFile { name, text })
            .collect();
        permits.apply(&files);
    };
    Kind::new("policies", &[".cedar"], Box::new(apply))
}

/// The services' API documents: `apis/<service>/openapi.yaml`, or `.yml` or `.json`.
pub(super) fn documents(portal: Arc<Portal>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .filter_map(|file| {
                let service = file.name.split('/').nth(1)?.to_owned();
                Some(ApiFile {
                    service,
                    text: file.text,
                })
            })
            .collect();
        portal.apply(&files);
    };
    let endings = &["/openapi.yaml", "/openapi.yml", "/openapi.json"];
    Kind::new("apis", endings, Box::new(apply))
}

/// The gateway's routes.
pub(super) fn routes(gateway: Arc<Gateway>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files: Vec<_> = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| RouteFile { name, text })
            .collect();
        for problem in gateway.apply(&files) {
            let (file, line, what) = (problem.file, problem.line, problem.text);
            tracing::warn!(file, line, what, "a route file is not used");
        }
    };
    Kind::new("gateway", &[".toml"], Box::new(apply))
}

/// The rules that make rows of MQTT messages.
pub(super) fn topic_rules(rules: Arc<TopicRules>) -> Kind {
    let apply = move |files: Vec<WorkspaceFile>| {
        let files = files
            .into_iter()
            .map(|WorkspaceFile { name, text }| RuleFile { name, text });
        rules.apply(files.collect());
    };
    Kind::new("telemetry", &[".toml"], Box::new(apply))
}

/// The watched workspace.
pub(super) struct Workspace {
    folder: PathBuf,
    kinds: Vec<Kind>,
}

impl Workspace {
    /// The workspace in `folder`, which need not be there. All files are handed over once before this returns.
    pub(super) fn open(folder: PathBuf, mut kinds: Vec<Kind>) -> Self {
        for kind in &mut kinds {
            kind.look(&folder, true);
        }
        Self { folder, kinds }
    }

    /// Hands changed files over until `stop`.
    pub(super) async fn watch(self, stop: CancellationToken) {
        let notice = Notice::new();
        notice.watch(&self.folders());
        let workspace = Arc::new(std::sync::Mutex::new(self));
        loop {
            tokio::select! {
                () = notice.changed() => {}
                () = tokio::time::sleep(EVERY) => {}
                () = stop.cancelled() => return,
            }
            let workspace = Arc::clone(&workspace);
            let looked = tokio::task::spawn_blocking(move || {
                let mut workspace = workspace
                    .lock()
                    .unwrap_or_else(std::sync::PoisonError::into_inner);
                let Workspace { folder, kinds } = &mut *workspace;
                for kind in kinds {
                    kind.look(folder, false);
                }
                workspace.folders()
            });
            match looked.await {
                Ok(folders) => notice.watch(&folders),
                Err(_) => tracing::error!("the workspace could not be looked at"),
            }
        }
    }

    /// The folders in which a change matters.
    fn folders(&self) -> Vec<PathBuf> {
        let own = std::iter::once(&self.folder);
        let below = self.kinds.iter().flat_map(|kind| &kind.folders);
        own.chain(below).cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;

    #[test]
    fn a_change_hands_all_files_over_and_nothing_else_does() {
        let folder = tempfile::tempdir().unwrap();
        let seen: Arc<Mutex<Vec<Vec<String>>>> = Arc::default();
        let into = Arc::clone(&seen);
        let kind = Kind::new(
            "policies",
            &[".cedar"],
            Box::new(move |files| {
                let names = files
                    .into_iter()
                    .map(|file| format!("{}={}", file.name, file.text));
                into.lock().unwrap().push(names.collect());
            }),
        );
        let mut workspace = Workspace::open(folder.path().into(), vec![kind]);
        let look = |workspace: &mut Workspace| {
            let Workspace { folder, kinds } = workspace;
            kinds[0].look(folder, false);
        };
        look(&mut workspace);
        std::fs::create_dir_all(folder.path().join("policies/teams")).unwrap();
        std::fs::write(folder.path().join("policies/a.cedar"), "one").unwrap();
        std::fs::write(folder.path().join("policies/teams/b.cedar"), "two").unwrap();
        std::fs::write(folder.path().join("policies/.hidden.cedar"), "no").unwrap();
        std::fs::write(folder.path().join("policies/readme.md"), "no").unwrap();
        look(&mut workspace);
        look(&mut workspace);
        std::fs::remove_file(folder.path().join("policies/a.cedar")).unwrap();
        look(&mut workspace);
        assert_eq!(
            *seen.lock().unwrap(),
            [
                vec![],
                vec![
                    "policies/a.cedar=one".to_owned(),
                    "policies/teams/b.cedar=two".to_owned()
                ],
                vec!["policies/teams/b.cedar=two".to_owned()],
            ]
        );
        // What cannot be read is as it was, and what never could be is no rule at all.
        std::fs::write(folder.path().join("policies/teams/b.cedar"), [0xff]).unwrap();
        std::fs::write(folder.path().join("policies/c.cedar"), [0xff]).unwrap();
        look(&mut workspace);
        let last = seen.lock().unwrap().last().cloned().unwrap();
        assert_eq!(last[1], "policies/teams/b.cedar=two");
        assert!(
            last[0].starts_with("policies/c.cedar=this file is no"),
            "{last:?}"
        );
    }
}
