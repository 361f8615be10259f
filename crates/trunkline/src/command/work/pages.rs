//! Lists that come in pages.

use serde_json::Value;

use crate::Failure;
use trunkline_shell::Client;

/// How many rows one request asks for.
const PAGE: usize = 1_000;

/// Rows of the list `name` at `path`, which may have a query; at most `most`.
pub(super) async fn all(
    client: &Client,
    path: &str,
    name: &str,
    most: usize,
) -> Result<Vec<Value>, Failure> {
    let (mut rows, mut after) = (Vec::new(), String::new());
    let join = if path.contains('?') { '&' } else { '?' };
    loop {
        let limit = PAGE.min(most - rows.len());
        let mut answer = client
            .get(&format!("{path}{join}limit={limit}&after={after}"))
            .await?;
        let mut page = match answer[name].take() {
            Value::Array(page) => page,
            _ => Vec::new(),
        };
        // Some lists say how they go on, others go on behind the last name.
        let next = match answer.get("next") {
            Some(next) => next.as_str().map(str::to_owned),
            None => page.last().filter(|_| page.len() == limit).map(name_of),
        };
        rows.append(&mut page);
        match next {
            Some(next) if rows.len() < most => after = next,
            _ => return Ok(rows),
        }
    }
}

/// The name of a row that is one, or has one.
fn name_of(row: &Value) -> String {
    let name = row.as_str().or_else(|| row["name"].as_str());
    name.unwrap_or_default().to_owned()
}

/// A status as a part of a query. The platform would refuse any other, so nothing has to be written in another way.
pub(super) fn of_status(status: Option<&str>) -> Result<String, Failure> {
    let Some(status) = status else {
        return Ok(String::new());
    };
    let good = |byte: u8| byte.is_ascii_alphabetic() || byte == b'_';
    if status.bytes().all(good) {
        return Ok(format!("?status={status}"));
    }
    Err(Failure::usage(
        format!("`{status}` is no status"),
        "look at --help",
    ))
}
