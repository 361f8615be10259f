//! A column of a rule.

use super::draft::{ColumnDraft, Placed};
use crate::expression::{Context, Expression, Fault, Kind};
use crate::problem::{Problem, RuleFile, did_you_mean};
use crate::table::{Column, ColumnKind, is_name};
use crate::time_format::TimeFormat;
use crate::value::Path;

/// The column that gives the row its time.
pub(crate) const TIME: &str = "time";
/// The most bytes of a unit.
const UNIT: usize = 64;
/// The most bytes of a comment.
const COMMENT: usize = 1_024;

/// How the value of a column is found.
#[derive(Clone, Debug)]
pub(crate) struct RuleColumn {
    pub(crate) column: Column,
    pub(crate) from: Expression,
    /// The expression as the file has it, for reasons.
    pub(crate) text: String,
    pub(crate) format: TimeFormat,
    pub(crate) required: bool,
}

/// What a column needs to know of the rule around it.
pub(super) struct Around<'r> {
    pub(super) file: &'r RuleFile,
    pub(super) context: Context,
    /// Names of columns that every table has.
    pub(super) reserved: &'r [&'r str],
}

impl Around<'_> {
    /// A fault of the expression `text`, as a problem of the file.
    pub(super) fn fault(&self, text: &Placed, fault: Fault) -> Problem {
        self.file
            .problem_at(text.place_of(self.file, fault.at), fault.text)
            .hint_if(fault.hint)
    }

    fn problem(&self, at: &Placed, text: impl Into<String>) -> Problem {
        self.file.problem_at(at.start(), text)
    }
}

impl RuleColumn {
    pub(super) fn compile(
        draft: &ColumnDraft,
        around: &Around<'_>,
        outer: &mut Vec<Path>,
    ) -> Result<Self, Problem> {
        let name = &draft.name;
        let taken = name.text != TIME && around.reserved.contains(&name.text.as_str());
        if !is_name(&name.text) || taken {
            let hint = if is_name(&name.text) {
                "every table has one of that name already"
            } else {
                "up to 63 lower-case letters, digits and `_`, not beginning with a digit"
            };
            let text = format!("a column cannot be called `{}`", name.text);
            return Err(around.problem(name, text).hint(hint));
        }
        let Some(from) = &draft.from else {
            return Err(around.problem(name, "`from` is missing"));
        };
        let read = Expression::read(&from.text, around.context, outer);
        let expression = read.map_err(|fault| around.fault(from, fault))?;
        let kind = kind(draft, expression.kind, around)?;
        for (text, most) in [(&draft.unit, UNIT), (&draft.comment, COMMENT)] {
            if let Some(text) = text.as_ref().filter(|text| text.text.len() > most) {
                return Err(around.problem(text, format!("this has more than {most} bytes")));
            }
        }
        Ok(Self {
            column: Column {
                name: name.text.clone(),
                kind,
                unit: draft.unit.as_ref().map(|unit| unit.text.clone()),
                comment: draft
                    .comment
                    .as_ref()
                    .map_or_else(String::new, |comment| comment.text.clone()),
            },
            from: expression,
            text: from.text.clone(),
            format: format(draft, kind, around)?,
            required: draft.required,
        })
    }

    /// Whether it gives the row its time, and is no column of its own.
    pub(crate) fn is_time(&self) -> bool {
        self.column.name == TIME
    }
}

/// The type: what the file says, else that of the function; whatever comes out of the payload is JSON.
fn kind(draft: &ColumnDraft, gives: Kind, around: &Around<'_>) -> Result<ColumnKind, Problem> {
    let is_time = draft.name.text == TIME;
    let Some(said) = &draft.kind else {
        return Ok(match gives {
            _ if is_time => ColumnKind::Timestamp,
            Kind::Boolean => ColumnKind::Boolean,
            Kind::Number => ColumnKind::Float,
            Kind::Text => ColumnKind::String,
            Kind::Time => ColumnKind::Timestamp,
            Kind::Any => ColumnKind::Json,
        });
    };
    let Some(kind) = ColumnKind::read(&said.text) else {
        let names = ColumnKind::ALL.map(ColumnKind::name);
        let all = || format!("there are {}", names.join(", "));
        let hint = did_you_mean(&said.text, names).unwrap_or_else(all);
        let text = format!("there is no type `{}`", said.text);
        return Err(around.problem(said, text).hint(hint));
    };
    if is_time && kind != ColumnKind::Timestamp {
        let text = "`time` is when the row's thing happened: its type is timestamp";
        return Err(around.problem(said, text));
    }
    if !fits(gives, kind) {
        let text = format!(
            "a column of the type {} never takes {}",
            kind.name(),
            gives.name()
        );
        return Err(around.problem(said, text));
    }
    Ok(kind)
}

/// Whether a value of which the expression says so much can fit a column of the type `kind`.
fn fits(gives: Kind, kind: ColumnKind) -> bool {
    match gives {
        Kind::Any => true,
        _ if kind == ColumnKind::Json => true,
        Kind::Boolean => kind == ColumnKind::Boolean,
        Kind::Number => !matches!(kind, ColumnKind::Boolean),
        Kind::Text | Kind::Time => matches!(kind, ColumnKind::String | ColumnKind::Timestamp),
    }
}

fn format(
    draft: &ColumnDraft,
    kind: ColumnKind,
    around: &Around<'_>,
) -> Result<TimeFormat, Problem> {
    let Some(said) = &draft.format else {
        return Ok(TimeFormat::default());
    };
    if kind != ColumnKind::Timestamp {
        let text = "only a column of the type timestamp has a `format`";
        return Err(around.problem(said, text));
    }
    TimeFormat::read(&said.text).ok_or_else(|| {
        let names = TimeFormat::ALL.map(TimeFormat::name);
        let all = || format!("there are {}", names.join(", "));
        let hint = did_you_mean(&said.text, names).unwrap_or_else(all);
        let text = format!("times have no format `{}`", said.text);
        around.problem(said, text).hint(hint)
    })
}
