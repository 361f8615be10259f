//! Sparkplug B, written here byte by byte.

use trunkline_model::Timestamp;
use trunkline_telemetry::{AliasLimits, Aliases, Cell, Failure, Rules};

use crate::support::{Taken, apply_with, compile, message, text};

const METRICS: &str = r#"
topic = "spBv1.0/+/DDATA/+/+"
table = "metrics_of_devices"
format = "sparkplug-b"
each = "metrics[*]"
[columns]
time = "timestamp"
device = "topic(5)"
name = { from = "name", type = "text", required = true }
value = "value"
datatype = { from = "datatype", type = "text" }
seq = { from = "payload.seq", type = "integer" }
"#;

const BIRTH: &str = "spBv1.0/hall/DBIRTH/edge/pump";
const DATA: &str = "spBv1.0/hall/DDATA/edge/pump";

/// A protobuf message that is being written.
#[derive(Clone, Default)]
struct Wire(Vec<u8>);

impl Wire {
    fn varint(mut self, mut number: u64) -> Self {
        while number >= 0x80 {
            self.0.push(number as u8 | 0x80);
            number >>= 7;
        }
        self.0.push(number as u8);
        self
    }

    fn number(self, field: u64, number: u64) -> Self {
        self.varint(field << 3).varint(number)
    }

    fn bytes(self, field: u64, bytes: &[u8]) -> Self {
        let mut written = self.varint(field << 3 | 2).varint(bytes.len() as u64);
        written.0.extend_from_slice(bytes);
        written
    }

    fn double(self, field: u64, number: f64) -> Self {
        let mut written = self.varint(field << 3 | 1);
        written.0.extend_from_slice(&number.to_le_bytes());
        written
    }

    fn float(self, field: u64, number: f32) -> Self {
        let mut written = self.varint(field << 3 | 5);
        written.0.extend_from_slice(&number.to_le_bytes());
        written
    }
}

fn payload(metrics: &[Wire]) -> Vec<u8> {
    let payload = Wire::default().number(1, 1_500).number(3, 7);
    metrics
        .iter()
        .fold(payload, |payload, metric| payload.bytes(2, &metric.0))
        .0
}

fn named(name: &str, datatype: u64) -> Wire {
    Wire::default()
        .bytes(1, name.as_bytes())
        .number(4, datatype)
}

fn rules() -> Rules {
    compile(&[("metrics", METRICS)])
}

fn one(rules: &Rules, metric: Wire) -> (Vec<Taken>, Vec<Failure>) {
    apply_with(
        rules,
        &message(DATA, &payload(&[metric])),
        &mut Aliases::default(),
    )
}

#[test]
fn a_metric_is_a_row_with_its_own_time_or_the_payloads() {
    let metrics = [
        named("temperature", 10).number(3, 2_000).double(13, 21.5),
        named("running", 11).number(14, 1),
        named("gone", 3).number(7, 1),
    ];
    let (found, failures) = apply_with(
        &rules(),
        &message(DATA, &payload(&metrics)),
        &mut Aliases::default(),
    );
    assert_eq!(failures, []);
    let times: Vec<_> = found.iter().map(|row| row.time).collect();
    assert_eq!(times, [2_000, 1_500, 1_500].map(Timestamp::from_millis));
    assert_eq!(
        found[0].cells,
        [
            text("pump"),
            text("temperature"),
            text("21.5"),
            text("Double"),
            Cell::Integer(7)
        ]
    );
    assert_eq!(found[1].cells[2], text("true"));
    assert_eq!(found[2].cells[2], Cell::Null);
}

