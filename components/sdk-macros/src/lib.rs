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

/// Declares an operation: the struct's fields are its parameters.
#[proc_macro_derive(Endpoint, attributes(endpoint, param))]
pub fn derive_endpoint(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    endpoint::derive(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Describes the values of a struct or of an enum without fields.
#[proc_macro_derive(Schema, attributes(schema))]
pub fn derive_schema(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    schema::derive(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}

/// Declares a callback: the struct's fields are the members of its body.
#[proc_macro_derive(Payload, attributes(payload, schema))]
pub fn derive_payload(input: TokenStream) -> TokenStream {
    let input = parse_macro_input!(input as DeriveInput);
    payload::derive(&input)
        .unwrap_or_else(Error::into_compile_error)
        .into()
}
