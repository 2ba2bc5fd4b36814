//! Reading what a vendor answers: JSON, HTTP status, files.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde::Serialize;
use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::codes::VendorCode;
use crate::failure::{Failure, Interruption, Refusal};
use crate::shape::Schema;
use crate::transport::Response;

/// How much of a body that isn't JSON goes into a message, in characters.
const EXCERPT: usize = 300;

/// How large the details of a refusal may be, in bytes of JSON. Larger ones are left out.
const MAX_DETAILS: usize = 8 * 1024;

/// The longest wait that a `Retry-After` asks for, in milliseconds: one day.
const MAX_RETRY_AFTER_MS: u64 = 24 * 60 * 60 * 1000;

/// The largest file that goes through an operation, in bytes.
pub const MAX_FILE: usize = 8 * 1024 * 1024;

/// Parses a JSON text. Numbers keep their digits, objects the order of their members.
///
/// All JSON goes this way, and none through `serde_json::from_slice`, which would put a second parser into the
/// component.
///
/// # Errors
///
/// Where it isn't UTF-8 or isn't JSON.
pub fn parse(text: &[u8]) -> serde_json::Result<Value> {
    std::str::from_utf8(text)
        .map_err(serde_json::Error::custom)
        .and_then(serde_json::from_str)
}

/// Returns a value as JSON text without blanks. [`Value`]'s `to_string` does the same, with a second writer, and
/// a third for text with blanks.
#[must_use]
pub fn to_text(value: &Value) -> String {
    // A value is always JSON.
    serde_json::to_string(value).unwrap_or_default()
}

/// Returns the body as JSON. Numbers keep their digits, objects the order of their fields.
///
/// # Errors
///
/// [`Failure::MalformedResponse`] where it isn't JSON.
pub fn json(response: &Response) -> Result<Value, Failure> {
    parse(&response.body).map_err(|error| {
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

/// Returns a member of an object as text, where it is a string or a number.
#[must_use]
pub fn text(object: &Map<String, Value>, name: &str) -> Option<String> {
    match object.get(name)? {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.as_str().to_owned()),
        _ => None,
    }
}

/// Returns what the vendor said with an HTTP status outside 2xx. `code` and `message` name the members of
/// its envelope, `codes` has the meanings of its codes; a body that isn't such an envelope is quoted.
#[must_use]
pub fn refusal(response: &Response, code: &str, message: &str, codes: &[VendorCode]) -> Refusal {
    let mut refusal = match parse(&response.body) {
        Ok(Value::Object(envelope)) => envelope_refusal(envelope, code, message, codes),
        _ => Refusal::default(),
    };
    if refusal.message.is_empty() {
        let body = String::from_utf8_lossy(&response.body);
        let body = body.split_whitespace().collect::<Vec<_>>().join(" ");
        let excerpt: String = body.chars().take(EXCERPT).collect();
        refusal.message = match excerpt.as_str() {
            "" => format!("HTTP {} without a body", response.status),
            _ => format!("HTTP {}: {excerpt}", response.status),
        };
    }
    refusal.http_status = Some(response.status);
    refusal
}

/// Returns what an envelope says of a failure. The message is empty where neither the envelope nor `codes`
/// has one.
pub(crate) fn envelope_refusal(
    mut envelope: Map<String, Value>,
    code: &str,
    message: &str,
    codes: &[VendorCode],
) -> Refusal {
    let own_code = text(&envelope, code);
    let words = text(&envelope, message).filter(|words| !words.trim().is_empty());
    let meaning = || {
        let known = codes.iter().find(|known| Some(known.code) == own_code.as_deref());
        known.map(|known| known.meaning.to_owned())
    };
    let message_or_meaning = words.or_else(meaning).unwrap_or_default();
    envelope.retain(|name, value| {
        let says_more = match value {
            Value::String(text) => !text.is_empty(),
            Value::Array(items) => !items.is_empty(),
            Value::Object(members) => !members.is_empty(),
            Value::Null | Value::Bool(_) | Value::Number(_) => false,
        };
        says_more && name != code && (name != message || !value.is_string())
    });
    let given = !envelope.is_empty();
    let details = Value::Object(envelope);
    let given = given && to_text(&details).len() <= MAX_DETAILS;
    Refusal {
        code: own_code,
        message: message_or_meaning,
        http_status: None,
        details: given.then_some(details),
    }
}

/// Returns the failure that an HTTP status outside 2xx means: 429 is `throttled`; 502, 503 and 504 are
/// `unreachable`, because a gateway answered and the vendor may have acted; everything else is `rejected`.
#[must_use]
pub fn status_failure(response: &Response, refusal: Refusal, now_ms: u64) -> Failure {
    let retry_after_ms = retry_after_ms(response, now_ms);
    match response.status {
        429 => Failure::Throttled {
            refusal,
            retry_after_ms,
        },
        502..=504 => Failure::Unreachable(Interruption {
            message: refusal.message,
            request_sent: true,
            http_status: Some(response.status),
            retry_after_ms,
        }),
        _ => Failure::Rejected(refusal),
    }
}

/// Returns `Retry-After` (RFC 9110, section 10.2.3), seconds or a date, as milliseconds from now. It is one
/// day at most.
#[must_use]
pub fn retry_after_ms(response: &Response, now_ms: u64) -> Option<u64> {
    let text = response.header("retry-after")?.trim();
    let wait = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // Only a number that is too large for the type fails here.
        text.parse::<u64>()
            .map_or(u64::MAX, |seconds| seconds.saturating_mul(1000))
    } else {
        let date = httpdate::parse_http_date(text).ok()?;
        let at = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_millis();
        u64::try_from(at).unwrap_or(u64::MAX).saturating_sub(now_ms)
    };
    Some(wait.min(MAX_RETRY_AFTER_MS))
}

/// A file as an operation gives it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Schema)]
#[serde(rename_all = "camelCase")]
#[schema(rename_all = "camelCase")]
pub struct File {
    /// Name of the file.
    pub file_name: String,
    /// Its media type, as the vendor says.
    pub content_type: String,
    /// Its bytes in Base64; at most 8 MiB before encoding.
    #[schema(content_encoding = "base64")]
    pub content: String,
}

impl File {
    /// Returns the file in a response. `requested` is its name where the response has none.
    ///
    /// # Errors
    ///
    /// [`Failure::MalformedResponse`] where it is larger than [`MAX_FILE`].
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

/// Returns the bytes of a file in an input. `path` is the JSON Pointer to it.
///
/// # Errors
///
/// [`Failure::InvalidInput`] where it isn't Base64 or is larger than [`MAX_FILE`].
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
