//! Which tasks the projects of a graph have.

use std::collections::BTreeSet;

use trunkline_project::{DependencyKind, Ecosystem, Graph, Project};

use crate::definition::{Definition, TaskName};
use crate::glob::Patterns;
use crate::manifest::scripts;
use crate::rules::{FILE, Place, Rule, Rules, duration, no_time};
use crate::{Files, TaskError};

/// Tasks of one repository.
const MOST: usize = 100_000;

/// The task that makes what others need.
pub(crate) const BUILD: &str = "build";
/// The task that needs what a project is tested with.
const TEST: &str = "test";

/// The tasks of all projects, in the order of the graph and of their names.
pub(crate) fn discover(graph: &Graph, files: &dyn Files) -> Result<Vec<Definition>, TaskError> {
    let rules = match files.read(FILE)? {
        Some(bytes) => Rules::read(&String::from_utf8_lossy(&bytes), graph)?,
        None => Rules::default(),
    };
    let mut found = Vec::new();
    for (place, project) in graph.projects.iter().enumerate() {
        let mut names: BTreeSet<String> = rules.names(project).cloned().collect();
        names.extend(own_names(project, files)?);
        for name in names {
            found.extend(define(place, project, &name, &rules)?);
        }
        if found.len() > MOST {
            return Err(wrong(FILE, format!("there are more than {MOST} tasks")));
        }
    }
    Ok(found)
}

fn wrong(path: &str, problem: impl Into<String>) -> TaskError {
    TaskError::Rules {
        path: path.to_owned(),
        line: None,
        problem: problem.into(),
    }
}

/// The tasks that a project has without being asked.
fn own_names(project: &Project, files: &dyn Files) -> Result<Vec<String>, TaskError> {
    let mut names: Vec<String> = match project.ecosystem {
        Ecosystem::Cargo | Ecosystem::Go => vec![BUILD.to_owned(), TEST.to_owned()],
        Ecosystem::Node => scripts(&files.read(&project.manifest)?.unwrap_or_default()),
        Ecosystem::Python | Ecosystem::Service => Vec::new(),
    };
    if let Some(service) = &project.service {
        names.extend(service.build.as_ref().map(|_| BUILD.to_owned()));
        names.extend(service.test.as_ref().map(|_| TEST.to_owned()));
        names.extend(service.task.keys().cloned());
    }
    Ok(names)
}

/// What a task is without `tasks.toml`.
fn base(project: &Project, task: &str) -> Rule {
    let text = |text: &str| Some(text.to_owned());
    let tool = |name: &str| Some(vec![name.to_owned()]);
    match (project.ecosystem, task) {
        (Ecosystem::Cargo, BUILD | TEST) => Rule {
            cmd: Some(format!("cargo {task} --locked --package {{name}}")),
            at: Some(Place::Root),
            tools: tool("rustc"),
            caches: Some(vec!["/target".to_owned()]),
            ..Rule::default()
        },
        (Ecosystem::Cargo, _) => Rule {
            tools: tool("rustc"),
            ..Rule::default()
        },
        (Ecosystem::Node, _) => Rule {
            cmd: Some(format!("npm run --silent {task}")),
            tools: tool("node"),
            ..Rule::default()
        },
        (Ecosystem::Go, BUILD) => Rule {
            cmd: text("go build ./..."),
            tools: tool("go"),
            ..Rule::default()
        },
        (Ecosystem::Go, TEST) => Rule {
            cmd: text("go test ./..."),
            tools: tool("go"),
            ..Rule::default()
        },
        (Ecosystem::Go, _) => Rule {
            tools: tool("go"),
            ..Rule::default()
        },
        (Ecosystem::Python, _) => Rule {
            tools: tool("python3"),
            ..Rule::default()
        },
        (Ecosystem::Service, _) => Rule::default(),
    }
}

/// What `service.toml` says.
fn of_service(project: &Project, task: &str) -> Result<Option<Rule>, TaskError> {
    let service = project.service.as_ref();
    let own = service.and_then(|service| match task {
        BUILD => service.build.as_ref(),
        TEST => service.test.as_ref(),
        name => service.task.get(name),
    });
    let Some(own) = own else {
        return Ok(None);
    };
    let timeout = match &own.timeout {
        Some(text) => {
            let path = from_root(&project.folder, "service.toml");
            Some(duration(text).ok_or_else(|| wrong(&path, no_time(text)))?)
        }
        None => None,
    };
    let list = |list: &Vec<String>| (!list.is_empty()).then(|| list.clone());
    Ok(Some(Rule {
        cmd: Some(own.cmd.clone()),
        at: Some(Place::Project),
        inputs: list(&own.inputs),
        outputs: list(&own.outputs),
        env: list(&own.env),
        timeout,
        ..Rule::default()
    }))
}

