//! The web console inside the binary: embedded files, negotiation and caching.
//!
//! [`router`] answers every path that no API route took: it is composed as the fallback of the whole server.
//! Files lie in the binary as `npm run build` wrote them: text as `.br` and `.gz` only, the rest raw.

mod encoding;
mod files;
mod path;
mod respond;
mod router;

pub use files::Files;
pub use router::{router, router_of};
