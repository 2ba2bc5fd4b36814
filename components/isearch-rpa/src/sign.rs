//! The signature of a request (section 1.2).
//!
//! The source string is what the request carries, then `&token=…&timestamp=…`. It is percent-encoded as a
//! whole and authenticated with HMAC-SHA256 under the token. The signature is the Base64 of the digest's
//! 64 hexadecimal digits.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit, Mac};
use patchbay_sdk::encode::{Body, Encoded, hex};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use sha2::Sha256;

/// Only `A-Z a-z 0-9 - _ .` stay as they are: Java's `URLEncoder` with space as `%20`, `*` as `%2A` and
/// `~` as `%7E`.
const ESCAPED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// The source string of a request. A JSON body is taken exactly as it is sent; query parameters, and the
/// text fields of a form or a multipart body, are sorted by name with their values as they are before encoding.
#[must_use]
pub fn source(request: &Encoded, token: &str, timestamp_ms: i64) -> String {
    let mut source = match &request.body {
        Body::Json(content) | Body::Raw { content, .. } => String::from_utf8_lossy(content).into_owned(),
        Body::None => sorted(
            request
                .query
                .iter()
                .map(|(name, value)| (name.as_str(), value.as_str())),
        ),
        Body::Form(fields) => sorted(fields.iter().map(|(name, value)| (name.as_str(), value.as_str()))),
        Body::Multipart(parts) => {
            let texts: Vec<_> = parts
                .iter()
                .filter(|part| part.file_name.is_none())
                .map(|part| (part.name.as_str(), String::from_utf8_lossy(&part.content)))
                .collect();
            sorted(texts.iter().map(|(name, value)| (*name, value.as_ref())))
        }
    };
    if !source.is_empty() {
        source.push('&');
    }
    // Writing to a string can't fail.
    let _ = write!(source, "token={token}&timestamp={timestamp_ms}");
    source
}

/// The value of the header `signature` for a source string.
#[must_use]
pub fn signature(source: &str, token: &str) -> String {
    STANDARD.encode(digest(source, token))
}

/// HMAC-SHA256 of the encoded source string, as lower-case hexadecimal digits.
fn digest(source: &str, token: &str) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(token.as_bytes()) else {
        // HMAC takes keys of every length.
        return String::new();
    };
    mac.update(utf8_percent_encode(source, ESCAPED).to_string().as_bytes());
    hex(&mac.finalize().into_bytes())
}

/// `name=value`, sorted by name in code-point order, joined with `&`.
fn sorted<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    // They are few, and the standard library's sort takes 9 KiB in a component.
    let mut sorted: Vec<(&str, &str)> = Vec::new();
    for pair in pairs {
        let at = sorted.partition_point(|(name, _)| *name <= pair.0);
        sorted.insert(at, pair);
    }
    let pairs: Vec<String> = sorted
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    pairs.join("&")
}

#[cfg(test)]
mod tests {
    use patchbay_sdk::Method;
    use patchbay_sdk::encode::{Part, percent};
    use percent_encoding::percent_decode_str;
    use proptest::prelude::*;

    use super::*;

    const TOKEN: &str = "d0f462f8-73d3-4cec-8d7d-11367c264fa6";

    fn get(query: &[(&str, &str)]) -> Encoded {
        let pair = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Encoded {
            query: query.iter().map(pair).collect(),
            ..Encoded::new(Method::GET, "/oapi/v1/robot")
        }
    }

    fn post(json: &str) -> Encoded {
        Encoded {
            body: Body::Json(json.as_bytes().to_vec()),
            ..Encoded::new(Method::POST, "/oapi/v1/user")
        }
    }

