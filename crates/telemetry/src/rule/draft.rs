//! A rule file as it is written, with the place of everything in it.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::problem::{Problem, RuleFile, did_you_mean};

/// The most bytes of a rule file.
const BYTES: usize = 256 * 1024;

/// The keys of a rule.
const RULE: [&str; 6] = ["topic", "table", "format", "each", "where", "columns"];
/// The keys of a column.
const COLUMN: [&str; 6] = ["from", "type", "unit", "comment", "required", "format"];

/// A text and where it stands.
#[derive(Clone, Debug)]
pub(crate) struct Placed {
    pub(crate) text: String,
    span: Range<usize>,
}

/// A rule as its file has it.
#[derive(Debug, Default)]
pub(crate) struct Draft {
    pub(crate) topic: Option<Placed>,
    pub(crate) table: Option<Placed>,
    pub(crate) format: Option<Placed>,
    pub(crate) each: Option<Placed>,
    pub(crate) condition: Option<Placed>,
    /// In the order of the file.
    pub(crate) columns: Vec<ColumnDraft>,
}

/// A column as the file has it.
#[derive(Debug)]
pub(crate) struct ColumnDraft {
    pub(crate) name: Placed,
    pub(crate) from: Option<Placed>,
    pub(crate) kind: Option<Placed>,
    pub(crate) unit: Option<Placed>,
    pub(crate) comment: Option<Placed>,
    pub(crate) required: bool,
    pub(crate) format: Option<Placed>,
}

impl Placed {
    /// Where it begins.
    pub(crate) const fn start(&self) -> usize {
        self.span.start
    }

    /// Where in the file the byte `at` of the text stands; where the text begins if it is written with escapes.
    pub(crate) fn place_of(&self, file: &RuleFile, at: usize) -> usize {
        let written = file.text.get(self.span.clone()).unwrap_or_default();
        match written.find(&self.text) {
            Some(quotes) => self.span.start + quotes + at,
            None => self.span.start,
        }
    }
}

/// Reads one file and gathers what is wrong with it.
struct Reader<'f> {
    file: &'f RuleFile,
    problems: Vec<Problem>,
}

impl Draft {
    /// Reads a file.
    ///
    /// # Errors
    /// Everything that is wrong with its form; the words in it are not looked at yet.
    pub(crate) fn read(file: &RuleFile) -> Result<Self, Vec<Problem>> {
        if file.text.len() > BYTES {
            let text = format!("the file has more than {BYTES} bytes");
            return Err(vec![file.problem(text)]);
        }
        let document = DeTable::parse(&file.text).map_err(|error| {
            let text = error.message().trim().replace('\n', " ");
            vec![match error.span() {
                Some(span) => file.problem_at(span.start, text),
                None => file.problem(text),
            }]
        })?;
        let mut reader = Reader {
            file,
            problems: Vec::new(),
        };
        let draft = reader.rule(document.get_ref());
        if reader.problems.is_empty() {
            Ok(draft)
        } else {
            Err(reader.problems)
        }
    }
}

