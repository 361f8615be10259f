//! `trunkline service` and `trunkline rollback`: what a person says to services.

mod act;
mod arguments;
mod rollback;
mod show;

pub use act::run;
pub use arguments::{Rollback, ServiceCommand};
pub use rollback::roll_back;
