//! `/v1/commands` and `/v1/things/{thing}/commands`.

use std::sync::Arc;

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::Deserialize;
use trunkline_model::action;
use trunkline_web::{Body, Caller, Path, Problem, Query, Reply};
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Command, CommandError, CommandPage, CommandStatus, Commands, NewCommand};

/// Which of a device's commands are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct ThingCommandList {
    /// Only those that are so far, such as `sent`.
    status: Option<CommandStatus>,
    /// What an earlier page gave as `next`.
    #[serde(default)]
    after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    limit: u32,
}

/// Which commands are wanted.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct CommandList {
    /// Only those of this device.
    thing: Option<String>,
    /// Only those that are so far, such as `sent`.
    status: Option<CommandStatus>,
    /// What an earlier page gave as `next`.
    #[serde(default)]
    after: String,
    /// How many at the most.
    #[serde(default = "hundred")]
    #[param(minimum = 1, maximum = 1_000)]
    limit: u32,
}

const fn hundred() -> u32 {
    100
}

/// Sends a command to a device. The answer waits for the device's as long as the command says; a command that is not over by then is
/// answered with 202.
#[utoipa::path(
    post, path = "/v1/things/{thing}/commands", tag = "commands", operation_id = "sendCommand", request_body = NewCommand,
    params(("thing" = String, Path, description = "the thing")),
    responses(
        (status = 200, description = "the command, which is over", body = Command),
        (status = 202, description = "the command, which waits for the device's answer", body = Command),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn send(
    State(commands): State<Arc<Commands>>,
    caller: Caller,
    Path(thing): Path<String>,
    Body(wanted): Body<NewCommand>,
) -> Reply<(StatusCode, Json<Command>)> {
    caller.require(&action::COMMAND_SEND, &thing)?;
    let command = commands.send(&thing, wanted, &caller.id).await?;
    let status = match command.summary.status {
        CommandStatus::Sent => StatusCode::ACCEPTED,
        _ => StatusCode::OK,
    };
    Ok((status, Json(command)))
}

/// Lists the commands of a device, the newest first.
#[utoipa::path(
    get, path = "/v1/things/{thing}/commands", tag = "commands", operation_id = "listThingCommands",
    params(("thing" = String, Path, description = "the thing"), ThingCommandList),
    responses(
        (status = 200, description = "the commands", body = CommandPage),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn of_thing(
    State(commands): State<Arc<Commands>>,
    caller: Caller,
    Path(thing): Path<String>,
    Query(list): Query<ThingCommandList>,
) -> Reply<Json<CommandPage>> {
    caller.require(&action::COMMAND_READ, &thing)?;
    let page = commands.list(Some(&thing), list.status, &list.after, list.limit);
    Ok(Json(page.await?))
}

/// Lists the commands of all devices, or of one, the newest first. Those of devices that the caller may not look at are left out, so that
/// a page may have fewer than there is room for, or none, though another follows: `next` says so.
#[utoipa::path(
    get, path = "/v1/commands", tag = "commands", operation_id = "listCommands", params(CommandList),
    responses(
        (status = 200, description = "the commands", body = CommandPage),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn list(
    State(commands): State<Arc<Commands>>,
    caller: Caller,
    Query(list): Query<CommandList>,
) -> Reply<Json<CommandPage>> {
    let thing = list.thing.as_deref();
    caller.require(&action::COMMAND_READ, thing.unwrap_or_default())?;
    let page = commands.list(thing, list.status, &list.after, list.limit);
    let mut page = page.await?;
    page.commands
        .retain(|command| caller.may_do(&action::COMMAND_READ, &command.thing, None));
    Ok(Json(page))
}

/// Shows a command with what was sent and what came back.
#[utoipa::path(
    get, path = "/v1/commands/{id}", tag = "commands", operation_id = "showCommand",
    params(("id" = String, Path, description = "the command")),
    responses(
        (status = 200, description = "the command", body = Command),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn show(
    State(commands): State<Arc<Commands>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Reply<Json<Command>> {
    let command = commands.command(&id).await;
    caller.require(&action::COMMAND_READ, of(&command))?;
    Ok(Json(command?))
}

/// Calls a command off. The device is not told, and may do it all the same.
#[utoipa::path(
    delete, path = "/v1/commands/{id}", tag = "commands", operation_id = "cancelCommand",
    params(("id" = String, Path, description = "the command")),
    responses(
        (status = 200, description = "the command", body = Command),
        (status = "4XX", description = "refused", body = Problem, content_type = "application/problem+json"),
    )
)]
async fn cancel(
    State(commands): State<Arc<Commands>>,
    caller: Caller,
    Path(id): Path<String>,
) -> Reply<Json<Command>> {
    let command = commands.command(&id).await;
    caller.require(&action::COMMAND_SEND, of(&command))?;
    Ok(Json(
        commands.cancel(command?.summary.id, &caller.id).await?,
    ))
}

/// The device that a command is about; empty where there is no such command.
fn of(command: &Result<Command, CommandError>) -> &str {
    command
        .as_ref()
        .map_or("", |command| command.summary.thing.as_str())
}

/// The routes of this room, which must stand behind [`trunkline_web::require_credential`].
pub fn routes(commands: Arc<Commands>) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(send, of_thing))
        .routes(routes!(list))
        .routes(routes!(show, cancel))
        .with_state(commands)
}
