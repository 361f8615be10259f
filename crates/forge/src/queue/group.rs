//! What the rules take for one: the tasks of one project.
//!
//! The rules blame a change for a project, so a project has one key there. It stands for the keys of its tasks that are affected: it is green where
//! all of them are.

use trunkline_landing::Key;

use crate::PlannedTask;

/// The affected tasks of one project, each after those that it needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The project, such as `cargo:billing`.
    pub(super) project: String,
    pub(super) tasks: Vec<PlannedTask>,
}

impl Group {
    /// Its key.
    pub(super) fn key(&self) -> Key {
        let mut hasher = blake3::Hasher::new();
        for task in &self.tasks {
            hasher.update(&task.key.0);
        }
        Key(*hasher.finalize().as_bytes())
    }

    /// The names of its tasks, for people.
    pub(super) fn names(&self) -> String {
        let names: Vec<_> = self.tasks.iter().map(|task| task.name.as_str()).collect();
        names.join(" and ")
    }
}

/// The tasks of a plan by their projects, in the order in which these come.
pub(super) fn groups(tasks: Vec<PlannedTask>) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for task in tasks {
        match groups
            .iter_mut()
            .find(|group| group.project == task.project)
        {
            Some(group) => group.tasks.push(task),
            None => groups.push(Group {
                project: task.project.clone(),
                tasks: vec![task],
            }),
        }
    }
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    fn task(project: &str, name: &str, key: u8) -> PlannedTask {
        PlannedTask {
            key: Key([key; 32]),
            project: project.into(),
            name: name.into(),
        }
    }

    #[test]
    fn a_project_has_one_key_for_all_of_its_tasks() {
        let all = groups(vec![
            task("a", "build", 1),
            task("b", "build", 2),
            task("a", "test", 3),
        ]);
        assert_eq!(all.len(), 2);
        assert_eq!(
            (all[0].names().as_str(), all[1].names().as_str()),
            ("build and test", "build")
        );
        let other = groups(vec![task("a", "build", 1), task("a", "test", 4)]);
        assert_ne!(all[0].key(), other[0].key());
        assert_ne!(all[0].key(), all[1].key());
    }
}
