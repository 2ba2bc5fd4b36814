//! JSON that attributes hold.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::{Map, Value};
use syn::{Error, Expr, ExprLit, ExprUnary, Lit, LitStr, Result, UnOp};

/// Returns a literal, or a list of them, as JSON.
pub(crate) fn of(value: &Expr) -> Result<String> {
    match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => Ok(Value::from(text.value()).to_string()),
        Expr::Lit(ExprLit {
            lit: Lit::Int(number),
            ..
        }) => Ok(number.base10_digits().to_owned()),
        Expr::Lit(ExprLit {
            lit: Lit::Float(number),
            ..
        }) => Ok(number.base10_digits().to_owned()),
        Expr::Lit(ExprLit {
            lit: Lit::Bool(flag), ..
        }) => Ok(flag.value.to_string()),
        Expr::Unary(ExprUnary {
            op: UnOp::Neg(_),
            expr,
            ..
        }) if matches!(**expr, Expr::Lit(_)) => Ok(format!("-{}", of(expr)?)),
        Expr::Array(list) => {
            let items: Result<Vec<String>> = list.elems.iter().map(of).collect();
            Ok(format!("[{}]", items?.join(",")))
        }
        other => Err(Error::new_spanned(
            other,
            "a value must be a string, a number, a boolean, or a list of them in []",
        )),
    }
}

/// Returns a literal as the `Literal` of a declaration.
pub(crate) fn literal(value: &Expr) -> Result<TokenStream> {
    let literal = match value {
        Expr::Lit(ExprLit {
            lit: Lit::Str(text), ..
        }) => quote!(Text(#text)),
        Expr::Lit(ExprLit {
            lit: Lit::Bool(flag), ..
        }) => quote!(Boolean(#flag)),
        Expr::Lit(ExprLit { lit: Lit::Int(_), .. }) | Expr::Unary(ExprUnary { op: UnOp::Neg(_), .. }) => {
            quote!(Integer(#value))
        }
        other => {
            return Err(Error::new_spanned(
                other,
                "a value must be a string, an integer or a boolean",
            ));
        }
    };
    Ok(quote!(::patchbay_sdk::shape::Literal::#literal))
}

/// Returns the members of a JSON object.
pub(crate) fn object(text: &LitStr) -> Result<Map<String, Value>> {
    serde_json::from_str(&text.value())
        .map_err(|error| Error::new(text.span(), format!("the example isn't a JSON object: {error}")))
}

/// Checks a JSON text.
pub(crate) fn check(text: &LitStr) -> Result<()> {
    serde_json::from_str::<Value>(&text.value())
        .map(drop)
        .map_err(|error| Error::new(text.span(), format!("the annotation isn't JSON: {error}")))
}
