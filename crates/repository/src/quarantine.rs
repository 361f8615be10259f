//! Objects that were pushed, apart from the others until they are known to be whole.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use gix::ObjectId;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWriteExt as _};
use tokio::process::Command;

use crate::{Bare, RepositoryError, git};

/// Packs with fewer objects are kept as single objects: a repository of many small packs is slow.
const LOOSE: u32 = 100;
/// Bytes that a pack begins with: its name, its version, and how many objects it has.
const HEAD: usize = 12;
/// Bytes that are passed on at once.
const PIECE: usize = 64 * 1024;

/// Objects of one push in a folder of their own. What is dropped without [`Quarantine::keep`] is removed.
#[derive(Debug)]
pub struct Quarantine {
    bare: Bare,
    folder: PathBuf,
}

impl Quarantine {
    /// Reads a pack from `input` to its end, and checks each object and that all that `tips` need is there.
    ///
    /// # Errors
    /// [`RepositoryError::Pack`] where an object is broken, forbidden or missing; [`RepositoryError::Limit`] where it is too large.
    pub async fn read(
        bare: &Bare,
        name: &str,
        input: &mut (impl AsyncRead + Unpin),
        tips: &[ObjectId],
    ) -> Result<Self, RepositoryError> {
        let folder = bare.path().join("quarantine").join(name);
        let make = std::fs::create_dir_all(folder.join("pack"));
        make.map_err(RepositoryError::io)?;
        let quarantine = Self {
            bare: bare.clone(),
            folder,
        };
        quarantine.unpack(input).await?;
        quarantine.connect(tips).await?;
        Ok(quarantine)
    }

    /// A git that writes new objects here and sees those of the repository.
    fn git(&self, settings: &[&str]) -> Command {
        let mut command = self.bare.git(settings.iter().copied());
        command
            .env("GIT_OBJECT_DIRECTORY", &self.folder)
            .env(
                "GIT_ALTERNATE_OBJECT_DIRECTORIES",
                self.bare.path().join("objects"),
            )
            .env("GIT_QUARANTINE_PATH", &self.folder);
        command
    }

