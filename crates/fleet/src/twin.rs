//! Requests about twins: one after another, many in one transaction.

use std::sync::Arc;

use serde::Serialize;
use serde_json::{Map, Value, json};
use tokio::sync::{mpsc, oneshot};
use trunkline_model::{Clock, Event, IdGen, Timestamp, catalogue};
use trunkline_store::{Store, Transaction, outbox};
use trunkline_twin::{
    Change, Document, Limits, Operation, Rejected, Request, SectionChange, prefix, token_of,
};

use crate::error::FleetError;
use crate::kind::{Kind, Kinds, Unfit};
use crate::store;
use crate::thing::Thing;

/// Requests that wait at the most.
pub(crate) const WAITING: usize = 4_096;
/// Requests that are one transaction.
const TOGETHER: usize = 256;

/// Shadows that one thing may have, the classic one counted too.
const SHADOWS: i64 = 101;
/// Bytes that a changed twin may have with the times of all its values, so that its event can be carried to the log. A document of
/// eight KiB never has so many, a long list of short values in a larger one may.
const EVENT: usize = outbox::MAX_EVENT_BYTES - 4 * 1024;

/// A request about one twin.
#[derive(Clone, Debug)]
pub struct TwinRequest {
    /// The thing.
    pub thing: String,
    /// The shadow's name; the classic one has none.
    pub shadow: Option<String>,
    /// What is asked.
    pub operation: Operation,
    /// What the sender wrote.
    pub payload: Vec<u8>,
    /// Who asks, for the event.
    pub by: String,
}

/// A message that follows from a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Told {
    /// On which topic.
    pub topic: String,
    /// What.
    pub document: Value,
}

/// What became of a request.
#[derive(Clone, Debug, PartialEq)]
pub struct Answer {
    /// What the sender is answered.
    pub result: Result<Value, Rejected>,
    /// What is told over MQTT, the answer to the sender first.
    pub told: Vec<Told>,
}

/// A request with the way back.
#[derive(Debug)]
pub(crate) struct Waiting {
    pub(crate) request: TwinRequest,
    pub(crate) answer: oneshot::Sender<Result<Answer, FleetError>>,
}

/// The event of a changed twin: all that is needed to make the document again.
#[derive(Serialize)]
struct Changed<'a> {
    thing: &'a str,
    shadow: &'a str,
    version: u64,
    deleted: bool,
    desired: &'a Map<String, Value>,
    reported: &'a Map<String, Value>,
    metadata: Times<'a>,
    by: &'a str,
}

#[derive(Serialize)]
struct Times<'a> {
    desired: &'a Map<String, Value>,
    reported: &'a Map<String, Value>,
}

/// Works off requests about twins.
#[derive(Debug)]
pub(crate) struct Worker {
    pub(crate) store: Store,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) ids: Arc<dyn IdGen>,
    pub(crate) limits: Limits,
    pub(crate) kinds: Arc<Kinds>,
    pub(crate) unfit: Unfit,
}

impl Worker {
    /// Works until nobody asks any more.
    pub(crate) async fn run(self, mut requests: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while requests.recv_many(&mut batch, TOGETHER).await > 0 {
            let (asked, ways): (Vec<_>, Vec<_>) = batch
                .drain(..)
                .map(|waiting| (waiting.request, waiting.answer))
                .unzip();
            match self.change(&asked).await {
                Ok(answers) => {
                    for (way, answer) in ways.into_iter().zip(answers) {
                        // Who went away needs no answer; what was asked is done all the same.
                        drop(way.send(Ok(answer)));
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        error = &error as &dyn std::error::Error,
                        "twins could not be changed"
                    );
                    for way in ways {
                        drop(way.send(Err(FleetError::Closed)));
                    }
                }
            }
        }
    }

    /// One transaction. What is refused changes nothing and holds up nobody.
    async fn change(&self, requests: &[TwinRequest]) -> Result<Vec<Answer>, FleetError> {
        let mut transaction = self.store.begin().await?;
        let mut answers = Vec::with_capacity(requests.len());
        for request in requests {
            answers.push(self.one(&mut transaction, request).await?);
        }
        transaction.commit().await?;
        Ok(answers)
    }

    async fn one(
        &self,
        transaction: &mut Transaction,
        request: &TwinRequest,
    ) -> Result<Answer, FleetError> {
        let now = self.clock.now();
        let seconds = now.as_micros().div_euclid(1_000_000);
        let shadow = request.shadow.as_deref();
        let thing = store::thing(transaction.connection(), &request.thing).await?;
        let Some(thing) = thing else {
            return Ok(answer(request, Err(Rejected::no_thing()), seconds, None));
        };
        let kind = self.kinds.get(&thing.kind);
        let limits = self.limits_of(kind.as_deref());
        let before = store::twin(transaction.connection(), &request.thing, shadow).await?;
        if before.is_none() && request.operation == Operation::Update {
            let forgotten = seconds - Document::REMEMBERED;
            let connection = transaction.connection();
            if store::count_twins(connection, &request.thing, forgotten).await? >= SHADOWS {
                let token = token_of(&request.payload, &limits).ok().flatten();
                let rejected = Rejected::too_many_shadows();
                return Ok(answer(request, Err(rejected), seconds, token.as_deref()));
            }
        }
        let outcome = decide(request, before.as_ref(), &limits, seconds);
        let done = match outcome {
            Ok(done) => done,
            Err((rejected, token)) => {
                return Ok(answer(request, Err(rejected), seconds, token.as_deref()));
            }
        };
        if let Some(document) = &done.document {
            let event = self.changed(request, document, now)?;
            if bytes(&event) > EVENT {
                let token = token_of(&request.payload, &limits).ok().flatten();
                let rejected = Rejected::too_large();
                return Ok(answer(request, Err(rejected), seconds, token.as_deref()));
            }
            store::put_twin(transaction.connection(), &request.thing, shadow, document).await?;
            outbox::put(transaction, &event).await?;
            // What is reported in named shadows is about parts of the thing.
            if let Some(kind) = kind.filter(|_| done.reported && shadow.is_none()) {
                self.look_at(transaction, &thing, &kind, document).await?;
            }
        }
        let mut answer = answer(request, Ok(done.accepted), seconds, None);
        answer.told.extend(done.told);
        Ok(answer)
    }

