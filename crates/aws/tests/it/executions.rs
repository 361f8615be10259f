//! What devices do for jobs, from both sides.

use serde_json::{Value, json};

use crate::support::{Node, arn, each};

/// With jobs `a` and `b` for `t1` and `t2`, told.
async fn two_jobs() -> Node {
    let node = Node::with(2).await;
    for id in ["a", "b"] {
        let wanted = json!({"targets": [arn("thing/t1"), arn("thing/t2")], "document": json!({"install": id}).to_string()});
        node.iot("PUT", &format!("/jobs/{id}"), wanted)
            .await
            .granted();
        node.run(1).await;
    }
    node.heard.topics();
    node
}

#[tokio::test]
async fn a_device_works_over_http() {
    let node = two_jobs().await;
    let pending = node.jobs("GET", "/things/t1/jobs", "").await.granted();
    assert_eq!(
        each(pending["queuedJobs"].as_array().unwrap(), "jobId"),
        ["a", "b"]
    );
    assert_eq!(pending["inProgressJobs"], json!([]));
    let next = node
        .jobs("GET", "/things/t1/jobs/%24next?includeJobDocument=true", "")
        .await
        .granted();
    assert_eq!(
        (
            &next["execution"]["jobId"],
            &next["execution"]["jobDocument"]
        ),
        (&json!("a"), &json!(r#"{"install":"a"}"#))
    );
    let begin = json!({"statusDetails": {"step": "download"}, "stepTimeoutInMinutes": 5});
    let begun = node
        .jobs("PUT", "/things/t1/jobs/$next", begin)
        .await
        .granted();
    assert_eq!(
        (&begun["execution"]["jobId"], &begun["execution"]["status"]),
        (&json!("a"), &json!("IN_PROGRESS"))
    );
    assert_eq!(begun["execution"]["jobDocument"], r#"{"install":"a"}"#);
    // What it has to do is what it was, and nobody is answered who did not ask.
    assert!(node.heard.topics().is_empty());
    let without = node.jobs("GET", "/things/t1/jobs/a", "").await.granted();
    assert!(without["execution"].get("jobDocument").is_none());
    let version = without["execution"]["versionNumber"].as_u64().unwrap();
    let wrong = json!({"status": "SUCCEEDED", "expectedVersion": version + 1});
    let wrong = node.jobs("POST", "/things/t1/jobs/a", wrong).await;
    assert_eq!(wrong.refused(), (409, "InvalidStateTransitionException"));
    let done = json!({
        "status": "SUCCEEDED", "expectedVersion": version, "includeJobExecutionState": true, "includeJobDocument": true,
    });
    let done = node.jobs("POST", "/things/t1/jobs/a", done).await.granted();
    assert_eq!(
        (&done["executionState"]["status"], &done["jobDocument"]),
        (&json!("SUCCEEDED"), &json!(r#"{"install":"a"}"#))
    );
    assert_eq!(
        node.heard.topics(),
        [
            "$aws/things/t1/jobs/notify",
            "$aws/things/t1/jobs/notify-next"
        ]
    );
    let ended = node.jobs("GET", "/things/t1/jobs/a", "").await;
    assert_eq!(ended.refused(), (410, "TerminalStateException"));
}

#[tokio::test]
async fn what_a_device_asks_wrongly_is_refused() {
    let node = two_jobs().await;
    let invalid = (400, "InvalidRequestException");
    let unknown = (404, "ResourceNotFoundException");
    for (method, path, body, wanted) in [
        ("GET", "/things/none/jobs", json!(""), unknown),
        ("GET", "/things/t1/jobs/none", json!(""), unknown),
        ("GET", "/things/a%20b/jobs", json!(""), invalid),
        (
            "GET",
            "/things/t1/jobs/a?executionNumber=x",
            json!(""),
            invalid,
        ),
        ("GET", "/things/t1/jobs/a?version=1", json!(""), invalid),
        (
            "POST",
            "/things/t1/jobs/a",
            json!({"status": "QUEUED"}),
            invalid,
        ),
        ("POST", "/things/t1/jobs/a", json!([]), invalid),
        (
            "POST",
            "/things/t1/jobs/a%2Fb",
            json!({"status": "FAILED"}),
            (404, "UnknownOperationException"),
        ),
        (
            "PUT",
            "/things/t1/jobs/%24next",
            json!({"stepTimeoutInMinutes": 0}),
            invalid,
        ),
        (
            "DELETE",
            "/things/t1/jobs/a",
            json!(""),
            (404, "UnknownOperationException"),
        ),
    ] {
        let reply = node.jobs(method, path, &body).await;
        assert_eq!(reply.refused(), wanted, "{method} {path} {body}");
    }
}

#[tokio::test]
async fn executions_are_listed_and_shown() {
    let node = two_jobs().await;
    node.jobs("PUT", "/things/t1/jobs/$next", "")
        .await
        .granted();
    let of_job = node.pages("/jobs/a/things?", "executionSummaries").await;
    assert_eq!(
        each(&of_job, "thingArn"),
        [arn("thing/t1"), arn("thing/t2")]
    );
    let begun = node
        .pages("/jobs/a/things?status=IN_PROGRESS&", "executionSummaries")
        .await;
    assert_eq!(each(&begun, "thingArn"), [arn("thing/t1")]);
    assert_eq!(begun[0]["jobExecutionSummary"]["executionNumber"], 1);
    for (query, ids) in [
        ("", "ba"),
        ("status=QUEUED&", "b"),
        ("jobId=a&", "a"),
        ("jobId=a&status=QUEUED&", ""),
    ] {
        let path = format!("/things/t1/jobs?{query}");
        let all = node.pages(&path, "executionSummaries").await;
        assert_eq!(each(&all, "jobId").concat(), ids, "{query}");
    }
    let shown = node.iot("GET", "/things/t1/jobs/a", "").await.granted();
    let shown = &shown["execution"];
    assert_eq!(
        (&shown["status"], &shown["thingArn"]),
        (&json!("IN_PROGRESS"), &json!(arn("thing/t1")))
    );
    assert_eq!(
        (&shown["executionNumber"], &shown["versionNumber"]),
        (&json!(1), &json!(2))
    );
    assert!(shown.get("approximateSecondsBeforeTimedOut").is_none());
    for path in [
        "/things/t1/jobs/a?executionNumber=2",
        "/things/none/jobs/a",
        "/things/t1/jobs/none",
    ] {
        let reply = node.iot("GET", path, "").await;
        assert_eq!(
            reply.refused(),
            (404, "ResourceNotFoundException"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn an_execution_is_shown_by_its_number() {
    let node = Node::with(2).await;
    let retry = json!({"criteriaList": [{"failureType": "FAILED", "numberOfRetries": 10}]});
    let wanted = json!({
        "targets": [arn("thing/t1"), arn("thing/t2")], "document": "{}", "jobExecutionsRetryConfig": retry,
    });
    node.iot("PUT", "/jobs/a", wanted).await.granted();
    node.run(1).await;
    for _ in 0..10 {
        node.jobs("PUT", "/things/t1/jobs/$next", "")
            .await
            .granted();
        let failed = json!({"status": "FAILED"});
        node.jobs("POST", "/things/t1/jobs/a", failed)
            .await
            .granted();
        node.run(1).await;
    }
    for (query, number, status) in [
        ("", 11, "QUEUED"),
        ("?executionNumber=1", 1, "FAILED"),
        ("?executionNumber=10", 10, "FAILED"),
        ("?executionNumber=11", 11, "QUEUED"),
    ] {
        let path = format!("/things/t1/jobs/a{query}");
        let shown = node.iot("GET", &path, "").await.granted();
        let shown = &shown["execution"];
        assert_eq!(
            (&shown["executionNumber"], &shown["status"]),
            (&json!(number), &json!(status)),
            "{query}"
        );
    }
    for number in ["0", "12", "18446744073709551615"] {
        let path = format!("/things/t1/jobs/a?executionNumber={number}");
        let none = node.iot("GET", &path, "").await;
        assert_eq!(none.refused(), (404, "ResourceNotFoundException"));
    }
}

#[tokio::test]
async fn an_execution_is_called_off() {
    let node = two_jobs().await;
    node.jobs("PUT", "/things/t1/jobs/$next", "")
        .await
        .granted();
    let cancel = async |query: &str, body: Value| {
        let path = format!("/things/t1/jobs/a/cancel{query}");
        node.iot("PUT", &path, body).await
    };
    let begun = cancel("", json!({})).await;
    assert_eq!(begun.refused(), (409, "InvalidStateTransitionException"));
    let version = cancel("?force=true", json!({"expectedVersion": 9})).await;
    assert_eq!(version.refused(), (409, "VersionConflictException"));
    node.heard.topics();
    let off = cancel(
        "?force=true",
        json!({"expectedVersion": 2, "statusDetails": {"why": "so"}}),
    )
    .await;
    assert_eq!(off.granted(), Value::Null);
    assert_eq!(
        node.heard.topics(),
        [
            "$aws/things/t1/jobs/notify",
            "$aws/things/t1/jobs/notify-next"
        ]
    );
    let shown = node.iot("GET", "/things/t1/jobs/a", "").await.granted();
    assert_eq!(shown["execution"]["status"], "CANCELED");
    assert_eq!(
        shown["execution"]["statusDetails"],
        json!({"detailsMap": {"why": "so"}})
    );
    assert_eq!(shown["execution"]["forceCanceled"], true);
}
