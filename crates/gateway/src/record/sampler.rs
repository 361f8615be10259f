//! A flood of refusals must not become a flood of events.

use std::collections::HashMap;
use std::net::IpAddr;

/// The most clients of which is known that they were refused in this second.
const MOST: usize = 4096;

/// Lets the first refusal of each kind and client in a second through and counts the others.
#[derive(Debug, Default)]
pub(crate) struct Sampler {
    second: i64,
    seen: HashMap<(IpAddr, &'static str), ()>,
    skipped: u64,
}

impl Sampler {
    /// How many refusals were skipped since the last that passed; nothing where this one is to be skipped too.
    pub(crate) fn first(&mut self, client: IpAddr, code: &'static str, second: i64) -> Option<u64> {
        if second != self.second {
            self.second = second;
            self.seen.clear();
        }
        if self.seen.len() >= MOST || self.seen.insert((client, code), ()).is_some() {
            self.skipped += 1;
            return None;
        }
        Some(std::mem::take(&mut self.skipped))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_a_second_passes_with_the_count_of_the_others() {
        let mut sampler = Sampler::default();
        let client = "1.2.3.4".parse().unwrap();
        assert_eq!(sampler.first(client, "a", 1), Some(0));
        assert_eq!(sampler.first(client, "a", 1), None);
        assert_eq!(sampler.first(client, "a", 1), None);
        assert_eq!(sampler.first(client, "b", 1), Some(2));
        assert_eq!(sampler.first(client, "a", 2), Some(0));
    }
}