impl Reader<'_> {
    fn rule(&mut self, table: &DeTable<'_>) -> Draft {
        let mut draft = Draft::default();
        for (key, value) in table {
            match key.get_ref().as_ref() {
                "topic" => draft.topic = self.text(key, value),
                "table" => draft.table = self.text(key, value),
                "format" => draft.format = self.text(key, value),
                "each" => draft.each = self.text(key, value),
                "where" => draft.condition = self.text(key, value),
                "columns" => draft.columns = self.columns(key, value),
                _ => self.unknown("a rule", key, &RULE),
            }
        }
        for (key, missing) in [
            ("topic", draft.topic.is_none()),
            ("table", draft.table.is_none()),
            ("columns", draft.columns.is_empty()),
        ] {
            if missing && !table.contains_key(key) {
                self.problems
                    .push(self.file.problem(format!("`{key}` is missing")));
            }
        }
        draft
    }

    fn columns(
        &mut self,
        key: &Spanned<DeText<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Vec<ColumnDraft> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(key, value, "a table of columns");
            return Vec::new();
        };
        if table.is_empty() {
            let text = "the rule has no columns";
            self.problems
                .push(self.file.problem_at(key.span().start, text));
        }
        let mut columns: Vec<ColumnDraft> = table
            .iter()
            .filter_map(|(name, value)| self.column(name, value))
            .collect();
        // The parser sorts by name.
        columns.sort_by_key(|column| column.name.start());
        columns
    }

    fn column(
        &mut self,
        name: &Spanned<DeText<'_>>,
        value: &Spanned<DeValue<'_>>,
    ) -> Option<ColumnDraft> {
        let mut draft = ColumnDraft {
            name: placed(name.get_ref(), name.span()),
            from: None,
            kind: None,
            unit: None,
            comment: None,
            required: false,
            format: None,
        };
        let table = match value.get_ref() {
            DeValue::String(from) => {
                draft.from = Some(placed(from, value.span()));
                return Some(draft);
            }
            DeValue::Table(table) => table,
            _ => {
                self.wrong(name, value, "a path or a table with `from`");
                return None;
            }
        };
        for (key, value) in table {
            match (key.get_ref().as_ref(), value.get_ref()) {
                ("from", _) => draft.from = self.text(key, value),
                ("type", _) => draft.kind = self.text(key, value),
                ("unit", _) => draft.unit = self.text(key, value),
                ("comment", _) => draft.comment = self.text(key, value),
                ("format", _) => draft.format = self.text(key, value),
                ("required", DeValue::Boolean(required)) => draft.required = *required,
                ("required", _) => self.wrong(key, value, "true or false"),
                _ => self.unknown("a column", key, &COLUMN),
            }
        }
        if !table.contains_key("from") {
            let text = format!("`from` is missing in the column `{}`", name.get_ref());
            self.problems
                .push(self.file.problem_at(draft.name.start(), text));
        }
        Some(draft)
    }

    fn text(&mut self, key: &Spanned<DeText<'_>>, value: &Spanned<DeValue<'_>>) -> Option<Placed> {
        match value.get_ref() {
            DeValue::String(text) => Some(placed(text, value.span())),
            _ => {
                self.wrong(key, value, "a text");
                None
            }
        }
    }

    fn wrong(&mut self, key: &Spanned<DeText<'_>>, value: &Spanned<DeValue<'_>>, wanted: &str) {
        let text = format!("`{}` is {wanted}", key.get_ref());
        self.problems
            .push(self.file.problem_at(value.span().start, text));
    }

    fn unknown(&mut self, of: &str, key: &Spanned<DeText<'_>>, known: &[&str]) {
        let name = key.get_ref();
        let all = || format!("it may have {}", known.join(", "));
        let hint = did_you_mean(name, known.iter().copied()).unwrap_or_else(all);
        let problem = self
            .file
            .problem_at(key.span().start, format!("{of} has no `{name}`"));
        self.problems.push(problem.hint(hint));
    }
}

type DeText<'t> = toml::de::DeString<'t>;

fn placed(text: &str, span: Range<usize>) -> Placed {
    Placed {
        text: text.to_owned(),
        span,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Draft, Vec<String>> {
        let file = RuleFile {
            name: "a.toml".into(),
            text: text.into(),
        };
        Draft::read(&file).map_err(|problems| problems.iter().map(ToString::to_string).collect())
    }

    #[test]
    fn columns_keep_the_order_of_the_file() {
        let draft = read(
            "topic = \"a\"\ntable = \"t\"\n[columns]\nz = \"z\"\na = { from = \"a\" }\n[columns.m]\nfrom = \"m\"\nrequired = true\n",
        )
        .unwrap();
        let names: Vec<_> = draft
            .columns
            .iter()
            .map(|column| column.name.text.as_str())
            .collect();
        assert_eq!(names, ["z", "a", "m"]);
        assert!(draft.columns[2].required && !draft.columns[0].required);
    }

    #[test]
    fn all_that_is_wrong_is_told_with_its_place() {
        let found = read("topic = 1\ntabel = \"t\"\n[columns]\na = 1\nb = { form = \"b\" }\nc = { from = \"c\", required = \"yes\" }\n").unwrap_err();
        let mut found = found;
        found.sort();
        assert_eq!(
            found,
            [
                "a.toml: `table` is missing",
                "a.toml:1:9: `topic` is a text",
                "a.toml:2:1: a rule has no `tabel` (did you mean `table`?)",
                "a.toml:4:5: `a` is a path or a table with `from`",
                "a.toml:5:1: `from` is missing in the column `b`",
                "a.toml:5:7: a column has no `form` (did you mean `from`?)",
                "a.toml:6:30: `required` is true or false",
            ]
        );
        assert_eq!(
            read("columns = {}\ntopic = \"a\"\ntable = \"t\"\n").unwrap_err(),
            ["a.toml:1:1: the rule has no columns"]
        );
        let broken = read("topic = \n").unwrap_err();
        assert!(broken[0].starts_with("a.toml:1:"), "{broken:?}");
        assert_eq!(read(&" ".repeat(BYTES + 1)).unwrap_err().len(), 1);
    }

    #[test]
    fn a_place_within_a_text_is_that_of_the_file() {
        let text = "where = \"\"\"\na > 'b\"\"\"\n";
        let file = RuleFile {
            name: "a.toml".into(),
            text: text.into(),
        };
        let document = DeTable::parse(text).unwrap();
        let value = &document.get_ref()["where"];
        let place = placed("a > 'b", value.span()).place_of(&file, 4);
        assert_eq!(&text[place..=place], "'");
        let escaped = placed("a\t'b", 8..20).place_of(&file, 2);
        assert_eq!(escaped, 8);
    }
}
