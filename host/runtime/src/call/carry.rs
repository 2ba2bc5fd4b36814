//! Carries out a call: version, turn, instance, guest, and repetition.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use wasmtime::Trap;

use super::account::Account;
use super::retry::{self, Verdict};
use crate::capability::CallScope;
use crate::connector::{Connector, Instance};
use crate::deployment::VersionGuard;
use crate::error::{Error, Kind};
use crate::manifest::Effect;
use crate::memory::MemoryExceeded;
use crate::sandbox::{self, Pooled};
use crate::trace::{CallRecord, CallTrace, ClaimHolder};

/// A vendor's answer is large from this part of an instance's memory on: parsed, it takes many times its size.
const LARGE_ANSWER: usize = 64;

/// What a guest is called for.
pub(super) trait Task: Sync {
    /// What the guest returns.
    type Raw: Send;
    /// What the caller gets.
    type Output;

    /// Whether it may send requests.
    const MAY_SEND: bool;

    /// What the call does at the vendor, where the version that would serve it knows it.
    fn effect(&self, connector: &Connector) -> Option<Effect>;

    /// Checks the call against the version that would serve it. It must end by `until`.
    fn check(&self, connector: &Connector, until: Instant) -> impl Future<Output = Result<(), Error>> + Send;

    /// Calls the guest.
    fn call(
        &self,
        instance: &mut Instance,
    ) -> impl Future<Output = wasmtime::Result<Result<Self::Raw, Error>>> + Send;

    /// Makes the caller's output of what the guest returned; the error says in which way that breaks the contract.
    fn finish(&self, account: &Account, raw: Self::Raw) -> Result<Self::Output, String>;
}

/// A call under way. It leaves a record however it ends, also where its caller goes away.
pub(super) struct Carried {
    account: Arc<Account>,
    trace: Arc<CallTrace>,
    deadline: Duration,
    ended: bool,
}

/// How an attempt ended that didn't succeed.
struct Failed {
    error: Error,
    /// Whether the connector itself is at fault.
    connector_fault: bool,
}

impl Failed {
    fn connector_fault(error: Error) -> Self {
        Self {
            error,
            connector_fault: true,
        }
    }
}

impl From<Error> for Failed {
    fn from(error: Error) -> Self {
        Self {
            error,
            connector_fault: false,
        }
    }
}

impl Carried {
    pub(super) fn new(account: &Arc<Account>, trace: Arc<CallTrace>, deadline: Duration) -> Self {
        Self {
            account: account.clone(),
            trace,
            deadline,
            ended: false,
        }
    }

    /// Carries out the task, and makes the record.
    pub(super) async fn run<T: Task>(
        mut self,
        task: &T,
        operation: &str,
    ) -> (Result<T::Output, Error>, Arc<CallRecord>) {
        let carried = self.carry(task).await;
        let secrets = &self.account.secrets;
        let result = carried.map_err(|error| {
            let error = self.with_sent(error).at(&self.account.name, operation);
            secrets.scrub_error(error).bounded()
        });
        self.ended = true;
        let record = self.keep(Some(result.as_ref().map(drop)));
        (result, record)
    }

    fn keep(&self, result: Option<Result<(), &Error>>) -> Arc<CallRecord> {
        let Account { shared, secrets, .. } = &*self.account;
        let record = Arc::new(secrets.scrub_record(self.trace.end(result)).bounded());
        shared.observers.call_ended(&record);
        shared.log.add(record.clone());
        record
    }

    async fn carry<T: Task>(&self, task: &T) -> Result<T::Output, Error> {
        let Self { account, trace, .. } = self;
        let until = Instant::from_std(trace.started()) + self.deadline;
        let mut version = account.deployment.hold();
        let mut effect = self.check(task, &version, until).await?;
        if let Some(rate) = &account.rate {
            rate.take()?;
        }
        trace.queued();
        let _turn = account.turn(until, || self.timed_out()).await?;
        trace.running();
        if !account.deployment.is_current(&version) {
            // It was replaced while the call waited: the call begins now.
            version = account.deployment.hold();
            effect = self.check(task, &version, until).await?;
        }
        let _running = account.shared.engine.running();
        let result = self.attempts(task, &version, effect, until).await;
        let fault = result.as_ref().err().filter(|failed| failed.connector_fault);
        // The fault is shown wherever the version is: no secret may be in it.
        let fault = fault.map(|failed| account.secrets.scrub_error(failed.error.clone()).bounded());
        account.deployment.observe(&version, fault.as_ref());
        result.map_err(|failed| failed.error)
    }

