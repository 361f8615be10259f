//! Commands in a folder, with a broker and devices that the test plays.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use serde_json::Value;
use serde_json::value::RawValue;
use sqlx::Row as _;
use tempfile::TempDir;
use tokio::sync::Semaphore;
use trunkline_command::{
    Command, CommandError, CommandId, CommandStatus, CommandSummary, Commands, Deliver, Delivery,
    Heard, NewCommand, NotDelivered, Things,
};
use trunkline_model::{Clock as _, ManualClock, SeededIds, Timestamp, Ulid};
use trunkline_store::{Store, StoreConfig};

/// The second at which each test begins.
pub(crate) const BEGIN: i64 = 1_780_000_000;

/// The devices that there are.
#[derive(Debug, Default)]
pub(crate) struct Registry(Mutex<BTreeSet<String>>);

impl Registry {
    pub(crate) fn add(&self, name: &str) {
        self.0.lock().unwrap().insert(name.into());
    }

    pub(crate) fn remove(&self, name: &str) {
        self.0.lock().unwrap().remove(name);
    }
}

impl Things for Registry {
    fn is_there(&self, name: &str) -> bool {
        self.0.lock().unwrap().contains(name)
    }
}

/// A broker that writes down what it is handed, or takes nothing.
#[derive(Debug)]
pub(crate) struct Broker {
    taken: Mutex<Vec<Delivery>>,
    broken: AtomicBool,
    away: AtomicBool,
    /// The name of commands that it never takes.
    disliked: &'static str,
    /// Messages that it may still take before it hesitates.
    turns: Semaphore,
}

impl Default for Broker {
    fn default() -> Self {
        Self {
            taken: Mutex::default(),
            broken: AtomicBool::new(false),
            away: AtomicBool::new(false),
            disliked: "too-large",
            turns: Semaphore::new(Semaphore::MAX_PERMITS),
        }
    }
}

impl Broker {
    pub(crate) fn take(&self) -> Vec<Delivery> {
        std::mem::take(&mut self.taken.lock().unwrap())
    }

    /// Whether it takes nothing, though it says that it serves.
    pub(crate) fn set_broken(&self, broken: bool) {
        self.broken.store(broken, Ordering::SeqCst);
    }

    /// Whether it says that it does not serve.
    pub(crate) fn set_away(&self, away: bool) {
        self.away.store(away, Ordering::SeqCst);
    }

    /// Lets it take nothing more before it is told to.
    pub(crate) fn hesitate(&self) {
        self.turns.forget_permits(Semaphore::MAX_PERMITS);
    }

    /// Lets it go on.
    pub(crate) fn go_on(&self) {
        self.turns.add_permits(1_000);
    }
}

#[async_trait]
impl Deliver for Broker {
    fn serves(&self) -> bool {
        !self.away.load(Ordering::SeqCst)
    }

    async fn deliver(&self, delivery: Delivery) -> Result<(), NotDelivered> {
        if self.broken.load(Ordering::SeqCst) {
            return Err(NotDelivered::Later("it sleeps".into()));
        }
        if delivery.topic.contains(self.disliked) {
            return Err(NotDelivered::Never("it is too large".into()));
        }
        self.taken.lock().unwrap().push(delivery);
        self.turns.acquire().await.unwrap().forget();
        Ok(())
    }
}

/// Commands with all around them.
pub(crate) struct Node {
    folder: TempDir,
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) store: Store,
    pub(crate) commands: Arc<Commands>,
    pub(crate) things: Arc<Registry>,
    pub(crate) broker: Arc<Broker>,
    starts: u64,
}

impl Node {
    /// With the devices `t1` to `t9`.
    pub(crate) async fn new() -> Self {
        let node = Self::silent().await;
        node.commands.set_deliver(Arc::clone(&node.broker) as _);
        node.commands.caught_up();
        node
    }

