//! What services of a trunk are made of, and their files.

use std::collections::{BTreeMap, BTreeSet};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use gix::ObjectId;
use trunkline_forge::ForgeError;
use trunkline_project::service::Service;
use trunkline_project::{DependencyKind, Graph};
use trunkline_repository::Bare;
use trunkline_task::{CommitFiles, Files as _, Namespace, Plan, TaskName, graph_of};

use crate::Workbench;
use crate::hear::Hear;

/// The task by which a service is built.
const BUILD: &str = "build";

/// A service of a commit that is to be run.
#[derive(Clone, Debug)]
pub struct Runnable {
    /// What its `service.toml` says.
    pub service: Service,
    /// Its folder.
    pub folder: String,
    /// Its project, such as `node:web`.
    pub project: String,
    /// A hash of all that a release of it is made of, as hex.
    pub fingerprint: String,
}

/// The services of a commit.
#[derive(Clone, Debug, Default)]
pub struct Runnables {
    /// Those that are to be run.
    pub services: Vec<Runnable>,
    /// Paths of manifests that cannot be understood, each with the reason.
    pub problems: Vec<(String, String)>,
}

/// The files of a release, as they were put into a folder.
#[derive(Clone, Debug, Default)]
pub struct Assembled {
    /// BLAKE3 of their paths, modes and contents, as hex.
    pub digest: String,
    /// How many there are.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
    /// The tasks that built them, with their keys.
    pub tasks: BTreeMap<String, String>,
}

/// A commit and its projects.
struct Tree {
    files: CommitFiles,
    graph: Graph,
}

impl Tree {
    fn open(bare: &Bare, commit: ObjectId) -> Result<Self, ForgeError> {
        let wrong = |error: trunkline_task::TaskError| ForgeError::Invalid(error.to_string());
        let files = CommitFiles::open(bare.path(), &commit.to_string()).map_err(wrong)?;
        let graph = graph_of(&files).map_err(wrong)?;
        Ok(Self { files, graph })
    }

    /// A project and all that it needs to run.
    fn reach(&self, project: usize) -> BTreeSet<usize> {
        let mut reached = BTreeSet::new();
        let mut next = vec![project];
        while let Some(place) = next.pop() {
            if !reached.insert(place) {
                continue;
            }
            let needs = self.graph.projects[place].dependencies.iter();
            let run = needs.filter(|need| need.kind != DependencyKind::Development);
            next.extend(run.map(|need| need.project));
        }
        reached
    }

    /// The files that a release of `project` has: those of what it reaches, and what these share with others.
    fn paths(&self, project: usize) -> BTreeSet<String> {
        let reach = self.reach(project);
        let own = |path: &&String| {
            self.graph
                .owners(path)
                .iter()
                .any(|owner| reach.contains(owner))
        };
        let all = self.files.all();
        let mut paths: BTreeSet<_> = all.keys().filter(own).cloned().collect();
        for place in reach {
            let shared = self.graph.shared_files(place).into_iter();
            paths.extend(shared.filter(|path| all.contains_key(path)));
            let workspace = self.graph.projects[place].workspace;
            paths.extend(workspace.map(|at| self.graph.workspaces[at].manifest.clone()));
        }
        paths
    }

    fn fingerprint(&self, project: usize, plan: &Plan) -> String {
        let label = self.graph.projects[project].label();
        let mut hasher = blake3::Hasher::new();
        for path in self.paths(project) {
            let Some(entry) = self.files.all().get(&path) else {
                continue;
            };
            hasher.update(&(path.len() as u64).to_le_bytes());
            hasher.update(path.as_bytes());
            hasher.update(&[u8::from(entry.mode == trunkline_task::FileMode::Program)]);
            hasher.update(entry.id.as_slice());
        }
        let build = TaskName {
            project: label,
            task: BUILD.to_owned(),
        };
        if let Some(place) = plan.place(&build) {
            hasher.update(&plan.tasks[place].plan_key.0);
        }
        hasher.finalize().to_hex().to_string()
    }
}

impl Workbench {
    /// The services of a commit that are to be run.
    ///
    /// # Errors
    /// [`ForgeError::Invalid`] where its files cannot be understood.
    pub async fn runnable(&self, bare: &Bare, commit: ObjectId) -> Result<Runnables, ForgeError> {
        let plan = self.plan_of(bare, commit).await?;
        let bare = bare.clone();
        let found = tokio::task::spawn_blocking(move || {
            let tree = Tree::open(&bare, commit)?;
            let problems = tree.graph.findings.iter();
            let mut found = Runnables {
                services: Vec::new(),
                problems: problems
                    .map(|one| (one.path.clone(), one.to_string()))
                    .collect(),
            };
            for (place, project) in tree.graph.projects.iter().enumerate() {
                let Some(service) = project.service.as_ref().filter(|one| one.run.is_some()) else {
                    continue;
                };
                found.services.push(Runnable {
                    service: (**service).clone(),
                    folder: project.folder.clone(),
                    project: project.label(),
                    fingerprint: tree.fingerprint(place, &plan),
                });
            }
            Ok(found)
        });
        found.await.map_err(|_| ForgeError::Stopped)?
    }

