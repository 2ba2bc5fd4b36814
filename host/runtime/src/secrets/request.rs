//! Real values into requests that leave.

use std::convert::Infallible;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use bytes::Bytes;
use http::header::{
    ACCEPT_ENCODING, AUTHORIZATION, CONTENT_LENGTH, CONTENT_TYPE, IF_RANGE, PROXY_AUTHORIZATION, RANGE, TE,
};
use http::uri::PathAndQuery;
use http::{HeaderMap, HeaderName, HeaderValue, Request, Uri};
use serde::de::IgnoredAny;
use serde_json::Value;

use super::Secrets;
use super::placeholder::Secret;
use super::settings::Known;

/// Why a request can't be sent with the secrets that belong into it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Unsendable {
    /// A secret has characters that no header field can have.
    #[error(
        "the setting {setting:?} has a line break or another control character, which the header field {field:?} can't carry; give it without"
    )]
    Field {
        /// The setting that the secret is in.
        setting: String,
        /// The name of the header field.
        field: String,
    },
    /// The URL becomes too long.
    #[error("the URL of the request becomes too long with the value of the setting {setting:?} in it")]
    Url {
        /// The setting that the secret is in.
        setting: String,
    },
}

impl Secrets {
    /// The request with the real values in place of placeholders, in each place's own encoding: URL and form
    /// percent-encoded, JSON escaped (also in JSON within a string, to any depth), `Authorization: Basic`
    /// within its Base64, everything else as it is. Only for origins that policy allows.
    ///
    /// What asks for a part of an answer or for a compressed one is left out: secrets that it repeats
    /// couldn't be found in it.
    pub(crate) fn fill(&self, request: Request<Bytes>) -> Result<Request<Bytes>, Unsendable> {
        // Whatever is logged of the exchange must not show a token of this call's login.
        self.refresh();
        let known = self.known();
        if known.is_empty() {
            return Ok(request);
        }
        let (mut head, mut body) = request.into_parts();
        head.uri = uri(&known, head.uri)?;
        for name in [ACCEPT_ENCODING, IF_RANGE, RANGE, TE] {
            head.headers.remove(name);
        }
        fields(&known, &mut head.headers)?;
        if let Some(filled) = known.body(head.headers.get(CONTENT_TYPE), &body) {
            body = filled.into();
            if head.headers.contains_key(CONTENT_LENGTH) {
                head.headers.insert(CONTENT_LENGTH, body.len().into());
            }
        }
        Ok(Request::from_parts(head, body))
    }
}

fn uri(known: &Known, uri: Uri) -> Result<Uri, Unsendable> {
    let Some(target) = uri.path_and_query() else {
        return Ok(uri);
    };
    let mut last = None;
    let filled = never(known.fill(target.as_str().as_bytes(), |secret, before| {
        last = Some(secret.setting.clone());
        Ok(percent(secret, before))
    }));
    let (Some(filled), Some(setting)) = (filled, last) else {
        return Ok(uri);
    };
    let mut parts = uri.into_parts();
    let too_long = |_| Unsendable::Url { setting };
    parts.path_and_query = Some(PathAndQuery::try_from(filled).map_err(too_long)?);
    // Scheme and authority are those that it came with.
    Ok(Uri::from_parts(parts).unwrap_or_default())
}

fn fields(known: &Known, headers: &mut HeaderMap) -> Result<(), Unsendable> {
    for (name, value) in headers.iter_mut() {
        let filled = match basic(known, name, value) {
            Some(filled) => Some(filled),
            None => known.fill(value.as_bytes(), |secret, _| {
                match HeaderValue::from_bytes(secret.value.as_bytes()) {
                    Ok(_) => Ok(Some(secret.value.as_bytes().to_vec())),
                    Err(_) => Err(Unsendable::Field {
                        setting: secret.setting.clone(),
                        field: name.to_string(),
                    }),
                }
            })?,
        };
        // Parts that a header field can carry make a whole that it can carry.
        if let Some(mut filled) = filled.and_then(|filled| HeaderValue::from_bytes(&filled).ok()) {
            filled.set_sensitive(true);
            *value = filled;
        }
    }
    Ok(())
}