    /// The same, where nobody delivers.
    pub(crate) async fn silent() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let clock = Arc::new(ManualClock::new(Timestamp::from_millis(BEGIN * 1_000)));
        let names = (1..=9).map(|n| format!("t{n}")).collect();
        let things = Arc::new(Registry(Mutex::new(names)));
        let (store, commands) = open(&folder, &clock, &things, 1).await;
        Self {
            folder,
            clock,
            store,
            commands,
            things,
            broker: Arc::default(),
            starts: 1,
        }
    }

    /// Ended, and started anew with the same broker.
    pub(crate) async fn restart(&mut self) {
        self.restart_without_log().await;
        self.commands.caught_up();
    }

    /// The same, where the answers in the log are not looked at yet.
    pub(crate) async fn restart_without_log(&mut self) {
        self.starts += 1;
        self.store.close().await;
        let (store, commands) = open(&self.folder, &self.clock, &self.things, self.starts).await;
        commands.set_deliver(Arc::clone(&self.broker) as _);
        self.store = store;
        self.commands = commands;
    }

    /// Lets so many seconds pass.
    pub(crate) fn wait(&self, seconds: i64) {
        self.clock.advance_micros(seconds * 1_000_000);
    }

    pub(crate) async fn tick(&self) {
        self.commands.tick().await.unwrap();
    }

    /// Sends a command, which is the only one of its millisecond.
    pub(crate) async fn try_send(
        &self,
        thing: &str,
        wanted: NewCommand,
    ) -> Result<Command, CommandError> {
        self.clock.advance_micros(1_000);
        self.commands.send(thing, wanted, "acc_1").await
    }

    pub(crate) async fn send(&self, thing: &str) -> Command {
        self.try_send(thing, NewCommand::new("reboot"))
            .await
            .unwrap()
    }

    /// Answers as the device would.
    pub(crate) async fn answer(&self, command: &Command, payload: &str) -> Heard {
        let about = &command.summary;
        let topic = format!("cmd/{}/{}/res/{}", about.thing, about.name, about.id);
        self.answer_on(&topic, payload.as_bytes()).await
    }

    pub(crate) async fn answer_on(&self, topic: &str, payload: &[u8]) -> Heard {
        let heard = self
            .commands
            .look_at(topic, payload, "client:1", self.clock.now());
        heard.await.unwrap()
    }

    /// Lets no command be ended, or be again.
    pub(crate) async fn refuse_writing(&self, refused: bool) {
        let statement = if refused {
            "create trigger refused before update of ended on command
             begin select raise(abort, 'not now'); end"
        } else {
            "drop trigger refused"
        };
        let mut transaction = self.store.begin().await.unwrap();
        sqlx::query(statement)
            .execute(transaction.connection())
            .await
            .unwrap();
        transaction.commit().await.unwrap();
    }

    pub(crate) async fn status(&self, command: &Command) -> &'static str {
        self.shown(command).await.summary.status.as_str()
    }

    pub(crate) async fn shown(&self, command: &Command) -> Command {
        let id = command.summary.id.to_string();
        self.commands.command(&id).await.unwrap()
    }

    /// The statuses of the commands of a thing, the newest first.
    pub(crate) async fn statuses(&self, thing: &str) -> Vec<&'static str> {
        let page = self.commands.list(Some(thing), None, "", 1_000).await;
        let page = page.unwrap();
        page.commands
            .iter()
            .map(|command| command.status.as_str())
            .collect()
    }

    /// Writes very many commands into the table in one go, which were made one after another and have 30 seconds.
    pub(crate) async fn write_many(&self, thing: &str, number: u64, status: &str) {
        let mut transaction = self.store.begin().await.unwrap();
        let now = self.clock.now();
        let ended = (status != "sent").then(|| now.as_micros());
        for n in 0..number {
            let time = now.as_micros().unsigned_abs() / 1_000 - number + n;
            let id = CommandId::new(Ulid::from_parts(time, u128::from(n)));
            let text = "insert into command (id, thing, name, status, is_binary, sent_by, cause, created, deadline, delivered, ended, late)
                values ($1, $2, 'reboot', $3, false, 'acc_1', 'e', $4, $5, $4, $6, false)";
            sqlx::query(text)
                .bind(id.to_string())
                .bind(thing)
                .bind(status)
                .bind(now.as_micros())
                .bind(now.plus_micros(30_000_000).as_micros())
                .bind(ended)
                .execute(transaction.connection())
                .await
                .unwrap();
        }
        transaction.commit().await.unwrap();
    }

    /// The commands that wait for an answer.
    pub(crate) async fn open(&self) -> Vec<CommandSummary> {
        let open = Some(CommandStatus::Sent);
        let page = self.commands.list(None, open, "", 1_000).await;
        page.unwrap().commands
    }

    /// How many commands of a thing are kept.
    pub(crate) async fn count(&self, thing: &str) -> i64 {
        let count = sqlx::query_scalar("select count(*) from command where thing = $1").bind(thing);
        count.fetch_one(self.store.readers()).await.unwrap()
    }

    /// The id of the oldest command of a thing.
    pub(crate) async fn oldest(&self, thing: &str) -> String {
        let oldest = sqlx::query_scalar("select min(id) from command where thing = $1").bind(thing);
        oldest.fetch_one(self.store.readers()).await.unwrap()
    }

    /// What the events of one type say, in their order.
    pub(crate) async fn events(&self, kind: &str) -> Vec<Value> {
        let kind = format!("trunkline.fleet.command.{kind}.v1");
        let all = self.all_events().await;
        all.into_iter()
            .filter(|event| event["type"] == *kind)
            .map(|event| event["data"].clone())
            .collect()
    }

    pub(crate) async fn all_events(&self) -> Vec<Value> {
        let rows = sqlx::query("select event from outbox order by seq")
            .fetch_all(self.store.readers())
            .await
            .unwrap();
        rows.iter()
            .map(|row| serde_json::from_str(row.get(0)).unwrap())
            .collect()
    }
}

/// Plays a device that answers the first command that it gets.
pub(crate) async fn answer_first(
    commands: Arc<Commands>,
    (broker, clock): (Arc<Broker>, Arc<ManualClock>),
    payload: &str,
) -> Heard {
    loop {
        if let Some(delivery) = broker.take().pop() {
            let topic = &delivery.response_topic;
            let heard = commands.look_at(topic, payload.as_bytes(), "client:1", clock.now());
            break heard.await.unwrap();
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
}

async fn open(
    folder: &TempDir,
    clock: &Arc<ManualClock>,
    things: &Arc<Registry>,
    seed: u64,
) -> (Store, Arc<Commands>) {
    let path = folder.path().join("control.db");
    let store = Store::open(&path, &StoreConfig::default()).await.unwrap();
    let ids = Arc::new(SeededIds::new(seed));
    let (clock, things) = (Arc::clone(clock) as _, Arc::clone(things) as _);
    let commands = Commands::open(store.clone(), clock, ids, things);
    (store, commands.await.unwrap())
}

/// JSON as it is written.
pub(crate) fn json(text: &str) -> Option<Box<RawValue>> {
    Some(RawValue::from_string(text.into()).unwrap())
}
