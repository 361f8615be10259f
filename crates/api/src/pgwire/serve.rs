//! Listening and the handlers of one connection.

use std::sync::Arc;

use datafusion_postgres::datafusion_pg_catalog::pg_catalog::context::EmptyContextProvider;
use datafusion_postgres::datafusion_pg_catalog::setup_pg_catalog;
use datafusion_postgres::hooks::set_show::SetShowHook;
use datafusion_postgres::hooks::transactions::TransactionStatementHook;
use datafusion_postgres::pgwire::api::auth::StartupHandler;
use datafusion_postgres::pgwire::api::cancel::{CancelHandler, DefaultCancelHandler};
use datafusion_postgres::pgwire::api::query::{ExtendedQueryHandler, SimpleQueryHandler};
use datafusion_postgres::pgwire::api::{ConnectionManager, PgWireServerHandlers};
use datafusion_postgres::pgwire::tokio::process_socket;
use datafusion_postgres::{DfSessionService, QueryHook};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use trunkline_web::{Authenticate, Authorize};

use super::hook::RefuseHook;
use super::sessions::Sessions;
use super::sign_in::SignIn;
use crate::{Api, PgwireConfig};

/// Why the PostgreSQL protocol could not be served.
#[derive(Debug, thiserror::Error)]
#[error("the PostgreSQL catalog could not be set up: {0}")]
pub struct PgwireError(String);

/// What every connection shares.
struct Handlers {
    sessions: Arc<Sessions>,
    sign_in: Arc<SignIn>,
    cancel: Arc<DefaultCancelHandler>,
}

impl PgWireServerHandlers for Handlers {
    fn simple_query_handler(&self) -> Arc<impl SimpleQueryHandler> {
        Arc::clone(&self.sessions)
    }

    fn extended_query_handler(&self) -> Arc<impl ExtendedQueryHandler> {
        Arc::clone(&self.sessions)
    }

    fn startup_handler(&self) -> Arc<impl StartupHandler> {
        Arc::clone(&self.sign_in)
    }

    fn cancel_handler(&self) -> Arc<impl CancelHandler> {
        Arc::clone(&self.cancel)
    }
}

/// Answers connections on `listener` for as long as it is polled.
///
/// # Errors
/// [`PgwireError`] when the catalog that clients look into cannot be set up.
pub async fn serve(
    api: Api,
    (authenticate, authorize): (Arc<dyn Authenticate>, Arc<dyn Authorize>),
    config: PgwireConfig,
    listener: TcpListener,
) -> Result<(), PgwireError> {
    let session = Arc::new(api.lake.session());
    setup_pg_catalog(&session, "trunkline", EmptyContextProvider)
        .map_err(|error| PgwireError(error.to_string()))?;
    let connections = Arc::new(ConnectionManager::new());
    let hooks: Vec<Arc<dyn QueryHook>> = vec![
        Arc::new(SetShowHook),
        Arc::new(TransactionStatementHook),
        Arc::new(RefuseHook),
    ];
    let handlers = Arc::new(Handlers {
        sessions: Arc::new(Sessions::new(
            api,
            DfSessionService::new_with_hooks(session, hooks),
        )),
        sign_in: Arc::new(SignIn::new(
            authenticate,
            authorize,
            Arc::clone(&connections),
        )),
        cancel: Arc::new(DefaultCancelHandler::new(connections)),
    });
    let room = Arc::new(Semaphore::new(config.max_connections));
    loop {
        let Ok((socket, client)) = listener.accept().await else {
            // Out of file descriptors, most likely: others must end before there is anything to accept.
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            continue;
        };
        let Ok(place) = Arc::clone(&room).try_acquire_owned() else {
            tracing::warn!(%client, most = config.max_connections, "too many PostgreSQL connections");
            continue;
        };
        let handlers = Arc::clone(&handlers);
        tokio::spawn(async move {
            if let Err(error) = process_socket(socket, None, handlers).await {
                tracing::debug!(%client, %error, "a PostgreSQL connection ended");
            }
            drop(place);
        });
    }
}
