//! Tasks of a monorepo beside turbo, moon and nx: what a change touches, a run with nothing to do, outputs that come back, and a first run.

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};
use trunkline_project::Repository;

use crate::cost::{Job, Meter, Spent, median};
use crate::monorepo::{BUILD, Monorepo, git, write};
use crate::platform::folder;
use crate::report::{Report, Section, Target};
use crate::runners::{OURS, Programs, Runner};

/// Times that each is asked, in turn.
const ROUNDS: usize = 20;
/// Times that one is asked that takes seconds.
const SLOW_ROUNDS: usize = 5;
/// Questions to one process that stays.
const QUESTIONS: usize = 1_000;
/// Commits that these are about, one after another: more than are kept.
const BRANCHES: usize = 40;
/// A file system in memory.
const MEMORY: &str = "/dev/shm";
/// What the names of entrants end with that use the sandbox.
const SANDBOXED: &str = "in its sandbox";
/// Tasks that do nothing.
const IDLE_TASKS: usize = 200;

/// What one of the cases works with.
struct Room {
    place: PathBuf,
    programs: Programs,
    meter: Meter,
}

impl Room {
    fn open() -> Result<Self> {
        let place = folder("tasks")?;
        Ok(Self {
            programs: Programs::find(&place)?,
            meter: Meter::start(&place)?,
            place,
        })
    }
}

/// Measures 200 packages.
pub(crate) fn run(report: &mut Report) -> Result<()> {
    let Room {
        place,
        programs,
        mut meter,
    } = Room::open()?;
    let monorepo = monorepo(&place, &programs, 200, 8)?;
    let runners = programs.all(&monorepo.root)?;
    let about = format!(
        "{} {ROUNDS} rounds; {SLOW_ROUNDS} of moon, nx and a first run, where every runner starts with nothing kept. Beside that a loop of the shell, one package \
         after another, that keeps nothing; turbo has a stand-in for npm there, which runs the same command.",
        shape(&programs, &monorepo)?
    );
    let section = report.section("Tasks of 200 packages", &about);
    changes(section, &mut meter, &programs, &monorepo, &runners)?;
    let all: Vec<&Runner> = runners.iter().collect();
    fill(&mut meter, &programs, &monorepo, &all)?;
    no_op(section, &mut meter, &monorepo, &all)?;
    restored(section, &mut meter, &monorepo, &all)?;
    first(section, &mut meter, &programs, &monorepo, &runners)
}

/// Measures 1,200 packages.
pub(crate) fn run_large(report: &mut Report) -> Result<()> {
    let Room {
        place,
        programs,
        mut meter,
    } = Room::open()?;
    let monorepo = monorepo(&place, &programs, 1_200, 18)?;
    let runners = programs.all(&monorepo.root)?;
    let about = format!(
        "{} {ROUNDS} rounds, {SLOW_ROUNDS} of moon and nx, which run nothing here: their first run takes many minutes.",
        shape(&programs, &monorepo)?
    );
    let section = report.section("Tasks of 1,200 packages", &about);
    changes(section, &mut meter, &programs, &monorepo, &runners)?;
    let quick: Vec<&Runner> = runners.iter().filter(|runner| !runner.slow).collect();
    fill(&mut meter, &programs, &monorepo, &quick)?;
    no_op(section, &mut meter, &monorepo, &quick)?;
    restored(section, &mut meter, &monorepo, &quick)
}

fn monorepo(
    place: &Path,
    programs: &Programs,
    packages: usize,
    sources: usize,
) -> Result<Monorepo> {
    let one = Monorepo::make(&place.join(format!("of-{packages}")), packages, sources)?;
    programs.link(&one.root)?;
    // One that most others need, as a library of everybody's.
    one.change(one.needed_by(packages * 4 / 5))?;
    Ok(one)
}

