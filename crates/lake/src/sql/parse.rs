//! Whether a text is a statement at all, without asking whether its tables are there.

use datafusion::sql::parser::{DFParser, Statement};
use datafusion::sql::sqlparser::ast;
use datafusion::sql::sqlparser::dialect::PostgreSqlDialect;

use crate::LakeError;

/// Nothing where `text` is one statement that reads. Its tables need not be there yet.
///
/// # Errors
/// [`LakeError`] where it is none, or more than one.
pub fn check_query(text: &str) -> Result<(), LakeError> {
    let mut statements = DFParser::parse_sql_with_dialect(text, &PostgreSqlDialect {})?;
    let first = statements.pop_front();
    let reads = matches!(first, Some(Statement::Statement(first)) if matches!(*first, ast::Statement::Query(_)));
    if reads && statements.is_empty() {
        return Ok(());
    }
    Err(LakeError::InvalidSql(
        "it is not one statement that begins with `select` or `with`".into(),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_query_is_one() {
        for good in [
            "select 1",
            "with a as (select 1) select * from a;",
            "select x from nowhere",
        ] {
            check_query(good).unwrap();
        }
        for bad in [
            "",
            "selec 1",
            "select 1; select 2",
            "drop table a",
            "show tables",
            "explain select 1",
        ] {
            assert!(check_query(bad).is_err(), "{bad}");
        }
    }
}
