//! From a checkout into the store.

use std::collections::BTreeSet;
use std::fs::File;
use std::io::Read;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};

use crate::TaskError;
use crate::definition::Definition;
use crate::key::{Key, hash};
use crate::store::{Limits, Output, Store};

/// Folders deeper than this are refused.
const DEPTH: usize = 128;

/// Bytes of a file that is kept together with the other small ones of its task.
const SMALL: u64 = 16 * 1024;
/// Bytes of all small files of a task; what is beyond is kept by itself.
const ALL_SMALL: usize = 8 << 20;

/// What became of a content: its hash, its bytes, and where it begins among the small ones.
pub(crate) type Taken = (Key, u64, Option<u64>);

/// Takes contents.
pub(crate) trait Sink {
    /// Takes all that `from` gives.
    fn put(&mut self, from: &mut dyn Read) -> Result<Taken, TaskError>;
}

/// Keeps them.
pub(crate) struct Keep<'a> {
    store: &'a Store,
    small: Vec<u8>,
    piece: Vec<u8>,
}

impl<'a> Keep<'a> {
    /// Keeps them in `store`.
    pub(crate) const fn new(store: &'a Store) -> Self {
        Self {
            store,
            small: Vec::new(),
            piece: Vec::new(),
        }
    }

    /// Keeps the small ones, and says the hash of all of them; nothing where there are none.
    pub(crate) fn finish(self) -> Result<Option<Key>, TaskError> {
        if self.small.is_empty() {
            return Ok(None);
        }
        let (hash, _) = self.store.put_object(self.small.as_slice())?;
        Ok(Some(hash))
    }
}

impl Sink for Keep<'_> {
    fn put(&mut self, from: &mut dyn Read) -> Result<Taken, TaskError> {
        self.piece.clear();
        let mut first = from.take(SMALL + 1);
        first
            .read_to_end(&mut self.piece)
            .map_err(TaskError::store)?;
        let bytes = self.piece.len() as u64;
        if bytes > SMALL || self.small.len() + self.piece.len() > ALL_SMALL {
            let whole = self.piece.as_slice().chain(from);
            let (hash, bytes) = self.store.put_object(whole)?;
            return Ok((hash, bytes, None));
        }
        let at = self.small.len() as u64;
        self.small.extend(&self.piece);
        Ok((hash(&self.piece), bytes, Some(at)))
    }
}

/// Looks at them alone.
pub(crate) struct HashOnly;

impl Sink for HashOnly {
    fn put(&mut self, from: &mut dyn Read) -> Result<Taken, TaskError> {
        let mut hasher = blake3::Hasher::new();
        let bytes = std::io::copy(from, &mut hasher).map_err(TaskError::store)?;
        Ok((Key(*hasher.finalize().as_bytes()), bytes, None))
    }
}

/// Collects the files that a task made, and gives their contents to `sink`.
pub(crate) fn collect(
    root: &Path,
    definition: &Definition,
    limits: &Limits,
    sink: &mut dyn Sink,
) -> Result<Vec<Output>, TaskError> {
    let Some(patterns) = &definition.outputs else {
        return Ok(Vec::new());
    };
    let most = limits.outputs;
    let mut found = BTreeSet::new();
    for place in patterns.places() {
        let place = safe(&place)?;
        walk(root, &place, 0, &mut |path| {
            if found.len() <= most && patterns.has(&path) {
                found.insert(path);
            }
        })?;
        if found.len() > most {
            return Err(refused(
                &place,
                format!("a task makes at most {most} files"),
            ));
        }
    }
    let mut left = limits.task_bytes;
    let mut outputs = Vec::with_capacity(found.len());
    for path in found {
        let output = take(sink, limits, root, path)?;
        left = left.checked_sub(output.bytes).ok_or_else(|| {
            let most = limits.task_bytes;
            refused(
                Path::new(&output.path),
                format!("what a task makes has at most {most} bytes"),
            )
        })?;
        outputs.push(output);
    }
    Ok(outputs)
}

/// The checkout does not do what it should: that is no fault of the store.
pub(crate) fn checkout(path: &Path) -> impl Fn(std::io::Error) -> TaskError {
    move |error| refused(path, error.to_string())
}

fn refused(path: &Path, problem: impl Into<String>) -> TaskError {
    TaskError::Output {
        path: path.display().to_string(),
        problem: problem.into(),
    }
}

