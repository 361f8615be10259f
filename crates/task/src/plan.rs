//! All tasks of a state of files, with what they need and their plan keys.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use serde::{Deserialize, Serialize};
use trunkline_lockfile::Format;
use trunkline_project::{Closures, DependencyKind, Graph};

use crate::definition::{Definition, TaskName};
use crate::discover::{BUILD, discover, needs};
use crate::key::{self, Ingredients, Key};
use crate::scope::Scopes;
use crate::{Files, TaskError, Tools};

/// What a plan depends on beside files.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings<'a> {
    /// The tools.
    pub tools: &'a dyn Tools,
    /// The environment that declared variables come from.
    pub environment: &'a BTreeMap<String, String>,
}

/// One task of a plan.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Task {
    /// What it is.
    pub definition: Definition,
    /// What it needs, by their places in the plan, in order.
    pub needs: Vec<usize>,
    /// Its plan key.
    pub plan_key: Key,
    /// The hash of all that it is by itself.
    pub(crate) own: Key,
    /// What that is; a plan that is remembered does not have it.
    #[serde(skip)]
    pub(crate) ingredients: Option<Ingredients>,
}

/// All tasks, each after those that it needs.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Plan {
    /// They, in this order.
    pub tasks: Vec<Task>,
    /// What says what each may read and write.
    pub(crate) scopes: Scopes,
}

impl Plan {
    /// The plan for `files`, whose projects are `graph`.
    ///
    /// # Errors
    /// [`TaskError`] where what says what there is to do cannot be understood, or tasks need one another in a circle.
    pub fn new(
        graph: &Graph,
        files: &dyn Files,
        surroundings: Surroundings<'_>,
    ) -> Result<Self, TaskError> {
        let definitions = discover(graph, files)?;
        let all_needs: Vec<_> = (0..definitions.len())
            .map(|place| needs(graph, &definitions, place))
            .collect();
        let order = order(&definitions, &all_needs)?;
        let mut lookup = Lookup::new(graph, files, surroundings, &definitions);
        let mut new_place = vec![0; definitions.len()];
        let mut tasks: Vec<Task> = Vec::with_capacity(definitions.len());
        for old in order {
            let definition = definitions[old].clone();
            let ingredients = lookup.ingredients(&definition)?;
            let mut needs: Vec<usize> =
                all_needs[old].iter().map(|need| new_place[*need]).collect();
            needs.sort_unstable();
            let keys: Vec<_> = needs
                .iter()
                .map(|need| {
                    (
                        tasks[*need].definition.name.to_string(),
                        tasks[*need].plan_key,
                    )
                })
                .collect();
            new_place[old] = tasks.len();
            let own = key::own(&definition, &ingredients);
            tasks.push(Task {
                plan_key: key::key(&own, &sorted(keys)),
                definition,
                needs,
                own,
                ingredients: Some(ingredients),
            });
        }
        Ok(Self {
            tasks,
            scopes: Scopes::new(graph),
        })
    }

    /// The place of the task `name`, as `project#task`; the project may be named without its ecosystem where that is enough.
    ///
    /// # Errors
    /// [`TaskError::Unknown`] where there is none, or several.
    pub fn find(&self, name: &str) -> Result<usize, TaskError> {
        let unknown = || TaskError::Unknown(name.to_owned());
        let (project, task) = name.rsplit_once('#').ok_or_else(unknown)?;
        let called = |one: &&Task| {
            let own = &one.definition.name;
            own.task == task
                && (own.project == project
                    || own
                        .project
                        .split_once(':')
                        .is_some_and(|(_, name)| name == project))
        };
        let mut found = self.tasks.iter().filter(called);
        let first = found.next().ok_or_else(unknown)?;
        if found.next().is_some() {
            return Err(unknown());
        }
        self.place(&first.definition.name).ok_or_else(unknown)
    }

    /// The place of a task.
    #[must_use]
    pub fn place(&self, name: &TaskName) -> Option<usize> {
        self.tasks
            .iter()
            .position(|one| one.definition.name == *name)
    }