#[test]
fn every_type_of_value_comes_out_as_json() {
    let data_set = Wire::default()
        .number(1, 2)
        .bytes(2, b"a")
        .bytes(2, b"b")
        .number(3, 1)
        .number(3, 12)
        .bytes(
            4,
            &Wire::default()
                .bytes(1, &Wire::default().number(1, 0xff).0)
                .bytes(1, &Wire::default().bytes(6, b"x").0)
                .0,
        );
    let member = named("inner", 2).number(10, 0xffff_ffff);
    let parameter = Wire::default()
        .bytes(1, b"p")
        .number(2, 8)
        .number(4, u64::MAX);
    let template = Wire::default()
        .bytes(1, b"v1")
        .bytes(2, &member.0)
        .bytes(3, &parameter.0)
        .bytes(4, b"motor");
    for (metric, wanted) in [
        (named("m", 1).number(10, 0xffff_ffff), "-1"),
        (named("m", 2).number(10, 0x8000), "-32768"),
        (named("m", 3).number(10, 0xffff_ffff), "-1"),
        (named("m", 4).number(11, u64::MAX), "-1"),
        (named("m", 5).number(10, 255), "255"),
        (named("m", 7).number(10, 0xffff_ffff), "4294967295"),
        (named("m", 8).number(11, u64::MAX), "18446744073709551615"),
        (named("m", 9).float(12, 0.5), "0.5"),
        (named("m", 12).bytes(15, b"text"), "\"text\""),
        (
            named("m", 13).number(11, 1_500),
            "\"1970-01-01T00:00:01.500000Z\"",
        ),
        (named("m", 17).bytes(16, b"\x00\xff"), "\"AP8=\""),
        (named("m", 22).bytes(16, b"\x01\xff"), "[1,-1]"),
        (
            named("m", 16).bytes(17, &data_set.0),
            r#"{"columns":["a","b"],"types":["Int8","String"],"rows":[{"a":-1,"b":"x"}]}"#,
        ),
    ] {
        let (found, failures) = one(&rules(), metric);
        assert_eq!(failures, [], "{wanted}");
        assert_eq!(found[0].cells[2], text(wanted));
    }
    let (found, failures) = one(&rules(), named("m", 19).bytes(18, &template.0));
    assert_eq!(failures, []);
    let Cell::Text(json) = &found[0].cells[2] else {
        panic!("no template");
    };
    assert!(json.starts_with(r#"{"reference":"motor","version":"v1","is_definition":false,"parameters":{"p":18446744073709551615},"metrics":[{"name":"inner","#), "{json}");
    assert!(json.contains(r#""value":-1"#), "{json}");
}

#[test]
fn a_birth_gives_names_and_types_to_the_numbers_that_follow() {
    let (rules, mut aliases) = (rules(), Aliases::default());
    let data = payload(&[
        Wire::default().number(2, 1).number(10, 0xff),
        Wire::default().number(2, 2).float(12, 0.5),
        Wire::default().bytes(1, b"plain").number(10, 5),
    ]);
    let (found, failures) = apply_with(&rules, &message(DATA, &data), &mut aliases);
    assert_eq!(found, []);
    assert_eq!(
        failures[0].reason,
        "the element 0: the column `name`: the name of the alias 1 is not known: the birth that tells it was not seen; so many more were refused: 2"
    );
    // No rule wants the birth itself.
    let birth = payload(&[
        named("level", 1).number(2, 1).number(10, 3),
        named("flow", 9).number(2, 2).float(12, 0.0),
        named("plain", 3).number(10, 1),
    ]);
    assert_eq!(
        apply_with(&rules, &message(BIRTH, &birth), &mut aliases),
        (vec![], vec![])
    );
    let (found, failures) = apply_with(&rules, &message(DATA, &data), &mut aliases);
    assert_eq!(failures, []);
    let cells: Vec<_> = found.iter().map(|row| row.cells[1..4].to_vec()).collect();
    assert_eq!(
        cells,
        [
            [text("level"), text("-1"), text("Int8")],
            [text("flow"), text("0.5"), text("Float")],
            [text("plain"), text("5"), text("Int32")],
        ]
    );
    // What is known outlives a restart, and ends with the next birth of the node.
    let kept = serde_json::to_string(&aliases).unwrap();
    let mut aliases: Aliases = serde_json::from_str(&kept).unwrap();
    assert_eq!(
        apply_with(&rules, &message(DATA, &data), &mut aliases)
            .0
            .len(),
        3
    );
    let node = payload(&[named("bdSeq", 8).number(11, 0)]);
    apply_with(
        &rules,
        &message("spBv1.0/hall/NBIRTH/edge", &node),
        &mut aliases,
    );
    let (found, failures) = apply_with(&rules, &message(DATA, &data), &mut aliases);
    assert_eq!((found.len(), failures.len()), (0, 1));
}

#[test]
fn a_condition_on_a_name_that_is_not_known_is_a_failure_and_no_silence() {
    let rule = METRICS.replace("[columns]", "where = \"name = 'flow'\"\n[columns]");
    let (found, failures) = one(
        &compile(&[("metrics", &rule)]),
        Wire::default().number(2, 1).float(12, 0.5),
    );
    assert_eq!((found.len(), failures.len()), (0, 1));
    assert!(
        failures[0]
            .reason
            .starts_with("the element 0: `where`: the name of the alias 1"),
        "{failures:?}"
    );
}

#[test]
fn one_bad_metric_does_not_spoil_the_others() {
    let broken = Wire(vec![0x0a, 0x7f]);
    let unknown = named("u", 99).number(10, 1);
    let mismatch = named("m", 3).bytes(15, b"text");
    let good = named("g", 3).number(10, 1);
    let (found, failures) = apply_with(
        &rules(),
        &message(DATA, &payload(&[broken, unknown, mismatch.clone(), good])),
        &mut Aliases::default(),
    );
    assert_eq!((found.len(), failures.len()), (1, 1));
    assert!(
        failures[0].reason.contains("a metric is malformed"),
        "{failures:?}"
    );
    let (_, failures) = one(&rules(), mismatch);
    assert_eq!(
        failures[0].reason,
        "the element 0: the column `value`: the metric `m`: the data type is Int32, and the value is a text"
    );
}

#[test]
fn births_that_nobody_can_read_are_told_of() {
    let (_, failures) = apply_with(&rules(), &message(BIRTH, b"\xff"), &mut Aliases::default());
    assert_eq!((failures.len(), &failures[0].rule), (1, &None));
    assert!(
        failures[0]
            .reason
            .starts_with("the payload is no sparkplug-b")
    );
    let mut small = Aliases::new(AliasLimits {
        publishers: 1,
        metrics: 1,
        name_bytes: 10,
    });
    let birth = payload(&[named("a", 1).number(2, 1), named("b", 1).number(2, 2)]);
    let (_, failures) = apply_with(&rules(), &message(BIRTH, &birth), &mut small);
    assert!(failures[0].reason.contains("more than can be remembered"));
    // Where no rule reads Sparkplug, births are messages like others.
    let other = compile(&[("a", "topic = \"a\"\ntable = \"t\"\n[columns]\nv = \"v\"\n")]);
    assert_eq!(
        apply_with(&other, &message(BIRTH, b"\xff"), &mut small),
        (vec![], vec![])
    );
}

#[test]
fn states_and_other_topics() {
    let all = METRICS
        .replace("spBv1.0/+/DDATA/+/+", "#")
        .replace("topic(5)", "topic(1)");
    let rules = compile(&[("all", &all)]);
    let state = message("spBv1.0/STATE/host", b"{\"online\":true}");
    assert_eq!(
        apply_with(&rules, &state, &mut Aliases::default()),
        (vec![], vec![])
    );
    let metrics = payload(&[named("m", 3).number(10, 1)]);
    let (found, _) = apply_with(
        &rules,
        &message("own/topic", &metrics),
        &mut Aliases::default(),
    );
    assert_eq!(found.len(), 1);
    let compressed = Wire::default()
        .bytes(4, b"SPBV1.0_COMPRESSED")
        .bytes(5, b"x")
        .0;
    let (_, failures) = apply_with(&rules, &message(DATA, &compressed), &mut Aliases::default());
    assert_eq!(
        failures[0].reason,
        "the payload is no sparkplug-b: compressed payloads are not read"
    );
}

#[test]
fn what_lies_in_one_another_has_a_limit() {
    let mut metric = named("m", 3).number(10, 1);
    for _ in 0..200 {
        metric = named("m", 19).bytes(18, &Wire::default().bytes(2, &metric.0).0);
    }
    let (found, failures) = one(&rules(), metric);
    assert_eq!(found, []);
    assert!(
        failures[0].reason.contains("too many templates"),
        "{failures:?}"
    );
    let many: Vec<Wire> = (0..10_001).map(|_| Wire::default()).collect();
    let (_, failures) = apply_with(
        &rules(),
        &message(DATA, &payload(&many)),
        &mut Aliases::default(),
    );
    assert!(
        failures[0].reason.contains("more than 10000 metrics"),
        "{failures:?}"
    );
}
