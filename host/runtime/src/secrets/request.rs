//! Real values into requests that leave.

use std::borrow::Cow;
use std::fmt;

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

use super::placeholder::Secret;
use super::replacing::literal;
use super::settings::Known;
use super::{Secrets, xml};

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
    /// An escape before or after the secret runs into it.
    #[error(
        "half an escape, such as %4 or \\u00, stands beside the setting {setting:?} in the {place} of a request, so that the vendor would read a part of its value as the rest of the escape; the connector must complete the escape, or put something between"
    )]
    Escape {
        /// The setting that the secret is in.
        setting: String,
        /// The part of the request.
        place: Place,
    },
    /// The URL becomes too long.
    #[error("the URL of the request becomes too long with the value of the setting {setting:?} in it")]
    Url {
        /// The setting that the secret is in.
        setting: String,
    },
}

/// A part of a request that secrets are filled into.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Url,
    Header,
    Body,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Url => "URL",
            Self::Header => "header",
            Self::Body => "body",
        })
    }
}

/// A request as it leaves.
pub(crate) struct Filled {
    pub(crate) request: Request<Bytes>,
    /// The header fields that were left out.
    pub(crate) left_out: Vec<HeaderName>,
}

impl Secrets {
    /// The request with the real values in place of placeholders, in each place's own encoding: URL and form
    /// percent-encoded, JSON escaped (also in JSON within a string, to any depth), XML escaped,
    /// `Authorization: Basic` within its Base64, everything else as it is. Only for origins that policy allows.
    /// Where half an escape stands beside a placeholder, the request isn't sent.
    ///
    /// What asks for a part of an answer or for a compressed one is left out: secrets that it repeats
    /// couldn't be found in it. A server that gets no `Range` gives the whole, with status 200.
    pub(crate) fn fill(&self, request: Request<Bytes>) -> Result<Filled, Unsendable> {
        // Whatever is logged of the exchange must not show a token of this call's login.
        self.refresh();
        let known = self.known();
        let mut left_out = Vec::new();
        if known.is_empty() {
            return Ok(Filled { request, left_out });
        }
        let (mut head, mut body) = request.into_parts();
        head.uri = uri(&known, head.uri)?;
        for name in [ACCEPT_ENCODING, IF_RANGE, RANGE, TE] {
            if head.headers.remove(&name).is_some() {
                left_out.push(name);
            }
        }
        fields(&known, &mut head.headers)?;
        if let Some(filled) = known.body(head.headers.get(CONTENT_TYPE), &body)? {
            body = filled.into();
            if head.headers.contains_key(CONTENT_LENGTH) {
                head.headers.insert(CONTENT_LENGTH, body.len().into());
            }
        }
        let request = Request::from_parts(head, body);
        Ok(Filled { request, left_out })
    }
}

