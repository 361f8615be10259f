//! Who may pass.

use std::net::IpAddr;
use std::sync::Arc;

use http::request;
use trunkline_gateway::{
    Admission, Admit, Admitted, Denied, Limit, LimitAsk, Limited, Need, Ports,
};
use trunkline_model::code;

use crate::support::{Node, Upstream, ok, simple, status};

#[derive(Debug)]
struct Keys;

impl Admit for Keys {
    fn admit(&self, request: &request::Parts, need: &Need, _client: IpAddr) -> Admission {
        let found = request
            .headers
            .get("authorization")
            .is_some_and(|value| value == "Bearer good");
        if !found {
            return Admission::Now(Err(Denied::new(
                &code::GATEWAY_NO_CREDENTIAL,
                "no credential",
            )));
        }
        let admitted = Admitted::new("key", "tok_1".into(), "J\u{fc}rgen\r\nX: 1", &need.scopes)
            .with(Some("tok_1".into()), Some("gold".into()));
        Admission::Later(Box::pin(async move { Ok(Arc::new(admitted)) }))
    }
}

#[derive(Debug)]
struct Two(std::sync::atomic::AtomicU32);

impl Limit for Two {
    fn limit(&self, ask: &LimitAsk<'_>) -> Limited {
        assert_eq!(
            ask.admitted.and_then(|admitted| admitted.plan.as_deref()),
            Some("gold")
        );
        let mut limited = Limited {
            plan: Some("gold".into()),
            ..Limited::default()
        };
        if self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed) >= 2 {
            let mut denied = Denied::new(&code::GATEWAY_LIMITED, "two are enough");
            denied.retry_after = Some(std::time::Duration::from_millis(1500));
            limited.denied = Some(denied);
        }
        limited
    }
}

#[tokio::test]
async fn credentials_limits_and_identity_headers() {
    let upstream = Upstream::start(|_| ok("hi")).await;
    let ports = Ports {
        admit: Arc::new(Keys),
        limit: Arc::new(Two(0.into())),
        ..Ports::default()
    };
    let node = Node::with(
        &simple(
            upstream.address,
            "",
            "auth = [\"key\"]\nscopes = [\"orders\"]",
        ),
        ports,
        |_| {},
    );
    let answer = node.get("/", "X-Trunkline-Subject: root\r\n").await;
    assert!(
        status(&answer) == 401 && answer.contains("www-authenticate: Bearer"),
        "{answer}"
    );
    assert_eq!(upstream.count(), 0);
    for _ in 0..2 {
        assert_eq!(
            status(
                &node
                    .get(
                        "/",
                        "Authorization: Bearer good\r\nX-Trunkline-Subject: root\r\n"
                    )
                    .await
            ),
            200
        );
    }
    let head = upstream.last();
    assert!(
        head.contains("x-trunkline-subject: tok_1\r\n")
            && head.contains("x-trunkline-scopes: orders\r\n")
            && !head.contains("root"),
        "{head}"
    );
    assert!(
        head.contains("x-trunkline-name: J%C3%BCrgen%0D%0AX: 1\r\n"),
        "{head}"
    );
    let answer = node.get("/", "Authorization: Bearer good\r\n").await;
    assert!(
        status(&answer) == 429 && answer.contains("retry-after: 2"),
        "{answer}"
    );
    let event = node.event(|line| line["status"] == 429).await;
    assert!(
        event["plan"] == "gold" && event["refusal"] == "TL-GATEWAY-008",
        "{event}"
    );
}
