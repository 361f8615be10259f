//! The tables of the last checkpoint: sessions, retained messages, and the place in the log from which on it is played again.

use sqlx::Row as _;
use trunkline_model::Timestamp;
use trunkline_mqtt::{Checkpoint, Message, SessionImage};
use trunkline_store::{Migration, Store, StoreError};

use crate::frame::{self, Frame};

const MIGRATIONS: &[Migration] = &[Migration {
    version: 1,
    name: "sessions and retained messages",
    sql: "
        create table mqtt_checkpoint (
            id integer not null primary key check (id = 1),
            place bigint not null
        );
        create table mqtt_session (
            client text not null primary key,
            image text not null
        );
        create table mqtt_retained (
            topic text not null primary key,
            message blob not null,
            taken bigint not null
        );
        create table mqtt_aliases (
            id integer not null primary key check (id = 1),
            aliases text not null
        );
    ",
}];

/// What a broker begins with.
#[derive(Debug, Default)]
pub(crate) struct Shelved {
    pub(crate) from: u64,
    pub(crate) sessions: Vec<SessionImage>,
    pub(crate) retained: Vec<Message>,
    /// Names of metrics that devices send by number.
    pub(crate) aliases: Option<String>,
}

/// The tables.
#[derive(Clone, Debug)]
pub(crate) struct Shelf(Store);

impl Shelf {
    /// The tables in `store`, which are brought up to date.
    pub(crate) async fn open(store: Store) -> Result<Self, StoreError> {
        store.migrate("mqtt", MIGRATIONS).await?;
        Ok(Self(store))
    }

    /// What was put here last; nothing where nothing ever was.
    pub(crate) async fn take(&self, now: Timestamp) -> Result<Option<Shelved>, StoreError> {
        let mut reader = self.0.readers().acquire().await?;
        let place = sqlx::query("select place from mqtt_checkpoint")
            .fetch_optional(&mut *reader)
            .await?;
        let Some(place) = place else {
            return Ok(None);
        };
        let from: i64 = place.try_get("place")?;
        let mut shelved = Shelved {
            from: from.try_into().unwrap_or_default(),
            ..Shelved::default()
        };
        for row in sqlx::query("select image from mqtt_session order by client")
            .fetch_all(&mut *reader)
            .await?
        {
            let image: &str = row.try_get("image")?;
            let image = serde_json::from_str(image)
                .map_err(|error| StoreError::value("an MQTT session", error))?;
            shelved.sessions.push(image);
        }
        for row in sqlx::query("select message, taken from mqtt_retained order by topic")
            .fetch_all(&mut *reader)
            .await?
        {
            let bytes: &[u8] = row.try_get("message")?;
            let taken = Timestamp::from_micros(row.try_get("taken")?);
            let message = Frame::read(bytes)
                .and_then(|frame| Message::restored(&frame.stored(taken), None, now));
            shelved.retained.extend(message);
        }
        let aliases = sqlx::query("select aliases from mqtt_aliases")
            .fetch_optional(&mut *reader)
            .await?;
        shelved.aliases = aliases.map(|row| row.try_get("aliases")).transpose()?;
        Ok(Some(shelved))
    }

    /// Puts what changed, all of it or nothing.
    pub(crate) async fn put(
        &self,
        checkpoint: &Checkpoint,
        aliases: Option<&str>,
    ) -> Result<(), StoreError> {
        let mut transaction = self.0.begin().await?;
        let connection = transaction.connection();
        for client in &checkpoint.forgotten {
            sqlx::query("delete from mqtt_session where client = $1")
                .bind(client)
                .execute(&mut *connection)
                .await?;
        }
        for image in &checkpoint.sessions {
            let text = serde_json::to_string(image)
                .map_err(|error| StoreError::value("an MQTT session", error))?;
            sqlx::query(
                "insert into mqtt_session (client, image) values ($1, $2)
                 on conflict (client) do update set image = excluded.image",
            )
            .bind(&image.client)
            .bind(text)
            .execute(&mut *connection)
            .await?;
        }
        for image in &checkpoint.retained {
            let Some(message) = &image.message else {
                sqlx::query("delete from mqtt_retained where topic = $1")
                    .bind(&image.topic)
                    .execute(&mut *connection)
                    .await?;
                continue;
            };
            let mut bytes = Vec::new();
            frame::write_message(message, ("", ""), None, &[], &mut bytes);
            sqlx::query(
                "insert into mqtt_retained (topic, message, taken) values ($1, $2, $3)
                 on conflict (topic) do update set message = excluded.message, taken = excluded.taken",
            )
            .bind(&image.topic)
            .bind(bytes)
            .bind(image.at.as_micros())
            .execute(&mut *connection)
            .await?;
        }
        if let Some(aliases) = aliases {
            sqlx::query(
                "insert into mqtt_aliases (id, aliases) values (1, $1)
                 on conflict (id) do update set aliases = excluded.aliases",
            )
            .bind(aliases)
            .execute(&mut *connection)
            .await?;
        }
        sqlx::query(
            "insert into mqtt_checkpoint (id, place) values (1, $1)
             on conflict (id) do update set place = excluded.place",
        )
        .bind(i64::try_from(checkpoint.from).unwrap_or(i64::MAX))
        .execute(connection)
        .await?;
        transaction.commit().await
    }
}
