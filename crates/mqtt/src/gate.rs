//! How often clients may connect, and how many may be on their way in at once.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::hash::Hash;
use std::net::IpAddr;
use std::time::Duration;

use tokio::time::Instant;

use crate::Limits;
use crate::rate::Bucket;

/// Seconds' worth of its connections that a client may make at once: one that is taken over or starts again is not punished.
const CLIENT_BURST: u32 = 5;
/// The same of an address.
const ADDRESS_BURST: u32 = 1;
/// Names of which is remembered how often they came, in each half of a table.
const REMEMBERED: usize = 8_192;
/// How often the same is told.
const TELL: Duration = Duration::from_secs(60);
/// One address may have this part of all that are on their way in: who opens connections and says nothing must not keep all others out.
const SHARE: usize = 4;

/// Somebody comes too often, or too many come at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Crowded {
    /// `client-rate`, `address-rate` or `handshakes`.
    pub(crate) limit: &'static str,
    /// How many were passed over since this was last told; nothing where this one is passed over too.
    pub(crate) tell: Option<u64>,
}

/// Counts who comes. Those from the loopback are not counted, unless the limits say so.
#[derive(Debug)]
pub(crate) struct Gate {
    limits: Limits,
    clients: Table<Box<str>>,
    addresses: Table<IpAddr>,
    /// Connections on their way in, by address.
    under_way: HashMap<IpAddr, usize>,
    all: usize,
    full: Told,
}

impl Gate {
    pub(crate) fn new(limits: Limits, now: Instant) -> Self {
        Self {
            limits,
            clients: Table::new(now),
            addresses: Table::new(now),
            under_way: HashMap::new(),
            all: 0,
            full: Told::default(),
        }
    }

    fn is_free(&self, address: IpAddr) -> bool {
        !self.limits.limit_loopback && address.to_canonical().is_loopback()
    }

    /// Begins a connection from `address`. What this returns is to be given to [`Self::left`] once the connection is not on its way in
    /// any more; nothing where it does not count.
    ///
    /// # Errors
    /// [`Crowded`] where it may not begin.
    pub(crate) fn arrive(
        &mut self,
        address: IpAddr,
        now: Instant,
    ) -> Result<Option<IpAddr>, Crowded> {
        if self.is_free(address) {
            return Ok(None);
        }
        let host = host(address);
        let (rate, most) = (
            self.limits.handshakes_per_address,
            self.limits.handshakes_under_way,
        );
        let row = self.addresses.row(host, now, || {
            Row::new(Bucket::new(rate, ADDRESS_BURST, now))
        });
        if !row.bucket.has(1, now) {
            return Err(Crowded {
                limit: "address-rate",
                tell: row.told.next(now),
            });
        }
        let own = self.under_way.get(&host).copied().unwrap_or_default();
        let told = if most == 0 {
            None
        } else if self.all >= most {
            Some(&mut self.full)
        } else if own >= (most / SHARE).max(1) {
            Some(&mut row.told)
        } else {
            None
        };
        if let Some(told) = told {
            return Err(Crowded {
                limit: "handshakes",
                tell: told.next(now),
            });
        }
        row.bucket.take(1, now);
        self.under_way.insert(host, own + 1);
        self.all += 1;
        Ok(Some(host))
    }

    /// A connection is not on its way in any more: its client was let in, or it is gone.
    pub(crate) fn left(&mut self, host: IpAddr) {
        if let Entry::Occupied(mut count) = self.under_way.entry(host) {
            self.all -= 1;
            *count.get_mut() -= 1;
            if *count.get() == 0 {
                count.remove();
            }
        }
    }

    /// Whether `client` may connect, before anybody knows whether it is that client: this uses nothing up, so that nobody is kept out by
    /// others who try its name.
    ///
    /// # Errors
    /// [`Crowded`] where it may not.
    pub(crate) fn look(
        &mut self,
        client: &str,
        address: IpAddr,
        now: Instant,
    ) -> Result<(), Crowded> {
        if self.limits.connects_per_client == 0 || self.is_free(address) {
            return Ok(());
        }
        let Some(row) = self.clients.find(client) else {
            return Ok(());
        };
        if row.bucket.has(1, now) {
            Ok(())
        } else {
            Err(row.client_rate(now))
        }
    }

    /// Lets `client` in, of which is known that it is that client.
    ///
    /// # Errors
    /// [`Crowded`] where it may not connect now.
    pub(crate) fn enter(
        &mut self,
        client: &str,
        address: IpAddr,
        now: Instant,
    ) -> Result<(), Crowded> {
        let rate = self.limits.connects_per_client;
        if rate == 0 || self.is_free(address) {
            return Ok(());
        }
        let row = self.clients.row(client.into(), now, || {
            Row::new(Bucket::new(rate, CLIENT_BURST, now))
        });
        if row.bucket.take(1, now) {
            Ok(())
        } else {
            Err(row.client_rate(now))
        }
    }
}

