//! Artifacts: the images that devices are updated to, signed, and given out in parts.
//!
//! An artifact is a name, a version, and content that never changes. The content lies in a folder under its SHA-256; what is known of it lies
//! in a table, and is written with its event in one transaction, once the file is durable. A crash between the two leaves a file that
//! nobody knows, which goes away at the next start.
//!
//! Each is signed with the platform's own key for artifacts, whose certificate comes from the platform's authority: a device that knows the
//! root verifies an image whatever way it came. Devices download by links that are good for one device, one content and a while;
//! [`Artifacts::fill`] puts them into the documents of jobs. One port leads out: [`InUse`] says which job keeps an artifact from being
//! removed.

mod artifacts;
mod config;
mod digest;
mod document;
mod download;
mod error;
mod event;
mod folder;
mod http;
mod link;
mod model;
mod port;
mod range;
mod remove;
mod signer;
mod space;
mod store;
mod upload;

pub use artifacts::{ArtifactParts, Artifacts};
pub use config::ArtifactConfig;
pub use document::named_in;
pub use error::ArtifactError;
pub use http::{open_routes, routes};
pub use link::Link;
pub use model::{Artifact, ArtifactPage, NewArtifact};
pub use port::{InUse, NotKnown};
