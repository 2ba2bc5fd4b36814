//! Traces for an OpenTelemetry collector, by OTLP over HTTP, where the environment names one.
//!
//! The variables are OpenTelemetry's own: `OTEL_EXPORTER_OTLP_ENDPOINT` or
//! `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT` switches the export on; headers, time limit, service name and
//! resource attributes have theirs.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, SystemTime};

use bytes::Bytes;
use http::{Request, Response};
use http_body_util::{BodyExt, Full, Limited};
use opentelemetry::trace::{
    Span as _, SpanBuilder, SpanKind, Status, TraceContextExt as _, Tracer as _, TracerProvider as _,
};
use opentelemetry::{Context, KeyValue};
use opentelemetry_otlp::{
    OTEL_EXPORTER_OTLP_ENDPOINT, OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, Protocol, WithExportConfig as _,
    WithHttpConfig as _,
};
use opentelemetry_sdk::Resource;
use opentelemetry_sdk::error::OTelSdkResult;
use opentelemetry_sdk::trace::{BatchSpanProcessor, SdkTracer, SdkTracerProvider, SpanData, SpanExporter};
use patchbay::http::HttpClient;
use patchbay::{CallRecord, Observer, VendorRequest};
use tokio::runtime::Handle;

/// The service's name where the environment gives none.
const SERVICE: &str = "patchbay";
/// How long the process waits at its end for the last traces.
const FLUSH: Duration = Duration::from_secs(3);
/// How long one request to the collector may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How much of a collector's answer is read, in bytes.
const ANSWER: usize = 1 << 20;

/// The export of traces of this process: an observer, which makes spans of the records of calls. No text in a
/// record holds a secret.
#[derive(Debug)]
pub struct Telemetry {
    provider: SdkTracerProvider,
    tracer: SdkTracer,
    /// Whether the last export failed.
    failing: Arc<AtomicBool>,
}

impl Telemetry {
    /// Starts the export, where the environment asks for it.
    ///
    /// # Errors
    ///
    /// Why it can't be done. The process does its work without.
    pub fn start(runtime: &Handle) -> Result<Option<Self>, String> {
        let named = [OTEL_EXPORTER_OTLP_TRACES_ENDPOINT, OTEL_EXPORTER_OTLP_ENDPOINT]
            .iter()
            .any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()));
        if !named {
            return Ok(None);
        }
        let exporter = opentelemetry_otlp::SpanExporter::builder()
            .with_http()
            .with_protocol(Protocol::HttpBinary)
            .with_http_client(Collector {
                client: Arc::new(HttpClient::new(&[])),
                runtime: runtime.clone(),
            })
            .build()
            .map_err(|error| format!("traces can't be exported as the environment says: {error}"))?;
        let failing = Arc::new(AtomicBool::new(false));
        let exporter = Reporting {
            exporter,
            failing: failing.clone(),
        };
        let provider = SdkTracerProvider::builder()
            .with_resource(resource())
            .with_span_processor(BatchSpanProcessor::builder(exporter).build())
            .build();
        Ok(Some(Self {
            tracer: provider.tracer(SERVICE),
            provider,
            failing,
        }))
    }

    /// Sends what is left. A collector that doesn't take it in time costs a warning.
    pub fn end(&self) {
        let ended = self.provider.shutdown_with_timeout(FLUSH);
        // The exporter has reported an export that failed.
        if ended.is_err() && !self.failing.load(Ordering::Relaxed) {
            tracing::warn!(
                "the collector of traces didn't take the last ones within {} s",
                FLUSH.as_secs()
            );
        }
    }
}

impl Observer for Telemetry {
    fn call_ended(&self, record: &Arc<CallRecord>) {
        let begun = record.started_at;
        let span = SpanBuilder::from_name("call")
            .with_start_time(begun)
            .with_attributes(call_attributes(record));
        let mut span = self.tracer.build_with_context(span, &Context::new());
        if let Some(error) = &record.error {
            span.set_status(Status::error(error.message.clone()));
        }
        let call = Context::new().with_span(span);
        for request in &record.requests {
            let started = begun + request.after;
            let span = SpanBuilder::from_name("vendor request")
                .with_kind(SpanKind::Client)
                .with_start_time(started)
                .with_attributes(request_attributes(request));
            let mut span = self.tracer.build_with_context(span, &call);
            if let Some(error) = &request.error {
                span.set_status(Status::error(error.clone()));
            }
            // A request that was cut ended with its call.
            span.end_with_timestamp(request.elapsed.map_or(ended(record), |elapsed| started + elapsed));
        }
        call.span().end_with_timestamp(ended(record));
    }
}

fn ended(record: &CallRecord) -> SystemTime {
    record.started_at + record.total
}

fn call_attributes(record: &CallRecord) -> Vec<KeyValue> {
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    vec![
        KeyValue::new("call_id", record.id.to_string()),
        KeyValue::new("connection", record.connection.clone()),
        KeyValue::new("operation", record.operation.clone()),
        KeyValue::new("connector", record.connector.clone()),
        KeyValue::new("version", record.version.clone()),
        KeyValue::new("outcome", record.outcome()),
        KeyValue::new("request_sent", record.request_sent),
        KeyValue::new("waiting_ms", milliseconds(record.waiting)),
        KeyValue::new("guest_ms", milliseconds(record.guest)),
        KeyValue::new("vendor_ms", milliseconds(record.vendor)),
    ]
}

fn request_attributes(request: &VendorRequest) -> Vec<KeyValue> {
    let mut attributes = vec![
        KeyValue::new("http.request.method", request.method.clone()),
        KeyValue::new("url.full", request.target.clone()),
        KeyValue::new("attempt", i64::from(request.attempt)),
    ];
    let status = request.status.map(i64::from);
    attributes.extend(status.map(|status| KeyValue::new("http.response.status_code", status)));
    attributes
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

/// Says when the export fails: once, until it succeeds again.
#[derive(Debug)]
struct Reporting<E> {
    exporter: E,
    failing: Arc<AtomicBool>,
}

impl<E: SpanExporter> SpanExporter for Reporting<E> {
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
