//! What it costs to hold a request against a contract: microseconds each, for bodies of 0.5 KB and 4 KB.
//!
//! `cargo run --release -p trunkline-contract --example validate`

use std::hint::black_box;
use std::io::Write as _;
use std::time::Instant;

use http::HeaderMap;
use http::header::{CONTENT_TYPE, HeaderValue};
use serde_json::json;
use trunkline_contract::{Contract, Document};

const ROUNDS: u32 = 20_000;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let line = json!({"type": "object", "required": ["sku", "count", "price"], "additionalProperties": false, "properties": {
        "sku": {"type": "string", "pattern": "^[A-Z0-9-]{4,20}$"}, "count": {"type": "integer", "minimum": 1}, "price": {"type": "number", "minimum": 0}}});
    let document = Document::from_value(json!({
        "openapi": "3.1.0", "info": {"title": "Orders", "version": "1"},
        "paths": {"/v1/customers/{id}/orders": {"post": {
            "parameters": [{"name": "id", "in": "path", "required": true, "schema": {"type": "integer"}}, {"name": "dry", "in": "query", "schema": {"type": "boolean"}}],
            "requestBody": {"required": true, "content": {"application/json": {"schema": {"type": "object", "required": ["lines"], "properties": {"note": {"type": "string"}, "lines": {"type": "array", "items": line}}}}}},
            "responses": {"201": {"description": "made"}}}}}
    }))?;
    let contract = Contract::compile(&document)?;
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    let mut out = std::io::stdout().lock();
    for (name, lines) in [("no body", 0), ("0.5 KB", 10), ("4 KB", 82)] {
        let items: Vec<_> = (0..lines)
            .map(|index| json!({"sku": format!("SKU-{index:05}"), "count": 2, "price": 9.5}))
            .collect();
        let body = json!({"note": "x", "lines": items}).to_string();
        let bytes = (lines > 0).then_some(body.as_bytes());
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            let checked = contract.check_request(
                "POST",
                "/v1/customers/42/orders",
                Some("dry=true"),
                &headers,
                black_box(bytes),
            );
            black_box(checked.is_ok());
        }
        let checked = begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
        let begun = Instant::now();
        for _ in 0..ROUNDS {
            if let Some(bytes) = black_box(bytes) {
                black_box(serde_json::from_slice::<serde_json::Value>(bytes)?);
            }
        }
        let parsed = begun.elapsed().as_secs_f64() * 1e6 / f64::from(ROUNDS);
        writeln!(
            out,
            "{name:8} {:5} bytes: {checked:6.2} us a request, of which {parsed:6.2} us read the JSON",
            bytes.map_or(0, <[u8]>::len)
        )?;
    }
    Ok(())
}
