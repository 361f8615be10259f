//! The configuration: precedence, origins, mistakes, secrets.

use serde_json::Value;
use trunkline::{Loaded, Origin, Sources};

use crate::program::Program;

fn value(program: &Program, arguments: &[&str], key: &str) -> (Value, String) {
    let text = program
        .run(&[&["config", "show", "--output", "json"], arguments].concat())
        .good();
    let rows: Vec<Value> = serde_json::from_str(&text).unwrap();
    let row = rows.into_iter().find(|row| row["key"] == key).unwrap();
    (
        row["value"].clone(),
        row["origin"].as_str().unwrap().to_owned(),
    )
}

#[test]
fn flag_over_environment_over_file_over_default() {
    let key = "log.append_wait_ms";
    let program = Program::new();
    assert_eq!(value(&program, &[], key), (5_000.into(), "default".into()));
    let file = program
        .file("my.toml", "\n[log]\nappend_wait_ms = 1\n")
        .display()
        .to_string();
    let from_file = ["--config", file.as_str()];
    assert_eq!(
        value(&program, &from_file, key),
        (1.into(), format!("{file}:3"))
    );
    let program = program.with("TRUNKLINE__LOG__APPEND_WAIT_MS", "2");
    assert_eq!(
        value(&program, &from_file, key),
        (2.into(), "TRUNKLINE__LOG__APPEND_WAIT_MS".into())
    );
    let all = [&from_file[..], &["--set", "log.append_wait_ms=3"]].concat();
    assert_eq!(value(&program, &all, key), (3.into(), "--set".into()));
}

#[test]
fn the_file_of_the_data_directory_is_read() {
    let program = Program::new();
    program.file("data/trunkline.toml", "[api]\nlisten = \"127.0.0.1:9\"\n");
    let (listen, origin) = value(&program, &["--data-dir", "data"], "api.listen");
    assert_eq!(
        (listen, origin),
        ("127.0.0.1:9".into(), "data/trunkline.toml:2".into())
    );
}

#[test]
fn what_is_shown_can_be_read_again() {
    let program = Program::new();
    let shown = program
        .run(&[
            "config",
            "show",
            "--origin",
            "--set",
            "web.allowed_origins=http://a.example, http://b.example",
        ])
        .good();
    assert!(
        shown.contains("allowed_origins = [\"http://a.example\",\"http://b.example\"]  # --set\n"),
        "{shown}"
    );
    program.file("again.toml", &shown);
    let again = program
        .run(&["config", "show", "--config", "again.toml"])
        .good();
    assert_eq!(
        again,
        shown.replace("  # --set", "").replace("  # default", "")
    );
}

#[test]
fn mistakes_name_their_place_and_a_way_out() {
    let program = Program::new();
    let cases = [
        (
            "[log]\nsegment_byte = 1\n",
            "bad.toml:2: there is no key `log.segment_byte`\n\nhint: did you mean `log.segment_bytes`?",
        ),
        (
            "[lgo]\n",
            "bad.toml:1: there is no section `lgo`\n\nhint: did you mean `log`?",
        ),
        (
            "[log]\nsegment_bytes = \"much\"\n",
            "bad.toml:2: `log.segment_bytes`: invalid type: string \"much\"",
        ),
        ("[log]\nsegment_bytes = \n", "bad.toml:2: "),
        ("log = 1\n", "bad.toml:1: `log` is a section"),
        (
            "[api]\nlisten = \"7070\"\n",
            "bad.toml:2: `api.listen` = `7070` is no address and port",
        ),
    ];
    for (text, expected) in cases {
        program.file("bad.toml", text);
        let ran = program.run(&["config", "check", "--config", "bad.toml"]);
        assert_eq!(ran.code(), 2, "{text}");
        assert!(
            ran.err()
                .starts_with(&format!("error[TL-CLI-002]: {expected}")),
            "{text}: {}",
            ran.err()
        );
    }
}

#[test]
fn the_environment_is_checked_too() {
    let ran = Program::new()
        .with("TRUNKLINE__LOG__RETAIN_BYTE", "1")
        .run(&["config", "check"]);
    assert_eq!(ran.code(), 2);
    assert!(
        ran.err()
            .contains("TRUNKLINE__LOG__RETAIN_BYTE: there is no key `log.retain_byte`"),
        "{}",
        ran.err()
    );
    let ran = Program::new()
        .with("TRUNKLINE__LOG__RETAIN_BYTES", "lots")
        .run(&["config", "check"]);
    assert!(
        ran.err()
            .contains("`log.retain_bytes` wants integer, not `lots`"),
        "{}",
        ran.err()
    );
}

#[test]
fn secrets_come_from_files_and_are_never_shown() {
    let program = Program::new();
    let file = program.file("key", "top-secret\n");
    let sources = |flags: Vec<String>| Sources {
        flags,
        ..Sources::default()
    };
    let named = format!("lake.s3_secret_access_key_file={}", file.display());
    let loaded = Loaded::of(&sources(vec![named.clone()])).unwrap();
    assert_eq!(loaded.config.lake.s3_secret_access_key, "top-secret");
    assert_eq!(
        loaded.origin("lake", "s3_secret_access_key"),
        Origin::SecretFile(file)
    );
    let both = vec![named.clone(), "lake.s3_secret_access_key=x".into()];
    assert!(
        Loaded::of(&sources(both))
            .unwrap_err()
            .to_string()
            .contains("both")
    );
    for format in ["table", "json", "csv"] {
        let ran = program.run(&[
            "config", "show", "--origin", "--output", format, "--set", &named,
        ]);
        let shown = ran.good();
        assert!(
            !shown.contains("top-secret") && shown.contains("(set, not shown)"),
            "{shown}"
        );
    }
}

#[test]
fn the_schema_is_an_outside_shape() {
    let schema: Value =
        serde_json::from_str(&Program::new().run(&["config", "schema"]).good()).unwrap();
    assert_eq!(schema["additionalProperties"], false);
    insta::assert_snapshot!(Program::new().run(&["reference", "config"]).good());
}
