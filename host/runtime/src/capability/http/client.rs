//! The one HTTP client of a host.

use std::error::Error as _;
use std::io;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::Full;
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioTimer};
use rustls::pki_types::CertificateDer;
use tokio::sync::{Semaphore, SemaphorePermit};
use wasmtime_wasi_http::Error as HttpError;

use super::address::{NotPublic, Reach, Resolver};

/// How long an idle connection is kept.
const IDLE: Duration = Duration::from_mins(1);
/// How many idle connections are kept to one origin.
const MAX_IDLE: usize = 64;
/// One connection may have this part of the sockets in use.
const CONNECTION_PART: usize = 4;
/// What a system allows a process at least, where it doesn't say.
const FEWEST_FILES: u64 = 256;

/// The one HTTP client of a host: HTTP/1.1, and HTTP/2 where TLS agrees on it.
#[derive(Debug)]
pub struct HttpClient {
    everywhere: Connections,
    /// Apart from the others: which addresses are allowed is checked when a connection is made.
    public: Connections,
    tls: Tls,
    /// The requests that may be under way at the same time, so that there are file descriptors left.
    sockets: Semaphore,
    /// How many that are.
    max_sockets: usize,
}

/// Connections to addresses within one reach, those that are kept included.
#[derive(Debug)]
struct Connections {
    reach: Reach,
    plain: Client<HttpConnector<Resolver>, Full<Bytes>>,
    secure: OnceLock<Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>>>,
}

/// How TLS is spoken.
#[derive(Debug)]
struct Tls {
    roots: Vec<CertificateDer<'static>>,
    /// Made for the first `https` request: reading the platform's certificates takes longer than a call.
    config: OnceLock<rustls::ClientConfig>,
}

impl HttpClient {
    /// A client that trusts the platform's certificates, and `roots` (DER) besides. Its requests take up to half of
    /// the process's file descriptors (`RLIMIT_NOFILE`).
    #[must_use]
    pub fn new(roots: &[Vec<u8>]) -> Self {
        let roots = roots
            .iter()
            .map(|der| CertificateDer::from(der.clone()))
            .collect();
        let max_sockets = max_sockets();
        Self {
            everywhere: Connections::new(Reach::Everywhere),
            public: Connections::new(Reach::Public),
            tls: Tls {
                roots,
                config: OnceLock::new(),
            },
            sockets: Semaphore::new(max_sockets),
            max_sockets,
        }
    }

    /// A share of the sockets: one connection's, so that no connection can take them all.
    pub(crate) fn share(&self) -> Arc<Semaphore> {
        Arc::new(Semaphore::new((self.max_sockets / CONNECTION_PART).max(1)))
    }

    /// Waits until there is a socket for one more request, within the share.
    pub(super) async fn socket<'a>(
        &'a self,
        share: &'a Semaphore,
    ) -> (Option<SemaphorePermit<'a>>, Option<SemaphorePermit<'a>>) {
        // Neither semaphore is ever closed.
        (share.acquire().await.ok(), self.sockets.acquire().await.ok())
    }

    /// Sends a request as it is, and returns once the head of the response has come.
    ///
    /// # Errors
    ///
    /// What broke, in the words of `wasi:http`.
    pub async fn send(
        &self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<hyper::body::Incoming>, HttpError> {
        self.send_to(request, Reach::Everywhere).await
    }

    /// Sends a request, where its host's name may only resolve to addresses within reach.
    pub(super) async fn send_to(
        &self,
        request: Request<Full<Bytes>>,
        reach: Reach,
    ) -> Result<Response<hyper::body::Incoming>, HttpError> {
        let connections = match reach {
            Reach::Everywhere => &self.everywhere,
            Reach::Public => &self.public,
        };
        let secure = request.uri().scheme_str() == Some("https");
        let sent = if secure {
            connections.secure(&self.tls).request(request).await
        } else {
            connections.plain.request(request).await
        };
        sent.map_err(|error| classify(&error))
    }
}

impl Connections {
    fn new(reach: Reach) -> Self {
        Self {
            reach,
            plain: builder().build(connector(reach)),
            secure: OnceLock::new(),
        }
    }

    fn secure(&self, tls: &Tls) -> &Client<HttpsConnector<HttpConnector<Resolver>>, Full<Bytes>> {
        self.secure.get_or_init(|| {
            let mut connector = connector(self.reach);
            connector.enforce_http(false);
            let connector = HttpsConnectorBuilder::new()
                .with_tls_config(tls.config().clone())
                .https_only()
                .enable_all_versions()
                .wrap_connector(connector);
            builder().build(connector)
        })
    }
}