/// One rule after another, each over the one before.
fn over(mut below: Rule, above: &Rule) -> Rule {
    fn put<T: Clone>(below: &mut Option<T>, above: &Option<T>) {
        if above.is_some() {
            below.clone_from(above);
        }
    }
    put(&mut below.cmd, &above.cmd);
    put(&mut below.at, &above.at);
    put(&mut below.inputs, &above.inputs);
    put(&mut below.outputs, &above.outputs);
    put(&mut below.env, &above.env);
    put(&mut below.tools, &above.tools);
    put(&mut below.secrets, &above.secrets);
    put(&mut below.caches, &above.caches);
    put(&mut below.network, &above.network);
    put(&mut below.timeout, &above.timeout);
    below
}

/// The definition of a task; nothing where its command is empty.
fn define(
    place: usize,
    project: &Project,
    task: &str,
    rules: &Rules,
) -> Result<Option<Definition>, TaskError> {
    let mut rule = base(project, task);
    if let Some(own) = of_service(project, task)? {
        rule = over(rule, &own);
    }
    for above in rules.for_task(project, task) {
        rule = over(rule, above);
    }
    let command = rule.cmd.unwrap_or_default();
    if command.trim().is_empty() {
        return Ok(None);
    }
    check_name(task)?;
    let fill = |text: &str| {
        text.replace("{name}", &project.name)
            .replace("{folder}", project.place())
    };
    let folder = match rule.at {
        Some(Place::Root) => String::new(),
        _ => project.folder.clone(),
    };
    let filled = |list: Option<Vec<String>>| -> Option<Vec<String>> {
        list.map(|list| list.iter().map(|one| fill(one)).collect())
    };
    let inputs = filled(rule.inputs);
    let output_patterns = filled(rule.outputs).unwrap_or_default();
    let caches = filled(rule.caches).unwrap_or_default();
    Ok(Some(Definition {
        name: TaskName {
            project: project.label(),
            task: task.to_owned(),
        },
        project: place,
        command: fill(&command),
        folder,
        env: sorted(rule.env),
        tools: sorted(rule.tools),
        secrets: sorted(rule.secrets),
        caches: caches
            .iter()
            .map(|one| from_root(&project.folder, one))
            .collect(),
        network: rule.network.unwrap_or(false),
        timeout: rule.timeout,
        inputs: inputs.map(|patterns| Patterns::new(&project.folder, &patterns)),
        outputs: (!output_patterns.is_empty())
            .then(|| Patterns::new(&project.folder, &output_patterns)),
        output_patterns,
    }))
}

fn sorted(list: Option<Vec<String>>) -> Vec<String> {
    let all: BTreeSet<String> = list.unwrap_or_default().into_iter().collect();
    all.into_iter().collect()
}

fn from_root(folder: &str, path: &str) -> String {
    match path.strip_prefix('/') {
        Some(path) => path.to_owned(),
        None if folder.is_empty() => path.to_owned(),
        None => format!("{folder}/{path}"),
    }
}

fn check_name(task: &str) -> Result<(), TaskError> {
    let fits =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_' | ':' | '.');
    if !task.is_empty() && task.len() <= 64 && task.chars().all(fits) {
        return Ok(());
    }
    Err(wrong(
        FILE,
        format!(
            "`{task}` is no name of a task: letters, digits, `-`, `_`, `.` and `:`, at most 64"
        ),
    ))
}

/// The tasks that the task at `place` needs, by their places: its own build, and the builds of what its project needs.
pub(crate) fn needs(graph: &Graph, all: &[Definition], place: usize) -> Vec<usize> {
    let one = &all[place];
    let build_of = |project: usize| {
        all.binary_search_by(|other| {
            (other.project, other.name.task.as_str()).cmp(&(project, BUILD))
        })
        .ok()
    };
    let mut needs = BTreeSet::new();
    if one.name.task != BUILD {
        needs.extend(build_of(one.project));
    }
    for dependency in &graph.projects[one.project].dependencies {
        if dependency.kind == DependencyKind::Development && one.name.task == BUILD {
            continue;
        }
        needs.extend(build_of(dependency.project));
    }
    needs.remove(&place);
    needs.into_iter().collect()
}
