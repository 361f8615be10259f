//! What is wrong with files, and how it is told.

use trunkline_telemetry::{Limits, RuleFile, Rules};

use crate::support::{RESERVED, problems};

/// A rule with one line more, or another in the place of one.
fn with(line: &str) -> String {
    let key = line.split([' ', '=']).next().unwrap();
    let mut text = String::new();
    for known in ["topic = \"a\"", "table = \"t\""] {
        if !known.starts_with(key) {
            text.push_str(known);
            text.push('\n');
        }
    }
    text + line + "\n[columns]\nv = \"v\"\n"
}

fn one(text: &str) -> String {
    let mut found = problems(&[("a", text)]);
    assert_eq!(found.len(), 1, "{found:?}");
    found.remove(0).replacen("telemetry/a.toml:", "", 1)
}

#[test]
fn each_key_is_looked_at() {
    for (line, wanted) in [
        (
            "topic = \"a/#/b\"",
            "2:9: `#` is the last level of a topic filter",
        ),
        (
            "topic = \"$share/g/a\"",
            "2:9: a rule is no shared subscription (it gets each message once anyway)",
        ),
        (
            "topic = \"$aws/rules/b/#\"",
            "2:9: `$aws/rules/…` names a rule, and this one is called `a` (a rule that takes nothing else says `$aws/rules/a/#`)",
        ),
        (
            "table = \"T\"",
            "2:9: a table cannot be called `T` (up to 63 lower-case letters, digits and `_`, not beginning with a digit)",
        ),
        (
            "table = \"messages\"",
            "2:9: the table `messages` is the platform's own (give the table another name)",
        ),
        (
            "format = \"jsn\"",
            "3:10: payloads have no format `jsn` (did you mean `json`?)",
        ),
        (
            "format = \"xml\"",
            "3:10: payloads have no format `xml` (there are json, cbor, sparkplug-b, text, raw)",
        ),
        (
            "each = \"a\"",
            "3:9: `each` is the path of an array (it ends with `[*]`, as `readings[*]`)",
        ),
        ("each = \"a.[*]\"", "3:11: a key is missing before the end"),
        ("where = \"v >\"", "3:13: a value is missing before the end"),
        (
            "where = '''v > 1 and\n  w == 2'''",
            "4:5: `=` means nothing here (one `=` compares)",
        ),
        (
            "where = \"1 + 2\"",
            "3:9: `where` is a condition, and this is a number",
        ),
        (
            "where = \"index() = 1\"",
            "3:10: `index()` is of an element, and the rule has no `each`",
        ),
        (
            "limit = 1",
            "3:1: a rule has no `limit` (it may have topic, table, format, each, where, columns)",
        ),
        ("topic = \"a\"\ntopic = \"b\"", "3:1: duplicate key"),
    ] {
        assert_eq!(one(&with(line)), wanted, "{line}");
    }
}

#[test]
fn each_column_is_looked_at() {
    for (line, wanted) in [
        (
            "Day = \"v\"",
            "4:1: a column cannot be called `Day` (up to 63 lower-case letters, digits and `_`, not beginning with a digit)",
        ),
        (
            "day = \"v\"",
            "4:1: a column cannot be called `day` (every table has one of that name already)",
        ),
        (
            "v = { from = \"v\", type = \"flaot\" }",
            "4:26: there is no type `flaot` (did you mean `float`?)",
        ),
        (
            "v = { from = \"v\", type = \"date\" }",
            "4:26: there is no type `date` (there are string, integer, float, boolean, timestamp, json)",
        ),
        (
            "v = { from = \"topic()\", type = \"integer\" }",
            "4:32: a column of the type integer never takes a text",
        ),
        (
            "v = { from = \"v\", format = \"seconds\" }",
            "4:28: only a column of the type timestamp has a `format`",
        ),
        (
            "v = { from = \"v\", type = \"timestamp\", format = \"millis\" }",
            "4:48: times have no format `millis` (did you mean `milliseconds`?)",
        ),
        (
            "v = { from = \"v.\" }",
            "4:17: a key is missing before the end",
        ),
        (
            "v = \"clientid()\"",
            "4:6: there is no function `clientid()` (did you mean `client`?)",
        ),
        (
            "v = { type = \"text\" }",
            "4:1: `from` is missing in the column `v`",
        ),
        (
            "time = { from = \"v\", type = \"text\" }",
            "4:29: `time` is when the row's thing happened: its type is timestamp",
        ),
        ("v = 1", "4:5: `v` is a path or a table with `from`"),
    ] {
        let text = format!("topic = \"a\"\ntable = \"t\"\n[columns]\n{line}\n");
        assert_eq!(one(&text), wanted, "{line}");
    }
    let only_time = "topic = \"a\"\ntable = \"t\"\n[columns]\ntime = \"v\"\n";
    assert_eq!(one(only_time), " the rule has no column but `time`");
    let whole = "topic = \"a\"\ntable = \"t\"\nformat = \"text\"\n[columns]\nv = \"a.b\"\n";
    assert_eq!(
        one(whole),
        "5:6: no path leads into a payload that is a single text (`payload()` is the text)"
    );
}

