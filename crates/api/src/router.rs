//! The routes of this room.

use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::{Api, errors, health, metrics, queries, sql, system, tables, tail};

/// All routes of this room that need a credential.
pub fn router(api: Api) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(sql::run, sql::list))
        .routes(routes!(sql::cancel))
        .routes(routes!(sql::functions))
        .routes(routes!(tail::follow))
        .routes(routes!(tables::list))
        .routes(routes!(tables::show, tables::change))
        .routes(routes!(tables::erase))
        .routes(routes!(tables::event_types))
        .routes(routes!(tables::register))
        .routes(routes!(queries::list))
        .routes(routes!(queries::save, queries::remove))
        .routes(routes!(system::show))
        .routes(routes!(system::catalogue))
        .routes(routes!(errors::explain))
        .routes(routes!(metrics::scrape))
        .with_state(api)
}

/// The routes that answer without a credential: whether the platform lives, and whether it is ready.
pub fn open_routes(api: Api) -> OpenApiRouter {
    OpenApiRouter::new()
        .routes(routes!(health::live))
        .routes(routes!(health::ready))
        .with_state(api)
}
