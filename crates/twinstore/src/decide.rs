//! What becomes of one request.

use std::sync::Arc;

use trunkline_twin::{Document, Limits, Operation, Rejected, Request, token_of};

use crate::request::{Answer, Body, TwinRequest};

/// What is to be done for a request that is granted.
pub(crate) struct Done {
    /// The twin from now on, where it changed.
    pub(crate) document: Option<Arc<Document>>,
    /// Whether what is reported was written.
    pub(crate) reported: bool,
    pub(crate) answer: Answer,
}

/// A refusal, and the token by which the sender knows its request again.
pub(crate) type Refusal = (Rejected, Option<String>);

pub(crate) fn decide(
    request: &TwinRequest,
    before: Option<&Arc<Document>>,
    limits: &Limits,
    seconds: i64,
) -> Result<Done, Refusal> {
    let shadow = request.shadow.as_deref();
    if request.operation == Operation::Update {
        return update(request, before, limits, seconds);
    }
    let token = token_of(&request.payload, limits).map_err(|rejected| (rejected, None))?;
    let refused = |rejected| (rejected, token.clone());
    let before = before.map(|before| &**before);
    let (document, accepted) = if request.operation == Operation::Get {
        let accepted = Document::get(before, shadow, token.as_deref()).map_err(refused)?;
        (None, accepted)
    } else {
        let (document, accepted) =
            Document::delete(before, shadow, token.as_deref(), seconds).map_err(refused)?;
        (Some(Arc::new(document)), accepted)
    };
    Ok(Done {
        document,
        reported: false,
        answer: Answer::granted(request, Body::Ready(accepted)),
    })
}

fn update(
    request: &TwinRequest,
    before: Option<&Arc<Document>>,
    limits: &Limits,
    seconds: i64,
) -> Result<Done, Refusal> {
    let wanted = Request::read(&request.payload, limits).map_err(|rejected| {
        // A broken request may still have a token that tells the sender which one it was.
        let token = token_of(&request.payload, limits).ok().flatten();
        (rejected, token)
    })?;
    let token = wanted.token.clone();
    let updated =
        Document::update(before, wanted, limits, seconds).map_err(|rejected| (rejected, token))?;
    Ok(Done {
        document: Some(Arc::clone(updated.document())),
        reported: updated.has_reported(),
        answer: Answer::updated(request, updated),
    })
}
