//! The models in use.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, PoisonError, RwLock};

use crate::model::Model;
use crate::problem::Problem;
use crate::shipped::shipped;

/// One model for each kind of things: those that come with the platform, and over them those of the workspace.
#[derive(Debug)]
pub struct Models {
    shipped: Vec<Arc<Model>>,
    current: RwLock<Current>,
}

#[derive(Debug, Default)]
struct Current {
    by_kind: HashMap<String, Arc<Model>>,
    /// The last good version of each file of the workspace.
    files: BTreeMap<String, File>,
    version: u64,
}

/// A file that could be read.
#[derive(Clone, Debug)]
struct File {
    text: String,
    model: Arc<Model>,
}

impl Models {
    /// Those that come with the platform.
    #[must_use]
    pub fn new() -> Self {
        let read = |(name, text)| Model::read(name, text).ok().map(Arc::new);
        let shipped: Vec<_> = shipped().into_iter().filter_map(read).collect();
        let current = Current {
            by_kind: by_kind(&shipped),
            ..Current::default()
        };
        Self {
            shipped,
            current: RwLock::new(current),
        }
    }

    /// Takes over the files of the workspace, each a name such as `behaviour/pump.toml` and a text, in place of those before; what is wrong
    /// with them. Of a file that cannot be read the last good version holds on. Of two files for the same kind the first one counts.
    pub fn apply(&self, files: &[(String, String)]) -> Vec<Problem> {
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        let mut problems = Vec::new();
        let mut good = BTreeMap::new();
        for (name, text) in files {
            let last = current.files.get(name);
            if let Some(file) = last.filter(|last| last.text == *text) {
                // A model that did not change stays the very same.
                good.insert(name.clone(), file.clone());
                continue;
            }
            match Model::read(name, text) {
                Ok(model) => {
                    let (text, model) = (text.clone(), Arc::new(model));
                    good.insert(name.clone(), File { text, model });
                }
                Err(found) => {
                    problems.extend(found);
                    good.extend(last.map(|last| (name.clone(), last.clone())));
                }
            }
        }
        let mut own: Vec<(&String, &Arc<Model>)> = Vec::new();
        for (name, file) in &good {
            let kind = file.model.kind();
            match own.iter().find(|(_, model)| model.kind() == kind) {
                Some((first, _)) => problems.push(Problem {
                    file: name.clone(),
                    line: None,
                    column: None,
                    text: format!("things of the kind `{kind}` have their model in `{first}`"),
                    hint: None,
                }),
                None => own.push((name, &file.model)),
            }
        }
        let own = own.into_iter().map(|(_, model)| model);
        current.by_kind = by_kind(self.shipped.iter().chain(own));
        current.files = good;
        current.version += 1;
        problems
    }

    /// The model of things of `kind`. As long as its file does not change it is the very same.
    #[must_use]
    pub fn of(&self, kind: &str) -> Option<Arc<Model>> {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.by_kind.get(kind).cloned()
    }

    /// Grows whenever files are taken over.
    #[must_use]
    pub fn version(&self) -> u64 {
        let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
        current.version
    }
}

impl Default for Models {
    fn default() -> Self {
        Self::new()
    }
}

/// Later ones go before earlier ones.
fn by_kind<'m>(models: impl IntoIterator<Item = &'m Arc<Model>>) -> HashMap<String, Arc<Model>> {
    let models = models.into_iter();
    models
        .map(|model| (model.kind().to_owned(), Arc::clone(model)))
        .collect()
}
