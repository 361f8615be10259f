//! One try at one target.

use http::{HeaderValue, Request, Response, Uri, Version, header};
use hyper::body::Incoming;

use super::UpBody;
use crate::upstream::{ConnectError, Sender, Target, Upstream};
use crate::worker::Worker;

/// Why a try failed.
#[derive(Debug)]
pub(crate) enum SendError {
    /// Nothing of the request was sent, so it may be sent elsewhere.
    Unsent(ConnectError, Box<Request<UpBody>>),
    /// The connection ended after the request, or a part of it, was sent.
    Broken {
        error: hyper::Error,
        /// Whether it had served other requests before: then the target may just have closed it for idleness.
        reused: bool,
    },
}

/// Sends the request on a connection from the pool, or on a new one.
pub(crate) async fn send(
    worker: &Worker,
    upstream: &Upstream,
    target: &Target,
    mut request: Request<UpBody>,
) -> Result<(Response<Incoming>, Sender), SendError> {
    loop {
        let (sender, reused) = match target.pool.take(worker.index) {
            Some(sender) => (sender, true),
            None => match upstream.connect(target).await {
                Ok(sender) => (sender, false),
                Err(error) => return Err(SendError::Unsent(error, Box::new(request))),
            },
        };
        let tried = match sender {
            Sender::Http1(mut sender) => {
                if upstream.tls.is_some() {
                    request
                        .headers_mut()
                        .insert(header::HOST, target.authority.clone());
                }
                let answer = sender.try_send_request(request).await;
                answer.map(|response| (response, Sender::Http1(sender)))
            }
            Sender::Http2(mut sender) => {
                if !reused {
                    target.pool.put(worker.index, Sender::Http2(sender.clone()));
                }
                let answer = sender
                    .try_send_request(for_http2(request, &target.authority))
                    .await;
                answer.map(|response| (response, Sender::Http2(sender)))
            }
        };
        let mut error = match tried {
            Ok(answer) => return Ok(answer),
            Err(error) => error,
        };
        match error.take_message() {
            Some(back) if reused => request = back,
            Some(back) => {
                return Err(SendError::Unsent(
                    ConnectError::Handshake(error.into_error()),
                    Box::new(back),
                ));
            }
            None => {
                return Err(SendError::Broken {
                    error: error.into_error(),
                    reused,
                });
            }
        }
    }
}

/// The same request with its host in the target, as HTTP/2 has it.
fn for_http2(mut request: Request<UpBody>, authority: &HeaderValue) -> Request<UpBody> {
    *request.version_mut() = Version::HTTP_2;
    if request.uri().authority().is_some() {
        return request;
    }
    let host = request
        .headers_mut()
        .remove(header::HOST)
        .unwrap_or_else(|| authority.clone());
    let mut parts = std::mem::take(request.uri_mut()).into_parts();
    parts.scheme = Some(http::uri::Scheme::HTTP);
    parts.authority = http::uri::Authority::try_from(host.as_bytes()).ok();
    if let Ok(uri) = Uri::from_parts(parts) {
        *request.uri_mut() = uri;
    }
    request
}
