//! What projects are built with although it is not their own.

use crate::graph::Graph;
use crate::model::Ecosystem;
use crate::path;

/// Files beside the root of a workspace, or anywhere above a project, that all of its members are built with.
pub(crate) const fn shared_files(ecosystem: Ecosystem) -> &'static [&'static str] {
    match ecosystem {
        Ecosystem::Cargo => &[
            "Cargo.lock",
            "rust-toolchain",
            "rust-toolchain.toml",
            ".cargo/config.toml",
            ".cargo/config",
        ],
        Ecosystem::Go => &["go.work.sum"],
        Ecosystem::Node => &[
            "package-lock.json",
            "pnpm-lock.yaml",
            "yarn.lock",
            "bun.lock",
            "bun.lockb",
            ".npmrc",
            ".yarnrc.yml",
            ".nvmrc",
            ".node-version",
        ],
        Ecosystem::Python => &["uv.lock", "poetry.lock", ".python-version"],
        Ecosystem::Service => &[],
    }
}

/// Files at the root of the repository that say which tools everything is built with.
pub(crate) const TOOLS: &[&str] = &[".tool-versions", "mise.toml", ".mise.toml"];

impl Graph {
    /// The paths of the files that the project at `place` shares with others, whether they are there or not: lockfiles, and what says which
    /// tools it is built with. The manifest of its workspace is not among them; see [`Graph::shared_manifest`].
    #[must_use]
    pub fn shared_files(&self, place: usize) -> Vec<String> {
        let project = &self.projects[place];
        let folder = project
            .workspace
            .map_or(project.folder.as_str(), |at| &self.workspaces[at].folder);
        let names = shared_files(project.ecosystem).iter();
        let beside = names.filter_map(|name| path::join(folder, name));
        let tools = TOOLS.iter().map(|name| (*name).to_owned());
        beside.chain(tools).collect()
    }

    /// What the manifest of its workspace says to the project at `place`, in a form of our own: other members than it are not in it.
    #[must_use]
    pub fn shared_manifest(&self, place: usize) -> Option<&str> {
        let workspace = self.projects[place].workspace?;
        Some(&self.workspaces[workspace].shared)
    }
}