/// What is measured, in words.
fn shape(programs: &Programs, monorepo: &Monorepo) -> Result<String> {
    Ok(format!(
        "npm packages that need one another over {} steps, {} files in git; to build one is `{BUILD}`, which turbo {} and nx {} know as a script of npm, moon {} and \
         Trunkline as a command. Medians of processor time with all children (nx's daemon is not counted) and of time on the clock, in turn; programs are started \
         without their launchers in Node where they have one. moon has no tool chains: it would fetch plugins.",
        monorepo.depth(),
        monorepo.files()?,
        programs.version("turbo")?,
        programs.version("nx")?,
        programs.version("@moonrepo/cli")?,
    ))
}

/// One of those that do the same in turn.
struct Entrant<'a> {
    name: &'a str,
    job: Job,
    slow: bool,
    /// Whether what it wrote says that it did what was wanted.
    fits: Box<dyn Fn(&str) -> bool + 'a>,
}

/// Runs a job of each in turn, `before` ahead of each. Whatever has a daemon comes last, since that works whenever others write.
fn in_turn(
    meter: &mut Meter,
    entrants: &[Entrant<'_>],
    before: impl Fn(&Entrant<'_>) -> Result<()>,
) -> Result<Vec<Spent>> {
    let mut runs = vec![Vec::new(); entrants.len()];
    for daemon in [false, true] {
        for round in 0..ROUNDS {
            for (entrant, runs) in entrants.iter().zip(&mut runs) {
                let late = entrant.slow && round >= SLOW_ROUNDS;
                if late || entrant.name.ends_with(Runner::DAEMON) != daemon {
                    continue;
                }
                before(entrant)?;
                runs.push(meter.run(&entrant.job)?);
                ensure!(
                    (entrant.fits)(&meter.said()?),
                    "{} did something else: {}",
                    entrant.name,
                    meter.end_of_said()?
                );
            }
        }
    }
    Ok(runs.iter().map(|runs| median(runs)).collect())
}

/// Writes what each spent.
fn figures(section: &mut Section, what: &str, entrants: &[Entrant<'_>], spent: &[Spent]) {
    for (entrant, spent) in entrants.iter().zip(spent) {
        let name = entrant.name;
        // In its sandbox a task has processes that outlive whoever started them, and nobody is told what those took.
        if !name.ends_with(SANDBOXED) {
            section.figure(&format!("{what}: ms of processor time, {name}"), spent.cpu);
        }
        section.figure(&format!("{what}: ms on the clock, {name}"), spent.wall);
    }
}

/// What the last commit touches.
fn changes(
    section: &mut Section,
    meter: &mut Meter,
    programs: &Programs,
    monorepo: &Monorepo,
    runners: &[Runner],
) -> Result<()> {
    let changed = monorepo.needed_by(monorepo.packages() * 4 / 5);
    let wanted = monorepo.dependents(changed) + 1;
    let mut entrants: Vec<Entrant<'_>> = runners
        .iter()
        .map(|runner| Entrant {
            name: runner.name,
            job: runner.affected.clone(),
            slow: runner.slow,
            fits: Box::new(move |said| (runner.touched)(said) == wanted),
        })
        .collect();
    entrants.push(Entrant {
        name: "git diff --name-only",
        job: programs.job(
            &monorepo.root,
            &["git", "diff", "--name-only", "HEAD~1", "HEAD"],
        )?,
        slow: false,
        fits: Box::new(|said| said.lines().count() == 1),
    });
    let spent = in_turn(meter, &entrants, |_| Ok(()))?;
    meter.run(&programs.stop_nx(&monorepo.root)?)?;
    section.figure("packages that a change touches", wanted as f64);
    figures(section, "what a change touches", &entrants, &spent);
    let peers = &spent[1..runners.len()];
    let best = |of: fn(&Spent) -> f64| peers.iter().map(of).fold(f64::INFINITY, f64::min);
    section.at_most(
        "what a change touches: processor time, Trunkline / best peer",
        spent[0].cpu / best(|one| one.cpu),
        Target(1.0 / 8.0),
    );
    section.figure(
        "what a change touches: on the clock, Trunkline / best peer",
        spent[0].wall / best(|one| one.wall),
    );
    let name = "what a change touches: µs in a process that stays, median";
    let asked = asked_again(monorepo)?;
    if monorepo.packages() == 200 {
        section.at_most(name, asked, Target(100.0));
    } else {
        section.figure(name, asked);
    }
    Ok(())
}

/// Microseconds of the question in a process that stays, about a bare repository that it has open; each time about another commit.
fn asked_again(monorepo: &Monorepo) -> Result<f64> {
    let bare = monorepo.serve(BRANCHES)?;
    let repository = Repository::discover(&bare)?;
    let mut times = Vec::with_capacity(QUESTIONS);
    for question in 0..QUESTIONS {
        let branch = question % BRANCHES;
        let name = format!("b{branch}");
        let began = Instant::now();
        let head = repository.revision(&name)?;
        let base = repository.merge_base(repository.revision("trunk")?, head)?;
        let found = repository.compare(base, head)?.affected.len();
        times.push(began.elapsed().as_secs_f64() * 1e6);
        let wanted = monorepo.dependents(monorepo.changed_by(branch, BRANCHES)) + 1;
        ensure!(found == wanted, "{name} touches {found}, not {wanted}");
    }
    std::fs::remove_dir_all(bare)?;
    times.sort_by(f64::total_cmp);
    Ok(times[QUESTIONS / 2])
}

/// Lets each build everything once, so that it knows it.
fn fill(
    meter: &mut Meter,
    programs: &Programs,
    monorepo: &Monorepo,
    runners: &[&Runner],
) -> Result<()> {
    for runner in runners {
        monorepo.remove_outputs()?;
        meter.run(&programs.without_npm(&runner.build)?)?;
    }
    if runners.iter().any(|runner| runner.slow) {
        meter.run(&programs.stop_nx(&monorepo.root)?)?;
    }
    Ok(())
}

/// Builds of everything, all of which is known.
fn known<'a>(monorepo: &Monorepo, runners: &[&'a Runner]) -> Vec<Entrant<'a>> {
    let packages = monorepo.packages();
    let entrant = |runner: &&'a Runner| Entrant {
        name: runner.name,
        job: runner.build.clone(),
        slow: runner.slow,
        fits: {
            let wanted = (runner.all_known)(packages);
            Box::new(move |said: &str| said.contains(&wanted))
        },
    };
    runners.iter().map(entrant).collect()
}