/// What is counted as one: an IPv4 address, or the first 64 bits of an IPv6 address, since one host usually owns all the rest.
fn host(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((u128::from(address) & !u128::from(u64::MAX)).into()),
    }
}

/// When something was last told.
#[derive(Debug, Default)]
struct Told {
    at: Option<Instant>,
    passed_over: u64,
}

impl Told {
    /// How many were passed over since the last time; nothing where this one is passed over too.
    fn next(&mut self, now: Instant) -> Option<u64> {
        let lately = self
            .at
            .is_some_and(|at| now.saturating_duration_since(at) < TELL);
        if lately {
            self.passed_over += 1;
            return None;
        }
        self.at = Some(now);
        Some(std::mem::take(&mut self.passed_over))
    }
}

/// What is remembered of one client or address.
#[derive(Debug)]
struct Row {
    bucket: Bucket,
    told: Told,
}

impl Row {
    fn new(bucket: Bucket) -> Self {
        Self {
            bucket,
            told: Told::default(),
        }
    }

    fn client_rate(&mut self, now: Instant) -> Crowded {
        Crowded {
            limit: "client-rate",
            tell: self.told.next(now),
        }
    }
}

/// Rows in two halves: when the newer one is full or old, it takes the place of the older one, whose rows are forgotten. Who did not
/// come for so long would have a full bucket anyway, and may be told of again.
#[derive(Debug)]
struct Table<K> {
    newer: HashMap<K, Row>,
    older: HashMap<K, Row>,
    since: Instant,
}

impl<K: Hash + Eq> Table<K> {
    fn new(now: Instant) -> Self {
        Self {
            newer: HashMap::new(),
            older: HashMap::new(),
            since: now,
        }
    }

    /// What is remembered of `key`, if anything is.
    fn find<Q: Hash + Eq + ?Sized>(&mut self, key: &Q) -> Option<&mut Row>
    where
        K: Borrow<Q>,
    {
        self.newer.get_mut(key).or_else(|| self.older.get_mut(key))
    }

