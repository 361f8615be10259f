//! What holds for any payload.

use proptest::prelude::*;
use serde_json::{Value, json};
use trunkline_telemetry::{Aliases, Cell, Limits, Message, Rules};

use crate::support::{apply, apply_with, compile, message, rows};

/// Formats that a payload may have, with the path of their elements where they have any.
const FORMATS: [(&str, Option<&str>); 5] = [
    ("json", Some("[*]")),
    ("cbor", Some("[*]")),
    ("sparkplug-b", Some("metrics[*]")),
    ("text", None),
    ("raw", None),
];

/// For each format a rule that takes the whole payload and one that takes its elements.
fn rules() -> Rules {
    let mut files = Vec::new();
    for (format, each) in FORMATS {
        files.push((
            format.to_owned(),
            format!("topic = \"#\"\ntable = \"t{}\"\nformat = \"{format}\"\n[columns]\nv = {{ from = \"payload()\", type = \"json\" }}\n", files.len()),
        ));
        if let Some(each) = each {
            files.push((
                format!("each-{format}"),
                format!(
                    r##"topic = "#"
table = "t{}"
format = "{format}"
each = "{each}"
where = "a + 1 > -1e300 or a is null or payload.a = 'x' or item() like '%'"
[columns]
v = "item()"
n = {{ from = "a", type = "float" }}
"##,
                    files.len()
                ),
            ));
        }
    }
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    compile(&files)
}

/// The table of the rule called `name`.
fn table(rules: &Rules, name: &str) -> String {
    let mut tables = rules.tables().iter();
    let table = tables.find(|table| table.rules == [name]);
    table.unwrap().name.clone()
}

fn numbers() -> Rules {
    compile(&[(
        "a",
        "topic = \"a\"\ntable = \"t\"\n[columns]\ni = { from = \"i\", type = \"integer\" }\nf = { from = \"f\", type = \"float\" }\nt = { from = \"t\", type = \"text\" }\nu = \"u\"\nw = \"w\"\n",
    )])
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>()
            .prop_filter("JSON has no others", |number| number.is_finite())
            .prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z\"\\\\]{0,3}", inner, 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// What serde writes as CBOR.
fn cbor(value: &Value) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).unwrap();
    bytes
}

