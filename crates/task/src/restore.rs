//! From the store into a checkout.

use std::cell::OnceCell;
use std::fs::{OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use crate::key::{Key, hash};
use crate::look::now;
use crate::output::{checkout, safe, stays_inside};
use crate::store::{Output, Record, Store};
use crate::{FileMode, Looks, RunOptions, TaskError};

/// Bytes of all small files of a task that are read; more is not ours.
const MOST: u64 = 64 << 20;

/// Whether all that a task made is in the checkout as it was.
pub(crate) fn is_in_place(options: &RunOptions, outputs: &[Output]) -> bool {
    let looks = options.looks.as_deref();
    let mut place = options.root.clone();
    outputs.iter().all(|output| {
        let (Ok(path), Ok(wanted)) = (safe(&output.path), output.hash.parse()) else {
            return false;
        };
        place.clone_from(&options.root);
        place.push(path);
        find(&place, output, &wanted, looks) == Found::Same
    })
}

/// Puts what a task made into the checkout, over what is there; false where something of it is not kept any more, or would not be kept now.
pub(crate) fn restore(
    store: &Store,
    options: &RunOptions,
    record: &Record,
) -> Result<bool, TaskError> {
    let (root, looks) = (options.root.as_path(), options.looks.as_deref());
    let contents = Contents {
        store,
        record,
        small: OnceCell::new(),
    };
    let mut way = Way { root, ready: None };
    for output in &record.outputs {
        let (Ok(path), Ok(wanted)) = (safe(&output.path), output.hash.parse::<Key>()) else {
            return Ok(false);
        };
        let place = root.join(&path);
        let found = if way.is_new_to(&path) {
            Found::Nothing
        } else {
            find(&place, output, &wanted, looks)
        };
        if found == Found::Same {
            continue;
        }
        let target = output.link.as_deref().map(Path::new);
        if target.is_some_and(|target| !stays_inside(&path, target)) {
            return Ok(false);
        }
        way.make(&path, found).map_err(checkout(&path))?;
        if let Some(target) = target {
            symlink(target, &place).map_err(checkout(&path))?;
            continue;
        }
        let written = contents.write(output, &wanted, &place);
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

/// The contents of one record.
struct Contents<'a> {
    store: &'a Store,
    record: &'a Record,
    /// Those of the small files, read where one of them is wanted first.
    small: OnceCell<Option<Vec<u8>>>,
}

impl Contents<'_> {
    /// Writes the content of `output` to `place`, where nothing is; false where it is not kept, or is not what it should be any more.
    fn write(&self, output: &Output, wanted: &Key, place: &Path) -> io::Result<bool> {
        let Some(at) = output.at else {
            return self.store.get_object(wanted, place);
        };
        let all = self.small.get_or_init(|| {
            let hash = self.record.small.as_ref()?.parse().ok()?;
            self.store.object_bytes(&hash, MOST)
        });
        let Some(content) = all.as_deref().and_then(|all| part(all, at, output.bytes)) else {
            return Ok(false);
        };
        // All of them were verified as one, and the record that says where each lies is verified too.
        let mut file = OpenOptions::new()
            .write(true)
            .create_new(true)
            .open(place)?;
        let written = file.write_all(content);
        if written.is_err() {
            std::fs::remove_file(place)?;
        }
        written.map(|()| true)
    }
}

fn part(all: &[u8], at: u64, bytes: u64) -> Option<&[u8]> {
    let from = usize::try_from(at).ok()?;
    let to = usize::try_from(at.checked_add(bytes)?).ok()?;
    all.get(from..to)
}

/// What is where a file should be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Found {
    /// The very file, so that nothing has to be written.
    Same,
    /// Something else.
    Other,
    Nothing,
}

fn find(place: &Path, output: &Output, wanted: &Key, looks: Option<&Looks>) -> Found {
    let Ok(found) = std::fs::symlink_metadata(place) else {
        return Found::Nothing;
    };
    let same = if let Some(target) = &output.link {
        let same = std::fs::read_link(place).is_ok_and(|found| found.to_str() == Some(target));
        let at = now();
        if let (true, Some(looks), Ok(after)) = (same, looks, std::fs::symlink_metadata(place)) {
            looks.note(&output.path, (&found, &after), at, *wanted);
        }
        same
    } else {
        let program = found.permissions().mode() & 0o100 != 0;
        found.is_file()
            && found.len() == output.bytes
            && program == output.program
            && has_content(place, output, wanted, &found, looks)
    };
    if same { Found::Same } else { Found::Other }
}

fn has_content(
    place: &Path,
    output: &Output,
    wanted: &Key,
    found: &std::fs::Metadata,
    looks: Option<&Looks>,
) -> bool {
    if looks.is_some_and(|looks| looks.knows(&output.path, found, wanted)) {
        return true;
    }
    let same = std::fs::read(place).is_ok_and(|content| hash(&content) == *wanted);
    let at = now();
    if let (true, Some(looks), Ok(after)) = (same, looks, std::fs::symlink_metadata(place)) {
        looks.note(&output.path, (found, &after), at, *wanted);
    }
    same
}

/// The way to files of one task.
struct Way<'a> {
    root: &'a Path,
    /// The folder that was made or found last, and whether it was made.
    ready: Option<(PathBuf, bool)>,
}

impl Way<'_> {
    /// Whether the folder of `path` was made for what comes into it, so that nothing else is there. No path comes twice.
    fn is_new_to(&self, path: &Path) -> bool {
        let made = self.ready.as_ref().filter(|(_, made)| *made);
        made.is_some_and(|(folder, _)| Some(folder.as_path()) == path.parent())
    }

    /// Makes the folders for `path`, and removes what is `found` there.
    fn make(&mut self, path: &Path, found: Found) -> io::Result<()> {
        let parent = path.parent().unwrap_or(Path::new(""));
        if self.ready.as_ref().is_none_or(|(ready, _)| ready != parent) {
            let made = self.folders(parent)?;
            self.ready = Some((parent.to_owned(), made));
        }
        let place = self.root.join(path);
        if found == Found::Nothing {
            return Ok(());
        }
        match std::fs::symlink_metadata(&place) {
            Ok(found) if found.is_dir() => std::fs::remove_dir_all(&place),
            Ok(_) => std::fs::remove_file(&place),
            Err(_) => Ok(()),
        }
    }

    /// Whether the last of them had to be made.
    fn folders(&self, path: &Path) -> io::Result<bool> {
        let mut folder = self.root.to_owned();
        let mut made = false;
        for part in path.components() {
            folder.push(part);
            made = match std::fs::symlink_metadata(&folder) {
                Ok(found) if found.is_dir() => false,
                found => {
                    if found.is_ok() {
                        std::fs::remove_file(&folder)?;
                    }
                    std::fs::create_dir(&folder)?;
                    true
                }
            };
        }
        Ok(made)
    }
}
