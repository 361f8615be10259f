//! From a checkout into the store, and back.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::io::Read;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use crate::definition::Definition;
use crate::key::{Key, hash};
use crate::store::{Limits, Output, Store};
use crate::{FileMode, Looks, RunOptions, TaskError};

/// Folders deeper than this are refused.
const DEPTH: usize = 128;

/// Takes contents, and says their hash and their bytes.
pub(crate) trait Sink {
    /// Takes all that `from` gives.
    fn put(&self, from: &mut dyn Read) -> Result<(Key, u64), TaskError>;
}

/// Keeps them.
pub(crate) struct Keep<'a>(pub(crate) &'a Store);

impl Sink for Keep<'_> {
    fn put(&self, from: &mut dyn Read) -> Result<(Key, u64), TaskError> {
        self.0.put_object(from)
    }
}

/// Looks at them alone.
pub(crate) struct HashOnly;

impl Sink for HashOnly {
    fn put(&self, from: &mut dyn Read) -> Result<(Key, u64), TaskError> {
        let mut hasher = blake3::Hasher::new();
        let bytes = std::io::copy(from, &mut hasher).map_err(TaskError::store)?;
        Ok((Key(*hasher.finalize().as_bytes()), bytes))
    }
}

/// Collects the files that a task made, and gives their contents to `sink`.
pub(crate) fn collect(
    root: &Path,
    definition: &Definition,
    limits: &Limits,
    sink: &dyn Sink,
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
fn checkout(path: &Path) -> impl Fn(std::io::Error) -> TaskError {
    move |error| refused(path, error.to_string())
}

fn refused(path: &Path, problem: impl Into<String>) -> TaskError {
    TaskError::Output {
        path: path.display().to_string(),
        problem: problem.into(),
    }
}

/// A path that stays in the checkout, and out of what git keeps of it: a hook there is run by whoever uses git next.
fn safe(path: &str) -> Result<PathBuf, TaskError> {
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

fn take(sink: &dyn Sink, limits: &Limits, root: &Path, path: String) -> Result<Output, TaskError> {
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
        let (hash, bytes) = sink.put(&mut text.as_bytes())?;
        return Ok(Output {
            path,
            program: false,
            link: Some(text.to_owned()),
            hash: hash.to_string(),
            bytes,
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
    let (hash, bytes) = sink.put(&mut file)?;
    Ok(Output {
        path,
        program: found.permissions().mode() & 0o100 != 0,
        link: None,
        hash: hash.to_string(),
        bytes,
    })
}

/// Whether a link leads to something in the checkout. After a name no `..` may come: that name could be a link itself, and `..` of where it leads
/// is somewhere else.
fn stays_inside(path: &Path, target: &Path) -> bool {
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

/// Puts what a task made into the checkout, over what is there; false where something of it is not kept any more, or would not be kept now.
pub(crate) fn restore(
    store: &Store,
    options: &RunOptions,
    outputs: &[Output],
) -> Result<bool, TaskError> {
    let (root, looks) = (options.root.as_path(), options.looks.as_deref());
    for output in outputs {
        let (Ok(path), Ok(wanted)) = (safe(&output.path), output.hash.parse::<Key>()) else {
            return Ok(false);
        };
        let place = root.join(&path);
        if is_there(&place, output, &wanted, looks) {
            continue;
        }
        let target = output.link.as_deref().map(Path::new);
        if target.is_some_and(|target| !stays_inside(&path, target)) {
            return Ok(false);
        }
        make_way(root, &path).map_err(checkout(&path))?;
        if let Some(target) = target {
            symlink(target, &place).map_err(checkout(&path))?;
            continue;
        }
        let written = store.get_object(&wanted, &place);
        if !written.map_err(checkout(&path))? {
            return Ok(false);
        }
        if output.mode() == FileMode::Program {
            let program = Permissions::from_mode(0o755);
            std::fs::set_permissions(&place, program).map_err(checkout(&path))?;
        }
    }
    Ok(true)
}

/// Whether the very file is there, so that nothing has to be written.
fn is_there(place: &Path, output: &Output, wanted: &Key, looks: Option<&Looks>) -> bool {
    let Ok(found) = std::fs::symlink_metadata(place) else {
        return false;
    };
    if let Some(target) = &output.link {
        return std::fs::read_link(place).is_ok_and(|found| found.to_str() == Some(target));
    }
    let program = found.permissions().mode() & 0o100 != 0;
    if !found.is_file() || found.len() != output.bytes || program != output.program {
        return false;
    }
    if looks.is_some_and(|looks| looks.knows(&output.path, &found, wanted)) {
        return true;
    }
    let same = std::fs::read(place).is_ok_and(|content| hash(&content) == *wanted);
    if let (true, Some(looks), Ok(after)) = (same, looks, std::fs::symlink_metadata(place)) {
        looks.note(&output.path, &found, &after, *wanted);
    }
    same
}

/// Makes the folders for `path`, and removes what is there.
fn make_way(root: &Path, path: &Path) -> std::io::Result<()> {
    let mut folder = root.to_owned();
    for part in path.parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        match std::fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                std::fs::remove_file(&folder)?;
                std::fs::create_dir(&folder)?;
            }
            Err(_) => std::fs::create_dir(&folder)?,
        }
    }
    let place = root.join(path);
    match std::fs::symlink_metadata(&place) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(&place),
        Ok(_) => std::fs::remove_file(&place),
        Err(_) => Ok(()),
    }
}
