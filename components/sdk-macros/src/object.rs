//! The fields of a struct together, as an object with declared members.

use proc_macro2::TokenStream;
use quote::quote;
use syn::{Data, DeriveInput, Error, Fields, Result};

use crate::case::Case;
use crate::condition::{Condition, undeclared};
use crate::field::Attributes;

/// An object with declared members.
pub(crate) struct Object {
    /// The members in their order.
    pub(crate) fields: Vec<Attributes>,
    /// Whether there may be members that aren't declared.
    pub(crate) open: bool,
    tokens: Vec<TokenStream>,
    conditions: Vec<Condition>,
    name: String,
    description: String,
}

impl Object {
    /// Reads the fields of a struct, whose attributes are called `attribute`. `travels`: whether they are
    /// parameters.
    pub(crate) fn read(
        input: &DeriveInput,
        attribute: &str,
        travels: bool,
        case: Option<Case>,
        conditions: Vec<Condition>,
        description: String,
    ) -> Result<Self> {
        let Data::Struct(data) = &input.data else {
            return Err(Error::new_spanned(
                &input.ident,
                "this derive is for structs with named fields",
            ));
        };
        let none = syn::punctuated::Punctuated::new();
        let fields = match &data.fields {
            Fields::Named(fields) => &fields.named,
            Fields::Unit => &none,
            Fields::Unnamed(fields) => {
                return Err(Error::new_spanned(fields, "the fields must have names"));
            }
        };
        let mut object = Self {
            fields: Vec::new(),
            open: false,
            tokens: Vec::new(),
            conditions,
            name: input.ident.to_string(),
            description,
        };
        let mut errors: Option<Error> = None;
        for field in fields {
            match Attributes::read(field, attribute, travels, case) {
                Ok(attributes) if attributes.flatten => object.open = true,
                Ok(attributes) if object.fields.iter().any(|other| other.name == attributes.name) => {
                    let error = Error::new_spanned(
                        &field.ident,
                        format!("another field has the name {:?} too", attributes.name),
                    );
                    combine(&mut errors, error);
                }
                Ok(attributes) => {
                    object.tokens.push(attributes.tokens(field));
                    object.fields.push(attributes);
                }
                Err(error) => combine(&mut errors, error),
            }
        }
        let declared = object.names();
        for condition in &object.conditions {
            if let Err(error) = condition.check(&declared) {
                combine(&mut errors, error);
            }
        }
        let file_names = object.fields.iter().filter_map(|field| field.file_name.as_ref());
        for name in file_names.filter(|name| !declared.contains(&name.value())) {
            combine(&mut errors, undeclared(name, &declared));
        }
        match errors {
            Some(errors) => Err(errors),
            None => Ok(object),
        }
    }

    /// Returns the names of the members.
    pub(crate) fn names(&self) -> Vec<String> {
        self.fields.iter().map(|field| field.name.clone()).collect()
    }

    /// Returns the `Object` that describes it.
    pub(crate) fn tokens(&self) -> TokenStream {
        let Self {
            open,
            tokens,
            name,
            description,
            ..
        } = self;
        let conditions = self.conditions.iter().map(Condition::tokens);
        quote! {
            ::patchbay_sdk::shape::Object {
                name: #name,
                description: #description,
                fields: &[#(#tokens),*],
                conditions: &[#(#conditions),*],
                open: #open,
            }
        }
    }
}

pub(crate) fn combine(errors: &mut Option<Error>, error: Error) {
    match errors {
        Some(errors) => errors.combine(error),
        None => *errors = Some(error),
    }
}
