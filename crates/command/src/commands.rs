//! The service: sending, looking at and calling off commands.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use trunkline_model::{Clock, IdGen, Timestamp};
use trunkline_store::{Store, Transaction, outbox};

use crate::store::{self, Kept, MIGRATIONS};
use crate::waiting::Waiting;
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
        Ok(Arc::new(Self {
            store,
            clock,
            ids,
            deliver: OnceLock::new(),
            waiting: Waiting::default(),
            things,
        }))
    }

    /// Says who delivers commands; nothing is sent before. Only the first one counts.
    pub fn set_deliver(&self, deliver: Arc<dyn Deliver>) {
        drop(self.deliver.set(deliver));
    }

    /// Sends a command, and waits for its end as long as it says. Where it is not over by then, it is answered as it is.
    ///
    /// Once it is kept, it is delivered also where nobody waits for this any more.
    ///
    /// # Errors
    /// [`CommandError`] where there is no such device, where the command breaks a rule, where too many wait for an answer, and where
    /// nobody delivers.
    pub async fn send(
        self: &Arc<Self>,
        thing: &str,
        wanted: NewCommand,
        by: &str,
    ) -> Result<Command, CommandError> {
        wanted.check()?;
        if self.deliver.get().is_none() {
            return Err(CommandError::NoBroker);
        }
        let patience = Duration::from_secs(wanted.wait_seconds.into());
        let command = self.make(thing, wanted, by);
        // Before the device can know of it, so that no answer is missed.
        let wait = (!patience.is_zero()).then(|| self.waiting.begin(command.summary.id));
        self.keep(&command).await?;
        let (own, handed) = (Arc::clone(self), command.clone());
        let handing_over = tokio::spawn(async move { own.hand_over(&handed).await });
        // Whatever came of it: what the broker did not take is handed over again.
        let delivered = handing_over.await.unwrap_or_default();
        if let Some(wait) = wait
            && let Some(ended) = wait.end(patience).await
        {
            return Ok(ended);
        }
        let summary = CommandSummary {
            delivered,
            ..command.summary
        };
        Ok(Command { summary, ..command })
    }

    fn make(&self, thing: &str, wanted: NewCommand, by: &str) -> Command {
        let now = self.clock.now();
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

    /// Puts a command into the table, within the limits.
    async fn keep(&self, command: &Command) -> Result<(), CommandError> {
        let thing = &command.summary.thing;
        let mut transaction = self.store.begin().await?;
        // Within the change, so that none is kept of a thing that is forgotten meanwhile.
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
        let event = self.sent(command)?;
        store::insert(transaction.connection(), command, &event.id).await?;
        store::trim(transaction.connection(), thing, KEPT).await?;
        outbox::put(&mut transaction, &event).await?;
        Ok(transaction.commit().await?)
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
        let mut transaction = self.store.begin().await?;
        let kept = store::one(transaction.connection(), id).await?;
        let mut kept = kept.ok_or_else(|| CommandError::Unknown(id.to_string()))?;
        match kept.command.summary.status {
            CommandStatus::Sent => {}
            CommandStatus::Cancelled => return Ok(kept.command),
            status => return Err(CommandError::Over(status)),
        }
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

    /// Calls off what waits for a thing that is gone, and keeps none of its commands; to be called once there is no such thing any more.
    ///
    /// # Errors
    /// [`CommandError::Store`] when that cannot be written.
    pub async fn forget(&self, thing: &str, by: &str) -> Result<(), CommandError> {
        let mut transaction = self.store.begin().await?;
        let mut open = store::open_of(transaction.connection(), thing).await?;
        for kept in &mut open {
            self.call_off(&mut transaction, kept, by).await?;
        }
        store::forget(transaction.connection(), thing).await?;
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
