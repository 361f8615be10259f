//! One bridge from the first version of its file to the end of it.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio_util::sync::CancellationToken;

use super::bridge::{Bridge, Stale};
use super::target;
use crate::bridges::{Ports, Wanted};
use crate::wire::{Link, Signal};
use crate::{BridgeStatus, Settings, Side};

/// How long a broker gets to forget a session.
const FORGET: Duration = Duration::from_secs(10);

/// What a bridge is to do, and where it says how it is.
#[derive(Clone, Debug)]
pub(crate) struct Work {
    pub(crate) settings: Arc<Settings>,
    /// Of this work alone: what ran before does not write here any more.
    pub(crate) status: Arc<Mutex<BridgeStatus>>,
    /// Filters at the remote of other bridges that had, or may have had, this session before.
    pub(crate) former: BTreeSet<String>,
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

/// Runs the bridge as its settings are, again each time that they change, until there are none or `stop`. What is wanted of `all` bridges
/// says which sessions at remotes are still somebody's.
pub(crate) async fn keep(
    ports: Ports,
    mut wanted: watch::Receiver<Option<Work>>,
    mut all: watch::Receiver<Wanted>,
    stop: CancellationToken,
) {
    let mut before: Option<Arc<Settings>> = None;
    let mut stale = Stale::default();
    loop {
        let work = wanted.borrow_and_update().clone();
        if let Some(before) = before.take() {
            let next = work.as_ref().map(|work| &*work.settings);
            let sides = leave(&before, next, &mut stale);
            tokio::select! {
                () = stop.cancelled() => return,
                () = forget(&before, &ports, sides, &mut all) => {}
            }
            if wanted.has_changed().unwrap_or(false) {
                continue;
            }
        }
        let Some(work) = work else {
            return;
        };
        let (settings, status) = (work.settings, work.status);
        stale.remote.extend(work.former);
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
        stale = bridge.run(end).await;
        // It also ends where nobody is left to say what is wanted.
        if stop.is_cancelled() || wanted.has_changed().is_err() {
            return;
        }
        before = Some(settings);
    }
}

/// Notes which filters the brokers still have when a bridge goes on as `next`, or not at all. Says where its session is to be forgotten.
fn leave(before: &Settings, next: Option<&Settings>, stale: &mut Stale) -> &'static [Side] {
    match next {
        None => {
            *stale = Stale::default();
            &[Side::Local, Side::Remote]
        }
        Some(next) => {
            stale.local.append(&mut before.filters(Side::Local));
            if next.may_share_session(before) {
                stale.remote.append(&mut before.filters(Side::Remote));
                return &[];
            }
            stale.remote.clear();
            &[Side::Remote]
        }
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

/// Ends sessions that no bridge has any more, so that no broker keeps messages for them. Where that fails they end in their time. A
/// session at the remote that another bridge has, or may have, is left to that: the file was only renamed.
async fn forget(
    settings: &Arc<Settings>,
    ports: &Ports,
    sides: &[Side],
    all: &mut watch::Receiver<Wanted>,
) {
    let local = async {
        if sides.contains(&Side::Local) {
            let target = target::local(Arc::clone(settings), Arc::clone(&ports.home), false);
            forget_one(settings, Side::Local, Link::open(target)).await;
        }
    };
    let remote = async {
        if !sides.contains(&Side::Remote) {
            return;
        }
        let is_taken = |wanted: &Wanted| {
            let mut works = wanted.values();
            works.any(|work| work.settings.may_share_session(settings))
        };
        let forgotten = async {
            let target = target::remote(Arc::clone(settings), ports.folder.clone(), false);
            forget_one(settings, Side::Remote, Link::open(target)).await;
        };
        tokio::select! {
            biased;
            _ = all.wait_for(is_taken) => {}
            () = forgotten => {}
        }
    };
    tokio::join!(local, remote);
}

async fn forget_one(settings: &Settings, side: Side, mut link: Link) {
    let ended = async {
        match link.signals.recv().await {
            Some(Signal::Connected(_, requests)) => {
                link.close(Some(&requests)).await;
                Ok(())
            }
            Some(Signal::Lost(loss)) => Err(loss.why),
            _ => Err(String::new()),
        }
    };
    let why = match tokio::time::timeout(FORGET, ended).await {
        Ok(Ok(())) => return,
        Ok(Err(why)) => why,
        Err(_) => "the broker does not answer".into(),
    };
    tracing::warn!(
        bridge = %settings.name, side = side.word(), why,
        "a session that is not wanted any more could not be ended, and is left to end in its time"
    );
}
