//! Signing in: the password is an API token.

use std::fmt::Debug;
use std::sync::Arc;

use async_trait::async_trait;
use datafusion_postgres::pgwire::api::auth::{
    DefaultServerParameterProvider, StartupHandler, finish_authentication, protocol_negotiation,
    save_startup_parameters_to_metadata,
};
use datafusion_postgres::pgwire::api::{
    ClientInfo, ConnectionGuard, ConnectionHandle, ConnectionManager, PgWireConnectionState,
    PidSecretKeyGenerator, RandomPidSecretKeyGenerator,
};
use datafusion_postgres::pgwire::error::{ErrorInfo, PgWireError, PgWireResult};
use datafusion_postgres::pgwire::messages::startup::Authentication;
use datafusion_postgres::pgwire::messages::{PgWireBackendMessage, PgWireFrontendMessage};
use futures::sink::{Sink, SinkExt};
use trunkline_model::{Coded, action};
use trunkline_web::{Authenticate, Authorize, Caller, ClientAddress, Credential};

/// Asks for a token and checks it.
pub(super) struct SignIn {
    authenticate: Arc<dyn Authenticate>,
    authorize: Arc<dyn Authorize>,
    parameters: DefaultServerParameterProvider,
    keys: RandomPidSecretKeyGenerator,
    connections: Arc<ConnectionManager>,
}

impl SignIn {
    pub(super) fn new(
        authenticate: Arc<dyn Authenticate>,
        authorize: Arc<dyn Authorize>,
        connections: Arc<ConnectionManager>,
    ) -> Self {
        let mut parameters = DefaultServerParameterProvider::default();
        parameters.server_version = format!("16.0 (Trunkline {})", env!("CARGO_PKG_VERSION"));
        Self {
            authenticate,
            authorize,
            parameters,
            keys: RandomPidSecretKeyGenerator::default(),
            connections,
        }
    }

    async fn check<C: ClientInfo>(&self, client: &mut C, token: &str) -> PgWireResult<()> {
        let address = ClientAddress(client.socket_addr().ip());
        let principal = self
            .authenticate
            .authenticate(Credential::Token(token), address)
            .await
            .map_err(|error| refusal(&error))?;
        let caller = Caller::new(principal, address, Arc::clone(&self.authorize));
        if let Err(problem) = caller.require(&action::SQL_RUN, "") {
            return Err(fatal("42501", problem.detail(), problem.code()));
        }
        client
            .session_extensions()
            .insert::<Arc<Caller>>(Arc::new(caller));
        Ok(())
    }
}

fn refusal(error: &trunkline_web::AuthError) -> PgWireError {
    fatal(
        "28P01",
        &format!("{error}: the password must be an API token"),
        error.code().code,
    )
}

fn fatal(state: &str, message: &str, code: &str) -> PgWireError {
    let mut info = ErrorInfo::new("FATAL".into(), state.into(), format!("{code}: {message}"));
    info.hint = trunkline_model::code::find(code).map(|known| known.hint.into());
    PgWireError::UserError(Box::new(info))
}

#[async_trait]
impl StartupHandler for SignIn {
    async fn on_startup<C>(
        &self,
        client: &mut C,
        message: PgWireFrontendMessage,
    ) -> PgWireResult<()>
    where
        C: ClientInfo + Sink<PgWireBackendMessage> + Unpin + Send,
        C::Error: Debug,
        PgWireError: From<<C as Sink<PgWireBackendMessage>>::Error>,
    {
        match message {
            PgWireFrontendMessage::Startup(ref startup) => {
                protocol_negotiation(client, startup).await?;
                save_startup_parameters_to_metadata(client, startup);
                client.set_state(PgWireConnectionState::AuthenticationInProgress);
                client
                    .send(PgWireBackendMessage::Authentication(
                        Authentication::CleartextPassword,
                    ))
                    .await?;
            }
            PgWireFrontendMessage::PasswordMessageFamily(password) => {
                let password = password.into_password()?;
                self.check(client, &password.password).await?;
                let (pid, key) = self.keys.generate(client);
                client.set_pid_and_secret_key(pid, key.clone());
                let (handle, guard) = self.connections.register(pid, key);
                // The client may cancel a statement by this pair for as long as the connection holds the guard.
                client
                    .session_extensions()
                    .insert::<Arc<ConnectionHandle>>(handle);
                client.session_extensions().insert::<ConnectionGuard>(guard);
                finish_authentication(client, &self.parameters).await?;
            }
            _ => {}
        }
        Ok(())
    }
}
