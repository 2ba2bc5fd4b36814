//! Where parameters travel, case by case.

use serde_json::{Value, json};

use super::support::{
    AsText, Attach, Delete, Get, Head, InHeader, InQuery, Patch, Post, PostBoth, PostForm, PostMultipart,
    PostQuery, Put, Repeated, Upload, params, query,
};
use crate::encode::{Body, Encoded, Part, pairs, percent, scalar};
use crate::testing::header;
use crate::{Endpoint, Failure, Method, Request, Violation};

const BASE: &str = "https://vendor.example";

fn encode<E: Endpoint>(path: &str, given: Value) -> Result<Encoded, Failure> {
    Encoded::endpoint(E::DECLARATION, params(given), path)
}

fn request<E: Endpoint>(params: Value) -> Request {
    encode::<E>("/things", params).unwrap().to_request(BASE)
}

fn path(template: &str, params: Value) -> Result<String, Failure> {
    encode::<Get>(template, params).map(|encoded| encoded.path)
}

fn owned(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

#[test]
fn percent_leaves_unreserved_characters_alone() {
    assert_eq!(percent("AZaz09-._~"), "AZaz09-._~");
    assert_eq!(percent("+/=*! %"), "%2B%2F%3D%2A%21%20%25");
    assert_eq!(percent("密"), "%E5%AF%86");
    assert_eq!(percent("\0\n\u{7f}"), "%00%0A%7F");
}

#[test]
fn scalars_are_strings_raw_and_everything_else_as_json() {
    let number: Value = serde_json::from_str("123456789012345678901234567890.10").unwrap();
    assert_eq!(scalar(&json!("say \"ja\"")), "say \"ja\"");
    assert_eq!(scalar(&number), "123456789012345678901234567890.10");
    assert_eq!(scalar(&json!(false)), "false");
    assert_eq!(scalar(&Value::Null), "null");
    assert_eq!(scalar(&json!(["a", 1])), r#"["a",1]"#);
    assert_eq!(scalar(&json!({ "b": "密", "a": null })), r#"{"b":"密","a":null}"#);
}

#[test]
fn pairs_keep_their_order_and_empty_values() {
    assert_eq!(pairs(&[]), "");
    assert_eq!(
        pairs(&owned(&[("b", ""), ("a", "1&2"), ("b", "=")])),
        "b=&a=1%262&b=%3D"
    );
}

#[test]
fn a_path_parameter_is_one_encoded_segment() {
    let params = json!({ "shelf": "../a b?#", "id": 12, "sort": "name" });
    let encoded = encode::<Get>("/shelves/{shelf}/{id}.json", params).unwrap();
    assert_eq!(encoded.path, "/shelves/..%2Fa%20b%3F%23/12.json");
    assert_eq!(encoded.query, owned(&[("sort", "name")]));
    assert_eq!(
        path("/{id}/{id}", json!({ "id": "%2E" })).unwrap(),
        "/%252E/%252E"
    );
    assert_eq!(path("/plain", json!({})).unwrap(), "/plain");
}

#[test]
fn segments_that_would_change_the_path_are_refused() {
    for segment in ["", ".", ".."] {
        let failure = path("/things/{id}/parts", json!({ "id": segment })).unwrap_err();
        let Failure::InvalidInput(violations) = failure else {
            panic!("{failure:?}");
        };
        let [Violation { path, message }] = violations.as_slice() else {
            panic!("{violations:?}");
        };
        assert_eq!(path, "/id");
        assert!(message.contains(&format!("{segment:?}")), "{message}");
    }
    assert_eq!(path("/{id}", json!({ "id": "..." })).unwrap(), "/...");
}

#[test]
fn a_template_that_cannot_be_filled_is_a_wrong_setting() {
    for template in ["/things/{other}", "/things/{id", "/things/{}", "/things/{id}/{"] {
        match path(template, json!({ "id": "7" })) {
            Err(Failure::InvalidSettings(message)) => assert!(message.contains(template), "{message}"),
            other => panic!("{template}: {other:?}"),
        }
    }
}

#[test]
fn a_template_may_carry_a_query() {
    let encoded = encode::<Get>("/things?view=full&of={id}", json!({ "id": "a&b", "page": 2 })).unwrap();
    let url = encoded.to_request(BASE).url;
    assert_eq!(url, "https://vendor.example/things?view=full&of=a%26b&page=2");
}

#[test]
fn path_parameters_leave_the_body_unless_they_are_repeated() {
    let params = || json!({ "id": 7, "name": "n" });
    let left = encode::<Post>("/things/{id}", params()).unwrap();
    assert_eq!(left.body, Body::Json(br#"{"name":"n"}"#.to_vec()));
    let kept = encode::<Repeated>("/things/{id}", params()).unwrap();
    assert_eq!(kept.path, "/things/7");
    assert_eq!(kept.body, Body::Json(br#"{"id":7,"name":"n"}"#.to_vec()));
}

#[test]
fn get_has_a_query_and_neither_body_nor_content_type() {
    let request = request::<Get>(json!({ "name": "密 +", "ids": [1, 2], "all": true }));
    assert_eq!(request.method, Method::GET);
    assert_eq!(
        request.url,
        "https://vendor.example/things?name=%E5%AF%86%20%2B&ids=%5B1%2C2%5D&all=true"
    );
    assert_eq!(request.headers, []);
    assert_eq!(request.body, b"");
}

#[test]
fn an_operation_without_a_path_needs_an_override() {
    let failure = encode::<Post>("", json!({})).unwrap_err();
    let Failure::InvalidSettings(message) = failure else {
        panic!("{failure:?}");
    };
    assert!(
        message.contains("\"post\"") && message.contains("path_overrides"),
        "{message}"
    );
}

#[test]
fn a_get_without_parameters_has_no_question_mark() {
    assert_eq!(request::<Get>(json!({})).url, "https://vendor.example/things");
    assert_eq!(
        request::<Head>(json!({ "a": 1 })).url,
        "https://vendor.example/things?a=1"
    );
}

#[test]
fn other_methods_carry_json() {
    let params = || json!({ "name": "密", "count": 3, "on": false });
    for (method, request) in [
        (Method::POST, request::<Post>(params())),
        (Method::PUT, request::<Put>(params())),
        (Method::PATCH, request::<Patch>(params())),
        (Method::DELETE, request::<Delete>(params())),
    ] {
        assert_eq!(request.method, method);
        assert_eq!(request.url, "https://vendor.example/things");
        let body = r#"{"name":"密","count":3,"on":false}"#;
        assert_eq!(request.body, body.as_bytes());
        assert_eq!(header(&request, "content-type"), Some("application/json"));
        assert_eq!(
            header(&request, "content-length"),
            Some(body.len().to_string().as_str())
        );
    }
}

#[test]
fn a_post_without_parameters_sends_an_empty_object() {
    let request = request::<Post>(json!({}));
    assert_eq!(request.body, b"{}");
    assert_eq!(header(&request, "content-type"), Some("application/json"));
    assert_eq!(header(&request, "content-length"), Some("2"));
}

#[test]
fn in_query_takes_parameters_out_of_the_body() {
    let request = request::<InQuery>(json!({ "name": "n", "start": true }));
    assert_eq!(query(&request), "start=true");
    assert_eq!(request.body, br#"{"name":"n"}"#);
}

#[test]
fn query_encoding_has_no_body_whatever_the_method() {
    let request = request::<PostQuery>(json!({ "a": 1, "b": "x y" }));
    assert_eq!(request.method, Method::POST);
    assert_eq!(query(&request), "a=1&b=x%20y");
    assert_eq!((request.headers, request.body), (vec![], vec![]));
}

#[test]
fn query_and_json_encoding_sends_the_parameters_twice() {
    let request = request::<PostBoth>(json!({ "a": 1, "b": "x" }));
    assert_eq!(query(&request), "a=1&b=x");
    assert_eq!(request.body, br#"{"a":1,"b":"x"}"#);
    assert_eq!(header(&request, "content-type"), Some("application/json"));
}

#[test]
fn form_encoding_sends_fields() {
    let request = request::<PostForm>(json!({ "a": "x &", "tree": { "b": 1 } }));
    assert_eq!(query(&request), "");
    assert_eq!(request.body, b"a=x%20%26&tree=%7B%22b%22%3A1%7D");
    let content_type = header(&request, "content-type");
    assert_eq!(content_type, Some("application/x-www-form-urlencoded"));
    assert_eq!(header(&request, "content-length"), Some("32"));
}

#[test]
fn multipart_sends_every_parameter_that_has_no_other_place() {
    let params = json!({ "id": "7", "dryRun": true, "tags": ["a"], "note": "n" });
    let encoded = encode::<PostMultipart>("/things/{id}", params).unwrap();
    assert_eq!(encoded.path, "/things/7");
    assert_eq!(encoded.query, owned(&[("dryRun", "true")]));
    let parts = vec![Part::text("tags", r#"["a"]"#), Part::text("note", "n")];
    assert_eq!(encoded.body, Body::Multipart(parts));
}

#[test]
fn a_file_is_a_part_with_the_name_that_another_parameter_gives() {
    let given = json!({ "fileName": "a.txt", "content": "QQ==", "id": 7 });
    let encoded = encode::<Upload>("/things", given).unwrap();
    let file = Part {
        media_type: Some("text/plain"),
        ..Part::file("upload", "a.txt", b"A".to_vec())
    };
    assert_eq!(encoded.body, Body::Multipart(vec![file, Part::text("id", "7")]));

    let encoded = encode::<Attach>("/things", json!({ "note": "n", "picture": "QUI=" })).unwrap();
    let file = Part::file("picture", "picture", b"AB".to_vec());
    assert_eq!(encoded.body, Body::Multipart(vec![Part::text("note", "n"), file]));
    let encoded = encode::<Attach>("/things", json!({ "note": "n" })).unwrap();
    assert_eq!(encoded.body, Body::Multipart(vec![Part::text("note", "n")]));
}

#[test]
fn a_file_that_is_no_base64_is_refused() {
    match encode::<Upload>("/things", json!({ "content": "?" })) {
        Err(Failure::InvalidInput(violations)) => assert_eq!(violations[0].path, "/content"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn a_header_parameter_is_a_header_field_and_nothing_else() {
    let sent = request::<InHeader>(json!({ "tenant": "t 1", "page": 1 }));
    assert_eq!(header(&sent, "x-tenant"), Some("t 1"));
    assert_eq!(query(&sent), "page=1");
    assert_eq!(header(&request::<InHeader>(json!({})), "x-tenant"), None);
    for tenant in ["a\r\nx-evil: 1", "租户", " a", "\u{7f}"] {
        match encode::<InHeader>("/things", json!({ "tenant": tenant })) {
            Err(Failure::InvalidInput(violations)) => assert_eq!(violations[0].path, "/tenant"),
            other => panic!("{tenant:?}: {other:?}"),
        }
    }
}

#[test]
fn a_value_may_travel_as_one_text() {
    let given = json!({ "pairs": [{ "key": "k", "value": "密" }], "names": ["a", "b c"] });
    let body = r#"{"pairs":"[{\"key\":\"k\",\"value\":\"密\"}]","names":"a,b c"}"#;
    assert_eq!(request::<AsText>(given).body, body.as_bytes());
    let given = json!({ "pairs": "[{\"key\":\"k\",\"value\":\"密\"}]", "names": "a,b c" });
    assert_eq!(request::<AsText>(given).body, body.as_bytes(), "given as texts");
    match encode::<AsText>("/things", json!({ "names": ["a", "b,c"] })) {
        Err(Failure::InvalidInput(violations)) => assert_eq!(violations[0].path, "/names/1"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn base_url_may_carry_a_prefix_and_a_slash_at_its_end() {
    let encoded = encode::<Get>("/things", json!({ "a": 1 })).unwrap();
    for (base_url, url) in [
        ("http://h:81", "http://h:81/things?a=1"),
        ("http://h:81/", "http://h:81/things?a=1"),
        ("https://h/gate/v1", "https://h/gate/v1/things?a=1"),
        ("https://h/gate/v1/", "https://h/gate/v1/things?a=1"),
    ] {
        assert_eq!(encoded.to_request(base_url).url, url);
    }
}
