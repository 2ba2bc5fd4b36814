//! What the routes share, and all of them together.

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use patchbay::{Connection, Error, Folder, Host, Kind, suggest};
use tower_http::catch_panic::CatchPanicLayer;

use super::budget::BodyBudget;
use super::draining::{Draining, UnderWay};
use super::metrics::Exposition;
use super::options::{ServiceLimits, ServiceOptions};
use super::problem::Problem;
use super::reload::{Changes, Connections, Reconfigured};
use super::tokens::Tokens;
use super::{access, api, call_ids, guard};

/// A host's connections, to be called over HTTP. Cheap to clone.
#[derive(Clone)]
pub struct Service {
    inner: Arc<Inner>,
}

struct Inner {
    host: Host,
    configured: ArcSwap<Configured>,
    /// One reload at a time: each compares with what the one before it has made.
    reloading: tokio::sync::Mutex<()>,
    folder: Option<Arc<Folder>>,
    options: ServiceOptions,
    bodies: BodyBudget,
    draining: Draining,
    metrics: Exposition,
}

/// What a reload exchanges, in one step.
struct Configured {
    connections: Arc<Connections>,
    tokens: Tokens,
}

impl std::fmt::Debug for Service {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Service")
            .field("connections", &self.connections().keys().collect::<Vec<_>>())
            .field("options", &self.inner.options)
            .finish_non_exhaustive()
    }
}

impl Service {
    /// Serves these connections of a host under their names. With the folder that their connectors come
    /// from, these can be reloaded and rolled back.
    pub fn new(
        host: Host,
        connections: impl IntoIterator<Item = Connection>,
        folder: Option<Arc<Folder>>,
        options: ServiceOptions,
    ) -> Self {
        let connections = connections
            .into_iter()
            .map(|connection| (connection.name().to_owned(), connection));
        Self {
            inner: Arc::new(Inner {
                configured: ArcSwap::from_pointee(Configured {
                    connections: Arc::new(connections.collect()),
                    tokens: options.tokens.clone(),
                }),
                reloading: tokio::sync::Mutex::default(),
                bodies: BodyBudget::new(options.limits.bodies),
                draining: Draining::default(),
                metrics: Exposition::new(&options.metrics, &host),
                host,
                folder,
                options,
            }),
        }
    }

    /// Every route, behind what holds for all of them: an id for each request, limits, and who may call.
    /// [`super::Server`] puts it on the network, with the limits that only a server can keep.
    pub fn router(&self) -> Router {
        self.protect(api::routes())
    }

    /// The routes that are left where there is no room for more connections.
    pub(super) fn crowded_router(&self, why: String) -> Router {
        self.protect(api::crowded_routes(why))
    }

    /// Puts what holds for every route before these. The last is the outermost.
    pub(super) fn protect(&self, routes: Router<Self>) -> Router {
        routes
            .layer(from_fn_with_state(self.clone(), access::check))
            .layer(from_fn_with_state(self.clone(), guard::sizes))
            .layer(CatchPanicLayer::custom(panicked))
            .layer(from_fn(call_ids::give))
            .with_state(self.clone())
    }

    /// The host that the connections belong to.
    #[must_use]
    pub fn host(&self) -> &Host {
        &self.inner.host
    }

    /// The connections, by name, as the latest reload has made them.
    #[must_use]
    pub fn connections(&self) -> Arc<Connections> {
        self.inner.configured.load().connections.clone()
    }

    /// A connection by its name.
    ///
    /// # Errors
    ///
    /// [`Kind::UnknownConnection`] where there is none.
    pub fn connection(&self, name: &str) -> Result<Connection, Error> {
        let connections = self.connections();
        connections.get(name).cloned().ok_or_else(|| {
            let names = connections.keys().map(String::as_str);
            let message = format!("there is no connection {name:?}{}", suggest(name, names));
            let mut error = Error::new(Kind::UnknownConnection, message);
            error.connection = Some(name.to_owned());
            error
        })
    }

    /// Reads the configuration again. Connections are added, exchanged and removed in one step; calls under way end on
    /// what they began with.
    ///
    /// # Errors
    ///
    /// Those of the [`Reloader`](super::Reloader), which change nothing; [`Kind::Usage`] where there is none.
    pub async fn reload(&self) -> Result<Changes, Error> {
        let reloader = self.inner.options.reloader.as_ref();
        let reloader = reloader.ok_or_else(|| {
            Error::usage("this service has no configuration that could be read again; start it anew")
        })?;
        let _one_at_a_time = self.inner.reloading.lock().await;
        let reconfigured = reloader.reload(self.connections()).await;
        let Reconfigured {
            connections,
            tokens,
            changes,
        } = reconfigured.inspect_err(|error| {
            tracing::error!("the configuration wasn't reloaded, and nothing has changed: {error}");
        })?;
        self.inner.configured.store(Arc::new(Configured {
            connections: Arc::new(connections),
            tokens,
        }));
        let Changes {
            added,
            changed,
            removed,
            tokens,
            restart,
        } = &changes;
        tracing::info!(
            ?added,
            ?changed,
            ?removed,
            tokens,
            "the configuration was reloaded"
        );
        if !restart.is_empty() {
            tracing::warn!(
                ?restart,
                "changed in the configuration, but in effect only after a restart"
            );
        }
        Ok(changes)
    }

    /// The folder of the connectors.
    pub(super) fn folder(&self) -> Result<&Arc<Folder>, Error> {
        let folder = self.inner.folder.as_ref();
        folder
            .ok_or_else(|| Error::usage("this service has no folder of connectors, so none can be replaced"))
    }

    /// What a client may use.
    #[must_use]
    pub fn limits(&self) -> &ServiceLimits {
        &self.inner.options.limits
    }

    pub(super) fn options(&self) -> &ServiceOptions {
        &self.inner.options
    }

    pub(super) fn metrics(&self) -> &Exposition {
        &self.inner.metrics
    }

    pub(super) fn tokens(&self) -> Tokens {
        self.inner.configured.load().tokens.clone()
    }

    pub(super) fn bodies(&self) -> &BodyBudget {
        &self.inner.bodies
    }

    pub(super) fn draining(&self) -> &Draining {
        &self.inner.draining
    }

    /// Begins something that draining must wait for. Fails while the service drains.
    pub(crate) fn begin(&self) -> Result<UnderWay, Error> {
        self.inner.draining.begin()
    }
}

fn panicked(_: Box<dyn std::any::Any + Send>) -> Response {
    let mut response = Problem::panicked().into_response();
    response.extensions_mut().insert(call_ids::Panicked);
    response
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use http::{Request, StatusCode};
    use tower::ServiceExt;

    use patchbay::HostOptions;

    use super::*;

    #[tokio::test]
    async fn a_panic_is_a_problem_and_harms_nothing() {
        async fn broken() -> &'static str {
            panic!("on purpose")
        }
        let host = Host::new(&HostOptions::default()).unwrap();
        let service = Service::new(host, [], None, ServiceOptions::default());
        let router = service.protect(Router::new().route("/broken", get(broken)).merge(api::routes()));
        for (path, status) in [
            ("/broken", StatusCode::INTERNAL_SERVER_ERROR),
            ("/v1/connections", StatusCode::OK),
        ] {
            let request = Request::get(path).header("host", "localhost");
            let request = request.body(axum::body::Body::empty()).unwrap();
            let response = router.clone().oneshot(request).await.unwrap();
            assert_eq!(response.status(), status, "{path}");
            assert!(response.headers().contains_key("x-call-id"), "{path}");
        }
    }
}
