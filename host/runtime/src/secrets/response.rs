//! Secrets out of what a vendor answers, before a guest sees it.

use bytes::Bytes;
use http::header::{CONTENT_ENCODING, CONTENT_LENGTH};
use http::{HeaderValue, Response};

use super::replacing::Replacing;
use super::{MASK, Secrets};

impl Secrets {
    /// The response with placeholders in place of the secrets that it repeats. What repeats none stays as it
    /// is, to the byte. The error is the coding of a body that can't be searched.
    pub(crate) fn conceal(&self, response: Response<Bytes>) -> Result<Response<Bytes>, String> {
        let known = self.known();
        let finder = &known.values;
        if finder.is_empty() {
            return Ok(response);
        }
        let codings = response.headers().get_all(CONTENT_ENCODING).iter();
        for coding in codings.map(|coding| String::from_utf8_lossy(coding.as_bytes())) {
            if !matches!(coding.trim(), "" | "identity") {
                return Err(coding.trim().to_owned());
            }
        }
        let (mut head, mut body) = response.into_parts();
        let mut replacing = Replacing::new(finder);
        for value in head.headers.values_mut() {
            if let Some(concealed) = replacing.text(value.as_bytes()) {
                *value =
                    HeaderValue::from_bytes(&concealed).unwrap_or_else(|_| HeaderValue::from_static(MASK));
            }
        }
        if let Some(concealed) = replacing.body(&body) {
            body = concealed.into();
            if head.headers.contains_key(CONTENT_LENGTH) {
                head.headers.insert(CONTENT_LENGTH, body.len().into());
            }
        }
        Ok(Response::from_parts(head, body))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;
    use crate::secrets::settings::tests::secrets;

    const SECRET: &str = "p&ss w/rd+密码~*\"\\";

    fn concealed(secrets: &Secrets, body: impl Into<Bytes>) -> Bytes {
        let body: Bytes = body.into();
        let response = Response::builder()
            .header(CONTENT_LENGTH, body.len())
            .header("x-plain", "a")
            .body(body)
            .unwrap();
        let concealed = secrets.conceal(response).unwrap();
        assert_eq!(
            concealed.headers()[CONTENT_LENGTH],
            concealed.body().len().to_string()
        );
        concealed.into_body()
    }

    #[test]
    fn what_a_vendor_repeats_becomes_the_placeholder_again() {
        let (secrets, [at, pin]) = secrets([SECRET, "123456"]);
        let json = |text: &str| Value::from(text).to_string();
        let nested = json(&format!(r#"{{"k":{},"n":123456}}"#, json(SECRET)));
        for (body, expected) in [
            (format!("said {SECRET}"), format!("said {at}")),
            (
                format!(r#"{{"a":{},"n":1.10}}"#, json(SECRET)),
                format!(r#"{{"a":"{at}","n":1.10}}"#),
            ),
            (
                format!(r#"{{"n":91234567,"s":{nested}}}"#),
                format!(
                    r#"{{"n":"9{pin}7","s":{}}}"#,
                    json(&format!(r#"{{"k":"{at}","n":"{pin}"}}"#))
                ),
            ),
            (
                "k=p%26ss+w%2Frd%2b密码~*%22%5C&x=1".to_owned(),
                format!("k={at}&x=1"),
            ),
        ] {
            assert_eq!(concealed(&secrets, body), expected);
        }
    }

    #[test]
    fn a_secret_that_becomes_several_values_is_concealed_in_the_text() {
        let (secrets, [at]) = secrets([r#"one","two"#]);
        assert_eq!(concealed(&secrets, r#"["one","two"]"#), format!(r#"["{at}"]"#));
    }

    #[test]
    fn what_repeats_nothing_stays_as_it_is() {
        let (secrets, _) = secrets([SECRET, "abc"]);
        for body in [
            &b"\xff\xfe\0%ff\\u+&amp;"[..],
            br#"{ "a" : 1.0e0, "a":"abc" }"#,
            b"",
        ] {
            assert_eq!(concealed(&secrets, body), body);
        }
        let binary = [b"\xff\0", SECRET.as_bytes(), b"\xfe"].concat();
        let found = concealed(&secrets, binary);
        assert!(
            found.starts_with(b"\xff\0Patchbay") && found.ends_with(b"\xfe"),
            "{found:?}"
        );
    }

    #[test]
    fn header_fields_are_searched_and_compressed_bodies_are_not_taken() {
        let (secrets, [at]) = secrets([SECRET]);
        let field = HeaderValue::from_bytes(SECRET.as_bytes()).unwrap();
        let response = Response::builder()
            .header("x-echo", field)
            .body(Bytes::new())
            .unwrap();
        assert_eq!(secrets.conceal(response).unwrap().headers()["x-echo"], at);
        let response = Response::builder()
            .header(CONTENT_ENCODING, "gzip")
            .body(Bytes::new())
            .unwrap();
        assert_eq!(secrets.conceal(response).unwrap_err(), "gzip");
    }
}
