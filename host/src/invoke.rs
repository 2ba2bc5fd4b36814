//! The way of one call through a connection.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::Value;
use tokio::time::Instant;
use tracing::{Instrument, field};
use wasmtime::Trap;

use crate::call_id::CallId;
use crate::calls::{CallRecord, Trail, in_milliseconds};
use crate::catalog::Effect;
use crate::component;
use crate::connection::{Connection, Inner};
use crate::egress::{Egress, Wire};
use crate::engine;
use crate::error::{Error, Kind};
use crate::limits::MemoryExceeded;
use crate::pool::Instance;
use crate::sessions::lock;
use crate::state::State;
use crate::trap;
use crate::version::Held;

/// A vendor's answer is large from this part of an instance's memory on: parsed, it takes many times its size.
const LARGE_ANSWER: usize = 64;

/// One call of an operation.
#[derive(Debug, Clone, Copy)]
pub struct Call<'a> {
    /// Tells it from every other call.
    pub id: CallId,
    /// The operation's id.
    pub operation: &'a str,
    /// Its input.
    pub input: &'a Value,
    /// How long it may take, everything included. `None`: as the connection's limits say.
    pub deadline: Option<Duration>,
}

/// What became of a call.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// The output, or how it failed.
    pub result: Result<Value, Error>,
    /// What happened.
    pub record: Arc<CallRecord>,
}

impl Connection {
    /// Carries out an operation within the connection's deadline.
    pub async fn invoke(&self, operation: &str, input: &Value) -> Result<Value, Error> {
        self.invoke_within(operation, input, self.inner.limits.deadline)
            .await
    }

    /// Carries out an operation within `deadline`, which covers waiting for a turn, the connector's own
    /// work and everything it waits for.
    pub async fn invoke_within(
        &self,
        operation: &str,
        input: &Value,
        deadline: Duration,
    ) -> Result<Value, Error> {
        let call = Call {
            id: CallId::new(),
            operation,
            input,
            deadline: Some(deadline),
        };
        self.call(call).await.result
    }

    /// Carries out an operation, and tells what happened. The host remembers it for a while:
    /// [`Host::call`](crate::Host::call).
    pub async fn call(&self, call: Call<'_>) -> Outcome {
        let inner = &self.inner;
        let deadline = call.deadline.unwrap_or(inner.limits.deadline);
        let span = tracing::info_span!(
            "call",
            call_id = %call.id,
            connection = %inner.name,
            operation = call.operation,
            connector = field::Empty,
            version = field::Empty,
            outcome = field::Empty,
            waiting_ms = field::Empty,
            guest_ms = field::Empty,
            vendor_ms = field::Empty,
        );
        let mut recording = Recording {
            inner: inner.clone(),
            span: span.clone(),
            trail: Trail::new(call.id, &inner.name, call.operation, deadline, &inner.policy),
            ended: false,
        };
        let attempt = self.attempt(&call, deadline, &mut recording).instrument(span);
        let result = attempt
            .await
            .map_err(|error| inner.secrets.scrub_error(error.at(&inner.name, call.operation)));
        let record = recording.end(&result);
        Outcome { result, record }
    }

    /// The error without secrets.
    pub(crate) fn scrubbed(&self, error: Error) -> Error {
        self.inner.secrets.scrub_error(error)
    }

    async fn attempt(
        &self,
        call: &Call<'_>,
        deadline: Duration,
        recording: &mut Recording,
    ) -> Result<Value, Error> {
        let inner = &self.inner;
        let trail = &mut recording.trail;
        let check = |version: &Held, trail: &mut Trail| {
            trail.version(version.connector());
            let catalog = version.connector().catalog();
            let effect = catalog.operation(call.operation)?.effect;
            catalog.validate(call.operation, call.input)?;
            Ok::<_, Error>(effect)
        };
        let mut version = inner.deployment.hold();
        let mut effect = check(&version, trail)?;
        if let Some(rate) = &inner.rate {
            rate.take()?;
        }
        let until = Instant::from_std(trail.started()) + deadline;
        trail.waits();
        let _slot = self.slot(until, deadline).await?;
        trail.waited();
        if !inner.deployment.is_current(&version) {
            // It was replaced while the call waited: the call begins now.
            version = inner.deployment.hold();
            effect = check(&version, trail)?;
        }
        let _running = inner.shared.engine.running();
        // From here on the instance belongs to this call. Only success brings it back.
        let instance = if let Some(instance) = inner.pool.take(version.connector()) {
            Ok(instance)
        } else {
            trail.fresh_instance();
            self.instantiate(&version, until, deadline).await
        };
        let ended = match instance {
            Ok(instance) => {
                self.run(instance, call, &version, (until, deadline, effect), trail)
                    .await
            }
            Err(ended) => Err(ended),
        };
        let own = ended.as_ref().err().filter(|ended| ended.own);
        // It is told wherever the version is: no secret may be in it.
        let own = own.map(|ended| self.scrubbed(ended.error.clone()));
        inner.deployment.observe(&version, own.as_ref());
        ended.map_err(|ended| ended.error)
    }

