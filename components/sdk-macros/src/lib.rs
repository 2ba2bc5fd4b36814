//! The derives of patchbay-sdk, which documents them and re-exports them. They write static data: what a
//! value looks like, and all that is declared of an operation or a callback.

mod case;
mod condition;
mod docs;
mod endpoint;
mod field;
mod json;
mod object;
mod payload;
mod schema;
#[cfg(test)]
mod tests;
mod tokens;

use proc_macro::TokenStream;
use syn::{DeriveInput, Error, parse_macro_input};

/// Declares an operation: the struct's fields are its parameters. Implements `Endpoint` with a `Declaration`, which is
/// static data: nothing is generated when the component runs.
///
/// The doc comment of the struct is the operation's documentation: its first paragraph the summary, the paragraph that
/// starts with `Section` where the vendor's document has it, the rest the description. The doc comment of a field is its
/// description. A field is required unless it is an `Option`.
///
/// - `#[endpoint(…)]` on the struct needs `id`, `title`, `effect` and `response`. Most operations have a `route`; there
///   are `encoding`, `answer`, `pages`, `origin`, `rename_all`, `example`, `any_of`, `first_of`, `one_of`, `needs`,
///   `check`, `prepare` and `annotations` besides.
/// - `#[param(…)]` on a field says what its values are (`pattern`, `min`, `max_length`, `lenient`, …), what the vendor
///   calls it (`rename`, `title`), and where it travels, if not where the encoding says: `query`, `header`, `also_body`,
///   `body`, `media_type` or `file`.
///
/// The tables at the end of the documentation of `patchbay-sdk` have all of them with their meanings.
///
/// # Errors
///
/// What contradicts itself doesn't compile: an attribute that isn't known, a placeholder or condition that names no
/// field, a parameter with two places, a body on a `GET`, an example that isn't an object of declared parameters. The
/// error points at the attribute. A rule that doesn't fit the field's type, such as `min` on a string, is an error of
/// the constant that the declaration is.
#[proc_macro_derive(Endpoint, attributes(endpoint, param))]
pub fn derive_endpoint(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    endpoint::derive(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Describes the values of a struct with named fields, or of an enum without fields: what a field of an operation, its
/// answer or a callback may be made of. Implements `Schema` with a static `Shape`.
///
/// - On a struct, `#[schema(…)]` takes `rename_all` and the conditions `any_of`, `first_of`, `one_of` and `needs`; on a
///   field, what `#[param(…)]` takes but for where it travels.
/// - On an enum, it takes `rename_all`; on a variant, `rename`, `value` (an integer or boolean in place of a string) and
///   `title`.
///
/// A type parameter must implement `Schema` itself. A type that contains itself does so in a `Box`.
#[proc_macro_derive(Schema, attributes(schema))]
pub fn derive_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    schema::derive(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Declares a callback: the struct's fields are the members of its body. Implements `callbacks::Payload` and `Schema`.
///
/// The doc comment is the callback's documentation, as an operation's is. `#[payload(…)]` on the struct needs `kind`, the
/// kind of the events; there are `rename_all` and `annotations` besides. Fields take `#[schema(…)]`.
#[proc_macro_derive(Payload, attributes(payload, schema))]
pub fn derive_payload(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    payload::derive(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}
