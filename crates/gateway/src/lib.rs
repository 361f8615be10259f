//! The API gateway: routes, upstreams, and the requests that pass between them.
//!
//! A connection's bytes pass the room `scrutiny` before anything else reads them; `table` finds the route; `proxy` admits the request and
//! carries it to an `upstream` and back; `record` writes its event. Each thread serves its own connections with its own pools, so
//! that the way of a request meets no lock that another thread holds. Routes change by swapping the whole table.

#![expect(
    clippy::result_large_err,
    reason = "a failure takes its record along, and boxing it would cost every request that passes"
)]
#![expect(
    clippy::module_inception,
    reason = "the module of the same name holds the thing itself"
)]

mod config;
mod error;
mod file;
mod gateway;
mod http;
mod listen;
mod port;
mod proxy;
mod record;
mod table;
mod upstream;
mod worker;

pub use config::{CertificateConfig, GatewayConfig};
pub use error::GatewayError;
pub use file::{AuthMethod, Problem, RouteFile};
pub use gateway::{Gateway, RouteView, Running, SideView, TargetView, UpstreamView, View};
pub use http::{PlanView, Plans, UsageView, routes};
pub use port::{
    Admission, Admit, AdmitNobody, Admitted, AnswerAsk, Check, CheckAsk, CheckNothing, Denied,
    Limit, LimitAsk, LimitNothing, Limited, Need, NoSink, Ports, RequestSink,
};
pub use trunkline_acme::AcmeConfig;
pub use trunkline_scrutiny::{Cidr, CidrError, HeadLimits, Refusal};
