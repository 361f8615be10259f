//! The service: sending, looking at and calling off commands.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use trunkline_model::{Clock, IdGen, Timestamp};
use trunkline_store::{Store, Transaction, outbox};

use crate::deliver::Handed;
use crate::store::{self, Kept, MIGRATIONS};
use crate::unheard::Unheard;
use crate::waiting::{Wait, Waiting};
use crate::{
    Command, CommandError, CommandId, CommandPage, CommandStatus, CommandSummary, Deliver,
    NewCommand, Things,
};

/// Commands of one thing that may wait for an answer at the same time.
const OPEN_OF_THING: i64 = 32;
/// Commands of all things that may.
const OPEN: i64 = 10_000;
/// Commands of one thing that are kept when they are over.
const KEPT: u32 = 1_000;
/// The most entries of one page.
const PAGE: u32 = 1_000;

/// Commands to devices.
#[derive(Debug)]
pub struct Commands {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) deliver: OnceLock<Arc<dyn Deliver>>,
    pub(crate) waiting: Waiting,
    pub(crate) unheard: Unheard,
    /// When this was opened.
    pub(crate) opened: Timestamp,
    /// Whether the answers were looked at that lay in the log then.
    pub(crate) caught_up: AtomicBool,
    things: Arc<dyn Things>,
}

impl Commands {
    /// The commands in the table in `store`, which is brought up to date; `things` says which devices there are.
    ///
    /// # Errors
    /// [`CommandError::Store`] when the table cannot be used.
    pub async fn open(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        things: Arc<dyn Things>,
    ) -> Result<Arc<Self>, CommandError> {
        store.migrate("command", MIGRATIONS).await?;
        let opened = clock.now();
        Ok(Arc::new(Self {
            store,
            clock,
            ids,
            deliver: OnceLock::new(),
            waiting: Waiting::default(),
            unheard: Unheard::default(),
            opened,
            caught_up: AtomicBool::new(false),
            things,
        }))
    }

    /// Says who delivers commands; nothing is sent before. Only the first one counts.
    pub fn set_deliver(&self, deliver: Arc<dyn Deliver>) {
        drop(self.deliver.set(deliver));
    }

    /// Says that the answers that lay in the log at the start were looked at, or that nobody looks at them. Commands time out from then on;
    /// without this, from a minute after the start.
    pub fn caught_up(&self) {
        self.caught_up.store(true, Ordering::Relaxed);
    }

    /// Whether there is a broker that takes messages now.
    pub(crate) fn is_served(&self) -> bool {
        self.deliver.get().is_some_and(|deliver| deliver.serves())
    }

    /// Sends a command, and waits for its end as long as it says. Where it is not over by then, it is answered as it is.
    ///
    /// Once it is kept, it is delivered also where nobody waits for this any more.
    ///
    /// # Errors
    /// [`CommandError`] where there is no such device, where the command breaks a rule, where too many wait for an answer, and where
    /// nobody delivers now.
    pub async fn send(
        self: &Arc<Self>,
        thing: &str,
        wanted: NewCommand,
        by: &str,
    ) -> Result<Command, CommandError> {
        wanted.check()?;
        // Before the thing is looked for: what cannot be sent at all is refused as that.
        if !self.is_served() {
            return Err(CommandError::NoBroker);
        }
        let patience = Duration::from_secs(wanted.wait_seconds.into());
        let (command, wait) = self.keep(thing, wanted, by).await?;
        let (own, id) = (Arc::clone(self), command.summary.id);
        let handing_over = tokio::spawn(async move { own.hand_over(id).await });
        // Whatever came of it: what the broker did not take is handed over again.
        let handed = handing_over.await.unwrap_or(Handed::NotNow);
        if let Some(wait) = wait
            && let Some(ended) = wait.end(patience).await
        {
            return Ok(ended);
        }
        let delivered = match handed {
            Handed::Taken(delivered) => Some(delivered),
            Handed::NotNow => None,
            Handed::Over => return self.command(&id.to_string()).await,
        };
        let summary = CommandSummary {
            delivered,
            ..command.summary
        };
        Ok(Command { summary, ..command })
    }

    fn make(&self, thing: &str, wanted: NewCommand, by: &str, now: Timestamp) -> Command {
        let summary = CommandSummary {
            id: CommandId::new(self.ids.ulid(now)),
            thing: thing.into(),
            name: wanted.name,
            status: CommandStatus::Sent,
            reason: None,
            by: by.into(),
            created: now,
            deadline: now.plus_micros(i64::from(wanted.deadline_seconds) * 1_000_000),
            delivered: None,
            ended: None,
        };
        Command {
            summary,
            payload: wanted.payload,
            result: None,
            binary: false,
        }
    }

