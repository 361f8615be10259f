//! How outputs looked when they were last read: what looks so still is not read again.
//!
//! A checkout that is used every day has thousands of outputs in it that are right, and reading all of them to know that costs more than all else of
//! a run in which nothing has to be done. It is remembered by task, so that of a task whose outputs look as they did not even the record is read.

use std::collections::HashMap;
use std::fs::Metadata;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime};

use crate::definition::TaskName;
use crate::kept;
use crate::key::{Key, hash};
use crate::look::{Look, now};
use crate::store::{Record, Store, Written};

/// Files that are remembered.
const MOST: usize = 500_000;
/// What stands before a log: whether it is that itself, or its hash.
const TEXT: u8 = 0;
const HASH: u8 = 1;
/// For how long the store is not asked. What is asked for is in use, and is not evicted.
const FRESH: Duration = Duration::from_secs(600);

/// A file that a task made: its path from the root of the checkout, its content, and how it looked.
type Placed = (Arc<str>, Key, Look);

/// A task whose outputs lay in the checkout.
#[derive(Clone, Debug, PartialEq, Eq)]
struct InPlace {
    /// When the store was asked for it, in seconds since 1970.
    asked: u64,
    action_key: Key,
    /// The hash of what it made.
    made: Key,
    log: Written,
    outputs: Vec<Placed>,
}

#[derive(Debug, Default)]
struct Known {
    tasks: HashMap<String, InPlace>,
    /// What the tasks have, by path; made where it is asked for first.
    files: Option<HashMap<Arc<str>, (Key, Look)>>,
}

impl Known {
    fn files(&mut self) -> &mut HashMap<Arc<str>, (Key, Look)> {
        let tasks = &self.tasks;
        self.files.get_or_insert_with(|| {
            let placed = tasks.values().flat_map(|task| &task.outputs);
            placed
                .map(|(path, content, look)| (Arc::clone(path), (*content, *look)))
                .collect()
        })
    }
}

/// How the outputs of one checkout looked.
#[derive(Debug)]
pub struct Looks {
    root: PathBuf,
    file: PathBuf,
    known: Mutex<Known>,
    news: AtomicBool,
}

