//! Endpoints to encode, and decoders that share no code with the encoders.

use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Map, Value};

use crate::{Endpoint, Nothing, Params, Request};

/// Declares endpoints that take any parameters besides some of their own.
macro_rules! endpoints {
    ($($name:ident ($($declaration:tt)*) { $($fields:tt)* })*) => {
        $(
            /// Does something with things
            #[derive(Endpoint)]
            #[endpoint(title = "", effect = Write, response = Nothing, $($declaration)*)]
            #[expect(dead_code, reason = "only its declaration is used")]
            pub(super) struct $name {
                $($fields)*
                #[param(flatten)]
                others: Map<String, Value>,
            }
        )*
    };
}

endpoints! {
    Get(id = "get", route = "GET /things") {}
    Post(id = "post", route = "POST /things") {}
    Put(id = "put", route = "PUT /things") {}
    Patch(id = "patch", route = "PATCH /things") {}
    Head(id = "head", route = "HEAD /things") {}
    Delete(id = "delete", route = "DELETE /things") {}
    PostQuery(id = "post-query", route = "POST /things", encoding = Query) {}
    PostBoth(id = "post-both", route = "POST /things", encoding = QueryAndJson) {}
    PostForm(id = "post-form", route = "POST /things", encoding = Form) {}
    PostMultipart(id = "post-multipart", route = "POST /things", encoding = Multipart) {
        #[param(query, rename = "dryRun")]
        dry_run: Option<bool>,
    }
    Upload(id = "upload", route = "POST /things", encoding = Multipart) {
        #[param(rename = "fileName")]
        file_name: Option<String>,
        #[param(file(part = "upload", name = "fileName", media_type = "text/plain"))]
        content: String,
    }
    Attach(id = "attach", route = "POST /things", encoding = Multipart) {
        #[param(file)]
        picture: Option<String>,
    }
    Repeated(id = "repeated", route = "POST /things/{id}") {
        #[param(also_body)]
        id: i64,
    }
    InQuery(id = "in-query", route = "POST /things") {
        #[param(query)]
        start: Option<bool>,
        #[param(query)]
        absent: Option<bool>,
    }
    InHeader(id = "in-header", route = "GET /things") {
        #[param(header = "x-tenant")]
        tenant: Option<String>,
    }
    AsText(id = "as-text", route = "POST /things") {
        #[param(json_text)]
        pairs: Option<Vec<Value>>,
        #[param(comma_list)]
        names: Option<Vec<String>>,
    }
}

/// Parameters by name.
pub(super) fn params(params: Value) -> Params {
    match params {
        Value::Object(params) => params.into(),
        other => panic!("{other} isn't an object"),
    }
}

/// Undoes percent-encoding. Fails the test where anything else than unreserved characters and escapes
/// with upper-case digits stands in `text`.
pub(super) fn unpercent(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'%' => {
                let digits = [rest.next().unwrap(), rest.next().unwrap()];
                assert!(!digits.iter().any(u8::is_ascii_lowercase), "{text}");
                let digits = std::str::from_utf8(&digits).unwrap();
                bytes.push(u8::from_str_radix(digits, 16).unwrap());
            }
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => bytes.push(byte),
            _ => panic!("{:?} stands raw in {text:?}", char::from(byte)),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The pairs of a query or a form.
pub(super) fn unpairs(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap();
            (unpercent(name), unpercent(value))
        })
        .collect()
}

/// What comes after the question mark.
pub(super) fn query(request: &Request) -> &str {
    request.url.split_once('?').map_or("", |(_, query)| query)
}

/// Any text that Unicode allows, control characters too.
pub(super) fn text() -> impl Strategy<Value = String> {
    let awkward = proptest::sample::select(vec!['"', '\\', '\r', '\n', '&', '=', '+', '%', ' ', '/', '密']);
    vec(prop_oneof![any::<char>(), awkward, any::<char>()], 0..12).prop_map(String::from_iter)
}
