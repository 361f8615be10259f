//! What devices ask about their jobs: one after another, many in one transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::{mpsc, oneshot};
use trunkline_job::{Action, Limits, Refused, Rejected, Request, Topic, apply};
use trunkline_model::{Clock, IdGen};
use trunkline_store::Store;

use super::desk::Desk;
use super::fill::{Filler, told};
use super::second;
use crate::{Fleet, FleetError, Told, store as things};

/// Requests that wait at the most.
const WAITING: usize = 4_096;
/// Requests that are one transaction.
const TOGETHER: usize = 256;
/// Requests of one thing that may be under way at a time, as AWS has it.
const IN_FLIGHT: usize = 10;

/// A request with the way back.
#[derive(Debug)]
pub(crate) struct Waiting {
    thing: String,
    request: Request,
    answer: oneshot::Sender<Result<Vec<Told>, FleetError>>,
}

/// How many requests of each thing are under way.
#[derive(Debug, Default)]
pub(crate) struct InFlight(Mutex<HashMap<String, usize>>);

/// A request that is under way.
struct Place<'a> {
    all: &'a InFlight,
    thing: &'a str,
}

impl InFlight {
    fn take<'a>(&'a self, thing: &'a str) -> Option<Place<'a>> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let number = all.entry(thing.to_owned()).or_default();
        if *number >= IN_FLIGHT {
            return None;
        }
        *number += 1;
        Some(Place { all: self, thing })
    }
}

impl Drop for Place<'_> {
    fn drop(&mut self) {
        let mut all = self.all.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(number) = all.get_mut(self.thing) {
            *number -= 1;
            if *number == 0 {
                all.remove(self.thing);
            }
        }
    }
}

/// Where requests of devices go.
#[derive(Debug)]
pub(crate) struct Requests {
    in_flight: InFlight,
    waiting: mpsc::Sender<Waiting>,
}

impl Requests {
    /// Begins to work off requests; a task of the runtime does it until this is dropped.
    pub(crate) fn begin(
        store: Store,
        clock: Arc<dyn Clock>,
        ids: Arc<dyn IdGen>,
        filler: Filler,
    ) -> Self {
        let (waiting, requests) = mpsc::channel(WAITING);
        let worker = Worker {
            store,
            clock,
            ids,
            filler,
        };
        tokio::spawn(worker.run(requests));
        Self {
            in_flight: InFlight::default(),
            waiting,
        }
    }
}

impl Fleet {
    /// Works off what was sent on a topic of the jobs of `thing`: what is to be told, the answer to the sender first. Nothing where the
    /// topic is none of this thing's jobs. What was changed is durable when this returns.
    ///
    /// # Errors
    /// [`FleetError`] where it could not be worked off, and changed nothing; a request that is refused has an answer like any other.
    pub async fn job_request(
        &self,
        thing: &str,
        topic: &str,
        payload: &[u8],
    ) -> Result<Option<Vec<Told>>, FleetError> {
        let Some(topic) = Topic::read(topic).filter(|topic| topic.thing == thing) else {
            return Ok(None);
        };
        let now = second(self.clock.now());
        let filler = &self.filler;
        let refuse = |refused: Refused| Ok(Some(vec![told(refused.message(now), thing, filler)]));
        let request = match Request::parse(&topic, payload, &Limits::default()) {
            Ok(request) => request,
            Err(refused) => return refuse(refused),
        };
        let Some(_place) = self.job_requests.in_flight.take(thing) else {
            return refuse(refused(request, Rejected::throttled()));
        };
        let (answer, answered) = oneshot::channel();
        let waiting = Waiting {
            thing: thing.to_owned(),
            request,
            answer,
        };
        let sent = self.job_requests.waiting.send(waiting).await;
        sent.map_err(|_| FleetError::Closed)?;
        answered.await.map_err(|_| FleetError::Closed)?.map(Some)
    }
}

/// Works off requests.
#[derive(Debug)]
struct Worker {
    store: Store,
    clock: Arc<dyn Clock>,
    ids: Arc<dyn IdGen>,
    filler: Filler,
}

impl Worker {
    /// Works until nobody asks any more.
    async fn run(self, mut requests: mpsc::Receiver<Waiting>) {
        let mut batch = Vec::with_capacity(TOGETHER);
        while requests.recv_many(&mut batch, TOGETHER).await > 0 {
            let (asked, ways): (Vec<_>, Vec<_>) = batch
                .drain(..)
                .map(|waiting| ((waiting.thing, waiting.request), waiting.answer))
                .unzip();
            match self.work(asked).await {
                Ok(answers) => {
                    for (way, answer) in ways.into_iter().zip(answers) {
                        // Who went away needs no answer; what was asked is done all the same.
                        drop(way.send(Ok(answer)));
                    }
                }
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "requests about jobs could not be worked off");
                    for way in ways {
                        drop(way.send(Err(FleetError::Closed)));
                    }
                }
            }
        }
    }

    /// One transaction. What is refused changes nothing and holds up nobody.
    async fn work(&self, asked: Vec<(String, Request)>) -> Result<Vec<Vec<Told>>, FleetError> {
        let now = self.clock.now();
        let mut desk = Desk::new(self.store.begin().await?, (&*self.ids, &self.filler), now);
        let mut answers = Vec::with_capacity(asked.len());
        for (thing, request) in asked {
            answers.push(one(&mut desk, &thing, request).await?);
        }
        desk.commit().await?;
        Ok(answers)
    }
}

async fn one(desk: &mut Desk<'_>, thing: &str, request: Request) -> Result<Vec<Told>, FleetError> {
    let now = desk.second();
    let there = things::thing(desk.transaction.connection(), thing).await?;
    if there.is_none() {
        let refused = refused(request, Rejected::no_thing());
        return Ok(vec![told(refused.message(now), thing, desk.filler)]);
    }
    let job = match &request.action {
        Action::Describe { job, .. } => Some(job.as_str()),
        Action::Update(update) => Some(update.job.as_str()),
        Action::Pending | Action::StartNext { .. } | Action::DescribeNext { .. } => None,
    };
    let mut executions = desk.load(thing, job).await?;
    let mut answer = apply(&mut executions, &request, now);
    let mut all = vec![told(answer.reply, thing, desk.filler)];
    let notifications = std::mem::take(&mut answer.change.notifications);
    let filled = notifications.into_iter();
    all.extend(filled.map(|message| told(message, thing, desk.filler)));
    desk.write(thing, answer.change).await?;
    Ok(all)
}

fn refused(request: Request, rejected: Rejected) -> Refused {
    Refused {
        topic: request.topic,
        rejected,
        token: request.token,
    }
}
