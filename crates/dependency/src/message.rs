//! What the commit of a fix says.

use std::collections::BTreeSet;

use crate::fix::Fixes;
use crate::model::{Fix, FixKind};

/// Characters of a first line.
const FIRST_LINE: usize = 72;

impl Fixes {
    /// The message of a commit that makes the edits: what they mend, a line each, then what only the tools of lockfiles can do, which is part
    /// of the commit where these were run.
    #[must_use]
    pub fn message(&self, tools_ran: bool) -> String {
        let mut text = self.first_line();
        text.push('\n');
        if !self.made.is_empty() {
            text.push('\n');
        }
        for fix in &self.made {
            let line = match &fix.kind {
                FixKind::Range { from, to } => {
                    format!("{}: {} {from} -> {to}", fix.path, fix.name)
                }
                FixKind::Remove => format!("{}: {} goes, nothing uses it", fix.path, fix.name),
            };
            item(&mut text, &line);
        }
        if !self.commands.is_empty() {
            text.push_str(if tools_ran {
                "\nBy the tools of lockfiles:\n"
            } else {
                "\nNot part of it, as only the tools of lockfiles can do it:\n"
            });
            for command in &self.commands {
                item(&mut text, &command.to_string());
            }
        }
        text
    }

    fn first_line(&self) -> String {
        let names = |of: fn(&Fix) -> bool| -> BTreeSet<&str> {
            let all = self.made.iter().filter(|fix| of(fix));
            all.map(|fix| fix.name.as_str()).collect()
        };
        let united = names(|fix| matches!(fix.kind, FixKind::Range { .. }));
        let removed = names(|fix| fix.kind == FixKind::Remove);
        let whole = said(&united, &removed, |names| {
            let names: Vec<_> = names.iter().copied().collect();
            names.join(", ")
        });
        if whole.chars().count() <= FIRST_LINE {
            return one_line(&whole);
        }
        said(&united, &removed, |names| match names.len() {
            1 => "1 package".to_owned(),
            count => format!("{count} packages"),
        })
    }
}

fn said(
    united: &BTreeSet<&str>,
    removed: &BTreeSet<&str>,
    name: impl Fn(&BTreeSet<&str>) -> String,
) -> String {
    if united.is_empty() && removed.is_empty() {
        return "dependencies: lockfiles brought up to date".to_owned();
    }
    let mut parts = Vec::new();
    if !united.is_empty() {
        parts.push(format!("one version of {}", name(united)));
    }
    if !removed.is_empty() {
        parts.push(format!("without unused {}", name(removed)));
    }
    format!("dependencies: {}", parts.join(", "))
}

fn item(text: &mut String, line: &str) {
    text.push_str("- ");
    text.push_str(&one_line(line));
    text.push('\n');
}

/// A name out of a file, which cannot begin a line of its own.
fn one_line(text: &str) -> String {
    text.replace(char::is_control, " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Command;

    fn fix(name: &str, kind: FixKind) -> Fix {
        Fix {
            path: "web/package.json".into(),
            name: name.into(),
            kind,
        }
    }

    fn range() -> FixKind {
        FixKind::Range {
            from: "^18".into(),
            to: "^19".into(),
        }
    }

    #[test]
    fn a_commit_says_what_it_mends_and_what_it_cannot() {
        let fixes = Fixes {
            made: vec![fix("react", range()), fix("money", FixKind::Remove)],
            commands: vec![Command {
                folder: "web".into(),
                line: "npm install --package-lock-only".into(),
            }],
            ..Fixes::default()
        };
        assert_eq!(
            fixes.message(false),
            "dependencies: one version of react, without unused money\n\n\
            - web/package.json: react ^18 -> ^19\n\
            - web/package.json: money goes, nothing uses it\n\n\
            Not part of it, as only the tools of lockfiles can do it:\n\
            - (cd web && npm install --package-lock-only)\n"
        );
    }

    #[test]
    fn what_tools_did_is_part_of_the_commit() {
        let fixes = Fixes {
            commands: vec![Command {
                folder: String::new(),
                line: "cargo update --workspace".into(),
            }],
            ..Fixes::default()
        };
        assert_eq!(
            fixes.message(true),
            "dependencies: lockfiles brought up to date\n\n\
            By the tools of lockfiles:\n- cargo update --workspace\n"
        );
    }

    #[test]
    fn a_name_writes_no_line_of_its_own_and_many_are_counted() {
        let odd = "x\n\nChange-Id: Ievil";
        let long = "a".repeat(80);
        let fixes = Fixes {
            made: vec![fix(odd, range()), fix(&long, range())],
            ..Fixes::default()
        };
        let message = fixes.message(false);
        assert!(
            message.starts_with("dependencies: one version of 2 packages\n\n"),
            "{message}"
        );
        let forged = message.lines().any(|line| line.starts_with("Change-Id"));
        assert!(!forged, "{message}");
    }
}
