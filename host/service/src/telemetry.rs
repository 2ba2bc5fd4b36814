//! Traces for an OpenTelemetry collector, by OTLP over HTTP, where the environment names one.
//!
//! The variables are OpenTelemetry's own: `OTEL_EXPORTER_OTLP_ENDPOINT` or
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` switches the export on; headers, time limit, service name and
//! resource attributes have theirs.

use std::borrow::Cow;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use opentelemetry::trace::{Status, TracerProvider as _};
use opentelemetry::{Array, Context, KeyValue, StringValue, Value};
use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, Protocol, WithExportConfig as _,
    WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, SdkTracer, SdkTracerProvider, Span, SpanData, SpanExporter, SpanProcessor,
};
use tokio::runtime::Handle;
use tracing::Subscriber;
use tracing_opentelemetry::OpenTelemetryLayer;
use tracing_subscriber::registry::LookupSpan;

use crate::egress::HttpClient;
use crate::secrets::scrub;

/// The service's name where the environment gives none.
const SERVICE: &str = env!("CARGO_PKG_NAME");
/// How long the process waits at its end for the last traces.
const FLUSH: Duration = Duration::from_secs(3);
/// How long one request to the collector may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a collector's answer is read, in bytes.
const ANSWER: usize = 1 << 20;

/// The export of traces of this process.
pub(crate) struct Telemetry {
    provider: SdkTracerProvider,
    /// Whether the last export failed.
    failing: Arc<AtomicBool>,
}

impl Telemetry {
    /// Starts the export, where the environment asks for it. The error says why it can't be done; the
    /// process does its work without.
    pub(crate) fn start(runtime: &Handle) -> Result<Option<Self>, String> {
        let wanted = [OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        if !wanted {
            return Ok(None);
        }
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(Collector {
                client: Arc::new(HttpClient::new(Vec::new())),
                runtime: runtime.clone(),
            })
            .build()
            .map_err(|error| format!("traces can't be exported as the environment says: {error}"))?;
        let failing = Arc::new(AtomicBool::new(false));
        let exporter = Told {
            exporter,
            failing: failing.clone(),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_span_processor(Scrubbed(BatchSpanProcessor::builder(exporter).build()))
            .build();
        Ok(Some(Self { provider, failing }))
    }

    /// What turns spans into traces.
    pub(crate) fn layer<S>(&self) -> OpenTelemetryLayer<S, SdkTracer>
    where
        S: Subscriber + for<'span> LookupSpan<'span>,
    {
        tracing_opentelemetry::layer()
            .with_tracer(self.provider.tracer(SERVICE))
            .with_location(false)
            // Which module it is says nothing to an operator, and a request has a target of its own.
            .with_target(false)
            .with_threads(false)
    }

    /// Sends what is left. A collector that doesn't take it in time costs a warning.
    pub(crate) fn end(&self) {
        let ended = self.provider.shutdown_with_timeout(FLUSH);
        // An export that failed has been told of by the exporter.
        if ended.is_err() && !self.failing.load(Ordering::Relaxed) {
            tracing::warn!(
                "the collector of traces didn't take the last ones within {} s",
                FLUSH.as_secs()
            );
        }
    }
}

fn resource() -> Resource {
    let detected = Resource::builder().build();
    let name = detected.get(&"service.name".into()).map(|name| name.to_string());
    let named = name.is_some_and(|name| !name.starts_with("unknown_service"));
    let resource =
        Resource::builder().with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")));
    if named {
        resource.build()
    } else {
        resource.with_service_name(SERVICE).build()
    }
}

/// The host's own HTTP client. The batches are made on a thread of their own, which has no runtime, so each
/// request is carried out on the process's.
struct Collector {
    client: Arc<HttpClient>,
    runtime: Handle,
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Collector").finish_non_exhaustive()
    }
}

type Sent = Result<Response<Bytes>, opentelemetry_http::HttpError>;

impl opentelemetry_http::HttpClient for Collector {
    fn send_bytes<'this, 'sent>(
        &'this self,
        request: Request<Bytes>,
    ) -> Pin<Box<dyn Future<Output = Sent> + Send + 'sent>>
    where
        'this: 'sent,
        Self: 'sent,
    {
        let client = self.client.clone();
        let sent = self.runtime.spawn(async move {
            let exchange = async {
                let response = client.send(request.map(Full::new)).await?;
                let (head, body) = response.into_parts();
                let body = Limited::new(body, ANSWER).collect().await?.to_bytes();
                Ok(Response::from_parts(head, body))
            };
            tokio::time::timeout(TIMEOUT, exchange).await?
        });
        Box::pin(async move { sent.await? })
    }
}

/// Takes secrets out of each span when it ends: what is exported later may outlive the connection that
/// knows them.
#[derive(Debug)]
struct Scrubbed<P>(P);

impl<P: SpanProcessor> SpanProcessor for Scrubbed<P> {
    fn on_start(&self, span: &mut Span, context: &Context) {
        self.0.on_start(span, context);
    }

    fn on_end(&self, mut span: SpanData) {
        scrub_span(&mut span);
        self.0.on_end(span);
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.0.force_flush()
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.0.shutdown_with_timeout(timeout)
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.0.set_resource(resource);
    }
}

/// Says when the export fails: once, until it succeeds again.
#[derive(Debug)]
struct Told<E> {
    exporter: E,
    failing: Arc<AtomicBool>,
}

impl<E: SpanExporter> SpanExporter for Told<E> {
    async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
        let exported = self.exporter.export(batch).await;
        let failed = exported.is_err();
        if self.failing.swap(failed, Ordering::Relaxed) != failed
            && let Err(error) = &exported
        {
            tracing::warn!("traces can't be exported: {error}; calls go on without");
        }
        exported
    }

    fn shutdown_with_timeout(&self, timeout: Duration) -> OTelSdkResult {
        self.exporter.shutdown_with_timeout(timeout)
    }

    fn shutdown(&self) -> OTelSdkResult {
        self.exporter.shutdown()
    }

    fn force_flush(&self) -> OTelSdkResult {
        self.exporter.force_flush()
    }

    fn set_resource(&mut self, resource: &Resource) {
        self.exporter.set_resource(resource);
    }
}

fn scrub_span(span: &mut SpanData) {
    scrub_text(&mut span.name);
    scrub_attributes(&mut span.attributes);
    for event in &mut span.events.events {
        scrub_text(&mut event.name);
        scrub_attributes(&mut event.attributes);
    }
    for link in &mut span.links.links {
        scrub_attributes(&mut link.attributes);
    }
    if let Status::Error { description } = &mut span.status {
        scrub_text(description);
    }
}

fn scrub_text(text: &mut Cow<'static, str>) {
    if let Cow::Owned(scrubbed) = scrub(text) {
        *text = Cow::Owned(scrubbed);
    }
}

fn scrub_attributes(attributes: &mut [KeyValue]) {
    let scrubbed = |text: &mut StringValue| {
        if let Cow::Owned(scrubbed) = scrub(text.as_str()) {
            *text = scrubbed.into();
        }
    };
    for attribute in attributes {
        match &mut attribute.value {
            Value::String(text) => scrubbed(text),
            Value::Array(Array::String(texts)) => texts.iter_mut().for_each(scrubbed),
            value @ (Value::I64(_) | Value::F64(_)) => {
                if let Cow::Owned(scrubbed) = scrub(&value.as_str()) {
                    *value = scrubbed.into();
                }
            }
            _ => {}
        }
    }
}
