//! Ranges of addresses.

use std::net::IpAddr;
use std::str::FromStr;

/// A range of addresses, such as `10.0.0.0/8`; a plain address is a range of one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cidr {
    address: IpAddr,
    bits: u8,
}

/// A text that is not a range of addresses.
#[derive(Debug, thiserror::Error)]
#[error("`{0}` is not an address range such as 10.0.0.0/8")]
pub struct CidrError(String);

impl Cidr {
    /// Whether `address` lies in the range. An IPv4 address that is written as IPv6 counts as IPv4.
    #[must_use]
    pub fn contains(&self, address: IpAddr) -> bool {
        match (self.address, address.to_canonical()) {
            (IpAddr::V4(range), IpAddr::V4(address)) => same(
                u32::from(range).into(),
                u32::from(address).into(),
                32 - self.bits,
            ),
            (IpAddr::V6(range), IpAddr::V6(address)) => {
                same(range.into(), address.into(), 128 - self.bits)
            }
            _ => false,
        }
    }
}

fn same(left: u128, right: u128, ignored: u8) -> bool {
    ignored >= 128 || (left ^ right) >> ignored == 0
}

impl FromStr for Cidr {
    type Err = CidrError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = || CidrError(text.chars().take(64).collect());
        let (address, bits) = match text.split_once('/') {
            Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let address: IpAddr = address.parse().map_err(|_| wrong())?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.unwrap_or(most);
        if bits > most {
            return Err(wrong());
        }
        Ok(Self { address, bits })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_hold_what_they_say() {
        let within = |range: &str, address: &str| {
            range
                .parse::<Cidr>()
                .unwrap()
                .contains(address.parse().unwrap())
        };
        assert!(within("10.0.0.0/8", "10.255.0.1") && !within("10.0.0.0/8", "11.0.0.1"));
        assert!(within("0.0.0.0/0", "1.2.3.4") && within("127.0.0.1", "::ffff:127.0.0.1"));
        assert!(
            within("fd00::/8", "fd12::1")
                && !within("fd00::/8", "fe80::1")
                && within("::/0", "::1")
        );
        for bad in ["10.0.0.0/33", "x", "10.0.0.0/", "fd00::/129", ""] {
            assert!(bad.parse::<Cidr>().is_err(), "{bad}");
        }
    }
}
