//! The fleet as it is now, as tables: `things` and `shadows`, `residuals`, where models say how it should be, and what was agreed on: who has
//! which certificate, is in which group, is how far with which job, and depends on what.
//!
//! The lake has how everything came to be so; these tables have how it is, so that a question about a hundred thousand devices reads one
//! row for each. They follow the control state: what changed is read at most a few times a second, when somebody asks, and the rest stays
//! in memory as the columns that the SQL engine wants. Residuals go out from the report before, so reports are looked at each second also
//! where nobody asks.
//!
//! The two must say the same: [`Rebuilder`] makes every document again from its versions in the lake and compares.

mod columns;
mod follower;
mod fresh;
mod pages;
mod rebuild;
mod records;
mod residuals;
mod shadow;
mod shadows;
mod things;
mod watches;

pub use rebuild::{Rebuilder, routes};
pub use records::{Records, Sources, records};
pub use residuals::Residuals;
pub use shadows::Shadows;
pub use things::{Connected, Things};
