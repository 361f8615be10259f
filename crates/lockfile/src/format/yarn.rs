//! `yarn.lock`, of yarn 1 and of those after it. Both are blocks of indented lines, which is all that is needed of YAML here.

use crate::error::Wrong;
use crate::lock::{Format, Lock, Package};

use super::path;

/// The source of what names none.
const REGISTRY: &str = "registry";
const WORKSPACE: &str = "workspace:";

/// What is said about one package.
#[derive(Default)]
struct Block<'a> {
    line: usize,
    /// What was asked for: `lodash@^4`.
    requests: Vec<&'a str>,
    version: &'a str,
    /// Where yarn 1 took it from.
    resolved: Option<&'a str>,
    /// What it is to later ones: `lodash@npm:4.17.21`.
    resolution: Option<&'a str>,
    checksum: Option<&'a str>,
    needs: Vec<(&'a str, &'a str)>,
}

pub(super) fn read(text: &str) -> Result<Lock, Wrong> {
    let blocks = blocks(text)?;
    let mut lock = Lock::new(Format::Yarn);
    let mut folders = Vec::new();
    for block in &blocks {
        let (package, folder) = shape(block)?;
        let place = lock.add(package)?;
        for request in &block.requests {
            lock.answer((*request).to_owned(), place);
        }
        folders.push(folder);
    }
    let by_name = lock.by_name();
    for (place, block) in blocks.iter().enumerate() {
        // `resolutions` of the root replace what was asked for, so a range may be unknown.
        let needs = lock.find_all(&by_name, block.needs.iter().copied());
        lock.connect(place, needs)?;
        if let Some(folder) = &folders[place] {
            let needs = lock.packages[place].dependencies.clone();
            lock.roots.insert(folder.clone(), needs);
        }
    }
    Ok(lock)
}

/// A package, and its folder where it is a member.
fn shape(block: &Block<'_>) -> Result<(Package, Option<String>), Wrong> {
    let wrong = |problem: &str| Wrong::at(block.line, problem);
    let request = block.requests.first().copied().unwrap_or_default();
    let asked = path::name_and_rest(block.resolution.unwrap_or(request));
    let (mut name, rest) = asked.ok_or_else(|| wrong("a package has no name"))?;
    if block.version.is_empty() {
        return Err(wrong("a package has no version"));
    }
    // Under another name: `old@npm:react@^18`.
    if block.resolution.is_none()
        && let Some((real, _)) = rest.strip_prefix("npm:").and_then(path::name_and_rest)
    {
        name = real;
    }
    let folder = rest
        .strip_prefix(WORKSPACE)
        .and_then(|place| path::join("", place));
    let source = match (block.resolved, block.resolution) {
        _ if folder.is_some() => None,
        (Some(url), _) => Some(url),
        (None, Some(_)) if !rest.starts_with("npm:") => Some(rest),
        _ => Some(REGISTRY),
    };
    let package = Package {
        name: name.to_owned(),
        version: block.version.to_owned(),
        source: source.map(str::to_owned),
        checksum: block.checksum.map(str::to_owned),
        ..Package::default()
    };
    Ok((package, folder))
}

fn blocks(text: &str) -> Result<Vec<Block<'_>>, Wrong> {
    let mut blocks: Vec<Block<'_>> = Vec::new();
    let mut about_itself = false;
    let mut section = "";
    for (number, line) in text.lines().enumerate() {
        let number = number + 1;
        let content = line.trim();
        if content.is_empty() || content.starts_with('#') {
            continue;
        }
        let indentation = line.len() - line.trim_start_matches(' ').len();
        if indentation == 0 {
            let Some(header) = content.strip_suffix(':') else {
                return Err(Wrong::at(number, "a package was expected, and its `:`"));
            };
            about_itself = header == "__metadata";
            if !about_itself {
                blocks.push(Block {
                    line: number,
                    requests: requests(header),
                    ..Block::default()
                });
            }
            section = "";
            continue;
        }
        if about_itself {
            continue;
        }
        let Some(block) = blocks.last_mut() else {
            return Err(Wrong::at(number, "this belongs to no package"));
        };
        let Some((key, value)) = key_and_value(content) else {
            return Err(Wrong::at(number, "a name and its value were expected"));
        };
        match (indentation, section) {
            (2, _) if value.is_empty() => section = key,
            (2, _) => {
                section = "";
                block.set(key, value);
            }
            (4, "dependencies" | "optionalDependencies") => block.needs.push((key, value)),
            _ => {}
        }
    }
    Ok(blocks)
}

impl<'a> Block<'a> {
    fn set(&mut self, key: &str, value: &'a str) {
        match key {
            "version" => self.version = value,
            "resolved" => self.resolved = Some(value),
            "resolution" => self.resolution = Some(value),
            "integrity" | "checksum" => self.checksum = Some(value),
            _ => {}
        }
    }
}

