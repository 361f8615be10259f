//! `trunkline fleet what-if`.

use std::ops::ControlFlow;

use reqwest::Method;
use serde_json::{Map, Value, json};
use trunkline_simulator::{Change, Length, Outcome, Scenario, Selector, Twin};

use super::model::model;
use crate::cli::{Globals, WhatIf};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::{Format, Progress};

/// Twins that are asked for at a time.
const PAGE: usize = 5_000;

pub(super) async fn run(globals: &Globals, wanted: WhatIf) -> Result<Exit, Failure> {
    let model = model(wanted.model.as_deref(), &wanted.kind)?;
    let mut changes = Vec::with_capacity(wanted.changes.len());
    for text in &wanted.changes {
        let of = Selector::Kind(wanted.kind.clone());
        let change = Change::read(of, text);
        changes.push(change.map_err(|error| Failure::usage(error.to_string(), "look at --help"))?);
    }
    let scenario = Scenario {
        models: vec![model],
        things: twins(&Client::of(globals)?, &wanted.kind).await?,
        changes,
        length: Length::Time(wanted.length),
        bucket: None,
        seed: wanted.seed,
    };
    let otherwise = ahead(globals, scenario.clone(), "running ahead").await?;
    if globals.printer().format != Format::Table {
        let outcome = json!(otherwise);
        let rows: Vec<Value> = otherwise.rows.iter().map(|row| json!(row)).collect();
        let columns = [
            "time", "kind", "field", "count", "min", "mean", "p95", "max",
        ];
        globals.printer().document(&outcome, &rows, &columns)?;
        return Ok(Exit::Done);
    }
    let as_it_is = ahead(globals, scenario.unchanged(), "running ahead as it is").await?;
    let rows = side_by_side(&as_it_is, &otherwise);
    let columns = ["what", "as it is", "otherwise"];
    globals.printer().document(&json!(rows), &rows, &columns)?;
    Ok(Exit::Done)
}

/// Runs a scenario beside the terminal.
async fn ahead(globals: &Globals, scenario: Scenario, phase: &str) -> Result<Outcome, Failure> {
    let progress = Progress::start(globals.printer(), phase, None);
    let run =
        tokio::task::spawn_blocking(move || scenario.run(|_| ControlFlow::Continue(()))).await;
    let outcome = match run {
        Ok(outcome) => {
            outcome.map_err(|error| Failure::usage(error.to_string(), "look at --help"))?
        }
        Err(error) => return Err(anyhow::Error::from(error).into()),
    };
    progress.finish(&format!("{} seconds ahead", outcome.seconds));
    Ok(outcome)
}

/// The classic twins of all things of a kind.
async fn twins(client: &Client, kind: &str) -> Result<Vec<Twin>, Failure> {
    let quoted = |text: &str| format!("'{}'", text.replace('\'', "''"));
    let (mut twins, mut after): (Vec<Twin>, String) = (Vec::new(), String::new());
    loop {
        let query = format!(
            "select t.thing, s.desired, s.reported from things t left join shadows s on s.thing = t.thing and s.shadow = ''
             where t.kind = {} and t.thing > {} order by t.thing limit {PAGE}",
            quoted(kind),
            quoted(&after)
        );
        let body = json!({"query": query, "limit": PAGE});
        let answer = client.json(Method::POST, "/v1/sql", Some(&body)).await?;
        let rows = answer["rows"].as_array().cloned().unwrap_or_default();
        let Some(last) = rows.last() else {
            return Ok(twins);
        };
        last[0].as_str().unwrap_or_default().clone_into(&mut after);
        twins.extend(rows.iter().map(|row| twin(row, kind)));
        if twins.len() > Scenario::THINGS {
            // The scenario says it better.
            return Ok(twins);
        }
    }
}

fn twin(row: &Value, kind: &str) -> Twin {
    let section = |value: &Value| {
        let text = value.as_str().unwrap_or_default();
        match serde_json::from_str(text).unwrap_or_else(|_| value.clone()) {
            Value::Object(members) => members,
            _ => Map::new(),
        }
    };
    Twin {
        name: row[0].as_str().unwrap_or_default().to_owned(),
        kind: kind.to_owned(),
        desired: section(&row[1]),
        reported: section(&row[2]),
    }
}

/// What came of the fleet as it is, and as it might be: the mean of each field over the last part of the time, states at the end, traffic.
fn side_by_side(as_it_is: &Outcome, otherwise: &Outcome) -> Vec<Value> {
    let figures = |outcome: &Outcome| {
        let last = outcome.rows.last().map_or(0.0, |row| row.time);
        let mut figures: Vec<(String, Value)> = outcome
            .rows
            .iter()
            .filter(|row| row.time >= last)
            .flat_map(|row| {
                [
                    (format!("{} mean", row.field), json!(round(row.mean))),
                    (format!("{} p95", row.field), json!(round(row.p95))),
                ]
            })
            .collect();
        figures.extend(
            outcome
                .ends
                .iter()
                .map(|end| (format!("{} at the end", end.state), json!(end.things))),
        );
        figures.extend(outcome.traffic.iter().flat_map(|traffic| {
            [
                ("messages".to_owned(), json!(traffic.messages)),
                ("bytes".to_owned(), json!(traffic.bytes)),
            ]
        }));
        figures
    };
    let (before, after) = (figures(as_it_is), figures(otherwise));
    let mut names: Vec<&String> = before.iter().map(|(name, _)| name).collect();
    names.extend(
        after
            .iter()
            .map(|(name, _)| name)
            .filter(|name| before.iter().all(|(known, _)| known != *name)),
    );
    let of = |figures: &[(String, Value)], name: &str| {
        let found = figures.iter().find(|(known, _)| known == name);
        found.map_or(Value::Null, |(_, value)| value.clone())
    };
    names
        .into_iter()
        .map(|name| json!({"what": name, "as it is": of(&before, name), "otherwise": of(&after, name)}))
        .collect()
}

fn round(value: f64) -> f64 {
    (value * 1_000.0).round() / 1_000.0
}
