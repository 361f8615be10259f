//! The task that works off requests.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinHandle;
use tokio::time::MissedTickBehavior;
use trunkline_model::{Clock, Event, IdGen, Timestamp};
use trunkline_store::{Store, outbox};
use trunkline_twin::{Document, Limits, Operation, Rejected, token_of};

use crate::cache::{Before, Cache, Key};
use crate::change::{changed, forgotten, seconds};
use crate::decide::decide;
use crate::portion::{Outcome, Portion};
use crate::rebuild::{self, Compared, Version};
use crate::table;
use crate::{Answer, Journal, Place, Registry, TwinRequest, TwinsError};

/// Requests that are one append.
const TOGETHER: usize = 256;
/// How often documents are written to the table.
const EVERY: Duration = Duration::from_millis(500);
/// Looks at an idle table before its place in the log is written again, so that the log may forget what lies before.
const QUIET: u32 = 20;
/// Documents that are written at a time.
const PORTION: usize = 2_000;
/// Bytes of the documents that requests of one append may make, with the times of all their values: an append has an end.
const APPEND: usize = 16 * 1024 * 1024;
/// Bytes of a document with the times of its values, for each byte that it may have.
const TIMES: usize = 8;
/// Documents in memory from which on requests wait for the table: nearly all of them are not in it then.
const CROWDED: usize = 32_768;
/// Shadows that one thing may have, the classic one counted too.
const SHADOWS: usize = 101;
/// Bytes that a changed twin may have with the times of all its values, so that its event can be carried to the log. A document of
/// eight KiB never has so many, a long list of short values in a larger one may.
const EVENT: usize = outbox::MAX_EVENT_BYTES - 4 * 1024;

/// Something that is asked, with the way back.
#[derive(Debug)]
pub(crate) enum Asked {
    /// A request about a twin.
    Twin(TwinRequest, oneshot::Sender<Result<Answer, TwinsError>>),
    /// All of a thing is to be forgotten, since somebody took the thing away.
    Forget(String, String, oneshot::Sender<Result<i64, TwinsError>>),
    /// The names of the shadows of a thing.
    Shadows(String, oneshot::Sender<Result<Vec<String>, TwinsError>>),
    /// All that changed is to be in the table.
    Settle(oneshot::Sender<Result<(), TwinsError>>),
    /// These documents are to be held against the present ones, and put in their place if so wanted.
    Compare(
        Vec<Version>,
        bool,
        oneshot::Sender<Result<Compared, TwinsError>>,
    ),
}

/// Works off what is asked.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) store: Store,
    pub(crate) journal: Arc<dyn Journal>,
    pub(crate) registry: Arc<dyn Registry>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) cache: Cache,
    /// The number of the last time that documents were written.
    pub(crate) number: i64,
    /// Where the table was said to be true, and how often there was nothing to write since.
    pub(crate) true_to: (Place, u32),
    /// Whether there were more documents to write than went into the last portion.
    pub(crate) left: bool,
    /// Things whose documents are still to be taken out of the table, which is true to no place before that.
    pub(crate) gone: Vec<String>,
    pub(crate) writing: Option<JoinHandle<Outcome>>,
}

