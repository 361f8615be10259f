//! Making it as it should be.

use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tokio::time::Instant;
use trunkline_rollout::{Mode, ReleaseId, Wanted};
use trunkline_store::outbox;

use super::book::{Crashes, Files};
use super::{Book, Instance, Label, Post};
use crate::event::ToldInstance;
use crate::port::{SeenInstance, Stand};
use crate::{RunError, Services};

/// How long requests that are under way may take before what answers them is stopped.
const DRAIN: Duration = Duration::from_secs(30);
/// The first time until one that ended is started again; each further end doubles it.
const AGAIN: Duration = Duration::from_millis(200);
/// The longest time until one that ended is started again.
const LONGEST: Duration = Duration::from_secs(30);
/// Stands for the end of one that nobody saw end.
const GONE: i32 = -1;
/// Who has been well for so long has not ended in a row.
const STEADY: Duration = Duration::from_secs(60);
/// How long it may take until one that was started is seen.
const UNSEEN: Duration = Duration::from_secs(60);
/// Lines of a log that a reason shows.
const LINES: usize = 8;
/// Letters of them.
const LETTERS: usize = 1_500;

impl Services {
    /// Takes over what the driver holds of a service; false where that is not known yet.
    pub(crate) async fn adopt(&self, post: &Arc<Post>, book: &mut Book) -> Result<bool, RunError> {
        let own: Vec<_> = {
            let seen = self.seen.read().unwrap_or_else(PoisonError::into_inner);
            let Some(seen) = &*seen else {
                return Ok(false);
            };
            let label = |one: &SeenInstance| serde_json::from_str::<Label>(&one.label).ok();
            let all = seen
                .values()
                .filter_map(|one| Some((one.clone(), label(one)?)));
            all.filter(|(_, label)| label.service == post.name)
                .collect()
        };
        for (seen, label) in &own {
            self.adopt_one(post, book, seen, label).await?;
        }
        let gone: Vec<_> = book
            .instances
            .iter()
            .filter(|(id, _)| !own.iter().any(|(seen, _)| seen.id == **id))
            // One that was started a moment ago may not have been seen yet.
            .filter(|(_, one)| one.process != 0 || one.started.elapsed() >= UNSEEN)
            .map(|(id, _)| id.clone())
            .collect();
        for id in gone {
            self.ended(book, &id, GONE).await;
        }
        Ok(true)
    }

    async fn adopt_one(
        &self,
        post: &Arc<Post>,
        book: &mut Book,
        seen: &SeenInstance,
        label: &Label,
    ) -> Result<(), RunError> {
        if let Some(known) = book.instances.get_mut(&seen.id) {
            known.process = seen.process;
            if let Stand::Ended(exit) = seen.stand {
                self.ended(book, &seen.id, exit).await;
            }
            return Ok(());
        }
        if matches!(seen.stand, Stand::Ended(_)) {
            self.forget(&seen.id).await;
            return Ok(());
        }
        if self.learn_release(book, label.release).await?.is_none() {
            // Nobody knows what it is of.
            if let Err(error) = self.parts.driver.kill(&seen.id).await {
                tracing::warn!(%error, instance = seen.id, "a process that nobody knows cannot be ended");
            }
            return Ok(());
        }
        let instance = self.instance(
            post,
            book,
            label,
            seen.stand,
            has_requests(book, label.release),
        );
        if let Some(mut instance) = instance {
            instance.process = seen.process;
            book.instances.insert(seen.id.clone(), instance);
        }
        Ok(())
    }

    /// One that runs, with its probe.
    pub(super) fn instance(
        &self,
        post: &Arc<Post>,
        book: &Book,
        label: &Label,
        stand: Stand,
        was_serving: bool,
    ) -> Option<Instance> {
        let manifest = &book.releases.get(&label.release)?.manifest;
        let pulse: Arc<super::instance::Pulse> = Arc::default();
        if stand == Stand::Parked {
            // It was well when it was stopped.
            pulse.well.store(true, Ordering::Relaxed);
            pulse.asleep.store(true, Ordering::Relaxed);
        } else if was_serving {
            // The platform was away for a moment, and it was not. The probe finds out soon where that is wrong.
            pulse.well.store(true, Ordering::Relaxed);
        }
        let (kind, health) = (manifest.kind, manifest.health.clone());
        let probe = super::probe::probe(
            kind,
            health,
            label.port,
            Arc::clone(&pulse),
            Arc::clone(&post.wake),
        );
        Some(Instance {
            release: label.release,
            port: label.port,
            process: 0,
            stand,
            pulse,
            probe: tokio::spawn(probe),
            unwell: None,
            started: Instant::now(),
            leaving: None,
            served: was_serving || stand == Stand::Parked,
            told: "",
        })
    }

