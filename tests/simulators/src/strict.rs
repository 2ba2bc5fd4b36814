//! Checks a request against the rules of its operation, as a vendor that forgives nothing would.

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, Method};
use serde_json::{Map, Number, Value};

use crate::multipart::{self, Part};
use crate::operation::{Kind, Operation, Param, Payload, Place};
use crate::urlencoded::{decode, pairs};

/// A request as it arrived, body and all.
#[derive(Debug, Clone)]
pub(crate) struct Incoming {
    pub(crate) method: Method,
    pub(crate) path: String,
    pub(crate) query: Option<String>,
    pub(crate) headers: HeaderMap,
    pub(crate) body: Bytes,
}

/// A request that keeps the rules of its operation.
#[derive(Debug, Clone)]
pub struct Call {
    /// The operation.
    pub operation: &'static Operation,
    /// The headers.
    pub headers: HeaderMap,
    /// The query, decoded, in the order it arrived in.
    pub query: Vec<(String, String)>,
    /// Every parameter by its name, wherever it travelled; multipart texts too.
    pub params: Map<String, Value>,
    /// The parts of a multipart form.
    pub parts: Vec<Part>,
    /// The body as received.
    pub body: Bytes,
}

impl Call {
    /// A parameter that is text.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.params.get(name).and_then(Value::as_str)
    }

    /// A parameter that is an integer.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.params.get(name).and_then(Value::as_i64)
    }

    /// A parameter that is text or a number, as text: ids are both.
    #[must_use]
    pub fn id(&self, name: &str) -> Option<String> {
        self.params.get(name).map(scalar)
    }

    /// The file part of that name.
    #[must_use]
    pub fn file(&self, name: &str) -> Option<&Part> {
        self.parts.iter().find(|part| part.name == name)
    }
}

/// A scalar's text: a string's content, a number's digits.
#[must_use]
pub fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

/// What is wrong with a request.
#[derive(Debug, Clone)]
pub(crate) enum Wrong {
    /// There is no such path.
    Path(String),
    /// It breaks a rule.
    Rule(String),
}

/// Finds the operation of a request and checks its rules. Query parameters that carry credentials
/// are not its business.
pub(crate) fn check(
    operations: &'static [Operation],
    is_credential: &dyn Fn(&str) -> bool,
    request: &Incoming,
) -> (Option<&'static Operation>, Result<Call, Wrong>) {
    let (operation, captured) = match route(operations, request) {
        Ok(found) => found,
        Err(wrong) => return (None, Err(wrong)),
    };
    let outcome = check_operation(operation, captured, is_credential, request)
        .map_err(|text| Wrong::Rule(format!("{}: {text}", operation.id)));
    (Some(operation), outcome)
}