    /// The tasks whose plan keys are not those that `before` has.
    #[must_use]
    pub fn changed_since<'a>(&'a self, before: &Self) -> Vec<&'a Task> {
        let old: HashMap<_, _> = before
            .tasks
            .iter()
            .map(|task| (&task.definition.name, task.plan_key))
            .collect();
        let same = |task: &&Task| old.get(&task.definition.name) != Some(&task.plan_key);
        self.tasks.iter().filter(same).collect()
    }
}

pub(crate) fn sorted(mut keys: Vec<(String, Key)>) -> Vec<(String, Key)> {
    keys.sort();
    keys
}

/// An order in which each comes after those that it needs; among others the order that they have.
fn order(definitions: &[Definition], needs: &[Vec<usize>]) -> Result<Vec<usize>, TaskError> {
    let mut left: Vec<usize> = needs.iter().map(Vec::len).collect();
    let mut dependents = vec![Vec::new(); definitions.len()];
    for (place, needs) in needs.iter().enumerate() {
        for need in needs {
            dependents[*need].push(place);
        }
    }
    let mut ready: VecDeque<usize> = (0..left.len()).filter(|place| left[*place] == 0).collect();
    let mut order = Vec::with_capacity(left.len());
    while let Some(place) = ready.pop_front() {
        order.push(place);
        for dependent in &dependents[place] {
            left[*dependent] -= 1;
            if left[*dependent] == 0 {
                ready.push_back(*dependent);
            }
        }
    }
    if order.len() == definitions.len() {
        return Ok(order);
    }
    let stuck = (0..left.len()).filter(|place| left[*place] > 0);
    Err(TaskError::Circle {
        tasks: stuck
            .map(|place| definitions[place].name.to_string())
            .take(20)
            .collect(),
    })
}

/// Finds what tasks depend on, each file and tool once.
struct Lookup<'a> {
    graph: &'a Graph,
    files: &'a dyn Files,
    surroundings: Surroundings<'a>,
    /// The files of each project.
    own: Vec<Vec<&'a String>>,
    /// Whether something is built of each project.
    is_built: Vec<bool>,
    /// The hash of the files of each project, where it was asked for.
    hashes: Vec<Option<Key>>,
    versions: BTreeMap<String, Option<String>>,
    closures: BTreeMap<String, Closures>,
}

impl<'a> Lookup<'a> {
    fn new(
        graph: &'a Graph,
        files: &'a dyn Files,
        surroundings: Surroundings<'a>,
        definitions: &[Definition],
    ) -> Self {
        let mut is_built = vec![false; graph.projects.len()];
        for definition in definitions.iter().filter(|one| one.name.task == BUILD) {
            is_built[definition.project] = true;
        }
        let mut own = vec![Vec::new(); graph.projects.len()];
        for path in files.all().keys() {
            for owner in graph.owners(path) {
                own[*owner].push(path);
            }
        }
        Self {
            graph,
            files,
            surroundings,
            own,
            is_built,
            hashes: vec![None; graph.projects.len()],
            versions: BTreeMap::new(),
            closures: BTreeMap::new(),
        }
    }

    fn ingredients(&mut self, definition: &Definition) -> Result<Ingredients, TaskError> {
        let (shared, closure) = self.shared(definition.project)?;
        let environment = self.surroundings.environment;
        let env = definition.env.iter();
        Ok(Ingredients {
            files: self.inputs(definition),
            shared,
            manifest: self
                .graph
                .shared_manifest(definition.project)
                .map(str::to_owned),
            closure,
            reached: self.reached(definition),
            env: env
                .map(|name| (name.clone(), environment.get(name).cloned()))
                .collect(),
            tools: definition
                .tools
                .iter()
                .map(|tool| (tool.clone(), self.version(tool)))
                .collect(),
        })
    }

