//! Jobs, as those who make them see them.

use serde_json::{Value, json};

use crate::support::{BEGIN, Node, arn, each};

/// A job for these things and groups.
fn job(targets: &[&str]) -> Value {
    let targets: Vec<String> = targets.iter().map(|target| arn(target)).collect();
    json!({"targets": targets, "document": r#"{"version": "1.2.3"}"#})
}

#[tokio::test]
async fn a_job_lives_and_goes() {
    let node = Node::with(3).await;
    node.iot("POST", "/thing-groups/g", "").await.granted();
    let member = json!({"thingName": "t3", "thingGroupName": "g"});
    node.iot("PUT", "/thing-groups/addThingToThingGroup", member)
        .await
        .granted();
    let mut wanted = job(&["thing/t2", "thing/t1", "thinggroup/g"]);
    wanted["description"] = "the new image".into();
    wanted["targetSelection"] = "CONTINUOUS".into();
    wanted["jobExecutionsRolloutConfig"] = json!({"maximumPerMinute": 50});
    wanted["timeoutConfig"] = json!({"inProgressTimeoutInMinutes": 5});
    wanted["abortConfig"] = json!({"criteriaList": [{
        "failureType": "FAILED", "action": "CANCEL", "thresholdPercentage": 20.5, "minNumberOfExecutedThings": 10,
    }]});
    wanted["jobExecutionsRetryConfig"] =
        json!({"criteriaList": [{"failureType": "FAILED", "numberOfRetries": 2}]});
    let about = json!({"jobArn": arn("job/ota"), "jobId": "ota", "description": "the new image"});
    assert_eq!(node.iot("PUT", "/jobs/ota", &wanted).await.granted(), about);
    let again = node.iot("PUT", "/jobs/ota", &wanted).await;
    assert_eq!(again.refused(), (409, "ResourceAlreadyExistsException"));
    node.run(10).await;
    let shown = node.iot("GET", "/jobs/ota", "").await.granted();
    let shown = &shown["job"];
    for (member, value) in [
        ("status", json!("IN_PROGRESS")),
        (
            "targets",
            json!([arn("thing/t2"), arn("thing/t1"), arn("thinggroup/g")]),
        ),
        ("targetSelection", json!("CONTINUOUS")),
        ("description", json!("the new image")),
        (
            "jobExecutionsRolloutConfig",
            json!({"maximumPerMinute": 50}),
        ),
        ("timeoutConfig", json!({"inProgressTimeoutInMinutes": 5})),
        ("abortConfig", wanted["abortConfig"].clone()),
        (
            "jobExecutionsRetryConfig",
            wanted["jobExecutionsRetryConfig"].clone(),
        ),
        ("createdAt", json!(BEGIN)),
        ("forceCanceled", json!(false)),
    ] {
        assert_eq!(shown[member], value, "{member}");
    }
    assert_eq!(shown["jobProcessDetails"]["numberOfQueuedThings"], 3);
    assert!(shown.get("schedulingConfig").is_none() && shown.get("reasonCode").is_none());
    let document = node
        .iot("GET", "/jobs/ota/job-document", "")
        .await
        .granted();
    assert_eq!(document, json!({"document": r#"{"version":"1.2.3"}"#}));
    let open = node.iot("DELETE", "/jobs/ota", "").await;
    assert_eq!(open.refused(), (409, "InvalidStateTransitionException"));
    node.heard.topics();
    let reason = json!({"reasonCode": "BAD_IMAGE", "comment": "it does not start"});
    let off = node.iot("PUT", "/jobs/ota/cancel", &reason).await;
    assert_eq!(off.granted(), about);
    assert!(
        node.heard
            .topics()
            .contains(&"$aws/things/t1/jobs/notify".to_owned())
    );
    let shown = node.iot("GET", "/jobs/ota", "").await.granted();
    assert_eq!(
        (&shown["job"]["status"], &shown["job"]["reasonCode"]),
        (&json!("CANCELED"), &json!("BAD_IMAGE"))
    );
    let over = node.iot("PUT", "/jobs/ota/cancel", "").await;
    assert_eq!(over.refused(), (400, "InvalidRequestException"));
    node.iot("DELETE", "/jobs/ota?force=false", "")
        .await
        .granted();
    node.run(1).await;
    let gone = node.iot("GET", "/jobs/ota", "").await;
    assert_eq!(gone.refused(), (404, "ResourceNotFoundException"));
}

#[tokio::test]
async fn jobs_are_listed_the_newest_first() {
    let node = Node::with(1).await;
    for id in ["a", "b", "c", "d", "e"] {
        let mut wanted = job(&["thing/t1"]);
        if id == "b" || id == "d" {
            wanted["targetSelection"] = "CONTINUOUS".into();
        }
        node.iot("PUT", &format!("/jobs/{id}"), wanted)
            .await
            .granted();
        node.run(1).await;
    }
    node.iot("PUT", "/jobs/c/cancel?force=true", "")
        .await
        .granted();
    for (query, ids) in [
        ("", "edcba"),
        ("status=IN_PROGRESS&", "edba"),
        ("status=CANCELED&", "c"),
        ("targetSelection=SNAPSHOT&", "eca"),
        ("targetSelection=CONTINUOUS&status=IN_PROGRESS&", "db"),
    ] {
        let all = node.pages(&format!("/jobs?{query}"), "jobs").await;
        assert_eq!(each(&all, "jobId").concat(), ids, "{query}");
    }
}

#[tokio::test]
async fn a_job_may_begin_later() {
    let node = Node::with(1).await;
    let mut wanted = job(&["thing/t1"]);
    wanted["schedulingConfig"] = json!({"startTime": "2026-06-01T10:00"});
    node.iot("PUT", "/jobs/later", wanted).await.granted();
    let shown = node.iot("GET", "/jobs/later", "").await.granted();
    assert_eq!(shown["job"]["status"], "SCHEDULED");
    assert_eq!(
        shown["job"]["schedulingConfig"],
        json!({"startTime": "2026-06-01T10:00"})
    );
}

#[tokio::test]
async fn what_jobs_have_none_of_is_refused() {
    let node = Node::with(1).await;
    let invalid = (400, "InvalidRequestException");
    let with = |member: &str, value: Value| {
        let mut wanted = job(&["thing/t1"]);
        wanted[member] = value;
        wanted
    };
    for (wanted, refusal) in [
        (with("documentSource", json!("https://s3/x")), invalid),
        (with("presignedUrlConfig", json!({})), invalid),
        (with("namespaceId", json!("n")), invalid),
        (
            with("schedulingConfig", json!({"endTime": "2027-01-01T00:00"})),
            invalid,
        ),
        (
            with("schedulingConfig", json!({"startTime": "soon"})),
            invalid,
        ),
        (with("document", Value::Null), invalid),
        (with("document", json!("[]")), invalid),
        (with("targets", json!(["t1"])), invalid),
        (with("targets", json!([arn("cert/t1")])), invalid),
        (with("targets", json!([])), invalid),
        (with("targetSelection", json!("SOME")), invalid),
        (
            with("jobExecutionsRolloutConfig", json!({"maximumPerMinute": 0})),
            invalid,
        ),
        (job(&["thing/none"]), (404, "ResourceNotFoundException")),
        (
            job(&["thinggroup/none"]),
            (404, "ResourceNotFoundException"),
        ),
    ] {
        let reply = node.iot("PUT", "/jobs/ota", &wanted).await;
        assert_eq!(reply.refused(), refusal, "{wanted}");
    }
    for path in [
        "/jobs?thingGroupName=g",
        "/jobs?status=OPEN",
        "/jobs?nextToken=eA%3D%3D",
    ] {
        let reply = node.iot("GET", path, "").await;
        assert_eq!(reply.refused(), invalid, "{path}");
    }
}
