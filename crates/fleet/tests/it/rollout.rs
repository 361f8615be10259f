//! How a job spreads: rates, stages, gates that let it go on, groups that change, and a platform that is killed in the middle.

use std::collections::VecDeque;

use serde_json::{Value, json};
use trunkline_fleet::{FleetError, NewGroup};
use trunkline_model::Coded as _;

use crate::support::{BEGIN, Node, only, topics};

fn all(things: usize) -> Vec<String> {
    (1..=things).map(|n| format!("t{n}")).collect()
}

fn names(things: &[String]) -> Vec<&str> {
    things.iter().map(String::as_str).collect()
}

async fn group(node: &Node, name: &str, statement: Option<&str>, things: &[&str]) {
    let wanted = NewGroup {
        name: name.into(),
        statement: statement.map(ToOwned::to_owned),
        ..NewGroup::default()
    };
    node.fleet.create_group(wanted, "acc_1").await.unwrap();
    for thing in things {
        node.fleet.add_to_group(name, thing, "acc_1").await.unwrap();
    }
}

/// The things of a job by status.
async fn told(node: &Node, job: &str) -> Vec<(String, &'static str)> {
    let statuses = node.statuses(job).await.into_iter();
    statuses.map(|(thing, _, status)| (thing, status)).collect()
}

#[tokio::test]
async fn no_minute_has_more_than_the_rate_also_after_a_kill() {
    let mut node = Node::with(200).await;
    let things = all(200);
    let rate = json!({"jobExecutionsRolloutConfig": {"maximumPerMinute": 30}});
    node.job("ota", &names(&things), rate).await;
    let mut minute = VecDeque::from([0; 60]);
    let mut told = 0;
    for second in 0..600 {
        // Gaps, bursts and kills.
        node.wait(if second % 50 == 0 { 20 } else { 1 });
        if second % 7 == 0 {
            node.restart().await;
        }
        node.tick().await;
        let now = topics(&node.heard.take())
            .iter()
            .filter(|topic| **topic == "notify")
            .count();
        told += now;
        if second % 50 == 0 {
            for _ in 0..19 {
                minute.pop_front();
                minute.push_back(0);
            }
        }
        minute.pop_front();
        minute.push_back(now);
        assert!(minute.iter().sum::<usize>() <= 30, "{minute:?}");
    }
    assert_eq!(told, 200);
    let progress = node.shown("ota").await.progress;
    assert_eq!(
        (
            progress.targets,
            progress.notified,
            progress.executions.queued
        ),
        (200, 200, 200)
    );
}

#[tokio::test]
async fn things_are_told_in_the_order_in_which_they_are_named() {
    let node = Node::with(4).await;
    group(&node, "g", None, &["t2", "t1"]).await;
    let one = json!({"jobExecutionsRolloutConfig": {"maximumPerMinute": 1}});
    node.job("ota", &["t4", "group:g", "t3"], one).await;
    let mut order = Vec::new();
    for _ in 0..4 {
        node.tick().await;
        order.extend(node.heard.take().into_iter().map(|told| told.topic));
        node.wait(60);
    }
    let notified = |thing: &str| format!("$aws/things/{thing}/jobs/notify");
    order.retain(|topic| topic.ends_with("/notify"));
    assert_eq!(order, ["t4", "t3", "t1", "t2"].map(notified));
}

#[tokio::test]
async fn a_stage_is_served_watched_and_let_go_on_by_its_statement() {
    let mut node = Node::with(10).await;
    let things = all(10);
    let more = json!({
        "jobExecutionsRolloutConfig": {"stages": [
            {"name": "canary", "percentage": 10, "soakMinutes": 1},
            {"name": "all", "percentage": 100},
        ]},
        "gates": {"advance": "healthy", "everySeconds": 10},
    });
    node.answers.holds("healthy", false);
    node.job("ota", &names(&things), more).await;
    node.run(5).await;
    assert_eq!(only(&node.statuses("ota").await), ["QUEUED"]);
    node.update("t1", "ota", "SUCCEEDED").await;
    node.tick().await;
    let progress = node.shown("ota").await.progress;
    assert_eq!(progress.stage.as_deref(), Some("canary"));
    assert_eq!(progress.served_at, Some(BEGIN + 5));
    // The soak time passes, and the statement does not hold.
    node.run(100).await;
    assert_eq!(node.statuses("ota").await.len(), 1);
    node.restart().await;
    assert_eq!(node.shown("ota").await.progress.served_at, Some(BEGIN + 5));
    node.answers.holds("healthy", true);
    node.run(10).await;
    let shown = node.shown("ota").await.progress;
    assert_eq!(shown.stage.as_deref(), Some("all"));
    assert!(shown.advance.is_some_and(|verdict| verdict.holds));
    assert!(shown.notified > 1);
    // It was asked every ten seconds.
    let asked = node.answers.asked("healthy");
    assert!((10..=14).contains(&asked), "{asked}");
}

