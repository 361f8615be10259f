//! The batch API: which files a client has to send, and where it gets those that it wants.

use std::collections::BTreeMap;
use std::sync::Arc;

use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use serde::{Deserialize, Serialize};
use trunkline_model::Coded as _;

use crate::LfsError;
use crate::objects::{LargeFiles, is_oid};

/// Files of one request.
const FILES: usize = 1_000;
/// The one way in which files travel.
const BASIC: &str = "basic";

/// What a client wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Operation {
    /// To get files.
    Download,
    /// To send files.
    Upload,
}

/// A file, as LFS names it.
#[derive(Clone, Debug, Deserialize)]
pub(crate) struct Named {
    pub(crate) oid: String,
    pub(crate) size: u64,
}

/// What a client asks for. LFS says that members that are not known are passed over.
#[derive(Debug, Deserialize)]
pub(crate) struct BatchRequest {
    pub(crate) operation: Operation,
    /// Nothing means `basic`.
    #[serde(default)]
    transfers: Vec<String>,
    objects: Vec<Named>,
    #[serde(default)]
    hash_algo: Option<String>,
}

/// What it is told.
#[derive(Debug, Serialize)]
pub(crate) struct BatchAnswer {
    transfer: &'static str,
    objects: Vec<Answer>,
    hash_algo: &'static str,
}

#[derive(Debug, Serialize)]
struct Answer {
    oid: String,
    size: u64,
    authenticated: bool,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    actions: BTreeMap<&'static str, Action>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<Refusal>,
}

/// Where something is done.
#[derive(Debug, Serialize)]
struct Action {
    href: String,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    header: BTreeMap<&'static str, String>,
}

#[derive(Debug, Serialize)]
struct Refusal {
    code: u16,
    message: String,
}

impl LargeFiles {
    /// Answers which files of `repository` are to be sent or fetched, and where. What comes back to the same server shows the credential
    /// that the request shows.
    pub(crate) async fn batch(
        self: &Arc<Self>,
        repository: &str,
        request: BatchRequest,
        headers: &HeaderMap,
    ) -> Result<BatchAnswer, LfsError> {
        let identity = self.identity(repository)?;
        if !request.transfers.is_empty() && request.transfers.iter().all(|one| one != BASIC) {
            return Err(LfsError::Invalid(format!(
                "files travel by `{BASIC}` alone"
            )));
        }
        if let Some(hash) = request.hash_algo.filter(|hash| hash != "sha256") {
            let hash: String = hash.chars().take(32).collect();
            return Err(LfsError::Invalid(format!(
                "files are named by sha256, not by `{hash}`"
            )));
        }
        if request.objects.is_empty() || request.objects.len() > FILES {
            return Err(LfsError::Invalid(format!(
                "a request names between 1 and {FILES} files"
            )));
        }
        let mut objects = Vec::with_capacity(request.objects.len());
        for named in request.objects {
            objects.push(
                self.answer(repository, &identity, request.operation, named, headers)
                    .await?,
            );
        }
        Ok(BatchAnswer {
            transfer: BASIC,
            objects,
            hash_algo: "sha256",
        })
    }

    async fn answer(
        &self,
        repository: &str,
        identity: &str,
        operation: Operation,
        named: Named,
        headers: &HeaderMap,
    ) -> Result<Answer, LfsError> {
        let mut answer = Answer {
            oid: named.oid.clone(),
            size: named.size,
            authenticated: true,
            actions: BTreeMap::new(),
            error: None,
        };
        if !is_oid(&named.oid) {
            let wrong =
                LfsError::Invalid("a file is named by its SHA-256, in small letters".into());
            answer.error = Some(refusal(&wrong));
            return Ok(answer);
        }
        let there = self.bytes_of(identity, &named.oid).await?;
        let place = format!("{}/git/{repository}/info/lfs", self.base);
        let action = |href: String| Action {
            href,
            header: credential(headers),
        };
        match (operation, there) {
            (Operation::Download, Some(bytes)) => {
                answer.size = bytes;
                let href = format!("{place}/objects/{}", named.oid);
                answer.actions.insert("download", action(href));
            }
            (Operation::Download, None) => {
                let missing = LfsError::Unknown(format!("large file `{}`", named.oid));
                answer.error = Some(refusal(&missing));
            }
            // It need not be sent again.
            (Operation::Upload, Some(_)) => {}
            (Operation::Upload, None) => match self.require_room(named.size).await {
                Ok(()) => {
                    let href = format!("{place}/objects/{}", named.oid);
                    answer.actions.insert("upload", action(href));
                    answer
                        .actions
                        .insert("verify", action(format!("{place}/verify")));
                }
                Err(error @ (LfsError::TooLarge(_) | LfsError::Full(_))) => {
                    answer.error = Some(refusal(&error));
                }
                Err(error) => return Err(error),
            },
        }
        Ok(answer)
    }

    /// Whether the repository has the file with just so many bytes.
    pub(crate) async fn verify(&self, repository: &str, named: &Named) -> Result<(), LfsError> {
        let identity = self.identity(repository)?;
        if self.bytes_of(&identity, &named.oid).await? == Some(named.size) {
            return Ok(());
        }
        let oid: String = named.oid.chars().take(64).collect();
        Err(LfsError::Unknown(format!(
            "large file `{oid}` with {} bytes",
            named.size
        )))
    }
}

fn credential(headers: &HeaderMap) -> BTreeMap<&'static str, String> {
    let value = headers.get(AUTHORIZATION);
    let value = value.and_then(|value| value.to_str().ok());
    let pair = value.map(|value| ("Authorization", value.to_owned()));
    pair.into_iter().collect()
}

/// As LFS has it for one file of a batch.
fn refusal(error: &LfsError) -> Refusal {
    let code = error.code();
    Refusal {
        code: code.status,
        message: format!("{error} ({}): {}", code.code, code.hint),
    }
}
