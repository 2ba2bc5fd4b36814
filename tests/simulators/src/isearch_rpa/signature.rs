//! The signature of every call, over the bytes received.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use hmac::{Hmac, KeyInit as _, Mac};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

use crate::clock;
use crate::operation::{Payload, Place};
use crate::strict::{Call, scalar};
use crate::vendor::Refusal;

/// How far a timestamp may be from the vendor's clock.
const TOLERANCE_MS: i64 = 5 * 60 * 1000;

const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// `base64(hex(hmac-sha256(token, percent-encoded source)))`.
fn sign(parameters: &str, token: &str, timestamp: &str) -> String {
    let joint = if parameters.is_empty() { "" } else { "&" };
    let source = format!("{parameters}{joint}token={token}&timestamp={timestamp}");
    let encoded = utf8_percent_encode(&source, ESCAPED).to_string();
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.as_bytes()) else {
        return String::new();
    };
    mac.update(encoded.as_bytes());
    let digest = Bytes::copy_from_slice(&mac.finalize().into_bytes());
    STANDARD.encode(format!("{digest:x}"))
}

/// What is signed of a request, before the token and the timestamp.
fn parameters(call: &Call) -> String {
    let sorted = |mut pairs: Vec<(String, String)>| {
        pairs.sort();
        let joined: Vec<String> = pairs.iter().map(|(k, v)| format!("{k}={v}")).collect();
        joined.join("&")
    };
    match call.operation.payload {
        Payload::None => sorted(call.query.clone()),
        Payload::Form | Payload::Multipart => {
            let texts = call.operation.params.iter().filter_map(|param| {
                let value = call.params.get(param.name)?;
                matches!(param.place, Place::Form | Place::Multipart)
                    .then(|| (param.name.to_owned(), scalar(value)))
            });
            sorted(texts.collect())
        }
        Payload::Json => String::from_utf8_lossy(&call.body).into_owned(),
    }
}

/// Checks the three headers; the token comes back, which may still be unknown or expired.
pub(super) fn check(call: &Call, clock_offset_ms: i64) -> Result<String, Refusal> {
    let id = call.operation.id;
    let token = header(call, "accesstoken")?.ok_or_else(|| refused(id, "no header accesstoken"))?;
    let timestamp =
        header(call, "timestamp")?.ok_or_else(|| Refusal::Breach(format!("{id}: no header timestamp")))?;
    if timestamp.len() != 13 || !timestamp.bytes().all(|b| b.is_ascii_digit()) {
        return Err(Refusal::Breach(format!(
            "{id}: header timestamp: expected 13 digits of milliseconds, arrived {timestamp:?}"
        )));
    }
    let ours = clock::now_ms() + clock_offset_ms;
    let off = timestamp.parse::<i64>().map_or(i64::MAX, |theirs| theirs - ours);
    if off.abs() > TOLERANCE_MS {
        return Err(Refusal::Breach(format!(
            "{id}: header timestamp: {off} ms off the vendor's clock, at most {TOLERANCE_MS} are allowed"
        )));
    }
    let signature = header(call, "signature")?.ok_or_else(|| refused(id, "no header signature"))?;
    if signature == sign(&parameters(call), token, timestamp) {
        Ok(token.to_owned())
    } else {
        Err(refused(id, "the signature is wrong for what arrived"))
    }
}

/// Checks that a request for a session carries none of the three headers.
pub(super) fn check_unsigned(call: &Call) -> Result<(), Refusal> {
    let id = call.operation.id;
    for name in ["accesstoken", "timestamp", "signature"] {
        if header(call, name)?.is_some() {
            return Err(Refusal::Breach(format!(
                "{id}: header {name}: this request is not signed"
            )));
        }
    }
    Ok(())
}

fn refused(id: &str, why: &str) -> Refusal {
    Refusal::Credentials {
        why: format!("{id}: {why}"),
        breach: true,
    }
}

fn header<'a>(call: &'a Call, name: &str) -> Result<Option<&'a str>, Refusal> {
    let id = call.operation.id;
    let mut all = call.headers.get_all(name).iter();
    let first = all.next();
    if all.next().is_some() {
        return Err(Refusal::Breach(format!("{id}: header {name}: there twice")));
    }
    first
        .map(|value| value.to_str())
        .transpose()
        .map_err(|_| Refusal::Breach(format!("{id}: header {name}: not ASCII")))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "d0f462f8-73d3-4cec-8d7d-11367c264fa6";

    #[test]
    fn the_documents_example() {
        assert_eq!(
            sign(
                "robotNo=2d3d833bd2e711e997ae6c0b84d60408&top=30",
                TOKEN,
                "15748219023"
            ),
            "YzYzMDE3ZWU3OWJkNmI4OTQ3YzM1M2IyZTdmN2VjOWE0NjZlNGFlNzBiYzkwNmFhN2JjNDJlY2E0ZWFjYjEzMw=="
        );
    }

    #[test]
    fn the_derived_json_vector() {
        assert_eq!(
            sign(r#"{"a":"a","b":"b","c":1}"#, TOKEN, "1574821902392"),
            "ZGU0MjlmZWFkYzliMGZlYTUxNjc4ZTA5NDc3ZDllMDc2YWVkN2EwM2VhZjRiN2QyMDcwYTg4MWRmNzE3OTI2Ng=="
        );
    }

    #[test]
    fn everything_but_letters_digits_and_three_marks_is_escaped() {
        let text = "aZ09-_. *~+/=&?#%中";
        assert_eq!(
            utf8_percent_encode(text, ESCAPED).to_string(),
            "aZ09-_.%20%2A%7E%2B%2F%3D%26%3F%23%25%E4%B8%AD"
        );
    }
}
