//! What a connector says of itself. The types are the contract's, whichever version of it a component speaks.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::error::Kind;

/// What a later version of the contract adds to a record, by name.
pub type Annotations = BTreeMap<String, Value>;

/// What an operation does at the vendor, and so whether a call of it may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Sets a state that the input names: repeating it changes nothing more.
    Idempotent,
    /// Must not be repeated unless nothing was sent.
    Write,
}

impl Effect {
    /// The effect as it stands in a manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::Write => "write",
        }
    }
}

/// A value that one page's output hands to the next page's input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Cursor {
    /// JSON Pointer into the output. Absent, `null`, `""` and `false` end the walk.
    pub output: String,
    /// JSON Pointer into the input.
    pub input: String,
}

impl Cursor {
    /// A cursor from a place in the output to a place in the input, both JSON Pointers.
    pub fn new(output: impl Into<String>, input: impl Into<String>) -> Self {
        Self {
            output: output.into(),
            input: input.into(),
        }
    }
}

/// How the walk from one page to the next advances. All places are JSON Pointers (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Advance {
    /// By the number of the page.
    PageNumber {
        /// Where the input holds it.
        page: String,
        /// The number of the first page.
        first: u32,
    },
    /// By the number of items before the page.
    Offset {
        /// Where the input holds it.
        offset: String,
        /// The number that the first page has.
        first: u32,
    },
    /// By values that the output hands on.
    Cursors(Vec<Cursor>),
    /// By a value of the last item.
    LastItem {
        /// Where the item holds it; empty: the item itself.
        item: String,
        /// Where the input takes it.
        input: String,
    },
}

/// How to walk an operation that answers in pages. All places are JSON Pointers (RFC 6901).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Paging {
    /// How the walk advances.
    pub advance: Advance,
    /// Where the input holds how many items a page has.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<String>,
    /// Where the output holds the array of items.
    pub items: String,
    /// Where the output holds how many items there are altogether.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
    /// Where the output holds whether there is a further page.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<String>,
}

impl Paging {
    /// Paging that says how it advances and where the items are, and nothing else.
    pub fn new(advance: Advance, items: impl Into<String>) -> Self {
        Self {
            advance,
            size: None,
            items: items.into(),
            total: None,
            more: None,
        }
    }
}

/// Method and path of the vendor's HTTP API, as its document has them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Route {
    /// Upper case: `POST`.
    pub method: String,
    /// Placeholders stand in braces: `/robots/{id}`.
    pub path: String,
}

impl Route {
    /// A route.
    pub fn new(method: impl Into<String>, path: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            path: path.into(),
        }
    }
}

/// One thing that a connector can do.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Operation {
    /// Its id: `robot.list`.
    pub id: String,
    /// The vendor's own name for it, in the vendor's language.
    pub title: String,
    /// One line.
    pub summary: String,
    /// Markdown; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it does at the vendor.
    pub effect: Effect,
    /// Method and path; absent where it is made of several requests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub route: Option<Route>,
    /// Where the vendor documents it.
    pub reference: String,
    /// How to walk it, where it answers in pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<Paging>,
    /// What later versions of the contract add.
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
    /// JSON Schema of the input.
    pub input_schema: Value,
    /// JSON Schema of the output.
    pub output_schema: Value,
}

impl Operation {
    /// An operation with an id, an effect and the schemas of its input and its output.
    pub fn new(id: impl Into<String>, effect: Effect, input_schema: Value, output_schema: Value) -> Self {
        Self {
            id: id.into(),
            title: String::new(),
            summary: String::new(),
            description: String::new(),
            effect,
            route: None,
            reference: String::new(),
            pages: None,
            annotations: Annotations::new(),
            input_schema,
            output_schema,
        }
    }
}

/// What a host must know of a setting's value in order to handle it. Later kinds are more protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum SettingKind {
    /// May be shown.
    Plain,
    /// A URL to whose origin requests may go. May be shown.
    Origin,
    /// The connector computes with it or compares it, and so gets the value. Never shown.
    Key,
    /// Goes into requests as it is; the connector gets a placeholder. Never shown.
    Secret,
}

