//! Results of actions.

use prost::Message as _;
use trunkline_model::action;
use trunkline_task::{Namespace, Store};
use trunkline_web::Caller;

use crate::Reapi;
use crate::digest::{Digest, require_function, require_no_instance};
use crate::error::ReapiError;
use crate::message::{ActionResult, GetActionResultRequest, UpdateActionResultRequest};
use crate::view::View;
use crate::whole::is_whole;

/// Bytes of a result.
const RESULT: usize = 2 << 20;

impl Reapi {
    pub(crate) async fn get_action(
        self,
        caller: Caller,
        request: GetActionResultRequest,
    ) -> Result<ActionResult, ReapiError> {
        caller
            .require(&action::CACHE_READ, "")
            .map_err(ReapiError::Refused)?;
        require_no_instance(&request.instance_name)?;
        require_function(request.digest_function)?;
        let action = Digest::read(request.action_digest.as_ref())?;
        let (view, asked) = (View::of(&caller), action.clone());
        let found = self.work(move |store| find(store, &view, &asked)).await?;
        found.ok_or_else(|| ReapiError::Missing(format!("the result of {action}")))
    }

    pub(crate) async fn update_action(
        self,
        caller: Caller,
        request: UpdateActionResultRequest,
    ) -> Result<ActionResult, ReapiError> {
        caller
            .require(&action::CACHE_WRITE, "")
            .map_err(ReapiError::Refused)?;
        require_no_instance(&request.instance_name)?;
        require_function(request.digest_function)?;
        let action = Digest::read(request.action_digest.as_ref())?;
        let missing = || ReapiError::Argument("the result is missing".to_owned());
        let result = request.action_result.ok_or_else(missing)?;
        if result.encoded_len() > RESULT {
            let (what, most) = ("the result of an action", RESULT as u64);
            return Err(ReapiError::TooLarge { what, most });
        }
        let view = View::noted(&caller);
        self.work(move |store| update(store, &view, &action, result))
            .await?
    }
}

/// The name that a result has among those of other tools.
fn name(action: &Digest) -> String {
    format!("reapi-action:{action}")
}

/// The result that the caller may see and all of whose contents are there for it.
fn find(store: &Store, view: &View, action: &Digest) -> Option<ActionResult> {
    let mut namespaces = view.namespaces();
    namespaces.find_map(|of| {
        let result = read(store, of, action)?;
        is_whole(store, view, &result).then_some(result)
    })
}

fn read(store: &Store, of: &Namespace, action: &Digest) -> Option<ActionResult> {
    let blob = store.blob_in(of, &name(action))?;
    ActionResult::decode(store.blob_bytes(&blob)?.as_slice()).ok()
}

/// Keeps a result, and says which one is kept. One that is whole stays, as with every other tool: what others built with it does not change
/// under them, and whoever gets hold of a build server's credential later cannot put another in its place. One that lost a content is as
/// good as none.
fn update(
    store: &Store,
    view: &View,
    action: &Digest,
    result: ActionResult,
) -> Result<ActionResult, ReapiError> {
    if let Some(kept) = find(store, view, action) {
        return Ok(kept);
    }
    let bytes = result.encode_to_vec();
    store.put_blob(&view.own, &name(action), "", &bytes[..])?;
    Ok(result)
}