    /// What is remembered of `key`, and from now on will be.
    fn row(&mut self, key: K, now: Instant, fresh: impl FnOnce() -> Row) -> &mut Row {
        let age = now.saturating_duration_since(self.since);
        if self.newer.len() >= REMEMBERED || age >= TELL {
            self.older = std::mem::take(&mut self.newer);
            self.since = now;
        }
        match self.newer.entry(key) {
            Entry::Occupied(there) => there.into_mut(),
            Entry::Vacant(empty) => {
                let row = self.older.remove(empty.key()).unwrap_or_else(fresh);
                empty.insert(row)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    fn gate(limits: Limits) -> (Gate, Instant) {
        let now = Instant::now();
        (Gate::new(limits, now), now)
    }

    /// How many of 100 connections of `client` are let in.
    fn entered(gate: &mut Gate, client: &str, now: Instant) -> usize {
        let from = address("10.0.0.1");
        (0..100)
            .filter(|_| gate.enter(client, from, now).is_ok())
            .count()
    }

    /// How many of 1,000 connections from `text` begin, where each is in at once.
    fn begun(gate: &mut Gate, text: &str, now: Instant) -> usize {
        (0..1_000)
            .filter(|_| match gate.arrive(address(text), now) {
                Ok(Some(host)) => {
                    gate.left(host);
                    true
                }
                Ok(None) => true,
                Err(_) => false,
            })
            .count()
    }

    #[test]
    fn a_client_comes_a_few_times_at_once_and_then_once_a_second() {
        let (mut gate, now) = gate(Limits::default());
        assert_eq!(entered(&mut gate, "a", now), 5);
        assert_eq!(entered(&mut gate, "b", now), 5);
        assert_eq!(entered(&mut gate, "a", now + SECOND), 1);
        assert_eq!(entered(&mut gate, "a", now + 3 * SECOND), 2);
        assert_eq!(entered(&mut gate, "a", now + 60 * SECOND), 5);
    }

    #[test]
    fn who_only_says_to_be_a_client_uses_nothing_up() {
        let (mut gate, now) = gate(Limits::default());
        let from = address("10.0.0.1");
        for _ in 0..100 {
            assert_eq!(gate.look("a", from, now), Ok(()));
        }
        assert!(gate.clients.newer.is_empty());
        assert_eq!(entered(&mut gate, "a", now), 5);
        assert!(gate.look("a", from, now).is_err());
        assert_eq!(gate.look("a", from, now + SECOND), Ok(()));
        assert_eq!(entered(&mut gate, "a", now + SECOND), 1);
    }

    #[test]
    fn an_address_has_a_number_of_connections_a_second() {
        let (mut gate, now) = gate(Limits::default());
        assert_eq!(begun(&mut gate, "10.0.0.1", now), 50);
        assert_eq!(begun(&mut gate, "::ffff:10.0.0.1", now), 0);
        assert_eq!(begun(&mut gate, "10.0.0.2", now), 50);
        assert_eq!(begun(&mut gate, "10.0.0.1", now + SECOND / 2), 25);
        assert_eq!(begun(&mut gate, "2001:db8::1", now), 50);
        assert_eq!(begun(&mut gate, "2001:db8::2", now), 0);
        assert_eq!(begun(&mut gate, "2001:db8:0:1::1", now), 50);
    }

    #[test]
    fn the_loopback_is_free_unless_it_is_to_be_limited() {
        let (mut gate, now) = gate(Limits::default());
        for loopback in ["127.0.0.1", "127.1.2.3", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(begun(&mut gate, loopback, now), 1_000);
            let entered = (0..100).all(|_| gate.enter("a", address(loopback), now).is_ok());
            assert!(entered && gate.look("a", address(loopback), now).is_ok());
        }
        let (mut gate, now) = self::gate(Limits {
            limit_loopback: true,
            ..Limits::default()
        });
        assert_eq!(begun(&mut gate, "127.0.0.1", now), 50);
    }

    #[test]
    fn so_many_are_on_their_way_in_and_one_address_has_a_part_of_them() {
        let (mut gate, now) = gate(Limits {
            handshakes_under_way: 8,
            ..Limits::default()
        });
        for host in 1..=4 {
            let from = address(&format!("10.0.0.{host}"));
            assert!(gate.arrive(from, now).is_ok() && gate.arrive(from, now).is_ok());
            let crowded = gate.arrive(from, now).unwrap_err();
            assert_eq!((crowded.limit, crowded.tell), ("handshakes", Some(0)));
        }
        let other = address("10.0.0.5");
        // That all places are taken had been told for the last of the four.
        let crowded = gate.arrive(other, now).unwrap_err();
        assert_eq!((crowded.limit, crowded.tell), ("handshakes", None));
        assert_eq!(gate.arrive(address("127.0.0.1"), now), Ok(None));
        gate.left(address("10.0.0.1"));
        assert_eq!(gate.arrive(other, now), Ok(Some(other)));
        assert!(gate.arrive(other, now).is_err());
        for host in [1, 2, 2, 3, 3, 4, 4, 5] {
            gate.left(address(&format!("10.0.0.{host}")));
        }
        assert_eq!((gate.all, gate.under_way.len()), (0, 0));
    }

    #[test]
    fn zero_is_no_limit() {
        let (mut gate, now) = gate(Limits {
            connects_per_client: 0,
            handshakes_per_address: 0,
            handshakes_under_way: 0,
            ..Limits::default()
        });
        assert_eq!(entered(&mut gate, "a", now), 100);
        for _ in 0..1_000 {
            assert!(gate.arrive(address("10.0.0.1"), now).is_ok());
        }
    }

    #[test]
    fn the_same_is_told_once_a_minute_with_the_number_of_the_others() {
        let (mut gate, now) = gate(Limits::default());
        let from = address("10.0.0.1");
        entered(&mut gate, "a", now);
        assert_eq!(entered(&mut gate, "a", now + 30 * SECOND), 5);
        let later = now + 60 * SECOND;
        assert_eq!(entered(&mut gate, "c", later), 5);
        for _ in 0..5 {
            gate.enter("a", from, later).unwrap();
        }
        // 95 at first and 95 half a minute later, of which the first was told.
        let told = gate.look("a", from, later).unwrap_err();
        assert_eq!((told.limit, told.tell), ("client-rate", Some(189)));
        assert_eq!(gate.enter("a", from, later).unwrap_err().tell, None);
    }

    #[test]
    fn the_names_that_did_not_come_for_the_longest_time_are_forgotten() {
        let (mut gate, now) = gate(Limits::default());
        let from = address("10.0.0.1");
        entered(&mut gate, "a", now);
        for name in 0..2 * REMEMBERED - 1 {
            gate.enter(&format!("n{name}"), from, now).unwrap();
            if name % 1_000 == 0 {
                assert!(gate.enter("a", from, now).is_err());
            }
        }
        let remembered = gate.clients.newer.len() + gate.clients.older.len();
        assert!(remembered <= 2 * REMEMBERED, "{remembered}");
        assert!(gate.look("a", from, now).is_err());
        for name in 0..2 * REMEMBERED {
            gate.enter(&format!("m{name}"), from, now).unwrap();
        }
        assert_eq!(entered(&mut gate, "a", now), 5);
    }
}
