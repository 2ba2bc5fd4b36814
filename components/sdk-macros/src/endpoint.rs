//! `#[derive(Endpoint)]`.

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote};
use syn::meta::ParseNestedMeta;
use syn::punctuated::Punctuated;
use syn::{DeriveInput, Error, Expr, Ident, LitStr, Path, Result, Token, Type, parenthesized};

use crate::case::Case;
use crate::condition::{Condition, undeclared};
use crate::docs::Documentation;
use crate::field::text;
use crate::json;
use crate::object::{Object, combine};
use crate::tokens::option;

const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];

/// What `#[endpoint(…)]` says.
#[derive(Default)]
struct Attributes {
    id: Option<LitStr>,
    title: Option<LitStr>,
    route: Option<LitStr>,
    origin: Option<LitStr>,
    effect: Option<Ident>,
    encoding: Option<Ident>,
    answer: Option<Ident>,
    pages: Option<Expr>,
    response: Option<Type>,
    check: Option<Path>,
    prepare: Option<Path>,
    case: Option<Case>,
    examples: Vec<LitStr>,
    conditions: Vec<Condition>,
    annotations: Vec<TokenStream>,
}

impl Attributes {
    fn read(input: &DeriveInput) -> Result<Self> {
        let mut attributes = Self::default();
        for attribute in input
            .attrs
            .iter()
            .filter(|attribute| attribute.path().is_ident("endpoint"))
        {
            attribute.parse_nested_meta(|meta| attributes.one(&meta))?;
        }
        Ok(attributes)
    }

    fn one(&mut self, meta: &ParseNestedMeta<'_>) -> Result<()> {
        if let Some(condition) = Condition::parse(meta)? {
            self.conditions.push(condition);
            return Ok(());
        }
        match meta
            .path
            .get_ident()
            .map(ToString::to_string)
            .unwrap_or_default()
            .as_str()
        {
            "id" => self.id = Some(text(meta)?),
            "title" => self.title = Some(text(meta)?),
            "route" => self.route = Some(text(meta)?),
            "origin" => self.origin = Some(text(meta)?),
            "effect" => self.effect = Some(meta.value()?.parse()?),
            "encoding" => self.encoding = Some(meta.value()?.parse()?),
            "answer" => self.answer = Some(meta.value()?.parse()?),
            "pages" => self.pages = Some(meta.value()?.parse()?),
            "response" => self.response = Some(meta.value()?.parse()?),
            "check" => self.check = Some(meta.value()?.parse()?),
            "prepare" => self.prepare = Some(meta.value()?.parse()?),
            "rename_all" => self.case = Some(Case::parse(&text(meta)?)?),
            "example" => self.examples.push(text(meta)?),
            "annotations" => self.annotations.extend(annotations(meta)?),
            _ => {
                return Err(meta.error(
                    "unknown attribute; there are id, title, route, effect, response, encoding, answer, pages, \
                     origin, rename_all, example, any_of, first_of, one_of, needs, check, prepare, annotations",
                ));
            }
        }
        Ok(())
    }
}

