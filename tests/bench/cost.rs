//! What a command costs: processor time with all of its children, time on the clock, and memory.

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

/// Bytes of what a job wrote that an error has.
const SHOWN: usize = 2_000;

/// A command that is measured.
#[derive(Clone, Debug)]
pub(crate) struct Job {
    /// The program by its path, and its arguments.
    pub(crate) command: Vec<String>,
    pub(crate) folder: PathBuf,
    /// All of its environment.
    pub(crate) environment: BTreeMap<String, String>,
}

impl Job {
    /// The same with further arguments.
    pub(crate) fn with(&self, arguments: &[&str]) -> Self {
        let mut more = self.clone();
        let arguments = arguments.iter().map(|text| (*text).to_owned());
        more.command.extend(arguments);
        more
    }

    /// The same with one more variable.
    pub(crate) fn set(mut self, name: &str, value: &str) -> Self {
        self.environment.insert(name.to_owned(), value.to_owned());
        self
    }
}

/// What one run of a job took.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Spent {
    /// Milliseconds of processor time.
    pub(crate) cpu: f64,
    /// Milliseconds on the clock.
    pub(crate) wall: f64,
    /// The most memory of one of its processes, in MiB.
    pub(crate) resident: f64,
}

/// A process that runs jobs one after another. Python's, since reading the usage of a child is `unsafe` in Rust.
pub(crate) struct Meter {
    child: Child,
    asks: ChildStdin,
    answers: BufReader<ChildStdout>,
    said: PathBuf,
}

impl Meter {
    /// Starts one that keeps what jobs write in the folder `place`.
    pub(crate) fn start(place: &Path) -> Result<Self> {
        let interpreter = std::env::var("TRUNKLINE_PYTHON")
            .context("TRUNKLINE_PYTHON names an interpreter; `make bench` sets it")?;
        let mut child = Command::new(interpreter)
            .arg(concat!(
                env!("CARGO_MANIFEST_DIR"),
                "/../../tests/bench/cost.py"
            ))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        Ok(Self {
            asks: child.stdin.take().context("its input")?,
            answers: BufReader::new(child.stdout.take().context("its output")?),
            child,
            said: place.join("said"),
        })
    }

    /// Runs a job, which has to end well.
    pub(crate) fn run(&mut self, job: &Job) -> Result<Spent> {
        let Job {
            command,
            folder,
            environment,
        } = job;
        let ask = json!({"command": command, "folder": folder, "environment": environment, "said": self.said});
        writeln!(self.asks, "{ask}")?;
        self.asks.flush()?;
        let mut line = String::new();
        self.answers.read_line(&mut line)?;
        let answer: Value =
            serde_json::from_str(&line).with_context(|| format!("{command:?}: {line:?}"))?;
        ensure!(
            answer["code"] == 0,
            "{command:?} ended with {}: {}",
            answer["code"],
            self.end_of_said()?
        );
        let number = |name: &str| answer[name].as_f64().context("a figure of a run");
        Ok(Spent {
            cpu: number("cpu")? * 1_000.0,
            wall: number("wall")? * 1_000.0,
            resident: number("resident")? / 1_024.0,
        })
    }

    /// The end of what the last job wrote.
    pub(crate) fn end_of_said(&self) -> Result<String> {
        let said = self.said()?;
        let from = said.floor_char_boundary(said.len().saturating_sub(SHOWN));
        Ok(said[from..].to_owned())
    }

    /// What the last job wrote.
    pub(crate) fn said(&self) -> Result<String> {
        Ok(String::from_utf8_lossy(&std::fs::read(&self.said)?).into_owned())
    }
}

impl Drop for Meter {
    fn drop(&mut self) {
        self.child.kill().unwrap_or_default();
        drop(self.child.wait());
    }
}

/// The medians of several runs, each figure by itself.
pub(crate) fn median(runs: &[Spent]) -> Spent {
    let of = |figure: fn(&Spent) -> f64| {
        let mut all: Vec<f64> = runs.iter().map(figure).collect();
        all.sort_by(f64::total_cmp);
        all.get(all.len() / 2).copied().unwrap_or(f64::NAN)
    };
    Spent {
        cpu: of(|run| run.cpu),
        wall: of(|run| run.wall),
        resident: of(|run| run.resident),
    }
}
