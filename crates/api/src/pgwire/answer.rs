//! Rows and errors in the words of the PostgreSQL protocol.

use std::collections::HashMap;
use std::sync::Arc;

use datafusion_postgres::arrow_pg::datatypes::{arrow_schema_to_pg_fields, encode_recordbatch};
use datafusion_postgres::pgwire::api::portal::Format;
use datafusion_postgres::pgwire::api::results::{QueryResponse, Response};
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use datafusion_postgres::pgwire::types::format::FormatOptions;
use futures::{StreamExt, stream};
use trunkline_lake::{LakeError, RowStream};
use trunkline_model::Coded;

/// The rows of a statement as the client asked for them.
pub(super) fn answer(
    rows: RowStream,
    format: &Format,
    metadata: &HashMap<String, String>,
) -> PgWireResult<Response> {
    let options = Arc::new(FormatOptions::from_client_metadata(metadata));
    let fields = Arc::new(arrow_schema_to_pg_fields(
        &rows.schema(),
        format,
        Some(options),
    )?);
    let of_rows = Arc::clone(&fields);
    let encoded = rows.flat_map(move |batch| {
        let rows: Box<dyn Iterator<Item = _> + Send + Sync> = match batch {
            Ok(batch) => encode_recordbatch(Arc::clone(&of_rows), batch),
            Err(error) => Box::new(std::iter::once(Err(refused(&error)))),
        };
        stream::iter(rows)
    });
    Ok(Response::Query(QueryResponse::new(fields, encoded)))
}

/// An error with the SQLSTATE that clients act upon, our code in the message and what to do in the hint.
pub(super) fn refused(error: &LakeError) -> PgWireError {
    let state = match error {
        LakeError::InvalidSql(_) => "42601",
        LakeError::UnknownTable(_) => "42P01",
        LakeError::ReadOnly(_) => "25006",
        LakeError::Timeout(_) | LakeError::Cancelled => "57014",
        LakeError::Memory(_) => "53200",
        LakeError::TooManyStatements(_) => "53300",
        LakeError::Storage { .. } => "58030",
        _ => "XX000",
    };
    let code = error.code();
    let mut info = ErrorInfo::new(
        "ERROR".into(),
        state.into(),
        format!("{}: {error}", code.code),
    );
    info.hint = Some(code.hint.into());
    PgWireError::UserError(Box::new(info))
}
