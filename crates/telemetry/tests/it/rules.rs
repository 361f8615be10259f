//! What rules make of messages.

use trunkline_model::Timestamp;
use trunkline_telemetry::{Cell, ColumnKind, Failure, Message};

use crate::support::{RECEIVED, apply, compile, message, reason, rows, text};

const PUMP: &str = r#"
topic = "dt/+/telemetry"
table = "pump_readings"
format = "json"
each = "readings[*]"
where = "payload.site = 'hall 3' and temperature > -50 and topic(2) != 'test'"

[columns]
device = { from = "thing()", comment = "The pump." }
temperature = { from = "temperature", type = "real", unit = "celsius", required = true }
pressure = "pressure"
place = { from = "index()", type = "integer" }
at = { from = "ts", type = "timestamp", format = "milliseconds" }
"#;

#[test]
fn each_element_becomes_a_row_of_the_table() {
    let rules = compile(&[("pump", PUMP)]);
    let table = &rules.tables()[0];
    let columns: Vec<_> = table
        .columns
        .iter()
        .map(|column| (column.name.as_str(), column.kind, column.description()))
        .collect();
    assert_eq!(
        columns,
        [
            ("device", ColumnKind::String, "The pump.".to_owned()),
            ("temperature", ColumnKind::Float, "In celsius.".to_owned()),
            ("pressure", ColumnKind::Json, String::new()),
            ("place", ColumnKind::Integer, String::new()),
            ("at", ColumnKind::Timestamp, String::new()),
        ]
    );
    let payload = br#"{"site": "hall 3", "readings": [
        {"temperature": 21.5, "pressure": {"bar": 2}, "ts": 1500},
        {"temperature": -60},
        {"temperature": 22, "pressure": null}
    ]}"#;
    let found = rows(&rules, &message("dt/pump-7/telemetry", payload));
    assert_eq!(found.len(), 2);
    assert_eq!(
        (found[0].table.as_str(), found[0].time),
        ("pump_readings", RECEIVED)
    );
    assert_eq!(
        found[0].cells,
        [
            text("pump-7"),
            Cell::Float(21.5),
            text(r#"{"bar":2}"#),
            Cell::Integer(0),
            Cell::Time(Timestamp::from_millis(1_500)),
        ]
    );
    assert_eq!(
        found[1].cells,
        [
            text("pump-7"),
            Cell::Float(22.0),
            Cell::Null,
            Cell::Integer(2),
            Cell::Null
        ]
    );
    for topic in ["dt/test/telemetry", "dt/pump-7/state"] {
        assert_eq!(rows(&rules, &message(topic, payload)), []);
    }
}

#[test]
fn what_a_condition_does_not_know_makes_no_row() {
    let rules = compile(&[("pump", PUMP)]);
    let payload = br#"{"readings": [{"temperature": 1}]}"#;
    assert_eq!(rows(&rules, &message("dt/a/telemetry", payload)), []);
    let payload = br#"{"site": "hall 3", "readings": [{"temperature": "hot"}]}"#;
    assert_eq!(rows(&rules, &message("dt/a/telemetry", payload)), []);
}

#[test]
fn a_bad_element_keeps_no_other_from_its_row() {
    let rules = compile(&[(
        "a",
        "topic = \"a\"\ntable = \"t\"\neach = \"[*]\"\n[columns]\nn = { from = \"n\", type = \"integer\", required = true }\n",
    )]);
    let payload = br#"[{"n": 1}, {"n": "x"}, {}, {"n": 1.5}, {"n": 2}]"#;
    let (found, failures) = apply(&rules, &message("a", payload));
    let cells: Vec<_> = found.into_iter().flat_map(|row| row.cells).collect();
    assert_eq!(cells, [Cell::Integer(1), Cell::Integer(2)]);
    assert_eq!(
        failures,
        [Failure {
            rule: Some("a".into()),
            reason: "the element 1: the column `n` takes an integer, and the text `x` is none; so many more were refused: 2".into(),
        }]
    );
}