    /// The worked example of section 1.2, whose timestamp lacks two digits.
    #[test]
    fn the_documents_example_is_reproduced() {
        let request = get(&[("top", "30"), ("robotNo", "2d3d833bd2e711e997ae6c0b84d60408")]);
        let source = source(&request, TOKEN, 15_748_219_023);
        assert_eq!(
            source,
            "robotNo=2d3d833bd2e711e997ae6c0b84d60408&top=30&token=d0f462f8-73d3-4cec-8d7d-11367c264fa6&timestamp=15748219023"
        );
        assert_eq!(
            digest(&source, TOKEN),
            "c63017ee79bd6b8947c353b2e7f7ec9a466e4ae70bc906aa7bc42eca4eacb133"
        );
        assert_eq!(
            signature(&source, TOKEN),
            "YzYzMDE3ZWU3OWJkNmI4OTQ3YzM1M2IyZTdmN2VjOWE0NjZlNGFlNzBiYzkwNmFhN2JjNDJlY2E0ZWFjYjEzMw=="
        );
    }

    /// Derived from the second source line of section 1.2.
    #[test]
    fn a_json_body_is_signed_as_it_is_sent() {
        let source = source(&post(r#"{"a":"a","b":"b","c":1}"#), TOKEN, 1_574_821_902_392);
        assert_eq!(
            digest(&source, TOKEN),
            "de429feadc9b0fea51678e09477d9e076aed7a03eaf4b7d2070a881df7179266"
        );
        assert_eq!(
            signature(&source, TOKEN),
            "ZGU0MjlmZWFkYzliMGZlYTUxNjc4ZTA5NDc3ZDllMDc2YWVkN2EwM2VhZjRiN2QyMDcwYTg4MWRmNzE3OTI2Ng=="
        );
    }

    #[test]
    fn without_parameters_the_source_starts_with_the_token() {
        assert_eq!(source(&get(&[]), "t", 1), "token=t&timestamp=1");
    }

    #[test]
    fn only_the_text_fields_of_an_upload_are_signed() {
        let request = Encoded {
            body: Body::Multipart(vec![
                Part::file("uploadFile", "a.txt", b"content".to_vec()),
                Part::text("userId", "1"),
                Part::text("fileTag", "a,b"),
            ]),
            ..Encoded::new(Method::POST, "/oapi/v1/share/file")
        };
        assert_eq!(
            source(&request, "t", 1),
            "fileTag=a,b&userId=1&token=t&timestamp=1"
        );
    }

    proptest! {
        /// What a vendor decodes from the URL that is sent, sorted and joined, is what was signed.
        #[test]
        fn what_is_signed_is_what_is_sent(values in prop::collection::btree_map("[a-zA-Z]{1,8}", any::<String>(), 0..5)) {
            let query: Vec<(&str, &str)> = values.iter().map(|(n, v)| (n.as_str(), v.as_str())).rev().collect();
            let request = get(&query);
            let url = request.to_request("https://rpa.example").url;
            let sent = url.split_once('?').map_or("", |(_, query)| query);
            prop_assert!(sent.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%=&".contains(&byte)));
            let mut decoded: Vec<(String, String)> = sent
                .split('&')
                .filter_map(|pair| pair.split_once('='))
                .map(|(n, v)| (n.to_owned(), percent_decode_str(v).decode_utf8().unwrap().into_owned()))
                .collect();
            decoded.sort();
            let mut expected: Vec<String> = decoded.iter().map(|(n, v)| format!("{n}={v}")).collect();
            expected.push("token=t".to_owned());
            expected.push("timestamp=1".to_owned());
            prop_assert_eq!(source(&request, "t", 1), expected.join("&"));
        }

        /// The bytes of a JSON body go into the source unchanged.
        #[test]
        fn a_json_body_is_signed_byte_for_byte(text in any::<String>()) {
            let json = serde_json::json!({ "value": text }).to_string();
            let request = post(&json);
            prop_assert_eq!(&request.to_request("https://rpa.example").body, json.as_bytes());
            prop_assert_eq!(source(&request, "t", 1), format!("{json}&token=t&timestamp=1"));
        }

        /// The source string's encoding leaves only what Java's `URLEncoder` and the rules leave.
        #[test]
        fn the_source_is_encoded_without_rest(text in any::<String>()) {
            let encoded = utf8_percent_encode(&text, ESCAPED).to_string();
            prop_assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._%".contains(&byte)));
            prop_assert_eq!(percent_decode_str(&encoded).decode_utf8().unwrap(), text.as_str());
            prop_assert_eq!(percent(&text).replace('~', "%7E"), encoded);
        }
    }
}
