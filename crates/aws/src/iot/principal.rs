//! Which certificate is whose. A certificate is one thing's at most: its rights are those of its thing.

use serde_json::json;
use trunkline_model::action;

use super::certificate::holder;
use crate::answer::{Answer, Outcome};
use crate::arn::{Kind, read_as};
use crate::call::{Call, without_nulls};
use crate::error::AwsError;

/// The certificate that a request is about.
fn principal(call: &Call) -> Result<&str, AwsError> {
    let principal = call.header("x-amzn-principal");
    let missing = || AwsError::invalid("the header `x-amzn-principal` is missing");
    read_as(Kind::Certificate, principal.ok_or_else(missing)?)
}

/// Gives a certificate to a thing.
pub(crate) async fn attach(call: &Call) -> Outcome {
    call.only(&["thingPrincipalType"])?;
    let (thing, id) = (call.name(0), principal(call)?);
    call.require(&action::THING_CHANGE, thing)?;
    let (certificate, _) = call.fleet().certificate(id).await?;
    call.require(&action::THING_CHANGE, holder(&certificate))?;
    let fleet = call.fleet();
    fleet.give_certificate(id, Some(thing), call.by()).await?;
    Ok(Answer::Document(json!({})))
}

/// Takes a certificate from a thing, and ends its connections.
pub(crate) async fn detach(call: &Call) -> Outcome {
    let (thing, id) = (call.name(0), principal(call)?);
    call.require(&action::THING_CHANGE, thing)?;
    let _turn = call.aws.turn.lock().await;
    call.fleet().thing(thing).await?;
    let (certificate, _) = call.fleet().certificate(id).await?;
    if certificate.thing.as_deref() != Some(thing) {
        let message = format!("the certificate is not attached to the thing `{thing}`");
        return Err(AwsError::not_found(message));
    }
    call.fleet().give_certificate(id, None, call.by()).await?;
    call.tell().disconnect(id);
    Ok(Answer::Document(json!({})))
}

/// Lists the certificates of a thing.
pub(crate) async fn of_thing(call: &Call) -> Outcome {
    call.only(&["nextToken", "maxResults"])?;
    let thing = call.name(0);
    let page = call.page()?;
    call.require(&action::THING_READ, thing)?;
    call.fleet().thing(thing).await?;
    let certificates = call.fleet().certificates(Some(thing)).await?;
    let mut ids: Vec<String> = certificates.into_iter().map(|known| known.id).collect();
    ids.sort_unstable();
    let (ids, next) = page.of(ids, Clone::clone);
    let arns = ids.iter().map(|id| call.arn(Kind::Certificate, id));
    let arns: Vec<String> = arns.collect();
    Ok(Answer::Document(without_nulls(
        json!({"principals": arns, "nextToken": next}),
    )))
}

/// The thing of a certificate, as a list.
pub(crate) async fn things(call: &Call) -> Outcome {
    call.only(&["nextToken", "maxResults"])?;
    let (certificate, _) = call.fleet().certificate(principal(call)?).await?;
    call.require(&action::THING_READ, holder(&certificate))?;
    let things: Vec<String> = certificate.thing.into_iter().collect();
    Ok(Answer::Document(json!({"things": things})))
}