/// Bytes that are nothing, or nearly something.
fn garbage() -> impl Strategy<Value = Vec<u8>> {
    let cut = |bytes: Vec<u8>, at: prop::sample::Index, flip: u8| {
        let mut bytes = bytes;
        let at = at.index(bytes.len().max(1));
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= flip;
        }
        bytes
    };
    let any_bytes = || prop::collection::vec(any::<u8>(), 0..200);
    prop_oneof![
        any_bytes(),
        (
            value().prop_map(|value| value.to_string().into_bytes()),
            any::<prop::sample::Index>(),
            any::<u8>()
        )
            .prop_map(move |(bytes, at, flip)| cut(bytes, at, flip)),
        (
            value().prop_map(|value| cbor(&value)),
            any::<prop::sample::Index>(),
            any::<u8>()
        )
            .prop_map(move |(bytes, at, flip)| cut(bytes, at, flip)),
        // Protobuf: fields of small numbers with something in them.
        prop::collection::vec((1..20_u8, 0..6_u8, any_bytes()), 0..8).prop_map(|fields| {
            let mut bytes = Vec::new();
            for (field, kind, inner) in fields {
                let inner = &inner[..inner.len().min(100)];
                bytes.push(if field < 16 { field << 3 | kind } else { 0x12 });
                bytes.push(inner.len() as u8);
                bytes.extend_from_slice(inner);
            }
            bytes
        }),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]
    #[test]
    fn numbers_and_texts_come_out_as_they_went_in(i in any::<i64>(), f in any::<f64>(), u in any::<u64>(), t in any::<String>()) {
        prop_assume!(f.is_finite());
        let payload = json!({"i": i, "f": f, "t": t, "u": u, "w": [f, i]}).to_string();
        let found = rows(&numbers(), &message("a", payload.as_bytes()));
        let cells = &found[0].cells;
        prop_assert_eq!(&cells[0], &Cell::Integer(i));
        prop_assert_eq!(&cells[1], &Cell::Float(f));
        prop_assert_eq!(&cells[2], &Cell::Text(t.into()));
        prop_assert_eq!(&cells[3], &Cell::Text(u.to_string().into()));
        let Cell::Text(pair) = &cells[4] else { panic!("no JSON") };
        let pair: (f64, i64) = serde_json::from_str(pair).unwrap();
        prop_assert_eq!(pair, (f, i));
    }

    #[test]
    fn json_and_cbor_say_the_same_and_nothing_is_lost(value in value()) {
        let rules = rules();
        let (text, packed) = (value.to_string(), cbor(&value));
        let of = |bytes: &[u8], format: &str| {
            let (found, _) = apply(&rules, &message("a", bytes));
            let table = table(&rules, format);
            found.into_iter().find(|row| row.table == table).unwrap().cells
        };
        let (from_json, from_cbor) = (of(text.as_bytes(), "json"), of(&packed, "cbor"));
        prop_assert_eq!(&from_json, &from_cbor);
        match &from_json[0] {
            Cell::Null => prop_assert_eq!(value, Value::Null),
            Cell::Text(found) => prop_assert_eq!(serde_json::from_str::<Value>(found).unwrap(), value),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn garbage_has_a_reason_in_every_format(bytes in garbage(), topic in 0..3_usize) {
        let rules = rules();
        let topic = ["a/b", "spBv1.0/g/DDATA/n/d", "spBv1.0/g/DBIRTH/n/d"][topic];
        let mut aliases = Aliases::default();
        let (found, failures) = apply_with(&rules, &message(topic, &bytes), &mut aliases);
        for failure in &failures {
            prop_assert!(!failure.reason.is_empty() && failure.reason.len() < 1_000, "{failure:?}");
        }
        // Each rule makes rows or says why not; those that filter or have no elements may do neither.
        for (name, _) in FORMATS {
            let table = table(&rules, name);
            let row = found.iter().any(|row| row.table == table);
            let failed = failures.iter().any(|failure| failure.rule.as_deref() == Some(name));
            prop_assert!(row != failed, "{} {:?} {:?}", name, found, failures);
        }
    }

    #[test]
    fn any_file_is_a_rule_or_has_a_problem(text in "\\PC{0,80}", each in words(), condition in words(), from in words(), value in value()) {
        let each = if each.is_empty() { String::new() } else { format!("each = \"{each}[*]\"\n") };
        let rule = format!("topic = \"#\"\ntable = \"t\"\n{each}where = \"{condition}\"\n[columns]\nv = \"{from}\"\n");
        for text in [text, rule] {
            let file = [crate::support::file("a", &text)];
            match Rules::compile(&file, &crate::support::RESERVED, Limits::default()) {
                Ok(rules) => drop(apply(&rules, &message("a", value.to_string().as_bytes()))),
                Err(problems) => prop_assert!(!problems.is_empty()),
            }
        }
    }
}

/// Words of the language in any order.
fn words() -> impl Strategy<Value = String> {
    let word = prop::sample::select(vec![
        "a",
        "b",
        ".",
        "[0]",
        "payload",
        "topic()",
        "1",
        "2.5",
        "'x'",
        "=",
        "<",
        "and",
        "or",
        "not",
        "is",
        "null",
        "in",
        "(",
        ")",
        ",",
        "like",
        "+",
        "-",
        "*",
        "/",
        "true",
        "\\\"",
        "timestamp()",
    ]);
    prop::collection::vec(word, 0..6).prop_map(|words| words.join(" "))
}

#[test]
fn deep_nesting_is_refused_and_not_followed() {
    let rules = rules();
    for bytes in [
        "[".repeat(1_000_000).into_bytes(),
        "{\"a\":".repeat(200_000).into_bytes(),
        vec![0x81; 1_000_000],
        vec![0xc6; 1_000_000],
        vec![0xa1; 1_000_000],
        vec![0x9f; 1_000_000],
    ] {
        let (_, failures) = apply(&rules, &message("a", &bytes));
        for name in ["json", "cbor"] {
            assert!(
                failures
                    .iter()
                    .any(|failure| failure.rule.as_deref() == Some(name))
            );
        }
    }
    let (_, failures) = apply(&rules, &Message::default());
    let failed: Vec<_> = failures
        .iter()
        .filter_map(|failure| failure.rule.as_deref())
        .collect();
    // An empty text is a text, and a payload of Sparkplug may be empty.
    assert_eq!(failed, ["cbor", "each-cbor", "each-json", "json"]);
}