    /// Completes a failure with whether the vendor may have received anything. Where the call was wrong that is a
    /// question only if a request was sent nevertheless.
    fn with_sent(&self, error: Error) -> Error {
        let sent = self.trace.request_sent();
        match error.kind {
            Kind::InvalidInput | Kind::UnknownOperation | Kind::Usage if !sent => Error {
                request_sent: None,
                ..error
            },
            _ => error.sent(sent),
        }
    }

    async fn check<T: Task>(
        &self,
        task: &T,
        version: &VersionGuard,
        until: Instant,
    ) -> Result<Effect, Error> {
        let connector = version.connector();
        let (manifest, effect) = (connector.manifest(), task.effect(connector));
        self.trace.served_by(&manifest.id, &manifest.version, effect);
        let checked = tokio::time::timeout_at(until, task.check(connector, until)).await;
        checked.unwrap_or_else(|_| Err(self.timed_out()))?;
        // A task that passes its check has an effect; the strictest one is no risk.
        Ok(effect.unwrap_or(Effect::Write))
    }

    /// Invokes the guest until it succeeds, or must not be invoked again.
    async fn attempts<T: Task>(
        &self,
        task: &T,
        version: &VersionGuard,
        effect: Effect,
        until: Instant,
    ) -> Result<T::Output, Failed> {
        let mut attempts = 1;
        loop {
            let failed = match self.attempt(task, version, until).await {
                Ok(output) => return Ok(output),
                Err(failed) => failed,
            };
            match retry::verdict(effect, &failed.error, &self.trace, attempts, until) {
                Verdict::Again(wait) => {
                    attempts += 1;
                    let call_id = self.trace.id();
                    let connection = &self.account.name;
                    let (kind, wait_ms) = (failed.error.kind.as_str(), wait.as_millis());
                    tracing::info!(%call_id, %connection, kind, wait_ms, "the call is repeated");
                    self.trace.again(wait);
                    tokio::select! {
                        biased;
                        () = version.cut() => return Err(self.drained(version).into()),
                        () = tokio::time::sleep(wait) => {}
                    }
                }
                Verdict::Enough(why) => {
                    self.trace.not_again(why);
                    return Err(failed);
                }
                Verdict::Settled => return Err(failed),
            }
        }
    }

    /// Invokes the guest once.
    async fn attempt<T: Task>(
        &self,
        task: &T,
        version: &VersionGuard,
        until: Instant,
    ) -> Result<T::Output, Failed> {
        let account = &self.account;
        // From here on the instance belongs to this call. Only a result brings it back.
        let mut pooled = match account.idle(version.connector()) {
            Some(pooled) => pooled,
            None => self.instantiate(version.connector(), until).await?,
        };
        let instance = &mut pooled.instance;
        instance.store.data_mut().begin(&CallScope {
            trace: self.trace.clone(),
            until,
            may_send: T::MAY_SEND,
        });
        instance.store.set_epoch_deadline(1);
        let returned = {
            let calling = tokio::time::timeout_at(until, task.call(instance));
            tokio::select! {
                biased;
                returned = calling => Some(returned),
                () = version.cut() => None,
            }
        };
        match returned {
            None => Err(self.drained(version).into()),
            Some(Err(_)) => Err(Failed {
                error: self.timed_out(),
                // A guest that was at work without a pause is at fault; one that waited isn't.
                // Nor is one whose caller gave it less time than the connection has.
                connector_fault: self.deadline >= account.limits.deadline
                    && !self.trace.is_waiting()
                    && pooled.instance.store.data().is_heavy(),
            }),
            Some(Ok(Err(error))) => Err(self.trapped(&error, &pooled.instance, version)),
            Some(Ok(Ok(result))) => {
                account.keep(pooled);
                match result {
                    Ok(raw) => task.finish(account, raw).map_err(|breach| {
                        let message = format!("the connector's result {breach}, which breaks the contract");
                        Failed::connector_fault(Error::new(Kind::Trapped, message))
                    }),
                    Err(failure) => {
                        let error = complete(failure, &self.trace);
                        // Its manifest names the operation, or the call had not come this far.
                        let connector_fault = error.kind == Kind::UnknownOperation;
                        Err(Failed {
                            error,
                            connector_fault,
                        })
                    }
                }
            }
        }
    }

