//! All rules together.

use std::collections::HashMap;

use crate::filter::Filters;
use crate::limits::Limits;
use crate::problem::{Problem, RuleFile};
use crate::rule::{Rule, Topic};
use crate::table::{Column, Table};

/// The most rule files.
const FILES: usize = 1_000;

/// Names that rules cannot use.
#[derive(Clone, Copy, Debug, Default)]
pub struct Reserved<'a> {
    /// Tables that the platform itself writes.
    pub tables: &'a [&'a str],
    /// Columns that every table has. `time` need not be among them: by that name a rule says the row's time.
    pub columns: &'a [&'a str],
}

/// The rules of a team, ready to be applied. By default there are none.
#[derive(Debug, Default)]
pub struct Rules {
    /// Each with the number of its table.
    pub(crate) rules: Vec<(Rule, usize)>,
    pub(crate) by_name: HashMap<String, usize>,
    pub(crate) filters: Filters,
    pub(crate) tables: Vec<Table>,
    pub(crate) limits: Limits,
}

impl Rules {
    /// Makes rules of files.
    ///
    /// # Errors
    /// Everything that is wrong with any of the files, by file and place. Nothing is made of the others then: the caller keeps what it
    /// had, or asks again without the files that are named.
    pub fn compile(
        files: &[RuleFile],
        reserved: &Reserved<'_>,
        limits: Limits,
    ) -> Result<Self, Vec<Problem>> {
        let mut all = Self {
            limits,
            ..Self::default()
        };
        let mut files: Vec<&RuleFile> = files.iter().collect();
        files.sort_by(|one, other| one.name.cmp(&other.name));
        let mut problems = Vec::new();
        let mut kept: Vec<&RuleFile> = Vec::new();
        for (place, file) in files.into_iter().enumerate() {
            if place == FILES {
                problems.push(file.problem(format!("there are more than {FILES} rule files")));
                break;
            }
            match Rule::compile(file, reserved.columns) {
                Ok(rule) => match all.add(file, rule, reserved, &kept) {
                    Ok(()) => kept.push(file),
                    Err(problem) => problems.push(problem),
                },
                Err(found) => problems.extend(found),
            }
        }
        if problems.is_empty() {
            return Ok(all);
        }
        problems.sort_by(|one, other| {
            (&one.file, one.line, one.column).cmp(&(&other.file, other.line, other.column))
        });
        Err(problems)
    }

    /// The tables that the rules write. A row says its table by its place here.
    #[must_use]
    pub fn tables(&self) -> &[Table] {
        &self.tables
    }

    /// Whether there are no rules.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.rules.is_empty()
    }

    /// Adds a rule; `files` are those of the rules that there are.
    fn add(
        &mut self,
        file: &RuleFile,
        mut rule: Rule,
        reserved: &Reserved<'_>,
        files: &[&RuleFile],
    ) -> Result<(), Problem> {
        let number = self.rules.len();
        let file_of = |number: usize| files.get(number).map_or("", |file| &file.name);
        if let Some(other) = self.by_name.get(&rule.name) {
            let (other, name) = (file_of(*other), &rule.name);
            return Err(file.problem(format!("{other} has a rule called `{name}` already")));
        }
        let name = &rule.table.text;
        if reserved.tables.contains(&name.as_str()) {
            let text = format!("the table `{name}` is the platform's own");
            let problem = file.problem_at(rule.table.start(), text);
            return Err(problem.hint("give the table another name"));
        }
        let known = self.tables.iter().position(|table| table.name == *name);
        let place = known.unwrap_or(self.tables.len());
        match self.tables.get_mut(place) {
            None => self.tables.push(table_of(&rule)),
            Some(table) => join(table, &mut rule).map_err(|text| {
                let first = table.rules.first().and_then(|name| self.by_name.get(name));
                let (other, name) = (first.map_or("", |first| file_of(*first)), &table.name);
                let text = format!("{other} writes the table `{name}` too, and {text}");
                let problem = file.problem_at(rule.table.start(), text);
                problem.hint("rules write the same table only with the same columns")
            })?,
        }
        if let Topic::Filter(filter) = &rule.topic {
            self.filters.insert(filter, number);
        }
        self.by_name.insert(rule.name.clone(), number);
        self.rules.push((rule, place));
        Ok(())
    }
}

/// The table of the first rule that writes it.
fn table_of(rule: &Rule) -> Table {
    let columns = rule.columns.iter().map(|column| column.column.clone());
    Table {
        name: rule.table.text.clone(),
        columns: columns.collect(),
        rules: vec![rule.name.clone()],
    }
}

/// Lets one more rule write the table, in the table's order of columns. Comments that only the rule has are taken over.
///
/// # Errors
/// How the rule's columns are not those of the table.
fn join(table: &mut Table, rule: &mut Rule) -> Result<(), String> {
    let places = order(rule, table)?;
    let columns = std::mem::take(&mut rule.columns);
    let mut placed: Vec<_> = places.into_iter().zip(columns).collect();
    placed.sort_by_key(|(place, _)| *place);
    rule.columns = placed.into_iter().map(|(_, column)| column).collect();
    table.rules.push(rule.name.clone());
    for (known, column) in table.columns.iter_mut().zip(&rule.columns) {
        if known.comment.is_empty() {
            known.comment.clone_from(&column.column.comment);
        }
    }
    Ok(())
}

/// The place of each of the rule's columns in the table.
///
/// # Errors
/// How the rule's columns are not those of the table.
fn order(rule: &Rule, table: &Table) -> Result<Vec<usize>, String> {
    let place = |column: &Column| {
        let name = &column.name;
        let place = table.columns.iter().position(|known| known.name == *name);
        let place = place.ok_or_else(|| format!("without a column `{name}`"))?;
        match table.columns.get(place) {
            Some(known) if known.kind != column.kind => {
                let (one, other) = (known.kind.name(), column.kind.name());
                Err(format!(
                    "its column `{name}` has the type {one} there and {other} here"
                ))
            }
            Some(known) if known.unit != column.unit => {
                Err(format!("its column `{name}` has another unit there"))
            }
            _ => Ok(place),
        }
    };
    let columns = rule.columns.iter().map(|column| place(&column.column));
    let places = columns.collect::<Result<Vec<usize>, String>>()?;
    let missing = (0..table.columns.len()).find(|place| !places.contains(place));
    match missing.and_then(|place| table.columns.get(place)) {
        Some(column) => Err(format!("with a column `{}`", column.name)),
        None => Ok(places),
    }
}
