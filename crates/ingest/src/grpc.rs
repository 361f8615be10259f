//! OTLP over gRPC.

use async_trait::async_trait;
use axum::Router;
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use opentelemetry_proto::tonic::collector::logs::v1::logs_service_server::{
    LogsService, LogsServiceServer,
};
use opentelemetry_proto::tonic::collector::logs::v1::{
    ExportLogsPartialSuccess, ExportLogsServiceRequest, ExportLogsServiceResponse,
};
use opentelemetry_proto::tonic::collector::metrics::v1::metrics_service_server::{
    MetricsService, MetricsServiceServer,
};
use opentelemetry_proto::tonic::collector::metrics::v1::{
    ExportMetricsPartialSuccess, ExportMetricsServiceRequest, ExportMetricsServiceResponse,
};
use opentelemetry_proto::tonic::collector::trace::v1::trace_service_server::{
    TraceService, TraceServiceServer,
};
use opentelemetry_proto::tonic::collector::trace::v1::{
    ExportTracePartialSuccess, ExportTraceServiceRequest, ExportTraceServiceResponse,
};
use prost::Message as _;
use tonic::codec::CompressionEncoding::Gzip;
use tonic::service::Routes;
use tonic::{Code, Status};
use trunkline_model::action;
use trunkline_web::{Caller, Gate, Problem};

use crate::Ingest;
use crate::body::offload;
use crate::error::IngestError;
use crate::http::{RpcStatus, grpc_code, partial};
use crate::receive::Rejections;
use crate::receive::otlp::{OtlpRead, Signal, read};

impl Ingest {
    /// The three services of OTLP over gRPC, behind their own gate: gRPC answers a missing credential in its own way.
    ///
    /// The credential is the metadata `authorization: Bearer tl_...`.
    pub fn grpc(&self, gate: Gate) -> Router {
        let limit = self.limits().request_bytes;
        let service = Export(self.clone());
        let logs = LogsServiceServer::new(service.clone()).max_decoding_message_size(limit);
        let metrics = MetricsServiceServer::new(service.clone()).max_decoding_message_size(limit);
        let traces = TraceServiceServer::new(service).max_decoding_message_size(limit);
        let admission = Admission {
            gate,
            ingest: self.clone(),
        };
        Routes::new(logs.accept_compressed(Gzip).send_compressed(Gzip))
            .add_service(metrics.accept_compressed(Gzip).send_compressed(Gzip))
            .add_service(traces.accept_compressed(Gzip).send_compressed(Gzip))
            .into_axum_router()
            .layer(from_fn_with_state(admission, admit))
    }
}

#[derive(Clone, Debug)]
struct Admission {
    gate: Gate,
    ingest: Ingest,
}

async fn admit(State(admission): State<Admission>, request: Request, next: Next) -> Response {
    let (mut parts, body) = request.into_parts();
    // The length of a message is known only once it is read, so that each call takes a part of what a request may have.
    let share = admission
        .ingest
        .memory()
        .share(admission.ingest.limits().request_bytes / 4)
        .await;
    let admitted = match &share {
        Ok(_) => admission.caller(&parts).await,
        Err(error) => Err(status_of(error)),
    };
    match admitted {
        Ok(caller) => {
            parts.extensions.insert(caller);
            next.run(Request::from_parts(parts, body)).await
        }
        Err(status) => status.into_http(),
    }
}

impl Admission {
    async fn caller(&self, parts: &Parts) -> Result<Caller, Status> {
        self.gate
            .admit(parts)
            .await
            .map_err(|problem| problem_status(&problem))
    }
}

fn problem_status(problem: &Problem) -> Status {
    Status::new(
        Code::from(grpc_code(problem.status().as_u16())),
        problem.to_string(),
    )
}

fn status_of(error: &IngestError) -> Status {
    let status = RpcStatus::of(error);
    let details = status.encode_to_vec();
    Status::with_details(Code::from(status.code), status.message, details.into())
}

#[derive(Clone, Debug)]
struct Export(Ingest);

impl Export {
    async fn take<S: Signal>(&self, request: tonic::Request<S>) -> Result<Rejections, Status> {
        let caller = request.extensions().get::<Caller>().cloned();
        let caller =
            caller.ok_or_else(|| Status::unauthenticated("the request has no credential"))?;
        caller
            .require(&action::EVENT_SEND, S::PROTOCOL.name())
            .map_err(|problem| problem_status(&problem))?;
        let (limits, window) = (self.0.limits(), self.0.window());
        let request = request.into_inner();
        let taken = async {
            let read = offload(request.encoded_len() * 2, move || {
                read(request, None, limits, window)
            })
            .await?;
            let OtlpRead {
                batch,
                accepted,
                rejections,
            } = read;
            self.0
                .keep(&caller, S::PROTOCOL, batch, accepted, &rejections)
                .await?;
            Ok::<_, IngestError>(rejections)
        };
        match taken.await {
            Ok(rejections) => Ok(rejections),
            Err(error) => {
                self.0.fail(&caller, S::PROTOCOL, &error, &[]).await;
                Err(status_of(&error))
            }
        }
    }
}

#[async_trait]
impl LogsService for Export {
    async fn export(
        &self,
        request: tonic::Request<ExportLogsServiceRequest>,
    ) -> Result<tonic::Response<ExportLogsServiceResponse>, Status> {
        let rejections = self.take(request).await?;
        let partial_success = partial(&rejections).map(|(rejected_log_records, error_message)| {
            ExportLogsPartialSuccess {
                rejected_log_records,
                error_message,
            }
        });
        Ok(tonic::Response::new(ExportLogsServiceResponse {
            partial_success,
        }))
    }
}

#[async_trait]
impl MetricsService for Export {
    async fn export(
        &self,
        request: tonic::Request<ExportMetricsServiceRequest>,
    ) -> Result<tonic::Response<ExportMetricsServiceResponse>, Status> {
        let rejections = self.take(request).await?;
        let partial_success = partial(&rejections).map(|(rejected_data_points, error_message)| {
            ExportMetricsPartialSuccess {
                rejected_data_points,
                error_message,
            }
        });
        Ok(tonic::Response::new(ExportMetricsServiceResponse {
            partial_success,
        }))
    }
}

#[async_trait]
impl TraceService for Export {
    async fn export(
        &self,
        request: tonic::Request<ExportTraceServiceRequest>,
    ) -> Result<tonic::Response<ExportTraceServiceResponse>, Status> {
        let rejections = self.take(request).await?;
        let partial_success =
            partial(&rejections).map(
                |(rejected_spans, error_message)| ExportTracePartialSuccess {
                    rejected_spans,
                    error_message,
                },
            );
        Ok(tonic::Response::new(ExportTraceServiceResponse {
            partial_success,
        }))
    }
}
