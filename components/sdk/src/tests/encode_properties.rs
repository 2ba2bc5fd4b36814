//! What holds for all parameters: nothing is lost on the way.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value};

use super::support::{Get, Post, PostForm, query, text, unpairs, unpercent};
use crate::encode::{Encoded, percent, scalar};
use crate::testing::header;
use crate::{Endpoint, Request};

const BASE: &str = "https://vendor.example/gate";

fn request<E: Endpoint>(params: &Map<String, Value>) -> Request {
    let encoded = Encoded::endpoint(E::DECLARATION, params.clone().into(), "/things");
    encoded.unwrap().to_request(BASE)
}

/// Whole numbers and fractions that no machine type holds.
fn number() -> impl Strategy<Value = Value> {
    "-?[1-9][0-9]{0,39}(\\.[0-9]{1,20})?".prop_map(|digits| serde_json::from_str(&digits).unwrap())
}

fn json_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        number(),
        text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(text(), inner, 0..4).prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn params() -> impl Strategy<Value = Map<String, Value>> {
    btree_map(text(), json_value(), 0..6).prop_map(|params| params.into_iter().collect())
}

fn texts(params: &Map<String, Value>) -> Vec<(String, String)> {
    params
        .iter()
        .map(|(name, value)| (name.clone(), scalar(value)))
        .collect()
}

proptest! {
    #[test]
    fn percent_decodes_back(text in text()) {
        prop_assert_eq!(unpercent(&percent(&text)), text);
    }

    #[test]
    fn a_query_decodes_back(params in params()) {
        let request = request::<Get>(&params);
        prop_assert_eq!(unpairs(query(&request)), texts(&params));
        prop_assert!(request.url.parse::<http::Uri>().is_ok(), "{}", request.url);
    }

    #[test]
    fn a_form_decodes_back(params in params()) {
        let request = request::<PostForm>(&params);
        let body = String::from_utf8(request.body.clone()).unwrap();
        prop_assert_eq!(unpairs(&body), texts(&params));
        let length = request.body.len().to_string();
        prop_assert_eq!(header(&request, "content-length"), Some(length.as_str()));
    }

    #[test]
    fn a_json_body_parses_back(params in params()) {
        let request = request::<Post>(&params);
        let parsed: Value = serde_json::from_slice(&request.body).unwrap();
        prop_assert_eq!(parsed, Value::Object(params));
        let length = request.body.len().to_string();
        prop_assert_eq!(header(&request, "content-length"), Some(length.as_str()));
    }

    #[test]
    fn a_path_segment_decodes_back(segment in text()) {
        prop_assume!(!matches!(segment.as_str(), "" | "." | ".."));
        let params = Map::from_iter([("id".to_owned(), Value::from(segment.clone()))]);
        let encoded = Encoded::endpoint(Get::DECLARATION, params.into(), "/things/{id}/parts");
        let url = encoded.unwrap().to_request(BASE).url;
        let inner = url.strip_prefix("https://vendor.example/gate/things/").unwrap();
        prop_assert_eq!(unpercent(inner.strip_suffix("/parts").unwrap()), segment);
    }
}
