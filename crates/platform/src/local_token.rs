//! The token that commands on the same machine use: whoever may read the data directory is an owner anyway.

use anyhow::Context;
use trunkline_access::{Access, NewToken};
use trunkline_model::{Principal, Scope};
use trunkline_web::ClientAddress;

use crate::DataDir;

/// Makes sure that the data directory holds a token that is good.
pub(super) async fn ensure(access: &Access, data_dir: &DataDir) -> anyhow::Result<()> {
    if let Some(token) = data_dir.read_local_token()
        && access
            .verify_token(&token, ClientAddress::UNKNOWN)
            .await
            .is_ok()
    {
        return Ok(());
    }
    let wanted = NewToken {
        scopes: vec![Scope::Owner],
        ..NewToken::new("local commands")
    };
    let created = access.create_token(&wanted, &Principal::platform()).await?;
    data_dir
        .write_local_token(created.secret.reveal())
        .context("cannot write the token for local commands")
}
