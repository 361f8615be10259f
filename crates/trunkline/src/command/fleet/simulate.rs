//! `trunkline fleet simulate`.

use std::sync::Arc;
use std::time::Duration;

use reqwest::{Method, Url};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;
use trunkline_model::{SystemClock, code};
use trunkline_simulator::{Broker, Credential, Plan, Proof, Simulation, Totals};

use super::model::model;
use crate::cli::{Globals, Simulate};
use crate::command::interrupt::unless_interrupted;
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::{Progress, plural};

/// How often it is said how things stand.
const EVERY: Duration = Duration::from_secs(10);
/// The attribute by which simulated things are known.
const SIMULATED: &str = "simulated";

pub(super) async fn run(globals: &Globals, wanted: Simulate) -> Result<Exit, Failure> {
    let model = model(wanted.model.as_deref(), &wanted.kind)?;
    let client = Client::of(globals)?;
    let broker = broker(&client, wanted.broker.as_deref()).await?;
    let printer = globals.printer();
    let names: Vec<String> = (1..=wanted.count)
        .map(|number| format!("sim-{}-{number:04}", wanted.kind))
        .collect();
    if wanted.dry_run {
        printer.say(&format!(
            "would make {} of the kind `{}` and connect them to {}:{}",
            plural(names.len() as u64, "thing"),
            wanted.kind,
            broker.host,
            broker.port
        ));
        return Ok(Exit::Done);
    }
    // Ctrl-C ends each of the two, and what was made is removed all the same.
    let registered = unless_interrupted(register(&client, globals, &names, &wanted.kind)).await;
    let lived = async {
        let Some(devices) = registered.transpose()? else {
            return Ok(Totals::default());
        };
        let mut plan = Plan::new(model, devices, broker, wanted.seed);
        plan.speed = wanted.speed;
        let simulation = Simulation::new(&plan, Arc::new(SystemClock))
            .map_err(|error| Failure::usage(error.to_string(), "look at --help"))?;
        Ok::<_, Failure>(live(globals, simulation, wanted.length).await)
    };
    let lived = lived.await;
    if wanted.remove {
        remove(&client, &names).await?;
    }
    let totals = json!(lived?);
    let columns = [
        "devices",
        "steps",
        "sent",
        "acknowledged",
        "refused",
        "reconnects",
    ];
    globals
        .printer()
        .document(&totals, std::slice::from_ref(&totals), &columns)?;
    Ok(Exit::Done)
}

/// Makes the things that are to be simulated, or gives them new secrets.
async fn register(
    client: &Client,
    globals: &Globals,
    names: &[String],
    kind: &str,
) -> Result<Vec<Credential>, Failure> {
    let total = names.len() as u64;
    let progress = Progress::start(globals.printer(), "registering", Some(total));
    let mut devices = Vec::with_capacity(names.len());
    for name in names {
        devices.push(credential(client, name, kind).await?);
        progress.advance(1);
    }
    progress.finish(&format!("{} registered", plural(total, "thing")));
    Ok(devices)
}

/// Removes the simulated things of these names, as many as can be; the last failure where one could not.
async fn remove(client: &Client, names: &[String]) -> Result<(), Failure> {
    let mut result = Ok(());
    for name in names {
        let path = format!("/v1/things/{name}");
        let there = match client.get(&path).await {
            Ok(there) => there["attributes"][SIMULATED] == true,
            Err(failure) if failure.is(&code::FLEET_THING_UNKNOWN) => false,
            Err(failure) => {
                result = Err(failure);
                continue;
            }
        };
        // Another's thing of that name stays.
        if there && let Err(failure) = client.json(Method::DELETE, &path, None).await {
            result = Err(failure);
        }
    }
    result
}

/// Lets the devices live until Ctrl-C or the end of their time, and tells how they are.
async fn live(globals: &Globals, simulation: Simulation, length: Option<Duration>) -> Totals {
    let (stop, totals) = (CancellationToken::new(), simulation.totals());
    let running = tokio::spawn(simulation.run(stop.clone()));
    let told = async {
        loop {
            tokio::time::sleep(EVERY).await;
            let now = totals.borrow().clone();
            let problem = now.problem.as_deref().unwrap_or("none");
            globals.printer().say(&format!(
                "{} of {} connected, {} acknowledged, {} refused, last problem: {problem}",
                now.connected, now.devices, now.acknowledged, now.refused
            ));
        }
    };
    let ended = async {
        match length {
            Some(length) => tokio::time::sleep(length).await,
            None => std::future::pending().await,
        }
    };
    let over = async {
        tokio::select! {
            () = told => {}
            () = ended => {}
        }
    };
    // Either way it is over.
    let _interrupted = unless_interrupted(over).await;
    stop.cancel();
    running.await.unwrap_or_default()
}

/// The credential of a simulated thing, which is made where it is not there.
async fn credential(client: &Client, name: &str, kind: &str) -> Result<Credential, Failure> {
    let body = json!({"name": name, "kind": kind, "attributes": {SIMULATED: true}});
    let path = format!("/v1/things/{name}");
    let answer = match client.get(&path).await {
        Ok(there) if there["attributes"][SIMULATED] == true => {
            let secret = format!("{path}/secret");
            client.json(Method::POST, &secret, None).await?
        }
        Ok(_) => {
            return Err(Failure::usage(
                format!("there is a thing called `{name}` that is not simulated"),
                "rename it, or simulate another kind",
            ));
        }
        Err(failure) if failure.is(&code::FLEET_THING_UNKNOWN) => {
            client.json(Method::POST, "/v1/things", Some(&body)).await?
        }
        Err(failure) => return Err(failure),
    };
    Ok(Credential {
        name: name.to_owned(),
        proof: Proof::Secret(answer["secret"].as_str().unwrap_or_default().to_owned()),
    })
}

/// Where devices connect to; over TLS, they trust the platform's own authority.
async fn broker(client: &Client, url: Option<&str>) -> Result<Broker, Failure> {
    let own = || {
        format!(
            "mqtt://{}:1883",
            client.place.url.host_str().unwrap_or_default()
        )
    };
    let text = url.map_or_else(own, str::to_owned);
    let wrong = || {
        Failure::usage(
            format!("`{text}` is no address of a broker"),
            "write mqtt://HOST:PORT, or mqtts://HOST:PORT for TLS",
        )
    };
    let url = Url::parse(&text).map_err(|_| wrong())?;
    let (usual, secured) = match url.scheme() {
        "mqtt" => (1883, false),
        "mqtts" => (8883, true),
        _ => return Err(wrong()),
    };
    let tls = if secured {
        let authorities: Value = client.get("/v1/authorities").await?;
        Some(authorities["root"].as_str().unwrap_or_default().to_owned())
    } else {
        None
    };
    Ok(Broker {
        host: url.host_str().ok_or_else(wrong)?.to_owned(),
        port: url.port().unwrap_or(usual),
        tls,
    })
}
