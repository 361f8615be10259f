//! `POST /v1/events`: CloudEvents in every mode, and lines of JSON.

use axum::Json;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, header};
use bytes::Bytes;
use serde::{Deserialize, Serialize};
use trunkline_log::Appended;
use trunkline_model::{action, code};
use trunkline_web::{Caller, Decision, Problem, Query, Reply};
use utoipa::{IntoParams, ToSchema};

use crate::Ingest;
use crate::body::{self, Encoding};
use crate::error::{IngestError, Refusal};
use crate::kind::DataHeader;
use crate::receive::{Collected, MaySend, Rejections, binary, events, lines};
use crate::stats::Protocol;

/// What lines of plain data share. Without a type, every line is a CloudEvent.
#[derive(Clone, Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct EventsQuery {
    /// The CloudEvents type of all lines, such as `trunkline.telemetry.v1`.
    #[serde(rename = "type")]
    kind: Option<String>,
    /// The source of all lines, such as `/devices/hall-3`.
    source: Option<String>,
    /// Makes the lines idempotent: a line's id is this, `-` and its number in the request, from 1.
    id: Option<String>,
    /// The subject of all lines.
    subject: Option<String>,
}

/// What became of the events of a request.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventsReply {
    /// Events that are now durable and were not there before.
    pub accepted: u64,
    /// Events that were there already, by their source and id.
    pub duplicates: u64,
    /// How many were refused.
    pub rejected_count: u64,
    /// The first hundred of those.
    pub rejected: Vec<RejectedEvent>,
    /// Place in the log of the first accepted event; the log's end where there is none.
    pub first_offset: u64,
    /// Place in the log after the last accepted event.
    pub next_offset: u64,
}

/// A refused event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct RejectedEvent {
    /// Its place in the request, from 0; blank lines do not count.
    pub index: u64,
    /// The error code.
    pub code: String,
    /// What is wrong, and where.
    pub detail: String,
}

fn told(rejections: &Rejections) -> Vec<RejectedEvent> {
    let one = |rejected: &crate::receive::Rejected| RejectedEvent {
        index: rejected.index as u64,
        code: rejected.refusal.code.code.into(),
        detail: rejected.refusal.detail.clone(),
    };
    rejections.told.iter().map(one).collect()
}

/// Send events
///
/// Takes a CloudEvent in binary or structured mode, a batch of them, or lines of JSON. Answers once all accepted events are durable.
/// Events are idempotent by source and id. Good events are taken although others are refused; it fails when all are.
#[utoipa::path(
    post,
    path = "/v1/events",
    tag = "ingest",
    params(EventsQuery),
    request_body(
        content(
            (serde_json::Value = "application/cloudevents+json"),
            (Vec<serde_json::Value> = "application/cloudevents-batch+json"),
            (String = "application/x-ndjson"),
        ),
        description = "Any other content type is the data of an event whose attributes are `ce-` headers."
    ),
    responses(
        (status = 200, description = "What became of the events.", body = EventsReply),
        (status = "default", description = "A problem.", body = Problem, content_type = "application/problem+json"),
    )
)]
pub(crate) async fn send_events(
    State(ingest): State<Ingest>,
    caller: Caller,
    Query(query): Query<EventsQuery>,
    headers: HeaderMap,
    body: Body,
) -> Reply<Json<EventsReply>> {
    let form =
        Form::of(&headers, query).inspect_err(|problem| ingest.count_refused(problem.code()))?;
    let protocol = form.protocol();
    let mut payload = Bytes::new();
    match take(&ingest, &caller, form, headers, body, &mut payload).await {
        Ok((appended, records, rejections)) => answer(appended, records, &rejections).map(Json),
        Err(error) => {
            ingest.fail(&caller, protocol, &error, &payload).await;
            Err(error.into_problem())
        }
    }
}

async fn take(
    ingest: &Ingest,
    caller: &Caller,
    form: Form,
    headers: HeaderMap,
    body: Body,
    payload: &mut Bytes,
) -> Result<(Appended, u64, Rejections), IngestError> {
    let (limits, window) = (ingest.limits(), ingest.window());
    let encoding = body::encoding(&headers)?;
    let mut held = body::read(&headers, body, limits.request_bytes, ingest.memory()).await?;
    payload.clone_from(&held.bytes);
    match encoding {
        Encoding::Plain => {}
        Encoding::Gzip => held = body::unpack(held, limits.request_bytes, ingest.memory()).await?,
        Encoding::Snappy => {
            return Err(Refusal::new(
                &code::INGEST_ENCODING,
                "events may be packed with gzip alone",
            )
            .into());
        }
    }
    payload.clone_from(&held.bytes);
    let protocol = form.protocol();
    let (bytes, sender) = (held.bytes.clone(), caller.clone());
    let collected = body::offload(bytes.len(), move || {
        form.read(&headers, &bytes, limits, window, &|topic| {
            may_send(&sender, topic)
        })
    })
    .await?;
    let Collected { batch, rejections } = collected;
    let records = batch.len() as u64;
    let appended = ingest
        .keep(caller, protocol, Some(batch), records, &rejections)
        .await?;
    Ok((appended, records, rejections))
}