    fn limits_of(&self, kind: Option<&Kind>) -> Limits {
        let document_bytes = self.limits.document_bytes;
        Limits {
            document_bytes: kind.map_or(document_bytes, |kind| kind.shadow_bytes),
            ..self.limits
        }
    }

    fn changed(
        &self,
        request: &TwinRequest,
        document: &Document,
        now: Timestamp,
    ) -> Result<Event, FleetError> {
        let changed = Changed {
            thing: &request.thing,
            shadow: request.shadow.as_deref().unwrap_or_default(),
            version: document.version,
            deleted: document.deleted,
            desired: &document.desired.state,
            reported: &document.reported.state,
            metadata: Times {
                desired: &document.desired.metadata,
                reported: &document.reported.metadata,
            },
            by: &request.by,
        };
        let kind = catalogue::FLEET_TWIN_CHANGED;
        Ok(Event::platform(
            "fleet",
            kind,
            &request.thing,
            now,
            &*self.ids,
            &changed,
        )?)
    }

    /// Tells where what a thing reports does not fit its type, once a minute. It is accepted all the same.
    async fn look_at(
        &self,
        transaction: &mut Transaction,
        thing: &Thing,
        kind: &Kind,
        document: &Document,
    ) -> Result<(), FleetError> {
        let problems = kind.misreported(&document.reported.state);
        if problems.is_empty() {
            return Ok(());
        }
        let now = self.clock.now();
        let Some(repeated) = self.unfit.note(&thing.name, now) else {
            return Ok(());
        };
        let data = json!({
            "thing": thing.name, "kind": thing.kind, "version": document.version, "problems": problems, "repeated": repeated,
        });
        let kind = catalogue::FLEET_TWIN_UNFIT;
        let event = Event::platform("fleet", kind, &thing.name, now, &*self.ids, &data)?;
        Ok(outbox::put(transaction, &event).await?)
    }
}

/// The bytes of what an event says.
fn bytes(event: &Event) -> usize {
    event.data.as_ref().map_or(0, |data| data.get().len())
}

/// What is to be done for a request that is granted.
struct Done {
    /// The twin from now on, where it changed.
    document: Option<Document>,
    /// Whether what is reported was written.
    reported: bool,
    accepted: Value,
    told: Vec<Told>,
}

type Refusal = (Rejected, Option<String>);

fn decide(
    request: &TwinRequest,
    before: Option<&Document>,
    limits: &Limits,
    seconds: i64,
) -> Result<Done, Refusal> {
    let shadow = request.shadow.as_deref();
    if request.operation == Operation::Update {
        return update(request, before, limits, seconds);
    }
    let token = token_of(&request.payload, limits).map_err(|rejected| (rejected, None))?;
    let refused = |rejected| (rejected, token.clone());
    if request.operation == Operation::Get {
        let accepted = Document::get(before, shadow, token.as_deref()).map_err(refused)?;
        return Ok(Done {
            document: None,
            reported: false,
            accepted,
            told: Vec::new(),
        });
    }
    let (document, accepted) =
        Document::delete(before, shadow, token.as_deref(), seconds).map_err(refused)?;
    Ok(Done {
        document: Some(document),
        reported: false,
        accepted,
        told: Vec::new(),
    })
}

fn update(
    request: &TwinRequest,
    before: Option<&Document>,
    limits: &Limits,
    seconds: i64,
) -> Result<Done, Refusal> {
    let wanted = Request::read(&request.payload, limits).map_err(|rejected| {
        // A broken request may still have a token that tells the sender which one it was.
        let token = token_of(&request.payload, limits).ok().flatten();
        (rejected, token)
    })?;
    let updated = Document::update(before, &wanted, limits, seconds)
        .map_err(|rejected| (rejected, wanted.token.clone()))?;
    let prefix = prefix(&request.thing, request.shadow.as_deref());
    let mut told = Vec::with_capacity(2);
    if let Some(delta) = updated.delta {
        told.push(Told {
            topic: format!("{prefix}/update/delta"),
            document: delta,
        });
    }
    told.push(Told {
        topic: format!("{prefix}/update/documents"),
        document: updated.documents,
    });
    Ok(Done {
        document: Some(updated.document),
        reported: matches!(
            wanted.change,
            Change::Sections {
                reported: Some(SectionChange::Merge(_)),
                ..
            }
        ),
        accepted: updated.accepted,
        told,
    })
}

/// The answer to the sender, on its topic too.
fn answer(
    request: &TwinRequest,
    result: Result<Value, Rejected>,
    seconds: i64,
    token: Option<&str>,
) -> Answer {
    let prefix = prefix(&request.thing, request.shadow.as_deref());
    let operation = request.operation.as_str();
    let told = match &result {
        Ok(accepted) => Told {
            topic: format!("{prefix}/{operation}/accepted"),
            document: accepted.clone(),
        },
        Err(rejected) => Told {
            topic: format!("{prefix}/{operation}/rejected"),
            document: rejected.document(seconds, token),
        },
    };
    Answer {
        result,
        told: vec![told],
    }
}
