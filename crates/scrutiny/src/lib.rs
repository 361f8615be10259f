//! What a request must look like before anything else reads it.
//!
//! Two gates, both in front of routing. The first reads the bytes of HTTP/1 as they arrive ([`Scanner`], [`GuardedStream`]), because
//! hyper accepts forms that another server behind it may read in another way: bare line feeds, a length next to a transfer coding.
//! The second ([`check_request`], [`normal_path`]) reads the parsed request of either protocol version. A request that a rule
//! refuses never reaches an upstream.

mod address_policy;
mod bytes;
mod cidr;
mod forward;
mod head;
mod path;
mod refusal;
mod request;
mod scanner;
mod state;
mod stream;

pub use address_policy::AddressPolicy;
pub use cidr::{Cidr, CidrError};
pub use forward::{ForwardFor, clean_request, clean_response, is_reserved};
pub use head::HeadLimits;
pub use path::normal_path;
pub use refusal::Refusal;
pub use request::check_request;
pub use scanner::Scanner;
pub use state::{ConnectionState, Fate};
pub use stream::{GuardedStream, StreamLimits};