/// `Basic` credentials (RFC 7617) with a placeholder in them.
fn basic(known: &Known, name: &HeaderName, value: &HeaderValue) -> Option<Vec<u8>> {
    if *name != AUTHORIZATION && *name != PROXY_AUTHORIZATION {
        return None;
    }
    let (scheme, credentials) = value.to_str().ok()?.trim().split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = credentials.trim().trim_end_matches('=');
    let credentials = STANDARD_NO_PAD.decode(credentials).ok()?;
    let filled = never(known.fill(&credentials, as_it_is))?;
    Some(format!("{scheme} {}", STANDARD.encode(filled)).into_bytes())
}

impl Known {
    fn body(&self, content_type: Option<&HeaderValue>, body: &[u8]) -> Option<Vec<u8>> {
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        if essence == "application/x-www-form-urlencoded" {
            never(self.fill(body, |secret, before| Ok(percent(secret, before))))
        } else if essence.ends_with("json") {
            self.json(body)
        } else {
            never(self.fill(body, as_it_is))
        }
    }

    /// Fills the strings of a JSON text. Everything else of it stays as it is, to the byte.
    fn json(&self, text: &[u8]) -> Option<Vec<u8>> {
        if !self.holds_placeholder(text) {
            return None;
        }
        let mut filled = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(opening) = rest.iter().position(|byte| *byte == b'"') {
            filled.extend_from_slice(&rest[..opening]);
            rest = &rest[opening..];
            let Some(length) = literal(rest) else { break };
            filled.extend(self.literal(&rest[..length]));
            rest = &rest[length..];
        }
        filled.extend_from_slice(rest);
        Some(filled)
    }

    /// Fills one string literal. What isn't one in truth stays as it is.
    fn literal(&self, literal: &[u8]) -> Vec<u8> {
        let filled = serde_json::from_slice::<String>(literal).ok().and_then(|text| {
            // The connector has put a JSON text into a string: what is in it is escaped twice.
            let is_json = text.trim_start().starts_with(['{', '[', '"'])
                && serde_json::from_str::<IgnoredAny>(&text).is_ok();
            let filled = if is_json {
                self.json(text.as_bytes())
            } else {
                never(self.fill(text.as_bytes(), as_it_is))
            }?;
            Some(Value::from(String::from_utf8(filled).ok()?).to_string())
        });
        filled.map_or_else(|| literal.to_vec(), String::into_bytes)
    }
}

/// How long the string literal is that a text begins with, both quotes included.
fn literal(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[expect(clippy::unnecessary_wraps, reason = "other places can't take every value")]
fn as_it_is(secret: &Secret, _: &[u8]) -> Result<Option<Vec<u8>>, Infallible> {
    Ok(Some(secret.value.as_bytes().to_vec()))
}

/// Percent-encoding (RFC 3986), which a form understands too. In the middle of an escape nothing is filled
/// in: the vendor would take the value's beginning for a part of it, and repeat the rest unrecognised.
fn percent(secret: &Secret, before: &[u8]) -> Option<Vec<u8>> {
    if let [.., b'%'] | [.., b'%', _] = before {
        return None;
    }
    let mut encoded = Vec::with_capacity(secret.value.len() * 3);
    for byte in secret.value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte);
        } else {
            let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value)];
            encoded.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    Some(encoded)
}

