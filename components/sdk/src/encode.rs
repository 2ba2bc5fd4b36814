//! Requests, encoded: pure functions from parameters to the bytes that travel.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Map, Value};

use crate::answer::{file_content, to_text};
use crate::endpoint::{Declaration, Encoding, Method};
use crate::failure::Failure;
use crate::params::Params;
use crate::shape::{Field, Place, Rule};
use crate::transport::Request;

mod multipart;

pub use multipart::Part;
use multipart::{multipart, parts};

/// Everything but RFC 3986's unreserved characters is escaped, so that every byte arrives as given.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// Percent-encodes `text` as RFC 3986 does: only `A-Z a-z 0-9 - . _ ~` stay as they are.
#[must_use]
pub fn percent(text: &str) -> String {
    utf8_percent_encode(text, ESCAPED).to_string()
}

/// Returns bytes as hexadecimal digits in lower case.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from(b"0123456789abcdef"[usize::from(half)]);
    bytes
        .iter()
        .flat_map(|byte| [digit(byte >> 4), digit(byte & 15)])
        .collect()
}

/// Returns the bytes of hexadecimal digits in lower or upper case, such as a signature to verify. `None` where it is
/// something else.
#[must_use]
pub fn from_hex(text: &str) -> Option<Vec<u8>> {
    let digit = |byte: u8| {
        char::from(byte)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    text.as_bytes()
        .chunks(2)
        .map(|pair| match *pair {
            [high, low] => Some(digit(high)? << 4 | digit(low)?),
            _ => None,
        })
        .collect()
}

/// A JSON value as one piece of text, for a query, a form or a path: strings as they are, numbers with
/// their digits, lists and objects as JSON.
#[must_use]
pub fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => to_text(other),
    }
}

/// Name and value pairs as a query or a form carries them.
#[must_use]
pub fn pairs(pairs: &[(String, String)]) -> String {
    let mut text = String::new();
    for (name, value) in pairs {
        if !text.is_empty() {
            text.push('&');
        }
        text.push_str(&percent(name));
        text.push('=');
        text.push_str(&percent(value));
    }
    text
}

/// What an encoded request carries. There will be a further case only with a new version of this library: a connector
/// that signs bodies must not overlook one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// No body, and no content type.
    None,
    /// A JSON text.
    Json(Vec<u8>),
    /// Form fields, not yet encoded.
    Form(Vec<(String, String)>),
    /// Parts of a form.
    Multipart(Vec<Part>),
    /// Anything else.
    Raw {
        /// What it is: `text/csv`.
        media_type: &'static str,
        /// Its bytes.
        content: Vec<u8>,
    },
}

/// A request, complete but for host and authentication. Its parameters are still apart, because some
/// vendors sign them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Encoded {
    /// The HTTP method.
    pub method: Method,
    /// The path after `base_url`, percent-encoded.
    pub path: String,
    /// Parameters of the query, not yet encoded.
    pub query: Vec<(String, String)>,
    /// Parameters that are header fields.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Body,
}

impl Encoded {
    /// Returns a request without parameters. `path` is percent-encoded.
    #[must_use]
    pub fn new(method: Method, path: impl Into<String>) -> Self {
        Self {
            method,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::None,
        }
    }

    /// Encodes the parameters of an endpoint. `path` is its path, or what replaces it in a deployment.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] where a parameter can't travel, [`Failure::InvalidSettings`] where the path
    /// is empty or has a placeholder that can't be filled.
    pub fn endpoint(declaration: &Declaration, mut params: Params, path: &str) -> Result<Self, Failure> {
        if path.is_empty() {
            return Err(Failure::InvalidSettings(format!(
                "the vendor documents no path for {:?}; give one in the setting \"path_overrides\"",
                declaration.id
            )));
        }
        if let Some(prepare) = declaration.prepare {
            prepare(&mut params)?;
        }
        let mut params = params.into_map();
        for field in declaration.input.fields {
            if let Some(value) = params.get_mut(field.name) {
                for rule in field.rules {
                    as_text(rule, field.name, value)?;
                }
            }
        }
        let (path, in_path) = fill(path, &params)?;
        let method = declaration
            .route
            .as_ref()
            .map_or(Method::POST, |route| route.method.clone());
        let mut encoded = Self::new(method, path);
        let mut files = Vec::new();
        let mut media_types = Vec::new();
        let mut has_own_body = false;
        for field in declaration.input.fields {
            has_own_body |= matches!(field.place, Place::Body(_));
            let Some(value) = params.get(field.name) else {
                continue;
            };
            let travels_in_path = in_path.iter().any(|name| name == field.name);
            match field.place {
                Place::AlsoBody => continue,
                _ if travels_in_path => {}
                Place::Default => continue,
                Place::Query => encoded.query.push((field.name.to_owned(), scalar(value))),
                Place::Header(name) => {
                    let value = header_value(field.name, scalar(value))?;
                    encoded.headers.push((name.to_owned(), value));
                }
                Place::File(file) => {
                    files.push((field.name, file));
                    continue;
                }
                Place::Part(media_type) => {
                    media_types.push((field.name, media_type));
                    continue;
                }
                Place::Body(media_type) => encoded.body = raw(field, media_type, value)?,
            }
            params.shift_remove(field.name);
        }
        for name in in_path {
            // What isn't declared, too: a path of the deployment may name it.
            if declaration.input.field(&name).is_none() {
                params.shift_remove(&name);
            }
        }
        match (declaration.encoding, &encoded.method) {
            _ if has_own_body => encoded.query.extend(texts(&params)),
            (Encoding::ByMethod, &(Method::GET | Method::HEAD)) | (Encoding::Query, _) => {
                encoded.query.extend(texts(&params));
            }
            (Encoding::ByMethod, _) => encoded.body = Body::Json(json(params)),
            (Encoding::QueryAndJson, _) => {
                encoded.query.extend(texts(&params));
                encoded.body = Body::Json(json(params));
            }
            (Encoding::Form, _) => encoded.body = Body::Form(texts(&params).collect()),
            (Encoding::Multipart, _) => {
                encoded.body = Body::Multipart(parts(&params, &files, &media_types)?);
            }
        }
        Ok(encoded)
    }