    /// One has ended, of itself or because it was to.
    async fn ended(&self, book: &mut Book, id: &str, exit: i32) {
        let Some(mut instance) = book.instances.remove(id) else {
            return;
        };
        instance.stand = Stand::Ended(exit);
        let mut reason = String::new();
        if instance.leaving.is_none() {
            let lines = self.parts.driver.log(id, LINES).join("\n");
            let from = lines
                .char_indices()
                .rev()
                .nth(LETTERS)
                .map_or(0, |(at, _)| at);
            let how = match exit {
                GONE => "its process is gone".to_owned(),
                129.. => format!("it was ended by the signal {}", exit - 128),
                _ => format!("it ended with {exit}"),
            };
            reason = if lines.is_empty() {
                how
            } else {
                format!("{how}, and wrote last:\n{}", &lines[from..])
            };
            // Where its process is gone without an end, the keeper is, and the release is not to blame.
            if exit != GONE {
                crash(book, instance.release, &reason);
            }
        }
        self.tell_instance(book, id, &mut instance, &reason).await;
        self.forget(id).await;
    }

    async fn forget(&self, id: &str) {
        match self.parts.driver.forget(id).await {
            Ok(()) => super::fetch::remove_beside(self.own_folder(id)),
            // It may run still, and its folder is its own as long as it does.
            Err(error) => {
                tracing::debug!(%error, instance = id, "what has ended is not forgotten yet");
            }
        }
    }

    async fn tell_instance(&self, book: &Book, id: &str, instance: &mut Instance, reason: &str) {
        let state = instance.state();
        if instance.told == state {
            return;
        }
        instance.told = state;
        let told = ToldInstance {
            instance: id,
            service: &book.row.name,
            release: instance.release.to_string(),
            state,
            port: instance.port,
            exit: match instance.stand {
                Stand::Ended(exit) => Some(exit),
                _ => None,
            },
            reason,
        };
        let written = async {
            let event = self.made().instance(&told)?;
            let mut transaction = self.parts.store.begin().await?;
            outbox::put(&mut transaction, &event).await?;
            Ok::<_, RunError>(transaction.commit().await?)
        };
        if let Err(error) = written.await {
            tracing::warn!(%error, instance = id, "what became of an instance is not told");
        }
    }

    /// First what is to take requests, then the requests, then what takes none any more.
    pub(super) async fn reconcile(
        self: &Arc<Self>,
        post: &Arc<Post>,
        book: &mut Book,
        wanted: &Wanted,
    ) {
        for (release, mode) in &wanted.modes {
            self.bring_up(post, book, *release, *mode).await;
        }
        self.send_requests(book, wanted);
        self.put_to_rest(book, wanted).await;
        let all: Vec<_> = book.instances.keys().cloned().collect();
        for id in all {
            if let Some(mut instance) = book.instances.remove(&id) {
                self.tell_instance(book, &id, &mut instance, "").await;
                book.instances.insert(id, instance);
            }
        }
    }

    async fn bring_up(
        self: &Arc<Self>,
        post: &Arc<Post>,
        book: &mut Book,
        release: ReleaseId,
        mode: Mode,
    ) {
        let Some(row) = book.releases.get(&release).cloned() else {
            return;
        };
        if mode == Mode::Parked {
            return;
        }
        let again =
            |files: &Files| matches!(files, Files::Failed(_, since) if since.elapsed() >= LONGEST);
        let serves = book.row.line.serving == Some(release);
        let missing = book
            .files
            .get(&release)
            .is_none_or(|files| serves && again(files));
        if missing {
            book.files.insert(release, Files::Coming);
            self.fetch(post, row.clone());
        }
        if mode != Mode::Live {
            return;
        }
        let own = book
            .instances
            .iter_mut()
            .filter(|(_, one)| one.release == release);
        let mut running = 0;
        for (id, instance) in own {
            if instance.leaving.is_some_and(|(_, asked)| asked.is_some()) {
                continue;
            }
            if running == row.manifest.scale.min {
                // Where no answer came it was started twice, and the younger one goes.
                instance.leaving.get_or_insert((Instant::now(), None));
                continue;
            }
            instance.leaving = None;
            running += 1;
            let asleep = instance.pulse.asleep.load(Ordering::Relaxed);
            if instance.stand == Stand::Parked || asleep {
                match self.parts.driver.park(id, false).await {
                    Ok(()) => {
                        instance.stand = Stand::Running;
                        instance.pulse.asleep.store(false, Ordering::Relaxed);
                    }
                    Err(error) => tracing::warn!(%error, instance = id, "it does not go on"),
                }
            }
        }
        let may = |ends: &Crashes| {
            let wait = AGAIN.saturating_mul(1 << ends.count.min(10)).min(LONGEST);
            ends.last.elapsed() >= wait
        };
        let may_start = book.crashes.get(&release).is_none_or(may);
        if matches!(book.files.get(&release), Some(Files::Here)) && may_start {
            for _ in running..row.manifest.scale.min {
                if let Err(problem) = self.start(post, book, &row).await {
                    crash(book, release, &problem);
                    break;
                }
            }
        }
    }