#[test]
fn a_rule_that_fails_keeps_no_other_from_its_rows() {
    let rule = |kind: &str| {
        format!(
            "topic = \"a/#\"\ntable = \"t_{kind}\"\n[columns]\nv = {{ from = \"v\", type = \"{kind}\" }}\n"
        )
    };
    let (integer, string, float) = (rule("integer"), rule("string"), rule("float"));
    let rules = compile(&[("i", &integer), ("s", &string), ("f", &float)]);
    let (found, failures) = apply(&rules, &message("a/b", br#"{"v": "x"}"#));
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].table.as_str(), &found[0].cells[0]),
        ("t_string", &text("x"))
    );
    let failed: Vec<_> = failures
        .into_iter()
        .map(|failure| failure.rule.unwrap())
        .collect();
    assert_eq!(failed, ["f", "i"]);
    let (found, failures) = apply(&rules, &message("a/b", b"{"));
    assert_eq!((found.len(), failures.len()), (0, 3));
}

#[test]
fn each_reason_says_what_is_wrong_and_where() {
    let rules = compile(&[(
        "a",
        r#"topic = "a"
table = "t"
[columns]
n = { from = "n", type = "integer" }
f = { from = "f", type = "float" }
b = { from = "b", type = "boolean" }
t = { from = "t", type = "timestamp", format = "seconds" }
r = { from = "deep.er", type = "text", required = true }
"#,
    )]);
    for (payload, wanted) in [
        ("", "the payload is no json: it is empty"),
        (
            "{\"n\": 1",
            "the payload is no json: EOF while parsing an object at line 1 column 7",
        ),
        (
            "{\"n\": 18446744073709551615}",
            "the column `n` holds 64 bits with a sign, and the number 18446744073709551615 is too large for it",
        ),
        (
            "{\"n\": 1e300}",
            "the column `n` holds 64 bits with a sign, and the number 1e300 is too large to be exact",
        ),
        (
            "{\"f\": true}",
            "the column `f` takes a float, and `true` is none",
        ),
        (
            "{\"b\": 1}",
            "the column `b` takes a boolean, and the number 1 is none",
        ),
        (
            "{\"t\": 1e15}",
            "the column `t` takes a time in the format seconds, and the number 1000000000000000.0 is none",
        ),
        (
            "{\"deep\": {\"er\": null}}",
            "the column `r` is required, and `deep.er` gives no value",
        ),
        (
            "{\"deep\": {\"er\": [1]}}",
            "the column `r` takes a string, and an array is none",
        ),
        (
            "7",
            "the column `r` is required, and `deep.er` gives no value",
        ),
    ] {
        assert_eq!(
            reason(&rules, &message("a", payload.as_bytes())),
            wanted,
            "{payload}"
        );
    }
}

