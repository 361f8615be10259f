//! Task runners, ours and its peers, with the commands by which each is asked for the same.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;

use crate::cost::Job;
use crate::monorepo::{BUILD, set_aside, write};

/// The commit that is compared with, and the one that is looked at.
const BASE: &str = "HEAD~1";
const HEAD: &str = "HEAD";
/// What this platform's is called.
pub(crate) const OURS: &str = "Trunkline";

/// A task runner in one checkout.
pub(crate) struct Runner {
    pub(crate) name: &'static str,
    /// Lists the packages that the last commit touches.
    pub(crate) affected: Job,
    /// The packages that this listed, from what it wrote.
    pub(crate) touched: fn(&str) -> usize,
    /// Builds all packages.
    pub(crate) build: Job,
    /// What it writes where it knew all `packages` already.
    pub(crate) all_known: fn(usize) -> String,
    /// A slow one is asked fewer times.
    pub(crate) slow: bool,
}

impl Runner {
    /// How the name of one with a daemon ends.
    pub(crate) const DAEMON: &str = "with its daemon";
}

/// Where programs are, and what they find around them.
pub(crate) struct Programs {
    /// `node_modules` of the peers.
    peers: PathBuf,
    /// A home that nobody has used before.
    home: PathBuf,
    path: String,
}

impl Programs {
    /// Those that `make bench` has installed.
    pub(crate) fn find(place: &Path) -> Result<Self> {
        let peers = std::env::var("TRUNKLINE_PEERS").context(
            "TRUNKLINE_PEERS must name the folder of turbo, nx and moon: `make bench` sets it",
        )?;
        let home = place.join("home");
        std::fs::create_dir_all(&home)?;
        Ok(Self {
            peers: PathBuf::from(peers),
            home,
            path: std::env::var("PATH")?,
        })
    }

    /// Puts the peers where nx looks for itself.
    pub(crate) fn link(&self, root: &Path) -> Result<()> {
        Ok(std::os::unix::fs::symlink(
            &self.peers,
            root.join("node_modules"),
        )?)
    }

    /// A job of a program, in an environment that has nothing of this machine but where programs are.
    pub(crate) fn job(&self, root: &Path, command: &[&str]) -> Result<Job> {
        let mut command: Vec<String> = command.iter().map(|text| (*text).to_owned()).collect();
        if !command[0].contains('/') {
            let found = std::env::split_paths(&self.path)
                .map(|folder| folder.join(&command[0]))
                .find(|place| place.is_file());
            let found = found.with_context(|| format!("{} is not installed", command[0]))?;
            command[0] = found.to_string_lossy().into_owned();
        }
        ensure!(
            Path::new(&command[0]).is_file(),
            "{} is not there: `make bench` installs it",
            command[0]
        );
        Ok(Job {
            command,
            folder: root.to_owned(),
            environment: BTreeMap::from([
                ("PATH".to_owned(), self.path.clone()),
                ("HOME".to_owned(), self.home.to_string_lossy().into_owned()),
                ("DO_NOT_TRACK".to_owned(), "1".to_owned()),
            ]),
        })
    }

    /// A file below `node_modules`.
    fn peer(&self, path: &str) -> String {
        self.peers.join(path).to_string_lossy().into_owned()
    }

    /// The version of a peer.
    pub(crate) fn version(&self, package: &str) -> Result<String> {
        let manifest = std::fs::read(self.peer(&format!("{package}/package.json")))?;
        let manifest: Value = serde_json::from_slice(&manifest)?;
        let version = manifest["version"].as_str();
        Ok(version.context("a package has a version")?.to_owned())
    }

    /// The same job, with a stand-in for npm that does what the script of every package says. What a script writes is kept under a key that
    /// does not have npm, and a real one takes half a second for each package.
    pub(crate) fn without_npm(&self, job: &Job) -> Result<Job> {
        use std::os::unix::fs::PermissionsExt as _;
        let folder = self.home.join("stand-in");
        let npm = folder.join("npm");
        write(&npm, &format!("#!/bin/sh\n{BUILD}\n"))?;
        std::fs::set_permissions(&npm, std::fs::Permissions::from_mode(0o755))?;
        let path = format!("{}:{}", folder.display(), self.path);
        Ok(job.clone().set("PATH", &path))
    }

    /// All runners for the checkout at `root`: ours first, turbo next.
    pub(crate) fn all(&self, root: &Path) -> Result<Vec<Runner>> {
        Ok(vec![
            self.trunkline(root)?,
            self.turbo(root)?,
            self.moon(root)?,
            self.nx(root, false)?,
            self.nx(root, true)?,
        ])
    }

