//! `trunkline token`.

use reqwest::Method;
use serde_json::{Value, json};
use trunkline_access::{NewToken, TokenId};
use trunkline_model::{Principal, code};

use super::local;
use crate::cli::{Globals, TokenCommand, TokenCreate, TokenRevoke};
use crate::{Exit, Failure};
use trunkline_shell::Client;
use trunkline_terminal::Format;

/// The columns of a list of tokens.
const COLUMNS: &[&str] = &[
    "id",
    "name",
    "scopes",
    "prefix",
    "created",
    "expires",
    "last_used",
];

/// Makes, lists or revokes tokens.
pub(super) async fn run(globals: &Globals, command: TokenCommand) -> Result<Exit, Failure> {
    match command {
        TokenCommand::Create(create) => self::create(globals, create).await?,
        TokenCommand::List => list(globals).await?,
        TokenCommand::Revoke(revoke) => self::revoke(globals, revoke).await?,
    }
    Ok(Exit::Done)
}

async fn create(globals: &Globals, create: TokenCreate) -> Result<(), Failure> {
    let printer = globals.printer();
    let scopes: Vec<_> = create.scope.iter().map(|name| name.scope()).collect();
    if create.dry_run {
        let life = create
            .expires_in_days
            .map_or_else(|| "for ever".to_owned(), |days| format!("for {days} days"));
        printer.say(&format!(
            "would make the token `{}` with the scopes {}, good {life}",
            create.name,
            json!(scopes)
        ));
        return Ok(());
    }
    let (text, row) = if local::is_remote(globals) {
        let body = json!({"name": create.name, "scopes": scopes, "expires_in_days": create.expires_in_days});
        let answer = Client::of(globals)?
            .json(Method::POST, "/v1/tokens", Some(&body))
            .await?;
        (
            answer["token"].as_str().unwrap_or_default().to_owned(),
            answer,
        )
    } else {
        let wanted = NewToken {
            scopes,
            expires_in_days: create.expires_in_days,
            ..NewToken::new(create.name)
        };
        let (access, _) = local::open(globals).await?;
        let created = access.create_token(&wanted, &Principal::platform()).await;
        let created = created.map_err(|error| Failure::of(&error))?;
        let mut row = json!(created.token);
        let text = created.secret.reveal().to_owned();
        row["token"] = text.as_str().into();
        row["secret_access_key"] = created.signing.reveal().into();
        (text, row)
    };
    if printer.format == Format::Table {
        printer.data(&format!("{text}\n"))?;
    } else {
        printer.document(
            &row,
            std::slice::from_ref(&row),
            &["token", "id", "name", "scopes", "expires"],
        )?;
    }
    let id = row["id"].as_str().unwrap_or_default();
    printer.detail(&format!("this is {id}; it is shown this once"));
    let signing = row["secret_access_key"].as_str().unwrap_or_default();
    printer.detail(&format!(
        "for programs that sign as for AWS: access key id {id}, secret access key {signing}"
    ));
    Ok(())
}

async fn list(globals: &Globals) -> Result<(), Failure> {
    let tokens = tokens(globals).await?;
    let document = json!({"tokens": tokens});
    Ok(globals.printer().document(&document, &tokens, COLUMNS)?)
}

async fn tokens(globals: &Globals) -> Result<Vec<Value>, Failure> {
    if local::is_remote(globals) {
        let answer = Client::of(globals)?.get("/v1/tokens").await?;
        return Ok(answer["tokens"].as_array().cloned().unwrap_or_default());
    }
    let (access, _) = local::open(globals).await?;
    let tokens = access.tokens().await.map_err(|error| Failure::of(&error))?;
    Ok(tokens.iter().map(|token| json!(token)).collect())
}

async fn revoke(globals: &Globals, revoke: TokenRevoke) -> Result<(), Failure> {
    let printer = globals.printer();
    let id: TokenId = revoke.id.parse().map_err(|_| {
        Failure::new(
            &code::ACCESS_TOKEN_UNKNOWN,
            format!("`{}` is no id of a token", revoke.id),
        )
    })?;
    if revoke.dry_run {
        let known = tokens(globals)
            .await?
            .into_iter()
            .find(|token| token["id"] == revoke.id);
        let known = known.ok_or_else(|| {
            Failure::new(
                &code::ACCESS_TOKEN_UNKNOWN,
                format!("there is no token {id}"),
            )
        })?;
        printer.say(&format!("would revoke {id}, called {}", known["name"]));
        return Ok(());
    }
    if local::is_remote(globals) {
        Client::of(globals)?
            .json(Method::DELETE, &format!("/v1/tokens/{id}"), None)
            .await?;
    } else {
        let (access, _) = local::open(globals).await?;
        let revoked = access.revoke_token(id, &Principal::platform()).await;
        revoked.map_err(|error| Failure::of(&error))?;
    }
    printer.say(&format!("revoked {id}"));
    Ok(())
}
