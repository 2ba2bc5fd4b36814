//! The declaration of one operation.

pub use http::Method;
pub use patchbay_sdk_macros::Endpoint;

use crate::failure::{Failure, Violation};
use crate::params::Params;
use crate::shape::{Object, Schema, Shape};

/// What an operation does at the vendor, and so whether it may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Sets a state that the input names: repeating it changes nothing more.
    Idempotent,
    /// Creates, starts, pops, approves or transfers: must not be repeated blindly.
    Write,
}

/// Where the parameters travel that have no place of their own ([`Place`](crate::shape::Place)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Encoding {
    /// Query for `GET` and `HEAD`, JSON for everything else.
    ByMethod,
    /// In the query, whatever the method.
    Query,
    /// In the query, and the same again as a JSON body.
    QueryAndJson,
    /// `application/x-www-form-urlencoded`.
    Form,
    /// `multipart/form-data`, one part a parameter.
    Multipart,
}

/// How a successful answer is read. [`Envelope::read`](crate::Envelope::read) and
/// [`Payload::read`](crate::Payload::read) do so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer {
    /// The vendor's JSON envelope.
    Envelope,
    /// The vendor's JSON envelope, or what belongs into it without one.
    OptionalEnvelope,
    /// The bytes of a file: a [`File`](crate::answer::File).
    File,
    /// A text, which comes out as a string.
    Text,
    /// The status says all: what comes out is `null`. That is so with `HEAD`, whose answers have no body.
    Status,
}

/// What a later version of the contract adds: names and JSON texts.
pub type Annotations = &'static [(&'static str, &'static str)];

/// How the walk from one page to the next advances. Places are JSON Pointers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
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

/// One documented operation of a vendor, as data. Discovery, schemas, validation, encoding and documentation
/// all derive from it.
#[derive(Debug)]
pub struct Declaration {
    /// The operation's id: `robot.list`.
    pub id: &'static str,
    /// The vendor's own name for it, in the vendor's language.
    pub title: &'static str,
    /// What it does, in words.
    pub documentation: Documentation,
    /// What it does at the vendor.
    pub effect: Effect,
    /// Method and path after the base URL; `{name}` is filled from the parameter of that name, as one segment.
    /// None where the operation is made of several requests, or the vendor doesn't document where it is.
    pub route: Option<Route>,
    /// The setting of kind `origin` that it is sent to in place of `base_url`.
    pub origin: Option<&'static str>,
    /// Where the parameters travel.
    pub encoding: Encoding,
    /// How a successful answer is read.
    pub answer: Answer,
    /// How to walk it, where it answers in pages.
    pub pages: Option<Pages>,
    /// The parameters.
    pub input: &'static Object,
    /// Whole inputs, as JSON.
    pub examples: &'static [&'static str],
    /// What comes out. Answers pass through as they are, so fields that it doesn't name are kept.
    pub output: &'static Shape,
    /// What the manifest says of it besides.
    pub annotations: Annotations,
    /// Returns what is wrong with the parameters and the table can't say.
    pub check: Option<fn(&Params) -> Vec<Violation>>,
    /// Changes the parameters on their way to the vendor.
    pub prepare: Option<Prepare>,
}

/// Changes parameters on their way to the vendor.
pub type Prepare = fn(&mut Params) -> Result<(), Failure>;

/// Where an operation is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// The HTTP method.
    pub method: Method,
    /// The path, with placeholders.
    pub path: &'static str,
}

/// What a doc comment says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Documentation {
    /// The first paragraph, without a full stop at its end.
    pub summary: &'static str,
    /// Everything else.
    pub description: &'static str,
    /// The paragraph that starts with `Section`, without its full stop.
    pub section: &'static str,
}

impl Documentation {
    /// Returns where the vendor documents it. `document` is the connector's
    /// [`DOCUMENT`](crate::Connector::DOCUMENT).
    #[must_use]
    pub fn reference(&self, document: &str) -> String {
        match self.section {
            "" => document.to_owned(),
            section => format!("{document}, {}", section.replacen("Section", "section", 1)),
        }
    }
}

/// One documented operation of a vendor. `#[derive(Endpoint)]` implements it for the struct whose fields are
/// the operation's parameters; see [the README](crate) for the attributes.
pub trait Endpoint {
    /// All that is declared of it.
    const DECLARATION: &'static Declaration;
}

/// A list answered in pages: `{total, items}`.
#[derive(Debug, Schema)]
pub struct Page<T> {
    /// How many items there are on all pages together.
    pub total: i64,
    /// The items of this page.
    pub items: Vec<T>,
}

/// A list answered in pages: `{total, rows}`.
#[derive(Debug, Schema)]
pub struct Rows<T> {
    /// How many rows there are on all pages together.
    pub total: i64,
    /// The rows of this page.
    pub rows: Vec<T>,
}

/// An answer without content: `null`.
#[derive(Debug)]
pub struct Nothing;

impl Schema for Nothing {
    const SHAPE: &'static Shape = &Shape::Any;
}