pub(crate) fn derive(input: &DeriveInput) -> Result<TokenStream> {
    let ident = &input.ident;
    if !input.generics.params.is_empty() {
        return Err(Error::new_spanned(
            &input.generics,
            "an operation must not be generic: its declaration is static data",
        ));
    }
    let mut attributes = Attributes::read(input)?;
    let conditions = std::mem::take(&mut attributes.conditions);
    let object = Object::read(input, "param", true, attributes.case, conditions, String::new())?;
    check(&attributes, &object)?;

    let missing = |name: &str| Error::new_spanned(ident, format!("#[endpoint({name} = …)] is missing"));
    let id = attributes.id.as_ref().ok_or_else(|| missing("id"))?;
    let title = attributes.title.as_ref().ok_or_else(|| missing("title"))?;
    let effect = attributes.effect.as_ref().ok_or_else(|| missing("effect"))?;
    let response = attributes.response.as_ref().ok_or_else(|| missing("response"))?;
    let documentation = documentation(&Documentation::of(&input.attrs), ident)?;
    let route = option(
        attributes
            .route
            .as_ref()
            .map(route)
            .transpose()?
            .map(|(method, path)| {
                let method = Ident::new(&method, Span::call_site());
                quote!(::patchbay_sdk::Route { method: ::patchbay_sdk::Method::#method, path: #path })
            }),
    );
    let encoding = attributes
        .encoding
        .map_or_else(|| quote!(ByMethod), Ident::into_token_stream);
    let answer = attributes
        .answer
        .map_or_else(|| quote!(Envelope), Ident::into_token_stream);
    let origin = option(attributes.origin);
    let pages = option(attributes.pages);
    let check = option(attributes.check);
    let prepare = option(attributes.prepare);
    let (examples, annotations) = (&attributes.examples, &attributes.annotations);
    let object = object.tokens();
    Ok(quote! {
        // What isn't used isn't evaluated, and then not checked.
        const _: &::patchbay_sdk::Declaration = <#ident as ::patchbay_sdk::Endpoint>::DECLARATION;

        #[automatically_derived]
        impl ::patchbay_sdk::Endpoint for #ident {
            const DECLARATION: &'static ::patchbay_sdk::Declaration = &::patchbay_sdk::Declaration {
                id: #id,
                title: #title,
                documentation: #documentation,
                effect: ::patchbay_sdk::Effect::#effect,
                route: #route,
                origin: #origin,
                encoding: ::patchbay_sdk::Encoding::#encoding,
                answer: ::patchbay_sdk::Answer::#answer,
                pages: #pages,
                input: &#object,
                examples: &[#(#examples),*],
                output: <#response as ::patchbay_sdk::shape::Schema>::SHAPE,
                annotations: &[#(#annotations),*],
                check: #check,
                prepare: #prepare,
            };
        }
    })
}

/// Returns the `Documentation` of a doc comment, which must have a summary.
pub(crate) fn documentation(documentation: &Documentation, ident: &Ident) -> Result<TokenStream> {
    let Documentation {
        summary,
        description,
        section,
    } = documentation;
    if summary.is_empty() {
        return Err(Error::new_spanned(
            ident,
            "a doc comment is missing: its first paragraph is the summary",
        ));
    }
    Ok(quote! {
        ::patchbay_sdk::Documentation { summary: #summary, description: #description, section: #section }
    })
}

/// `annotations("name" = r#"json"#, …)`.
pub(crate) fn annotations(meta: &ParseNestedMeta<'_>) -> Result<Vec<TokenStream>> {
    let content;
    parenthesized!(content in meta.input);
    let pair = |input: syn::parse::ParseStream<'_>| {
        let name: LitStr = input.parse()?;
        input.parse::<Token![=]>()?;
        let value: LitStr = input.parse()?;
        json::check(&value)?;
        Ok(quote!((#name, #value)))
    };
    let pairs = Punctuated::<TokenStream, Token![,]>::parse_terminated_with(&content, pair)?;
    Ok(pairs.into_iter().collect())
}

/// Method and path of a route.
fn route(route: &LitStr) -> Result<(String, String)> {
    let text = route.value();
    match text.split_once(' ') {
        Some((method, path)) if METHODS.contains(&method) && path.starts_with('/') => {
            Ok((method.to_owned(), path.to_owned()))
        }
        _ => Err(Error::new(
            route.span(),
            format!(
                "a route must be a method ({}) and a path, such as \"GET /robots/{{id}}\"",
                METHODS.join(", ")
            ),
        )),
    }
}

/// What one attribute says of another, or of a field.
fn check(attributes: &Attributes, object: &Object) -> Result<()> {
    let mut errors = None;
    if let Some(id) = &attributes.id {
        let text = id.value();
        let known = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-.".contains(&byte);
        if text.is_empty() || !text.bytes().all(known) {
            combine(
                &mut errors,
                Error::new(
                    id.span(),
                    "an id must be of a-z, 0-9, `-` and `.`, such as \"robot.list\"",
                ),
            );
        }
    }
    if let Some(literal) = &attributes.route {
        match route(literal) {
            Ok((method, path)) => check_route(attributes, object, literal, (&method, &path), &mut errors),
            Err(error) => combine(&mut errors, error),
        }
    }
    if attributes
        .encoding
        .as_ref()
        .is_none_or(|encoding| encoding != "Multipart")
    {
        for span in object.fields.iter().filter_map(|field| field.part) {
            combine(
                &mut errors,
                Error::new(
                    span,
                    "this attribute is for parts of a multipart body, and needs `encoding = Multipart`",
                ),
            );
        }
    }
    check_body(attributes, object, &mut errors);
    let declared = object.names();
    for example in &attributes.examples {
        match json::object(example) {
            Ok(members) => {
                for name in members
                    .keys()
                    .filter(|name| !object.open && !declared.contains(name))
                {
                    combine(
                        &mut errors,
                        undeclared(&LitStr::new(name, example.span()), &declared),
                    );
                }
            }
            Err(error) => combine(&mut errors, error),
        }
    }
    errors.map_or(Ok(()), Err)
}

/// A body of its own is the only one, and leaves nothing to encode but the query.
fn check_body(attributes: &Attributes, object: &Object, errors: &mut Option<Error>) {
    let mut bodies = object.fields.iter().filter_map(|field| field.body);
    let Some(body) = bodies.next() else {
        return;
    };
    for another in bodies {
        combine(
            errors,
            Error::new(another, "another parameter is the body already"),
        );
    }
    let encoding = attributes.encoding.as_ref();
    if let Some(encoding) = encoding.filter(|encoding| *encoding != "ByMethod" && *encoding != "Query") {
        let message = "a parameter is the body, and so the others travel in the query";
        combine(errors, Error::new(encoding.span(), message));
    }
    let route = attributes.route.as_ref().and_then(|literal| route(literal).ok());
    if let Some((method, _)) = route.filter(|(method, _)| matches!(method.as_str(), "GET" | "HEAD")) {
        combine(errors, Error::new(body, format!("{method} has no body")));
    }
}

fn check_route(
    attributes: &Attributes,
    object: &Object,
    route: &LitStr,
    (method, path): (&str, &str),
    errors: &mut Option<Error>,
) {
    if let Some(encoding) = &attributes.encoding
        && matches!(method, "GET" | "HEAD")
        && !(encoding == "ByMethod" || encoding == "Query")
    {
        combine(
            errors,
            Error::new(encoding.span(), format!("{method} has no body")),
        );
    }
    let declared = object.names();
    let mut placeholders = Vec::new();
    let mut rest = path;
    while let Some((_, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            combine(
                errors,
                Error::new(
                    route.span(),
                    "the path has an opening brace without a closing one",
                ),
            );
            return;
        };
        placeholders.push(name);
        rest = after;
    }
    for name in placeholders
        .iter()
        .filter(|name| !declared.iter().any(|known| known == *name))
    {
        combine(errors, undeclared(&LitStr::new(name, route.span()), &declared));
    }
    for field in &object.fields {
        let in_path = placeholders.contains(&field.name.as_str());
        if let Some(span) = field.also_body.filter(|_| !in_path) {
            combine(
                errors,
                Error::new(
                    span,
                    "`also_body` is for parameters that the route has a placeholder for",
                ),
            );
        }
        if let Some(span) = field.placed.filter(|_| in_path && field.also_body.is_none()) {
            combine(
                errors,
                Error::new(
                    span,
                    "this parameter travels in the path: the route has a placeholder for it",
                ),
            );
        }
    }
}
