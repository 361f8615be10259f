//! The sample: what `up --sample` shows somebody who has nothing of their own yet. The history of a repository, pretend traffic of three
//! services, and a shop behind the gateway. It speaks HTTP to the platform as any client does, and touches nothing else of it but two files
//! in the workspace.

mod chance;
mod history;
mod mark;
mod shop;
mod target;
mod traffic;

pub use history::load;
pub use mark::{REPOSITORY_PREFIX, SERVICE_PREFIX, SOURCE_PREFIX, predicate};
pub use shop::{Files, ask, serve};
pub use target::Target;
pub use traffic::run;
