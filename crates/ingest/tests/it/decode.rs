//! The decoder: nothing is lost, and nothing makes it panic.

use proptest::prelude::*;
use serde_json::{Map, Value};
use trunkline_ingest::kind;
use trunkline_log::{Offset, Record, RecordKind};

use crate::rows::{ORDER_TYPE, Row, all_rows, rows_of};
use crate::support::{Bench, NOW, post};

fn record(kind: RecordKind, header: &[u8], messages: &[Vec<u8>]) -> Record {
    let mut body = Vec::new();
    let ends = messages.iter().map(|message| {
        body.extend_from_slice(message);
        u32::try_from(body.len()).unwrap()
    });
    let ends = ends.collect::<Vec<_>>().into();
    Record {
        base: Offset(7),
        appended_at: NOW,
        kind,
        header: header.to_vec().into(),
        body: body.into(),
        ends,
    }
}

/// Everything that a row of `orders` says about its event's data, put together again.
fn data_of(row: &Row) -> Map<String, Value> {
    let mut data: Map<String, Value> = row
        .get("extra")
        .map_or_else(Map::new, |extra| serde_json::from_str(extra).unwrap());
    for (name, text) in row {
        let value = match name.as_str() {
            "title" => Value::from(text.clone()),
            "count" => text.parse::<i64>().unwrap().into(),
            "price" => text.parse::<f64>().unwrap().into(),
            "paid" | "lines" => serde_json::from_str(text).unwrap(),
            _ => continue,
        };
        assert!(
            data.insert(name.clone(), value).is_none(),
            "{name} stands in its column and in extra"
        );
    }
    data
}

