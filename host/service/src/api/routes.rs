//! All routes, and what answers where there is none.

use axum::Router;
use http::{Method, StatusCode, Uri};
use patchbay::{Error, Kind};

use super::{connections, connectors, operations, probes, records, reload, search};
use crate::app::Service;
use crate::problem::Problem;

/// How long a client should wait where there are too many connections, in milliseconds.
const CROWDED: u64 = 1000;

/// Every route.
pub(crate) fn routes() -> Router<Service> {
    Router::new()
        .merge(probes::routes())
        .merge(connections::routes())
        .merge(operations::routes())
        .merge(search::routes())
        .merge(connectors::routes())
        .merge(records::routes())
        .merge(reload::routes())
        .fallback(unknown_path)
        .method_not_allowed_fallback(wrong_method)
}

/// The routes that are left where there is no room for more connections: probes, and a refusal in words.
pub(crate) fn crowded_routes(why: String) -> Router<Service> {
    Router::new()
        .merge(probes::routes())
        .fallback(move || {
            let mut error = Error::new(Kind::Unavailable, &why).sent(false);
            error.retry_after_ms = Some(CROWDED);
            std::future::ready(Problem::from(error))
        })
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
