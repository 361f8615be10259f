//! What answers look like in each format.

use axum::http::{HeaderMap, StatusCode};
use axum::routing::post;
use axum::{Json, Router};
use serde_json::{Value, json};

use crate::program::{Program, Ran};
use crate::serve::Server;

fn platform() -> Server {
    let sql = |headers: HeaderMap, Json(body): Json<Value>| async move {
        if body["query"] == "wrong" {
            let problem = json!({"code": "TL-LAKE-001", "status": 400, "detail": "no table x", "hint": "list them"});
            return (StatusCode::BAD_REQUEST, problem.to_string());
        }
        let text = match headers["accept"].to_str().unwrap() {
            "text/csv" => "name,n\na,7\n".to_owned(),
            "application/x-ndjson" => "{\"name\":\"a\",\"n\":7}\n".to_owned(),
            _ => json!({
                "columns": [{"name": "name", "type": "string"}, {"name": "n", "type": "integer"}],
                "rows": [["a", 7], ["longer", 1234]], "row_count": 2, "truncated": true, "elapsed_ms": 3,
            })
            .to_string(),
        };
        (StatusCode::OK, text)
    };
    Server::new(Router::new().route("/v1/sql", post(sql)))
}

fn sql(server: &Server, arguments: &[&str]) -> Ran {
    let program = Program::new()
        .with("TRUNKLINE_TOKEN", "tl_x")
        .with("TRUNKLINE_SERVER", &server.url);
    program.run(&[&["sql", "select 1"], arguments].concat())
}

#[test]
fn a_table_is_plain_and_words_go_to_stderr() {
    let server = platform();
    let ran = sql(&server, &[]);
    assert_eq!(ran.good(), "name       n\na          7\nlonger  1234\n");
    assert_eq!(
        ran.err(),
        "2 rows in 3 ms\nwarning: there are more rows: use --limit, or --output csv for all of them\n"
    );
    assert_eq!(sql(&server, &["-qq"]).err(), "");
}

#[test]
fn streams_go_through_as_they_come() {
    let server = platform();
    assert_eq!(sql(&server, &["-o", "csv"]).good(), "name,n\na,7\n");
    assert_eq!(
        sql(&server, &["-o", "jsonl"]).good(),
        "{\"name\":\"a\",\"n\":7}\n"
    );
    let document: Value = serde_json::from_str(&sql(&server, &["--json"]).good()).unwrap();
    assert_eq!(document["rows"][1][1], 1234);
}

#[test]
fn a_problem_of_the_platform_is_told_in_its_words() {
    let server = platform();
    let program = Program::new()
        .with("TRUNKLINE_TOKEN", "tl_x")
        .with("TRUNKLINE_SERVER", &server.url);
    let ran = program.run(&["sql", "wrong"]);
    assert_eq!((ran.code(), ran.out().as_str()), (1, ""));
    assert_eq!(
        ran.err(),
        "error[TL-LAKE-001]: no table x\n\nhint: list them\n"
    );
}