fn never<T>(result: Result<T, Infallible>) -> T {
    match result {
        Ok(value) => value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::secrets::settings::tests::secrets;

    const SECRET: &str = "p&ss w/rd+密码~*\"\\";

    fn request(content_type: &str, body: impl Into<String>) -> Request<Bytes> {
        let body: String = body.into();
        Request::post("http://h.example/a")
            .header(CONTENT_TYPE, content_type)
            .header(CONTENT_LENGTH, body.len())
            .body(body.into())
            .unwrap()
    }

    #[test]
    fn path_and_query_are_percent_encoded() {
        let (secrets, [at]) = secrets([SECRET]);
        let request = Request::get(format!("http://h.example:81/a/{at}/b?k={at}&x=%20"))
            .body(Bytes::new())
            .unwrap();
        let encoded = "p%26ss%20w%2Frd%2B%E5%AF%86%E7%A0%81~%2A%22%5C";
        let filled = secrets.fill(request).unwrap();
        assert_eq!(
            filled.uri().to_string(),
            format!("http://h.example:81/a/{encoded}/b?k={encoded}&x=%20")
        );
    }

    #[test]
    fn nothing_is_filled_into_a_host_or_into_half_an_escape() {
        let (secrets, [at]) = secrets(["41geheim"]);
        for url in [format!("http://{at}/"), format!("http://h/?a=%{at}&b=%4{at}")] {
            let request = Request::get(&url).body(Bytes::new()).unwrap();
            assert_eq!(secrets.fill(request).unwrap().uri().to_string(), url);
        }
    }

    #[test]
    fn bodies_are_filled_in_their_own_encoding_and_their_length_is_right() {
        let (secrets, [at, other]) = secrets([SECRET, "17"]);
        let json = |text: &str| Value::from(text).to_string();
        let inner = format!(r#"{{"k": {}}}"#, json(SECRET));
        for (content_type, body, expected) in [
            (
                "application/x-www-form-urlencoded; charset=utf-8",
                format!("a={at}&b={other}"),
                "a=p%26ss%20w%2Frd%2B%E5%AF%86%E7%A0%81~%2A%22%5C&b=17".to_owned(),
            ),
            (
                "application/json",
                format!(r#"{{ "a\n" : "x{at}y", "{at}":1.10, "b":"{other}" }}"#),
                format!(
                    r#"{{ "a\n" : {}, {}:1.10, "b":"17" }}"#,
                    json(&format!("x{SECRET}y")),
                    json(SECRET)
                ),
            ),
            // JSON within a string, and within a string within a string.
            (
                "application/problem+json",
                format!(r#"{{"a":{}}}"#, json(&format!(r#"{{"k": "{at}"}}"#))),
                format!(r#"{{"a":{}}}"#, json(&inner)),
            ),
            (
                "application/json",
                json(&format!("[{}]", json(&format!(r#"{{"k": "{at}"}}"#)))),
                json(&format!("[{}]", json(&inner))),
            ),
            // Not JSON: nothing is filled in where it could become something else.
            (
                "application/json",
                format!(r#"[{at},"\{at}"#),
                format!(r#"[{at},"\{at}"#),
            ),
            ("text/plain", format!("a {at}"), format!("a {SECRET}")),
            (
                "multipart/form-data; boundary=b",
                format!("--b\r\n\r\n{at}\r\n--b--"),
                format!("--b\r\n\r\n{SECRET}\r\n--b--"),
            ),
        ] {
            let filled = secrets.fill(request(content_type, body)).unwrap();
            assert_eq!(String::from_utf8_lossy(filled.body()), expected, "{content_type}");
            assert_eq!(filled.headers()[CONTENT_LENGTH], expected.len().to_string());
        }
    }

    #[test]
    fn header_fields_are_filled_as_they_are_and_basic_credentials_within() {
        let (secrets, [at, line]) = secrets([SECRET, "a\nb"]);
        let credentials = STANDARD.encode(format!("user:{at}{line}"));
        let request = Request::get("http://h/")
            .header("x-key", format!("k {at}"))
            .header(AUTHORIZATION, format!("Basic {credentials}"))
            .body(Bytes::new())
            .unwrap();
        let filled = secrets.fill(request).unwrap();
        let key = &filled.headers()["x-key"];
        assert_eq!(key.as_bytes(), format!("k {SECRET}").as_bytes());
        assert_eq!(format!("{key:?}"), "Sensitive");
        let expected = format!("Basic {}", STANDARD.encode(format!("user:{SECRET}a\nb")));
        assert_eq!(filled.headers()[AUTHORIZATION], expected);
    }

    #[test]
    fn what_no_header_field_can_carry_is_named_but_not_quoted() {
        let (secrets, [at]) = secrets(["geheim\r\nx: y"]);
        let request = Request::get("http://h/")
            .header("x-key", at)
            .body(Bytes::new())
            .unwrap();
        let why = secrets.fill(request).unwrap_err().to_string();
        assert!(
            why.contains("\"secret_0\"") && why.contains("x-key") && why.contains("line break"),
            "{why}"
        );
        assert!(!why.contains("geheim"), "{why}");
    }

    #[test]
    fn no_part_and_no_compressed_answer_is_asked_for() {
        let with_fields = || {
            Request::get("http://h/")
                .header(RANGE, "bytes=0-1")
                .header(ACCEPT_ENCODING, "gzip")
                .body(Bytes::new())
                .unwrap()
        };
        let (some, _) = secrets(["geheim"]);
        assert!(some.fill(with_fields()).unwrap().headers().is_empty());
        let (none, _) = secrets([]);
        assert_eq!(none.fill(with_fields()).unwrap().headers().len(), 2);
    }
}
