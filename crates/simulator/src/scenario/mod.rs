//! What a fleet would do.

mod change;
mod copy;
mod outcome;
mod problem;
mod quantile;
mod run;
mod statistics;
mod time;
mod what_if;

pub use change::{Change, ChangeError, Selector};
pub use outcome::{Crossing, Ending, Outcome, Progress, Row, Traffic};
pub use problem::ScenarioError;
pub use what_if::{Length, Scenario, Twin};
