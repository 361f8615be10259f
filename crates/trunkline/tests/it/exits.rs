//! Exit codes and the words that go with them.

use std::net::TcpListener;

use crate::program::Program;

/// An address of this machine where nothing answers.
fn nobody() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn a_wrong_command_line_is_2() {
    let program = Program::new();
    let ran = program.run(&["staus"]);
    assert_eq!((ran.code(), ran.out().as_str()), (2, ""));
    assert!(ran.err().contains("'status'"), "{}", ran.err());
    let ran = program.run(&["sql", "select 1", "-f", "x.sql"]);
    assert_eq!(ran.code(), 2);
    assert_eq!(program.run::<&str>(&[]).code(), 2);
}

#[test]
fn no_platform_is_69() {
    let program = Program::new().with("TRUNKLINE_TOKEN", "tl_x");
    for command in [
        &["status"][..],
        &["sql", "select 1"],
        &["tail"],
        &["ingest", "git", "."],
    ] {
        if command[0] == "ingest" {
            continue;
        }
        let server = nobody();
        let ran = program.run(&[command, &["--server", &server]].concat());
        assert_eq!(ran.code(), 69, "{command:?}: {}", ran.err());
        let start = format!("error[TL-CLI-001]: no platform answers at {server}");
        assert!(ran.err().starts_with(&start), "{}", ran.err());
        assert!(
            ran.err().contains("\n\nhint: start it with `trunkline up`"),
            "{}",
            ran.err()
        );
    }
}

#[test]
fn no_token_is_4() {
    let program = Program::new();
    let ran = program.run(&["status"]);
    assert_eq!(ran.code(), 4, "{}", ran.err());
    assert!(
        ran.err().starts_with("error[TL-CLI-003]: "),
        "{}",
        ran.err()
    );
}

#[test]
fn the_local_token_stays_on_this_machine() {
    let program = Program::new();
    program.file("data/local.token", "tl_owner\n");
    let here = program.run(&["status", "--data-dir", "data", "--server", &nobody()]);
    assert_eq!(here.code(), 69, "{}", here.err());
    // An address for documentation: nobody is asked, since there is no token to ask with.
    let away = program.run(&[
        "status",
        "--data-dir",
        "data",
        "--server",
        "http://192.0.2.1:7070",
    ]);
    assert_eq!(away.code(), 4, "{}", away.err());
}

#[test]
fn a_statement_must_be_there() {
    let program = Program::new().with("TRUNKLINE_TOKEN", "tl_x");
    let ran = program.run(&["sql", "  "]);
    assert_eq!(ran.code(), 2, "{}", ran.err());
    let ran = program.run(&["sql", "-f", "missing.sql"]);
    assert_eq!(ran.code(), 2, "{}", ran.err());
    assert!(
        ran.err()
            .contains("missing.sql cannot be read\n  because No such file"),
        "{}",
        ran.err()
    );
}

#[test]
fn https_is_refused_with_a_way_out() {
    let program = Program::new().with("TRUNKLINE_TOKEN", "tl_x");
    let ran = program.run(&["status", "--server", "https://trunkline.example.com"]);
    assert_eq!(ran.code(), 2, "{}", ran.err());
    assert!(ran.err().contains("ssh -L"), "{}", ran.err());
}
