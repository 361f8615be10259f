//! From a checkout into the store, and back.

use std::collections::BTreeSet;
use std::fs::{File, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Component, Path, PathBuf};

use crate::definition::Definition;
use crate::key::{Key, hash};
use crate::store::{Output, Store};
use crate::{FileMode, TaskError};

/// Folders deeper than this are refused.
const DEPTH: usize = 128;

/// Collects the files that a task made.
pub(crate) fn collect(
    store: &Store,
    root: &Path,
    definition: &Definition,
) -> Result<Vec<Output>, TaskError> {
    let Some(patterns) = &definition.outputs else {
        return Ok(Vec::new());
    };
    let most = store.limits().outputs;
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
    let mut left = store.limits().task_bytes;
    let mut outputs = Vec::with_capacity(found.len());
    for path in found {
        let output = keep(store, root, path)?;
        left = left.checked_sub(output.bytes).ok_or_else(|| {
            let most = store.limits().task_bytes;
            refused(
                Path::new(&output.path),
                format!("what a task makes has at most {most} bytes"),
            )
        })?;
        outputs.push(output);
    }
    Ok(outputs)
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
    for entry in std::fs::read_dir(&whole).map_err(TaskError::store)? {
        let entry = entry.map_err(TaskError::store)?;
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

fn keep(store: &Store, root: &Path, path: String) -> Result<Output, TaskError> {
    let place = root.join(&path);
    let found = std::fs::symlink_metadata(&place).map_err(TaskError::store)?;
    let kind = found.file_type();
    if kind.is_symlink() {
        let target = std::fs::read_link(&place).map_err(TaskError::store)?;
        let text = target
            .to_str()
            .ok_or_else(|| refused(&place, "its target is no text"))?;
        check_target(Path::new(&path), &target)?;
        let (hash, bytes) = store.put_object(text.as_bytes())?;
        return Ok(Output {
            path,
            program: false,
            link: Some(text.to_owned()),
            hash: hash.to_string(),
            bytes,
        });
    }
    if !kind.is_file() {
        return Err(refused(&place, "it is neither a file nor a link"));
    }
    let file = File::open(&place).map_err(TaskError::store)?;
    let (hash, bytes) = store.put_object(file)?;
    Ok(Output {
        path,
        program: found.permissions().mode() & 0o100 != 0,
        link: None,
        hash: hash.to_string(),
        bytes,
    })
}

/// A link may lead to anything in the checkout, and nowhere else. After a name no `..` may come: that name could be a link itself, and `..` of
/// where it leads is somewhere else.
fn check_target(path: &Path, target: &Path) -> Result<(), TaskError> {
    let mut depth = path.components().count().saturating_sub(1);
    let mut named = false;
    for part in target.components() {
        match part {
            Component::Normal(name) if !name.eq_ignore_ascii_case(".git") => named = true,
            Component::CurDir => {}
            Component::ParentDir if depth > 0 && !named => depth -= 1,
            _ => {
                return Err(refused(
                    path,
                    "the link leads out of the checkout, or into `.git`",
                ));
            }
        }
    }
    Ok(())
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

/// Puts what a task made into the checkout, over what is there; false where something of it is not kept any more.
pub(crate) fn restore(store: &Store, root: &Path, outputs: &[Output]) -> Result<bool, TaskError> {
    for output in outputs {
        let path = safe(&output.path)?;
        let place = root.join(&path);
        let wanted: Key = match output.hash.parse() {
            Ok(hash) => hash,
            Err(_) => return Ok(false),
        };
        if is_there(&place, output, &wanted) {
            continue;
        }
        make_way(root, &path)?;
        if let Some(target) = &output.link {
            check_target(&path, Path::new(target))?;
            symlink(target, &place).map_err(TaskError::store)?;
            continue;
        }
        if !store.get_object(&wanted, &place)? {
            return Ok(false);
        }
        if output.mode() == FileMode::Program {
            let program = Permissions::from_mode(0o755);
            std::fs::set_permissions(&place, program).map_err(TaskError::store)?;
        }
    }
    Ok(true)
}

/// Whether the very file is there, so that nothing has to be written.
fn is_there(place: &Path, output: &Output, wanted: &Key) -> bool {
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
    std::fs::read(place).is_ok_and(|content| hash(&content) == *wanted)
}

/// Makes the folders for `path`, and removes what is there.
fn make_way(root: &Path, path: &Path) -> Result<(), TaskError> {
    let mut folder = root.to_owned();
    for part in path.parent().into_iter().flat_map(Path::components) {
        folder.push(part);
        match std::fs::symlink_metadata(&folder) {
            Ok(found) if found.is_dir() => {}
            Ok(_) => {
                std::fs::remove_file(&folder).map_err(TaskError::store)?;
                std::fs::create_dir(&folder).map_err(TaskError::store)?;
            }
            Err(_) => std::fs::create_dir(&folder).map_err(TaskError::store)?,
        }
    }
    let place = root.join(path);
    match std::fs::symlink_metadata(&place) {
        Ok(found) if found.is_dir() => std::fs::remove_dir_all(&place).map_err(TaskError::store),
        Ok(_) => std::fs::remove_file(&place).map_err(TaskError::store),
        Err(_) => Ok(()),
    }
}
