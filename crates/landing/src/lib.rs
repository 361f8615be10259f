//! The landing queue: which changes reach trunk, in what order, and what has to be tested for it.
//!
//! A change lands when every task key that it touches, in trunk with those ahead of it and with it, has a trusted green record. A key is made
//! of content alone, so what was tested stays tested when trunk moves elsewhere, and changes that touch nothing in common never wait for one
//! another.
//!
//! The room does no I/O and knows no time. A driver feeds [`Event`]s into a [`Strategy`] and carries out the [`Order`]s that come back: it
//! merges, runs tasks, and moves trunk by compare-and-swap. All strategies share the trait, so what is claimed of one can be measured against the
//! others with [`simulate`].
//!
//! ```text
//! Started -> Submitted -> Plan -> Planned -> Run* -> Finished* -> Land -> Landed
//! ```

mod base;
mod batch;
mod book;
mod event;
mod green;
mod name;
mod order;
mod plans;
mod runs;
pub mod simulate;
mod speculation;
mod strategy;
mod touched;
mod view;

pub use batch::{BatchBisect, Serial};
pub use event::{Clash, Event, Rival, Verdict};
pub use green::GreenKey;
pub use name::{CandidateId, ChangeId, Commit, Key, NotAKey, Project};
pub use order::{Because, Candidate, Member, Order};
pub use speculation::Speculation;
pub use strategy::{Kind, Settings, Strategy};
pub use touched::Touched;
pub use view::{ChangeView, Lane, Reason, Stage, View};
