//! Names and filters of MQTT topics, as the standard has them: for the broker, for topic rules and for bridges, which must not differ in
//! what a filter takes. Nothing here does I/O.

mod filter;

pub use filter::{LONGEST, NotShared, contains, is_filter, is_topic, matches, overlap, shared};