impl Tls {
    fn config(&self) -> &rustls::ClientConfig {
        self.config.get_or_init(|| {
            let mut store = rustls::RootCertStore::empty();
            let platform = rustls_native_certs::load_native_certs();
            store.add_parsable_certificates(platform.certs);
            store.add_parsable_certificates(self.roots.iter().cloned());
            if store.is_empty() {
                tracing::warn!(
                    "no trusted certificates were found on this system; https requests will fail until roots are configured"
                );
            }
            let tls = rustls::ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
                .with_safe_default_protocol_versions()
                .map(|config| config.with_root_certificates(store).with_no_client_auth());
            // The provider supports the default versions; an empty configuration would be refused by every server.
            tls.unwrap_or_else(|_| rustls::ClientConfig::builder().with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth())
        })
    }
}

/// How many sockets requests may have in use: the other file descriptors are for callers, files, and connections
/// that are kept.
fn max_sockets() -> usize {
    let (files, _) = rlimit::Resource::NOFILE
        .get()
        .unwrap_or((FEWEST_FILES, FEWEST_FILES));
    let sockets = usize::try_from(files / 2).unwrap_or(usize::MAX);
    sockets.clamp(1, Semaphore::MAX_PERMITS)
}

fn connector(reach: Reach) -> HttpConnector<Resolver> {
    let mut connector = HttpConnector::new_with_resolver(Resolver::new(reach));
    connector.set_nodelay(true);
    connector
}

fn builder() -> hyper_util::client::legacy::Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .pool_timer(TokioTimer::new())
        .timer(TokioTimer::new())
        .pool_idle_timeout(IDLE)
        .pool_max_idle_per_host(MAX_IDLE);
    builder
}

/// What went wrong, in the words of `wasi:http`. What isn't known to have failed before the request was
/// sent must not look like it.
fn classify(error: &hyper_util::client::legacy::Error) -> HttpError {
    if error.is_connect() {
        return classify_connect(error);
    }
    let mut source = error.source();
    while let Some(cause) = source {
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
            if hyper.is_parse() {
                return HttpError::HttpProtocolError;
            }
            if hyper.is_timeout() {
                return HttpError::ConnectionReadTimeout;
            }
        }
        source = cause.source();
    }
    HttpError::ConnectionTerminated
}

fn classify_connect(error: &hyper_util::client::legacy::Error) -> HttpError {
    let mut source = error.source();
    while let Some(cause) = source {
        if cause.is::<NotPublic>() {
            return HttpError::DestinationIpProhibited;
        }
        source = cause.source();
    }
    let mut source = error.source();
    while let Some(cause) = source {
        // hyper-util distinguishes a failed look-up from a failed connection by its text only.
        if cause.to_string().starts_with("dns error") {
            return HttpError::DnsError {
                rcode: None,
                info_code: None,
            };
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            if let Some(tls) = tls_error(io) {
                return match tls {
                    rustls::Error::InvalidCertificate(_) | rustls::Error::NoCertificatesPresented => {
                        HttpError::TlsCertificateError
                    }
                    _ => HttpError::TlsProtocolError,
                };
            }
            match io.kind() {
                io::ErrorKind::ConnectionRefused => return HttpError::ConnectionRefused,
                io::ErrorKind::TimedOut => return HttpError::ConnectionTimeout,
                io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
                    return HttpError::DestinationIpUnroutable;
                }
                _ => {}
            }
        }
        source = cause.source();
    }
    HttpError::DestinationUnavailable
}

/// The failure of TLS in an error of I/O, which may be wrapped in others of its kind.
fn tls_error(error: &io::Error) -> Option<&rustls::Error> {
    let inner = error.get_ref()?;
    inner
        .downcast_ref::<rustls::Error>()
        .or_else(|| tls_error(inner.downcast_ref::<io::Error>()?))
}

#[cfg(test)]
mod tests {
    use tokio_rustls::TlsAcceptor;

    use super::*;

    #[tokio::test]
    async fn a_certificate_that_is_not_trusted_has_a_code_of_its_own() {
        let issued = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
        let key = rustls::pki_types::PrivateKeyDer::try_from(issued.signing_key.serialize_der()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let tls = rustls::ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![issued.cert.der().clone()], key)
            .unwrap();
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        tokio::spawn(async move {
            let (stream, _) = listener.accept().await.unwrap();
            let _ = TlsAcceptor::from(Arc::new(tls)).accept(stream).await;
        });
        let request = Request::get(format!("https://localhost:{port}/")).body(Full::default());
        let error = HttpClient::new(&[]).send(request.unwrap()).await.unwrap_err();
        assert!(matches!(error, HttpError::TlsCertificateError), "{error:?}");
    }
}
