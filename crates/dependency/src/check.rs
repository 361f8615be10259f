//! All rules in one pass.

use trunkline_lockfile::Package;
use trunkline_model::Timestamp;
use trunkline_project::Graph;

use crate::advisory::Advisories;
use crate::catalogue::Catalogue;
use crate::error::DependencyError;
use crate::lock::{self, LockFile};
use crate::model::{Finding, Kind, Report};
use crate::policy::{POLICY, Policy};
use crate::price::Prices;
use crate::rule::{drift, duplicate, licence, usage, vulnerability};
use crate::source::Sources;

/// What a check is made of.
#[derive(Clone, Copy)]
pub struct Inputs<'a> {
    /// The projects of the commit.
    pub graph: &'a Graph,
    /// The files of the commit.
    pub sources: &'a dyn Sources,
    /// What the team decided.
    pub policy: &'a Policy,
    /// What is known of vulnerable versions.
    pub advisories: &'a Advisories,
    /// What packages cost.
    pub prices: &'a dyn Prices,
    /// The time at which exceptions count or are over.
    pub now: Timestamp,
}

impl std::fmt::Debug for Inputs<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Inputs")
            .field("projects", &self.graph.projects.len())
            .field("policy", &self.policy)
            .field("now", &self.now)
            .finish_non_exhaustive()
    }
}

/// Looks at all dependencies of a commit. A file that cannot be understood is a finding; only what keeps the commit itself from being read
/// is an error.
///
/// # Errors
/// [`DependencyError`] where a file cannot be read from the commit, where there are more sources than are read, or where the file of
/// licences is not what it has to be.
pub fn check(inputs: &Inputs<'_>) -> Result<Report, DependencyError> {
    let paths = inputs.sources.paths()?;
    let catalogue = Catalogue::read(inputs.graph, inputs.sources)?;
    let mut findings = inputs.advisories.problems.clone();
    for broken in &inputs.graph.findings {
        let problem = broken.problem.clone();
        let (path, line) = (&broken.path, broken.line);
        findings.push(Finding::new(Kind::Unreadable, path, line, problem));
    }
    let locks = lock::load(
        inputs.graph,
        &catalogue,
        inputs.sources,
        &paths,
        &mut findings,
    )?;
    findings.extend(duplicate::find(&locks, inputs.prices));
    findings.extend(drift::find(inputs.graph, &catalogue, inputs.policy));
    findings.extend(vulnerability::find(&locks, inputs.advisories));
    findings.extend(usage::find(
        inputs.graph,
        &catalogue,
        inputs.sources,
        &paths,
    )?);
    findings.extend(licence::find(inputs, &catalogue, &locks, &paths)?);
    let report = Report {
        projects: inputs.graph.projects.len(),
        packages: locks.iter().map(outside).sum(),
        locks: locks.len(),
        ..Report::default()
    };
    Ok(settle(report, findings, inputs))
}

fn outside(file: &LockFile) -> usize {
    let is_outside = |package: &&Package| package.source.is_some();
    file.lock.packages.iter().filter(is_outside).count()
}

/// Leaves out what the policy ignores, and tells of exceptions that are over.
fn settle(mut report: Report, findings: Vec<Finding>, inputs: &Inputs<'_>) -> Report {
    let today = inputs.now.date();
    let exceptions = &inputs.policy.exceptions;
    let (over, valid): (Vec<_>, Vec<_>) = exceptions.iter().partition(|one| one.is_over(&today));
    for finding in findings {
        if valid.iter().any(|exception| exception.covers(&finding)) {
            *report.ignored.entry(finding.kind).or_default() += 1;
        } else {
            report.findings.push(finding);
        }
    }
    for exception in over {
        let until = exception.until.as_deref().unwrap_or_default();
        let problem = format!("the exception for `{}` held until {until}", exception.name);
        let mut finding = Finding::new(Kind::Expired, POLICY, Some(exception.line), problem);
        finding.name.clone_from(&exception.name);
        finding.hint = Some("mend what it was for, or give it a new reason and a new day".into());
        report.findings.push(finding);
    }
    report.findings.sort();
    report.findings.dedup();
    report
}
