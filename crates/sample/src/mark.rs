//! How rows of the sample are known: by names that nothing else may use.

use serde_json::Value;

use crate::monorepo::MONOREPO;

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

/// The columns that name the device that a row is about.
const DEVICES: &[&str] = &["thing", "device"];

/// The SQL predicate that holds for the sample's rows in a table with these columns, as `/v1/tables` lists them, where the sample's devices
/// are `things`; none where the table cannot hold any.
#[must_use]
pub fn predicate(columns: &[Value], things: &[String]) -> Option<String> {
    let has = |wanted: &str| columns.iter().any(|column| column["name"] == wanted);
    let marked = MARKS
        .iter()
        .find(|(column, _)| has(column))
        .map(|(column, prefix)| {
            let begins = format!("starts_with({column}, '{prefix}')");
            if *prefix == REPOSITORY_PREFIX {
                format!("({begins} or {column} = '{MONOREPO}')")
            } else {
                begins
            }
        });
    let of_devices = DEVICES.iter().find(|column| has(column)).map(|column| {
        let quoted = |thing: &String| format!("'{}'", thing.replace('\'', "''"));
        let names: Vec<String> = things.iter().map(quoted).collect();
        format!("{column} in ({})", names.join(", "))
    });
    marked.or(of_devices.filter(|_| !things.is_empty()))
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
        let things = ["pump-1".to_owned(), "o'hara".to_owned()];
        let of = |names: &[&str]| predicate(&columns(names), &things);
        assert_eq!(
            of(&["service", "source"]).as_deref(),
            Some("starts_with(source, '/sample/')")
        );
        assert_eq!(
            of(&["repository"]).as_deref(),
            Some("(starts_with(repository, 'sample/') or repository = 'sample-shop')")
        );
        assert_eq!(of(&["protocol", "detail"]), None);
        assert_eq!(
            of(&["topic", "thing"]).as_deref(),
            Some("thing in ('pump-1', 'o''hara')")
        );
        assert_eq!(predicate(&columns(&["device"]), &[]), None);
    }
}
