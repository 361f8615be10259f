//! The help book: every help page, as a person sees it.

use clap::{Command, CommandFactory as _};

use crate::{Cli, Exit};

/// The body of the page.
pub(super) fn body() -> String {
    let mut root = Cli::command().term_width(110);
    root.build();
    let mut text = String::from("Data goes to standard output, all else to standard error.\n\n");
    text.push_str("## Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (exit, meaning) in Exit::ALL {
        text.push_str(&format!("| {} | {meaning} |\n", exit.code()));
    }
    text.push('\n');
    pages(&mut root, &mut Vec::new(), &mut text);
    text
}

fn pages(command: &mut Command, above: &mut Vec<String>, text: &mut String) {
    if command.is_hide_set() || command.get_name() == "help" {
        return;
    }
    above.push(command.get_name().to_owned());
    let help = command.render_long_help().to_string();
    let lines: Vec<&str> = help.trim().lines().map(str::trim_end).collect();
    text.push_str(&format!(
        "## {}\n\n```text\n{}\n```\n\n",
        above.join(" "),
        lines.join("\n")
    ));
    for below in command.get_subcommands_mut() {
        pages(below, above, text);
    }
    above.pop();
}