/// A path that stays in the checkout, and out of what git keeps of it: a hook there is run by whoever uses git next.
pub(crate) fn safe(path: &str) -> Result<PathBuf, TaskError> {
    let path = Path::new(path);
    let inside = path.components().all(|part| match part {
        Component::Normal(name) => !name.eq_ignore_ascii_case(".git"),
        _ => false,
    });
    if inside {
        Ok(path.to_owned())
    } else {
        Err(refused(
            path,
            "it leads out of the checkout, or into `.git`",
        ))
    }
}

/// Calls `each` with the path of each file and link below `place`. Links are not followed.
fn walk(
    root: &Path,
    place: &Path,
    depth: usize,
    each: &mut impl FnMut(String),
) -> Result<(), TaskError> {
    if depth > DEPTH {
        return Err(refused(place, format!("folders are deeper than {DEPTH}")));
    }
    let whole = root.join(place);
    // A link on the way would lead elsewhere.
    let mut above = root.to_owned();
    for part in place.parent().into_iter().flat_map(Path::components) {
        above.push(part);
        if std::fs::symlink_metadata(&above).is_ok_and(|found| found.is_symlink()) {
            return Err(refused(place, "a link is on the way to it"));
        }
    }
    let Ok(found) = std::fs::symlink_metadata(&whole) else {
        return Ok(());
    };
    if !found.is_dir() {
        each(place.to_string_lossy().into_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(&whole).map_err(checkout(place))? {
        let entry = entry.map_err(checkout(place))?;
        let name = entry.file_name();
        let Some(name) = name.to_str() else {
            return Err(refused(&place.join(&name), "its name is no text"));
        };
        // What git keeps is no output, and a pattern that has all does not mean it.
        if name.eq_ignore_ascii_case(".git") {
            continue;
        }
        walk(root, &place.join(name), depth + 1, each)?;
    }
    Ok(())
}

fn take(
    sink: &mut dyn Sink,
    limits: &Limits,
    root: &Path,
    path: String,
) -> Result<Output, TaskError> {
    let place = root.join(&path);
    let own = Path::new(&path);
    let found = std::fs::symlink_metadata(&place).map_err(checkout(own))?;
    let kind = found.file_type();
    if kind.is_symlink() {
        let target = std::fs::read_link(&place).map_err(checkout(own))?;
        let text = target
            .to_str()
            .ok_or_else(|| refused(own, "its target is no text"))?;
        if !stays_inside(own, &target) {
            return Err(refused(
                own,
                "the link leads out of the checkout, or into `.git`",
            ));
        }
        return Ok(Output {
            path,
            program: false,
            link: Some(text.to_owned()),
            hash: hash(text.as_bytes()).to_string(),
            bytes: text.len() as u64,
            at: None,
        });
    }
    if !kind.is_file() {
        return Err(refused(own, "it is neither a file nor a link"));
    }
    let most = limits.file_bytes;
    if found.len() > most {
        return Err(refused(own, format!("it has more than {most} bytes")));
    }
    let mut file = File::open(&place).map_err(checkout(own))?;
    let (hash, bytes, at) = sink.put(&mut file)?;
    Ok(Output {
        path,
        program: found.permissions().mode() & 0o100 != 0,
        link: None,
        hash: hash.to_string(),
        bytes,
        at,
    })
}

/// Whether a link leads to something in the checkout. After a name no `..` may come: that name could be a link itself, and `..` of where it leads
/// is somewhere else.
pub(crate) fn stays_inside(path: &Path, target: &Path) -> bool {
    let mut depth = path.components().count().saturating_sub(1);
    let mut named = false;
    target.components().all(|part| match part {
        Component::Normal(name) if !name.eq_ignore_ascii_case(".git") => {
            named = true;
            true
        }
        Component::CurDir => true,
        Component::ParentDir if depth > 0 && !named => {
            depth -= 1;
            true
        }
        _ => false,
    })
}

/// The hash of what a task made.
pub(crate) fn hash_of(outputs: &[Output]) -> Key {
    let mut text = Vec::new();
    for output in outputs {
        text.extend((output.path.len() as u64).to_le_bytes());
        text.extend(output.path.as_bytes());
        text.push(output.mode().byte());
        text.extend(output.hash.as_bytes());
    }
    hash(&text)
}
