//! Answers to the challenges by which an ACME server convinces itself that a name leads here.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Where HTTP-01 looks for an answer.
const PREFIX: &str = "/.well-known/acme-challenge/";

/// Answers by token.
#[derive(Debug, Default)]
pub struct Challenges {
    answers: Mutex<HashMap<String, String>>,
    /// How many there are, so that requests need no lock when there is none.
    count: AtomicUsize,
}

impl Challenges {
    /// The answer that belongs at `path`, if one does.
    #[must_use]
    pub fn answer(&self, path: &str) -> Option<String> {
        if self.count.load(Ordering::Relaxed) == 0 {
            return None;
        }
        let token = path.strip_prefix(PREFIX)?;
        let answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.get(token).cloned()
    }

    pub(super) fn put(&self, token: &str, answer: &str) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.insert(token.to_owned(), answer.to_owned());
        self.count.store(answers.len(), Ordering::Relaxed);
    }

    pub(super) fn clear(&self) {
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        answers.clear();
        self.count.store(0, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_open_challenges_are_answered() {
        let challenges = Challenges::default();
        let path = "/.well-known/acme-challenge/a";
        assert_eq!(challenges.answer(path), None);
        challenges.put("a", "a.b");
        assert_eq!(challenges.answer(path).as_deref(), Some("a.b"));
        assert_eq!(challenges.answer("/.well-known/acme-challenge/b"), None);
        assert_eq!(challenges.answer("/a"), None);
        challenges.clear();
        assert_eq!(challenges.answer(path), None);
    }
}
