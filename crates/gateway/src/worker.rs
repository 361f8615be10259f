//! What the requests of one thread share, and what all threads share.

use std::net::IpAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use arc_swap::ArcSwap;
use http::HeaderValue;
use tokio::sync::Semaphore;
use trunkline_acme::Challenges;
use trunkline_model::{Clock, IdGen, TypedId, Ulid, kind};

use crate::port::Ports;
use crate::record::Lines;
use crate::table::Table;
use trunkline_scrutiny::{Cidr, HeadLimits};
use trunkline_web::Sampler;

/// What all threads share.
#[derive(Debug)]
pub(crate) struct Core {
    pub(crate) table: ArcSwap<Table>,
    pub(crate) ports: Ports,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) trusted_proxies: Vec<Cidr>,
    pub(crate) head: HeadLimits,
    pub(crate) challenges: Arc<Challenges>,
}

/// What the requests of one thread share. Its locks are taken by that thread alone.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) index: usize,
    pub(crate) core: Arc<Core>,
    pub(crate) lines: Lines,
    pub(crate) sampler: Mutex<Sampler<(IpAddr, &'static str)>>,
    pub(crate) copies: Arc<Semaphore>,
    seed: AtomicU64,
}

impl Worker {
    pub(crate) fn new(index: usize, core: Arc<Core>, ids: &dyn IdGen, copies: usize) -> Self {
        let mut seed = [0; 8];
        ids.fill_secret(&mut seed);
        Self {
            index,
            core,
            lines: Lines::default(),
            sampler: Mutex::default(),
            copies: Arc::new(Semaphore::new(copies)),
            seed: AtomicU64::new(u64::from_le_bytes(seed)),
        }
    }

    /// A number that spreads evenly (SplitMix64); for choices and ids, never for secrets.
    pub(crate) fn chance(&self) -> u64 {
        let mut number = self
            .seed
            .fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        number = (number ^ (number >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        number = (number ^ (number >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        number ^ (number >> 31)
    }

    /// The id of a request that came at `micros`.
    pub(crate) fn request_id(&self, micros: i64) -> HeaderValue {
        let random = (u128::from(self.chance()) << 64) | u128::from(self.chance());
        let millis = u64::try_from(micros / 1_000).unwrap_or(0);
        let id = TypedId::<kind::Request>::new(Ulid::from_parts(millis, random));
        HeaderValue::try_from(id.to_string()).unwrap_or_else(|_| HeaderValue::from_static("req"))
    }

    /// Whether a refusal of this kind to this client is to be written; with how many were not before it.
    pub(crate) fn refusal(&self, client: IpAddr, code: &'static str, second: i64) -> Option<u64> {
        self.sampler
            .lock()
            .unwrap_or_else(std::sync::PoisonError::into_inner)
            .first((client, code), second)
    }
}