#[test]
fn all_files_are_looked_at_and_all_is_told() {
    let found = problems(&[
        ("b", "topic = \"+a\"\ntable = \"1\"\n[columns]\nx = \"(\"\n"),
        ("a", "table = \"t\"\n"),
        ("c d", ""),
    ]);
    let places: Vec<&str> = found
        .iter()
        .map(|problem| problem.split(": ").next().unwrap())
        .collect();
    assert_eq!(
        places,
        [
            "telemetry/a.toml",
            "telemetry/a.toml",
            "telemetry/b.toml:1:9",
            "telemetry/b.toml:2:9",
            "telemetry/b.toml:4:7",
            "telemetry/c d.toml",
        ]
    );
}

#[test]
fn rules_of_one_table_have_the_same_columns() {
    let rule = |columns: &str| format!("topic = \"a\"\ntable = \"t\"\n[columns]\n{columns}");
    let first = rule("a = { from = \"a\", type = \"integer\", unit = \"m\" }\nb = \"b\"\n");
    for (columns, wanted) in [
        (
            "a = { from = \"a\", type = \"integer\", unit = \"m\" }\n",
            "with a column `b`",
        ),
        (
            "a = { from = \"a\", type = \"integer\", unit = \"m\" }\nb = \"b\"\nc = \"c\"\n",
            "without a column `c`",
        ),
        (
            "a = { from = \"a\", type = \"float\", unit = \"m\" }\nb = \"b\"\n",
            "its column `a` has the type integer there and float here",
        ),
        (
            "a = { from = \"a\", type = \"integer\" }\nb = \"b\"\n",
            "its column `a` has another unit there",
        ),
    ] {
        let second = rule(columns);
        assert_eq!(
            problems(&[("first", &first), ("second", &second)]),
            [format!(
                "telemetry/second.toml:2:9: telemetry/first.toml writes the table `t` too, and {wanted} (rules write the same table only with the same columns)"
            )]
        );
    }
}

#[test]
fn a_name_is_that_of_one_rule() {
    let text = "topic = \"a\"\ntable = \"t\"\n[columns]\nv = \"v\"\n".to_owned();
    let files = ["telemetry/a.toml", "telemetry/more/a.toml"].map(|name| RuleFile {
        name: name.into(),
        text: text.clone(),
    });
    let found = Rules::compile(&files, &RESERVED, Limits::default()).unwrap_err();
    assert_eq!(
        found[0].to_string(),
        "telemetry/more/a.toml: telemetry/a.toml has a rule called `a` already"
    );
}

#[test]
fn numbers_of_everything_have_limits() {
    let columns: String = (0..201).map(|n| format!("c{n} = \"v\"\n")).collect();
    let text = format!("topic = \"a\"\ntable = \"t\"\n[columns]\n{columns}");
    assert_eq!(one(&text), " the rule has more than 200 columns");
    let text = with(&format!("where = \"{}\"", "a ".repeat(3_000)));
    assert_eq!(one(&text), "3:10: an expression has at most 4096 bytes");
    let text = with(&format!(
        "where = \"{}a{}\"",
        "(".repeat(40),
        ")".repeat(40)
    ));
    assert_eq!(one(&text), "3:43: more than 32 parts lie in one another");
    let deep = format!("a = {}1{}", "[".repeat(10_000), "]".repeat(10_000));
    assert!(!problems(&[("a", &with(&deep))]).is_empty());
    let files: Vec<RuleFile> = (0..1_001)
        .map(|n| RuleFile {
            name: format!("telemetry/r{n}.toml"),
            text: format!("topic = \"a\"\ntable = \"t{n}\"\n[columns]\nv = \"v\"\n"),
        })
        .collect();
    let found = Rules::compile(&files, &RESERVED, Limits::default()).unwrap_err();
    assert_eq!(found.len(), 1);
    assert!(found[0].text.contains("more than 1000 rule files"));
}
