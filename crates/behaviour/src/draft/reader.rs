//! Reading tables key by key.

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use crate::limits;
use crate::problem::{Placed, Report, did_you_mean};

pub(super) type Key<'t> = Spanned<DeString<'t>>;
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// Reads one file and gathers what is wrong with it.
pub(super) struct Reader<'r, 'f> {
    pub(super) report: &'r mut Report<'f>,
}

impl Reader<'_, '_> {
    pub(super) fn wrong(&mut self, key: &Key<'_>, value: &Value<'_>, wanted: &str) {
        let text = format!("`{}` is {wanted}", key.get_ref());
        self.report.at(value.span().start, text, None);
    }

    pub(super) fn unknown(&mut self, of: &str, key: &Key<'_>, known: &[&str]) {
        let name = key.get_ref();
        let all = || format!("it may have {}", known.join(", "));
        let hint = did_you_mean(name, known.iter().copied()).unwrap_or_else(all);
        let text = format!("{of} has no `{name}`");
        self.report.at(key.span().start, text, Some(hint));
    }

    pub(super) fn missing(&mut self, of: &Placed, what: &str) {
        let text = format!("`{what}` is missing in `{}`", of.text);
        self.report.at(of.span.start, text, None);
    }

    pub(super) fn text(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<Placed> {
        if let DeValue::String(text) = value.get_ref() {
            return Some(placed(text, value));
        }
        self.wrong(key, value, "a text");
        None
    }

    /// An expression: a text, or a number, or a truth value that stands for itself.
    pub(super) fn formula(&mut self, key: &Key<'_>, value: &Value<'_>) -> Option<Placed> {
        match value.get_ref() {
            DeValue::String(text) => Some(placed(text, value)),
            DeValue::Boolean(truth) => Some(placed(if *truth { "true" } else { "false" }, value)),
            DeValue::Integer(_) | DeValue::Float(_) => {
                let written = self.report.written(value.span()).replace('_', "");
                let text = written.strip_prefix('+').unwrap_or(&written);
                let finite = text.parse::<f64>().is_ok_and(f64::is_finite);
                if !finite {
                    self.wrong(key, value, "a finite decimal number");
                    return None;
                }
                Some(placed(text, value))
            }
            _ => {
                self.wrong(key, value, "an expression: a text, a number, true or false");
                None
            }
        }
    }

    /// The entries of a section in the order of the file; the parser sorts them by name.
    pub(super) fn entries<'v, 't>(
        &mut self,
        key: &Key<'_>,
        value: &'v Value<'t>,
    ) -> Vec<(&'v Key<'t>, &'v Value<'t>)> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(key, value, "a table");
            return Vec::new();
        };
        let mut entries: Vec<_> = table.iter().collect();
        entries.sort_by_key(|(name, _)| name.span().start);
        self.few(key, entries.len());
        entries
    }

    /// The keys of the table of one entry.
    pub(super) fn table<'v, 't>(
        &mut self,
        key: &Key<'_>,
        value: &'v Value<'t>,
        wanted: &str,
    ) -> Option<&'v DeTable<'t>> {
        let DeValue::Table(table) = value.get_ref() else {
            self.wrong(key, value, wanted);
            return None;
        };
        Some(table)
    }

    pub(super) fn few(&mut self, key: &Key<'_>, count: usize) {
        if count > limits::ENTRIES {
            let (name, most) = (key.get_ref(), limits::ENTRIES);
            let text = format!("`{name}` has more than {most} entries");
            self.report.at(key.span().start, text, None);
        }
    }
}

pub(super) fn placed(text: &str, value: &Value<'_>) -> Placed {
    Placed {
        text: text.into(),
        span: value.span(),
    }
}

pub(super) fn name(key: &Key<'_>) -> Placed {
    Placed {
        text: key.get_ref().to_string(),
        span: key.span(),
    }
}
