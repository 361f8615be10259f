//! What one message may ask for.

use trunkline_telemetry::{Cell, Limits, RuleFile, Rules};

use crate::support::{RESERVED, apply, message, reason, rows};

const EACH: &str = "topic = \"#\"\ntable = \"t\"\neach = \"items[*]\"\n[columns]\nn = { from = \"item()\", type = \"json\" }\nall = \"payload\"\n";

fn compile(limits: Limits) -> Rules {
    let files = [RuleFile {
        name: "each.toml".into(),
        text: EACH.into(),
    }];
    Rules::compile(&files, &RESERVED, limits).unwrap()
}

#[test]
fn payloads_elements_and_depth_have_limits() {
    let rules = compile(Limits {
        payload_bytes: 64,
        depth: 3,
        elements: 2,
        text_bytes: 1_000,
    });
    assert_eq!(rows(&rules, &message("a", br#"{"items":[1,2]}"#)).len(), 2);
    let large = format!("{{\"items\":[{}]}}", "1,".repeat(40));
    for (payload, wanted) in [
        (
            "{\"items\":[1,2,3]}",
            "`items[*]` has 3 elements, and at most 2 become rows",
        ),
        ("{\"items\":{\"a\":1}}", "there is no array at `items[*]`"),
        ("{}", "there is no array at `items[*]`"),
        (
            "{\"items\":[[[1]]]}",
            "the payload is no json: too many arrays and objects lie in one another at line 1 column 12",
        ),
        (&large, "the payload has more than 64 bytes"),
    ] {
        assert_eq!(reason(&rules, &message("a", payload.as_bytes())), wanted);
    }
}

#[test]
fn a_payload_cannot_be_repeated_without_end() {
    let rules = compile(Limits {
        text_bytes: 4_000,
        ..Limits::default()
    });
    let payload = format!(
        "{{\"x\":\"{}\",\"items\":[1,2,3,4,5,6]}}",
        "x".repeat(1_000)
    );
    let (found, failures) = apply(&rules, &message("a", payload.as_bytes()));
    assert_eq!(found.len(), 3);
    assert_eq!(found[2].cells[0], Cell::Text("3".into()));
    assert_eq!(
        failures[0].reason,
        "the rows from the element 3 on are left out: the texts of all would have more than 4000 bytes"
    );
}
