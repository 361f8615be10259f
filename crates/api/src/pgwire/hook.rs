//! The end of the line for statements that neither read nor set up a session.

use async_trait::async_trait;
use datafusion::common::ParamValues;
use datafusion::logical_expr::LogicalPlan;
use datafusion::prelude::SessionContext;
use datafusion::sql::sqlparser::ast::Statement as Ast;
use datafusion_postgres::QueryHook;
use datafusion_postgres::hooks::HookClient;
use datafusion_postgres::pgwire::api::ClientInfo;
use datafusion_postgres::pgwire::api::results::Response;
use datafusion_postgres::pgwire::error::PgWireResult;
use trunkline_lake::LakeError;

use super::answer::refused;

/// Whether a statement may go to the lake, which looks at its plan too.
pub(super) const fn reads(statement: &Ast) -> bool {
    matches!(
        statement,
        Ast::Query(_) | Ast::Explain { .. } | Ast::ExplainTable { .. }
    )
}

/// Refuses whatever came this far. It stands last, behind the hooks for settings and transactions.
#[derive(Debug)]
pub(super) struct RefuseHook;

fn refuse(statement: &Ast) -> PgWireResult<Response> {
    let text: String = statement.to_string().chars().take(80).collect();
    Err(refused(&LakeError::ReadOnly(format!(
        "`{text}` does not read"
    ))))
}

#[async_trait]
impl QueryHook for RefuseHook {
    async fn handle_simple_query(
        &self,
        statement: &Ast,
        _: &SessionContext,
        _: &mut dyn HookClient,
    ) -> Option<PgWireResult<Response>> {
        Some(refuse(statement))
    }

    async fn handle_extended_parse_query(
        &self,
        _: &Ast,
        _: &SessionContext,
        _: &(dyn ClientInfo + Send + Sync),
    ) -> Option<PgWireResult<LogicalPlan>> {
        None
    }

    async fn handle_extended_query(
        &self,
        statement: &Ast,
        _: &LogicalPlan,
        _: &ParamValues,
        _: &SessionContext,
        _: &mut dyn HookClient,
    ) -> Option<PgWireResult<Response>> {
        Some(refuse(statement))
    }
}
