use std::collections::BTreeMap;
use std::path::PathBuf;

use trunkline_task::{Files, Plan, Remembered, WorkFiles};

use crate::fixture::Fixture;

/// Each task with its command, its needs and its key.
fn told(plan: &Plan) -> Vec<String> {
    let tasks = plan.tasks.iter();
    tasks
        .map(|task| {
            format!(
                "{} {:?} {:?} {}",
                task.definition.name, task.definition, task.needs, task.plan_key
            )
        })
        .collect()
}

fn remembered(fixture: &Fixture) -> Remembered {
    Remembered::new(&fixture.folder.path().join("plans"), &fixture.root())
}

fn planned(fixture: &Fixture) -> (Plan, Vec<String>) {
    let files = WorkFiles::open(&fixture.root(), None).unwrap();
    remembered(fixture)
        .plan(&files, fixture.surroundings())
        .unwrap()
}

/// Files whose contents cannot be read.
#[derive(Debug)]
struct NamesOnly(WorkFiles);

impl Files for NamesOnly {
    fn all(&self) -> &BTreeMap<String, trunkline_task::FileEntry> {
        self.0.all()
    }

    fn read(&self, path: &str) -> Result<Option<Vec<u8>>, trunkline_task::TaskError> {
        panic!("{path} is read")
    }
}

fn chain() -> Fixture {
    let fixture = Fixture::chain();
    fixture.write(&[
        ("tasks.toml", "[node.build]\ncmd = \"x\"\ntools = [\"node\"]\nenv = [\"MODE\"]\noutputs = [\"dist/**\"]\n[node.test]\ncmd = \"y\"\ninputs = [\"in.js\"]\ntimeout = \"5m\"\n"),
        ("p/d/package.json", "{"),
    ]);
    fixture
}

#[test]
fn a_plan_of_the_same_files_is_the_same_and_reads_none_of_them() {
    let fixture = chain();
    let (first, findings) = planned(&fixture);
    assert_eq!(findings.len(), 1);
    let files = NamesOnly(WorkFiles::open(&fixture.root(), None).unwrap());
    let again = remembered(&fixture).plan(&files, fixture.surroundings());
    let (again, same) = again.unwrap();
    assert_eq!(told(&again), told(&first));
    assert_eq!(told(&fixture.plan()), told(&first));
    assert_eq!((again.tasks.len(), same), (6, findings));
}

#[test]
fn whatever_differs_is_planned_anew() {
    let mut fixture = chain();
    let check = |fixture: &Fixture| {
        let (ours, _) = planned(fixture);
        assert_eq!(told(&ours), told(&fixture.plan()));
        ours.tasks[0].plan_key
    };
    let mut seen = vec![check(&fixture)];
    fixture.write(&[("p/a/in.js", "aa\n")]);
    seen.push(check(&fixture));
    fixture.tools.0.insert("node".into(), "v20".into());
    seen.push(check(&fixture));
    fixture.tools.0.insert("node".into(), "v22".into());
    seen.push(check(&fixture));
    for mode in ["one", "two"] {
        fixture.environment.insert("MODE".into(), mode.into());
        seen.push(check(&fixture));
    }
    fixture.write(&[("tasks.toml", "[node.build]\ncmd = \"z\"\n")]);
    seen.push(check(&fixture));
    for (place, one) in seen.iter().enumerate() {
        assert!(!seen[..place].contains(one), "{place}");
    }
}

#[test]
fn a_plan_that_was_broken_is_made_anew() {
    let fixture = chain();
    let (first, _) = planned(&fixture);
    let folder = fixture.folder.path().join("plans");
    let kept: Vec<PathBuf> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    let good = std::fs::read(&kept[0]).unwrap();
    assert!(!String::from_utf8_lossy(&good).contains("MODE=") && kept.len() == 1);
    for bad in [&good[..good.len() / 2], b""] {
        std::fs::write(&kept[0], bad).unwrap();
        assert_eq!(told(&planned(&fixture).0), told(&first));
        assert_eq!(std::fs::read(&kept[0]).unwrap(), good);
    }
}