#[test]
fn a_column_called_time_gives_the_row_its_time() {
    let rules = compile(&[(
        "a",
        "topic = \"a\"\ntable = \"t\"\n[columns]\ntime = { from = \"ts\", format = \"seconds\" }\nv = \"v\"\n",
    )]);
    assert_eq!(rules.tables()[0].columns.len(), 1);
    let found = rows(&rules, &message("a", br#"{"ts": 1.5, "v": 1}"#));
    assert_eq!(found[0].time, Timestamp::from_millis(1_500));
    let found = rows(&rules, &message("a", br#"{"v": 1}"#));
    assert_eq!(found[0].time, RECEIVED);
    assert_eq!(
        reason(&rules, &message("a", br#"{"ts": "now"}"#)),
        "the column `time` takes a time in the format seconds, and the text `now` is none"
    );
}

#[test]
fn a_column_without_a_type_has_that_of_its_function() {
    let rules = compile(&[(
        "a",
        r#"topic = "a"
table = "t"
[columns]
path = "a.b"
level = "topic(1)"
received = "timestamp()"
hot = "t > 30"
kelvin = { from = "t + 273.15" }
whole = "payload()"
"#,
    )]);
    let kinds: Vec<_> = rules.tables()[0]
        .columns
        .iter()
        .map(|column| column.kind.name())
        .collect();
    assert_eq!(
        kinds,
        ["json", "string", "timestamp", "boolean", "float", "json"]
    );
    let found = rows(
        &rules,
        &message("a", br#"{"a":{"b":18446744073709551615},"t":31}"#),
    );
    assert_eq!(
        found[0].cells,
        [
            text("18446744073709551615"),
            text("a"),
            Cell::Time(RECEIVED),
            Cell::Boolean(true),
            Cell::Float(304.15),
            text(r#"{"a":{"b":18446744073709551615},"t":31}"#),
        ]
    );
}

#[test]
fn rules_may_write_one_table_in_any_order_of_the_same_columns() {
    let one = "topic = \"one\"\ntable = \"t\"\n[columns]\na = { from = \"a\", type = \"integer\" }\nb = { from = \"b\", type = \"text\", unit = \"x\" }\n";
    let two = "topic = \"two\"\ntable = \"t\"\n[columns]\nb = { from = \"second\", type = \"string\", unit = \"x\", comment = \"B.\" }\na = { from = \"first\", type = \"integer\" }\n";
    let rules = compile(&[("two", two), ("one", one)]);
    let table = &rules.tables()[0];
    assert_eq!(rules.tables().len(), 1);
    assert_eq!(table.rules, ["one", "two"]);
    assert_eq!(table.columns[1].description(), "B. In x.");
    let cells = [Cell::Integer(1), text("x")];
    assert_eq!(
        rows(&rules, &message("one", br#"{"a":1,"b":"x"}"#))[0].cells,
        cells
    );
    assert_eq!(
        rows(&rules, &message("two", br#"{"first":1,"second":"x"}"#))[0].cells,
        cells
    );
}

#[test]
fn formats_are_read_as_the_rule_or_the_message_says() {
    let rule = |table: &str, format: &str, from: &str, kind: &str| {
        format!(
            "topic = \"{table}\"\ntable = \"{table}\"\n{format}\n[columns]\nv = {{ from = \"{from}\", type = \"{kind}\" }}\n"
        )
    };
    let any = rule("any", "", "v", "float");
    let cbor = rule("cbor", "format = \"cbor\"", "v", "float");
    let words = rule("words", "format = \"text\"", "payload()", "text");
    let raw = rule("raw", "format = \"raw\"", "payload()", "text");
    let rules = compile(&[
        ("any", &any),
        ("cbor", &cbor),
        ("words", &words),
        ("raw", &raw),
    ]);
    let half = [Cell::Float(0.5)];
    let packed = b"\xa1\x61v\xf9\x38\x00";
    assert_eq!(
        rows(&rules, &message("any", br#"{"v":0.5}"#))[0].cells,
        half
    );
    assert_eq!(rows(&rules, &message("cbor", packed))[0].cells, half);
    let typed = Message {
        content_type: Some("application/cbor"),
        ..message("any", packed)
    };
    assert_eq!(rows(&rules, &typed)[0].cells, half);
    assert!(reason(&rules, &message("any", packed)).starts_with("the payload is no json"));
    assert!(reason(&rules, &message("cbor", b"\xff")).starts_with("the payload is no cbor"));
    assert_eq!(
        rows(&rules, &message("words", b"on"))[0].cells,
        [text("on")]
    );
    assert!(reason(&rules, &message("words", b"\xff")).starts_with("the payload is no text"));
    assert_eq!(
        rows(&rules, &message("raw", b"\x00\xff"))[0].cells,
        [text("AP8=")]
    );
}

#[test]
fn a_message_that_a_condition_without_payload_refuses_is_not_read() {
    let rules = compile(&[(
        "a",
        "topic = \"+/a\"\ntable = \"t\"\nwhere = \"topic(1) != 'test'\"\n[columns]\nv = \"v\"\n",
    )]);
    assert_eq!(rows(&rules, &message("test/a", b"no json")), []);
    assert!(reason(&rules, &message("real/a", b"no json")).contains("no json"));
}