    async fn instantiate(
        &self,
        connector: &Arc<Connector>,
        until: Instant,
    ) -> Result<Pooled<Instance>, Failed> {
        self.trace.fresh_instance();
        let made = tokio::time::timeout_at(until, self.account.instantiate(connector)).await;
        match made.map_err(|_| self.timed_out())?? {
            Ok(pooled) => Ok(pooled),
            Err(error) if error.is::<MemoryExceeded>() || error.is::<Trap>() => {
                let exceeded = error.downcast_ref().map(MemoryExceeded::advice);
                let failure = sandbox::failure(&connector.manifest().id, &error, exceeded, "");
                Err(Failed::connector_fault(failure))
            }
            Err(error) => Err(self.account.shared.engine.exhausted(&error).into()),
        }
    }

    fn trapped(&self, error: &wasmtime::Error, instance: &Instance, version: &VersionGuard) -> Failed {
        let printed = sandbox::printed(&instance.store.data().printed());
        let exceeded = instance.store.data().memory_exceeded();
        let exceeded = exceeded
            .map(|exceeded| exceeded.advice())
            .or_else(|| self.trace.exceeded_limit());
        let failure = sandbox::failure(&version.connector().manifest().id, error, exceeded, &printed);
        self.trace.trapped(sandbox::record(error, printed));
        // What a vendor sends may be too much for any version.
        let large = self.account.limits.memory / LARGE_ANSWER;
        Failed {
            connector_fault: failure.kind != Kind::LimitExceeded || self.trace.largest_response() < large,
            error: failure,
        }
    }

    fn drained(&self, version: &VersionGuard) -> Error {
        let manifest = version.connector().manifest();
        let message = format!(
            "version {} of {} was replaced, and the call didn't end within the {} that calls have to drain; call again, or raise serve.drain",
            manifest.version,
            manifest.id,
            humantime::format_duration(self.account.deployment.drain())
        );
        Error::new(Kind::Timeout, message)
    }

    fn timed_out(&self) -> Error {
        let deadline = humantime::format_duration(self.deadline);
        let waited = match self.trace.awaited_login() {
            None => "",
            Some(ClaimHolder::Call) => {
                " while the call waited for another call of the connection to log in; look at that call, or raise the deadline"
            }
            Some(ClaimHolder::Host) => {
                " while the call waited for another host that shares the sessions to log in; look at that host, or raise the deadline"
            }
        };
        Error::new(
            Kind::Timeout,
            format!("the deadline of {deadline} passed{waited}"),
        )
    }
}

impl Drop for Carried {
    fn drop(&mut self) {
        if !self.ended {
            self.keep(None);
        }
    }
}

/// A failure of the connector, completed by what the host knows better: a guest sees only that a
/// request was denied or that a response couldn't be read.
fn complete(mut error: Error, trace: &CallTrace) -> Error {
    if let (Kind::Denied, Some(denial)) = (error.kind, trace.denial()) {
        error.message = denial;
    }
    if let (Kind::InvalidSettings | Kind::Unreachable, Some(unsendable)) =
        (error.kind, trace.why_unsendable())
    {
        error.kind = Kind::InvalidSettings;
        error.message = unsendable;
    }
    if let (Kind::Unreachable | Kind::MalformedResponse, Some(limit)) = (error.kind, trace.exceeded_limit()) {
        error.kind = Kind::LimitExceeded;
        error.message = limit;
    }
    if let (Kind::MalformedResponse, Some(limit)) = (error.kind, trace.exceeded_response()) {
        error.message = format!(
            "the vendor's response has more than {limit} bytes; raise limits.response of the connection where that is expected"
        );
    }
    error
}
