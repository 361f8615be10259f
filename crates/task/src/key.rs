//! Keys: a hash of all that the outcome of a task depends on.

use std::fmt;
use std::str::FromStr;

use gix::ObjectId;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::definition::Definition;
use crate::files::FileEntry;

/// Changes whenever the same task would be encoded otherwise.
const VERSION: &str = "trunkline task 2";

/// A key, or the hash of a content.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub [u8; 32]);

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// A text is no [`Key`].
#[derive(Debug, thiserror::Error)]
#[error("a key has 64 hexadecimal digits")]
pub struct NotAKey;

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Key {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(from)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

impl FromStr for Key {
    type Err = NotAKey;

    fn from_str(text: &str) -> Result<Self, NotAKey> {
        blake3::Hash::from_hex(text)
            .map(|hash| Self(*hash.as_bytes()))
            .map_err(|_| NotAKey)
    }
}

/// What of the state of files, tools and environment a task depends on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Ingredients {
    /// Files that it reads, in the order of their paths.
    pub(crate) files: Vec<(String, FileEntry)>,
    /// Files that it shares with others, in the order of their paths.
    pub(crate) shared: Vec<(String, ObjectId)>,
    /// What the manifest of its workspace says to all members.
    pub(crate) manifest: Option<String>,
    /// The part of the lockfile that reaches it, where the lockfile can be read.
    pub(crate) closure: Option<[u8; 32]>,
    /// The projects that its own needs and that nothing is built of, over any number of those, with the hash of their files.
    pub(crate) reached: Vec<(String, Key)>,
    /// Declared variables, in the order of their names; nothing where one is not set.
    pub(crate) env: Vec<(String, Option<String>)>,
    /// The first line that each tool says of its version, in the order of their names; nothing where one is not there.
    pub(crate) tools: Vec<(String, Option<String>)>,
}

/// Encodes so that no two different contents look alike: everything is headed by what it is and how long it is.
struct Encoder(blake3::Hasher);