/// A build with nothing to do.
fn no_op(
    section: &mut Section,
    meter: &mut Meter,
    monorepo: &Monorepo,
    runners: &[&Runner],
) -> Result<()> {
    let entrants = known(monorepo, runners);
    let spent = in_turn(meter, &entrants, |_| Ok(()))?;
    figures(section, "nothing to do", &entrants, &spent);
    section.figure("nothing to do: most MiB, Trunkline", spent[0].resident);
    section.figure("nothing to do: most MiB, turbo", spent[1].resident);
    section.at_most(
        "nothing to do: processor time, Trunkline / turbo",
        spent[0].cpu / spent[1].cpu,
        Target(1.0 / 8.0),
    );
    Ok(())
}

/// A build whose outputs are all gone from the checkout.
fn restored(
    section: &mut Section,
    meter: &mut Meter,
    monorepo: &Monorepo,
    runners: &[&Runner],
) -> Result<()> {
    let mut entrants = known(monorepo, runners);
    for entrant in &mut entrants {
        // Outputs that were there before stay on the disk until all is measured.
        entrant.slow |= monorepo.packages() > 200;
    }
    let spent = in_turn(meter, &entrants, |_| monorepo.remove_outputs())?;
    ensure!(monorepo.is_built(), "outputs are missing");
    figures(section, "all outputs come back", &entrants, &spent);
    section.at_most(
        "all outputs come back: processor time, Trunkline / turbo",
        spent[0].cpu / spent[1].cpu,
        Target(1.0 / 4.0),
    );
    Ok(())
}

