//! Green-key landing.
//!
//! Changes are put into groups in the order of the queue. A group is tested on the groups ahead of it that it shares projects with, directly or
//! by others between, and on no more: those are its lane. It lands when all its keys are green and none of those is left.
//!
//! A red task is blamed on one change: where several of a group touch the project, prefixes of them are probed with that task alone. The
//! change at fault leaves its group and stands trial on trunk alone, while the others go on without it. It is refused only when the same key
//! is red twice there, which is why a change is never refused for the fault of one ahead of it.
//!
//! What lands does not depend on timing, and so not on a crash, with one exception: where a change is red together with one ahead of it and
//! with one behind it, and the one ahead is refused in the end, the one behind may have landed first. Holding it back until the trial
//! is over would be exact, and would make everybody wait for every bad change.

mod blame;
mod group;
mod queue;
mod trial;

pub use queue::GreenKey;