impl Encoder {
    fn bytes(&mut self, tag: u8, bytes: &[u8]) {
        self.0.update(&[tag]);
        self.0.update(&(bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn text(&mut self, tag: u8, text: &str) {
        self.bytes(tag, text.as_bytes());
    }

    fn count(&mut self, tag: u8, count: usize) {
        self.bytes(tag, &(count as u64).to_le_bytes());
    }

    fn maybe(&mut self, tag: u8, text: Option<&str>) {
        match text {
            Some(text) => self.text(tag, text),
            None => self.bytes(tag | 0x80, &[]),
        }
    }
}

/// The hash of all that a task is by itself, whatever it needs.
pub(crate) fn own(definition: &Definition, ingredients: &Ingredients) -> Key {
    let mut to = Encoder(blake3::Hasher::new());
    to.text(1, VERSION);
    to.text(2, &definition.name.project);
    to.text(3, &definition.name.task);
    to.text(4, &definition.command);
    to.text(5, &definition.folder);
    to.bytes(6, &[u8::from(definition.network)]);
    to.count(7, definition.output_patterns.len());
    for pattern in &definition.output_patterns {
        to.text(8, pattern);
    }
    to.count(9, ingredients.files.len());
    for (path, entry) in &ingredients.files {
        to.text(10, path);
        to.bytes(11, &[entry.mode.byte()]);
        to.bytes(12, entry.id.as_slice());
    }
    to.count(13, ingredients.shared.len());
    for (path, id) in &ingredients.shared {
        to.text(14, path);
        to.bytes(15, id.as_slice());
    }
    to.maybe(16, ingredients.manifest.as_deref());
    to.bytes(
        17,
        ingredients
            .closure
            .as_ref()
            .map_or(&[][..], |hash| &hash[..]),
    );
    to.count(27, ingredients.reached.len());
    for (project, hash) in &ingredients.reached {
        to.text(28, project);
        to.bytes(29, &hash.0);
    }
    for (tag, pairs) in [(18, &ingredients.env), (20, &ingredients.tools)] {
        to.count(tag, pairs.len());
        for (name, value) in pairs {
            to.text(tag + 1, name);
            to.maybe(22, value.as_deref());
        }
    }
    Key(*to.0.finalize().as_bytes())
}

/// The key of a task that is `own` by itself and whose needs have the keys `needs`, in the order of their names: plan keys for a plan key, hashes
/// of outputs for an action key.
pub(crate) fn key(own: &Key, needs: &[(String, Key)]) -> Key {
    let mut to = Encoder(blake3::Hasher::new());
    to.bytes(26, &own.0);
    to.count(23, needs.len());
    for (name, key) in needs {
        to.text(24, name);
        to.bytes(25, &key.0);
    }
    Key(*to.0.finalize().as_bytes())
}

/// The hash of `bytes`.
pub(crate) fn hash(bytes: &[u8]) -> Key {
    Key(*blake3::hash(bytes).as_bytes())
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::definition::TaskName;
    use crate::files::FileMode;

    pub(crate) fn definition(command: &str) -> Definition {
        Definition {
            name: TaskName {
                project: "cargo:a".into(),
                task: "build".into(),
            },
            project: 0,
            command: command.into(),
            folder: String::new(),
            env: Vec::new(),
            tools: Vec::new(),
            secrets: Vec::new(),
            caches: Vec::new(),
            network: false,
            timeout: None,
            inputs: None,
            outputs: None,
            output_patterns: Vec::new(),
        }
    }

    fn id(digit: &str) -> ObjectId {
        ObjectId::from_hex(digit.repeat(40).as_bytes()).unwrap()
    }

    #[test]
    fn whatever_differs_makes_another_key() {
        let file = |path: &str, mode, digit| {
            (
                path.to_owned(),
                FileEntry {
                    mode,
                    id: id(digit),
                },
            )
        };
        let none = Ingredients::default();
        let key = |definition: &Definition, ingredients: &Ingredients, needs: &[(String, Key)]| {
            super::key(&own(definition, ingredients), needs)
        };
        let with = |change: &dyn Fn(&mut Ingredients)| {
            let mut ingredients = Ingredients::default();
            change(&mut ingredients);
            key(&definition("x"), &ingredients, &[])
        };
        let pair = |name: &str, value: Option<&str>| (name.to_owned(), value.map(str::to_owned));
        let need = Key([7; 32]);
        let all = [
            with(&|_| {}),
            key(&definition("y"), &none, &[]),
            key(
                &Definition {
                    network: true,
                    ..definition("x")
                },
                &none,
                &[],
            ),
            key(&definition("x"), &none, &[("a".into(), need)]),
            key(&definition("x"), &none, &[("b".into(), need)]),
            with(&|all| all.files = vec![file("a", FileMode::Plain, "1")]),
            with(&|all| all.files = vec![file("a", FileMode::Program, "1")]),
            with(&|all| all.files = vec![file("a", FileMode::Plain, "2")]),
            with(&|all| all.files = vec![file("b", FileMode::Plain, "1")]),
            with(&|all| all.shared = vec![("a".into(), id("1"))]),
            with(&|all| all.manifest = Some(String::new())),
            with(&|all| all.closure = Some([1; 32])),
            with(&|all| all.reached = vec![("a".into(), need)]),
            with(&|all| all.reached = vec![("b".into(), need)]),
            with(&|all| all.env = vec![pair("A", None)]),
            with(&|all| all.env = vec![pair("A", Some(""))]),
            with(&|all| all.env = vec![pair("A", Some("B")), pair("C", None)]),
            with(&|all| all.env = vec![pair("AB", Some("")), pair("C", None)]),
            with(&|all| all.tools = vec![pair("A", None)]),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
        // What is no part of it: how long it may take, and what it may keep.
        let kept = Definition {
            caches: vec!["target".into()],
            timeout: Some(std::time::Duration::from_secs(1)),
            secrets: vec!["S".into()],
            ..definition("x")
        };
        assert_eq!(key(&kept, &none, &[]), all[0]);
        assert_eq!(all[0].to_string().parse::<Key>().unwrap(), all[0]);
    }
}
