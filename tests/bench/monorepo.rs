//! A monorepo of npm packages that need one another, with the files that each task runner wants of it.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, bail};
use serde_json::{Map, Value, json};

/// What every package does to be built.
pub(crate) const BUILD: &str = "mkdir -p dist && cp src/*.js dist/";
/// Most packages that one needs.
const MOST_NEEDS: u64 = 3;
/// Packages from outside that the lockfile has; nobody installs them, and who reads the lockfile has to read them.
const OUTSIDE: usize = 40;

/// A checkout of it, with everything committed.
pub(crate) struct Monorepo {
    pub(crate) root: PathBuf,
    /// What each package needs of those before it.
    needs: Vec<Vec<usize>>,
}

impl Monorepo {
    /// Makes one at `root`, with `sources` files of source in each package.
    pub(crate) fn make(root: &Path, packages: usize, sources: usize) -> Result<Self> {
        let one = Self {
            root: root.to_owned(),
            needs: needs(packages),
        };
        for package in 0..packages {
            one.write_package(package, sources)?;
        }
        one.write_root()?;
        git(root, &["init", "-q", "-b", "trunk"])?;
        git(root, &["add", "-A"])?;
        git(root, &["commit", "-q", "-m", "everything"])?;
        // As in a clone.
        git(root, &["repack", "-a", "-d", "-q"])?;
        Ok(one)
    }

    /// How many packages it has.
    pub(crate) fn packages(&self) -> usize {
        self.needs.len()
    }

    /// How many packages need `package`, over any number of others.
    pub(crate) fn dependents(&self, package: usize) -> usize {
        let mut touched = vec![false; self.packages()];
        touched[package] = true;
        for later in package + 1..self.packages() {
            touched[later] = self.needs[later].iter().any(|need| touched[*need]);
        }
        touched.iter().filter(|touched| **touched).count() - 1
    }

    /// How many packages stand in the longest row in which each needs the next.
    pub(crate) fn depth(&self) -> usize {
        let mut depths: Vec<usize> = Vec::new();
        for needs in &self.needs {
            let below = needs.iter().map(|need| depths[*need]).max();
            depths.push(below.unwrap_or(0) + 1);
        }
        depths.into_iter().max().unwrap_or(0)
    }

    /// The package that about `wanted` others need.
    pub(crate) fn needed_by(&self, wanted: usize) -> usize {
        (0..self.packages())
            .min_by_key(|package| self.dependents(*package).abs_diff(wanted))
            .unwrap_or(0)
    }

    /// Changes a file of `package` and commits that.
    pub(crate) fn change(&self, package: usize) -> Result<()> {
        change(&self.folder(package))?;
        git(&self.root, &["commit", "-q", "-a", "-m", "a change"])
    }

    /// A bare repository with `branches` beside one another, each with a change of another package; the package of the branch `b3` is that of
    /// [`Monorepo::changed_by`] 3.
    pub(crate) fn serve(&self, branches: usize) -> Result<PathBuf> {
        let (work, bare) = (self.beside("work"), self.beside("git"));
        let path = |path: &Path| path.to_string_lossy().into_owned();
        git(&self.root, &["clone", "-q", ".", &path(&work)])?;
        for branch in 0..branches {
            let package = self.changed_by(branch, branches);
            git(
                &work,
                &["checkout", "-q", "-b", &format!("b{branch}"), "trunk"],
            )?;
            change(&work.join(format!("packages/p{package}")))?;
            git(&work, &["commit", "-q", "-a", "-m", "a change"])?;
        }
        git(&work, &["clone", "-q", "--bare", ".", &path(&bare)])?;
        std::fs::remove_dir_all(work)?;
        Ok(bare)
    }

    /// The package that a branch changes.
    pub(crate) fn changed_by(&self, branch: usize, branches: usize) -> usize {
        branch * self.packages() / branches
    }

    fn beside(&self, extension: &str) -> PathBuf {
        self.root.with_extension(extension)
    }

    /// Takes away everything that the packages made.
    pub(crate) fn remove_outputs(&self) -> Result<()> {
        for package in 0..self.packages() {
            set_aside(&self.folder(package).join("dist"), &self.beside("aside"))?;
        }
        Ok(())
    }

    /// Whether every package has made what it makes.
    pub(crate) fn is_built(&self) -> bool {
        (0..self.packages()).all(|package| self.folder(package).join("dist/f0.js").exists())
    }

    /// Files that git knows of.
    pub(crate) fn files(&self) -> Result<usize> {
        let listed = Command::new("git")
            .arg("ls-files")
            .current_dir(&self.root)
            .output()?;
        Ok(listed.stdout.iter().filter(|byte| **byte == b'\n').count())
    }

    fn folder(&self, package: usize) -> PathBuf {
        self.root.join(format!("packages/p{package}"))
    }

    fn write_package(&self, package: usize, sources: usize) -> Result<()> {
        let manifest = json!({
            "name": name(package),
            "version": "1.0.0",
            "scripts": { "build": BUILD },
            "dependencies": self.dependencies(package),
        });
        let folder = self.folder(package);
        write(&folder.join("package.json"), &pretty(&manifest)?)?;
        // moon takes needs from package.json only with a plugin that it fetches when it runs.
        let needs = self.needs[package].iter();
        let needs: Vec<_> = needs.map(|need| format!("p{need}")).collect();
        let told = format!("dependsOn: {needs:?}\n");
        write(&folder.join("moon.yml"), &told)?;
        for file in 0..sources {
            // Of the size that a small module has; no two alike.
            let line = |number: usize| {
                format!("export const value{number} = {package} + {file} * {number};\n")
            };
            let text: String = (0..40).map(line).collect();
            write(&folder.join(format!("src/f{file}.js")), &text)?;
        }
        Ok(())
    }

