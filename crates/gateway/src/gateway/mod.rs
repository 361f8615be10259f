//! The gateway as the rest of the platform sees it.

mod apply;
mod gateway;
mod run;
mod view;
mod weight;

pub use gateway::Gateway;
pub use run::Running;
pub use view::{RouteView, SideView, TargetView, UpstreamView, View};
