//! What the limiter is asked.

use std::net::IpAddr;
use std::time::Instant;

use trunkline_model::Timestamp;

use super::{Limit, Plan};

/// A moment on both clocks: rates go by the one that never jumps, quotas by the calendar.
#[derive(Clone, Copy, Debug)]
pub struct Moment {
    /// The moment on the clock that never jumps.
    pub instant: Instant,
    /// The same moment on the wall.
    pub time: Timestamp,
}

/// A request that wants to pass. What is left out is not limited.
#[derive(Clone, Copy, Debug, Default)]
pub struct Ask<'a> {
    /// Who asks and by which plan. A name that is unique: the id of an API key, or issuer and subject of a token.
    pub holder: Option<(&'a str, &'a Plan)>,
    /// The client's address, and the limit of each address. IPv6 addresses count by their first 64 bits.
    pub address: Option<(IpAddr, &'a Limit)>,
    /// The route's name, and the limit of all its requests together.
    pub route: Option<(&'a str, &'a Limit)>,
}

/// The key under which an address is counted: an IPv4 address, or the first 64 bits of an IPv6 address, since one host usually owns all
/// the rest.
pub(super) fn network(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => address.to_ipv6_mapped().into(),
        IpAddr::V6(address) => u128::from(address) & !u128::from(u64::MAX),
    }
}