type Captured = Vec<(&'static str, String)>;

fn route(
    operations: &'static [Operation],
    request: &Incoming,
) -> Result<(&'static Operation, Captured), Wrong> {
    let mut on_path: Vec<(&'static Operation, Captured)> = operations
        .iter()
        .filter_map(|op| captures(op.path, &request.path).map(|captured| (op, captured)))
        .collect();
    if on_path.is_empty() {
        return Err(Wrong::Path(format!("no operation has the path {}", request.path)));
    }
    on_path.retain(|(op, _)| op.method == request.method.as_str());
    // The most literal template wins; of two on one route, the one whose required query is there.
    let query = request.query.as_deref().unwrap_or_default();
    let there = |name: &str| query.split('&').any(|pair| pair.split('=').next() == Some(name));
    on_path
        .into_iter()
        .min_by_key(|(op, captured)| {
            let missing = op
                .params
                .iter()
                .filter(|p| p.required && p.in_query() && !there(p.name))
                .count();
            (captured.len(), missing)
        })
        .ok_or_else(|| Wrong::Rule(format!("method: {} is not for {}", request.method, request.path)))
}

fn captures(template: &'static str, path: &str) -> Option<Captured> {
    let mut captured = Vec::new();
    let (mut ours, mut theirs) = (template.split('/'), path.split('/'));
    loop {
        match (ours.next(), theirs.next()) {
            (None, None) => return Some(captured),
            (Some(ours), Some(theirs)) => {
                let name = ours.strip_prefix('{').and_then(|s| s.strip_suffix('}'));
                match name {
                    Some(name) if !theirs.is_empty() => captured.push((name, theirs.to_owned())),
                    None if ours == theirs => {}
                    _ => return None,
                }
            }
            _ => return None,
        }
    }
}

fn check_operation(
    operation: &'static Operation,
    captured: Captured,
    is_credential: &dyn Fn(&str) -> bool,
    request: &Incoming,
) -> Result<Call, String> {
    let mut params = Map::new();
    for (name, raw) in captured {
        let text = decode(&raw, false).map_err(|why| format!("path parameter {name:?}: {why}"))?;
        let Some(param) = operation.params.iter().find(|p| p.name == name) else {
            return Err(format!("path parameter {name:?} is not in the table"));
        };
        params.insert(name.to_owned(), typed("path parameter", param, &text)?);
    }
    let query = pairs("query", request.query.as_deref().unwrap_or_default())?;
    let documented = |name: &str| operation.params.iter().any(|p| p.in_query() && p.name == name);
    let mut parameters = query.clone();
    parameters.retain(|(name, _)| documented(name) || !is_credential(name));
    let in_query = fields("query parameter", operation, &parameters, Param::in_query)?;
    let content_type = content_type(&request.headers)?;
    let mut parts = Vec::new();
    let in_body = match operation.payload {
        Payload::None => {
            if !request.body.is_empty() {
                let bytes = request.body.len();
                return Err(format!("body: expected none, arrived {bytes} bytes"));
            }
            if let Some(kind) = content_type {
                return Err(format!("content type: expected none, arrived {kind:?}"));
            }
            Map::new()
        }
        Payload::Json => {
            expect_type(content_type, "application/json")?;
            json_body(operation, &request.body)?
        }
        Payload::Form => {
            expect_type(content_type, "application/x-www-form-urlencoded")?;
            let text = std::str::from_utf8(&request.body).map_err(|_| "body: not UTF-8")?;
            let pairs = pairs("form", text)?;
            fields("form field", operation, &pairs, |p| p.place == Place::Form)?
        }
        Payload::Multipart => {
            let boundary = multipart::boundary(content_type.unwrap_or_default())?;
            parts = multipart::parse(&boundary, &request.body)?;
            check_parts(operation, &parts)?
        }
    };
    for param in operation.params.iter().filter(|p| p.place == Place::QueryAndJson) {
        let (ours, theirs) = (in_query.get(param.name), in_body.get(param.name));
        if ours.map(scalar) != theirs.map(scalar) {
            return Err(format!(
                "parameter {:?}: the query and the JSON body differ",
                param.name
            ));
        }
    }
    // What is in the path and again in the body is one parameter.
    for (name, ours) in &params {
        if in_body
            .get(name)
            .is_some_and(|theirs| scalar(theirs) != scalar(ours))
        {
            return Err(format!("parameter {name:?}: the path and the body differ"));
        }
    }
    params.extend(in_query);
    params.extend(in_body);
    Ok(Call {
        operation,
        headers: request.headers.clone(),
        query,
        params,
        parts,
        body: request.body.clone(),
    })
}

fn content_type(headers: &HeaderMap) -> Result<Option<&str>, String> {
    let mut all = headers.get_all(CONTENT_TYPE).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err("content type: more than one".into());
    }
    first
        .map(|value| value.to_str().map_err(|_| "content type: not ASCII".into()))
        .transpose()
}

fn expect_type(arrived: Option<&str>, expected: &str) -> Result<(), String> {
    let arrived = arrived.unwrap_or_default();
    let mut pieces = arrived.split(';').map(str::trim);
    let kind = pieces.next().unwrap_or_default();
    let charset_fits = pieces.all(|piece| piece.eq_ignore_ascii_case("charset=utf-8"));
    if kind.eq_ignore_ascii_case(expected) && charset_fits {
        Ok(())
    } else {
        Err(format!("content type: expected {expected}, arrived {arrived:?}"))
    }
}

/// Checks text parameters: types, required ones, unknown ones.
fn fields(
    what: &str,
    operation: &Operation,
    pairs: &[(String, String)],
    belongs: impl Fn(&Param) -> bool,
) -> Result<Map<String, Value>, String> {
    let mut checked = Map::new();
    for (name, text) in pairs {
        let found = operation.params.iter().find(|p| p.name == name && belongs(p));
        match found {
            Some(param) => {
                checked.insert(name.clone(), typed(what, param, text)?);
            }
            None => return Err(format!("{what} {name:?}: not documented here")),
        }
    }
    for param in operation.params.iter().filter(|p| p.required && belongs(p)) {
        if !checked.contains_key(param.name) {
            return Err(format!("{what} {:?}: required, missing", param.name));
        }
    }
    Ok(checked)
}

/// Reads a parameter that travels as text.
fn typed(what: &str, param: &Param, text: &str) -> Result<Value, String> {
    let number = || {
        let parsed: Result<Number, _> = serde_json::from_str(text);
        parsed.ok().map(Value::Number)
    };
    let value = match param.kind {
        Kind::Integer => number().filter(is_integer),
        Kind::Number => number(),
        Kind::Boolean => match text {
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ => None,
        },
        _ => Some(Value::String(text.to_owned())),
    };
    let Some(value) = value else {
        let arrived = shown(param, &Value::String(text.to_owned()));
        return Err(format!(
            "{what} {:?}: expected {:?}, arrived {arrived}",
            param.name, param.kind
        ));
    };
    limits(what, param, &value)?;
    Ok(value)
}

fn is_integer(value: &Value) -> bool {
    value.is_number() && !value.to_string().contains(['.', 'e', 'E'])
}

fn shown(param: &Param, value: &Value) -> String {
    if param.secret {
        return "***".into();
    }
    let text = value.to_string();
    match text.char_indices().nth(200) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

fn limits(what: &str, param: &Param, value: &Value) -> Result<(), String> {
    let text = scalar(value);
    if !param.one_of.is_empty() && !param.one_of.contains(&text.as_str()) {
        return Err(format!(
            "{what} {:?}: expected one of {:?}, arrived {}",
            param.name,
            param.one_of,
            shown(param, value)
        ));
    }
    match param.max_length {
        Some(max) if text.chars().count() > max => Err(format!(
            "{what} {:?}: at most {max} characters, arrived {}",
            param.name,
            text.chars().count()
        )),
        _ => Ok(()),
    }
}

fn json_body(operation: &Operation, body: &Bytes) -> Result<Map<String, Value>, String> {
    let value: Value = serde_json::from_slice(body).map_err(|error| format!("body: not JSON: {error}"))?;
    let Value::Object(object) = value else {
        return Err("body: JSON, but no object".into());
    };
    members(operation, "", &object)?;
    Ok(object)
}

/// Checks the members of an object at a dotted prefix, and what is nested in them.
fn members(operation: &Operation, prefix: &str, object: &Map<String, Value>) -> Result<(), String> {
    for (key, value) in object {
        let full = format!("{prefix}{key}");
        // In names of the table these two mean nesting, in a key they are just characters.
        let nameable = !key.contains(['.', '[']);
        let mut named = operation.params.iter().filter(|p| nameable && p.name == full);
        let elsewhere = named.clone().any(|p| !p.in_json());
        let found = named.find(|p| p.in_json());
        match found {
            Some(param) => member(operation, param, value)?,
            None if operation.free_fields && !elsewhere => {}
            None => return Err(format!("JSON member {full:?}: not documented here")),
        }
    }
    for param in operation.params.iter().filter(|p| p.required && p.in_json()) {
        let direct = param
            .name
            .strip_prefix(prefix)
            .filter(|rest| !rest.contains(['.', '[']));
        if direct.is_some_and(|name| !object.contains_key(name)) {
            return Err(format!("JSON member {:?}: required, missing", param.name));
        }
    }
    Ok(())
}

fn member(operation: &Operation, param: &Param, value: &Value) -> Result<(), String> {
    let fits = match param.kind {
        Kind::Text => value.is_string(),
        Kind::Integer => is_integer(value),
        Kind::Number => value.is_number(),
        Kind::Boolean => value.is_boolean(),
        Kind::Array => value.is_array(),
        Kind::Object => value.is_object(),
        Kind::IntegerOrText => is_integer(value) || value.is_string(),
        Kind::Any => true,
    };
    if !fits {
        return Err(format!(
            "JSON member {:?}: expected {:?}, arrived {}",
            param.name,
            param.kind,
            shown(param, value)
        ));
    }
    limits("JSON member", param, value)?;
    let nested = |prefix: &str| operation.params.iter().any(|p| p.name.starts_with(prefix));
    match value {
        Value::Object(object) => {
            let prefix = format!("{}.", param.name);
            if nested(&prefix) {
                members(operation, &prefix, object)?;
            }
        }
        Value::Array(elements) => {
            let (element, prefix) = (format!("{}[]", param.name), format!("{}[].", param.name));
            for value in elements {
                if let Some(param) = operation.params.iter().find(|p| p.name == element) {
                    member(operation, param, value)?;
                } else if nested(&prefix) {
                    let Value::Object(object) = value else {
                        return Err(format!("JSON member {element:?}: expected an object"));
                    };
                    members(operation, &prefix, object)?;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

fn check_parts(operation: &Operation, parts: &[Part]) -> Result<Map<String, Value>, String> {
    let mut texts = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        let name = &part.name;
        if parts[..at].iter().any(|other| other.name == *name) {
            return Err(format!("multipart part {name:?} is there twice"));
        }
        let Some(param) = operation.params.iter().find(|p| p.name == name) else {
            return Err(format!("multipart part {name:?}: not documented here"));
        };
        match (param.place, &part.file_name) {
            (Place::File, Some(file)) if !file.is_empty() => {}
            (Place::File, _) => {
                return Err(format!("multipart part {name:?}: a file, without a file name"));
            }
            (_, Some(_)) => {
                return Err(format!("multipart part {name:?}: text, with a file name"));
            }
            (_, None) => {
                let text = std::str::from_utf8(&part.content)
                    .map_err(|_| format!("multipart part {name:?}: not UTF-8"))?;
                texts.push((name.clone(), text.to_owned()));
            }
        }
    }
    for param in operation.params {
        let missing = !parts.iter().any(|part| part.name == param.name);
        if param.place == Place::File && param.required && missing {
            return Err(format!("multipart part {:?}: required, missing", param.name));
        }
    }
    fields("multipart part", operation, &texts, |p| {
        p.place == Place::Multipart
    })
}
