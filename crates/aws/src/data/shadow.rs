//! Shadows.

use serde_json::json;
use trunkline_fleet::TwinRequest;
use trunkline_model::action;
use trunkline_twin::Operation;

use crate::answer::{Answer, Outcome};
use crate::call::{Call, without_nulls};

/// Shadows of one page, as AWS has it.
const PAGE: usize = 100;

/// Shows a shadow.
pub(crate) async fn get(call: &Call) -> Outcome {
    call.require(&action::THING_READ, call.name(0))?;
    ask(call, Operation::Get).await
}

/// Unites what is wanted and what is with what is there.
pub(crate) async fn update(call: &Call) -> Outcome {
    call.require(&action::TWIN_CHANGE, call.name(0))?;
    ask(call, Operation::Update).await
}

/// Takes a shadow away.
pub(crate) async fn delete(call: &Call) -> Outcome {
    call.require(&action::TWIN_CHANGE, call.name(0))?;
    ask(call, Operation::Delete).await
}

async fn ask(call: &Call, operation: Operation) -> Outcome {
    call.only(&["name"])?;
    // Only what is wanted has a body.
    let payload = match operation {
        Operation::Update => call.body.to_vec(),
        Operation::Get | Operation::Delete => Vec::new(),
    };
    let request = TwinRequest {
        thing: call.name(0).to_owned(),
        shadow: call.query("name").map(ToOwned::to_owned),
        operation,
        payload,
        by: call.by().to_owned(),
    };
    let answer = call.fleet().twin(request).await?;
    let document = answer.result?;
    // Whoever listens over MQTT hears of a change over HTTP too.
    if operation != Operation::Get {
        call.tell().tell(answer.told);
    }
    Ok(Answer::Document(document.value()))
}

/// Lists the shadows of a thing that have a name.
pub(crate) async fn list(call: &Call) -> Outcome {
    call.only(&["nextToken", "pageSize"])?;
    let thing = call.name(0);
    let page = call.page_by("pageSize", "nextToken", PAGE)?;
    call.require(&action::THING_READ, thing)?;
    let mut names = call.fleet().shadows(thing).await?;
    names.retain(|name| !name.is_empty());
    let (names, next) = page.of(names, Clone::clone);
    let now = call.aws.parts.clock.now().as_micros().div_euclid(1_000_000);
    Ok(Answer::Document(without_nulls(json!({
        "results": names, "nextToken": next, "timestamp": now,
    }))))
}
