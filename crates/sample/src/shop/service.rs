//! A pretend service with orders in memory.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use axum::routing::get;
use axum::{Json, Router};
use serde::{Deserialize, Serialize};
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

/// Orders that are kept; older ones are forgotten.
const MOST: usize = 1_000;

#[derive(Clone, Debug, Serialize)]
struct Order {
    id: u64,
    item: String,
    quantity: u32,
    state: &'static str,
}

#[derive(Debug, Deserialize)]
struct NewOrder {
    item: String,
    quantity: u32,
}

#[derive(Debug, Deserialize)]
struct Page {
    limit: Option<usize>,
}

type Orders = Arc<Mutex<VecDeque<Order>>>;

/// Serves until it is told to stop.
pub async fn serve(listener: TcpListener, stop: CancellationToken) {
    let router = Router::new()
        .route("/healthz", get(|| async { "ok" }))
        .route("/orders", get(list).post(place))
        .route("/orders/{id}", get(show))
        // Documented nowhere: the page of APIs shows what was learned of it.
        .route("/coupons", get(|| async { Json(["SPRING-10"]) }))
        .with_state(Orders::default());
    let served = axum::serve(listener, router).with_graceful_shutdown(stop.cancelled_owned());
    if let Err(error) = served.await {
        tracing::warn!(%error, "the sample's shop ended");
    }
}

async fn list(State(orders): State<Orders>, Query(page): Query<Page>) -> Json<Vec<Order>> {
    let orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    let limit = page.limit.unwrap_or(20);
    Json(orders.iter().rev().take(limit).cloned().collect())
}

async fn place(
    State(orders): State<Orders>,
    Json(wanted): Json<NewOrder>,
) -> (StatusCode, Json<Order>) {
    let mut orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    let order = Order {
        id: orders.back().map_or(1, |last| last.id + 1),
        item: wanted.item,
        quantity: wanted.quantity,
        state: "open",
    };
    orders.push_back(order.clone());
    if orders.len() > MOST {
        orders.pop_front();
    }
    (StatusCode::CREATED, Json(order))
}

async fn show(State(orders): State<Orders>, Path(id): Path<u64>) -> axum::response::Response {
    let orders = orders.lock().unwrap_or_else(PoisonError::into_inner);
    match orders.iter().find(|order| order.id == id) {
        Some(order) => Json(order.clone()).into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}
