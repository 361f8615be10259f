//! A draft from traffic.

use serde_json::json;
use trunkline_contract::{Contract, Document, LearnLimits, Learner, Seen, SeenBody};
use trunkline_model::Timestamp;

fn seen<'a>(method: &'a str, path: &'a str, at: i64) -> Seen<'a> {
    Seen {
        method,
        path,
        query_keys: &[],
        request: None,
        status: 200,
        response: None,
        at: Timestamp::from_millis(at),
    }
}

fn body(text: &str) -> Option<SeenBody<'_>> {
    Some(SeenBody {
        content_type: "application/json; charset=utf-8",
        json: Some(text.as_bytes()),
    })
}

fn learnt() -> Learner {
    let mut learner = Learner::new(LearnLimits::default());
    for id in 1..=30 {
        let path = format!("/v1/orders/{id}");
        let answer =
            json!({"id": id, "mail": "kim@example.com", "note": "private words"}).to_string();
        learner.observe(&Seen {
            response: body(&answer),
            query_keys: &["expand"],
            ..seen("GET", &path, id)
        });
    }
    let request = r#"{"name":"private words","count":2}"#;
    learner.observe(&Seen {
        request: body(request),
        status: 201,
        ..seen("POST", "/v1/orders", 99)
    });
    learner.observe(&seen(
        "GET",
        "/v1/orders/7/lines/7f3c9d2e-1b1a-4c7e-9f00-0123456789ab",
        5,
    ));
    learner.observe(&Seen {
        status: 404,
        ..seen("GET", "/wp-admin.php", 5)
    });
    learner
}

#[test]
fn the_draft_is_a_document_that_takes_what_was_seen() {
    let draft = learnt().draft("Orders");
    let text = draft.to_string();
    assert!(
        !text.contains("private") && !text.contains("kim@") && !text.contains("wp-admin"),
        "{text}"
    );
    insta::with_settings!({sort_maps => true}, { insta::assert_json_snapshot!(draft) });
    let contract = Contract::compile(&Document::read(&text).unwrap()).unwrap();
    let mut headers = http::HeaderMap::new();
    headers.insert("content-type", "application/json".parse().unwrap());
    assert!(
        contract
            .check_request(
                "POST",
                "/v1/orders",
                None,
                &headers,
                Some(br#"{"name":"x","count":1}"#)
            )
            .is_ok()
    );
    assert!(
        contract
            .check_request(
                "POST",
                "/v1/orders",
                None,
                &headers,
                Some(br#"{"name":"x"}"#)
            )
            .is_err()
    );
}

#[test]
fn endpoints_are_counted_and_the_state_can_be_kept() {
    let learner = learnt();
    let endpoints = learner.endpoints();
    let paths: Vec<_> = endpoints
        .iter()
        .map(|one| (one.method.as_str(), one.path.as_str(), one.count))
        .collect();
    assert_eq!(
        paths,
        [
            ("POST", "/v1/orders", 1),
            ("GET", "/v1/orders/{id}", 30),
            ("GET", "/v1/orders/{id}/lines/{id2}", 1)
        ]
    );
    assert_eq!(endpoints[1].first, Timestamp::from_millis(1));
    assert_eq!(endpoints[1].last, Timestamp::from_millis(30));
    let kept: Learner = serde_json::from_str(&serde_json::to_string(&learner).unwrap()).unwrap();
    assert_eq!(kept, learner);
}

#[test]
fn what_the_contract_lacks_is_told() {
    let document = Document::from_value(json!({"openapi": "3.1.0", "info": {}, "paths": {"/v1/orders": {"get": {"responses": {}}}, "/v1/orders/{x}": {"get": {"responses": {}}}}})).unwrap();
    let found = learnt().undocumented(&Contract::compile(&document).unwrap());
    let found: Vec<_> = found
        .iter()
        .map(|one| (one.endpoint.path.as_str(), one.path_is_documented))
        .collect();
    assert_eq!(
        found,
        [("/v1/orders", true), ("/v1/orders/{id}/lines/{id2}", false)]
    );
}

#[test]
fn many_names_in_one_place_become_a_parameter_and_memory_is_bounded() {
    let mut learner = Learner::new(LearnLimits {
        operations: 50,
        ..LearnLimits::default()
    });
    let names: Vec<_> = (b'a'..=b'z')
        .flat_map(|a| (b'a'..=b'z').map(move |b| format!("{}{}", a as char, b as char)))
        .collect();
    for name in &names {
        let path = format!("/api/users/{name}/mail");
        learner.observe(&seen("GET", &path, 1));
    }
    let endpoints = learner.endpoints();
    assert_eq!(endpoints.len(), 1, "{endpoints:?}");
    assert_eq!(
        (endpoints[0].path.as_str(), endpoints[0].count),
        ("/api/users/{id}/mail", names.len() as u64)
    );

    for name in &names {
        learner.observe(&seen("GET", &format!("/{name}"), 1));
        let wide: serde_json::Map<_, _> = names
            .iter()
            .map(|name| (name.clone(), json!({"x": 1})))
            .collect();
        learner.observe(&Seen {
            response: body(&json!(wide).to_string()),
            ..seen("GET", "/wide", 1)
        });
    }
    assert!(learner.endpoints().len() <= 51 && learner.dropped() > 0);
    assert!(serde_json::to_string(&learner).unwrap().len() < 100_000);
}
