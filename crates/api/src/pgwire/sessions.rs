//! Statements of a connection: what reads goes to the lake with its limits, the rest to the session.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion::arrow::datatypes::DataType;
use datafusion::logical_expr::LogicalPlan;
use datafusion::sql::parser::Statement as Planned;
use datafusion::sql::sqlparser::ast::Statement as Ast;
use datafusion_postgres::arrow_pg::datatypes::df::deserialize_parameters;
use datafusion_postgres::datafusion_pg_catalog::sql::PostgresCompatibilityParser;
use datafusion_postgres::pgwire::api::portal::{Format, Portal};
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::api::results::Response;
use datafusion_postgres::pgwire::api::store::PortalStore;
use datafusion_postgres::pgwire::api::{ClientInfo, ClientPortalStore};
use datafusion_postgres::pgwire::error::{PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::PgWireBackendMessage;
use datafusion_postgres::{DfSessionService, Parser};
use futures::Sink;
use trunkline_lake::{Query, Statement, asks_for_the_past};
use trunkline_model::{TypedId, kind};
use trunkline_web::Caller;

use super::answer::{answer, refused};
use super::hook::reads;
use crate::Api;
use crate::sight::OwnSight;

/// Answers the statements of all connections.
pub(super) struct Sessions {
    api: Api,
    session: DfSessionService,
    parser: PostgresCompatibilityParser,
}

impl Sessions {
    pub(super) fn new(api: Api, session: DfSessionService) -> Self {
        Self {
            api,
            session,
            parser: PostgresCompatibilityParser::new(),
        }
    }

    async fn read<C: ClientInfo>(
        &self,
        client: &C,
        text: String,
        query: Query,
        format: &Format,
    ) -> PgWireResult<Response> {
        let caller = client.session_extensions().get::<Arc<Caller>>();
        let caller = caller.ok_or_else(|| wrapped(NobodySignedIn))?;
        let statement = Statement {
            query,
            text,
            id: TypedId::<kind::Query>::new(self.api.ids.ulid(self.api.clock.now())).to_string(),
            principal: caller.to_string(),
            visible: OwnSight::of(&caller),
            limit: None,
            timeout: None,
        };
        let rows = self
            .api
            .lake
            .query(statement)
            .await
            .map_err(|error| refused(&error))?;
        answer(rows, format, client.metadata())
    }
}

/// A statement came on a connection whose sign-in is not over.
#[derive(Debug, thiserror::Error)]
#[error("nobody is signed in on this connection")]
struct NobodySignedIn;

fn wrapped(error: impl std::error::Error + Send + Sync + 'static) -> PgWireError {
    PgWireError::ApiError(Box::new(error))
}

/// The types of `$1`, `$2` and so on, as far as the plan tells them.
fn parameter_types(plan: &LogicalPlan) -> PgWireResult<Vec<Option<DataType>>> {
    let mut types: Vec<(usize, Option<DataType>)> = plan
        .get_parameter_types()
        .map_err(wrapped)?
        .into_iter()
        .map(|(name, kind)| {
            (
                name.trim_start_matches('$').parse().unwrap_or(usize::MAX),
                kind,
            )
        })
        .collect();
    types.sort_by_key(|(place, _)| *place);
    Ok(types.into_iter().map(|(_, kind)| kind).collect())
}

fn bind<S: Clone>(plan: &LogicalPlan, portal: &Portal<S>) -> PgWireResult<LogicalPlan> {
    let types = parameter_types(plan)?;
    let types: Vec<_> = types.iter().map(Option::as_ref).collect();
    let values = deserialize_parameters(portal, &types)?;
    plan.clone()
        .replace_params_with_values(&values)
        .map_err(wrapped)
}

#[async_trait]
impl SimpleQueryHandler for Sessions {
    async fn do_query<C>(&self, client: &mut C, query: &str) -> PgWireResult<Vec<Response>>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        let statements = self.parser.parse(query).map_err(wrapped)?;
        if statements.is_empty() {
            return Ok(vec![Response::EmptyQuery]);
        }
        let mut responses = Vec::with_capacity(statements.len());
        for statement in statements {
            let text = statement.to_string();
            if reads(&statement) {
                let query = Query::Text(text.clone());
                responses.push(self.read(client, text, query, &Format::UnifiedText).await?);
            } else {
                responses.extend(SimpleQueryHandler::do_query(&self.session, client, &text).await?);
            }
        }
        Ok(responses)
    }
}

#[async_trait]
impl ExtendedQueryHandler for Sessions {
    type Statement = (String, Option<(Ast, LogicalPlan)>);
    type QueryParser = Parser;

    fn query_parser(&self) -> Arc<Self::QueryParser> {
        self.session.query_parser()
    }

    async fn do_query<C>(
        &self,
        client: &mut C,
        portal: &Portal<Self::Statement>,
        max_rows: usize,
    ) -> PgWireResult<Response>
    where
        C: ClientInfo + ClientPortalStore + Sink<PgWireBackendMessage> + Unpin + Send + Sync,
        C::PortalStore: PortalStore<Statement = Self::Statement>,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match &portal.statement.statement {
            (text, Some((statement, plan))) if reads(statement) => {
                let bound = if asks_for_the_past(text) {
                    // What was planned when the statement was prepared tells the past as it was to be told then.
                    let state = self.api.lake.session().state();
                    let statement = Planned::Statement(Box::new(statement.clone()));
                    let anew = state.statement_to_plan(statement).await.map_err(wrapped)?;
                    bind(&anew, portal)?
                } else {
                    bind(plan, portal)?
                };
                let plan = Query::Plan(Box::new(bound));
                self.read(client, text.clone(), plan, &portal.result_column_format)
                    .await
            }
            _ => ExtendedQueryHandler::do_query(&self.session, client, portal, max_rows).await,
        }
    }
}