impl Looks {
    /// Those of the checkout `root`, which are kept beside the results of `store`. Where they cannot be read nothing is known.
    #[must_use]
    pub fn open(store: &Store, root: &Path) -> Self {
        let name = hash(root.as_os_str().as_encoded_bytes()).to_string();
        let file = store.root().join("looks").join(name);
        let tasks = kept::read_with(&file, decode);
        Self {
            root: root.to_owned(),
            file,
            known: Mutex::new(Known {
                tasks: tasks.unwrap_or_default(),
                files: None,
            }),
            news: AtomicBool::new(false),
        }
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The hash of what a task made and what it wrote, where all that it made looks as it did when that was known.
    pub(crate) fn in_place(&self, task: &TaskName, action_key: &Key) -> Option<(Key, Written)> {
        let known = self.lock();
        let task = known.tasks.get(&task.to_string())?;
        if task.action_key != *action_key || !is_fresh(task.asked) {
            return None;
        }
        let mut place = PathBuf::new();
        let looks_so = |(path, _, look): &Placed| {
            place.clear();
            place.push(&self.root);
            place.push(&**path);
            std::fs::symlink_metadata(&place).is_ok_and(|found| *look == Look::of(&found))
        };
        let all = task.outputs.iter().all(looks_so);
        all.then(|| (task.made, task.log.clone()))
    }

    /// Remembers that all outputs of `record` are in the checkout. Where one is so young that it may change and look the same, it is not.
    pub(crate) fn remember(&self, task: &TaskName, action_key: &Key, record: &Record) {
        let Ok(made) = record.output_hash.parse() else {
            return;
        };
        let mut known = self.lock();
        let files = known.files();
        let placed = record.outputs.iter().map(|output| {
            let (path, (content, look)) = files.get_key_value(output.path.as_str())?;
            (content.to_string() == output.hash).then(|| (Arc::clone(path), *content, *look))
        });
        let Some(outputs) = placed.collect() else {
            return;
        };
        let task_in_place = InPlace {
            asked: seconds(now()),
            action_key: *action_key,
            made,
            log: record.log.clone(),
            outputs,
        };
        known.tasks.insert(task.to_string(), task_in_place);
        self.news.store(true, Ordering::Relaxed);
    }

    /// Whether the file at `path` had this content when it last looked as it does now.
    pub(crate) fn knows(&self, path: &str, found: &Metadata, content: &Key) -> bool {
        let mut known = self.lock();
        let known = known.files().get(path);
        known.is_some_and(|(key, look)| key == content && *look == Look::of(found))
    }

    /// Notes that the file had this content, and how it looked before and after it was read; it was read until `at`.
    pub(crate) fn note(
        &self,
        path: &str,
        (before, after): (&Metadata, &Metadata),
        at: SystemTime,
        content: Key,
    ) {
        let look = Look::of(after);
        if look != Look::of(before) || !look.is_settled(at) {
            return;
        }
        let mut known = self.lock();
        if known.files().len() >= MOST {
            known.tasks.clear();
            known.files().clear();
        }
        known.files().insert(path.into(), (content, look));
    }

    /// Keeps them for the next run. Where they cannot be kept the next run reads more.
    pub fn save(&self) {
        if !self.news.swap(false, Ordering::Relaxed) {
            return;
        }
        let content = encode(&self.lock().tasks);
        kept::write_bytes(&self.file, &content);
    }
}

fn is_fresh(asked: u64) -> bool {
    seconds(now())
        .checked_sub(asked)
        .is_some_and(|age| age < FRESH.as_secs())
}

fn seconds(time: SystemTime) -> u64 {
    time.duration_since(SystemTime::UNIX_EPOCH)
        .map_or(0, |since| since.as_secs())
}

/// Each task: its name, when it was asked for, its keys, its log and how many outputs it has, and then these. A text has its length before it.
fn encode(tasks: &HashMap<String, InPlace>) -> Vec<u8> {
    let mut to = Vec::new();
    let text = |to: &mut Vec<u8>, text: &str| {
        to.extend((text.len() as u64).to_le_bytes());
        to.extend(text.as_bytes());
    };
    for (name, task) in tasks {
        text(&mut to, name);
        to.extend(task.asked.to_le_bytes());
        to.extend(task.action_key.0);
        to.extend(task.made.0);
        let (kind, log) = match &task.log {
            Written::Text(log) => (TEXT, log),
            Written::Hash(hash) => (HASH, hash),
        };
        to.push(kind);
        text(&mut to, log);
        to.extend((task.outputs.len() as u64).to_le_bytes());
        for (path, content, look) in &task.outputs {
            text(&mut to, path);
            to.extend(content.0);
            to.extend(look.bytes.to_le_bytes());
            to.extend(look.inode.to_le_bytes());
            for (seconds, nanoseconds) in [look.modified, look.changed] {
                to.extend(seconds.to_le_bytes());
                to.extend(nanoseconds.to_le_bytes());
            }
        }
    }
    to
}

/// Nothing where it is not what [`encode`] gives.
fn decode(bytes: &[u8]) -> Option<HashMap<String, InPlace>> {
    let mut from = Decoder(bytes);
    let mut tasks = HashMap::new();
    while !from.0.is_empty() {
        let name = from.text()?.to_owned();
        let asked = from.number()?;
        let (action_key, made) = (from.key()?, from.key()?);
        let kind = from.take(1)?[0];
        let log = from.text()?.to_owned();
        let log = match kind {
            TEXT => Written::Text(log),
            HASH => Written::Hash(log),
            _ => return None,
        };
        let count = from.number()?;
        let mut outputs = Vec::new();
        for _ in 0..count {
            outputs.push((from.text()?.into(), from.key()?, from.look()?));
        }
        let task = InPlace {
            asked,
            action_key,
            made,
            log,
            outputs,
        };
        tasks.insert(name, task);
    }
    Some(tasks)
}

struct Decoder<'a>(&'a [u8]);

impl<'a> Decoder<'a> {
    fn take(&mut self, bytes: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(bytes)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<&'a str> {
        let length = usize::try_from(self.number()?).ok()?;
        std::str::from_utf8(self.take(length)?).ok()
    }

    fn key(&mut self) -> Option<Key> {
        Some(Key(self.take(32)?.try_into().ok()?))
    }