/// Nothing where `sender` may send events of the type `topic`.
fn may_send(sender: &Caller, topic: &str) -> Result<(), Refusal> {
    match sender.decide(&action::EVENT_SEND, topic) {
        Decision::Allow => Ok(()),
        Decision::Deny(reason) => Err(Refusal::new(&code::ACCESS_FORBIDDEN, reason)),
    }
}

fn answer(appended: Appended, records: u64, rejections: &Rejections) -> Reply<EventsReply> {
    let duplicates = u64::from(appended.duplicates);
    if records == 0
        && let Some(first) = rejections.told.first()
    {
        let rejected = serde_json::to_value(told(rejections)).unwrap_or_default();
        let problem = Problem::new(first.refusal.code, first.refusal.detail.clone());
        return Err(problem
            .with("rejected_count", rejections.total())
            .with("rejected", rejected));
    }
    Ok(EventsReply {
        accepted: records.saturating_sub(duplicates),
        duplicates,
        rejected_count: rejections.total(),
        rejected: told(rejections),
        first_offset: appended.first.0,
        next_offset: appended.next.0,
    })
}

/// The form in which events come.
#[derive(Debug)]
enum Form {
    Binary,
    Structured,
    Batch,
    Lines,
    Data(DataHeader),
}

impl Form {
    fn of(headers: &HeaderMap, query: EventsQuery) -> Reply<Self> {
        let content_type = headers
            .get(header::CONTENT_TYPE)
            .map(|value| value.to_str().unwrap_or("?"));
        let (media, parameters) = content_type.map_or(("", ""), |value| {
            value.split_once(';').unwrap_or((value, ""))
        });
        let media = media.trim().to_ascii_lowercase();
        let form = match media.as_str() {
            "application/cloudevents+json" => Self::Structured,
            "application/cloudevents-batch+json" => Self::Batch,
            "application/x-ndjson"
            | "application/ndjson"
            | "application/jsonl"
            | "application/x-jsonlines" => data_header(query)?.map_or(Self::Lines, Self::Data),
            _ if binary::is_binary(headers) => return Ok(Self::Binary),
            _ => {
                let media: String = media.chars().take(80).collect();
                let detail = format!(
                    "`{media}` without `ce-` headers is neither a CloudEvent nor lines of JSON"
                );
                return Err(Problem::new(&code::INGEST_MEDIA_TYPE, detail));
            }
        };
        let charset = parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            name.trim()
                .eq_ignore_ascii_case("charset")
                .then_some(value.trim().trim_matches('"'))
        });
        match charset {
            Some(charset)
                if !charset.eq_ignore_ascii_case("utf-8")
                    && !charset.eq_ignore_ascii_case("us-ascii") =>
            {
                Err(Problem::new(
                    &code::INGEST_MEDIA_TYPE,
                    "JSON is taken in UTF-8 alone",
                ))
            }
            _ => Ok(form),
        }
    }

    const fn protocol(&self) -> Protocol {
        match self {
            Self::Lines | Self::Data(_) => Protocol::Ndjson,
            Self::Binary | Self::Structured | Self::Batch => Protocol::CloudEvents,
        }
    }

    fn read(
        self,
        headers: &HeaderMap,
        body: &Bytes,
        limits: crate::limits::Limits,
        window: crate::limits::TimeWindow,
        may_send: MaySend<'_>,
    ) -> Result<Collected, Refusal> {
        match self {
            Self::Binary => binary::read(headers, body, limits, window, may_send),
            Self::Structured => Ok(events::read_one(body, limits, window, may_send)),
            Self::Batch => events::read_array(body, limits, window, may_send),
            Self::Lines => lines::read_events(body, limits, window, may_send),
            Self::Data(header) => lines::read_data(body, &header, limits, window, may_send),
        }
    }
}

fn data_header(query: EventsQuery) -> Reply<Option<DataHeader>> {
    let filled = |value: Option<String>| value.filter(|value| !value.is_empty());
    let (kind, source) = (filled(query.kind), filled(query.source));
    let (id, subject) = (filled(query.id), filled(query.subject));
    match (kind, source) {
        (Some(kind), Some(source)) => Ok(Some(DataHeader {
            kind,
            source,
            id,
            subject,
        })),
        (None, None) if id.is_none() && subject.is_none() => Ok(None),
        _ => {
            let detail = "lines of plain data need both `type` and `source`; without either, every line is a CloudEvent";
            Err(Problem::new(&code::WEB_PARAMETER, detail))
        }
    }
}
