//! Topic rules: files of the workspace that make rows of tables out of messages.

use std::sync::{Arc, Mutex, OnceLock, PoisonError, RwLock};

use tokio::sync::watch;
use trunkline_lake::{Column, ColumnType, Lake, tables};
use trunkline_model::Timestamp;
use trunkline_mqtt::Received;
use trunkline_telemetry::{Aliases, ColumnKind, Limits, Message, Reserved, RuleFile, Rules};

use crate::outcome::{write_failure, write_row};

/// Columns that every table has.
const COLUMNS: [&str; 2] = ["offset", "day"];

/// The rules that hold.
#[derive(Debug)]
pub struct TopicRules {
    current: RwLock<Arc<Rules>>,
    /// Names of metrics that devices send by number.
    aliases: Mutex<Aliases>,
    /// The files as they were last handed over.
    files: watch::Sender<Vec<RuleFile>>,
    lake: Arc<OnceLock<Arc<Lake>>>,
}

impl TopicRules {
    /// No rules yet; the tables are made in `lake`, once there is one.
    pub(crate) fn new(lake: Arc<OnceLock<Arc<Lake>>>) -> Self {
        Self {
            current: RwLock::default(),
            aliases: Mutex::default(),
            files: watch::Sender::new(Vec::new()),
            lake,
        }
    }

    /// Hands over the files of the workspace. They hold soon, and before the first message is taken.
    pub fn apply(&self, files: Vec<RuleFile>) {
        self.files.send_replace(files);
    }

    /// Makes the rules of the files hold, again and again as they change.
    pub(crate) async fn follow(&self) {
        let mut files = self.files.subscribe();
        while files.changed().await.is_ok() {
            files.borrow_and_update();
            self.settle().await;
        }
    }

    /// Makes the rules of the present files hold. Where one of them is wrong, all that held before hold on.
    pub(crate) async fn settle(&self) {
        let files = self.files.borrow().clone();
        let built_in = tables::built_in();
        let names: Vec<&str> = built_in.iter().map(|table| table.name.as_str()).collect();
        let reserved = Reserved {
            tables: &names,
            columns: &COLUMNS,
        };
        let rules = match Rules::compile(&files, &reserved, Limits::default()) {
            Ok(rules) => rules,
            Err(problems) => {
                for problem in problems {
                    tracing::warn!(%problem, "a topic rule is not used, and the rules before hold on");
                }
                return;
            }
        };
        if let Err(error) = self.provide(&rules).await {
            tracing::warn!(
                error = &error as &dyn std::error::Error,
                "the table of a topic rule cannot be made, and the rules before hold on"
            );
            return;
        }
        let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
        *current = Arc::new(rules);
    }

    async fn provide(&self, rules: &Rules) -> Result<(), trunkline_lake::LakeError> {
        let Some(lake) = self.lake.get() else {
            return Ok(());
        };
        for table in rules.tables() {
            let columns = table
                .columns
                .iter()
                .map(|column| Column::new(&column.name, kind(column.kind), &column.description()));
            lake.provide(&table.name, columns.collect()).await?;
        }
        Ok(())
    }

    /// Writes to the end of `out` what the rules make of a message.
    pub(crate) fn write(&self, received: &Received, now: Timestamp, out: &mut Vec<u8>) {
        let current = {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            if current.is_empty() {
                return;
            }
            Arc::clone(&current)
        };
        let (message, pass) = (&received.message, &received.pass);
        let message = Message {
            topic: &message.topic,
            payload: &message.payload,
            client: message.sender.as_deref(),
            principal: Some(&pass.principal),
            thing: pass.thing.as_deref(),
            received: now,
            content_type: message.content_type(),
        };
        let tables = current.tables();
        let mut aliases = self.aliases.lock().unwrap_or_else(PoisonError::into_inner);
        let failures = current.apply(&message, &mut aliases, |table, row| {
            write_row(&tables[table], &row, out);
        });
        drop(aliases);
        for failure in &failures {
            write_failure(failure, out);
        }
    }

    /// Learns again what a device called its metrics, from a message that the log has.
    pub(crate) fn learn(&self, topic: &str, payload: &[u8], at: Timestamp) {
        let current = Arc::clone(&self.current.read().unwrap_or_else(PoisonError::into_inner));
        let message = Message {
            topic,
            payload,
            client: None,
            principal: None,
            thing: None,
            received: at,
            content_type: None,
        };
        let mut aliases = self.aliases.lock().unwrap_or_else(PoisonError::into_inner);
        drop(current.apply(&message, &mut aliases, |_, _| {}));
    }

    /// The names as text, to be written down.
    pub(crate) fn aliases(&self) -> Option<String> {
        let aliases = self.aliases.lock().unwrap_or_else(PoisonError::into_inner);
        serde_json::to_string(&*aliases).ok()
    }

    /// Takes the names back that were written down.
    pub(crate) fn restore_aliases(&self, text: &str) {
        match serde_json::from_str(text) {
            Ok(read) => *self.aliases.lock().unwrap_or_else(PoisonError::into_inner) = read,
            Err(error) => {
                tracing::warn!(%error, "names of metrics are forgotten: devices have to tell them again");
            }
        }
    }
}

const fn kind(kind: ColumnKind) -> ColumnType {
    match kind {
        ColumnKind::String => ColumnType::String,
        ColumnKind::Integer => ColumnType::Integer,
        ColumnKind::Float => ColumnType::Float,
        ColumnKind::Boolean => ColumnType::Boolean,
        ColumnKind::Timestamp => ColumnType::Timestamp,
        ColumnKind::Json => ColumnType::Json,
    }
}