    fn look(&mut self) -> Option<Look> {
        let mut time = || -> Option<i64> { Some(self.number()?.cast_signed()) };
        let (bytes, inode) = (time()?.cast_unsigned(), time()?.cast_unsigned());
        Some(Look {
            bytes,
            inode,
            modified: (time()?, time()?),
            changed: (time()?, time()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::look::YOUNG;
    use crate::store::{Limits, Output};

    fn name() -> TaskName {
        TaskName {
            project: "node:a".into(),
            task: "build".into(),
        }
    }

    fn record(content: &Key) -> Record {
        let output = Output {
            path: "made".into(),
            program: false,
            link: None,
            hash: content.to_string(),
            bytes: 3,
            at: Some(0),
        };
        Record {
            task: name().to_string(),
            outputs: vec![output],
            small: Some(content.to_string()),
            output_hash: content.to_string(),
            log: Written::Text("said".into()),
            milliseconds: 1,
            ended: trunkline_model::Timestamp::from_millis(0),
            by: "ada".into(),
        }
    }

    #[test]
    fn what_looks_the_same_is_not_read_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store"), Limits::default()).unwrap();
        let looks = Looks::open(&store, folder.path());
        let place = folder.path().join("made");
        std::fs::write(&place, "one").unwrap();
        let about = || std::fs::metadata(&place).unwrap();
        let (key, action) = (hash(b"one"), hash(b"action"));
        let made = about().modified().unwrap();
        let note = |at| looks.note("made", (&about(), &about()), at, key);
        // It may change within the same moment.
        note(made + YOUNG);
        assert!(!looks.knows("made", &about(), &key));
        looks.remember(&name(), &action, &record(&key));
        note(made + YOUNG * 2);
        assert!(looks.knows("made", &about(), &key));
        assert!(!looks.knows("made", &about(), &hash(b"two")));
        // Another content than the one that was noted is not what the task made.
        looks.remember(&name(), &action, &record(&hash(b"two")));
        looks.save();
        assert!(!looks.file.exists());
        looks.remember(&name(), &action, &record(&key));
        looks.save();
        let again = Looks::open(&store, folder.path());
        assert!(again.knows("made", &about(), &key));
        let found = again.in_place(&name(), &action);
        assert_eq!(found, Some((key, Written::Text("said".into()))));
        assert_eq!(again.in_place(&name(), &key), None);
        std::fs::write(&place, "two").unwrap();
        assert!(!again.knows("made", &about(), &key));
        assert_eq!(again.in_place(&name(), &action), None);
        // Of another checkout nothing is known.
        let other = Looks::open(&store, Path::new("/elsewhere"));
        assert!(!other.knows("made", &about(), &key));
    }

    #[test]
    fn after_a_while_the_store_is_asked_again() {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&folder.path().join("store"), Limits::default()).unwrap();
        let looks = Looks::open(&store, folder.path());
        let place = folder.path().join("made");
        std::fs::write(&place, "one").unwrap();
        let about = std::fs::metadata(&place).unwrap();
        let key = hash(b"one");
        looks.note("made", (&about, &about), now() + YOUNG * 2, key);
        looks.remember(&name(), &key, &record(&key));
        assert!(looks.in_place(&name(), &key).is_some());
        let task = name().to_string();
        looks.lock().tasks.get_mut(&task).unwrap().asked -= FRESH.as_secs();
        looks.save();
        for looks in [&looks, &Looks::open(&store, folder.path())] {
            assert_eq!(looks.in_place(&name(), &key), None);
            assert!(looks.knows("made", &about, &key));
        }
    }

    #[test]
    fn what_is_no_encoding_is_not_taken_for_one() {
        let task = InPlace {
            asked: 7,
            action_key: Key([1; 32]),
            made: Key([2; 32]),
            log: Written::Hash("said".into()),
            outputs: vec![(
                "a/b".into(),
                Key([3; 32]),
                Look::of(&std::fs::metadata("/").unwrap()),
            )],
        };
        let tasks = HashMap::from([("one".to_owned(), task)]);
        let bytes = encode(&tasks);
        assert_eq!(decode(&bytes), Some(tasks));
        for end in 1..bytes.len() {
            assert_eq!(decode(&bytes[..end]), None, "{end}");
        }
    }
}