/// `a@^1, a@^2` in one pair of quotes, as later yarn writes it, or each in its own, as yarn 1 does.
fn requests(header: &str) -> Vec<&str> {
    let all = header.split(',').map(|one| one.trim().trim_matches('"'));
    all.filter(|one| !one.is_empty()).collect()
}

/// `version "1.0.0"`, `version: 1.0.0` or `"@s/a": "npm:^1"`.
fn key_and_value(content: &str) -> Option<(&str, &str)> {
    let (key, rest) = if let Some(quoted) = content.strip_prefix('"') {
        quoted.split_once('"')?
    } else {
        let end = content.find(' ').unwrap_or(content.len());
        content.split_at(end)
    };
    let value = rest.trim_start_matches(':').trim();
    let value = value
        .strip_prefix('"')
        .map_or(value, |value| value.strip_suffix('"').unwrap_or(value));
    let key = key.trim_end_matches(':');
    (!key.is_empty()).then_some((key, value))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(lock: &Lock, places: &[usize]) -> Vec<String> {
        let names = places.iter().map(|place| {
            let package = &lock.packages[*place];
            format!("{}@{}", package.name, package.version)
        });
        names.collect()
    }

    #[test]
    fn yarn_1_does_not_know_members() {
        let mut lock = read(
            "# yarn lockfile v1\n\n\n\"@babel/code@^7.0.0\", \"@babel/code@^7.1.0\":\n  version \"7.2.0\"\n  resolved \"https://registry.yarnpkg.com/@babel/code.tgz#aa\"\n  integrity sha512-c\n  dependencies:\n    \"js-tokens\" \"^3.0.0 || ^4.0.0\"\n\njs-tokens@^3, \"js-tokens@^3.0.0 || ^4.0.0\":\n  version \"4.0.0\"\n\n\"old@npm:react@^18\":\n  version \"18.0.0\"\n",
        )
        .unwrap();
        assert!(lock.roots.is_empty());
        lock.require("packages/a", [("@babel/code", "^7.1.0")]);
        let reached = lock.reachable("packages/a");
        assert_eq!(
            names(&lock, &reached),
            ["@babel/code@7.2.0", "js-tokens@4.0.0"]
        );
        assert_eq!(lock.packages[2].name, "react");
        assert_eq!(lock.packages[0].checksum.as_deref(), Some("sha512-c"));
    }

    #[test]
    fn later_yarn_knows_members() {
        let lock = read(
            "__metadata:\n  version: 8\n  cacheKey: 10c0\n\n\"@shop/a@workspace:packages/a\":\n  version: 0.0.0-use.local\n  resolution: \"@shop/a@workspace:packages/a\"\n  dependencies:\n    \"@shop/b\": \"workspace:*\"\n    debug: \"npm:^4\"\n  languageName: unknown\n  linkType: soft\n\n\"@shop/b@workspace:*, @shop/b@workspace:packages/b\":\n  version: 0.0.0-use.local\n  resolution: \"@shop/b@workspace:packages/b\"\n  dependencies:\n    ms: ^2.0.0\n\n\"debug@npm:^4\":\n  version: 4.4.0\n  resolution: \"debug@npm:4.4.0\"\n  dependencies:\n    ms: \"npm:^2.1.3\"\n  peerDependenciesMeta:\n    supports-color:\n      optional: true\n  checksum: 10c0/dd\n\n\"ms@npm:^2.0.0, ms@npm:^2.1.3\":\n  version: 2.1.3\n  resolution: \"ms@npm:2.1.3\"\n",
        )
        .unwrap();
        assert_eq!(
            names(&lock, &lock.reachable("packages/a")),
            ["@shop/b@0.0.0-use.local", "debug@4.4.0", "ms@2.1.3"]
        );
        assert_eq!(names(&lock, &lock.reachable("packages/b")), ["ms@2.1.3"]);
        assert_eq!(lock.packages[1].source, None);
        assert_eq!(lock.packages[3].source.as_deref(), Some(REGISTRY));
    }

    #[test]
    fn a_merge_that_was_left_open_has_a_line() {
        let wrong = |text: &str| read(text).unwrap_err().of("yarn.lock").to_string();
        assert_eq!(
            wrong("a@1:\n  version \"1\"\n<<<<<<< HEAD\n"),
            "yarn.lock:3: a package was expected, and its `:`"
        );
        assert_eq!(
            wrong("\na@1:\n  resolved \"x\"\n"),
            "yarn.lock:2: a package has no version"
        );
        assert_eq!(
            wrong("  version \"1\"\n"),
            "yarn.lock:1: this belongs to no package"
        );
    }
}
