//! `bun.lock`, the text that bun 1.2 and later write.

use std::collections::{BTreeMap, HashMap};

use serde::Deserialize;
use serde_json::Value;

use crate::error::Wrong;
use crate::lock::{Format, Lock, Package, check_way};

use super::path;

/// The newest version that is known.
const VERSION: u32 = 1;
/// The source of what names none.
const REGISTRY: &str = "registry";
const KINDS: &[&str] = &[
    "dependencies",
    "devDependencies",
    "optionalDependencies",
    "peerDependencies",
];

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct BunLock {
    lockfile_version: u32,
    #[serde(default)]
    workspaces: BTreeMap<String, Value>,
    /// By the way along which each is found: `debug`, `express/debug`.
    #[serde(default)]
    packages: BTreeMap<String, Vec<Value>>,
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let file: BunLock =
        serde_json::from_str(&plain_json(text)).map_err(|error| Wrong::json(&error))?;
    if file.lockfile_version > VERSION {
        return Err(Wrong::Unsupported(format!(
            "version {} of the format is not known; {VERSION} is the newest that is",
            file.lockfile_version
        )));
    }
    let mut lock = Lock::new(Format::Bun);
    let mut by_key: HashMap<&str, usize> = HashMap::new();
    let mut by_folder: HashMap<String, usize> = HashMap::new();
    for (key, parts) in &file.packages {
        check_way(key)?;
        let (package, folder) = shape(key, parts)?;
        let place = lock.add(package)?;
        by_key.insert(key, place);
        by_folder.extend(folder.map(|folder| (folder, place)));
    }
    for (key, parts) in &file.packages {
        let needs = parts.iter().find(|part| part.is_object());
        let needs = needs.into_iter().flat_map(names);
        let needs = needs.filter_map(|name| find(&by_key, key, name)).collect();
        lock.connect(by_key[key.as_str()], needs)?;
    }
    for (folder, workspace) in &file.workspaces {
        let name = workspace.get("name").and_then(Value::as_str);
        let key = if folder.is_empty() { None } else { name };
        let mut needs: Vec<usize> = names(workspace)
            .filter_map(|need| find(&by_key, key.unwrap_or_default(), need))
            .collect();
        needs.sort_unstable();
        needs.dedup();
        if let Some(place) = by_folder.get(folder) {
            lock.connect(*place, needs.clone())?;
        }
        lock.roots.insert(folder.clone(), needs);
    }
    Ok(lock)
}

/// The names of what a table needs.
fn names(table: &Value) -> impl Iterator<Item = &String> {
    let kinds = KINDS
        .iter()
        .filter_map(|kind| table.get(*kind)?.as_object());
    kinds.flat_map(serde_json::Map::keys)
}

/// A package, and its folder where it is a member. Its first part says which one it is, and where its checksum is depends on that.
fn shape(key: &str, parts: &[Value]) -> Result<(Package, Option<String>), Wrong> {
    let wrong = || Wrong::somewhere(format!("`{key}` does not say which package it is"));
    let text = parts.first().and_then(Value::as_str).ok_or_else(wrong)?;
    let (name, version) = path::name_and_rest(text).ok_or_else(wrong)?;
    let folder = version
        .strip_prefix("workspace:")
        .and_then(|place| path::join("", place));
    let is_version = version.starts_with(|letter: char| letter.is_ascii_digit());
    let source = if folder.is_some() {
        None
    } else if is_version {
        let registry = parts.get(1).and_then(Value::as_str);
        Some(registry.filter(|url| !url.is_empty()).unwrap_or(REGISTRY))
    } else {
        Some(version)
    };
    let about = parts.iter().position(Value::is_object);
    let after = about.and_then(|about| parts.get(about + 1));
    let package = Package {
        name: name.to_owned(),
        version: if folder.is_some() { "" } else { version }.to_owned(),
        source: source.map(str::to_owned),
        checksum: after.and_then(Value::as_str).map(str::to_owned),
        ..Package::default()
    };
    Ok((package, folder))
}