    /// Makes a command and puts it into the table, within the limits; who waits for it does so from before anybody can know of it.
    async fn keep(
        &self,
        thing: &str,
        wanted: NewCommand,
        by: &str,
    ) -> Result<(Command, Option<Wait<'_>>), CommandError> {
        let waits = wanted.wait_seconds > 0;
        let mut transaction = self.store.begin().await?;
        // The time within the change and before the thing is looked for: a thing that is gone by a later look was there at this time, and
        // one that was made anew by an earlier change was made before. So `forget` can tell the commands of the two apart.
        let now = self.clock.now();
        self.check_thing(thing)?;
        let (of_thing, all) = store::open(transaction.connection(), thing).await?;
        if of_thing >= OPEN_OF_THING {
            let full = format!(
                "{of_thing} commands of `{thing}` wait for an answer, at most {OPEN_OF_THING}"
            );
            return Err(CommandError::Full(full));
        }
        if all >= OPEN {
            let full = format!("{all} commands wait for an answer, at most {OPEN}");
            return Err(CommandError::Full(full));
        }
        let command = self.make(thing, wanted, by, now);
        let event = self.sent(&command)?;
        store::insert(transaction.connection(), &command, &event.id).await?;
        store::trim(transaction.connection(), thing, KEPT).await?;
        outbox::put(&mut transaction, &event).await?;
        let wait = waits.then(|| self.waiting.begin(command.summary.id));
        transaction.commit().await?;
        Ok((command, wait))
    }

    fn check_thing(&self, thing: &str) -> Result<(), CommandError> {
        if self.things.is_there(thing) {
            return Ok(());
        }
        Err(CommandError::ThingUnknown(thing.into()))
    }

    /// Commands from the newest to the oldest, at most `count`, after where an earlier page ended; those of one thing where one is named.
    ///
    /// # Errors
    /// [`CommandError::ThingUnknown`]; [`CommandError::Page`] where `after` is nothing that an earlier page gave.
    pub async fn list(
        &self,
        thing: Option<&str>,
        status: Option<CommandStatus>,
        after: &str,
        count: u32,
    ) -> Result<CommandPage, CommandError> {
        let count = count.clamp(1, PAGE);
        let after = match after {
            "" => None,
            after => Some(after.parse().map_err(|_| CommandError::Page)?),
        };
        thing.map_or(Ok(()), |thing| self.check_thing(thing))?;
        let mut reader = self.store.readers().acquire().await?;
        let mut commands = store::page(&mut reader, thing, status, after, count + 1).await?;
        let more = commands.len() > count as usize;
        commands.truncate(count as usize);
        let last = commands.last().filter(|_| more);
        let next = last.map(|command| command.id.to_string());
        Ok(CommandPage { commands, next })
    }

    /// One command.
    ///
    /// # Errors
    /// [`CommandError::Unknown`] where there is none of this id.
    pub async fn command(&self, id: &str) -> Result<Command, CommandError> {
        let unknown = || CommandError::Unknown(id.chars().take(64).collect());
        let parsed = id.parse().map_err(|_| unknown())?;
        let mut reader = self.store.readers().acquire().await?;
        let kept = store::one(&mut reader, parsed).await?;
        Ok(kept.ok_or_else(unknown)?.command)
    }

    /// Calls a command off. The device is not told: it may do it all the same, and what it answers changes nothing. One that is called off
    /// already stays so.
    ///
    /// # Errors
    /// [`CommandError::Unknown`]; [`CommandError::Over`] where it ended in another way.
    pub async fn cancel(&self, id: CommandId, by: &str) -> Result<Command, CommandError> {
        self.cancel_for(id, by, None).await
    }

    /// Calls a command off, for a reason where there is one.
    pub(crate) async fn cancel_for(
        &self,
        id: CommandId,
        by: &str,
        reason: Option<String>,
    ) -> Result<Command, CommandError> {
        let mut transaction = self.store.begin().await?;
        let kept = store::one(transaction.connection(), id).await?;
        let mut kept = kept.ok_or_else(|| CommandError::Unknown(id.to_string()))?;
        match kept.command.summary.status {
            CommandStatus::Sent => {}
            CommandStatus::Cancelled => return Ok(kept.command),
            status => return Err(CommandError::Over(status)),
        }
        kept.command.summary.reason = reason;
        self.call_off(&mut transaction, &mut kept, by).await?;
        transaction.commit().await?;
        self.waiting.ended(&kept.command);
        Ok(kept.command)
    }

    async fn call_off(
        &self,
        transaction: &mut Transaction,
        kept: &mut Kept,
        by: &str,
    ) -> Result<(), CommandError> {
        kept.end(CommandStatus::Cancelled, self.clock.now());
        store::end(transaction.connection(), &kept.command).await?;
        self.put_cancelled(transaction, kept, by).await
    }

    /// Calls off what waits for a thing that was removed at the time `until`, and keeps none of the commands that were made by then. A thing
    /// that was made under the same name since keeps its own.
    ///
    /// # Errors
    /// [`CommandError::Store`] when that cannot be written.
    pub async fn forget(
        &self,
        thing: &str,
        by: &str,
        until: Timestamp,
    ) -> Result<(), CommandError> {
        let mut transaction = self.store.begin().await?;
        let mut open = store::open_of(transaction.connection(), thing, until).await?;
        for kept in &mut open {
            self.call_off(&mut transaction, kept, by).await?;
        }
        store::forget(transaction.connection(), thing, until).await?;
        transaction.commit().await?;
        for kept in &open {
            self.waiting.ended(&kept.command);
        }
        Ok(())
    }

    /// Lets nobody wait for a device any more, so that the platform can stop. What was sent stays sent.
    pub fn close(&self) {
        self.waiting.close();
    }
}

impl Kept {
    /// The command is over from `now` on.
    pub(crate) fn end(&mut self, status: CommandStatus, now: Timestamp) {
        self.command.summary.status = status;
        self.command.summary.ended = Some(now);
    }
}