    /// Runs the guest.
    async fn run(
        &self,
        mut instance: Instance,
        call: &Call<'_>,
        version: &Held,
        (until, deadline, effect): (Instant, Duration, Effect),
        trail: &mut Trail,
    ) -> Result<Value, Ended> {
        let inner = &self.inner;
        let sessions = inner.shared.sessions.view(inner.sessions.clone());
        let state = instance.store.data_mut();
        state.begin(sessions, until, effect);
        let wire = state.egress().wire();
        trail.wire(wire.clone());
        let printed = state.printed();
        instance.store.set_epoch_deadline(1);

        let input = call.input.to_string();
        let Instance { store, exports, .. } = &mut instance;
        let running = tokio::time::timeout_at(until, exports.invoke(store, call.operation, &input));
        let returned = tokio::select! {
            biased;
            returned = running => returned,
            () = version.cut() => {
                let sent = lock(&wire).request_sent();
                return Err(Ended::other(self.drained(version, sent)));
            }
        };
        let sent = lock(&wire).request_sent();
        match returned {
            Err(_) => {
                // A guest that was at work without a pause is at fault; one that waited isn't.
                // Nor is one whose caller gave it less time than the connection has.
                let own = deadline >= inner.limits.deadline
                    && !lock(&wire).is_waiting()
                    && instance.store.data().pace.is_heavy();
                let error = timed_out(deadline, Some(sent));
                Err(Ended { error, own })
            }
            Ok(Err(error)) => {
                let printed = trap::printed(&printed.contents());
                let manifest = version.connector().manifest();
                let mut failure = trap::failure(&manifest.id, &error, &printed);
                failure.request_sent = Some(sent);
                trail.trapped(trap::record(&error, printed));
                // What a vendor sends may be too much for any version.
                let much = inner.limits.memory / LARGE_ANSWER;
                let own = failure.kind != Kind::LimitExceeded || lock(&wire).largest_response() < much;
                Err(Ended { error: failure, own })
            }
            Ok(Ok(result)) => {
                inner.pool.put(instance, |connector| {
                    Arc::ptr_eq(connector, &inner.deployment.connector())
                });
                match result {
                    Ok(output) => {
                        let mut value = serde_json::from_str(&output).map_err(|error| {
                            let mut error = Error::new(
                                Kind::Trapped,
                                format!(
                                    "the connector's result isn't JSON, which breaks the contract: {error}"
                                ),
                            );
                            error.request_sent = Some(sent);
                            Ended::own(error)
                        })?;
                        inner.secrets.scrub_value(&output, &mut value);
                        Ok(value)
                    }
                    Err(failure) => {
                        let error = complete(failure.into(), &wire);
                        // Its manifest names the operation, or the call had not come this far.
                        let own = error.kind == Kind::UnknownOperation;
                        Err(Ended { error, own })
                    }
                }
            }
        }
    }

    fn drained(&self, version: &Held, sent: bool) -> Error {
        let manifest = version.connector().manifest();
        let mut error = Error::new(
            Kind::Timeout,
            format!(
                "version {} of {} was replaced, and the call didn't end within the {} that calls have to drain; call again, or raise serve.drain",
                manifest.version,
                manifest.id,
                humantime::format_duration(self.inner.deployment.drain())
            ),
        );
        error.request_sent = Some(sent);
        error
    }

