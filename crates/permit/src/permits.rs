//! Judging: the credential's ceiling, then the team's policies, then the audit.

use std::sync::{Arc, Mutex, PoisonError, RwLock};

use trunkline_model::{Clock, PrincipalKind, action, catalogue};
use trunkline_policy::{Facts, Policies, PolicyFile, PolicyProblem};
use trunkline_web::{Authorize, Decision, Question, ceiling};

use crate::audit::Auditor;
use crate::cache::{Cache, Verdict};
use crate::{Audit, Holders};

/// The policies that hold, with what was judged by them.
#[derive(Debug)]
pub(crate) struct Book {
    pub(crate) policies: Policies,
    pub(crate) problems: Vec<PolicyProblem>,
    cache: Cache,
}

/// Decides what a principal may do, by the team's policies, and writes the audit.
#[derive(Debug)]
pub struct Permits {
    pub(crate) holders: Arc<dyn Holders>,
    clock: Arc<dyn Clock>,
    auditor: Auditor,
    book: RwLock<Arc<Book>>,
    /// Held while files are read, so that two changes do not overtake each other.
    changing: Mutex<()>,
}

impl Permits {
    /// Decisions for the people that `holders` knows, by the built-in policies until [`Self::apply`] brings the team's.
    #[must_use]
    pub fn new(
        holders: Arc<dyn Holders>,
        clock: Arc<dyn Clock>,
        audit: Arc<dyn Audit>,
    ) -> Arc<Self> {
        Arc::new(Self {
            holders,
            clock,
            auditor: Auditor::new(audit),
            book: RwLock::new(Arc::new(read(&[], None))),
            changing: Mutex::new(()),
        })
    }

    /// Puts the team's policy files in force at once; what was judged before is forgotten. Gives what is wrong with them.
    pub fn apply(&self, files: &[PolicyFile]) -> Vec<PolicyProblem> {
        let _alone = self.changing.lock().unwrap_or_else(PoisonError::into_inner);
        let before = self.book();
        let book = read(files, Some(&before.policies));
        for problem in &book.problems {
            tracing::warn!(
                file = problem.file,
                line = problem.line,
                problem = problem.text,
                "a policy file is not used"
            );
        }
        let problems = book.problems.clone();
        *self.book.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(book);
        problems
    }

    pub(crate) fn book(&self) -> Arc<Book> {
        Arc::clone(&self.book.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub(crate) fn verdict(&self, question: &Question<'_>) -> Verdict {
        let book = self.book();
        if let Some(known) = book.cache.get(question) {
            return known;
        }
        let verdict = book.judge(question);
        book.cache.put(question, verdict.clone());
        verdict
    }
}

fn read(files: &[PolicyFile], before: Option<&Policies>) -> Book {
    let (policies, problems) = Policies::read(action::ALL, files, before);
    Book {
        policies,
        problems,
        cache: Cache::default(),
    }
}

impl Book {
    fn judge(&self, question: &Question<'_>) -> Verdict {
        let refused = |reason: String| Verdict {
            reason: Some(reason.into()),
            policies: Arc::new([]),
        };
        if let Some(reason) = own_event(question) {
            return refused(reason);
        }
        if let Decision::Deny(reason) = ceiling(question) {
            return refused(reason);
        }
        let answer = self.policies.judge(&Facts {
            principal: question.who,
            action: question.action,
            resource: question.resource,
            team: question.team,
        });
        for error in &answer.errors {
            tracing::warn!(
                error,
                action = question.action.name,
                "a policy could not be judged and was left out"
            );
        }
        let reason = (!answer.allowed).then(|| self.reason(question, &answer.policies).into());
        Verdict {
            reason,
            policies: answer.policies.into(),
        }
    }

    fn reason(&self, question: &Question<'_>, forbidding: &[String]) -> String {
        let Question {
            who,
            action,
            resource,
            ..
        } = question;
        let object = if resource.is_empty() {
            String::new()
        } else {
            format!(" to `{resource}`")
        };
        let subject = format!("{who} may not do `{}`{object}", action.name);
        let Some(first) = forbidding.first() else {
            let (needed, is) = (action.role, who.role);
            return format!(
                "{subject}: that needs the role {needed}, and its role is {is}; no other policy permits it"
            );
        };
        let why = self
            .policies
            .policy(first)
            .and_then(|policy| policy.annotations.get("description"))
            .map(|why| format!(": {why}"))
            .unwrap_or_default();
        format!("{subject}, because the policy `{first}` forbids it{why}")
    }
}

/// Why an event may not be sent, where it is one that only the platform writes: nobody may forge the audit.
fn own_event(question: &Question<'_>) -> Option<String> {
    let own = question.action.name == action::EVENT_SEND.name
        && question.who.kind != PrincipalKind::Platform
        && catalogue::find(question.resource).is_some();
    own.then(|| {
        format!(
            "only the platform itself writes events of the type `{}`",
            question.resource
        )
    })
}

impl Authorize for Permits {
    fn judge(&self, question: &Question<'_>) -> Decision {
        match self.verdict(question).reason {
            None => Decision::Allow,
            Some(reason) => Decision::Deny(reason.to_string()),
        }
    }

    fn decide(&self, question: &Question<'_>) -> Decision {
        let verdict = self.verdict(question);
        let reason = verdict.reason.as_deref();
        if reason.is_some() || question.action.changes {
            self.auditor
                .note(question, reason, &verdict.policies, self.clock.now());
        }
        match reason {
            None => Decision::Allow,
            Some(reason) => Decision::Deny(reason.to_owned()),
        }
    }

    fn teams(&self) -> Vec<String> {
        self.holders.teams()
    }
}
