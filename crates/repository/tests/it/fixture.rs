//! A bare repository, and a checkout to push from.

use std::path::Path;
use std::process::{Command, Stdio};
use std::str::FromStr as _;

use gix::ObjectId;
use tempfile::TempDir;
use trunkline_repository::{Bare, Limits, Quarantine, RefUpdate, RepositoryError};

pub(crate) struct Fixture {
    pub(crate) folder: TempDir,
    pub(crate) bare: Bare,
}

impl Fixture {
    pub(crate) async fn new() -> Self {
        Self::with(Limits::default()).await
    }

    pub(crate) async fn with(limits: Limits) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let bare = Bare::create(&folder.path().join("shop.git"), "trunk", limits)
            .await
            .unwrap();
        let fixture = Self { folder, bare };
        std::fs::create_dir(fixture.work()).unwrap();
        fixture.git(&["init", "-q", "-b", "trunk"]);
        fixture
    }

    pub(crate) fn work(&self) -> std::path::PathBuf {
        self.folder.path().join("work")
    }

    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        String::from_utf8(git(&self.work(), arguments, "")).unwrap()
    }

    /// Writes `files` and commits them; gives the commit.
    pub(crate) fn commit(&self, message: &str, files: &[(&str, &str)]) -> ObjectId {
        for (path, content) in files {
            let path = self.work().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
        self.head()
    }

    pub(crate) fn head(&self) -> ObjectId {
        ObjectId::from_str(self.git(&["rev-parse", "HEAD"]).trim()).unwrap()
    }

    /// The pack of all that `wanted` stands on, but for what `without` does.
    pub(crate) fn pack(&self, wanted: ObjectId, without: Option<ObjectId>) -> Vec<u8> {
        let mut script = format!("{wanted}\n");
        if let Some(without) = without {
            script.push_str(&format!("^{without}\n"));
        }
        git(
            &self.work(),
            &["pack-objects", "--revs", "--stdout", "-q", "--thin"],
            &script,
        )
    }

    /// Pushes `tip` to the ref `name` as a client does.
    pub(crate) async fn push(&self, name: &str, tip: ObjectId) -> Result<(), RepositoryError> {
        let old = self.bare.find_ref(name)?;
        let pack = self.pack(tip, old);
        let quarantine = Quarantine::read(&self.bare, "p", &mut pack.as_slice(), &[tip]).await?;
        quarantine.keep().await?;
        let update = RefUpdate {
            name: name.to_owned(),
            old,
            new: Some(tip),
        };
        self.bare.update(&[update]).await
    }
}

fn git(folder: &Path, arguments: &[&str], input: &str) -> Vec<u8> {
    let mut child = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut child.stdin.take().unwrap(), input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "git {arguments:?}");
    output.stdout
}