    /// The projects that a task needs and that nothing is built of: what is built of others is in the keys of their builds.
    fn reached(&mut self, definition: &Definition) -> Vec<(String, Key)> {
        let graph = self.graph;
        let mut reached = BTreeSet::new();
        let mut next = vec![definition.project];
        while let Some(place) = next.pop() {
            // What is needed for tests alone is needed by the tests of the very project.
            let tests = place == definition.project && definition.name.task != BUILD;
            for dependency in &graph.projects[place].dependencies {
                let wanted = tests || dependency.kind != DependencyKind::Development;
                let need = dependency.project;
                if wanted && !self.is_built[need] && reached.insert(need) {
                    next.push(need);
                }
            }
        }
        reached.remove(&definition.project);
        let reached = reached.into_iter();
        let hashed = reached.map(|place| (graph.projects[place].label(), self.hash_of(place)));
        let mut hashed: Vec<_> = hashed.collect();
        hashed.sort();
        hashed
    }

    /// The hash of the files of a project.
    fn hash_of(&mut self, project: usize) -> Key {
        if let Some(known) = self.hashes[project] {
            return known;
        }
        let mut text = Vec::new();
        for path in &self.own[project] {
            let entry = self.files.all()[*path];
            text.extend((path.len() as u64).to_le_bytes());
            text.extend(path.as_bytes());
            text.push(entry.mode.byte());
            text.extend(entry.id.as_slice());
        }
        let hash = key::hash(&text);
        self.hashes[project] = Some(hash);
        hash
    }

    fn inputs(&self, definition: &Definition) -> Vec<(String, crate::FileEntry)> {
        let all = self.files.all();
        let made = |path: &str| {
            let outputs = definition.outputs.as_ref();
            outputs.is_some_and(|outputs| outputs.has(path))
        };
        let Some(patterns) = &definition.inputs else {
            let own = self.own[definition.project].iter();
            return own
                .filter(|path| !made(path))
                .map(|path| ((*path).clone(), all[*path]))
                .collect();
        };
        // Only where a pattern can fit at all is it looked at.
        let mut found = BTreeMap::new();
        for place in patterns.places() {
            let within = all
                .range(place.clone()..)
                .take_while(|(path, _)| path.starts_with(&place));
            for (path, entry) in within.filter(|(path, _)| patterns.has(path) && !made(path)) {
                found.insert(path.clone(), *entry);
            }
        }
        // What a project says of itself is read whatever its task says.
        let manifest = &self.graph.projects[definition.project].manifest;
        if let Some(entry) = all.get(manifest) {
            found.insert(manifest.clone(), *entry);
        }
        found.into_iter().collect()
    }

    fn version(&mut self, tool: &str) -> Option<String> {
        if let Some(known) = self.versions.get(tool) {
            return known.clone();
        }
        let version = self.surroundings.tools.version(tool);
        self.versions.insert(tool.to_owned(), version.clone());
        version
    }

    /// What the project shares with others: of a lockfile that can be read only the part that reaches it.
    fn shared(&mut self, project: usize) -> Result<Shared, TaskError> {
        let mut shared = Vec::new();
        let mut closure = None;
        for path in self.graph.shared_files(project) {
            let Some(entry) = self.files.all().get(&path) else {
                continue;
            };
            match self.closure(&path, project)? {
                Some(found) if closure.is_none() => closure = Some(found),
                _ => shared.push((path, entry.id)),
            }
        }
        shared.sort();
        Ok((shared, closure))
    }

    fn closure(&mut self, path: &str, project: usize) -> Result<Option<[u8; 32]>, TaskError> {
        if Format::of(path).is_none() {
            return Ok(None);
        }
        if !self.closures.contains_key(path) {
            let bytes = self.files.read(path)?.unwrap_or_default();
            let found = Closures::read(path, &bytes);
            self.closures.insert(path.to_owned(), found);
        }
        Ok(self.closures[path].of(path, &self.graph.projects[project]))
    }
}

type Shared = (Vec<(String, gix::ObjectId)>, Option<[u8; 32]>);
