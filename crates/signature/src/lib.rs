//! AWS Signature Version 4 on HTTP requests: who claims to have made a request, whether the claim is true, and how to sign one's own.
//!
//! A signed request names an access key and proves that who made it knows the secret that belongs to it; the secret itself never travels.
//! Programs that speak to AWS sign like this, so they can speak to the platform with keys of its own and another address.
//!
//! Checking takes two steps, because the secret can be looked up only when it is known whose it is:
//!
//! 1. [`Claim::read`] says which key is claimed, for which region and service, and what was signed. Whether that service may be asked
//!    with that key is for the caller to say.
//! 2. [`Claim::verify`] holds the claim against the secret, the body and the clock. What it can without the body,
//!    [`Claim::verify_head`] does before that is read.
//!
//! The signature stands in the header `Authorization`, or in the query of an address that was signed beforehand, such as that of MQTT over
//! WebSocket. Paths are encoded twice and cleared of `.`, `..` and doubled slashes, as all services but S3 do it. So a signature holds for
//! all spellings of a path that differ in no more than that: whoever routes a request must not take `..` for a way upwards.
//!
//! Nothing here does I/O, and the time is an argument.

mod body;
mod canonical;
mod claim;
mod error;
mod hex;
mod key;
mod limits;
mod moment;
mod parts;
mod read;
mod request;
mod scope;
mod signer;

pub use body::{Body, Payload};
pub use canonical::percent_decoded;
pub use claim::{Claim, Form};
pub use error::SignatureError;
pub use request::Request;
pub use signer::Signer;