fn uri(known: &Known, uri: Uri) -> Result<Uri, Unsendable> {
    let Some(target) = uri.path_and_query() else {
        return Ok(uri);
    };
    let mut last = None;
    let filled = known.fill(target.as_str().as_bytes(), Place::Url, |secret, _| {
        last = Some(secret.setting.clone());
        Ok(percent(secret))
    })?;
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
        let filled = match basic(known, name, value)? {
            Some(filled) => Some(filled),
            None => known.fill(
                value.as_bytes(),
                Place::Header,
                |secret, _| match HeaderValue::from_bytes(secret.value.as_bytes()) {
                    Ok(_) => Ok(secret.value.as_bytes().to_vec()),
                    Err(_) => Err(Unsendable::Field {
                        setting: secret.setting.clone(),
                        field: name.to_string(),
                    }),
                },
            )?,
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
fn basic(known: &Known, name: &HeaderName, value: &HeaderValue) -> Result<Option<Vec<u8>>, Unsendable> {
    if *name != AUTHORIZATION && *name != PROXY_AUTHORIZATION {
        return Ok(None);
    }
    let credentials = value.to_str().ok().and_then(|text| text.trim().split_once(' '));
    let Some((scheme, credentials)) = credentials.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("basic"))
    else {
        return Ok(None);
    };
    let Ok(credentials) = STANDARD_NO_PAD.decode(credentials.trim().trim_end_matches('=')) else {
        return Ok(None);
    };
    let filled = known.fill(&credentials, Place::Header, as_it_is)?;
    Ok(filled.map(|filled| format!("{scheme} {}", STANDARD.encode(filled)).into_bytes()))
}

impl Known {
    fn body(&self, content_type: Option<&HeaderValue>, body: &[u8]) -> Result<Option<Vec<u8>>, Unsendable> {
        let content_type = content_type
            .and_then(|value| value.to_str().ok())
            .unwrap_or_default();
        let essence = content_type.split(';').next().unwrap_or_default().trim();
        let essence = essence.to_ascii_lowercase();
        if essence == "application/x-www-form-urlencoded" {
            self.fill(body, Place::Body, |secret, _| Ok(percent(secret)))
        } else if essence.ends_with("json") {
            self.json(body)
        } else if essence.ends_with("/xml") || essence.ends_with("+xml") || xml::is_in(body) {
            let mut sections = xml::Sections::default();
            self.fill(body, Place::Body, |secret, before| {
                Ok(xml::escape(&secret.value, sections.is_open(before)))
            })
        } else {
            self.fill(body, Place::Body, as_it_is)
        }
    }

    /// Fills the strings of a JSON text. Everything else of it stays as it is, to the byte.
    fn json(&self, text: &[u8]) -> Result<Option<Vec<u8>>, Unsendable> {
        if !self.holds_placeholder(text) {
            return Ok(None);
        }
        let mut filled = Vec::with_capacity(text.len());
        let mut rest = text;
        while let Some(opening) = rest.iter().position(|byte| *byte == b'"') {
            filled.extend_from_slice(&rest[..opening]);
            rest = &rest[opening..];
            let Some(length) = literal(rest) else { break };
            filled.extend_from_slice(&self.literal(&rest[..length])?);
            rest = &rest[length..];
        }
        filled.extend_from_slice(rest);
        Ok(Some(filled))
    }

    /// Fills one string literal. What isn't one in truth stays as it is.
    fn literal<'a>(&self, literal: &'a [u8]) -> Result<Cow<'a, [u8]>, Unsendable> {
        if !self.holds_placeholder(literal) {
            return Ok(literal.into());
        }
        let Ok(text) = serde_json::from_slice::<String>(literal) else {
            // Nothing is filled in, but where an escape is the reason, the connector gets to know.
            self.fill(literal, Place::Body, as_it_is)?;
            return Ok(literal.into());
        };
        // The connector has put a JSON text into a string: what is in it is escaped twice.
        let is_json = text.trim_start().starts_with(['{', '[', '"'])
            && serde_json::from_str::<IgnoredAny>(&text).is_ok();
        let filled = if is_json {
            self.json(text.as_bytes())?
        } else {
            self.fill(text.as_bytes(), Place::Body, as_it_is)?
        };
        let filled = filled.and_then(|filled| String::from_utf8(filled).ok());
        Ok(filled.map_or(literal.into(), |filled| {
            Value::from(filled).to_string().into_bytes().into()
        }))
    }
}

#[expect(clippy::unnecessary_wraps, reason = "other places can't take every value")]
fn as_it_is(secret: &Secret, _: &[u8]) -> Result<Vec<u8>, Unsendable> {
    Ok(secret.value.as_bytes().to_vec())
}

