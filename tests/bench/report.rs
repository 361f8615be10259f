//! What a run found, as the page that people read.

use std::fmt::Write as _;

/// What a figure has to reach.
#[derive(Clone, Copy)]
pub(crate) struct Target(pub(crate) f64);

/// The sections of a run, in order.
#[derive(Default)]
pub(crate) struct Report(Vec<Section>);

/// Figures that belong together.
pub(crate) struct Section {
    title: String,
    about: String,
    lines: Vec<Line>,
}

struct Line {
    name: String,
    figure: f64,
    target: String,
    held: Option<bool>,
}

impl Report {
    /// The section of that title; a new one where there is none.
    pub(crate) fn section(&mut self, title: &str, about: &str) -> &mut Section {
        let place = self
            .0
            .iter()
            .position(|section| section.title == title)
            .unwrap_or(self.0.len());
        if place == self.0.len() {
            println!("\n## {title}");
            self.0.push(Section {
                title: title.into(),
                about: about.into(),
                lines: Vec::new(),
            });
        }
        &mut self.0[place]
    }

    /// How many targets were missed.
    pub(crate) fn missed(&self) -> usize {
        self.0
            .iter()
            .flat_map(|section| &section.lines)
            .filter(|line| line.held == Some(false))
            .count()
    }

    /// The page, with `head` above the sections. Sections of the page `kept` that this run did not measure stay as they are.
    pub(crate) fn page(&self, head: &str, kept: &str, today: &str) -> String {
        let mut page = head.to_owned();
        for section in kept.split("\n## ").skip(1) {
            let title = section.lines().next().unwrap_or_default();
            if self.0.iter().all(|measured| measured.title != title) {
                write!(page, "\n## {}\n", section.trim_end()).expect("a text takes all");
            }
        }
        for section in &self.0 {
            section.write(&mut page, today);
        }
        page
    }
}

impl Section {
    fn write(&self, page: &mut String, today: &str) {
        let Self {
            title,
            about,
            lines,
        } = self;
        write!(page, "\n## {title}\n\n{about} Measured on {today}.\n\n| figure | measured | target | held |\n| --- | ---: | ---: | --- |\n").expect("a text takes all");
        for line in lines {
            let held = line.held.map_or("", |held| if held { "yes" } else { "no" });
            writeln!(
                page,
                "| {} | {} | {} | {held} |",
                line.name,
                shown(line.figure),
                line.target
            )
            .expect("a text takes all");
        }
    }

    /// A figure without a target.
    pub(crate) fn figure(&mut self, name: &str, figure: f64) {
        self.add(name, figure, String::new(), None);
    }

    /// A figure that is to be as small as `target` or smaller.
    pub(crate) fn at_most(&mut self, name: &str, figure: f64, target: Target) {
        self.add(
            name,
            figure,
            format!("≤ {}", shown(target.0)),
            Some(figure <= target.0),
        );
    }

    /// A figure that is to be as large as `target` or larger.
    pub(crate) fn at_least(&mut self, name: &str, figure: f64, target: Target) {
        self.add(
            name,
            figure,
            format!("≥ {}", shown(target.0)),
            Some(figure >= target.0),
        );
    }

    fn add(&mut self, name: &str, figure: f64, target: String, held: Option<bool>) {
        let verdict = held.map_or("", |held| if held { "held" } else { "missed" });
        println!("{name:<90} {:>12} {target:>10} {verdict}", shown(figure));
        self.lines.push(Line {
            name: name.into(),
            figure,
            target,
            held,
        });
    }
}

/// Whole above a hundred, with thousands apart; else three digits.
fn shown(figure: f64) -> String {
    if figure.abs() < 10.0 {
        return format!("{figure:.2}");
    }
    if figure.abs() < 100.0 {
        return format!("{figure:.1}");
    }
    let digits = format!("{figure:.0}");
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
