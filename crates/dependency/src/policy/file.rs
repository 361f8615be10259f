//! The file of the policy.

use std::collections::BTreeMap;

use serde::Deserialize;
use toml::Spanned;
use toml::value::Datetime;

use crate::error::DependencyError;
use crate::licence::Expression;
use crate::model::Kind;
use crate::path;
use crate::source::Sources;

use super::exception::Exception;

/// Where the policy lies.
pub const POLICY: &str = "dependencies.toml";
/// Bytes of a policy above which it is not read.
const LARGE: usize = 1 << 20;

/// Which range is suggested where several are asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefer {
    /// The one that most manifests ask for; the highest of them where that is not one.
    #[default]
    Most,
    /// The one that begins with the highest version.
    Highest,
}

/// What a team decided.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Policy {
    /// The range that every manifest has to ask for, by `name` or `ecosystem:name`.
    pub pins: BTreeMap<String, String>,
    /// Which range is suggested where there is no pin.
    pub prefer: Prefer,
    /// Licences that are allowed, such as `MIT` or `Apache-2.0 WITH LLVM-exception`; all are where there is none.
    pub allowed_licences: Vec<String>,
    /// The file that says which licences packages have, where nothing else does.
    pub licences: String,
    /// Whether an unknown licence is a finding.
    pub unknown_licences: bool,
    /// The folder of advisories.
    pub advisories: String,
    pub(crate) exceptions: Vec<Exception>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    #[serde(default)]
    pin: BTreeMap<String, Spanned<String>>,
    #[serde(default)]
    drift: Drift,
    #[serde(default)]
    duplicate: Vec<Duplicate>,
    #[serde(default)]
    ignore: Vec<Ignore>,
    #[serde(default)]
    licences: Licences,
    #[serde(default)]
    advisories: AdvisoryFolder,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Drift {
    prefer: Prefer,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Duplicate {
    name: Spanned<String>,
    reason: String,
    until: Option<Datetime>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Ignore {
    kind: Spanned<String>,
    name: Spanned<String>,
    project: Option<String>,
    reason: String,
    until: Option<Datetime>,
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Licences {
    allow: Vec<Spanned<String>>,
    file: String,
    unknown: bool,
}

impl Default for Licences {
    fn default() -> Self {
        Self {
            allow: Vec::new(),
            file: "licences.toml".into(),
            unknown: false,
        }
    }
}

#[derive(Deserialize)]
#[serde(default, deny_unknown_fields)]
struct AdvisoryFolder {
    folder: String,
}

impl Default for AdvisoryFolder {
    fn default() -> Self {
        Self {
            folder: "advisories".into(),
        }
    }
}

impl Policy {
    /// The policy of a commit; that of nobody where it has none.
    ///
    /// # Errors
    /// [`DependencyError::Policy`] where it is not what it has to be, with the line.
    pub fn load(sources: &dyn Sources) -> Result<Self, DependencyError> {
        match sources.read(POLICY)? {
            Some(bytes) => Self::read(POLICY, &bytes),
            None => Self::read(POLICY, b""),
        }
    }

    /// Reads the policy at `path`.
    ///
    /// # Errors
    /// [`DependencyError::Policy`] where it is not what it has to be, with the line.
    pub fn read(path: &str, bytes: &[u8]) -> Result<Self, DependencyError> {
        let reading = Reading::new(path, bytes)?;
        let file: File = reading.parse()?;
        let mut policy = Self {
            prefer: file.drift.prefer,
            licences: file.licences.file,
            unknown_licences: file.licences.unknown,
            advisories: file.advisories.folder,
            ..Self::default()
        };
        for (name, range) in file.pin {
            if range.as_ref().trim().is_empty() {
                return Err(reading.wrong(&range, format!("the pin of `{name}` is empty")));
            }
            policy.pins.insert(name, range.into_inner());
        }
        for licence in file.licences.allow {
            if let Err(error) = Expression::parse(licence.as_ref()) {
                return Err(reading.wrong(&licence, error.to_string()));
            }
            policy.allowed_licences.push(licence.into_inner());
        }
        for one in file.duplicate {
            policy.exceptions.push(Exception {
                kinds: vec![Kind::Duplicate, Kind::MajorDuplicate],
                project: None,
                until: reading.until(&one.name, one.until)?,
                line: reading.reasoned(&one.name, &one.reason)?,
                name: one.name.into_inner(),
            });
        }
        for one in file.ignore {
            let kind = Kind::ALL
                .iter()
                .find(|kind| kind.as_str() == one.kind.as_ref());
            let Some(kind) = kind else {
                let kinds: Vec<_> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
                let problem = format!(
                    "`{}` is no kind of finding; there are {}",
                    one.kind.as_ref(),
                    kinds.join(", ")
                );
                return Err(reading.wrong(&one.kind, problem));
            };
            policy.exceptions.push(Exception {
                kinds: vec![*kind],
                project: one.project,
                until: reading.until(&one.name, one.until)?,
                line: reading.reasoned(&one.name, &one.reason)?,
                name: one.name.into_inner(),
            });
        }
        Ok(policy)
    }

    /// The range that is pinned for a package.
    pub(crate) fn pin(&self, ecosystem: &str, name: &str) -> Option<&str> {
        let exact = self.pins.get(&format!("{ecosystem}:{name}"));
        exact.or_else(|| self.pins.get(name)).map(String::as_str)
    }
}

/// A strict file of TOML that is being read.
pub(crate) struct Reading<'a> {
    path: &'a str,
    text: &'a str,
}

impl<'a> Reading<'a> {
    pub(crate) fn new(path: &'a str, bytes: &'a [u8]) -> Result<Self, DependencyError> {
        let problem = |problem: String| DependencyError::Policy {
            path: path.to_owned(),
            line: None,
            problem,
        };
        if bytes.len() > LARGE {
            return Err(problem(format!("it has more than {LARGE} bytes")));
        }
        let text = std::str::from_utf8(bytes).map_err(|_| problem("it is not UTF-8".into()))?;
        Ok(Self { path, text })
    }

    pub(crate) fn parse<T: serde::de::DeserializeOwned>(&self) -> Result<T, DependencyError> {
        toml::from_str(self.text).map_err(|error| {
            let line = error
                .span()
                .map(|span| path::line_at(self.text, span.start));
            self.at(line, error.message().to_owned())
        })
    }

    fn at(&self, line: Option<usize>, problem: String) -> DependencyError {
        DependencyError::Policy {
            path: self.path.to_owned(),
            line,
            problem,
        }
    }

    pub(crate) fn wrong<T>(&self, place: &Spanned<T>, problem: String) -> DependencyError {
        self.at(Some(self.line(place)), problem)
    }

    fn line<T>(&self, place: &Spanned<T>) -> usize {
        path::line_at(self.text, place.span().start)
    }

    /// The line of an exception, which has to have a reason.
    fn reasoned(&self, name: &Spanned<String>, reason: &str) -> Result<usize, DependencyError> {
        if reason.trim().is_empty() {
            let problem = format!("the exception for `{}` has no reason", name.as_ref());
            return Err(self.wrong(name, problem));
        }
        Ok(self.line(name))
    }

    fn until(
        &self,
        name: &Spanned<String>,
        until: Option<Datetime>,
    ) -> Result<Option<String>, DependencyError> {
        let Some(until) = until else {
            return Ok(None);
        };
        match until.date {
            Some(date) => Ok(Some(date.to_string())),
            None => {
                let problem = format!("`until` of `{}` is no day", name.as_ref());
                Err(self.wrong(name, problem))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_says_what_a_team_decided() {
        let policy = Policy::read(
            POLICY,
            b"[pin]\nserde = \"1\"\n\"node:react\" = \"^19.0.0\"\n[drift]\nprefer = \"highest\"\n[[duplicate]]\nname = \"cargo:syn\"\nreason = \"macros move slowly\"\nuntil = 2026-12-31\n[[ignore]]\nkind = \"unused\"\nname = \"b\"\nproject = \"a\"\nreason = \"links a library\"\n[licences]\nallow = [\"MIT\"]\nunknown = true\n[advisories]\nfolder = \"osv\"\n",
        )
        .unwrap();
        assert_eq!(policy.pin("cargo", "serde"), Some("1"));
        assert_eq!(policy.pin("node", "react"), Some("^19.0.0"));
        assert_eq!(policy.pin("cargo", "react"), None);
        assert_eq!(policy.prefer, Prefer::Highest);
        assert_eq!(policy.advisories, "osv");
        assert_eq!(policy.exceptions[0].until.as_deref(), Some("2026-12-31"));
        assert_eq!(policy.exceptions[1].line, 12);
    }

    #[test]
    fn what_is_wrong_has_a_line() {
        let wrong = |text: &str| {
            Policy::read(POLICY, text.as_bytes())
                .unwrap_err()
                .to_string()
        };
        assert!(
            wrong("[pin]\na = \"1\"\n[pins]\n").starts_with("dependencies.toml:3: unknown field")
        );
        assert_eq!(
            wrong("[[duplicate]]\nname = \"a\"\nreason = \" \"\n"),
            "dependencies.toml:2: the exception for `a` has no reason"
        );
        assert!(
            wrong("[[ignore]]\nkind = \"dup\"\nname = \"a\"\nreason = \"r\"\n").starts_with(
                "dependencies.toml:2: `dup` is no kind of finding; there are vulnerable, "
            )
        );
        assert!(wrong("[licences]\nallow = [\"MIT AND\"]\n").starts_with("dependencies.toml:2: "));
        assert!(
            wrong("[[duplicate]]\nname = \"a\"\nreason = \"r\"\nuntil = 07:00:00\n")
                .contains("no day")
        );
    }
}