    /// Which share of the requests goes where. Where nothing can take any, all stays as it is.
    fn send_requests(&self, book: &mut Book, wanted: &Wanted) {
        let targets = targets(book, wanted);
        if !targets.iter().any(|target| target.weight > 0) {
            return;
        }
        let Some(route) = route_of(book, wanted) else {
            return;
        };
        let told = (route, targets);
        if book.routed.as_ref() == Some(&told) {
            return;
        }
        if told.0.path.is_none() {
            self.parts.routes.remove(&book.row.name);
        } else if let Err(problem) = self.parts.routes.set(&book.row.name, &told.0, &told.1) {
            if book.refused.as_ref() != Some(&problem) {
                let service = &book.row.name;
                tracing::warn!(
                    service,
                    problem,
                    "the requests of a service go where they went before"
                );
            }
            book.refused = Some(problem);
            return;
        }
        book.refused = None;
        book.routed = Some(told);
    }

    pub(super) fn is_routed(&self, book: &Book) -> bool {
        // What is wanted is computed from sights, and these ask here: so it is looked at what was told last.
        let active = book.row.line.active.as_ref();
        let active = active.map(|active| active.release.to_string());
        let away = |target: &crate::RouteTarget| {
            target.weight == 0 || Some(&target.release) != active.as_ref()
        };
        book.routed
            .as_ref()
            .is_some_and(|(_, targets)| targets.iter().all(away))
    }

    /// What takes no requests any more is stopped where it stands, or ends.
    async fn put_to_rest(&self, book: &mut Book, wanted: &Wanted) {
        let routed = book
            .routed
            .clone()
            .map_or_else(Vec::new, |(_, targets)| targets);
        let under_way = |port: u16| self.parts.routes.in_flight(&book.row.name, port);
        let mut orders = Vec::new();
        for (id, instance) in &mut book.instances {
            let takes = routed
                .iter()
                .any(|one| one.port == instance.port && one.weight > 0);
            let mode = wanted.modes.get(&instance.release).copied();
            if instance.pulse.well.load(Ordering::Relaxed) {
                instance.unwell = None;
                instance.served = true;
            } else if instance.unwell.is_none() {
                instance.unwell = Some(Instant::now());
            }
            if takes {
                continue;
            }
            match mode {
                Some(Mode::Live) if instance.leaving.is_none() => {}
                Some(Mode::Parked) if instance.stand == Stand::Parked => {}
                Some(Mode::Parked) if instance.is_ready() => {
                    if under_way(instance.port) == 0 {
                        orders.push((id.clone(), Rest::Park));
                    }
                }
                _ => {
                    let (since, asked) = *instance.leaving.get_or_insert((Instant::now(), None));
                    let quiet = under_way(instance.port) == 0 || since.elapsed() >= DRAIN;
                    match asked {
                        None if quiet => orders.push((id.clone(), Rest::Quit)),
                        Some(asked) => orders.push((id.clone(), Rest::KillAfter(asked))),
                        None => {}
                    }
                }
            }
        }
        for (id, rest) in orders {
            self.rest(book, &id, rest).await;
        }
        self.end_the_unwell(book).await;
    }

