//! The help: its shape is a promise, and every page begins with two examples.

use clap::{Command, CommandFactory as _};
use trunkline::Cli;

use crate::program::Program;

#[test]
fn the_definition_holds_together() {
    Cli::command().debug_assert();
}

#[test]
fn every_page_begins_with_two_examples() {
    let mut root = Cli::command();
    root.build();
    look(&root, "");
}

fn look(command: &Command, above: &str) {
    if command.get_name() == "help" {
        return;
    }
    let path = format!("{above} {}", command.get_name());
    let before = command
        .get_before_help()
        .map(ToString::to_string)
        .unwrap_or_default();
    let mut lines = before.lines();
    assert_eq!(lines.next(), Some("Examples:"), "{path}");
    let examples: Vec<&str> = lines.collect();
    assert_eq!(examples.len(), 2, "{path}: {examples:?}");
    for example in examples {
        assert!(
            example.starts_with("  ") && example.contains("trunkline"),
            "{path}: {example}"
        );
    }
    for argument in command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set())
    {
        assert!(
            argument.get_help().is_some(),
            "{path}: {} has no help",
            argument.get_id()
        );
    }
    command
        .get_subcommands()
        .for_each(|below| look(below, &path));
}

#[test]
fn the_help_book_is_an_outside_shape() {
    let program = Program::new();
    insta::assert_snapshot!(program.run(&["reference", "cli"]).good());
}

#[test]
fn the_version_names_the_commit() {
    let program = Program::new();
    let text = program.run(&["version", "--output", "json"]).good();
    let version: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(version["version"], env!("CARGO_PKG_VERSION"));
    let commit = version["commit"].as_str().unwrap();
    assert!(program.run(&["--version"]).good().contains(commit));
}