/// What `name` is to the package at `key`: its own, or that of the packages on the way to it.
fn find(by_key: &HashMap<&str, usize>, key: &str, name: &str) -> Option<usize> {
    let mut from = key;
    while !from.is_empty() {
        if let Some(place) = by_key.get(format!("{from}/{name}").as_str()) {
            return Some(*place);
        }
        from = above(from);
    }
    by_key.get(name).copied()
}

/// The way without its last name, which has two parts where it has a scope.
fn above(key: &str) -> &str {
    let Some((rest, _)) = key.rsplit_once('/') else {
        return "";
    };
    let scope = rest.rsplit_once('/').map_or(rest, |(_, last)| last);
    if scope.starts_with('@') {
        return rest.rsplit_once('/').map_or("", |(rest, _)| rest);
    }
    rest
}

/// The same text without comments and commas at the ends of lists, each of them a space so that lines and columns stay.
fn plain_json(text: &str) -> String {
    let mut bytes = text.as_bytes().to_vec();
    let mut place = 0;
    let mut comma = None;
    while let Some(byte) = bytes.get(place).copied() {
        match byte {
            b'"' => {
                place = end_of_string(&bytes, place);
                comma = None;
                continue;
            }
            b'/' if bytes.get(place + 1) == Some(&b'/') => {
                while bytes.get(place).is_some_and(|byte| *byte != b'\n') {
                    bytes[place] = b' ';
                    place += 1;
                }
                continue;
            }
            b',' => comma = Some(place),
            b'}' | b']' => {
                if let Some(comma) = comma.take() {
                    bytes[comma] = b' ';
                }
            }
            byte if byte.is_ascii_whitespace() => {}
            _ => comma = None,
        }
        place += 1;
    }
    // Whole characters were replaced, so this is text still.
    String::from_utf8_lossy(&bytes).into_owned()
}

/// The place after the string that begins at `place`.
fn end_of_string(bytes: &[u8], place: usize) -> usize {
    let mut place = place + 1;
    while let Some(byte) = bytes.get(place) {
        match byte {
            b'\\' => place += 2,
            b'"' => return place + 1,
            _ => place += 1,
        }
    }
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOCK: &str = r#"{
  "lockfileVersion": 1, // of bun
  "workspaces": {
    "": {"name": "shop", "devDependencies": {"ms": "2.0.0",},},
    "packages/a": {"name": "@shop/a", "dependencies": {"@shop/b": "workspace:*",},},
    "packages/b": {"name": "@shop/b", "dependencies": {"debug": "^4", "ms": "^2.1",},},
  },
  "packages": {
    "@shop/a": ["@shop/a@workspace:packages/a"],
    "@shop/b": ["@shop/b@workspace:packages/b"],
    "@shop/b/ms": ["ms@2.1.3", "", {}, "sha512-n"],
    "debug": ["debug@4.4.0", "", {"dependencies": {"ms": "^2"}, "bin": "a,]b"}, "sha512-d"],
    "forked": ["forked@github:e/forked#0123", {}, "e-forked-0123"],
    "ms": ["ms@2.0.0", "", {}, "sha512-o"],
  },
}"#;

    #[test]
    fn packages_are_found_along_their_ways() {
        let lock = read(LOCK).unwrap();
        let reached = |member: &str| {
            let places = lock.reachable(member);
            let names = places.iter().map(|place| {
                let package = &lock.packages[*place];
                format!("{}@{}", package.name, package.version)
            });
            names.collect::<Vec<_>>()
        };
        let b = ["ms@2.1.3", "debug@4.4.0", "ms@2.0.0"];
        assert_eq!(reached("packages/b"), b);
        assert_eq!(reached("packages/a"), [&["@shop/b@"], &b[..]].concat());
        assert_eq!(reached(""), ["ms@2.0.0"]);
        let forked = &lock.packages[4];
        assert_eq!(forked.source.as_deref(), Some("github:e/forked#0123"));
        assert_eq!(forked.checksum.as_deref(), Some("e-forked-0123"));
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let torn = LOCK.replace("\"debug\": [", "\"debug\": {");
        assert_eq!(read(&torn).unwrap_err().of("bun.lock").line(), Some(12));
        assert_eq!(above("a/@s/b"), "a");
        assert_eq!(above("@s/b"), "");
        assert_eq!(above("@s/b/c"), "@s/b");
    }
}
