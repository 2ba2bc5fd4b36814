//! Reading what a vendor answers: JSON, HTTP status, secrets in payloads, files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::failure::{Failure, Refusal};
use crate::transport::Response;

/// How much of a body that isn't JSON goes into a message, in characters.
const EXCERPT: usize = 300;

/// The largest file that goes through an operation, in bytes.
pub const MAX_FILE: usize = 8 * 1024 * 1024;

/// What a secret in a vendor's answer is replaced by.
pub const MASK: &str = "***";

/// The body as JSON. Numbers keep their digits, objects the order of their fields.
pub fn json(response: &Response) -> Result<Value, Failure> {
    serde_json::from_slice(&response.body).map_err(|error| {
        let kind = response.header("content-type").unwrap_or("no content type");
        let what = if response.body.is_empty() {
            "an empty body".to_owned()
        } else {
            format!("{} bytes ({kind}) that aren't JSON: {error}", response.body.len())
        };
        Failure::malformed(
            format!("the vendor answered HTTP {} with {what}", response.status),
            response.status,
        )
    })
}

/// A member of an object as text, where it is a string or a number.
#[must_use]
pub fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

/// What the vendor said with an HTTP status outside 2xx. `code` and `message` name the members of its
/// envelope; a body that isn't such an envelope is quoted.
#[must_use]
pub fn refusal(response: &Response, code: &str, message: &str) -> Refusal {
    let body = serde_json::from_slice::<Value>(&response.body).ok();
    let envelope = body.as_ref().and_then(Value::as_object);
    let words = envelope
        .and_then(|envelope| text(envelope, message))
        .filter(|words| !words.is_empty())
        .unwrap_or_else(|| {
            let body = String::from_utf8_lossy(&response.body);
            let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
            let excerpt: String = body.chars().take(EXCERPT).collect();
            match excerpt.as_str() {
                "" => format!("HTTP {} without a body", response.status),
                _ => format!("HTTP {}: {excerpt}", response.status),
            }
        });
    Refusal {
        code: envelope.and_then(|envelope| text(envelope, code)),
        message: words,
        http_status: Some(response.status),
    }
}

/// The failure that an HTTP status outside 2xx means: 429 is `throttled`, everything else `rejected`.
#[must_use]
pub fn status_failure(response: &Response, refusal: Refusal, now_ms: u64) -> Failure {
    if response.status == 429 {
        Failure::Throttled {
            refusal,
            retry_after_ms: retry_after_ms(response, now_ms),
        }
    } else {
        Failure::Rejected(refusal)
    }
}

/// `Retry-After` (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from now.
#[must_use]
pub fn retry_after_ms(response: &Response, now_ms: u64) -> Option<u64> {
    let text = response.header("retry-after")?.trim();
    if let Ok(seconds) = text.parse::<u64>() {
        return seconds.checked_mul(1000);
    }
    let date = httpdate::parse_http_date(text).ok()?;
    let at = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis();
    Some(u64::try_from(at).ok()?.saturating_sub(now_ms))
}

/// Replaces every non-null member for which `secret` says so, at any depth, by `***`.
pub fn mask(value: &mut Value, secret: &dyn Fn(&str, &Map<String, Value>) -> bool) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| mask(item, secret)),
        Value::Object(object) => {
            let names: Vec<String> = object
                .keys()
                .filter(|name| secret(name, object))
                .cloned()
                .collect();
            for (name, member) in object.iter_mut() {
                if !names.contains(name) {
                    mask(member, secret);
                } else if !member.is_null() {
                    *member = Value::from(MASK);
                }
            }
        }
        _ => {}
    }
}

/// A file as an operation gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct File {
    /// Name of the file.
    pub file_name: String,
    /// Its media type, as the vendor says.
    pub content_type: String,
    /// Its bytes in Base64; at most 8 MiB before encoding.
    #[schemars(extend("contentEncoding" = "base64"))]
    pub content: String,
}

impl File {
    /// The file in a response. `requested` is its name where the response doesn't tell one.
    pub fn from_response(response: &Response, requested: &str) -> Result<Self, Failure> {
        if response.body.len() > MAX_FILE {
            return Err(Failure::malformed(
                format!(
                    "the file has {} bytes; at most {MAX_FILE} go through one call",
                    response.body.len()
                ),
                response.status,
            ));
        }
        let disposition = response.header("content-disposition").unwrap_or_default();
        Ok(Self {
            file_name: file_name(disposition).unwrap_or_else(|| requested.to_owned()),
            content_type: response
                .header("content-type")
                .unwrap_or("application/octet-stream")
                .to_owned(),
            content: STANDARD.encode(&response.body),
        })
    }
}

/// The bytes of a file in an input. `path` is the JSON Pointer to it.
pub fn file_content(path: &str, base64: &str) -> Result<Vec<u8>, Failure> {
    let bytes = STANDARD
        .decode(base64)
        .map_err(|error| Failure::invalid_input(path, format!("isn't Base64: {error}")))?;
    if bytes.len() > MAX_FILE {
        return Err(Failure::invalid_input(
            path,
            format!(
                "has {} bytes; at most {MAX_FILE} go through one call",
                bytes.len()
            ),
        ));
    }
    Ok(bytes)
}

/// The name in a `Content-Disposition` field (RFC 6266): `filename*` before `filename`.
fn file_name(disposition: &str) -> Option<String> {
    let mut plain = None;
    for parameter in parameters(disposition) {
        let Some((name, value)) = parameter.split_once('=') else {
            continue;
        };
        let (name, value) = (name.trim(), value.trim());
        if name.eq_ignore_ascii_case("filename*") {
            // What can't be read is ignored, as the RFC says.
            if let Some(name) = extended(value) {
                return Some(name);
            }
        } else if name.eq_ignore_ascii_case("filename") {
            let value = value
                .strip_prefix('"')
                .and_then(|v| v.strip_suffix('"'))
                .unwrap_or(value);
            plain = Some(value.replace("\\\"", "\""));
        }
    }
    plain
}

/// An extended value (RFC 8187) in UTF-8: `UTF-8'language'percent-encoded`.
fn extended(value: &str) -> Option<String> {
    let mut pieces = value.splitn(3, '\'');
    let charset = pieces.next()?;
    let encoded = pieces.nth(1)?;
    if !charset.eq_ignore_ascii_case("utf-8") {
        return None;
    }
    let name = percent_encoding::percent_decode_str(encoded).decode_utf8().ok()?;
    Some(name.into_owned())
}

/// The parameters of a header field, split at semicolons outside of quotes.
fn parameters(field: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut quoted, mut escaped) = (0, false, false);
    for (index, character) in field.char_indices() {
        match character {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            ';' if !quoted => {
                parts.push(&field[start..index]);
                start = index + 1;
            }
            _ => {}
        }
    }
    parts.push(&field[start..]);
    parts
}
