//! The table of a connector's operations, and everything that derives from it.

use std::cell::OnceCell;

use serde_json::Value;

use crate::callbacks::Callback;
use crate::codes::VendorCode;
use crate::encode::Encoded;
use crate::endpoint::{Annotations, Answer, Declaration, Effect, Endpoint, Method, Pages};
use crate::failure::Failure;
use crate::host::Host;
use crate::params::Params;
use crate::payload::Payload;
use crate::settings::{self, Setting};
use crate::shape::{Field, Object, Shape};
use crate::{check, schema};

/// One vendor integration.
pub trait Connector: Sized + 'static {
    /// The connector's id: `isearch-rpa`.
    const ID: &'static str;
    /// Whose API it speaks.
    const VENDOR: &'static str;
    /// One line: what it is for.
    const SUMMARY: &'static str;
    /// The connector's version: `env!("CARGO_PKG_VERSION")`.
    const VERSION: &'static str;
    /// The document that the endpoints' sections are in.
    const DOCUMENT: &'static str;
    /// What the operator configures.
    const SETTINGS: &'static [Setting];
    /// What it can do: one table per group of operations. See [`operations!`](crate::operations!).
    const OPERATIONS: &'static [&'static [Operation<Self>]];

    /// What its vendor calls back about. Goes with [`Receiver`](crate::callbacks::Receiver).
    const CALLBACKS: &'static [Callback] = &[];
    /// The vendor's codes, as its document lists them.
    const CODES: &'static [VendorCode] = &[];
    /// What it stores: [`session::RECORDS`](crate::session::RECORDS) where it has sessions. A host takes a
    /// record that isn't named here for a secret.
    const STORED_RECORDS: &'static [StoredRecord] = &[];
    /// What the manifest says of it besides.
    const ANNOTATIONS: Annotations = &[];

    /// Reads the settings. Sends nothing. An instance opens a connector for its first call and keeps it for the
    /// others.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where a setting is missing or unusable. The next call opens another one.
    fn open(host: Host) -> Result<Self, Failure>;

    /// Returns the host that it was opened with.
    fn host(&self) -> &Host;

    /// Sends one encoded request as this vendor takes it, and opens the envelope of its answer.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] that an exchange with the vendor may have.
    fn call(&self, call: &Call) -> Result<Payload, Failure>;
}

/// A record that a connector stores through `wasi:keyvalue`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredRecord {
    /// What follows the last slash of its key.
    pub name: &'static str,
    /// Whether its strings must never be shown.
    pub secret: bool,
}

/// One request of an operation, on its way to the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The operation's id.
    pub operation: &'static str,
    /// How a successful answer is read.
    pub answer: Answer,
    /// How the operation is walked, where it answers in pages.
    pub pages: Option<Pages>,
    /// The setting that the request's base URL is in, where it isn't `base_url`.
    pub origin: Option<&'static str>,
    /// The request but for host and authentication.
    pub request: Encoded,
}

impl Call {
    /// Encodes an operation, at the path that holds in this deployment.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] where a parameter can't travel, [`Failure::InvalidSettings`] where the path
    /// from `path_overrides` can't be used.
    pub fn encode(host: &Host, declaration: &Declaration, params: Params) -> Result<Self, Failure> {
        let path = host.settings().path_override(declaration.id)?;
        let documented = declaration.route.as_ref().map_or("", |route| route.path);
        Ok(Self {
            operation: declaration.id,
            answer: declaration.answer,
            pages: declaration.pages,
            origin: declaration.origin,
            request: Encoded::endpoint(declaration, params, path.as_deref().unwrap_or(documented))?,
        })
    }

    /// Returns the URL that the request's path follows.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where the setting is missing or no URL.
    pub fn base_url(&self, host: &Host) -> Result<String, Failure> {
        host.settings()
            .url(self.origin.unwrap_or(settings::BASE_URL.name))
    }
}

/// A row of the table: an endpoint and what carries it out.
#[derive(Debug)]
pub struct Operation<C> {
    declaration: &'static Declaration,
    handle: Option<Handle<C>>,
}

type Handle<C> = fn(&C, Params) -> Result<Payload, Failure>;

/// What the manifest says of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The operation's id.
    pub id: &'static str,
    /// The vendor's own name for it.
    pub title: &'static str,
    /// One line.
    pub summary: &'static str,
    /// Everything else that a caller must know.
    pub description: &'static str,
    /// What it does at the vendor.
    pub effect: Effect,
    /// Method and path, where it has one.
    pub route: Option<(Method, &'static str)>,
    /// JSON Schema of the input.
    pub input: String,
    /// JSON Schema of the output.
    pub output: String,
    /// Where the vendor documents it.
    pub reference: String,
    /// How to walk it.
    pub pages: Option<Pages>,
    /// What the manifest says of it besides.
    pub annotations: Annotations,
}

/// An operation that is more than one request: takes the place of encoding and sending.
pub trait Handler<C>: Endpoint {
    /// Carries the operation out, with checked parameters.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] that its exchanges with the vendor may have.
    fn handle(connector: &C, params: Params) -> Result<Payload, Failure>;
}

