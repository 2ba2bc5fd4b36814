//! The declaration of one operation.

use std::borrow::Cow;

pub use http::Method;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::encode::Part;
use crate::failure::{Failure, Violation};

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
    /// Query for `GET` and `HEAD`, JSON for everything else.
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
    /// The vendor's JSON envelope, or what belongs into it without one.
    OptionalEnvelope,
    /// The bytes of a file.
    File,
}

/// What a later version of the contract adds: names and JSON texts.
pub type Annotations = &'static [(&'static str, &'static str)];

/// How the walk from one page to the next advances. Places are JSON Pointers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advance {
    /// By the number of the page.
    PageNumber {
        /// Where the input holds the number.
        page: &'static str,
        /// The number of the first page.
        first: u32,
    },
    /// By the number of items before the page.
    Offset {
        /// Where the input holds the number.
        offset: &'static str,
        /// The number that the first page has.
        first: u32,
    },
    /// By values that one page's output hands to the next page's input. One that ends the walk ends it
    /// for all.
    Cursors(&'static [Cursor]),
    /// By a value of the last item.
    LastItem {
        /// Where the item holds it. Empty: the item itself.
        item: &'static str,
        /// Where the input takes it.
        input: &'static str,
    },
}

/// A value that one page's output hands to the next page's input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cursor {
    /// Where the output holds it. Absent, `null`, `""` and `false` end the walk.
    pub output: &'static str,
    /// Where the input takes it.
    pub input: &'static str,
}

/// How to walk a list operation that answers in pages. Places are JSON Pointers. See the contract's
/// `pages`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pages {
    /// How the walk advances.
    pub advance: Advance,
    /// Where the input holds how many items a page has, where a caller can choose.
    pub size: Option<&'static str>,
    /// Where the output holds the array of items. Empty: the output itself.
    pub items: &'static str,
    /// Where the output holds how many items all pages have together.
    pub total: Option<&'static str>,
    /// Where the output holds whether there is a further page.
    pub more: Option<&'static str>,
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
    /// The vendor's own name for it, in the vendor's language.
    const TITLE: &'static str;
    /// The HTTP method.
    const METHOD: Method;
    /// The path after `base_url`. `{name}` is filled from the parameter of that name, as one segment.
    /// Empty where the operation has none of its own: it is made of several requests, or the vendor
    /// doesn't document where it is. Then the manifest has no route.
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
    /// What the manifest says of it besides.
    const ANNOTATIONS: Annotations = &[];
    /// What comes out. Only its schema is used: answers pass through as they are, so fields that it
    /// doesn't name are kept.
    type Response: JsonSchema;

    /// Returns what is wrong and the schema can't say: conditions between parameters.
    fn check(&self) -> Vec<Violation> {
        Vec::new()
    }

    /// Returns the parameters as they travel, by name. Nested values stay JSON.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] where a parameter can't travel.
    fn params(&self) -> Result<Map<String, Value>, Failure> {
        crate::params::of(self)
    }

    /// Returns the parts of a multipart body: by default every parameter is a text part.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] where a parameter can't travel.
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
