//! Making, calling off and deleting jobs, and what takes too long.

use serde_json::json;
use trunkline_fleet::FleetError;
use trunkline_job::{CancelExecution, JobStatus, Status};
use trunkline_model::Coded as _;

use crate::support::{BEGIN, Node, only, topics};

#[tokio::test]
async fn each_broken_rule_is_named_and_nothing_is_made() {
    let node = Node::with(2).await;
    node.job("ota", &["t1"], json!({})).await;
    let document = json!({"a": 1});
    for (wanted, code, words) in [
        (
            json!({"jobId": "ota", "targets": ["t1"], "document": document}),
            "TL-FLEET-013",
            "already",
        ),
        (
            json!({"jobId": "a b", "targets": ["t1"], "document": document}),
            "TL-FLEET-014",
            "jobId",
        ),
        (
            json!({"jobId": "x", "targets": [], "document": document}),
            "TL-FLEET-014",
            "at least one",
        ),
        (
            json!({"jobId": "x", "targets": ["t1", "t1"], "document": document}),
            "TL-FLEET-014",
            "twice",
        ),
        (
            json!({"jobId": "x", "targets": ["t1", "t9"], "document": document}),
            "TL-FLEET-001",
            "t9",
        ),
        (
            json!({"jobId": "x", "targets": ["group:g"], "document": document}),
            "TL-FLEET-016",
            "`g`",
        ),
        (
            json!({"jobId": "x", "targets": ["t1"], "document": document, "jobExecutionsRolloutConfig": {"maximumPerMinute": 0}}),
            "TL-FLEET-014",
            "maximumPerMinute",
        ),
    ] {
        let error = node.try_job(wanted).await.unwrap_err();
        assert_eq!(error.code().code, code, "{error}");
        assert!(error.to_string().contains(words), "{error}");
    }
    assert_eq!(node.fleet.jobs(None, "", 10).await.unwrap().jobs.len(), 1);
    assert!(matches!(
        node.fleet.job("x").await,
        Err(FleetError::JobUnknown(_))
    ));
    assert_eq!(node.events("job.changed").await.len(), 1);
}

#[tokio::test]
async fn there_are_so_many_jobs_at_a_time() {
    let node = Node::with(1).await;
    for n in 0..100 {
        node.job(&format!("j{n}"), &["t1"], json!({})).await;
    }
    let more = json!({"jobId": "more", "targets": ["t1"], "document": {}});
    let error = node.try_job(more.clone()).await.unwrap_err();
    assert_eq!(error.code().code, "TL-FLEET-023");
    node.cancel("j7", false).await.unwrap();
    node.try_job(more).await.unwrap();
}

#[tokio::test]
async fn jobs_and_executions_are_listed_page_by_page() {
    let node = Node::with(5).await;
    for id in ["a", "b", "c"] {
        node.job(id, &["t1", "t2", "t3", "t4", "t5"], json!({}))
            .await;
        node.wait(1);
    }
    node.tick().await;
    node.cancel("b", false).await.unwrap();
    let mut seen = Vec::new();
    let mut after = String::new();
    loop {
        let page = node.fleet.jobs(None, &after, 2).await.unwrap();
        seen.extend(page.jobs.into_iter().map(|job| job.job_id));
        let Some(next) = page.next else { break };
        after = next;
    }
    assert_eq!(seen, ["c", "b", "a"]);
    let canceled = node
        .fleet
        .jobs(Some(JobStatus::Canceled), "", 10)
        .await
        .unwrap();
    assert_eq!(canceled.jobs.len(), 1);
    assert_eq!(canceled.next, None);
    let page = node.fleet.executions("a", None, "", 2).await.unwrap();
    let last = page.next.unwrap();
    assert_eq!(last, "t2/1");
    let page = node.fleet.executions("a", None, &last, 10).await.unwrap();
    let things: Vec<_> = page
        .executions
        .iter()
        .map(|one| one.thing_name.as_str())
        .collect();
    assert_eq!(things, ["t3", "t4", "t5"]);
    let off = node
        .fleet
        .executions("b", Some(Status::Canceled), "", 10)
        .await
        .unwrap();
    assert_eq!(off.executions.len(), 5);
    let of_thing = node.fleet.executions_of("t1", "", 2).await.unwrap();
    let jobs: Vec<_> = of_thing
        .executions
        .iter()
        .map(|one| one.job_id.as_str())
        .collect();
    assert_eq!(jobs, ["c", "b"]);
    let rest = node
        .fleet
        .executions_of("t1", &of_thing.next.unwrap(), 2)
        .await
        .unwrap();
    assert_eq!((rest.executions.len(), rest.next), (1, None));
    for wrong in ["x", "a/b"] {
        assert!(matches!(
            node.fleet.jobs(None, wrong, 1).await,
            Err(FleetError::Page)
        ));
    }
    assert!(matches!(
        node.fleet.executions_of("t1", "x", 1).await,
        Err(FleetError::Page)
    ));
}

