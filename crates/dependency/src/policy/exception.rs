//! Findings that a team lives with, and why.

use trunkline_project::Ecosystem;

use crate::model::{Finding, Kind};

/// Something that is not reported.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Exception {
    pub(crate) kinds: Vec<Kind>,
    /// What it is about, as a policy names it.
    pub(crate) name: String,
    /// The one project it holds for; all where there is none.
    pub(crate) project: Option<String>,
    /// The last day on which it holds, such as `2026-12-31`.
    pub(crate) until: Option<String>,
    /// The line of the policy.
    pub(crate) line: usize,
}

impl Exception {
    pub(crate) fn covers(&self, finding: &Finding) -> bool {
        let project = self.project.as_ref();
        let of_project = |wanted: &String| {
            !finding.projects.is_empty()
                && finding
                    .projects
                    .iter()
                    .all(|project| is_called(wanted, project))
        };
        self.kinds.contains(&finding.kind)
            && selects(
                &self.name,
                finding.ecosystem.map(Ecosystem::as_str),
                &finding.name,
            )
            && project.is_none_or(of_project)
    }

    pub(crate) fn is_over(&self, today: &str) -> bool {
        self.until
            .as_ref()
            .is_some_and(|until| until.as_str() < today)
    }
}

/// Whether a policy that names `selector` means the package `name` of `ecosystem`: by its name, or by `ecosystem:name`.
pub(crate) fn selects(selector: &str, ecosystem: Option<&str>, name: &str) -> bool {
    selector == name
        || selector
            .split_once(':')
            .is_some_and(|(before, rest)| Some(before) == ecosystem && rest == name)
}

/// Whether `wanted` names the project whose label is `label`.
fn is_called(wanted: &str, label: &str) -> bool {
    wanted == label
        || label
            .split_once(':')
            .is_some_and(|(_, name)| name == wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_exception_holds_for_what_it_names() {
        let mut finding = Finding::new(Kind::Unused, "a/Cargo.toml", None, String::new())
            .about(Ecosystem::Cargo, "b");
        finding.projects = vec!["cargo:a".into()];
        let exception = |name: &str, project: Option<&str>| Exception {
            kinds: vec![Kind::Unused],
            name: name.into(),
            project: project.map(str::to_owned),
            until: Some("2026-12-31".into()),
            line: 1,
        };
        assert!(exception("b", None).covers(&finding));
        assert!(exception("cargo:b", Some("a")).covers(&finding));
        assert!(!exception("node:b", None).covers(&finding));
        assert!(!exception("b", Some("c")).covers(&finding));
        assert!(!exception("b", None).is_over("2026-12-31"));
        assert!(exception("b", None).is_over("2027-01-01"));
    }
}