/// A value that survives being written as a float or a whole number.
fn leaf() -> impl Strategy<Value = Value> {
    prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        (-1e6..1e6f64).prop_map(|number| Value::from((number * 8.0).round() / 8.0 + 0.0625)),
        "\\PC{0,12}|.{0,4}".prop_map(Value::from),
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    leaf().prop_recursive(3, 12, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map("[a-z]{1,3}", inner, 0..4)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

fn data() -> impl Strategy<Value = Map<String, Value>> {
    let name = prop_oneof![
        prop::sample::select(vec![
            "title", "count", "price", "paid", "lines", "id", "day", "offset", "extra"
        ])
        .prop_map(String::from),
        "[a-z]{2,6}|\\PC{1,4}",
    ];
    let name = name.prop_filter("these are the row's time", |name| {
        name != "ts" && name != "time"
    });
    prop::collection::btree_map(name, any_value(), 0..10).prop_map(|map| map.into_iter().collect())
}

/// A number in a float column comes back as a float, whatever it was; compare by value.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::Number(left), Value::Number(right)) => left.as_f64() == right.as_f64(),
        (Value::Array(left), Value::Array(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .zip(right)
                    .all(|(left, right)| same(left, right))
        }
        (Value::Object(left), Value::Object(right)) => {
            left.len() == right.len()
                && left
                    .iter()
                    .all(|(name, value)| right.get(name).is_some_and(|other| same(value, other)))
        }
        _ => left == right,
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap()
        .block_on(future)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_line_of_data_loses_no_field(data in data()) {
        let bench = Bench::new();
        let path = format!("/v1/events?type={ORDER_TYPE}&source=/shop");
        let body = Value::Object(data.clone()).to_string();
        let answer = block_on(bench.send(post(&path, "application/x-ndjson", body)));
        prop_assert_eq!(answer.json()["accepted"].as_u64(), Some(1));
        let row = &bench.rows("orders")[0];
        let read = Value::Object(data_of(row));
        prop_assert!(same(&read, &Value::Object(data)), "{:?} {:?}", row, read);
    }

    #[test]
    fn an_event_loses_no_attribute(data in any_value(), subject in prop::option::of(".{0,9}"), region in "\\PC{0,9}", typed: bool) {
        let mut event = serde_json::json!({
            "specversion": "1.0", "id": "1", "source": "/s", "dataschema": "/schema", "type": if typed { ORDER_TYPE } else { "other" },
            "region": region, "data": {"unknown": data},
        });
        if let Some(subject) = &subject {
            event["subject"] = subject.clone().into();
        }
        let bench = Bench::new();
        let answer = block_on(bench.send(post("/v1/events", "application/cloudevents+json", event.to_string())));
        prop_assert_eq!(answer.json()["accepted"].as_u64(), Some(1));
        let row = &bench.rows(if typed { "orders" } else { "events" })[0];
        prop_assert_eq!((row["id"].as_str(), row["source"].as_str()), ("1", "/s"));
        prop_assert_eq!(row.get("subject"), subject.as_ref());
        let (kept, prefix) = if typed { (&row["extra"], "ce_") } else { (&row["extensions"], "") };
        let kept: Value = serde_json::from_str(kept).unwrap();
        prop_assert_eq!(&kept[format!("{prefix}region")], &Value::from(region));
        prop_assert_eq!(&kept[format!("{prefix}dataschema")], "/schema");
        let read = if typed { kept["unknown"].clone() } else { serde_json::from_str::<Value>(&row["data"]).unwrap()["unknown"].clone() };
        prop_assert_eq!(read, data);
    }

    #[test]
    fn no_bytes_make_the_decoder_panic(
        number in 0u16..10,
        header in prop_oneof![Just(br#"{"type":"com.example.order.v1","source":"/s"}"#.to_vec()), prop::collection::vec(any::<u8>(), 0..20)],
        messages in prop::collection::vec(prop_oneof![
            prop::collection::vec(any::<u8>(), 0..120),
            r#"[\{\}\[\]":,a-z0-9 \\u]{0,60}"#.prop_map(String::into_bytes),
        ], 1..4),
    ) {
        all_rows(&[record(RecordKind(number), &header, &messages)]);
    }

    #[test]
    fn what_cannot_be_read_becomes_a_dead_letter(garbage in "[a-z]{1,40}") {
        for kind in [kind::CLOUD_EVENT, kind::DATA, kind::DEAD_LETTER, RecordKind(999)] {
            let header = br#"{"type":"t","source":"/s"}"#;
            let rows = rows_of(&[record(kind, header, &[garbage.clone().into_bytes()])], "dead_letters");
            prop_assert_eq!(rows.len(), 1);
            prop_assert_eq!((rows[0]["protocol"].as_str(), rows[0]["payload"].as_str()), ("lake", garbage.as_str()));
            prop_assert_eq!(&rows[0]["offset"], "7");
        }
    }
}

#[test]
fn a_damaged_message_does_not_harm_its_neighbours() {
    let header = format!(r#"{{"type":"{ORDER_TYPE}","source":"/s"}}"#);
    let messages = [
        br#"{"title":"a"}"#.to_vec(),
        vec![0xff, 0xfe],
        br#"{"title":"b","count":"#.to_vec(),
        br#"{"title":"c"}"#.to_vec(),
    ];
    let rows = all_rows(&[record(kind::DATA, header.as_bytes(), &messages)]);
    let titles: Vec<_> = rows["orders"]
        .iter()
        .map(|row| row.get("title").map_or("", String::as_str))
        .collect();
    assert_eq!(
        titles,
        ["a", "", "b", "c"],
        "every message keeps its offset"
    );
    assert_eq!(rows["dead_letters"].len(), 2);
}

#[test]
fn decoding_twice_gives_the_same_rows() {
    let header = format!(r#"{{"type":"{ORDER_TYPE}","source":"/s","id":"x"}}"#);
    let messages = [
        br#"1 {"title":"a","ts":5,"q":[1]}"#.to_vec(),
        br#"2 {"count":1}"#.to_vec(),
    ];
    let records = [record(kind::DATA, header.as_bytes(), &messages)];
    assert_eq!(all_rows(&records), all_rows(&records));
    assert_eq!(rows_of(&records, "orders")[1]["id"], "x-2");
}