#[tokio::test]
async fn a_snapshot_has_the_things_that_a_group_has_when_it_begins() {
    let node = Node::with(4).await;
    group(&node, "g", None, &["t1"]).await;
    node.job("now", &["group:g"], json!({})).await;
    node.job("later", &["group:g", "t4"], json!({"startsAt": BEGIN + 60}))
        .await;
    node.fleet.add_to_group("g", "t2", "acc_1").await.unwrap();
    node.run(60).await;
    node.fleet.add_to_group("g", "t3", "acc_1").await.unwrap();
    node.run(90).await;
    assert_eq!(told(&node, "now").await, [("t1".to_owned(), "QUEUED")]);
    let later = ["t1", "t2", "t4"].map(|thing| (thing.to_owned(), "QUEUED"));
    assert_eq!(told(&node, "later").await, later);
    let error = node.fleet.remove_group("g", "acc_1").await.unwrap_err();
    assert!(error.to_string().contains("which is not over"), "{error}");
    for job in ["now", "later"] {
        node.cancel(job, false).await.unwrap();
    }
    node.fleet.remove_group("g", "acc_1").await.unwrap();
}

#[tokio::test]
async fn who_comes_into_the_group_is_told_and_who_goes_is_taken_out() {
    let mut node = Node::with(4).await;
    group(&node, "g", None, &["t1", "t2"]).await;
    let more = json!({"targetSelection": "CONTINUOUS"});
    node.job("ota", &["group:g", "t4"], more).await;
    node.run(3).await;
    node.update("t1", "ota", "SUCCEEDED").await;
    node.accepted("t2", "start-next", json!({})).await;
    node.fleet.add_to_group("g", "t3", "acc_1").await.unwrap();
    for thing in ["t1", "t2"] {
        node.fleet
            .take_out_of_group("g", thing, "acc_1")
            .await
            .unwrap();
    }
    node.restart().await;
    node.run(61).await;
    let wanted = [
        ("t1", "SUCCEEDED"),
        ("t2", "REMOVED"),
        ("t3", "QUEUED"),
        ("t4", "QUEUED"),
    ]
    .map(|(thing, status)| (thing.to_owned(), status));
    assert_eq!(told(&node, "ota").await, wanted);
    // Who comes again is told again.
    node.fleet.add_to_group("g", "t2", "acc_1").await.unwrap();
    node.run(61).await;
    let last = node.statuses("ota").await;
    assert!(last.contains(&("t2".to_owned(), 2, "QUEUED")), "{last:?}");
    for thing in ["t2", "t3", "t4"] {
        node.update(thing, "ota", "SUCCEEDED").await;
    }
    node.run(61).await;
    assert_eq!(node.status("ota").await, "IN_PROGRESS");
}

#[tokio::test]
async fn a_statement_makes_up_the_targets() {
    let node = Node::with(3).await;
    group(&node, "hot", Some("hot ones"), &[]).await;
    let wanted = json!({"jobId": "ota", "targets": ["group:hot"], "document": {}});
    let error = node.try_job(wanted.clone()).await.unwrap_err();
    assert_eq!(error.code().code, "TL-FLEET-019");
    node.answers
        .names("hot ones", (0..10_001).map(|n| format!("x{n}")));
    let error = node.try_job(wanted.clone()).await.unwrap_err();
    assert!(error.to_string().contains("more than 10000"), "{error}");
    let named = |names: &[&str]| {
        names
            .iter()
            .map(|name| (*name).to_owned())
            .collect::<Vec<_>>()
    };
    node.answers
        .names("hot ones", named(&["t2", "no such thing", "t1", "t2"]));
    node.try_job(wanted).await.unwrap();
    node.job(
        "whoever",
        &["group:hot"],
        json!({"targetSelection": "CONTINUOUS"}),
    )
    .await;
    node.run(3).await;
    for job in ["ota", "whoever"] {
        let wanted = ["t1", "t2"].map(|thing| (thing.to_owned(), "QUEUED"));
        assert_eq!(told(&node, job).await, wanted);
    }
    node.answers.names("hot ones", named(&["t3"]));
    node.run(62).await;
    let wanted = [("t1", "REMOVED"), ("t2", "REMOVED"), ("t3", "QUEUED")]
        .map(|(thing, status)| (thing.to_owned(), status));
    assert_eq!(told(&node, "whoever").await, wanted);
}

