//! Colours: red is an error, yellow a warning, green is well, cyan is something to type or to follow. A word always says the same.

use clap::builder::styling::{AnsiColor, Color, Style, Styles};

const fn of(color: AnsiColor) -> Style {
    Style::new().fg_color(Some(Color::Ansi(color)))
}

fn paint(style: Style, text: &str) -> String {
    format!("{style}{text}{style:#}")
}

/// An error.
#[must_use]
pub fn error(text: &str) -> String {
    paint(of(AnsiColor::Red).bold(), text)
}

/// A warning.
#[must_use]
pub fn warning(text: &str) -> String {
    paint(of(AnsiColor::Yellow).bold(), text)
}

/// Something that is well.
#[must_use]
pub fn good(text: &str) -> String {
    paint(of(AnsiColor::Green), text)
}

/// A hint, a path, something to type.
#[must_use]
pub fn hint(text: &str) -> String {
    paint(of(AnsiColor::Cyan), text)
}

/// A heading.
#[must_use]
pub fn heading(text: &str) -> String {
    paint(Style::new().bold(), text)
}

/// Something less important.
#[must_use]
pub fn faint(text: &str) -> String {
    paint(Style::new().dimmed(), text)
}

/// A word for how something is, in its colour.
#[must_use]
pub fn health(word: &str) -> String {
    match word {
        "ok" => good(word),
        "warn" | "blind" | "degraded" => warning(word),
        "fail" => error(word),
        other => other.to_owned(),
    }
}

/// The styles of help pages.
pub const HELP: Styles = Styles::styled()
    .header(Style::new().bold())
    .usage(Style::new().bold())
    .literal(of(AnsiColor::Cyan))
    .placeholder(Style::new());