/// A first build, with nothing kept.
fn first(
    section: &mut Section,
    meter: &mut Meter,
    programs: &Programs,
    monorepo: &Monorepo,
    runners: &[Runner],
) -> Result<()> {
    let root = &monorepo.root;
    let each = format!(
        "for folder in packages/*; do (cd $folder && exec sh -c '{BUILD}') || exit 1; done"
    );
    let entrant = |name, job| Entrant {
        name,
        job,
        slow: true,
        fits: Box::new(|_: &str| true),
    };
    let build = |name: &str| {
        let found = runners.iter().find(|runner| runner.name == name);
        found.map(|runner| &runner.build).context("a runner")
    };
    let entrants = [
        entrant(
            "a loop of the shell",
            programs.job(root, &["sh", "-c", &each])?,
        ),
        entrant(
            "Trunkline, unconfined",
            build(OURS)?.with(&["--unconfined"]),
        ),
        entrant("Trunkline, in its sandbox", build(OURS)?.clone()),
        entrant(
            "turbo, with a stand-in for npm",
            programs.without_npm(build("turbo")?)?,
        ),
        entrant("moon", build("moon")?.clone()),
    ];
    let spent = in_turn(meter, &entrants, |_| {
        monorepo.remove_outputs()?;
        programs.forget(root)
    })?;
    figures(section, "first run", &entrants, &spent);
    section.at_most(
        "first run: processor time, Trunkline unconfined / a loop of the shell",
        spent[1].cpu / spent[0].cpu,
        Target(1.5),
    );
    section.figure(
        "first run: on the clock, Trunkline in its sandbox / a loop of the shell",
        spent[2].wall / spent[0].wall,
    );
    Ok(())
}

/// What the sandbox adds to a task that does nothing.
pub(crate) fn run_sandbox(report: &mut Report) -> Result<()> {
    let Room {
        place,
        programs,
        mut meter,
    } = Room::open()?;
    let root = place.join("idle");
    for number in 0..IDLE_TASKS {
        let text = format!("name = \"s{number}\"\n\n[task.check]\ncmd = \"true\"\n");
        write(&root.join(format!("s{number}/service.toml")), &text)?;
    }
    git(&root, &["init", "-q", "-b", "trunk"])?;
    git(&root, &["add", "-A"])?;
    git(&root, &["commit", "-q", "-m", "everything"])?;
    let results = tempfile::tempdir_in(MEMORY)?;
    let kept = results.path().to_string_lossy();
    let one_by_one = programs.task(&root, "check")?;
    let one_by_one = one_by_one.with(&["--force", "--parallel", "1", "--results", &kept]);
    let wanted = format!("0 known, {IDLE_TASKS} ran, 0 did not");
    let entrants = ["without a sandbox", SANDBOXED].map(|name| Entrant {
        name,
        job: match name {
            SANDBOXED => one_by_one.clone(),
            _ => one_by_one.with(&["--unconfined"]),
        },
        slow: false,
        fits: Box::new(|said: &str| said.contains(&wanted)),
    });
    let spent = in_turn(&mut meter, &entrants, |_| Ok(()))?;
    let section = report.section(
        "Sandbox",
        &format!(
            "{IDLE_TASKS} tasks that do nothing (`true`), one after another, all in one run of `trunkline task run`; the median of {ROUNDS} rounds in turn, by the \
             number of tasks. Results are kept in memory, as syncing them to a disk takes longer than all else. Namespaces, Landlock and seccomp, as far as this machine gives them."
        ),
    );
    for (entrant, spent) in entrants.iter().zip(&spent) {
        let name = entrant.name;
        let each = |figure: f64| figure / IDLE_TASKS as f64;
        section.figure(&format!("ms on the clock a task, {name}"), each(spent.wall));
    }
    section.at_most(
        "ms on the clock that the sandbox adds to a task",
        (spent[1].wall - spent[0].wall) / IDLE_TASKS as f64,
        Target(1.5),
    );
    Ok(())
}
