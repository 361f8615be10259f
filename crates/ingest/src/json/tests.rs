use proptest::prelude::*;
use trunkline_model::Timestamp;

use super::*;

const DEEP: u32 = 100;

/// What `serde_json` says: a value that is read whole. A number outside the range of a float is well-formed, so it is read raw.
fn agrees(text: &str) {
    let ours = check(text, DEEP);
    let theirs = serde_json::from_str::<Box<serde_json::value::RawValue>>(text);
    let strings = serde_json::from_str::<serde_json::Value>(text);
    let surrogate = strings.as_ref().is_err_and(|error| {
        let error = error.to_string();
        error.contains("surrogate") || error.contains("hex escape")
    });
    let expected = theirs.is_ok() && !surrogate;
    assert_eq!(
        ours.is_ok(),
        expected,
        "{text:?}: {ours:?} {theirs:?} {strings:?}"
    );
}

#[test]
fn hostile_texts_are_judged_as_serde_json_does() {
    let texts = [
        "",
        " ",
        "{",
        "}",
        "[",
        "]",
        "{}",
        "[]",
        "{,}",
        "[,]",
        "[1,]",
        r#"{"a":1,}"#,
        r#"{"a" 1}"#,
        r#"{"a":}"#,
        "{1:2}",
        "01",
        "-",
        "-0",
        "1.",
        "1.e3",
        ".5",
        "1e",
        "1e+",
        "1E-7",
        "1e999",
        "-1e-999",
        "+1",
        "0x10",
        "NaN",
        "Infinity",
        "123456789012345678901234567890",
        "tru",
        "true",
        "truefalse",
        "nul",
        "null null",
        "\u{feff}{}",
        "{}\u{0}",
        "\"\u{0}\"",
        "\"\u{1f}\"",
        "\"\u{7f}\"",
        "\"tab\t\"",
        r#""\u0000""#,
        r#""\u00g0""#,
        r#""\ud800""#,
        r#""\udc00""#,
        r#""\ud83d\ude00""#,
        r#""\ud83dx""#,
        r#""\ud83d\u0041""#,
        r#""\x""#,
        r#""\"#,
        r#"""#,
        r#""a\"b""#,
        "'a'",
        r#"{"a":1,"a":2}"#,
        r#"{"":{}}"#,
        "[[[[[[]]]]]]",
        "[1 2]",
        "{\"a\":1 \"b\":2}",
        "/* */1",
        "\u{a0}1",
        "\"é😀\"",
    ];
    for text in texts {
        agrees(text);
    }
}

#[test]
fn depth_is_counted_by_brackets() {
    let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    assert!(check(&nested(5), 5).is_ok());
    assert!(check(&nested(6), 5).unwrap_err().depth);
    assert!(check("1", 0).is_ok());
    assert!(check(&"[".repeat(1_000_000), 64).unwrap_err().depth);
    let objects = format!("{}1{}", r#"{"a":"#.repeat(6), "}".repeat(6));
    let mut walk = members(&objects, 5);
    assert!(walk.next().unwrap_err().depth);
    let mut walk = members(&objects, 6);
    assert!(walk.next().is_ok());
}

#[test]
fn members_come_in_order_with_their_text() {
    let mut walk = members(r#" {"a" : "x\ny" , "b":[1, 2],"c":-1.5e3} "#, DEEP);
    let a = walk.next().unwrap().unwrap();
    assert_eq!(a.key.raw, "a");
    assert_eq!(
        unescape(a.value.text().unwrap(), &mut String::new()),
        Some("x\ny")
    );
    let b = walk.next().unwrap().unwrap();
    assert_eq!((b.value.raw, b.value.kind), ("[1, 2]", ValueKind::Array));
    let c = walk.next().unwrap().unwrap();
    assert_eq!(c.value.kind, ValueKind::Number { integer: false });
    assert!(walk.next().unwrap().is_none());
    assert!(walk.next().unwrap().is_none());
}

#[test]
fn times_are_read_in_every_unit() {
    let expected = Timestamp::from_micros(1_795_543_200_500_000);
    for text in [
        r#""2026-11-24T18:00:00.5Z""#,
        r#""2026-11-24T19:00:00.500+01:00""#,
        "1795543200.5",
        "1795543200500",
        "1795543200500000",
        "1795543200500000000",
    ] {
        assert_eq!(time_of(value(text, 1).unwrap()), Some(expected), "{text}");
    }
    for text in [
        r#""2026-02-29T00:00:00Z""#,
        r#""2026-13-01T00:00:00Z""#,
        r#""soon""#,
        "true",
        "1e300",
        r#""2026-11-24""#,
    ] {
        assert_eq!(time_of(value(text, 1).unwrap()), None, "{text}");
    }
}

fn json() -> impl Strategy<Value = serde_json::Value> {
    let leaf = prop_oneof![
        Just(serde_json::Value::Null),
        any::<bool>().prop_map(Into::into),
        any::<i64>().prop_map(Into::into),
        any::<f64>().prop_map(Into::into),
        ".*".prop_map(serde_json::Value::from),
    ];
    leaf.prop_recursive(4, 32, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Into::into),
            prop::collection::btree_map(".*", inner, 0..6)
                .prop_map(|map| serde_json::Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #[test]
    fn any_text_is_judged_as_serde_json_does(text in r#"[\[\]{}:,"\\ 0-9a-fntrulse.eE+\-\x00\x1f]{0,24}"#) {
        agrees(&text);
    }

    #[test]
    fn a_written_value_stays_well_formed_and_a_changed_one_is_judged_alike(value in json(), at in any::<prop::sample::Index>(), byte in any::<char>()) {
        for text in [value.to_string(), serde_json::to_string_pretty(&value).unwrap()] {
            prop_assert!(check(&text, DEEP).is_ok());
            let mut characters: Vec<char> = text.chars().collect();
            let at = at.index(characters.len());
            characters[at] = byte;
            agrees(&characters.into_iter().collect::<String>());
        }
    }

    #[test]
    fn a_string_reads_back(text in "\\PC*|.*") {
        let mut written = String::new();
        write_string(&text, &mut written);
        prop_assert_eq!(&serde_json::from_str::<String>(&written).unwrap(), &text);
        let theirs = serde_json::to_string(&text).unwrap();
        let mut buffer = String::new();
        let read = unescape(value(&theirs, 1).unwrap().text().unwrap(), &mut buffer);
        prop_assert_eq!(read, Some(text.as_str()));
    }

    #[test]
    fn the_quick_reader_of_times_agrees_with_the_general_one(text in r"(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]T[0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,9})?(Z|[+-][0-2][0-9]:[0-6][0-9])") {
        prop_assert_eq!(read_time(&text), text.parse::<Timestamp>().ok());
    }
}