    async fn unpack(&self, input: &mut (impl AsyncRead + Unpin)) -> Result<(), RepositoryError> {
        let mut head = [0; HEAD];
        let read = input.read_exact(&mut head).await;
        read.map_err(|_| RepositoryError::Pack("it has no pack".to_owned()))?;
        if !head.starts_with(b"PACK") {
            return Err(RepositoryError::protocol("objects are in no pack"));
        }
        let objects = u32::from_be_bytes([head[8], head[9], head[10], head[11]]);
        let most = self.bare.limits().pack_bytes;
        let mut command = self.git(&["core.bigFileThreshold=16m", "pack.threads=1"]);
        if objects < LOOSE {
            command.args(["unpack-objects", "-q", "--strict"]);
        } else {
            command.args(["index-pack", "--stdin", "--fix-thin", "--strict"]);
        }
        command
            .arg(format!("--max-input-size={most}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::null());
        let mut child = command
            .spawn()
            .map_err(|error| RepositoryError::Git(error.to_string()))?;
        let stdin = child.stdin.take();
        let pass = async {
            let Some(mut stdin) = stdin else {
                return Ok(());
            };
            pass_on(&head, input, &mut stdin, most).await
        };
        let work = async { tokio::join!(pass, child.wait_with_output()) };
        let Ok((passed, output)) = tokio::time::timeout(self.bare.limits().time, work).await else {
            let seconds = self.bare.limits().time.as_secs();
            return Err(RepositoryError::Limit(format!(
                "the pack took longer than {seconds} s"
            )));
        };
        passed?;
        let output = output.map_err(RepositoryError::io)?;
        if output.status.success() {
            return Ok(());
        }
        Err(judge(&git::complaint(&output.stderr)))
    }

    /// Checks that all that `tips` stand on is there.
    async fn connect(&self, tips: &[ObjectId]) -> Result<(), RepositoryError> {
        let mut command = self.git(&[]);
        command.args([
            "rev-list",
            "--objects",
            "--stdin",
            "--quiet",
            "--not",
            "--all",
        ]);
        let mut script = String::new();
        for tip in tips {
            script.push_str(&format!("{tip}\n"));
        }
        let output = git::run(command, script.as_bytes(), self.bare.limits().time).await?;
        if output.status.success() {
            return Ok(());
        }
        let complaint = git::complaint(&output.stderr);
        Err(RepositoryError::Pack(format!(
            "objects are missing: {complaint}"
        )))
    }

    /// Puts the objects to the others, from where on they are the repository's.
    ///
    /// # Errors
    /// [`RepositoryError::Io`] where the disk refuses; nothing names what was put there then.
    pub async fn keep(self) -> Result<(), RepositoryError> {
        let work = move || {
            let objects = self.bare.path().join("objects");
            migrate(&self.folder, &objects).map_err(RepositoryError::io)
        };
        let done = tokio::task::spawn_blocking(work).await;
        done.map_err(RepositoryError::io)?
    }
}

impl Drop for Quarantine {
    fn drop(&mut self) {
        if let Err(error) = std::fs::remove_dir_all(&self.folder)
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(folder = %self.folder.display(), %error, "objects that nobody needs could not be removed");
        }
    }
}

/// Passes a pack on, and no more than `most` bytes of it: git would read on, and say it at the end.
async fn pass_on(
    head: &[u8],
    input: &mut (impl AsyncRead + Unpin),
    output: &mut (impl tokio::io::AsyncWrite + Unpin),
    most: u64,
) -> Result<(), RepositoryError> {
    let mut piece = vec![0; PIECE];
    let mut passed = head.len() as u64;
    // Where git ended early, its complaint says why.
    if output.write_all(head).await.is_err() {
        return Ok(());
    }
    loop {
        let read = input.read(&mut piece).await;
        let read = read.map_err(|error| RepositoryError::Pack(format!("it broke off: {error}")))?;
        if read == 0 {
            return Ok(());
        }
        passed += read as u64;
        if passed > most {
            return Err(too_large(most));
        }
        if output.write_all(&piece[..read]).await.is_err() {
            return Ok(());
        }
    }
}

fn too_large(most: u64) -> RepositoryError {
    RepositoryError::Limit(format!("the pack has more than {} MiB", most >> 20))
}

fn judge(complaint: &str) -> RepositoryError {
    if complaint.contains("exceeds maximum allowed size") {
        return RepositoryError::Limit(complaint.to_owned());
    }
    RepositoryError::Pack(complaint.to_owned())
}

/// Moves all objects from `from` to `to`: packs before their indices, without which nobody looks into them.
fn migrate(from: &Path, to: &Path) -> std::io::Result<()> {
    let mut folders: Vec<_> = std::fs::read_dir(from)?.collect::<Result<_, _>>()?;
    folders.sort_by_key(std::fs::DirEntry::file_name);
    for folder in folders {
        if !folder.file_type()?.is_dir() {
            continue;
        }
        let target = to.join(folder.file_name());
        std::fs::create_dir_all(&target)?;
        let mut names: Vec<OsString> = std::fs::read_dir(folder.path())?
            .map(|entry| entry.map(|entry| entry.file_name()))
            .collect::<Result<_, _>>()?;
        names.sort_by_key(|name| {
            (
                Path::new(name).extension().is_some_and(|end| end == "idx"),
                name.clone(),
            )
        });
        for name in names {
            let new = target.join(&name);
            // The same content has the same name, and what is there is known to be whole.
            if !new.exists() {
                std::fs::rename(folder.path().join(&name), &new)?;
            }
        }
        std::fs::File::open(&target)?.sync_all()?;
    }
    std::fs::File::open(to)?.sync_all()
}

impl Bare {
    /// Removes what pushes left here that a crash cut off. Call it before the first push.
    ///
    /// # Errors
    /// [`RepositoryError::Io`] where the disk refuses.
    pub fn forget_quarantines(&self) -> Result<(), RepositoryError> {
        match std::fs::remove_dir_all(self.path().join("quarantine")) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(RepositoryError::io(error))
            }
            _ => Ok(()),
        }
    }
}
