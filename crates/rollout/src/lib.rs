//! Rollouts: how a release takes the place of the one before, step by step, and when it is taken back.
//!
//! A [`Line`] is all that is known of the releases of one service: which one serves, which are ready to come back, which one is on its way. It
//! takes what people want and what is seen, and says by [`Line::wanted`] what should be: which releases run, and which share of the requests each
//! gets. A driver makes it so, again and again, so that nothing is lost where one of them ends in between.
//!
//! ```text
//! queued -> fetching -> starting -> canary -> baking -> settled
//!                           |          \         \
//!                         failed        held      rolling_back -> rolled_back
//! ```
//!
//! Whether a release does worse than the one before it says [`judge`]. The room does no I/O and reads no clock: time comes as what has passed, so
//! that a clock that is set can end nothing.

mod deployment;
mod judge;
mod line;
mod name;
mod plan;
mod sight;
mod state;
mod wanted;

pub use deployment::{Deployment, Kind};
pub use judge::{Counts, Evidence, History, Judgement, Window, dispersion, judge};
pub use line::{Line, Refusal, Warm};
pub use name::{DeploymentId, ReleaseId};
pub use plan::{Plan, Step};
pub use sight::{Finding, Sight, Sights};
pub use state::State;
pub use wanted::{Mode, Wanted};
