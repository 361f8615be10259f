//! Where output goes, and how much of it.

use std::io::{self, IsTerminal as _, Write as _};

use serde_json::Value;

use super::{Format, Grid, style};

/// Prints for one command.
#[derive(Clone, Copy, Debug)]
pub struct Printer {
    /// What data is printed as.
    pub format: Format,
    /// How much to say beside the data: 0 is the usual, each `-v` one more, each `-q` one less.
    pub verbosity: i8,
}

impl Printer {
    /// Writes to stdout as it is.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn data(self, text: &str) -> io::Result<()> {
        let mut out = anstream::stdout();
        out.write_all(text.as_bytes())?;
        out.flush()
    }

    /// Writes bytes to stdout as they came.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn raw(self, bytes: &[u8]) -> io::Result<()> {
        let mut out = io::stdout().lock();
        out.write_all(bytes)?;
        out.flush()
    }

    /// A document and the same as rows, in the wanted format.
    ///
    /// # Errors
    /// Where stdout cannot be written.
    pub fn document(self, document: &Value, rows: &[Value], columns: &[&str]) -> io::Result<()> {
        match self.format {
            Format::Table => self.data(&Grid::of_objects(columns, rows).table()),
            Format::Csv => self.data(&Grid::of_objects(columns, rows).csv()),
            Format::Json => self.data(&format!("{document:#}\n")),
            Format::Jsonl => self.data(
                &rows
                    .iter()
                    .map(|row| format!("{row}\n"))
                    .collect::<String>(),
            ),
        }
    }

    /// Says something beside the data, unless `-q`.
    pub fn say(self, text: &str) {
        self.tell(0, text);
    }

    /// Says a detail, with `-v`.
    pub fn detail(self, text: &str) {
        self.tell(1, &style::faint(text));
    }

    /// Warns, unless `-qq`.
    pub fn warn(self, text: &str) {
        self.tell(-1, &format!("{}: {text}", style::warning("warning")));
    }

    fn tell(self, from: i8, text: &str) {
        if self.verbosity >= from {
            // Where stderr is closed there is nobody to tell.
            writeln!(anstream::stderr(), "{text}").unwrap_or_default();
        }
    }

    /// Whether a person may be asked.
    #[must_use]
    pub fn can_ask(self) -> bool {
        io::stdin().is_terminal() && io::stderr().is_terminal()
    }

    /// Asks a person a yes-or-no question; no is the answer to anything but `y` or `yes`.
    ///
    /// # Errors
    /// Where nobody can be asked or heard.
    pub fn ask(self, question: &str) -> io::Result<bool> {
        let mut err = anstream::stderr();
        write!(err, "{question} [y/N] ")?;
        err.flush()?;
        let mut answer = String::new();
        io::stdin().read_line(&mut answer)?;
        Ok(matches!(
            answer.trim().to_ascii_lowercase().as_str(),
            "y" | "yes"
        ))
    }
}

/// The fields of an object as rows of `name` and `value`, nested ones by their path.
#[must_use]
pub fn flatten(value: &Value) -> Vec<Value> {
    let mut rows = Vec::new();
    walk("", value, &mut rows);
    rows
}

fn walk(path: &str, value: &Value, rows: &mut Vec<Value>) {
    let below = |name: &str| {
        if path.is_empty() {
            name.to_owned()
        } else {
            format!("{path}.{name}")
        }
    };
    match value {
        Value::Object(fields) => fields
            .iter()
            .for_each(|(name, value)| walk(&below(name), value, rows)),
        Value::Array(items) if items.iter().any(Value::is_object) => {
            let named = |item: &Value, index: usize| {
                item["name"]
                    .as_str()
                    .map_or_else(|| index.to_string(), ToOwned::to_owned)
            };
            items
                .iter()
                .enumerate()
                .for_each(|(index, item)| walk(&below(&named(item, index)), item, rows));
        }
        other => rows.push(serde_json::json!({"name": path, "value": other})),
    }
}
