//! Which file, which form, which headers.

use axum::body::{Body, to_bytes};
use axum::http::{Request, Response, StatusCode, header};
use tower::ServiceExt as _;
use trunkline_console::{Files, router_of};

use crate::build::{BROTLI, INDEX, SCRIPT, console};

async fn ask(
    router: &axum::Router,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
) -> (Response<()>, Vec<u8>) {
    let mut request = Request::builder().method(method).uri(path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let response = router
        .clone()
        .oneshot(request.body(Body::empty()).unwrap())
        .await
        .unwrap();
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, usize::MAX).await.unwrap().to_vec();
    (Response::from_parts(parts, ()), bytes)
}

fn value(response: &Response<()>, name: header::HeaderName) -> &str {
    response
        .headers()
        .get(name)
        .map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn each_client_gets_the_form_that_it_takes() {
    let (_folder, router) = console();
    let (response, body) = ask(&router, "GET", "/", &[("accept-encoding", "gzip, br")]).await;
    assert_eq!(value(&response, header::CONTENT_ENCODING), "br");
    assert_eq!(value(&response, header::VARY), "accept-encoding");
    assert_eq!(body, BROTLI);

    let (response, _) = ask(&router, "GET", "/", &[("accept-encoding", "gzip")]).await;
    assert_eq!(value(&response, header::CONTENT_ENCODING), "gzip");

    let (response, body) = ask(&router, "GET", "/", &[]).await;
    assert_eq!(value(&response, header::CONTENT_ENCODING), "");
    assert_eq!(
        value(&response, header::CONTENT_TYPE),
        "text/html; charset=utf-8"
    );
    assert_eq!(String::from_utf8(body).unwrap(), INDEX);
}

#[tokio::test]
async fn a_page_of_the_app_is_the_index_and_is_asked_for_each_time() {
    let (_folder, router) = console();
    for path in [
        "/explore?q=SELECT%201.5",
        "/tables/events",
        "/errors/TL-LOG-001",
    ] {
        let (response, body) = ask(&router, "GET", path, &[]).await;
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert_eq!(value(&response, header::CACHE_CONTROL), "no-cache");
        assert_eq!(body, INDEX.as_bytes());
    }
}

#[tokio::test]
async fn a_hashed_file_is_kept_and_a_missing_one_is_not_the_index() {
    let (_folder, router) = console();
    let (response, body) = ask(&router, "GET", &format!("/{SCRIPT}"), &[]).await;
    assert_eq!(
        value(&response, header::CACHE_CONTROL),
        "public, max-age=31536000, immutable"
    );
    assert_eq!(
        value(&response, header::CONTENT_TYPE),
        "text/javascript; charset=utf-8"
    );
    assert_eq!(body, b"start()");

    let (response, body) = ask(
        &router,
        "GET",
        "/_app/immutable/inter.woff2",
        &[("accept-encoding", "br")],
    )
    .await;
    assert_eq!(
        (value(&response, header::CONTENT_ENCODING), body.as_slice()),
        ("", b"raw font".as_slice())
    );

    for path in [
        "/_app/immutable/gone.js",
        "/gone.css",
        "/v1/gone",
        "/..%2f..%2fCargo.toml",
        "/../Cargo.toml",
    ] {
        let (response, body) = ask(&router, "GET", path, &[("accept", "text/html")]).await;
        assert_eq!(response.status(), StatusCode::NOT_FOUND, "{path}");
        assert_ne!(body, INDEX.as_bytes());
    }
}

#[tokio::test]
async fn an_unchanged_file_is_not_sent_again() {
    let (_folder, router) = console();
    let (first, _) = ask(&router, "GET", "/", &[("accept-encoding", "br")]).await;
    let tag = value(&first, header::ETAG).to_owned();
    for known in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let (response, body) = ask(
            &router,
            "GET",
            "/",
            &[("accept-encoding", "br"), ("if-none-match", &known)],
        )
        .await;
        assert_eq!(response.status(), StatusCode::NOT_MODIFIED, "{known}");
        assert_eq!(value(&response, header::ETAG), tag);
        assert!(body.is_empty());
    }
    // Another form of the same file has another tag, else a cache could mix them.
    let (response, _) = ask(
        &router,
        "GET",
        "/",
        &[("accept-encoding", "gzip"), ("if-none-match", &tag)],
    )
    .await;
    assert_eq!(response.status(), StatusCode::OK);
}

#[tokio::test]
async fn only_reading_methods_answer() {
    let (_folder, router) = console();
    let (response, body) = ask(&router, "HEAD", "/", &[("accept-encoding", "br")]).await;
    assert_eq!(response.status(), StatusCode::OK);
    assert_eq!(
        value(&response, header::CONTENT_LENGTH),
        BROTLI.len().to_string()
    );
    assert!(body.is_empty());
    let (response, _) = ask(&router, "POST", "/explore", &[]).await;
    assert_eq!(response.status(), StatusCode::METHOD_NOT_ALLOWED);
    assert_eq!(value(&response, header::ALLOW), "GET, HEAD");
}

#[tokio::test]
async fn every_answer_is_protected() {
    let (_folder, router) = console();
    for path in ["/", "/gone.js", "/_app/immutable/inter.woff2"] {
        let (response, _) = ask(&router, "GET", path, &[]).await;
        assert_eq!(
            value(&response, header::X_CONTENT_TYPE_OPTIONS),
            "nosniff",
            "{path}"
        );
        assert_eq!(
            value(&response, header::REFERRER_POLICY),
            "no-referrer",
            "{path}"
        );
        assert_eq!(
            value(&response, header::CONTENT_SECURITY_POLICY),
            "frame-ancestors 'none'",
            "{path}"
        );
    }
}

#[tokio::test]
async fn without_a_build_a_page_says_how_to_make_one() {
    let empty = tempfile::tempdir().unwrap();
    let router = router_of(Files::Folder(empty.path().to_owned()));
    let (response, body) = ask(&router, "GET", "/explore", &[("accept-encoding", "br")]).await;
    assert_eq!(
        value(&response, header::CONTENT_TYPE),
        "text/html; charset=utf-8"
    );
    assert_eq!(value(&response, header::CACHE_CONTROL), "no-store");
    assert!(String::from_utf8(body).unwrap().contains("make console"));
}

/// The binary's own files: whatever was built, the root answers with a page.
#[tokio::test]
async fn the_embedded_console_answers() {
    let router = router_of(Files::Embedded);
    let (response, body) = ask(&router, "GET", "/", &[]).await;
    assert_eq!(response.status(), StatusCode::OK);
    let page = String::from_utf8(body).unwrap();
    assert!(page.contains("Trunkline"), "{page}");
}