#[tokio::test]
async fn who_has_begun_may_go_on_unless_force_is_asked_for() {
    let node = Node::with(2).await;
    node.job("ota", &["t1", "t2"], json!({})).await;
    node.tick().await;
    node.accepted("t1", "start-next", json!({})).await;
    node.heard.take();
    let shown = node.cancel("ota", false).await.unwrap();
    assert_eq!(shown.summary.status, JobStatus::Canceled);
    let off = |status| {
        [
            ("t1".to_owned(), 1, status),
            ("t2".to_owned(), 1, "CANCELED"),
        ]
    };
    assert_eq!(node.statuses("ota").await, off("IN_PROGRESS"));
    assert_eq!(topics(&node.heard.take()), ["notify", "notify-next"]);
    assert_eq!(
        node.rejected("t2", "ota/update", json!({"status": "IN_PROGRESS"}))
            .await,
        "InvalidStateTransition"
    );
    let error = node.cancel("ota", false).await.unwrap_err();
    assert_eq!(error.code().code, "TL-FLEET-015");
    node.cancel("ota", true).await.unwrap();
    assert_eq!(node.statuses("ota").await, off("CANCELED"));
    assert_eq!(topics(&node.heard.take()), ["notify", "notify-next"]);
    let jobs = node.events("job.changed").await;
    assert_eq!(jobs.len(), 3);
    assert_eq!(
        (&jobs[1]["forced"], &jobs[2]["forced"]),
        (&json!(false), &json!(true))
    );
}

#[tokio::test]
async fn a_job_is_deleted_when_it_is_over_or_by_force() {
    let node = Node::with(1).await;
    node.job("ota", &["t1"], json!({})).await;
    node.tick().await;
    node.accepted("t1", "start-next", json!({})).await;
    node.heard.take();
    let gently = node
        .fleet
        .delete_job("ota", false, "acc_1", &*node.heard)
        .await;
    assert_eq!(gently.unwrap_err().code().code, "TL-FLEET-015");
    node.fleet
        .delete_job("ota", true, "acc_1", &*node.heard)
        .await
        .unwrap();
    assert_eq!(topics(&node.heard.take()), ["notify", "notify-next"]);
    assert!(matches!(
        node.fleet.job("ota").await,
        Err(FleetError::JobUnknown(_))
    ));
    assert_eq!(
        node.rejected("t1", "ota/update", json!({"status": "SUCCEEDED"}))
            .await,
        "ResourceNotFound"
    );
    assert!(
        node.fleet
            .executions_of("t1", "", 10)
            .await
            .unwrap()
            .executions
            .is_empty()
    );
    let jobs = node.events("job.changed").await;
    assert_eq!(jobs[2]["removed"], true);
    // The id is free again.
    node.job("ota", &["t1"], json!({})).await;
}

#[tokio::test]
async fn what_a_kill_left_half_swept_is_swept_by_the_next_tick() {
    let mut node = Node::with(2).await;
    for id in ["off", "gone"] {
        node.job(id, &["t1", "t2"], json!({})).await;
    }
    node.tick().await;
    // As if the process had been killed between the change of the job and the sweep.
    for (id, status) in [("off", "CANCELED"), ("gone", "DELETION_IN_PROGRESS")] {
        let mut transaction = node.store.begin().await.unwrap();
        let text =
            "update job set status = $2, job = replace(job, '\"IN_PROGRESS\"', $3) where id = $1";
        let change = sqlx::query(text)
            .bind(id)
            .bind(status)
            .bind(format!("\"{status}\""));
        change.execute(transaction.connection()).await.unwrap();
        transaction.commit().await.unwrap();
    }
    node.restart().await;
    assert_eq!(only(&node.statuses("off").await), ["QUEUED", "QUEUED"]);
    // A device that asks before the sweep finds it all as it should be.
    let list = node.accepted("t1", "get", json!({})).await;
    assert_eq!(list["queuedJobs"], json!([]));
    node.tick().await;
    assert_eq!(only(&node.statuses("off").await), ["CANCELED", "CANCELED"]);
    assert!(matches!(
        node.fleet.job("gone").await,
        Err(FleetError::JobUnknown(_))
    ));
}

