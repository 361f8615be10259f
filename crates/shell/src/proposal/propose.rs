//! From files to a change that lands.

use serde_json::json;
use trunkline_model::code;
use trunkline_terminal::Printer;

use super::pushed::Pushed;
use super::tools::Tool;
use super::trunk::Trunk;
use crate::Failure;

/// How a change lands.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Mode {
    /// Once its tasks are green
    #[default]
    Ship,
    /// The same, and others are asked to look at it afterwards
    Show,
    /// Once somebody else approved it and its tasks are green
    Ask,
}

impl Mode {
    /// Its name, as `git push -o` takes it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ship => "ship",
            Self::Show => "show",
            Self::Ask => "ask",
        }
    }
}

/// What is proposed to a trunk.
#[derive(Clone, Debug)]
pub struct Proposal<'a> {
    /// Files that the trunk has, by their paths, with the bytes that they shall have.
    pub files: Vec<(&'a str, &'a [u8])>,
    /// What other tools have to do after that, before it is pushed.
    pub tools: Vec<Tool>,
    /// What the commit says, without its `Change-Id`.
    pub message: String,
    /// What it is for: of one person and one purpose there is one change at a time, and another attempt is its next revision.
    pub purpose: &'a str,
    /// How it lands.
    pub mode: Mode,
    /// The ref that keeps the commit where it does not land, such as `refs/trunkline/fix`.
    pub kept: &'a str,
}

impl Trunk {
    /// Makes one commit of the proposal, pushes it to the landing queue, tells the person what becomes of it and prints that. Where no file
    /// changes there is nothing to do, and as a trial nothing is done.
    ///
    /// # Errors
    /// TL-CLI-008 where it did not land, and TL-CLI-009 where git fails. Both say where the commit is kept, once there is one.
    pub fn propose(
        &self,
        proposal: &Proposal<'_>,
        is_trial: bool,
        printer: Printer,
    ) -> Result<(), Failure> {
        let place = format!("{}/{}", self.remote(), self.branch());
        let nothing = || {
            printer.say(&format!("nothing is to be changed in {place}"));
            self.print("nothing", None, &[], printer)
        };
        if proposal.files.is_empty() && proposal.tools.is_empty() {
            return nothing();
        }
        let identity = self.identity(proposal.purpose)?;
        let message = format!("{}\n\nChange-Id: {identity}\n", proposal.message.trim_end());
        if is_trial {
            printer.say(&format!("would land in {place}:\n\n{message}"));
            let paths = proposal.files.iter().map(|(path, _)| (*path).to_owned());
            return self.print("trial", None, &paths.collect::<Vec<_>>(), printer);
        }
        let mut commit = self.commit(&proposal.files, &message)?;
        if !proposal.tools.is_empty() {
            let written = self.with_tools(&commit, &proposal.tools, &message);
            commit = written.map_err(|failure| self.kept(&commit, proposal, failure))?;
        }
        let paths = self.changed(&commit)?;
        if paths.is_empty() {
            return nothing();
        }
        let state = match self.push(&commit, proposal.mode) {
            Ok(Pushed::Landed(name)) => {
                self.let_go(proposal.kept);
                printer.say(&format!(
                    "it is in {place} as {name}; your branch and your files are as they were: git pull --rebase {} {}",
                    self.remote(),
                    self.branch()
                ));
                "landed"
            }
            Ok(Pushed::Waits) => {
                if proposal.mode != Mode::Ask {
                    printer.warn(&format!(
                        "{} took it and does not say that it landed: is it a repository of the platform?",
                        self.remote()
                    ));
                }
                "waits"
            }
            Ok(Pushed::Refused(reason)) => {
                let what = format!("the change did not land: {reason}");
                return Err(self.kept(&commit, proposal, Failure::new(&code::CLI_NOT_TAKEN, what)));
            }
            Err(failure) => return Err(self.kept(&commit, proposal, failure)),
        };
        self.print(state, Some(&commit), &paths, printer)
    }

    /// Keeps the commit, and says how to go on with it.
    fn kept(&self, commit: &str, proposal: &Proposal<'_>, failure: Failure) -> Failure {
        let name = proposal.kept;
        if let Err(lost) = self.keep(commit, name) {
            return failure.because(&lost);
        }
        failure.hint(format!(
            "the commit is kept as {name}: `git switch -c mend {name}`, mend it, `git commit --amend`, `git push {} HEAD:refs/for/{}`; \
             or run the same again later",
            self.remote(),
            self.branch()
        ))
    }

    fn print(
        &self,
        state: &str,
        commit: Option<&str>,
        paths: &[String],
        printer: Printer,
    ) -> Result<(), Failure> {
        let row = json!({
            "state": state,
            "remote": self.remote(),
            "trunk": self.branch(),
            "commit": commit,
            "paths": paths,
        });
        let columns = ["state", "remote", "trunk", "commit", "paths"];
        printer.document(&row, std::slice::from_ref(&row), &columns)?;
        Ok(())
    }
}
