//! The cache and its routes.

use std::sync::Arc;

use axum::Router;
use axum::middleware::from_fn_with_state;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use trunkline_model::Clock;
use trunkline_task::Store;
use trunkline_web::Gate;

use crate::ReapiError;
use crate::grpc::{admit, receive, seat, send, unary};
use crate::uploads::Uploads;

/// Contents that are on their way out at once.
const READS: usize = 256;
/// Contents that are on their way in at once; others wait.
const WRITES: usize = 128;
/// Other calls that are worked on at once; others wait.
const CALLS: usize = 32;

/// The shared cache. It is cheap to copy.
#[derive(Clone, Debug)]
pub struct Reapi(Arc<Parts>);

#[derive(Debug)]
struct Parts {
    store: Store,
    uploads: Arc<Uploads>,
    /// Bytes of one content.
    most: u64,
    reads: Arc<Semaphore>,
    writes: Arc<Semaphore>,
    calls: Arc<Semaphore>,
}

impl Reapi {
    /// The cache in `store`, whose limits are its own.
    #[must_use]
    pub fn new(store: Store, clock: Arc<dyn Clock>) -> Self {
        let limits = *store.limits();
        // One content must not push out everything else.
        let most = limits.file_bytes.min(limits.bytes / 2);
        let folder = store.root().join("parts");
        Self(Arc::new(Parts {
            store,
            uploads: Arc::new(Uploads::new(clock, folder, limits.bytes / 2)),
            most,
            reads: Arc::new(Semaphore::new(READS)),
            writes: Arc::new(Semaphore::new(WRITES)),
            calls: Arc::new(Semaphore::new(CALLS)),
        }))
    }

    /// The four services, behind their own gate: gRPC answers a missing credential in its own way.
    ///
    /// The credential is the metadata `authorization: Bearer tl_...`.
    pub fn routes(&self, gate: Gate) -> Router {
        let calls = Router::new()
            .route(
                &at("Capabilities/GetCapabilities"),
                unary(Self::capabilities),
            )
            .route(&content("FindMissingBlobs"), unary(Self::find_missing))
            .route(&content("BatchUpdateBlobs"), unary(Self::batch_update))
            .route(&content("BatchReadBlobs"), unary(Self::batch_read))
            .route(&at("ActionCache/GetActionResult"), unary(Self::get_action))
            .route(
                &at("ActionCache/UpdateActionResult"),
                unary(Self::update_action),
            )
            .route(
                "/google.bytestream.ByteStream/QueryWriteStatus",
                unary(Self::write_status),
            )
            .route_layer(from_fn_with_state(Arc::clone(&self.0.calls), seat));
        calls
            .route(&content("GetTree"), send(Self::get_tree))
            .route("/google.bytestream.ByteStream/Read", send(Self::read))
            .route("/google.bytestream.ByteStream/Write", receive(Self::write))
            .route_layer(from_fn_with_state(gate, admit))
            .with_state(self.clone())
    }

    pub(crate) fn store(&self) -> &Store {
        &self.0.store
    }

    pub(crate) fn uploads(&self) -> &Arc<Uploads> {
        &self.0.uploads
    }

    pub(crate) fn writes(&self) -> &Arc<Semaphore> {
        &self.0.writes
    }

    /// Refuses a content that is too large to be kept.
    pub(crate) fn require_size(&self, bytes: u64) -> Result<(), ReapiError> {
        if bytes <= self.0.most {
            return Ok(());
        }
        Err(ReapiError::TooLarge {
            what: "a content",
            most: self.0.most,
        })
    }

    /// A place for something that goes out in pieces. Who takes them slowly keeps it, so nobody is made to wait for one.
    pub(crate) fn place(&self) -> Result<OwnedSemaphorePermit, ReapiError> {
        let place = Arc::clone(&self.0.reads).try_acquire_owned();
        place.map_err(|_| ReapiError::Busy("contents on their way out"))
    }

    /// Does `work`, which waits for the disk, on a thread for that.
    pub(crate) async fn work<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Store) -> T + Send + 'static,
    ) -> Result<T, ReapiError> {
        let store = self.0.store.clone();
        let done = tokio::task::spawn_blocking(move || work(&store)).await;
        done.map_err(|_| ReapiError::Stopped)
    }
}

/// The address of a call.
fn at(call: &str) -> String {
    format!("/build.bazel.remote.execution.v2.{call}")
}

fn content(call: &str) -> String {
    at(&format!("ContentAddressableStorage/{call}"))
}