impl<C: Connector> Operation<C> {
    /// An operation that is one request.
    #[must_use]
    pub const fn endpoint<E: Endpoint>() -> Self {
        Self {
            declaration: E::DECLARATION,
            handle: None,
        }
    }

    /// An operation that is more than one request.
    #[must_use]
    pub const fn handler<E: Handler<C>>() -> Self {
        Self {
            declaration: E::DECLARATION,
            handle: Some(E::handle),
        }
    }

    /// Returns the operation's id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.declaration.id
    }

    /// Returns what is declared of it.
    #[must_use]
    pub fn declaration(&self) -> &'static Declaration {
        self.declaration
    }

    /// Returns what the manifest says of it.
    #[must_use]
    pub fn describe(&self) -> Description {
        let declaration = self.declaration;
        let route = declaration.route.as_ref();
        Description {
            id: declaration.id,
            title: declaration.title,
            summary: declaration.documentation.summary,
            description: declaration.documentation.description,
            effect: declaration.effect,
            route: route.map(|route| (route.method.clone(), route.path)),
            input: schema::of_input(declaration.input, declaration.examples),
            output: schema::of_output(declaration.output),
            reference: declaration.documentation.reference(C::DOCUMENT),
            pages: declaration.pages,
            annotations: declaration.annotations,
        }
    }

    fn run(&self, connector: &C, input: &str) -> Result<Payload, Failure> {
        let params = parse(self.declaration, input)?;
        match self.handle {
            Some(handle) => handle(connector, params),
            None => send(connector, self.declaration, params),
        }
    }
}

/// Returns the operations of `C`, group by group.
pub fn all<C: Connector>() -> impl Iterator<Item = &'static Operation<C>> {
    C::OPERATIONS.iter().copied().flatten()
}

/// Carries out one operation of `C` with a connector opened for it. `input` is a JSON text, and so is the result.
///
/// # Errors
///
/// The operation's [`Failure`].
pub fn invoke<C: Connector>(host: Host, operation: &str, input: &str) -> Result<String, Failure> {
    invoke_kept(&OnceCell::<C>::new(), || Ok(host), operation, input)
}

/// Carries out one operation with the connector that is kept, and opens and keeps one where there is none.
///
/// # Errors
///
/// The operation's [`Failure`].
pub fn invoke_kept<C: Connector>(
    kept: &OnceCell<C>,
    host: impl FnOnce() -> Result<Host, Failure>,
    operation: &str,
    input: &str,
) -> Result<String, Failure> {
    let row = all::<C>()
        .find(|row| row.id() == operation)
        .ok_or_else(|| Failure::UnknownOperation(operation.to_owned()))?;
    let connector = if let Some(connector) = kept.get() {
        connector
    } else {
        let opened = C::open(host()?.with_defaults(C::SETTINGS))?;
        kept.get_or_init(|| opened)
    };
    connector.host().begin();
    match row.run(connector, input) {
        Ok(output) => Ok(output.into_text()),
        Err(failure) if connector.host().has_sent() => Err(failure.after_a_request()),
        Err(failure) => Err(failure),
    }
}

/// Encodes an operation and sends it, at the path that holds in this deployment.
///
/// # Errors
///
/// The [`Failure`] of encoding it or of the exchange.
pub fn send<C: Connector>(
    connector: &C,
    declaration: &Declaration,
    params: Params,
) -> Result<Payload, Failure> {
    let payload = connector.call(&Call::encode(connector.host(), declaration, params)?)?;
    Ok(if payload.is_null() {
        empty(declaration).into()
    } else {
        payload
    })
}

/// What stands for an absent payload: an empty list or page where the endpoint answers with one, else
/// `null`.
fn empty(declaration: &Declaration) -> Value {
    match declaration.output {
        Shape::List(_) => Value::Array(Vec::new()),
        Shape::Object(object) => empty_page(object).unwrap_or(Value::Null),
        _ => Value::Null,
    }
}

fn empty_page(object: &Object) -> Option<Value> {
    let required = |name: &str| object.field(name).is_some_and(Field::is_required);
    let rows = ["items", "rows"].into_iter().find(|name| required(name))?;
    required("total").then(|| {
        let members = [("total", Value::from(0)), (rows, Value::Array(Vec::new()))];
        Value::Object(
            members
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    })
}

/// Checks an input, a JSON text, against what an operation takes.
///
/// # Errors
///
/// [`Failure::InvalidInput`] with all that is wrong.
pub(crate) fn parse(declaration: &Declaration, input: &str) -> Result<Params, Failure> {
    let params = check::input(declaration.input, input)?;
    let violations = declaration.check.map(|check| check(&params)).unwrap_or_default();
    if violations.is_empty() {
        Ok(params)
    } else {
        Err(Failure::InvalidInput(violations))
    }
}

/// The table of a group's operations: `operations![List, Update]`. Those that are a [`Handler`] follow after
/// a semicolon: `operations![List; RunAndWait]`.
#[macro_export]
macro_rules! operations {
    ($($endpoint:path),* $(,)? $(; $($handler:path),* $(,)?)?) => {
        &[
            $($crate::operations::Operation::endpoint::<$endpoint>(),)*
            $($($crate::operations::Operation::handler::<$handler>(),)*)?
        ]
    };
}
