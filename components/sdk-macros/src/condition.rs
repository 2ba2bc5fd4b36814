//! Conditions between the members of an object.

use proc_macro2::TokenStream;
use quote::quote;
use syn::meta::ParseNestedMeta;
use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Error, Expr, Ident, LitStr, Result, Token, parenthesized};

use crate::tokens::option;

/// `any_of`, `first_of`, `one_of` or `needs`.
pub(crate) struct Condition {
    /// The members that it names.
    pub(crate) names: Vec<LitStr>,
    kind: Kind,
}

enum Kind {
    /// A condition between equals.
    Among(Ident),
    /// `needs("a", when = "b")`, `needs("a", when = ("b", true))`.
    Needs(Option<TokenStream>),
}

impl Condition {
    /// Returns the condition that an attribute states, if it is one.
    pub(crate) fn parse(meta: &ParseNestedMeta<'_>) -> Result<Option<Self>> {
        let among = [("any_of", "AnyOf"), ("first_of", "FirstOf"), ("one_of", "OneOf")];
        if let Some((_, variant)) = among.iter().find(|(name, _)| meta.path.is_ident(name)) {
            let content;
            parenthesized!(content in meta.input);
            let names = Punctuated::<LitStr, Token![,]>::parse_terminated(&content)?;
            if names.len() < 2 {
                return Err(meta.error("a condition needs at least two names"));
            }
            return Ok(Some(Self {
                names: names.into_iter().collect(),
                kind: Kind::Among(Ident::new(variant, proc_macro2::Span::call_site())),
            }));
        }
        if meta.path.is_ident("needs") {
            let content;
            parenthesized!(content in meta.input);
            let Needs { param, when, is } = content.parse()?;
            return Ok(Some(Self {
                names: vec![param, when],
                kind: Kind::Needs(is),
            }));
        }
        Ok(None)
    }

    /// Checks that the members are declared.
    pub(crate) fn check(&self, declared: &[String]) -> Result<()> {
        for name in &self.names {
            if !declared.contains(&name.value()) {
                return Err(undeclared(name, declared));
            }
        }
        Ok(())
    }

    pub(crate) fn tokens(&self) -> TokenStream {
        let names = &self.names;
        match &self.kind {
            Kind::Among(variant) => quote!(::patchbay_sdk::shape::Condition::#variant(&[#(#names),*])),
            Kind::Needs(is) => {
                let is = option(is.as_ref());
                let [param, when] = [&names[0], &names[1]];
                quote!(::patchbay_sdk::shape::Condition::Needs { param: #param, when: #when, is: #is })
            }
        }
    }
}

/// An error at the name of a member that isn't declared.
pub(crate) fn undeclared(name: &LitStr, declared: &[String]) -> Error {
    let known = if declared.is_empty() {
        "there is none".to_owned()
    } else {
        format!("there are {}", declared.join(", "))
    };
    Error::new(
        name.span(),
        format!("no field has the name {:?}; {known}", name.value()),
    )
}

struct Needs {
    param: LitStr,
    when: LitStr,
    is: Option<TokenStream>,
}

impl Parse for Needs {
    fn parse(input: ParseStream<'_>) -> Result<Self> {
        let param = input.parse()?;
        input.parse::<Token![,]>()?;
        let keyword: Ident = input.parse()?;
        if keyword != "when" {
            return Err(Error::new(
                keyword.span(),
                "expected `when`, as in needs(\"a\", when = \"b\")",
            ));
        }
        input.parse::<Token![=]>()?;
        let (when, is) = if input.peek(LitStr) {
            (input.parse()?, None)
        } else {
            let pair;
            parenthesized!(pair in input);
            let when = pair.parse()?;
            pair.parse::<Token![,]>()?;
            let value: Expr = pair.parse()?;
            (when, Some(crate::json::literal(&value)?))
        };
        Ok(Self { param, when, is })
    }
}
