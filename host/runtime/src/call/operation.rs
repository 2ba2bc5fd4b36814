//! A call of an operation.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;
use serde_json::value::RawValue;
use tokio::time::Instant;

use super::account::Account;
use super::carry::{Carried, Task};
use super::input::Input;
use crate::connector::{Connector, Instance};
use crate::error::Error;
use crate::json::{JsonShape, is_too_deep};
use crate::manifest::Effect;
use crate::sandbox::Limits;
use crate::trace::{CallId, CallKind, CallRecord, CallTrace, Subject};

/// One call of an operation, with an input that is a [`Value`] or JSON text.
#[derive(Debug)]
pub struct Call<'a, I: ?Sized = Value> {
    /// Tells it from every other call.
    pub id: CallId,
    /// The operation's id.
    pub operation: &'a str,
    /// Its input.
    pub input: &'a I,
    /// How long it may take, everything included. `None`: as the connection's limits say.
    pub deadline: Option<Duration>,
}

impl<I: ?Sized> Clone for Call<'_, I> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<I: ?Sized> Copy for Call<'_, I> {}

impl<'a, I: Input + ?Sized> Call<'a, I> {
    /// A call with an id of its own, within the connection's deadline.
    #[must_use]
    pub fn new(operation: &'a str, input: &'a I) -> Self {
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

/// Carries out an operation, and builds its output.
pub(crate) async fn invoke<I: Input + ?Sized>(account: &Arc<Account>, call: Call<'_, I>) -> Outcome {
    carry(account, call, build).await
}

/// Carries out an operation, and gives the output as the text that it is.
pub(crate) async fn invoke_text<I: Input + ?Sized>(
    account: &Arc<Account>,
    call: Call<'_, I>,
) -> Outcome<Box<RawValue>> {
    carry(account, call, check).await
}

async fn carry<I: Input + ?Sized, O>(
    account: &Arc<Account>,
    call: Call<'_, I>,
    finish: Finish<O>,
) -> Outcome<O> {
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
        .run(&Operation { call, finish }, call.operation)
        .await;
    Outcome { result, record }
}

/// Makes the caller's output of the connector's; the error says in which way that breaks the contract.
type Finish<O> = fn(&Account, String) -> Result<O, String>;

#[expect(clippy::needless_pass_by_value, reason = "as `check` takes it")]
fn build(account: &Account, output: String) -> Result<Value, String> {
    let mut value = serde_json::from_str(&output).map_err(|error| format!("isn't JSON: {error}"))?;
    account.secrets.scrub_value(&output, &mut value);
    Ok(value)
}

/// Nothing is built of the text: that would take many times its memory.
fn check(account: &Account, output: String) -> Result<Box<RawValue>, String> {
    let output = RawValue::from_string(output).map_err(|error| format!("isn't JSON: {error}"))?;
    if is_too_deep(output.get()) {
        let most = JsonShape::MAX_DEPTH;
        return Err(format!("is nested deeper than the {most} levels that are taken"));
    }
    account.secrets.scrub_json(output)
}

struct Operation<'a, I: ?Sized, O> {
    call: Call<'a, I>,
    finish: Finish<O>,
}

impl<I: Input + ?Sized, O> Task for Operation<'_, I, O> {
    type Raw = String;
    type Output = O;

    const MAY_SEND: bool = true;

    fn effect(&self, connector: &Connector) -> Option<Effect> {
        let operation = connector.catalog().operation(self.call.operation).ok()?;
        Some(operation.effect)
    }

    async fn check(&self, connector: &Connector, until: Instant) -> Result<(), Error> {
        let input = self.call.input.value()?;
        connector
            .catalog()
            .validate_within(self.call.operation, &input, until)
            .await
    }

    async fn call(&self, instance: &mut Instance) -> wasmtime::Result<Result<String, Error>> {
        let Instance { store, exports, .. } = instance;
        let input = self.call.input.text();
        exports.invoke(store, self.call.operation, input).await
    }

    fn finish(&self, account: &Account, output: String) -> Result<O, String> {
        (self.finish)(account, output)
    }
}
