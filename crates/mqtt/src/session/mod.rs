//! What a client has that outlives its connection.

mod delivery;
mod flight;
mod image;
mod queue;
#[expect(clippy::module_inception, reason = "the session itself")]
mod session;

pub(crate) use delivery::{Content, Delivery};
pub(crate) use flight::{Flights, Stage};
pub use image::{FlightImage, SessionImage, SubscriptionImage, WaitingImage};
pub(crate) use queue::Queue;
pub(crate) use session::{Enqueued, Session, State};