    /// Puts what a release of `project` needs to run into `into`: the files of what it needs, and what is built of that. What is known is not built
    /// again.
    ///
    /// # Errors
    /// [`ForgeError::Invalid`] where it cannot be built or written.
    pub async fn assemble(
        &self,
        bare: &Bare,
        commit: ObjectId,
        project: &str,
        into: &Path,
    ) -> Result<Assembled, ForgeError> {
        let wrong = |problem: String| ForgeError::Invalid(problem);
        let plan = self.plan_of(bare, commit).await?;
        let folder = self.checkout(bare, commit, &plan).await.map_err(wrong)?;
        let (tasks, outputs) = self.build(&plan, project, &folder.root).await?;
        let (bare, project) = (bare.clone(), project.to_owned());
        let (from, into) = (folder.root.clone(), into.to_owned());
        let copied = tokio::task::spawn_blocking(move || {
            let tree = Tree::open(&bare, commit)?;
            let place = tree
                .graph
                .projects
                .iter()
                .position(|one| one.label() == project);
            let place = place.ok_or_else(|| wrong(format!("there is no project `{project}`")))?;
            let mut paths = tree.paths(place);
            paths.extend(outputs);
            let copied = copy_all(&from, &into, &paths);
            copied.map_err(|error| wrong(format!("its files cannot be copied: {error}")))
        });
        let mut assembled = copied.await.map_err(|_| ForgeError::Stopped)??;
        assembled.tasks = tasks;
        Ok(assembled)
    }

    /// Builds a project, where it has to be built at all. Says the keys of what was built, and the files.
    async fn build(
        &self,
        plan: &Arc<Plan>,
        project: &str,
        root: &Path,
    ) -> Result<(BTreeMap<String, String>, Vec<String>), ForgeError> {
        let name = TaskName {
            project: project.to_owned(),
            task: BUILD.to_owned(),
        };
        let Some(place) = plan.place(&name) else {
            return Ok(Default::default());
        };
        let options = self.options_in(root);
        let heard = Arc::new(Heard::default());
        let listener = Hear {
            own: name.clone(),
            lines: Arc::clone(&heard) as _,
        };
        let wrong = |error: trunkline_task::TaskError| ForgeError::Invalid(error.to_string());
        let ran = self.runner().run(plan, &[place], &options, &listener).await;
        let summary = ran.map_err(wrong)?;
        if !summary.is_green() {
            let end = heard.end();
            return Err(ForgeError::Invalid(format!(
                "`{name}` does not end well:\n{end}"
            )));
        }
        let (mut keys, mut files) = (BTreeMap::new(), Vec::new());
        for (name, _, _, key) in summary.tasks {
            let Some(key) = key else { continue };
            if let Some(record) = self
                .store()
                .record(&Namespace::Trusted, &key)
                .map_err(wrong)?
            {
                files.extend(record.outputs.into_iter().map(|output| output.path));
            }
            keys.insert(name.to_string(), key.to_string());
        }
        Ok((keys, files))
    }
}

/// The last lines that a build wrote.
#[derive(Debug, Default)]
struct Heard(std::sync::Mutex<std::collections::VecDeque<String>>);

impl Heard {
    fn end(&self) -> String {
        let lines = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        lines.iter().cloned().collect::<Vec<_>>().join("\n")
    }
}

impl trunkline_forge::Lines for Heard {
    fn line(&self, line: &str) {
        let mut lines = self
            .0
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner);
        lines.push_back(line.to_owned());
        if lines.len() > 10 {
            lines.pop_front();
        }
    }
}

fn copy_all(from: &Path, into: &Path, paths: &BTreeSet<String>) -> std::io::Result<Assembled> {
    let mut hasher = blake3::Hasher::new();
    let mut all = Assembled::default();
    for path in paths {
        let place = plain(path)?;
        let source = from.join(&place);
        let about = std::fs::symlink_metadata(&source)?;
        let target = into.join(&place);
        if let Some(parent) = target.parent() {
            std::fs::create_dir_all(parent)?;
        }
        hasher.update(&(path.len() as u64).to_le_bytes());
        hasher.update(path.as_bytes());
        if about.is_symlink() {
            let link = std::fs::read_link(&source)?;
            hasher.update(b"l");
            hasher.update(link.as_os_str().as_encoded_bytes());
            std::os::unix::fs::symlink(link, &target)?;
        } else if about.is_file() {
            let executable = about.permissions().mode() & 0o111 != 0;
            std::fs::copy(&source, &target)?;
            let mode = if executable { 0o755 } else { 0o644 };
            std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode))?;
            let mut content = blake3::Hasher::new();
            content.update_reader(std::fs::File::open(&target)?)?;
            hasher.update(if executable { b"x" } else { b"f" });
            hasher.update(content.finalize().as_bytes());
            all.bytes += about.len();
        } else {
            // A submodule, of which there is nothing here.
            continue;
        }
        all.files += 1;
    }
    all.digest = hasher.finalize().to_hex().to_string();
    Ok(all)
}

/// No path of a commit leads out of a folder.
fn plain(path: &str) -> std::io::Result<PathBuf> {
    let place = PathBuf::from(path);
    if place
        .components()
        .all(|part| matches!(part, Component::Normal(_)))
    {
        return Ok(place);
    }
    Err(std::io::Error::other(format!(
        "`{path}` is no path within a commit"
    )))
}
