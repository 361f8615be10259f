//! Output that goes into pipes.

use std::io::Read as _;
use std::process::Stdio;

use crate::program::Program;

#[test]
fn a_reader_that_leaves_is_no_error() {
    let program = Program::new();
    // Larger than a pipe holds, so that writing goes on after the reader has gone.
    let key = "x".repeat(1 << 20);
    program.file("big.toml", &format!("[access]\nowner_name = \"{key}\"\n"));
    let mut child = program
        .command(&["config", "show", "--config", "big.toml"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    assert_eq!(output.status.code(), Some(0));
}

#[test]
fn a_pipe_gets_no_colour_unless_it_is_asked_for() {
    let program = Program::new();
    let plain = program.run(&["explain", "nothing"]);
    assert!(!plain.err().contains('\u{1b}'), "{}", plain.err());
    let coloured = program.run(&["explain", "nothing", "--color", "always"]);
    assert!(coloured.err().starts_with("\u{1b}["), "{}", coloured.err());
    let forbidden = program.run(&["explain", "nothing", "--color", "never"]);
    assert_eq!(forbidden.err(), plain.err());
}