impl Worker {
    /// Works until nobody asks any more, and then leaves all in the table.
    pub(crate) async fn run(mut self, mut asked: mpsc::Receiver<Asked>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                count = asked.recv_many(&mut batch, TOGETHER) => {
                    if count == 0 {
                        break;
                    }
                    self.answer(&mut batch).await;
                }
                _ = ticks.tick() => self.begin_to_write().await,
            }
        }
        if let Err(error) = self.settle().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "twins are not all in their table; they are in the log"
            );
        }
    }

    /// Answers in the order in which it was asked. Requests about twins that follow one another are one append.
    async fn answer(&mut self, batch: &mut Vec<Asked>) {
        let (mut requests, mut ways) = (Vec::new(), Vec::new());
        for asked in batch.drain(..) {
            let other = match asked {
                Asked::Twin(request, way) => {
                    requests.push(request);
                    ways.push(way);
                    continue;
                }
                other => other,
            };
            self.change(&mut requests, &mut ways).await;
            // Who went away needs no answer; what was asked is done all the same.
            match other {
                Asked::Forget(thing, by, way) => drop(way.send(self.forget(&thing, &by).await)),
                Asked::Shadows(thing, way) => drop(way.send(self.shadows(&thing).await)),
                Asked::Settle(way) => drop(way.send(self.settle().await)),
                Asked::Compare(versions, mend, way) => {
                    drop(way.send(self.compare(versions, mend).await));
                }
                Asked::Twin(..) => {}
            }
        }
        self.change(&mut requests, &mut ways).await;
        if self.cache.shrink() > CROWDED {
            self.wait().await;
        }
        if self.left {
            self.begin_to_write().await;
        }
    }

    async fn change(
        &mut self,
        requests: &mut Vec<TwinRequest>,
        ways: &mut Vec<oneshot::Sender<Result<Answer, TwinsError>>>,
    ) {
        if requests.is_empty() {
            return;
        }
        let (requests, ways) = (std::mem::take(requests), std::mem::take(ways));
        let (mut rest, mut ways) = (requests.as_slice(), ways.into_iter());
        while !rest.is_empty() {
            let (part, others) = rest.split_at(self.fitting(rest));
            rest = others;
            match self.together(part).await {
                Ok(answers) => {
                    // The answers first: they end earlier, and whoever ends earlier must not take one of the others along.
                    for (answer, way) in answers.into_iter().zip(ways.by_ref()) {
                        drop(way.send(Ok(answer)));
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "twins could not be changed"
                    );
                    for way in ways.by_ref().take(part.len()) {
                        drop(way.send(Err(TwinsError::Closed)));
                    }
                }
            }
        }
    }

    /// How many of `requests`, one at least, are one append.
    fn fitting(&self, requests: &[TwinRequest]) -> usize {
        let mut bytes = 0;
        let fits = |request: &&TwinRequest| {
            let registered = self.registry.thing(&request.thing);
            bytes += registered.map_or(0, |thing| thing.document_bytes * TIMES);
            bytes <= APPEND
        };
        requests.iter().take_while(fits).count().max(1)
    }

    /// One append. What is refused changes nothing and holds up nobody.
    async fn together(&mut self, requests: &[TwinRequest]) -> Result<Vec<Answer>, TwinsError> {
        let unreadable = self.learn(requests).await?;
        let mut batch = Batch {
            now: self.clock.now(),
            place: self.journal.next(),
            events: Vec::with_capacity(requests.len()),
            undone: Vec::with_capacity(requests.len()),
        };
        let mut answers = Vec::with_capacity(requests.len());
        let mut done = Ok(());
        for request in requests {
            if !unreadable.is_empty() && unreadable.contains(&key_of(request)) {
                let seconds = seconds(batch.now);
                answers.push(Answer::refused(
                    request,
                    Rejected::internal(),
                    seconds,
                    None,
                ));
                continue;
            }
            match self.one(request, &mut batch).await {
                Ok(answer) => answers.push(answer),
                Err(error) => {
                    done = Err(error);
                    break;
                }
            }
        }
        if done.is_ok() && !batch.events.is_empty() {
            done = self
                .journal
                .append(&batch.events)
                .await
                .map(drop)
                .map_err(Into::into);
        }
        if let Err(error) = done {
            // Nothing of it was kept, so nothing of it was.
            for (key, before) in batch.undone.into_iter().rev() {
                self.cache.undo(&key, before);
            }
            return Err(error);
        }
        Ok(answers)
    }

    /// Reads the documents that are not in memory. Those that cannot be read hold up nobody else.
    async fn learn(&mut self, requests: &[TwinRequest]) -> Result<HashSet<Key>, TwinsError> {
        self.erase().await?;
        let (mut reader, mut unreadable) = (None, HashSet::new());
        for request in requests {
            let key = key_of(request);
            if self.cache.knows(&key) || self.registry.thing(&key.thing).is_none() {
                continue;
            }
            let connection = match &mut reader {
                Some(connection) => connection,
                None => reader.insert(self.store.readers().acquire().await?),
            };
            let text = table::document(connection, &key).await?;
            match text.as_deref().map(table::parse).transpose() {
                Ok(document) => self.cache.learn(key, document),
                Err(error) => {
                    tracing::error!(thing = key.thing, shadow = key.shadow, %error, "a twin cannot be read; `fleet rebuild` mends it");
                    unreadable.insert(key);
                }
            }
        }
        Ok(unreadable)
    }

    async fn one(
        &mut self,
        request: &TwinRequest,
        batch: &mut Batch,
    ) -> Result<Answer, TwinsError> {
        let seconds = seconds(batch.now);
        let Some(registered) = self.registry.thing(&request.thing) else {
            let rejected = Rejected::no_thing();
            return Ok(Answer::refused(request, rejected, seconds, None));
        };
        let limits = Limits {
            document_bytes: registered.document_bytes,
            ..Limits::default()
        };
        let refused = |rejected| {
            let token = token_of(&request.payload, &limits).ok().flatten();
            Ok(Answer::refused(
                request,
                rejected,
                seconds,
                token.as_deref(),
            ))
        };
        let key = key_of(request);
        let before = self.cache.get(&key);
        if before.is_none() && request.operation == Operation::Update {
            let count = self.count(&request.thing, seconds).await?;
            if count >= SHADOWS {
                return refused(Rejected::too_many_shadows());
            }
        }
        let done = match decide(request, before.as_ref(), &limits, seconds) {
            Ok(done) => done,
            Err((rejected, token)) => {
                let token = token.as_deref();
                return Ok(Answer::refused(request, rejected, seconds, token));
            }
        };
        if let Some(document) = done.document {
            let event = changed(request, &document, batch.now, &*self.ids)?;
            if event.data.as_ref().map_or(0, |data| data.get().len()) > EVENT {
                return refused(Rejected::too_large());
            }
            batch.events.push(event);
            // What is reported in named shadows is about parts of the thing.
            if done.reported && request.shadow.is_none() {
                let told = self.registry.look_at(&request.thing, &document, batch.now);
                batch.events.extend(told);
            }
            let before = self.cache.set(&key, document, batch.place);
            batch.undone.push((key, before));
        }
        Ok(done.answer)
    }

    /// How many shadows a thing has; those whose version is still remembered count too.
    async fn count(&self, thing: &str, seconds: i64) -> Result<usize, TwinsError> {
        let mut reader = self.store.readers().acquire().await?;
        let written = table::count(&mut reader, thing, seconds - Document::REMEMBERED).await?;
        Ok(written + self.cache.fresh(thing))
    }

    /// Forgets all of a thing; the number of the times until then that documents were written.
    async fn forget(&mut self, thing: &str, by: &str) -> Result<i64, TwinsError> {
        let now = self.clock.now();
        // Nothing of the thing may still be on its way to the table.
        self.wait().await;
        let mut events = Vec::new();
        for shadow in self.shadows(thing).await? {
            // Its history ends with that, for whoever asks how things were.
            let request = TwinRequest {
                thing: thing.to_owned(),
                shadow: (!shadow.is_empty()).then_some(shadow),
                operation: Operation::Delete,
                payload: Vec::new(),
                by: by.to_owned(),
            };
            let document = self.present(&key_of(&request)).await?;
            if let Ok((deleted, _)) = Document::delete(
                document.as_ref(),
                request.shadow.as_deref(),
                None,
                seconds(now),
            ) {
                events.push(changed(&request, &deleted, now, &*self.ids)?);
            }
        }
        events.push(forgotten(thing, by, now, &*self.ids)?);
        self.journal.append(&events).await?;
        self.cache.forget(thing);
        self.gone.push(thing.to_owned());
        if let Err(error) = self.erase().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the twins of a thing that is gone stay in the table for now"
            );
        }
        Ok(self.number)
    }

    /// A document as it is.
    async fn present(&mut self, key: &Key) -> Result<Option<Document>, TwinsError> {
        if let Some(document) = self.cache.get(key) {
            return Ok(Some((*document).clone()));
        }
        let mut reader = self.store.readers().acquire().await?;
        let text = table::document(&mut reader, key).await?;
        // One that cannot be read has nothing to say.
        Ok(text.and_then(|text| table::parse(&text).ok()))
    }

    /// Takes the documents of things that are gone out of the table.
    async fn erase(&mut self) -> Result<(), TwinsError> {
        if self.gone.is_empty() {
            return Ok(());
        }
        let mut transaction = self.store.begin().await?;
        for thing in &self.gone {
            table::forget(transaction.connection(), thing).await?;
        }
        transaction.commit().await?;
        self.gone.clear();
        Ok(())
    }

    async fn shadows(&self, thing: &str) -> Result<Vec<String>, TwinsError> {
        let mut reader = self.store.readers().acquire().await?;
        let mut names = table::shadows(&mut reader, thing).await?;
        for (shadow, document) in self.cache.of(thing) {
            names.retain(|name| name != shadow);
            if !document.deleted {
                names.push(shadow.to_owned());
            }
        }
        names.sort_unstable();
        Ok(names)
    }

    async fn compare(
        &mut self,
        versions: Vec<Version>,
        mend: bool,
    ) -> Result<Compared, TwinsError> {
        self.settle().await?;
        let mut compared = Compared::default();
        let place = self.journal.next();
        let mut reader = self.store.readers().acquire().await?;
        for version in versions {
            let key = version.key();
            // It may have been taken away since the versions were read.
            if self.registry.thing(&key.thing).is_none() {
                continue;
            }
            let present = table::document(&mut reader, &key).await?;
            compared.present += u64::from(present.is_some());
            let (document, text) = version.document()?;
            let difference = rebuild::difference(&key, present.as_deref(), &text, document.version);
            let Some(difference) = difference else {
                continue;
            };
            compared.differences.push(difference);
            if mend {
                self.cache.set(&key, Arc::new(document), place);
            }
        }
        drop(reader);
        if mend {
            self.settle().await?;
        }
        Ok(compared)
    }

    /// Begins to write what changed, where nothing is being written.
    async fn begin_to_write(&mut self) {
        if self
            .writing
            .as_ref()
            .is_some_and(|writing| !writing.is_finished())
        {
            return;
        }
        self.wait().await;
        if let Err(error) = self.erase().await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "twins are not written to their table now"
            );
            return;
        }
        // Before the documents are looked at: what comes later lies behind it.
        let place = self.journal.next();
        let (documents, true_to) = self.cache.take(PORTION, place);
        self.left = true_to < place;
        if documents.is_empty() {
            let (last, quiet) = self.true_to;
            if last == true_to || quiet < QUIET {
                self.true_to.1 = quiet.saturating_add(1);
                return;
            }
        }
        self.true_to = (true_to, 0);
        self.number += 1;
        let portion = Portion {
            documents,
            true_to,
            number: self.number,
            forgotten: seconds(self.clock.now()) - Document::REMEMBERED,
        };
        let (store, journal) = (self.store.clone(), Arc::clone(&self.journal));
        self.writing = Some(tokio::spawn(async move {
            portion.write(&store, &*journal).await
        }));
    }

    /// Waits for what is being written.
    async fn wait(&mut self) {
        if let Some(writing) = self.writing.take()
            && let Ok(outcome) = writing.await
        {
            self.cache.written(outcome.keys.iter(), outcome.done);
        }
    }

    async fn settle(&mut self) -> Result<(), TwinsError> {
        self.wait().await;
        // Twice that no portion got written is a table that cannot be used.
        let mut failed = 0;
        while self.cache.is_dirty() {
            self.begin_to_write().await;
            let Some(writing) = self.writing.take() else {
                return Err(TwinsError::Closed);
            };
            let outcome = writing.await.map_err(|_| TwinsError::Closed)?;
            self.cache.written(outcome.keys.iter(), outcome.done);
            failed += u32::from(!outcome.done);
            if failed > 1 {
                return Err(TwinsError::Closed);
            }
        }
        Ok(())
    }
}

/// What requests that come together do.
struct Batch {
    now: Timestamp,
    /// Where the log stood before.
    place: Place,
    events: Vec<Event>,
    undone: Vec<(Key, Before)>,
}

fn key_of(request: &TwinRequest) -> Key {
    Key {
        thing: request.thing.clone(),
        shadow: request.shadow.clone().unwrap_or_default(),
    }
}
