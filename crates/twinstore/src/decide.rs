//! What becomes of one request.

use serde_json::Value;
use trunkline_twin::{
    Change, Document, Limits, Operation, Rejected, Request, SectionChange, prefix, token_of,
};

use crate::request::{Told, TwinRequest};

/// What is to be done for a request that is granted.
pub(crate) struct Done {
    /// The twin from now on, where it changed.
    pub(crate) document: Option<Document>,
    /// Whether what is reported was written.
    pub(crate) reported: bool,
    pub(crate) accepted: Value,
    pub(crate) told: Vec<Told>,
}

/// A refusal, and the token by which the sender knows its request again.
pub(crate) type Refusal = (Rejected, Option<String>);

pub(crate) fn decide(
    request: &TwinRequest,
    before: Option<&Document>,
    limits: &Limits,
    seconds: i64,
) -> Result<Done, Refusal> {
    let shadow = request.shadow.as_deref();
    if request.operation == Operation::Update {
        return update(request, before, limits, seconds);
    }
    let token = token_of(&request.payload, limits).map_err(|rejected| (rejected, None))?;
    let refused = |rejected| (rejected, token.clone());
    if request.operation == Operation::Get {
        let accepted = Document::get(before, shadow, token.as_deref()).map_err(refused)?;
        return Ok(Done {
            document: None,
            reported: false,
            accepted,
            told: Vec::new(),
        });
    }
    let (document, accepted) =
        Document::delete(before, shadow, token.as_deref(), seconds).map_err(refused)?;
    Ok(Done {
        document: Some(document),
        reported: false,
        accepted,
        told: Vec::new(),
    })
}

fn update(
    request: &TwinRequest,
    before: Option<&Document>,
    limits: &Limits,
    seconds: i64,
) -> Result<Done, Refusal> {
    let wanted = Request::read(&request.payload, limits).map_err(|rejected| {
        // A broken request may still have a token that tells the sender which one it was.
        let token = token_of(&request.payload, limits).ok().flatten();
        (rejected, token)
    })?;
    let updated = Document::update(before, &wanted, limits, seconds)
        .map_err(|rejected| (rejected, wanted.token.clone()))?;
    let prefix = prefix(&request.thing, request.shadow.as_deref());
    let mut told = Vec::with_capacity(2);
    if let Some(delta) = updated.delta {
        told.push(Told {
            topic: format!("{prefix}/update/delta"),
            document: delta,
        });
    }
    told.push(Told {
        topic: format!("{prefix}/update/documents"),
        document: updated.documents,
    });
    Ok(Done {
        document: Some(updated.document),
        reported: matches!(
            wanted.change,
            Change::Sections {
                reported: Some(SectionChange::Merge(_)),
                ..
            }
        ),
        accepted: updated.accepted,
        told,
    })
}
