//! The table of a connector's operations, and everything that derives from it.

use std::cell::OnceCell;

use serde_json::Value;

use crate::callbacks::Callback;
use crate::codes::VendorCode;
use crate::encode::Encoded;
use crate::endpoint::{Annotations, Answer, Effect, Endpoint, Method, Pages};
use crate::failure::Failure;
use crate::host::Host;
use crate::payload::Payload;
use crate::schema;
use crate::settings::Setting;

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
    /// How a successful answer is read.
    pub answer: Answer,
    /// How the operation is walked, where it answers in pages.
    pub pages: Option<Pages>,
    /// The request but for host and authentication.
    pub request: Encoded,
}

impl Call {
    /// Encodes an endpoint, at the path that holds in this deployment.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] where a parameter can't travel, [`Failure::InvalidSettings`] where the path
    /// from `path_overrides` can't be used.
    pub fn encode<E: Endpoint>(host: &Host, endpoint: &E) -> Result<Self, Failure> {
        let path = host.settings().path_override(E::ID)?;
        Ok(Self {
            answer: E::ANSWER,
            pages: E::PAGES,
            request: Encoded::endpoint(endpoint, path.as_deref().unwrap_or(E::PATH))?,
        })
    }
}

/// A row of the table: an endpoint and what carries it out.
pub struct Operation<C> {
    id: &'static str,
    describe: fn(document: &str) -> Description,
    run: fn(&C, &str) -> Result<Payload, Failure>,
}

/// What the manifest says of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The operation's id.
    pub id: &'static str,
    /// The vendor's own name for it.
    pub title: &'static str,
    /// One line.
    pub summary: String,
    /// Everything else that a caller must know.
    pub description: String,
    /// What it does at the vendor.
    pub effect: Effect,
    /// Method and path, where it has one.
    pub route: Option<(Method, &'static str)>,
    /// JSON Schema of the input.
    pub input: Value,
    /// JSON Schema of the output.
    pub output: Value,
    /// Where the vendor documents it.
    pub reference: String,
    /// How to walk it.
    pub pages: Option<Pages>,
    /// What the manifest says of it besides.
    pub annotations: Annotations,
}

/// An operation that is more than one request: takes the place of encoding and sending.
pub trait Handler<C>: Endpoint {
    /// Carries the operation out.
    ///
    /// # Errors
    ///
    /// Any [`Failure`] that its exchanges with the vendor may have.
    fn handle(&self, connector: &C) -> Result<Payload, Failure>;
}

impl<C: Connector> Operation<C> {
    /// An operation that is one request.
    #[must_use]
    pub const fn endpoint<E: Endpoint>() -> Self {
        Self {
            id: E::ID,
            describe: describe::<E>,
            run: |connector, input| {
                let endpoint = parse::<E>(input)?;
                send(connector, &endpoint)
            },
        }
    }

    /// An operation that is more than one request.
    #[must_use]
    pub const fn handler<E: Handler<C>>() -> Self {
        Self {
            id: E::ID,
            describe: describe::<E>,
            run: |connector, input| parse::<E>(input)?.handle(connector),
        }
    }

    /// Returns the operation's id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// Returns what the manifest says of it.
    #[must_use]
    pub fn describe(&self) -> Description {
        (self.describe)(C::DOCUMENT)
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
        .find(|row| row.id == operation)
        .ok_or_else(|| Failure::UnknownOperation(operation.to_owned()))?;
    let connector = if let Some(connector) = kept.get() {
        connector
    } else {
        let opened = C::open(host()?.with_defaults(C::SETTINGS))?;
        kept.get_or_init(|| opened)
    };
    connector.host().begin();
    match (row.run)(connector, input) {
        Ok(output) => Ok(output.into_text()),
        Err(failure) if connector.host().has_sent() => Err(failure.after_a_request()),
        Err(failure) => Err(failure),
    }
}

/// Encodes an endpoint and sends it, at the path that holds in this deployment.
///
/// # Errors
///
/// The [`Failure`] of encoding it or of the exchange.
pub fn send<C: Connector, E: Endpoint>(connector: &C, endpoint: &E) -> Result<Payload, Failure> {
    let payload = connector.call(&Call::encode(connector.host(), endpoint)?)?;
    Ok(if payload.is_null() {
        empty::<E>().into()
    } else {
        payload
    })
}

/// What stands for an absent payload: an empty list or page where the endpoint answers with one, else
/// `null`.
fn empty<E: Endpoint>() -> Value {
    let (schema, _) = schema::of::<E::Response>();
    if schema["type"] == "array" {
        return Value::Array(Vec::new());
    }
    for rows in ["items", "rows"] {
        let listed = |name: &str| {
            schema["required"]
                .as_array()
                .is_some_and(|names| names.iter().any(|n| n == name))
        };
        if listed("total") && listed(rows) {
            return serde_json::json!({ "total": 0, rows: [] });
        }
    }
    Value::Null
}

fn parse<E: Endpoint>(input: &str) -> Result<E, Failure> {
    // A derived `Deserialize` takes an array too, for the fields in their order.
    if !input.trim_start().starts_with('{') {
        return Err(Failure::invalid_input("", "must be an object"));
    }
    let endpoint: E =
        serde_json::from_str(input).map_err(|error| Failure::invalid_input("", error.to_string()))?;
    let violations = endpoint.check();
    if violations.is_empty() {
        Ok(endpoint)
    } else {
        Err(Failure::InvalidInput(violations))
    }
}

fn describe<E: Endpoint>(document: &str) -> Description {
    let (input, documentation) = schema::of_input::<E>();
    let (output, _) = schema::of::<E::Response>();
    Description {
        id: E::ID,
        title: E::TITLE,
        reference: reference(document, &documentation),
        summary: documentation.summary,
        description: documentation.description,
        effect: E::EFFECT,
        route: (!E::PATH.is_empty()).then_some((E::METHOD, E::PATH)),
        input,
        output,
        pages: E::PAGES,
        annotations: E::ANNOTATIONS,
    }
}

/// Where a vendor documents something.
pub(crate) fn reference(document: &str, documentation: &schema::Documentation) -> String {
    match documentation.reference.as_str() {
        "" => document.to_owned(),
        section => format!("{document}, {}", section.replacen("Section", "section", 1)),
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
