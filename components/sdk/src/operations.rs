//! The table of a connector's operations, and everything that derives from it.

use serde_json::Value;

use crate::callbacks::Callback;
use crate::encode::Encoded;
use crate::endpoint::{Answer, Effect, Endpoint, Pages};
use crate::failure::Failure;
use crate::host::Host;
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
    /// What it can do.
    const OPERATIONS: &'static [Operation<Self>];

    /// What its vendor calls back about. Goes with [`Receiver`](crate::callbacks::Receiver).
    const CALLBACKS: &'static [Callback] = &[];

    /// Reads the settings. Sends nothing.
    fn open(host: Host) -> Result<Self, Failure>;

    /// The host that it was opened with.
    fn host(&self) -> &Host;

    /// Sends one encoded request as this vendor wants it, and opens the envelope of its answer.
    fn call(&self, call: &Call) -> Result<Value, Failure>;
}

/// One request of an operation, on its way to the vendor.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// The operation's id.
    pub operation: &'static str,
    /// How a successful answer is read.
    pub answer: Answer,
    /// The request but for host and authentication.
    pub request: Encoded,
}

/// A row of the table: an endpoint and what carries it out.
pub struct Operation<C> {
    id: &'static str,
    describe: fn(document: &str) -> Description,
    run: fn(&C, &str) -> Result<Value, Failure>,
}

/// What the manifest says of an operation.
#[derive(Debug, Clone, PartialEq)]
pub struct Description {
    /// The operation's id.
    pub id: &'static str,
    /// One line.
    pub summary: String,
    /// Everything else that a caller must know.
    pub description: String,
    /// What it does at the vendor.
    pub effect: Effect,
    /// JSON Schema of the input.
    pub input: Value,
    /// JSON Schema of the output.
    pub output: Value,
    /// Where the vendor documents it.
    pub reference: String,
    /// How to walk it.
    pub pages: Option<Pages>,
}

/// An operation that is more than one request: takes the place of encoding and sending.
pub trait Handler<C>: Endpoint {
    /// Carries the operation out.
    fn handle(&self, connector: &C) -> Result<Value, Failure>;
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

    /// The operation's id.
    #[must_use]
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// What the manifest says of it.
    #[must_use]
    pub fn describe(&self) -> Description {
        (self.describe)(C::DOCUMENT)
    }
}

/// Carries out one operation of `C`. `input` is a JSON text, and so is the result.
pub fn invoke<C: Connector>(host: Host, operation: &str, input: &str) -> Result<String, Failure> {
    let row = C::OPERATIONS
        .iter()
        .find(|row| row.id == operation)
        .ok_or_else(|| Failure::UnknownOperation(operation.to_owned()))?;
    let connector = C::open(host.with_defaults(C::SETTINGS))?;
    (row.run)(&connector, input).map(|output| output.to_string())
}

/// Encodes an endpoint and sends it, at the path that holds in this deployment.
pub fn send<C: Connector, E: Endpoint>(connector: &C, endpoint: &E) -> Result<Value, Failure> {
    let path = connector.host().settings().path_override(E::ID)?;
    let payload = connector.call(&Call {
        operation: E::ID,
        answer: E::ANSWER,
        request: Encoded::endpoint(endpoint, path.as_deref().unwrap_or(E::PATH))?,
    })?;
    Ok(match payload {
        Value::Null => empty::<E>(),
        payload => payload,
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
        reference: reference(document, &documentation),
        summary: documentation.summary,
        description: documentation.description,
        effect: E::EFFECT,
        input,
        output,
        pages: E::PAGES,
    }
}

/// Where a vendor documents something.
pub(crate) fn reference(document: &str, documentation: &schema::Documentation) -> String {
    match documentation.reference.as_str() {
        "" => document.to_owned(),
        section => format!("{document}, {}", section.replacen("Section", "section", 1)),
    }
}

/// The table of a connector's operations: `operations![robot::List, robot::Update]`. Those that are a
/// [`Handler`] follow after a semicolon: `operations![robot::List; job::RunAndWait]`.
#[macro_export]
macro_rules! operations {
    ($($endpoint:path),* $(,)? $(; $($handler:path),* $(,)?)?) => {
        &[
            $($crate::operations::Operation::endpoint::<$endpoint>(),)*
            $($($crate::operations::Operation::handler::<$handler>(),)*)?
        ]
    };
}