#[tokio::test]
async fn a_group_that_cannot_be_looked_up_changes_nobody_and_is_told_of_once() {
    let mut node = Node::with(2).await;
    group(&node, "hot", Some("hot ones"), &[]).await;
    node.job("later", &["group:hot"], json!({"startsAt": BEGIN + 10}))
        .await;
    node.answers.names("hot ones", ["t1".to_owned()]);
    node.job(
        "whoever",
        &["group:hot"],
        json!({"targetSelection": "CONTINUOUS"}),
    )
    .await;
    node.answers.forget();
    node.run(200).await;
    node.restart().await;
    node.run(61).await;
    assert_eq!(told(&node, "whoever").await, [("t1".to_owned(), "QUEUED")]);
    // One that could not begin is not over.
    let later = node.shown("later").await;
    assert_eq!(later.summary.status.as_str(), "IN_PROGRESS");
    assert!(later.progress.failed["targets"].contains("no such table"));
    let failed = node.events("job.question.failed").await;
    let mut jobs: Vec<&str> = failed
        .iter()
        .map(|data| data["job"].as_str().unwrap())
        .collect();
    jobs.sort_unstable();
    assert_eq!(jobs, ["later", "whoever"]);
    node.answers.names("hot ones", ["t2".to_owned()]);
    node.run(62).await;
    assert_eq!(told(&node, "later").await, [("t2".to_owned(), "QUEUED")]);
    assert!(node.shown("later").await.progress.failed.is_empty());
}

#[tokio::test]
async fn without_anybody_who_answers_statements_fail() {
    let folder = tempfile::tempdir().unwrap();
    let config = trunkline_store::StoreConfig::default();
    let path = folder.path().join("control.db");
    let store = trunkline_store::Store::open(&path, &config);
    let clock = std::sync::Arc::new(trunkline_model::SystemClock);
    let ids = std::sync::Arc::new(trunkline_model::SeededIds::new(1));
    let journal = std::sync::Arc::new(trunkline_fleet::MemoryJournal::default());
    let fleet = trunkline_fleet::Fleet::open(store.await.unwrap(), clock, ids, journal)
        .await
        .unwrap();
    let wanted = NewGroup {
        name: "hot".into(),
        statement: Some("select 1".into()),
        ..NewGroup::default()
    };
    fleet.create_group(wanted, "acc_1").await.unwrap();
    let error = fleet.things_of_group("hot", "", 10).await.unwrap_err();
    assert!(
        matches!(&error, FleetError::Statement(why) if why.contains("nobody")),
        "{error}"
    );
}

#[tokio::test]
async fn jobs_do_not_hold_up_one_another() {
    let node = Node::with(2).await;
    let gates = |statement: &str| json!({"gates": {"abort": statement, "everySeconds": 1}});
    node.job("a", &["t1"], gates("broken")).await;
    node.job("b", &["t2"], json!({})).await;
    // A row that this version cannot read.
    let mut transaction = node.store.begin().await.unwrap();
    let text = "insert into job (id, job, status, created_at, open, groups, rollout, failed)
                values ('z', '{}', 'IN_PROGRESS', 0, true, '[]', '{}', '{}')";
    sqlx::query(text)
        .execute(transaction.connection())
        .await
        .unwrap();
    transaction.commit().await.unwrap();
    node.run(2).await;
    for job in ["a", "b"] {
        assert_eq!(node.statuses(job).await.len(), 1);
    }
}

#[tokio::test]
async fn a_job_without_targets_left_is_done() {
    let node = Node::with(1).await;
    group(&node, "empty", None, &[]).await;
    node.job("ota", &["group:empty"], json!({})).await;
    node.tick().await;
    assert_eq!(node.status("ota").await, "COMPLETED");
    let value: Value = serde_json::to_value(node.shown("ota").await).unwrap();
    assert_eq!(value["jobId"], "ota");
    assert_eq!(value["targetGroups"], json!(["empty"]));
    assert_eq!(value["progress"]["executions"]["queued"], 0);
}

#[tokio::test]
async fn a_gate_that_never_can_be_asked_is_refused() {
    let node = Node::with(1).await;
    let refused = |statement: &str| {
        let wanted = serde_json::json!({
            "jobId": "ota", "targets": ["t1"], "document": {}, "gates": {"abort": statement, "everySeconds": 5},
        });
        node.fleet
            .create_job(serde_json::from_value(wanted).unwrap(), "acc_1")
    };
    let error = refused("selec 1").await.unwrap_err();
    assert!(
        matches!(error, trunkline_fleet::FleetError::Statement(_)),
        "{error}"
    );
    // One whose table is not there yet is taken.
    refused("select true from later").await.unwrap();
    let wanted = NewGroup {
        name: "cellar".into(),
        statement: Some("selec 1".into()),
        ..NewGroup::default()
    };
    node.fleet.create_group(wanted, "acc_1").await.unwrap_err();
}