    /// Takes away what runners other than nx keep of the checkout at `root`.
    pub(crate) fn forget(&self, root: &Path) -> Result<()> {
        let ours = self.home.join(".cache/trunkline/results");
        for kept in [ours, root.join(".turbo"), root.join(".moon/cache")] {
            set_aside(&kept, &self.home.join("aside"))?;
        }
        Ok(())
    }

    /// A task of all projects, run by the platform's program.
    pub(crate) fn task(&self, root: &Path, name: &str) -> Result<Job> {
        let own = self.job(root, &[env!("CARGO_BIN_EXE_trunkline")])?;
        Ok(own.with(&["task", "run", name]))
    }

    fn trunkline(&self, root: &Path) -> Result<Runner> {
        let own = self.job(root, &[env!("CARGO_BIN_EXE_trunkline")])?;
        Ok(Runner {
            name: OURS,
            affected: own.with(&[
                "project", "affected", "--from", BASE, "--to", HEAD, "--output", "jsonl",
            ]),
            touched: |said| said.matches(r#""name":"@bench/"#).count(),
            build: self.task(root, "build")?,
            all_known: |packages| format!("{packages} known, 0 ran"),
            slow: false,
        })
    }

    /// turbo's own program, without the launcher that Node would start.
    fn turbo(&self, root: &Path) -> Result<Runner> {
        let folder = by_processor("linux-64", "linux-arm64");
        let own = self
            .job(root, &[&self.peer(&format!("@turbo/{folder}/bin/turbo"))])?
            .set("TURBO_TELEMETRY_DISABLED", "1")
            .set("TURBO_NO_UPDATE_NOTIFIER", "1")
            .set("TURBO_SCM_BASE", BASE)
            .set("TURBO_SCM_HEAD", HEAD);
        Ok(Runner {
            name: "turbo",
            affected: own.with(&["ls", "--affected"]),
            touched: |said| said.matches("\n  @bench/").count(),
            build: own.with(&["run", "build"]),
            all_known: |packages| format!("{packages} cached, {packages} total"),
            slow: false,
        })
    }

    /// moon's own program, without the launcher that Node would start.
    fn moon(&self, root: &Path) -> Result<Runner> {
        let folder = by_processor("core-linux-x64-gnu", "core-linux-arm64-gnu");
        let own = self
            .job(root, &[&self.peer(&format!("@moonrepo/{folder}/moon"))])?
            .set("MOON_BASE", BASE)
            .set("MOON_HEAD", HEAD);
        Ok(Runner {
            name: "moon",
            affected: own.with(&["query", "projects", "--affected", "--downstream", "deep"]),
            touched: |said| {
                let answer: Value = serde_json::from_str(said).unwrap_or_default();
                answer["projects"].as_array().map_or(0, Vec::len)
            },
            build: own.with(&["run", ":build"]),
            all_known: |packages| format!("({packages} cached)"),
            slow: true,
        })
    }

    /// nx, with its daemon as it is used by default, or without.
    fn nx(&self, root: &Path, daemon: bool) -> Result<Runner> {
        let mut own = self
            .job(root, &["node", &self.peer("nx/dist/bin/nx.js")])?
            .set("NX_NO_CLOUD", "true")
            .set("NX_TUI", "false");
        if !daemon {
            own = own.set("NX_DAEMON", "false");
        }
        let range = [&format!("--base={BASE}")[..], &format!("--head={HEAD}")];
        Ok(Runner {
            name: if daemon {
                "nx with its daemon"
            } else {
                "nx without a daemon"
            },
            affected: own.with(&["show", "projects", "--affected"]).with(&range),
            touched: |said| {
                said.lines()
                    .filter(|line| line.starts_with("@bench/"))
                    .count()
            },
            build: own.with(&["run-many", "-t", "build"]),
            all_known: |packages| format!("{packages}/{packages} hit"),
            slow: true,
        })
    }

    /// Ends nx's daemon.
    pub(crate) fn stop_nx(&self, root: &Path) -> Result<Job> {
        self.job(
            root,
            &["node", &self.peer("nx/dist/bin/nx.js"), "daemon", "--stop"],
        )
    }
}

fn by_processor(intel: &'static str, arm: &'static str) -> &'static str {
    if cfg!(target_arch = "aarch64") {
        arm
    } else {
        intel
    }
}
