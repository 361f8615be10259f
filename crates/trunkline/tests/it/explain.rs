//! `trunkline explain`.

use trunkline_model::code;

use crate::program::Program;

#[test]
fn every_code_has_a_page() {
    let without: Vec<&str> = code::all()
        .map(|entry| entry.code)
        .filter(|code| trunkline::error_page(code).is_none())
        .collect();
    assert_eq!(without, [""; 0]);
}

#[test]
fn a_code_is_found_however_it_is_typed() {
    let program = Program::new();
    let page = program.run(&["explain", "tl-cli-001"]).good();
    assert!(
        page.starts_with("# TL-CLI-001: ") && page.contains("## What to do"),
        "{page}"
    );
    let json = program.run(&["explain", "TL-CLI-001", "--json"]).good();
    let entry: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(
        (entry["status"].as_u64(), entry["page"].as_str()),
        (Some(503), Some(page.as_str()))
    );
}

#[test]
fn an_unknown_code_is_3_and_the_nearest_is_named() {
    let ran = Program::new().run(&["explain", "TL-CLI-0001"]);
    assert_eq!((ran.code(), ran.out().as_str()), (3, ""));
    assert!(
        ran.err().contains("did you mean TL-CLI-001?"),
        "{}",
        ran.err()
    );
}
