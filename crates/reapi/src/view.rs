//! What a caller may see, and where it writes.

use trunkline_model::action;
use trunkline_task::Namespace;
use trunkline_web::Caller;

/// The caller's part of the cache.
#[derive(Clone, Debug)]
pub(crate) struct View {
    /// Where the caller writes.
    pub(crate) own: Namespace,
}

impl View {
    /// Whoever may `cache.trust` writes where everybody reads. Such a caller reads nothing else: what it takes for there must be there for those
    /// whom it builds for.
    pub(crate) fn of(caller: &Caller) -> Self {
        // Asked for each content, so nothing is noted; what counts is the result of an action.
        Self::new(caller, caller.may_do(&action::CACHE_TRUST, "", None))
    }

    /// The same for who puts in the result of an action, which is noted where it is trusted. Whoever may not trust did not ask to, so that it is
    /// no refusal.
    pub(crate) fn noted(caller: &Caller) -> Self {
        let trusted = caller.may_do(&action::CACHE_TRUST, "", None)
            && caller.decide(&action::CACHE_TRUST, "").is_allowed();
        Self::new(caller, trusted)
    }

    fn new(caller: &Caller, trusted: bool) -> Self {
        let own = if trusted {
            Namespace::Trusted
        } else {
            Namespace::User(caller.id.clone())
        };
        Self { own }
    }

    /// Where the caller reads, what everybody trusts first.
    pub(crate) fn namespaces(&self) -> impl Iterator<Item = &Namespace> {
        let own = Some(&self.own).filter(|own| **own != Namespace::Trusted);
        std::iter::once(&Namespace::Trusted).chain(own)
    }
}
