//! One field of a struct: a parameter, or a member of an object.

use proc_macro2::{Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::meta::ParseNestedMeta;
use syn::spanned::Spanned as _;
use syn::{Error, Expr, Field, LitInt, LitStr, Result, Type, parenthesized};

use crate::case::Case;
use crate::tokens::option;
use crate::{docs, json};

/// What the attributes of a field say.
pub(crate) struct Attributes {
    /// The vendor's name.
    pub(crate) name: String,
    /// Whether the field stands for members that aren't declared.
    pub(crate) flatten: bool,
    /// Whether it has a place of its own, other than the body.
    pub(crate) placed: Option<Span>,
    /// Whether it travels in the body even when it travels in the path.
    pub(crate) also_body: Option<Span>,
    /// Whether it is a part of a multipart body: a file, or a value with a media type.
    pub(crate) part: Option<Span>,
    /// Whether it is the whole body.
    pub(crate) body: Option<Span>,
    /// The parameter that has the name of its file.
    pub(crate) file_name: Option<LitStr>,
    /// The type whose shape it has, where that isn't the field's own.
    with: Option<Type>,
    title: String,
    description: String,
    rules: Vec<TokenStream>,
    place: TokenStream,
}

const RULES: &str = "pattern, format, min, max, min_length, max_length, min_items, max_items, default, \
                     example, lenient, content_encoding, json_text, comma_list";

/// Header fields about the connection, which `wasi:http` lets no component set.
const CONNECTION_FIELDS: [&str; 9] = [
    "connection",
    "host",
    "http2-settings",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "transfer-encoding",
    "upgrade",
];

impl Attributes {
    /// Reads the attributes called `attribute`. `travels`: whether the field is a parameter, which has a place.
    pub(crate) fn read(field: &Field, attribute: &str, travels: bool, case: Option<Case>) -> Result<Self> {
        let Some(ident) = &field.ident else {
            return Err(Error::new_spanned(field, "a field must have a name"));
        };
        let ident = ident.to_string();
        let ident = ident.strip_prefix("r#").unwrap_or(&ident);
        let mut attributes = Self {
            name: case.map_or_else(|| ident.to_owned(), |case| case.apply(ident)),
            flatten: false,
            placed: None,
            also_body: None,
            part: None,
            body: None,
            file_name: None,
            with: None,
            title: String::new(),
            description: docs::description(&field.attrs),
            rules: Vec::new(),
            place: quote!(Default),
        };
        for attr in field.attrs.iter().filter(|attr| attr.path().is_ident(attribute)) {
            attr.parse_nested_meta(|meta| attributes.one(&meta, travels))?;
        }
        Ok(attributes)
    }

    fn one(&mut self, meta: &ParseNestedMeta<'_>, travels: bool) -> Result<()> {
        let name = meta.path.get_ident().map(ToString::to_string).unwrap_or_default();
        if travels && self.place(meta, &name)? {
            return Ok(());
        }
        match name.as_str() {
            "rename" => self.name = text(meta)?.value(),
            "title" => self.title = text(meta)?.value(),
            "description" => self.description = text(meta)?.value(),
            "flatten" => self.flatten = true,
            "with" => self.with = Some(meta.value()?.parse()?),
            _ => {
                let rule = Self::rule(meta, &name, travels)?;
                self.rules.push(quote!(::patchbay_sdk::shape::Rule::#rule));
            }
        }
        Ok(())
    }

    fn rule(meta: &ParseNestedMeta<'_>, name: &str, travels: bool) -> Result<TokenStream> {
        Ok(match name {
            "pattern" => {
                let pattern = text(meta)?;
                quote!(Pattern(#pattern))
            }
            "format" => {
                let format = text(meta)?;
                quote!(Format(#format))
            }
            "min" | "max" => {
                let number: Expr = meta.value()?.parse()?;
                if name == "min" {
                    quote!(Minimum(#number))
                } else {
                    quote!(Maximum(#number))
                }
            }
            "min_length" | "max_length" | "min_items" | "max_items" => {
                let number: LitInt = meta.value()?.parse()?;
                match name {
                    "min_length" => quote!(MinLength(#number)),
                    "max_length" => quote!(MaxLength(#number)),
                    "min_items" => quote!(MinItems(#number)),
                    _ => quote!(MaxItems(#number)),
                }
            }
            "default" => {
                let json = json::of(&meta.value()?.parse()?)?;
                quote!(Default(#json))
            }
            "example" => {
                let json = json::of(&meta.value()?.parse()?)?;
                quote!(Example(#json))
            }
            "content_encoding" => {
                let encoding = text(meta)?;
                if encoding.value() != "base64" {
                    return Err(Error::new(
                        encoding.span(),
                        "`content_encoding` must be \"base64\"",
                    ));
                }
                quote!(Base64)
            }
            "lenient" => quote!(Lenient),
            "json_text" if travels => quote!(JsonText),
            "comma_list" if travels => quote!(CommaList),
            _ => {
                let places = if travels {
                    ", query, header, also_body, body, media_type, file"
                } else {
                    ""
                };
                return Err(meta.error(format!(
                    "unknown attribute; there are rename, title, description, flatten, with, {RULES}{places}"
                )));
            }
        })
    }

    /// Where a parameter travels. Returns whether the attribute says it.
    fn place(&mut self, meta: &ParseNestedMeta<'_>, name: &str) -> Result<bool> {
        let place = match name {
            "query" => quote!(Query),
            "header" => {
                let header = text(meta)?;
                let token =
                    |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"-_".contains(&byte);
                if CONNECTION_FIELDS.contains(&header.value().as_str()) {
                    return Err(Error::new(
                        header.span(),
                        "this is a header field that the host sends itself, and a component can't",
                    ));
                }
                if header.value().is_empty() || !header.value().bytes().all(token) {
                    return Err(Error::new(
                        header.span(),
                        "`header` must be the name of a header field, in lower case",
                    ));
                }
                quote!(Header(#header))
            }
            "also_body" => {
                self.also_body = Some(meta.path.span());
                quote!(AlsoBody)
            }
            "file" => self.file(meta)?,
            "media_type" => {
                self.part = Some(meta.path.span());
                let media_type = media_type(meta)?;
                quote!(Part(#media_type))
            }
            "body" => {
                self.body = Some(meta.path.span());
                let media_type = media_type(meta)?;
                quote!(Body(#media_type))
            }
            _ => return Ok(false),
        };
        if self.placed.is_some() {
            return Err(
                meta.error("a parameter travels in one place, and another attribute says where already")
            );
        }
        self.placed = Some(meta.path.span());
        self.place = place;
        Ok(true)
    }

    /// `file(part = "…", name = "…", media_type = "…")`: the last two may be missing.
    fn file(&mut self, meta: &ParseNestedMeta<'_>) -> Result<TokenStream> {
        let mut part = LitStr::new(&self.name, meta.path.span());
        let mut kind = LitStr::new("application/octet-stream", meta.path.span());
        if meta.input.peek(syn::token::Paren) {
            let content;
            parenthesized!(content in meta.input);
            let parser = syn::meta::parser(|inner| {
                if inner.path.is_ident("part") {
                    part = text(&inner)?;
                } else if inner.path.is_ident("name") {
                    self.file_name = Some(text(&inner)?);
                } else if inner.path.is_ident("media_type") {
                    kind = media_type(&inner)?;
                } else {
                    return Err(inner.error("unknown attribute; there are part, name, media_type"));
                }
                Ok(())
            });
            let tokens: TokenStream = content.parse()?;
            syn::parse::Parser::parse2(parser, tokens)?;
        }
        self.part = Some(meta.path.span());
        self.rules.push(quote!(::patchbay_sdk::shape::Rule::Base64));
        let file_name = option(self.file_name.as_ref());
        Ok(quote! {
            File(&::patchbay_sdk::shape::FilePart {
                part: #part,
                file_name: #file_name,
                media_type: #kind,
            })
        })
    }

    /// Returns the `Field` that describes it.
    pub(crate) fn tokens(&self, field: &Field) -> TokenStream {
        let Self {
            name,
            title,
            description,
            rules,
            place,
            ..
        } = self;
        let kind = self.with.as_ref().unwrap_or(&field.ty);
        let shape = quote_spanned!(kind.span()=> <#kind as ::patchbay_sdk::shape::Schema>::SHAPE);
        let span = field
            .ident
            .as_ref()
            .map_or_else(Span::call_site, syn::Ident::span);
        quote_spanned! {span=>
            ::patchbay_sdk::shape::Field {
                name: #name,
                title: #title,
                description: #description,
                shape: #shape,
                rules: &[#(#rules),*],
                place: ::patchbay_sdk::shape::Place::#place,
            }
            .checked()
        }
    }
}

/// Returns the media type that an attribute is set to.
fn media_type(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    let media_type = text(meta)?;
    let value = media_type.value();
    if value.contains('/') && value.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Ok(media_type);
    }
    Err(Error::new(
        media_type.span(),
        "this must be a media type, such as \"text/csv\"",
    ))
}

/// Returns the string that an attribute is set to.
pub(crate) fn text(meta: &ParseNestedMeta<'_>) -> Result<LitStr> {
    meta.value()?.parse()
}
