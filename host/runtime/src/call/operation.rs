//! A call of an operation.

use std::sync::Arc;
use std::time::Duration;

use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::time::Instant;

use super::account::Account;
use super::carry::{Carried, Task};
use crate::connector::{Connector, Instance};
use crate::error::Error;
use crate::json::JsonShape;
use crate::manifest::Effect;
use crate::sandbox::Limits;
use crate::trace::{CallId, CallKind, CallRecord, CallTrace, Subject};

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

impl<'a> Call<'a> {
    /// A call with an id of its own, within the connection's deadline.
    #[must_use]
    pub fn new(operation: &'a str, input: &'a Value) -> Self {
        Self {
            id: CallId::new(),
            operation,
            input,
            deadline: None,
        }
    }
}

/// What became of a call.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Outcome<T = Value> {
    /// The output, or how it failed.
    pub result: Result<T, Error>,
    /// What happened.
    pub record: Arc<CallRecord>,
}

/// Carries out an operation.
pub(crate) async fn invoke(account: &Arc<Account>, call: Call<'_>) -> Outcome {
    carry(account, call, &call).await
}

/// Carries out an operation, and gives the output as the text that it is.
pub(crate) async fn invoke_for_text(account: &Arc<Account>, call: Call<'_>) -> Outcome<String> {
    carry(account, call, &ForText(call)).await
}

async fn carry<T: Task>(account: &Arc<Account>, call: Call<'_>, task: &T) -> Outcome<T::Output> {
    let deadline = call
        .deadline
        .unwrap_or(account.limits.deadline)
        .min(Limits::MAX_DEADLINE);
    let subject = Subject {
        kind: CallKind::Operation,
        connection: &account.name,
        operation: call.operation,
    };
    let trace = CallTrace::new(call.id, subject, deadline, account.policy.texts());
    let (result, record) = Carried::new(account, trace, deadline)
        .run(task, call.operation)
        .await;
    Outcome { result, record }
}

impl Task for Call<'_> {
    type Raw = String;
    type Output = Value;

    const MAY_SEND: bool = true;

    fn effect(&self, connector: &Connector) -> Option<Effect> {
        let operation = connector.catalog().operation(self.operation).ok()?;
        Some(operation.effect)
    }

    async fn check(&self, connector: &Connector, until: Instant) -> Result<(), Error> {
        connector
            .catalog()
            .validate_within(self.operation, self.input, until)
            .await
    }

    async fn call(&self, instance: &mut Instance) -> wasmtime::Result<Result<String, Error>> {
        let Instance { store, exports, .. } = instance;
        exports
            .invoke(store, self.operation, self.input.to_string())
            .await
    }

    fn finish(&self, account: &Account, output: String) -> Result<Value, String> {
        let mut value = serde_json::from_str(&output).map_err(|error| format!("isn't JSON: {error}"))?;
        account.secrets.scrub_value(&output, &mut value);
        Ok(value)
    }
}

/// The same call, whose output stays text.
struct ForText<'a>(Call<'a>);

impl Task for ForText<'_> {
    type Raw = String;
    type Output = String;

    const MAY_SEND: bool = true;

    fn effect(&self, connector: &Connector) -> Option<Effect> {
        self.0.effect(connector)
    }

    async fn check(&self, connector: &Connector, until: Instant) -> Result<(), Error> {
        self.0.check(connector, until).await
    }

    async fn call(&self, instance: &mut Instance) -> wasmtime::Result<Result<String, Error>> {
        self.0.call(instance).await
    }

    fn finish(&self, account: &Account, output: String) -> Result<String, String> {
        serde_json::from_str::<IgnoredAny>(&output).map_err(|error| format!("isn't JSON: {error}"))?;
        let depth = JsonShape::of(output.as_bytes()).depth;
        if depth > JsonShape::MAX_DEPTH {
            return Err(format!(
                "is nested {depth} levels deep; at most {} are taken",
                JsonShape::MAX_DEPTH
            ));
        }
        account.secrets.scrub_json(output)
    }
}