    async fn rest(&self, book: &mut Book, id: &str, rest: Rest) {
        let Some(instance) = book.instances.get_mut(id) else {
            return;
        };
        let done = match rest {
            Rest::Park => {
                instance.pulse.asleep.store(true, Ordering::Relaxed);
                // Where no answer comes it may be so all the same, and to let it go on does no harm.
                instance.stand = Stand::Parked;
                self.parts.driver.park(id, true).await
            }
            Rest::Quit => {
                let now = Instant::now();
                instance.leaving =
                    Some((instance.leaving.map_or(now, |(since, _)| since), Some(now)));
                self.parts.driver.quit(id).await
            }
            Rest::KillAfter(asked) => {
                let run = book
                    .releases
                    .get(&instance.release)
                    .and_then(|one| one.manifest.run.clone());
                if asked.elapsed() < run.unwrap_or_default().grace.0 {
                    return;
                }
                self.parts.driver.kill(id).await
            }
        };
        if let Err(error) = done {
            tracing::warn!(%error, instance = id, "an instance cannot be put to rest");
        }
    }

    /// What should be well and is not for longer than it may is ended, and started again.
    async fn end_the_unwell(&self, book: &mut Book) {
        let mut ended = Vec::new();
        let mut steady = Vec::new();
        for (id, instance) in &book.instances {
            let Some(release) = book.releases.get(&instance.release) else {
                continue;
            };
            let within = release.manifest.health.within.0 + Duration::from_secs(2);
            let runs = instance.stand == Stand::Running && instance.leaving.is_none();
            if runs
                && instance
                    .unwell
                    .is_some_and(|since| since.elapsed() >= within)
            {
                ended.push((id.clone(), instance.release));
            } else if instance.is_ready() && instance.started.elapsed() >= STEADY {
                steady.push(instance.release);
            }
        }
        let serving = book.row.line.serving;
        for release in steady {
            // Others of it may end again and again.
            let quiet = |ends: &Crashes| ends.last.elapsed() >= STEADY;
            if serving == Some(release) && book.crashes.get(&release).is_some_and(quiet) {
                book.crashes.remove(&release);
            }
        }
        for (id, release) in ended {
            let lines = self.parts.driver.log(&id, LINES).join("\n");
            crash(
                book,
                release,
                &format!("it is not well, and wrote last:\n{lines}"),
            );
            if let Some(instance) = book.instances.get_mut(&id) {
                let now = Instant::now();
                instance.leaving = Some((now, Some(now)));
            }
            if let Err(error) = self.parts.driver.kill(&id).await {
                tracing::warn!(%error, instance = id, "an instance that is not well cannot be ended");
            }
        }
    }
}

/// Whether a release had requests when the platform went away.
fn has_requests(book: &Book, release: ReleaseId) -> bool {
    let line = &book.row.line;
    let active = line
        .active
        .as_ref()
        .filter(|active| active.release == release);
    line.serving == Some(release) || active.is_some_and(|active| active.percent() > 0)
}

/// How something is put to rest.
enum Rest {
    Park,
    Quit,
    /// It was asked then, and is ended once its time is over.
    KillAfter(Instant),
}

fn crash(book: &mut Book, release: ReleaseId, why: &str) {
    let entry = book.crashes.entry(release).or_insert_with(|| Crashes {
        count: 0,
        last: Instant::now(),
        why: String::new(),
    });
    entry.count = entry.count.saturating_add(1);
    entry.last = Instant::now();
    why.clone_into(&mut entry.why);
}

/// The route of the release that gets most of the requests.
fn route_of(book: &Book, wanted: &Wanted) -> Option<trunkline_project::service::Route> {
    let most = wanted.shares.iter().max_by_key(|(_, percent)| **percent)?;
    let release = book.releases.get(most.0)?;
    Some(release.manifest.route.clone())
}

/// All that may take requests, with the share of each.
fn targets(book: &Book, wanted: &Wanted) -> Vec<crate::RouteTarget> {
    let ready = |one: &&Instance| one.is_ready() && one.stand == Stand::Running;
    let weight = |instance: &Instance| {
        let percent = wanted.shares.get(&instance.release).copied().unwrap_or(0);
        let own = book
            .instances
            .values()
            .filter(|one| one.release == instance.release);
        let many = own.filter(ready).count().max(1);
        if ready(&instance) {
            u32::from(percent) * 100 / u32::try_from(many).unwrap_or(u32::MAX)
        } else {
            0
        }
    };
    let mut targets: Vec<_> = book
        .instances
        .values()
        // What took requests stays until it is asked to end, so that those under way are seen.
        .filter(|one| one.served || one.is_ready())
        .filter(|one| one.leaving.is_none_or(|(_, asked)| asked.is_none()))
        .map(|one| crate::RouteTarget {
            port: one.port,
            release: one.release.to_string(),
            weight: weight(one),
        })
        .collect();
    targets.sort_by_key(|target| target.port);
    targets
}