/// Percent-encoding (RFC 3986), which a form understands too.
fn percent(secret: &Secret) -> Vec<u8> {
    let mut encoded = Vec::with_capacity(secret.value.len() * 3);
    for byte in secret.value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~') {
            encoded.push(byte);
        } else {
            let digit = |value: u8| b"0123456789ABCDEF"[usize::from(value)];
            encoded.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
    encoded
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

    fn filled(secrets: &Secrets, request: Request<Bytes>) -> Request<Bytes> {
        secrets.fill(request).map(|filled| filled.request).ok().unwrap()
    }

    #[test]
    fn path_and_query_are_percent_encoded() {
        let (secrets, [at]) = secrets([SECRET]);
        let request = Request::get(format!("http://h.example:81/a/{at}/b?k={at}&x=%20"))
            .body(Bytes::new())
            .unwrap();
        let encoded = "p%26ss%20w%2Frd%2B%E5%AF%86%E7%A0%81~%2A%22%5C";
        let filled = filled(&secrets, request);
        assert_eq!(
            filled.uri().to_string(),
            format!("http://h.example:81/a/{encoded}/b?k={encoded}&x=%20")
        );
    }

    #[test]
    fn nothing_is_filled_into_a_host() {
        let (secrets, [at]) = secrets(["41geheim"]);
        let url = format!("http://{at}/");
        let request = Request::get(&url).body(Bytes::new()).unwrap();
        assert_eq!(filled(&secrets, request).uri().to_string(), url);
    }

    #[test]
    fn a_request_in_which_half_an_escape_runs_into_a_secret_is_not_sent() {
        let (secrets, [at, percent]) = secrets(["41geheim", "geheim%4"]);
        let get = |url: String| Request::get(url).body(Bytes::new()).unwrap();
        let with_field = |name: HeaderName, value: String| {
            let mut request = get("http://h/".to_owned());
            request.headers_mut().insert(name, value.try_into().unwrap());
            request
        };
        let key = HeaderName::from_static("x-key");
        let credentials = STANDARD.encode(format!("user:%4{at}"));
        let nested = format!(r#"["{{\"a\":\"\\u00{at}\"}}"]"#);
        for (name, request) in [
            ("path", get(format!("http://h/%{at}"))),
            ("query", get(format!("http://h/?b=%4{at}"))),
            ("query, encoded twice", get(format!("http://h/?b=%254{at}"))),
            ("field", with_field(key.clone(), format!(r"\u00{at}"))),
            ("after", with_field(key, format!("{percent}1"))),
            ("basic", with_field(AUTHORIZATION, format!("Basic {credentials}"))),
            (
                "form",
                request("application/x-www-form-urlencoded", format!("a=%4{at}")),
            ),
            (
                "json",
                request("application/json", format!(r#"{{"a":"\u00{at}"}}"#)),
            ),
            (
                "within json",
                request("application/json", format!(r#"{{"a":"%4{at}"}}"#)),
            ),
            ("json in json", request("application/json", nested)),
            ("text", request("text/plain", format!("a &#x{at};"))),
            ("xml", request("text/xml", format!("<a>&#x{at};</a>"))),
        ] {
            let why = secrets.fill(request).err().map(|why| why.to_string());
            let why = why.unwrap_or_else(|| panic!("{name} is sent"));
            assert!(
                why.contains("half an escape") && !why.contains("geheim"),
                "{name}: {why}"
            );
        }
    }

    #[test]
    fn xml_is_escaped_and_its_sections_are_not() {
        let (secrets, [at, end]) = secrets(["<&>\"'\n", "a]]>b"]);
        let escaped = "&lt;&amp;&gt;&quot;&apos;&#10;";
        for (content_type, body, expected) in [
            (
                "text/xml",
                format!("<a b=\"{at}\">{at}</a>"),
                format!("<a b=\"{escaped}\">{escaped}</a>"),
            ),
            (
                "application/soap+xml; charset=utf-8",
                at.clone(),
                escaped.to_owned(),
            ),
            (
                "text/plain",
                format!(" <a>{at}</a>"),
                format!(" <a>{escaped}</a>"),
            ),
            (
                "text/xml",
                format!("<a><![CDATA[{at}]]>{at}<![CDATA[]]><![CDATA[{end}]]></a>"),
                format!("<a><![CDATA[<&>\"'\n]]>{escaped}<![CDATA[]]><![CDATA[a]]]]><![CDATA[>b]]></a>"),
            ),
        ] {
            let filled = filled(&secrets, request(content_type, body));
            assert_eq!(String::from_utf8_lossy(filled.body()), expected, "{content_type}");
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
            let filled = filled(&secrets, request(content_type, body));
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
        let filled = filled(&secrets, request);
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
        let why = secrets.fill(request).err().unwrap().to_string();
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
        let Filled { request, left_out } = some.fill(with_fields()).ok().unwrap();
        assert!(request.headers().is_empty());
        assert_eq!(left_out, [ACCEPT_ENCODING, RANGE]);
        let (none, _) = secrets([]);
        assert_eq!(filled(&none, with_fields()).headers().len(), 2);
    }
}