    fn dependencies(&self, package: usize) -> Map<String, Value> {
        let needs = self.needs[package].iter();
        needs
            .map(|need| (name(*need), json!("1.0.0")))
            .chain([(format!("outside-{}", package % OUTSIDE), json!("^1.0.0"))])
            .collect()
    }

    fn write_root(&self) -> Result<()> {
        let manifest = json!({
            "name": "bench",
            "private": true,
            "packageManager": "npm@10.8.2",
            "workspaces": ["packages/*"],
        });
        let turbo = json!({"tasks": {"build": {"dependsOn": ["^build"], "outputs": ["dist/**"]}}});
        let nx = json!({
            "analytics": false,
            "neverConnectToCloud": true,
            "targetDefaults": {
                "build": {"cache": true, "dependsOn": ["^build"], "outputs": ["{projectRoot}/dist"]},
            },
        });
        let tasks = format!("[node.build]\ncmd = {BUILD:?}\noutputs = [\"dist/**\"]\n");
        let moon = format!(
            "tasks:\n  build:\n    script: {BUILD:?}\n    deps: ['^:build']\n    outputs: ['dist']\n"
        );
        let workspace =
            "projects: ['packages/*']\ntelemetry: false\nvcs:\n  defaultBranch: trunk\n";
        for (path, text) in [
            ("package.json", pretty(&manifest)?),
            ("package-lock.json", pretty(&self.lockfile())?),
            ("turbo.json", pretty(&turbo)?),
            ("nx.json", pretty(&nx)?),
            ("tasks.toml", tasks),
            (".moon/workspace.yml", workspace.to_owned()),
            (".moon/tasks/all.yml", moon),
            (
                ".gitignore",
                "node_modules\ndist\n.turbo\n.nx\n.moon/cache\n".to_owned(),
            ),
        ] {
            write(&self.root.join(path), &text)?;
        }
        Ok(())
    }

    fn lockfile(&self) -> Value {
        let mut packages = Map::new();
        packages.insert(
            String::new(),
            json!({"name": "bench", "workspaces": ["packages/*"]}),
        );
        for package in 0..self.packages() {
            let path = format!("packages/p{package}");
            let needs = self.dependencies(package);
            packages.insert(
                path.clone(),
                json!({"name": name(package), "version": "1.0.0", "dependencies": needs}),
            );
            let linked = json!({"resolved": path, "link": true});
            packages.insert(format!("node_modules/{}", name(package)), linked);
        }
        for number in 0..OUTSIDE {
            let mut one =
                json!({"version": "1.0.1", "integrity": format!("sha512-{number:086}==")});
            if number + 1 < OUTSIDE {
                let next = format!("outside-{}", number + 1);
                one["dependencies"] = json!({ next: "^1.0.0" });
            }
            packages.insert(format!("node_modules/outside-{number}"), one);
        }
        json!({"name": "bench", "lockfileVersion": 3, "requires": true, "packages": packages})
    }
}

/// Moves what is at `path` out of the way, into `aside`. It is not removed: ext4 looks long for a place for new files where many were
/// removed a moment ago, and that would be measured.
pub(crate) fn set_aside(path: &Path, aside: &Path) -> Result<()> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    if path.exists() {
        std::fs::create_dir_all(aside)?;
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        std::fs::rename(path, aside.join(number.to_string()))?;
    }
    Ok(())
}

/// Changes a file of the package in `folder`.
fn change(folder: &Path) -> Result<()> {
    let path = folder.join("src/f0.js");
    let text = std::fs::read_to_string(&path)? + "export const more = 1;\n";
    Ok(std::fs::write(path, text)?)
}

fn name(package: usize) -> String {
    format!("@bench/p{package}")
}

/// What each package needs: up to three of those before it, the same in every run.
fn needs(packages: usize) -> Vec<Vec<usize>> {
    let mut state = 1_u64;
    let mut next = |below: u64| {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    };
    (0..packages as u64)
        .map(|package| {
            let wanted = next(MOST_NEEDS) + 1;
            let mut needs: Vec<usize> = (0..wanted.min(package))
                .map(|_| next(package) as usize)
                .collect();
            needs.sort_unstable();
            needs.dedup();
            needs
        })
        .collect()
}

fn pretty(value: &Value) -> Result<String> {
    Ok(serde_json::to_string_pretty(value)? + "\n")
}

pub(crate) fn write(path: &Path, text: &str) -> Result<()> {
    std::fs::create_dir_all(path.parent().context("a file has a folder")?)?;
    Ok(std::fs::write(path, text)?)
}

/// Runs git as somebody whom no configuration of this machine reaches.
pub(crate) fn git(folder: &Path, arguments: &[&str]) -> Result<()> {
    let output = Command::new("git")
        .args(["-c", "user.name=Ada", "-c", "user.email=ada@example.com"])
        .args(arguments)
        .current_dir(folder)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .stdin(Stdio::null())
        .output()?;
    if !output.status.success() {
        bail!(
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    Ok(())
}