    /// Waits for a turn.
    async fn slot(
        &self,
        until: Instant,
        deadline: Duration,
    ) -> Result<tokio::sync::SemaphorePermit<'_>, Error> {
        let inner = &self.inner;
        if let Ok(slot) = inner.slots.try_acquire() {
            return Ok(slot);
        }
        let _waiting = Waiting::enter(&inner.waiting, inner.limits.queue).ok_or_else(|| {
            let mut error = Error::new(
                Kind::LimitExceeded,
                format!(
                    "{} calls are under way and {} wait already; call again later, or raise limits.concurrency or limits.queue of the connection",
                    inner.limits.concurrency, inner.limits.queue
                ),
            );
            error.request_sent = Some(false);
            error
        })?;
        match tokio::time::timeout_at(until, inner.slots.acquire()).await {
            Ok(Ok(slot)) => Ok(slot),
            // The semaphore is never closed, so what is left is the deadline.
            _ => Err(timed_out(deadline, Some(false))),
        }
    }

    async fn instantiate(
        &self,
        version: &Held,
        until: Instant,
        deadline: Duration,
    ) -> Result<Instance, Ended> {
        let inner = &self.inner;
        let egress = Egress::new(
            inner.shared.http.clone(),
            inner.name.clone(),
            inner.policy.clone(),
            inner.limits.response,
        )
        .with_secrets(inner.secrets.clone());
        let connector = version.connector();
        let settings = inner.secrets.visible_settings(connector.manifest());
        let state = State::new(
            settings.map_err(Ended::other)?,
            egress,
            inner.limits.memory,
            inner.shared.engine.turns.clone(),
        );
        let mut store = component::store(&inner.shared.engine, state);
        let made = tokio::time::timeout_at(until, connector.pre().instantiate_async(&mut store)).await;
        match made {
            Err(_) => Err(Ended::other(timed_out(deadline, Some(false)))),
            Ok(Err(error)) if error.is::<MemoryExceeded>() || error.is::<Trap>() => {
                let mut failure = trap::failure(&connector.manifest().id, &error, "");
                failure.request_sent = Some(false);
                Err(Ended::own(failure))
            }
            Ok(Err(error)) => Err(Ended::other(engine::exhausted(&error))),
            Ok(Ok(exports)) => Ok(Instance::new(store, exports, connector.clone())),
        }
    }
}

/// How a call ended that didn't succeed.
struct Ended {
    error: Error,
    /// Whether the connector itself is at fault.
    own: bool,
}

impl Ended {
    fn own(error: Error) -> Self {
        Self { error, own: true }
    }

    fn other(error: Error) -> Self {
        Self { error, own: false }
    }
}

/// Sees to it that a call leaves a record, also where nobody waits for its end.
struct Recording {
    inner: Arc<Inner>,
    span: tracing::Span,
    trail: Trail,
    ended: bool,
}

impl Recording {
    fn end(mut self, result: &Result<Value, Error>) -> Arc<CallRecord> {
        self.ended = true;
        self.keep(self.trail.end(Some(result)))
    }

    fn keep(&self, record: CallRecord) -> Arc<CallRecord> {
        let shared = &self.inner.shared;
        let record = Arc::new(self.inner.secrets.scrub_record(record));
        self.span.record("connector", &record.connector);
        self.span.record("version", &record.version);
        self.span.record("outcome", record.outcome());
        for (name, time) in [
            ("waiting_ms", record.waiting),
            ("guest_ms", record.guest),
            ("vendor_ms", record.vendor),
        ] {
            self.span.record(name, in_milliseconds(time));
        }
        self.span.in_scope(|| match &record.error {
            Some(error) => {
                tracing::info!(kind = error.kind.as_str(), "the call failed: {}", error.message);
            }
            None if record.abandoned => tracing::warn!("the call was abandoned: nobody waits for its end"),
            None => tracing::info!("the call succeeded"),
        });
        shared.metrics.call(&record, &self.inner.times);
        shared.calls.add(record.clone());
        record
    }
}

impl Drop for Recording {
    fn drop(&mut self) {
        if !self.ended {
            self.keep(self.trail.end(None));
        }
    }
}

/// A failure of the connector, completed by what the host knows better: a guest sees only that a
/// request was denied or that a response couldn't be read.
fn complete(mut error: Error, wire: &Mutex<Wire>) -> Error {
    let wire = lock(wire);
    if let (Kind::Denied, Some(denial)) = (error.kind, &wire.denial) {
        error.message.clone_from(denial);
        error.request_sent = Some(false);
    }
    if let (Kind::InvalidSettings | Kind::Unreachable, Some(unsendable)) = (error.kind, &wire.unsendable) {
        error.kind = Kind::InvalidSettings;
        error.message.clone_from(unsendable);
        error.request_sent = Some(false);
    }
    if let (Kind::MalformedResponse, Some(limit)) = (error.kind, wire.response_too_large) {
        error.message = format!(
            "the vendor's response has more than {limit} bytes; raise limits.response of the connection where that is expected"
        );
    }
    error
}

fn timed_out(deadline: Duration, sent: Option<bool>) -> Error {
    let mut error = Error::new(
        Kind::Timeout,
        format!("the deadline of {} passed", humantime::format_duration(deadline)),
    );
    error.request_sent = sent;
    error
}

/// Counts a call that waits for its turn.
struct Waiting<'a>(&'a AtomicUsize);

impl<'a> Waiting<'a> {
    fn enter(waiting: &'a AtomicUsize, most: usize) -> Option<Self> {
        if waiting.fetch_add(1, Ordering::Relaxed) < most {
            return Some(Self(waiting));
        }
        waiting.fetch_sub(1, Ordering::Relaxed);
        None
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }
}