#[tokio::test]
async fn what_takes_too_long_ends_and_is_tried_again() {
    let node = Node::with(1).await;
    let more = json!({
        "timeoutConfig": {"inProgressTimeoutInMinutes": 2},
        "jobExecutionsRetryConfig": {"criteriaList": [{"failureType": "TIMED_OUT", "numberOfRetries": 1}]},
    });
    node.job("ota", &["t1"], more).await;
    node.tick().await;
    node.accepted("t1", "start-next", json!({})).await;
    node.heard.take();
    node.wait(119);
    node.tick().await;
    assert_eq!(only(&node.statuses("ota").await), ["IN_PROGRESS"]);
    node.wait(1);
    node.tick().await;
    assert_eq!(only(&node.statuses("ota").await), ["TIMED_OUT", "QUEUED"]);
    assert_eq!(topics(&node.heard.take()), ["notify", "notify-next"]);
    // The device need not wait for the sweep, and a step timer counts too.
    node.accepted("t1", "start-next", json!({"stepTimeoutInMinutes": 1}))
        .await;
    node.wait(60);
    let code = node
        .rejected("t1", "ota/update", json!({"status": "SUCCEEDED"}))
        .await;
    assert_eq!(code, "InvalidStateTransition");
    assert_eq!(
        only(&node.statuses("ota").await),
        ["TIMED_OUT", "TIMED_OUT"]
    );
    node.tick().await;
    assert_eq!(node.status("ota").await, "COMPLETED");
}

#[tokio::test]
async fn one_execution_is_called_off() {
    let node = Node::with(2).await;
    node.job("ota", &["t1", "t2"], json!({})).await;
    node.tick().await;
    node.accepted("t1", "start-next", json!({})).await;
    let mut cancel = CancelExecution::default();
    let gently = node
        .fleet
        .cancel_execution("ota", "t1", &cancel)
        .await
        .unwrap_err();
    assert_eq!(gently.code().code, "TL-FLEET-015");
    cancel.force = true;
    let told = node
        .fleet
        .cancel_execution("ota", "t1", &cancel)
        .await
        .unwrap();
    assert_eq!(topics(&told), ["notify", "notify-next"]);
    for (job, thing) in [("ota", "nobody"), ("other", "t2")] {
        let error = node
            .fleet
            .cancel_execution(job, thing, &cancel)
            .await
            .unwrap_err();
        assert_eq!(error.code().code, "TL-FLEET-012");
    }
    assert_eq!(only(&node.statuses("ota").await), ["CANCELED", "QUEUED"]);
    node.update("t2", "ota", "SUCCEEDED").await;
    node.tick().await;
    assert_eq!(node.status("ota").await, "COMPLETED");
}

#[tokio::test]
async fn a_thing_that_goes_ends_what_it_has_to_do_and_the_job_remembers() {
    let node = Node::with(3).await;
    node.job(
        "ota",
        &["t1", "t2", "t3"],
        json!({"jobExecutionsRolloutConfig": {"maximumPerMinute": 2}}),
    )
    .await;
    node.run(31).await;
    assert_eq!(node.shown("ota").await.progress.notified, 2);
    node.update("t1", "ota", "FAILED").await;
    node.accepted("t2", "start-next", json!({})).await;
    for thing in ["t1", "t2", "t3"] {
        node.fleet.remove(thing, "acc_1").await.unwrap();
    }
    let wanted = [
        ("t1".to_owned(), 1, "FAILED"),
        ("t2".to_owned(), 1, "REMOVED"),
    ];
    assert_eq!(node.statuses("ota").await, wanted);
    let last = node.events("job.execution.changed").await.pop().unwrap();
    assert_eq!(
        (&last["thing"], &last["status"]),
        (&json!("t2"), &json!("REMOVED"))
    );
    node.run(60).await;
    assert_eq!(node.status("ota").await, "COMPLETED");
    // One of the same name is another: it has nothing to do.
    node.thing("t2").await;
    let next = node.accepted("t2", "$next/get", json!({})).await;
    assert_eq!(next.get("execution"), None);
}

#[tokio::test]
async fn a_job_begins_when_its_time_has_come() {
    let mut node = Node::with(1).await;
    node.job("later", &["t1"], json!({"startsAt": BEGIN + 100}))
        .await;
    assert_eq!(node.status("later").await, "SCHEDULED");
    node.wait(99);
    node.tick().await;
    assert!(node.heard.take().is_empty());
    node.restart().await;
    node.wait(1);
    node.tick().await;
    assert_eq!(node.status("later").await, "IN_PROGRESS");
    assert_eq!(topics(&node.heard.take()), ["notify", "notify-next"]);
    // One that is called off before never begins.
    node.job("never", &["t1"], json!({"startsAt": BEGIN + 200}))
        .await;
    node.cancel("never", false).await.unwrap();
    node.wait(200);
    node.tick().await;
    assert_eq!(node.status("never").await, "CANCELED");
    assert!(node.statuses("never").await.is_empty());
}
