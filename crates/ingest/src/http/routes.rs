//! Which handler answers at which address.

use axum::extract::DefaultBodyLimit;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{events, otlp, prometheus};
use crate::Ingest;

impl Ingest {
    /// Every address that takes events over HTTP. To be put behind [`trunkline_web::require_credential`].
    ///
    /// The handlers keep their own limits of size and time, so that no further body limit belongs around them.
    #[must_use]
    pub fn router(&self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(events::send_events))
            .routes(routes!(prometheus::remote_write))
            .with_state(self.clone())
            .merge(self.otlp_router())
            .layer(DefaultBodyLimit::disable())
    }

    /// The addresses of OTLP over HTTP alone, for the port on which OTLP senders expect them.
    #[must_use]
    pub fn otlp_router(&self) -> OpenApiRouter {
        OpenApiRouter::new()
            .routes(routes!(otlp::export_logs))
            .routes(routes!(otlp::export_metrics))
            .routes(routes!(otlp::export_traces))
            .with_state(self.clone())
            .layer(DefaultBodyLimit::disable())
    }
}