impl SettingKind {
    /// The kind as it stands in a manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Origin => "origin",
            Self::Key => "key",
            Self::Secret => "secret",
        }
    }

    /// Whether values may be shown.
    #[must_use]
    pub fn is_public(self) -> bool {
        matches!(self, Self::Plain | Self::Origin)
    }
}

/// Something that the operator configures for a connection.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Setting {
    /// Its name: `base_url`.
    pub name: String,
    /// How its value is handled.
    pub kind: SettingKind,
    /// What it is and where to get it.
    pub summary: String,
    /// Whether calls are impossible without it.
    pub required: bool,
    /// What holds when it isn't given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// JSON Schema of its value: of the text where it is of type `string`, else of the JSON in it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema: Option<Value>,
    /// What later versions of the contract add.
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
}

impl Setting {
    /// A setting that may be left out.
    pub fn new(name: impl Into<String>, kind: SettingKind) -> Self {
        Self {
            name: name.into(),
            kind,
            summary: String::new(),
            required: false,
            default: None,
            schema: None,
            annotations: Annotations::new(),
        }
    }
}

/// A kind of inbound request that a connector understands.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Callback {
    /// The kind of its events: `workflow-run`.
    pub kind: String,
    /// One line.
    pub summary: String,
    /// Markdown; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where the vendor documents it.
    pub reference: String,
    /// What later versions of the contract add.
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
    /// JSON Schema of an event's payload.
    pub payload_schema: Value,
}

impl Callback {
    /// A callback with the kind of its events and the schema of their payloads.
    pub fn new(kind: impl Into<String>, payload_schema: Value) -> Self {
        Self {
            kind: kind.into(),
            summary: String::new(),
            description: String::new(),
            reference: String::new(),
            annotations: Annotations::new(),
            payload_schema,
        }
    }
}

/// One of the vendor's own codes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct VendorCode {
    /// As it stands in a refusal.
    pub code: String,
    /// What the vendor's document says of it, in the vendor's language.
    pub meaning: String,
    /// The failure that it leads to.
    pub kind: Kind,
}

impl VendorCode {
    /// A code with its meaning and the failure that it leads to.
    pub fn new(code: impl Into<String>, meaning: impl Into<String>, kind: Kind) -> Self {
        Self {
            code: code.into(),
            meaning: meaning.into(),
            kind,
        }
    }
}

/// A record that the connector stores.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct StoredRecord {
    /// What follows the last slash of its key.
    pub name: String,
    /// Whether its strings must never be shown.
    pub secret: bool,
}

impl StoredRecord {
    /// A record of this name.
    pub fn new(name: impl Into<String>, secret: bool) -> Self {
        Self {
            name: name.into(),
            secret,
        }
    }
}

/// What a connector is and can do.
#[derive(Debug, Clone, Default, PartialEq, Serialize)]
#[non_exhaustive]
pub struct Manifest {
    /// The connector's id.
    pub id: String,
    /// Whose API it speaks.
    pub vendor: String,
    /// What it is for.
    pub summary: String,
    /// Its version.
    pub version: String,
    /// What the operator configures.
    pub settings: Vec<Setting>,
    /// What it can do.
    pub operations: Vec<Operation>,
    /// What its vendor calls back about.
    pub callbacks: Vec<Callback>,
    /// The vendor's codes.
    pub codes: Vec<VendorCode>,
    /// What it stores. A record that isn't named here is secret.
    pub stored_records: Vec<StoredRecord>,
    /// What later versions of the contract add.
    #[serde(skip_serializing_if = "Annotations::is_empty")]
    pub annotations: Annotations,
}

impl Manifest {
    /// What the vendor's document says of one of its codes.
    #[must_use]
    pub fn code(&self, code: &str) -> Option<&VendorCode> {
        self.codes.iter().find(|known| known.code == code)
    }

    /// A setting by its name.
    #[must_use]
    pub fn setting(&self, name: &str) -> Option<&Setting> {
        self.settings.iter().find(|setting| setting.name == name)
    }
}
