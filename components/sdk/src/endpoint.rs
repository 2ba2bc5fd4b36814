//! The declaration of one operation.

use std::borrow::Cow;

use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::encode::Part;
use crate::failure::{Failure, Violation};

/// HTTP method of an endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// `GET`: parameters travel in the query.
    Get,
    /// `POST`: parameters travel in the body.
    Post,
    /// `PUT`: parameters travel in the body.
    Put,
    /// `DELETE`: parameters travel in the body.
    Delete,
}

impl Method {
    /// The method as it stands in a request line.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Get => "GET",
            Self::Post => "POST",
            Self::Put => "PUT",
            Self::Delete => "DELETE",
        }
    }
}

/// What an operation does at the vendor, and so whether it may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Sets a state that the input names: repeating it changes nothing more.
    Idempotent,
    /// Creates, starts, pops, approves or transfers: must not be repeated blindly.
    Write,
}

/// Where the parameters travel that are not in the path or in [`Endpoint::IN_QUERY`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encoding {
    /// Query for `GET`, JSON for everything else.
    ByMethod,
    /// In the query, whatever the method.
    Query,
    /// In the query, and the same again as a JSON body.
    QueryAndJson,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`, as [`Endpoint::parts`] says.
    Multipart,
}

/// How a successful answer is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Answer {
    /// The vendor's JSON envelope.
    Envelope,
    /// The bytes of a file.
    File,
}

/// How to walk a list operation that answers in pages. See the contract's `pages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// The input property that holds the number of the page.
    pub page: &'static str,
    /// The number of the first page.
    pub first: u32,
    /// The input property that holds how many items a page has.
    pub size: &'static str,
    /// JSON Pointer into the output: the array of items.
    pub items: &'static str,
    /// JSON Pointer into the output: how many items there are altogether.
    pub total: Option<&'static str>,
}

/// One documented operation of a vendor: the struct is its set of parameters, the doc comment its
/// description, the constants its route. Discovery, schemas, validation, encoding and documentation
/// all derive from it.
///
/// The first paragraph of the doc comment is the summary. A paragraph that starts with `Section` says
/// where the vendor's document has it. The rest is the description.
///
/// Field names are the vendor's own parameter names (`#[serde(rename_all = "camelCase")]` and
/// `#[serde(rename = "…")]` where Rust's differ). Optional parameters are `Option`s with
/// `#[serde(skip_serializing_if = "Option::is_none")]`: what the caller leaves out isn't sent.
pub trait Endpoint: Serialize + DeserializeOwned + JsonSchema {
    /// The operation's id: `robot.list`.
    const ID: &'static str;
    /// The HTTP method.
    const METHOD: Method;
    /// The path after `base_url`. `{name}` is filled from the parameter of that name, as one segment.
    const PATH: &'static str;
    /// What it does at the vendor.
    const EFFECT: Effect;
    /// Where the parameters travel.
    const ENCODING: Encoding = Encoding::ByMethod;
    /// Parameters that travel in the query, whatever [`Endpoint::ENCODING`] says.
    const IN_QUERY: &'static [&'static str] = &[];
    /// Parameters of the path that travel in the body as well.
    const REPEATED: &'static [&'static str] = &[];
    /// How a successful answer is read.
    const ANSWER: Answer = Answer::Envelope;
    /// How to walk it, where it answers in pages.
    const PAGES: Option<Pages> = None;
    /// What comes out. Only its schema is used: answers pass through as they are, so fields that it
    /// doesn't name are kept.
    type Response: JsonSchema;

    /// Checks what the schema can't say: conditions between parameters.
    fn check(&self) -> Vec<Violation> {
        Vec::new()
    }

    /// The parameters as they travel, by name. Nested values stay JSON.
    fn params(&self) -> Result<Map<String, Value>, Failure> {
        crate::params::of(self)
    }

    /// The parts of a multipart body. Without an implementation every parameter is a text part.
    fn parts(&self) -> Result<Vec<Part>, Failure> {
        Ok(self
            .params()?
            .into_iter()
            .map(|(name, value)| Part::text(name, crate::encode::scalar(&value)))
            .collect())
    }
}

/// A list answered in pages: `{total, items}`.
#[derive(Debug, JsonSchema)]
pub struct Page<T> {
    /// How many items there are on all pages together.
    pub total: i64,
    /// The items of this page.
    pub items: Vec<T>,
}

/// A list answered in pages: `{total, rows}`.
#[derive(Debug, JsonSchema)]
pub struct Rows<T> {
    /// How many rows there are on all pages together.
    pub total: i64,
    /// The rows of this page.
    pub rows: Vec<T>,
}

/// An answer without content: `null`.
#[derive(Debug)]
pub struct Nothing;

impl JsonSchema for Nothing {
    fn schema_name() -> Cow<'static, str> {
        "Nothing".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "description": "Nothing, when it succeeded." })
    }

    fn inline_schema() -> bool {
        true
    }
}
