//! How many connections there may be.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Counts connections, in all and for each address.
#[derive(Debug)]
pub struct Seats {
    most: usize,
    most_each: usize,
    taken: Mutex<(usize, HashMap<IpAddr, usize>)>,
}

/// One connection's place, given back when it is dropped.
#[derive(Debug)]
pub struct Seat(Arc<Seats>, IpAddr);

impl Seats {
    /// At most `most` connections in all, and `most_each` from one address.
    #[must_use]
    pub fn new(most: usize, most_each: usize) -> Self {
        Self {
            most,
            most_each,
            taken: Mutex::default(),
        }
    }

    fn lock(&self) -> MutexGuard<'_, (usize, HashMap<IpAddr, usize>)> {
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for a connection from `address`, if there is one.
    #[must_use]
    pub fn take(self: &Arc<Self>, address: IpAddr) -> Option<Seat> {
        let mut taken = self.lock();
        if taken.0 >= self.most {
            return None;
        }
        let count = taken.1.entry(address).or_default();
        if *count >= self.most_each {
            return None;
        }
        *count += 1;
        taken.0 += 1;
        Some(Seat(Arc::clone(self), address))
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut taken = self.0.lock();
        taken.0 -= 1;
        if let Some(count) = taken.1.get_mut(&self.1) {
            *count -= 1;
            if *count == 0 {
                taken.1.remove(&self.1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_counted_and_given_back() {
        let seats = Arc::new(Seats::new(3, 2));
        let (one, two) = ("1.1.1.1".parse().unwrap(), "2.2.2.2".parse().unwrap());
        let first = seats.take(one).unwrap();
        let _second = seats.take(one).unwrap();
        assert!(seats.take(one).is_none());
        let _third = seats.take(two).unwrap();
        assert!(seats.take(two).is_none());
        drop(first);
        assert!(seats.take(two).is_some());
    }
}
