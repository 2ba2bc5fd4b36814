//! `#[derive(Schema)]`.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DataEnum, DeriveInput, Error, Expr, Result, Variant};

use crate::case::Case;
use crate::condition::Condition;
use crate::field::text;
use crate::object::Object;
use crate::{docs, json};

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let mut case = None;
    let mut conditions = Vec::new();
    for attribute in input
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("schema"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("rename_all") {
                case = Some(Case::parse(&text(&meta)?)?);
            } else if let Some(condition) = Condition::parse(&meta)? {
                conditions.push(condition);
            } else {
                return Err(
                    meta.error("unknown attribute; there are rename_all, any_of, first_of, one_of, needs")
                );
            }
            Ok(())
        })?;
    }
    let shape = if let Data::Enum(data) = &input.data {
        choice(data, case)?
    } else {
        let description = docs::description(&input.attrs);
        object(&Object::read(
            input,
            "schema",
            false,
            case,
            conditions,
            description,
        )?)
    };
    Ok(implementation(input, &shape))
}

/// Returns the shape of an object.
pub(crate) fn object(object: &Object) -> TokenStream {
    let object = object.tokens();
    quote!(::patchbay_sdk::shape::Shape::Object(&#object))
}

/// Returns the implementation of `Schema`.
pub(crate) fn implementation(input: &DeriveInput, shape: &TokenStream) -> TokenStream {
    let ident = &input.ident;
    let mut generics = input.generics.clone();
    for parameter in generics.type_params_mut() {
        parameter
            .bounds
            .push(syn::parse_quote!(::patchbay_sdk::shape::Schema));
    }
    let (parameters, arguments, bounds) = generics.split_for_impl();
    // What isn't used isn't evaluated, and then not checked.
    let evaluated = input.generics.params.is_empty().then(|| {
        quote! {
            const _: &::patchbay_sdk::shape::Shape = <#ident as ::patchbay_sdk::shape::Schema>::SHAPE;
        }
    });
    quote! {
        #evaluated

        #[automatically_derived]
        impl #parameters ::patchbay_sdk::shape::Schema for #ident #arguments #bounds {
            const SHAPE: &'static ::patchbay_sdk::shape::Shape = &#shape;
        }
    }
}

fn choice(data: &DataEnum, case: Option<Case>) -> Result<TokenStream> {
    let variants: Result<Vec<TokenStream>> = data.variants.iter().map(|each| variant(each, case)).collect();
    let variants = variants?;
    Ok(quote!(::patchbay_sdk::shape::Shape::Choice(&[#(#variants),*])))
}

fn variant(variant: &Variant, case: Option<Case>) -> Result<TokenStream> {
    if !variant.fields.is_empty() {
        return Err(Error::new_spanned(
            &variant.fields,
            "a variant must not have fields",
        ));
    }
    let name = variant.ident.to_string();
    let name = case.map_or_else(|| name.clone(), |case| case.apply(&name));
    let mut value = quote!(::patchbay_sdk::shape::Literal::Text(#name));
    let mut title = String::new();
    for attribute in variant
        .attrs
        .iter()
        .filter(|attribute| attribute.path().is_ident("schema"))
    {
        attribute.parse_nested_meta(|meta| {
            if meta.path.is_ident("title") {
                title = text(&meta)?.value();
            } else if meta.path.is_ident("rename") || meta.path.is_ident("value") {
                let literal: Expr = meta.value()?.parse()?;
                value = json::literal(&literal)?;
            } else {
                return Err(meta.error("unknown attribute; there are rename, value, title"));
            }
            Ok(())
        })?;
    }
    let description = docs::description(&variant.attrs);
    Ok(quote! {
        ::patchbay_sdk::shape::Variant { value: #value, title: #title, description: #description }
    })
}
