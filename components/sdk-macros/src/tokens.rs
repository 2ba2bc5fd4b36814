//! Pieces of what the derives write.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};

/// Returns an `Option`.
pub(crate) fn option(value: Option<impl ToTokens>) -> TokenStream {
    if let Some(value) = value {
        quote!(::core::option::Option::Some(#value))
    } else {
        quote!(::core::option::Option::None)
    }
}
