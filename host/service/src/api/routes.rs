//! All routes, and what answers where there is none.

use axum::Router;
use http::{Method, StatusCode, Uri};

use super::{connections, connectors, operations, probes, records};
use crate::app::Service;
use crate::problem::Problem;

/// Every route.
pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .merge(probes::routes())
        .merge(connections::routes())
        .merge(operations::routes())
        .merge(connectors::routes())
        .merge(records::routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
}

async fn unknown_path(uri: Uri) -> Problem {
    Problem::usage(
        StatusCode::NOT_FOUND,
        format!(
            "there is nothing at {:?}; GET /v1/connections lists what there is",
            uri.path()
        ),
    )
}

/// The header `allow` is added by the router.
async fn wrong_method(method: Method, uri: Uri) -> Problem {
    Problem::usage(
        StatusCode::METHOD_NOT_ALLOWED,
        format!(
            "{:?} doesn't take {method}; the header allow lists what it takes",
            uri.path()
        ),
    )
}
