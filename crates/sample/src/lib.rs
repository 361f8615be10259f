//! The sample: what `up --sample` shows somebody who has nothing of their own yet. The history of a repository, pretend traffic of three
//! services, a shop behind the gateway, 200 simulated devices, and a monorepo with changes. It speaks HTTP and MQTT to the platform as any client does, and touches
//! nothing else of it but some files in the workspace.

mod chance;
mod files;
pub mod fleet;
mod history;
mod mark;
pub mod monorepo;
mod shop;
mod target;
mod traffic;

pub use files::Files;
pub use history::load;
pub use mark::{REPOSITORY_PREFIX, SAMPLE, SERVICE_PREFIX, SOURCE_PREFIX, predicate};
pub use shop::{ask, serve};
pub use target::Target;
pub use traffic::run;
