//! Giving an artifact's content out.

use std::io::{Error, ErrorKind, SeekFrom};
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use bytes::{Bytes, BytesMut};
use futures::stream;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::{OwnedSemaphorePermit, mpsc};
use trunkline_web::{Problem, Reply};

use crate::range::{Wanted, wanted};
use crate::{Artifact, ArtifactError, Artifacts, digest};

/// Bytes that are read at once.
const CHUNK: u64 = 64 * 1024;
/// After how long it makes sense to try again where there are too many.
const AGAIN: Duration = Duration::from_secs(10);

const REPR_DIGEST: HeaderName = HeaderName::from_static("repr-digest");

impl Artifacts {
    /// Answers a request for the content of `artifact`.
    pub(crate) async fn give(
        &self,
        artifact: &Artifact,
        method: &Method,
        headers: &HeaderMap,
    ) -> Reply<Response> {
        let bytes = artifact.bytes;
        let (status, first, length) = match wanted(method, headers, &artifact.tag(), bytes) {
            Wanted::Whole => (StatusCode::OK, 0, bytes),
            Wanted::Part(first, last) => (StatusCode::PARTIAL_CONTENT, first, last - first + 1),
            Wanted::Had => return answer(artifact, StatusCode::NOT_MODIFIED, Body::empty()),
            Wanted::Changed => return Err(ArtifactError::Changed(artifact.sha256.clone()).into()),
            Wanted::Beyond => return beyond(bytes),
        };
        let body = match *method {
            Method::HEAD => Body::empty(),
            _ => self
                .body(artifact, first, length)
                .await
                .map_err(|error| problem(&error))?,
        };
        let mut response = answer(artifact, status, body)?;
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_LENGTH, length.into());
        // What the sender said it is would let a browser run what somebody uploaded, at the address of the console.
        headers.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static("application/octet-stream"),
        );
        put(
            headers,
            header::CONTENT_DISPOSITION,
            &format!(
                "attachment; filename=\"{}-{}\"",
                artifact.name, artifact.version
            ),
        )?;
        if status == StatusCode::PARTIAL_CONTENT {
            put(
                headers,
                header::CONTENT_RANGE,
                &format!("bytes {first}-{}/{bytes}", first + length - 1),
            )?;
        }
        Ok(response)
    }

    /// So many bytes from `first` on, which are read as they are taken.
    async fn body(
        &self,
        artifact: &Artifact,
        first: u64,
        length: u64,
    ) -> Result<Body, ArtifactError> {
        let place = Arc::clone(&self.downloads).try_acquire_owned();
        let place = place.map_err(|_| ArtifactError::Busy("downloads"))?;
        let file = self.open_at(artifact, first).await?;
        let (sender, receiver) = mpsc::channel(1);
        tokio::spawn(pump(file, length, self.stall, sender, place));
        Ok(Body::from_stream(stream::unfold((receiver, length), next)))
    }

    async fn open_at(&self, artifact: &Artifact, first: u64) -> Result<File, ArtifactError> {
        let path = self.folder.file(&artifact.sha256);
        let opened = async {
            let mut file = File::open(&path).await?;
            file.seek(SeekFrom::Start(first)).await?;
            Ok::<_, Error>(file)
        };
        match opened.await {
            Ok(file) => Ok(file),
            // It was removed just now.
            Err(error) if error.kind() == ErrorKind::NotFound && !self.knows(&artifact.sha256) => {
                Err(ArtifactError::Unknown(artifact.subject()))
            }
            Err(error) => Err(ArtifactError::file(&path, &error)),
        }
    }
}

/// What comes next of so many bytes. What ends early is a broken transfer to the client, never a short answer.
async fn next(
    (mut receiver, left): (mpsc::Receiver<Bytes>, u64),
) -> Option<(Result<Bytes, Error>, (mpsc::Receiver<Bytes>, u64))> {
    if left == 0 {
        return None;
    }
    Some(match receiver.recv().await {
        Some(chunk) => {
            let left = left.saturating_sub(chunk.len() as u64);
            (Ok(chunk), (receiver, left))
        }
        None => (Err(ErrorKind::UnexpectedEof.into()), (receiver, 0)),
    })
}

/// Reads for as long as somebody takes what is read. A task of its own gives the place back where a client falls silent: nobody would ask
/// the body of such an answer for more.
async fn pump(
    file: File,
    length: u64,
    stall: Duration,
    sender: mpsc::Sender<Bytes>,
    place: OwnedSemaphorePermit,
) {
    let (mut file, mut left) = (file, length);
    while left > 0 {
        let chunk = match read(&mut file, left.min(CHUNK)).await {
            Ok(chunk) if !chunk.is_empty() => chunk,
            failed => {
                tracing::error!(
                    ?failed,
                    left,
                    "the content of an artifact cannot be read to its end"
                );
                break;
            }
        };
        left -= chunk.len() as u64;
        if !matches!(
            tokio::time::timeout(stall, sender.send(chunk)).await,
            Ok(Ok(()))
        ) {
            break;
        }
    }
    drop(place);
}

/// At most so many bytes; none at the end of the file.
async fn read(file: &mut File, most: u64) -> Result<Bytes, Error> {
    let mut chunk = BytesMut::with_capacity(usize::try_from(most).unwrap_or(usize::MAX));
    file.take(most).read_buf(&mut chunk).await?;
    Ok(chunk.freeze())
}

/// The problem that `error` is, with when to try again where that helps.
pub(crate) fn problem(error: &ArtifactError) -> Problem {
    let problem = Problem::from_error(error);
    match error {
        ArtifactError::Busy(_) => problem.retry_after(AGAIN),
        _ => problem,
    }
}

fn beyond(bytes: u64) -> Reply<Response> {
    let mut response = Problem::from_error(&ArtifactError::Range(bytes)).into_response();
    let headers = response.headers_mut();
    put(headers, header::CONTENT_RANGE, &format!("bytes */{bytes}"))?;
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    Ok(response)
}

/// An answer with what is said of the content whether or not it is a part of it.
fn answer(artifact: &Artifact, status: StatusCode, body: Body) -> Reply<Response> {
    let mut response = Response::new(body);
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(
        header::CACHE_CONTROL,
        HeaderValue::from_static("private, no-cache"),
    );
    put(headers, header::ETAG, &artifact.tag())?;
    put(
        headers,
        REPR_DIGEST,
        &digest::representation(&artifact.sha256),
    )?;
    Ok(response)
}

fn put(headers: &mut HeaderMap, name: HeaderName, value: &str) -> Reply<()> {
    let value = HeaderValue::from_str(value).map_err(|error| {
        Problem::new(
            &trunkline_model::code::WEB_INTERNAL,
            format!("the header `{name}` cannot be written: {error}"),
        )
    })?;
    headers.insert(name, value);
    Ok(())
}
