//! `#[derive(Payload)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{DeriveInput, Error, Result};

use crate::case::Case;
use crate::docs::Documentation;
use crate::endpoint::{annotations, documentation};
use crate::field::text;
use crate::object::Object;
use crate::schema;

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let mut case = None;
    let mut kind = None;
    let mut notes = Vec::new();
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("payload"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("kind") {
                kind = Some(text(&meta)?);
            } else if meta.path.is_ident("rename_all") {
                case = Some(Case::parse(&text(&meta)?)?);
            } else if meta.path.is_ident("annotations") {
                notes.extend(annotations(&meta)?);
            } else {
                return Err(meta.error("unknown attribute; there are kind, rename_all, annotations"));
            }
            Ok(())
        })?;
    }
    let ident = &input.ident;
    let Some(kind) = kind else {
        return Err(Error::new_spanned(
            ident,
            "#[payload(kind = \"…\")] is missing: the kind of its events",
        ));
    };
    let object = Object::read(input, "schema", false, case, Vec::new(), String::new())?;
    let schema = schema::implementation(input, &schema::object(&object));
    let documentation = documentation(&Documentation::of(&input.attrs), ident)?;
    Ok(quote! {
        #schema

        #[automatically_derived]
        impl ::patchbay_sdk::callbacks::Payload for #ident {
            const CALLBACK: ::patchbay_sdk::callbacks::Callback = ::patchbay_sdk::callbacks::Callback {
                kind: #kind,
                documentation: #documentation,
                payload: <Self as ::patchbay_sdk::shape::Schema>::SHAPE,
                annotations: &[#(#notes),*],
            };
        }
    })
}
