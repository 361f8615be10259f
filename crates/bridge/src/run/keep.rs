//! One bridge from the first version of its file to the end of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::bridge::{Bridge, Stale};
use super::target;
use crate::bridges::Ports;
use crate::wire::{Link, Signal};
use crate::{BridgeStatus, Settings, Side};

/// How long a broker gets to forget a session.
const FORGET: Duration = Duration::from_secs(10);

/// What a bridge is to do, and where it says how it is.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) settings: Arc<Settings>,
    pub(crate) status: Arc<Mutex<BridgeStatus>>,
}

impl Work {
    /// Whether both say the same, in the same place.
    pub(crate) fn same(one: Option<&Self>, other: Option<&Self>) -> bool {
        match (one, other) {
            (Some(one), Some(other)) => {
                one.settings == other.settings && Arc::ptr_eq(&one.status, &other.status)
            }
            (None, None) => true,
            _ => false,
        }
    }
}

/// Runs the bridge as its settings are, again each time that they change, until there are none or `stop`.
pub(crate) async fn keep(
    ports: Ports,
    mut wanted: watch::Receiver<Option<Work>>,
    stop: CancellationToken,
) {
    let mut before: Option<Arc<Settings>> = None;
    let mut stale = Stale::default();
    loop {
        let work = wanted.borrow_and_update().clone();
        let Some(Work { settings, status }) = work else {
            if let Some(before) = before.take() {
                stale = Stale::default();
                tokio::select! {
                    () = stop.cancelled() => {}
                    () = forget(&before, &ports, &[Side::Local, Side::Remote]) => {}
                }
            }
            let is_back = wanted.has_changed().unwrap_or(false);
            if stop.is_cancelled() || !is_back {
                return;
            }
            continue;
        };
        let moved = before.take_if(|before| !before.same_session(&settings));
        if let Some(moved) = &moved {
            stale.remote.clear();
            stale.local.append(&mut moved.filters(Side::Local));
        } else if let Some(before) = &before {
            stale.local.append(&mut before.filters(Side::Local));
            stale.remote.append(&mut before.filters(Side::Remote));
        }
        without(&mut stale.local, &settings.filters(Side::Local));
        without(&mut stale.remote, &settings.filters(Side::Remote));
        begin(&status, &settings);
        let bridge = Bridge::new(&settings, &ports, &status, std::mem::take(&mut stale));
        let end = async {
            tokio::select! {
                () = stop.cancelled() => {}
                _ = wanted.changed() => {}
            }
        };
        let forgotten = async {
            if let Some(moved) = &moved {
                forget(moved, &ports, &[Side::Remote]).await;
            }
        };
        (stale, ()) = tokio::join!(bridge.run(end), forgotten);
        // It also ends where nobody is left to say what is wanted.
        if stop.is_cancelled() || wanted.has_changed().is_err() {
            return;
        }
        before = Some(settings);
    }
}

fn without(all: &mut BTreeSet<String>, present: &BTreeSet<String>) {
    all.retain(|filter| !present.contains(filter));
}

/// The status of a bridge that begins anew.
fn begin(status: &Mutex<BridgeStatus>, settings: &Settings) {
    let mut status = status.lock().unwrap_or_else(PoisonError::into_inner);
    let problems = std::mem::take(&mut status.problems);
    *status = BridgeStatus::new(&settings.name);
    status.problems = problems;
    status.server = Some(settings.server.to_string());
}

/// Ends the sessions of a bridge that is no more, so that no broker keeps messages for it. Where that fails they end in their time.
async fn forget(settings: &Arc<Settings>, ports: &Ports, sides: &[Side]) {
    let one = async |side: Side| {
        if !sides.contains(&side) {
            return;
        }
        let settings = Arc::clone(settings);
        let mut link = match side {
            Side::Local => Link::open(target::local(settings, Arc::clone(&ports.home), false)),
            Side::Remote => Link::open(target::remote(settings, ports.folder.clone(), false)),
        };
        if let Some(Signal::Connected(_, requests)) = link.signals.recv().await {
            link.close(Some(&requests)).await;
        }
    };
    let both = async { tokio::join!(one(Side::Local), one(Side::Remote)) };
    if tokio::time::timeout(FORGET, both).await.is_err() {
        tracing::debug!(bridge = %settings.name, "a session of a bridge that ended is left to end in its time");
    }
}
