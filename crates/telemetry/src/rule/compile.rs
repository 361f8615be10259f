//! From a file to a rule.

use super::column::{Around, RuleColumn};
use super::draft::{Draft, Placed};
use super::topic::Topic;
use crate::decode::Format;
use crate::expression::{Context, Expression, Kind, path_to_elements};
use crate::problem::{Problem, RuleFile, did_you_mean};
use crate::table::is_name;
use crate::value::Path;

/// The most columns of a rule.
const COLUMNS: usize = 200;
/// The most bytes of a rule's name.
const NAME: usize = 128;

/// A rule, ready to be applied.
#[derive(Debug)]
pub(crate) struct Rule {
    /// What stands between the last `/` and `.toml` of the file's name.
    pub(crate) name: String,
    pub(crate) topic: Topic,
    /// The table's name, and where the file says it.
    pub(crate) table: Placed,
    /// How payloads are read; the message decides where there is none.
    pub(crate) format: Option<Format>,
    /// The array of whose elements there are rows.
    pub(crate) each: Option<Elements>,
    pub(crate) condition: Option<Expression>,
    /// The paths of its expressions that begin at the payload while there are elements: they are walked once a message.
    pub(crate) outer: Vec<Path>,
    /// In the order of the file, until the table gives another.
    pub(crate) columns: Vec<RuleColumn>,
    /// What gives the row its time.
    pub(crate) time: Option<RuleColumn>,
}

/// The array of whose elements there are rows.
#[derive(Debug)]
pub(crate) struct Elements {
    pub(crate) path: Path,
    /// The path as the file has it, for reasons.
    pub(crate) text: String,
}

/// What the rule's file is called, without folder and ending.
fn name(file: &RuleFile) -> Result<String, Problem> {
    let last = file.name.rsplit('/').next().unwrap_or(&file.name);
    let stem = last.strip_suffix(".toml").unwrap_or(last);
    let good = (1..=NAME).contains(&stem.len())
        && stem
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    if good {
        return Ok(stem.into());
    }
    let text = format!("a rule cannot be called `{stem}`");
    let hint = format!("1 to {NAME} letters, digits, `_` and `-` before `.toml`");
    Err(file.problem(text).hint(hint))
}

impl Rule {
    /// Makes a rule of a file; columns called as one of `reserved` are refused.
    ///
    /// # Errors
    /// All that is wrong with it.
    pub(crate) fn compile(file: &RuleFile, reserved: &[&str]) -> Result<Self, Vec<Problem>> {
        let name = name(file).map_err(|problem| vec![problem])?;
        let draft = Draft::read(file)?;
        let (Some(topic), Some(table)) = (&draft.topic, &draft.table) else {
            return Err(vec![file.problem("`topic` or `table` is missing")]);
        };
        let mut problems = Vec::new();
        let mut keep = |problem: Problem| problems.push(problem);
        let read = Topic::read(&topic.text, &name).map_err(|(text, hint)| {
            keep(file.problem_at(topic.start(), text).hint_if(hint));
        });
        table_name(file, table).unwrap_or_else(&mut keep);
        let format = format(file, draft.format.as_ref()).unwrap_or_else(|problem| {
            keep(problem);
            None
        });
        let around = Around {
            file,
            context: Context {
                each: draft.each.is_some(),
                whole: format.is_some_and(Format::is_whole),
            },
            reserved,
        };
        let mut outer = Vec::new();
        let each = each(draft.each.as_ref(), &around).unwrap_or_else(|problem| {
            keep(problem);
            None
        });
        let condition =
            condition(draft.condition.as_ref(), &around, &mut outer).unwrap_or_else(|problem| {
                keep(problem);
                None
            });
        let (columns, time) = columns(&draft, &around, &mut outer, &mut keep);
        match read {
            Ok(topic) if problems.is_empty() => Ok(Self {
                name,
                topic,
                table: table.clone(),
                format,
                each,
                condition,
                outer,
                columns,
                time,
            }),
            _ => Err(problems),
        }
    }
}

fn table_name(file: &RuleFile, table: &Placed) -> Result<(), Problem> {
    if is_name(&table.text) {
        return Ok(());
    }
    let text = format!("a table cannot be called `{}`", table.text);
    let hint = "up to 63 lower-case letters, digits and `_`, not beginning with a digit";
    Err(file.problem_at(table.start(), text).hint(hint))
}

fn format(file: &RuleFile, said: Option<&Placed>) -> Result<Option<Format>, Problem> {
    let Some(said) = said else {
        return Ok(None);
    };
    let format = Format::read(&said.text).ok_or_else(|| {
        let names = Format::ALL.map(Format::name);
        let all = || format!("there are {}", names.join(", "));
        let hint = did_you_mean(&said.text, names).unwrap_or_else(all);
        let text = format!("payloads have no format `{}`", said.text);
        file.problem_at(said.start(), text).hint(hint)
    })?;
    Ok(Some(format))
}

fn each(said: Option<&Placed>, around: &Around<'_>) -> Result<Option<Elements>, Problem> {
    let Some(said) = said else {
        return Ok(None);
    };
    if around.context.whole {
        let text = "a payload that is a single text has no elements";
        return Err(around.file.problem_at(said.start(), text));
    }
    let path = path_to_elements(&said.text).map_err(|fault| around.fault(said, fault))?;
    Ok(Some(Elements {
        path,
        text: said.text.clone(),
    }))
}

fn condition(
    said: Option<&Placed>,
    around: &Around<'_>,
    outer: &mut Vec<Path>,
) -> Result<Option<Expression>, Problem> {
    let Some(said) = said else {
        return Ok(None);
    };
    let read = Expression::read(&said.text, around.context, outer);
    let expression = read.map_err(|fault| around.fault(said, fault))?;
    if !matches!(expression.kind, Kind::Boolean | Kind::Any) {
        let text = format!(
            "`where` is a condition, and this is {}",
            expression.kind.name()
        );
        return Err(around.file.problem_at(said.start(), text));
    }
    Ok(Some(expression))
}

/// The columns, and what gives the row its time.
fn columns(
    draft: &Draft,
    around: &Around<'_>,
    outer: &mut Vec<Path>,
    keep: &mut impl FnMut(Problem),
) -> (Vec<RuleColumn>, Option<RuleColumn>) {
    if draft.columns.len() > COLUMNS {
        keep(
            around
                .file
                .problem(format!("the rule has more than {COLUMNS} columns")),
        );
        return (Vec::new(), None);
    }
    let (mut columns, mut time) = (Vec::new(), None);
    for draft in &draft.columns {
        match RuleColumn::compile(draft, around, outer) {
            Ok(column) if column.is_time() => time = Some(column),
            Ok(column) => columns.push(column),
            Err(problem) => keep(problem),
        }
    }
    if let (true, Some(time)) = (columns.is_empty(), &time) {
        let text = format!("the rule has no column but `{}`", time.column.name);
        keep(around.file.problem(text));
    }
    (columns, time)
}