    /// Returns the request as it is sent to `base_url`, which may carry a path of its own.
    #[must_use]
    pub fn to_request(&self, base_url: &str) -> Request {
        let mut url = format!("{}{}", base_url.trim_end_matches('/'), self.path);
        if !self.query.is_empty() {
            url.push(if url.contains('?') { '&' } else { '?' });
            url.push_str(&pairs(&self.query));
        }
        let mut request = Request::new(self.method.clone(), url);
        for (name, value) in &self.headers {
            request = request.header(name, value.clone());
        }
        match &self.body {
            Body::None => request,
            Body::Json(bytes) => request.body("application/json", bytes.clone()),
            Body::Form(fields) => {
                request.body("application/x-www-form-urlencoded", pairs(fields).into_bytes())
            }
            Body::Multipart(parts) => {
                let (content_type, bytes) = multipart(parts);
                request.body(&content_type, bytes)
            }
            Body::Raw { media_type, content } => request.body(media_type, content.clone()),
        }
    }
}

fn texts(params: &Map<String, Value>) -> impl Iterator<Item = (String, String)> {
    params.iter().map(|(name, value)| (name.clone(), scalar(value)))
}

fn json(params: Map<String, Value>) -> Vec<u8> {
    to_text(&Value::Object(params)).into_bytes()
}

/// Makes one string of a value that travels as one.
fn as_text(rule: &Rule, name: &str, value: &mut Value) -> Result<(), Failure> {
    match (rule, &*value) {
        (Rule::JsonText, Value::String(_)) => {}
        (Rule::JsonText, held) => *value = Value::String(to_text(held)),
        (Rule::CommaList, Value::Array(items)) => {
            let items: Vec<String> = items.iter().map(scalar).collect();
            if let Some(index) = items.iter().position(|item| item.contains(',')) {
                return Err(Failure::invalid_input(
                    format!("/{name}/{index}"),
                    "must not contain a comma: the vendor takes the list as one text with commas",
                ));
            }
            *value = Value::String(items.join(","));
        }
        _ => {}
    }
    Ok(())
}

fn header_value(name: &str, value: String) -> Result<String, Failure> {
    if value.bytes().all(|byte| matches!(byte, b' '..=b'~')) && value.trim() == value {
        return Ok(value);
    }
    Err(Failure::invalid_input(
        format!("/{name}"),
        "travels in a header field, and so must be printable ASCII without blanks around it",
    ))
}

/// A parameter that is the whole body.
fn raw(field: &Field, media_type: &'static str, value: &Value) -> Result<Body, Failure> {
    let is_base64 = field.rules.iter().any(|rule| matches!(rule, Rule::Base64));
    let content = match value {
        Value::String(text) if is_base64 => file_content(&format!("/{}", field.name), text)?,
        value => scalar(value).into_bytes(),
    };
    Ok(Body::Raw { media_type, content })
}

/// Fills `{name}` in a path from the parameters. Returns the names, too.
fn fill(template: &str, params: &Map<String, Value>) -> Result<(String, Vec<String>), Failure> {
    let mut path = String::new();
    let mut used = Vec::new();
    let mut rest = template;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((name, after)) = after.split_once('}') else {
            return Err(Failure::InvalidSettings(format!(
                "the path {template:?} has an opening brace without a closing one"
            )));
        };
        let Some(value) = params.get(name) else {
            return Err(Failure::InvalidSettings(format!(
                "the path {template:?} has the placeholder {{{name}}}, but the operation has no parameter {name:?}, or it was left out"
            )));
        };
        let text = scalar(value);
        if matches!(text.as_str(), "" | "." | "..") {
            return Err(Failure::invalid_input(
                format!("/{name}"),
                format!("{text:?} can't be one segment of a path"),
            ));
        }
        path.push_str(before);
        path.push_str(&percent(&text));
        used.push(name.to_owned());
        rest = after;
    }
    path.push_str(rest);
    Ok((path, used))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hexadecimal_digits_are_bytes() {
        assert_eq!(from_hex("00fFa5"), Some(vec![0, 255, 0xa5]));
        assert_eq!(from_hex(&hex(b"\0\x10\xff")), Some(b"\0\x10\xff".to_vec()));
        assert_eq!(from_hex(""), Some(Vec::new()));
        for wrong in ["0", "0g", "+1", "000", "密"] {
            assert_eq!(from_hex(wrong), None, "{wrong}");
        }
    }
}
