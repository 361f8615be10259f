//! Which addresses the platform may be sent to by a configuration.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::Cidr;

/// Host names of metadata services of clouds.
const METADATA_NAMES: [&str; 4] = [
    "metadata.google.internal",
    "metadata",
    "metadata.goog",
    "instance-data",
];

/// Which addresses may be connected to where somebody else says which: what an upstream, a mirror or a webhook names must not be a way into the
/// network that the platform is in.
#[derive(Clone, Debug, PartialEq)]
pub struct AddressPolicy {
    /// Whether loopback addresses are allowed.
    pub loopback: bool,
    /// Whether private ranges are allowed.
    pub private: bool,
    /// Ranges that the file allows besides.
    pub ranges: Vec<Cidr>,
}

impl AddressPolicy {
    /// Why `address` is refused, if it is. Metadata addresses are, whatever the configuration says.
    #[must_use]
    pub fn refuses(&self, address: IpAddr) -> Option<&'static str> {
        let address = plain(address);
        if is_metadata(address) {
            return Some("metadata addresses are never allowed");
        }
        if address.is_unspecified()
            || address.is_multicast()
            || address == IpAddr::V4(Ipv4Addr::BROADCAST)
        {
            return Some("this is not the address of one host");
        }
        if self.ranges.iter().any(|range| range.contains(address)) {
            return None;
        }
        if address.is_loopback() && !self.loopback {
            return Some("loopback addresses are not allowed here");
        }
        if is_link_local(address) || (is_private(address) && !self.private) {
            return Some("private addresses need `allow_private_addresses`");
        }
        None
    }

    /// Why the host name is refused before it is resolved, if it is.
    #[must_use]
    pub fn refuses_name(host: &str) -> Option<&'static str> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        METADATA_NAMES
            .contains(&host.as_str())
            .then_some("metadata services are never allowed")
    }
}

/// The IPv4 address inside an IPv6 form of it.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(long) = address else {
        return address;
    };
    let segments = long.segments();
    if segments[..6] == [0x64, 0xff9b, 0, 0, 0, 0] || (segments[..6] == [0; 6] && segments[6] != 0)
    {
        let [a, b] = segments[6].to_be_bytes();
        let [c, d] = segments[7].to_be_bytes();
        return Ipv4Addr::new(a, b, c, d).into();
    }
    address.to_canonical()
}

fn is_metadata(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(short) => {
            short.is_link_local()
                || short == Ipv4Addr::new(100, 100, 100, 200)
                || short == Ipv4Addr::new(192, 0, 0, 192)
        }
        IpAddr::V6(long) => {
            long == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
                || long == Ipv6Addr::new(0xfd20, 0xce, 0, 0, 0, 0, 0, 0x254)
        }
    }
}

fn is_link_local(address: IpAddr) -> bool {
    matches!(address, IpAddr::V6(long) if long.segments()[0] & 0xffc0 == 0xfe80)
}

fn is_private(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(short) => {
            short.is_private()
                || (short.octets()[0] == 100 && short.octets()[1] & 0xc0 == 64)
                || short.octets()[0] == 0
        }
        IpAddr::V6(long) => long.segments()[0] & 0xfe00 == 0xfc00,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allowed(policy: &AddressPolicy, address: &str) -> bool {
        policy.refuses(address.parse().unwrap()).is_none()
    }

    #[test]
    fn metadata_is_refused_whatever_is_allowed() {
        let policy = AddressPolicy {
            loopback: true,
            private: true,
            ranges: vec!["0.0.0.0/0".parse().unwrap(), "::/0".parse().unwrap()],
        };
        for address in [
            "169.254.169.254",
            "169.254.170.2",
            "::ffff:169.254.169.254",
            "64:ff9b::a9fe:a9fe",
            "::a9fe:a9fe",
            "fd00:ec2::254",
            "100.100.100.200",
            "0.0.0.0",
            "::",
            "224.0.0.1",
        ] {
            assert!(!allowed(&policy, address), "{address}");
        }
        assert!(
            allowed(&policy, "10.0.0.1") && allowed(&policy, "fe80::1") && allowed(&policy, "::1")
        );
        assert!(AddressPolicy::refuses_name("Metadata.Google.Internal.").is_some());
    }

    #[test]
    fn private_addresses_need_a_word() {
        let policy = AddressPolicy {
            loopback: true,
            private: false,
            ranges: vec!["10.1.0.0/16".parse().unwrap()],
        };
        assert!(
            allowed(&policy, "127.0.0.1")
                && allowed(&policy, "8.8.8.8")
                && allowed(&policy, "10.1.2.3")
        );
        for address in [
            "10.2.0.1",
            "192.168.1.1",
            "172.16.0.1",
            "100.64.0.1",
            "fd12::1",
            "fe80::1",
            "::ffff:10.2.0.1",
        ] {
            assert!(!allowed(&policy, address), "{address}");
        }
        let closed = AddressPolicy {
            loopback: false,
            private: false,
            ranges: Vec::new(),
        };
        assert!(!allowed(&closed, "127.0.0.1") && !allowed(&closed, "::1"));
    }
}
