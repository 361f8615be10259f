//! How rows of the sample are known: by names that nothing else may use.

use serde_json::Value;

/// What the `source` of every event of the sample begins with.
pub const SOURCE_PREFIX: &str = "/sample/";
/// What the `service.name` of every pretend service begins with.
pub const SERVICE_PREFIX: &str = "sample-";
/// What the repository of every commit of the sample begins with.
pub const REPOSITORY_PREFIX: &str = "sample/";

/// The attribute that every thing of the sample has.
pub const SAMPLE: &str = "sample";

/// The columns by which a row is known, the surest first, and what they begin with.
const MARKS: &[(&str, &str)] = &[
    ("source", SOURCE_PREFIX),
    ("service", SERVICE_PREFIX),
    ("repository", REPOSITORY_PREFIX),
];

/// The SQL predicate that holds for the sample's rows in a table with these columns, as `/v1/tables` lists them; none where the table
/// cannot hold any.
#[must_use]
pub fn predicate(columns: &[Value]) -> Option<String> {
    let has = |wanted: &str| columns.iter().any(|column| column["name"] == wanted);
    MARKS
        .iter()
        .find(|(column, _)| has(column))
        .map(|(column, prefix)| format!("starts_with({column}, '{prefix}')"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_surest_mark_is_taken() {
        let columns = |names: &[&str]| {
            names
                .iter()
                .map(|name| serde_json::json!({"name": name}))
                .collect::<Vec<_>>()
        };
        let of = |names: &[&str]| predicate(&columns(names));
        assert_eq!(
            of(&["service", "source"]).as_deref(),
            Some("starts_with(source, '/sample/')")
        );
        assert_eq!(
            of(&["repository"]).as_deref(),
            Some("starts_with(repository, 'sample/')")
        );
        assert_eq!(of(&["protocol", "detail"]), None);
    }
}
