//! New route files while requests pass.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::Gateway;
use super::gateway::lock;
use crate::file::{Parsed, Problem, RouteFile, parse};
use crate::table::{Context, Table, compile};
use crate::upstream::watch;

impl Gateway {
    /// Serves by `files` from now on, and says what is wrong with them.
    ///
    /// A file with a problem is refused as a whole: its last good version serves on. Upstreams that did not change keep their
    /// connections and their health; requests and WebSockets under way are not touched. Blocks for the time of compiling.
    pub fn apply(&self, files: &[RouteFile]) -> Vec<Problem> {
        let mut kept = lock(&self.files);
        let mut problems = Vec::new();
        let mut wanted = BTreeMap::new();
        for file in files {
            match parse(file) {
                Ok(parsed) => drop(wanted.insert(file.name.clone(), parsed)),
                Err(problem) => {
                    problems.push(problem);
                    if let Some(good) = kept.good.get(&file.name) {
                        wanted.insert(file.name.clone(), good.clone());
                    }
                }
            }
        }
        let before = self.core.table.load_full();
        let mut given_up = BTreeSet::new();
        let table = loop {
            let found = match self.compile(&wanted, &before) {
                Ok(table) => break table,
                Err(found) => found,
            };
            // A file that is to blame gives way to its last good version; if that one fails with the others too, to nothing.
            for name in found
                .iter()
                .map(|problem| problem.file.clone())
                .collect::<BTreeSet<_>>()
            {
                match kept.good.get(&name) {
                    Some(good) if given_up.insert(name.clone()) => {
                        drop(wanted.insert(name, good.clone()));
                    }
                    _ => drop(wanted.remove(&name)),
                }
            }
            problems.extend(found);
        };
        problems.dedup();
        kept.good = wanted;
        kept.problems.clone_from(&problems);
        self.install(table, &before);
        problems
    }

    fn compile(
        &self,
        wanted: &BTreeMap<String, Parsed>,
        before: &Table,
    ) -> Result<Table, Vec<Problem>> {
        let files: Vec<&Parsed> = wanted.values().collect();
        let context = Context {
            loopback: self.config.loopback_upstreams,
            private: self.config.private_upstreams,
            sample: self.config.sample,
            workers: self.workers(),
            tls: &self.client_tls,
            limit: &*self.core.ports.limit,
            before,
        };
        compile(&files, &context)
    }

    fn install(&self, table: Table, before: &Table) {
        let table = Arc::new(table);
        self.core.table.store(Arc::clone(&table));
        if let Some(runtime) = &*lock(&self.runtime) {
            for (name, upstream) in &table.upstreams {
                if !before
                    .upstreams
                    .get(name)
                    .is_some_and(|old| Arc::ptr_eq(old, upstream))
                {
                    runtime.spawn(watch(Arc::downgrade(upstream)));
                }
            }
        }
    }
}
