//! What the one checker takes and refuses, and that it agrees with the schema.

use proptest::collection::{btree_map, vec};
use proptest::prelude::*;
use serde_json::{Map, Value, json};

use crate::check::input;
use crate::schema::of_input;
use crate::shape::{Object, Shape};
use crate::{Endpoint, Failure, Nothing, Schema, Violation};

#[derive(Schema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
enum Urgency {
    High,
    Low,
}

#[derive(Schema)]
#[schema(any_of("key", "id"))]
#[expect(dead_code, reason = "only its schema is used")]
struct Part {
    key: Option<String>,
    id: Option<i64>,
    counts: Option<Vec<u32>>,
}

/// Everything that is checked
#[derive(Endpoint)]
#[endpoint(
    id = "order.create",
    title = "",
    effect = Write,
    response = Nothing,
    one_of("name", "number"),
    needs("code", when = ("start", true)),
    needs("start", when = "code")
)]
#[expect(dead_code, reason = "only its declaration is used")]
struct Order {
    name: Option<String>,
    #[param(min = 1, max = 5, lenient)]
    number: Option<i64>,
    #[param(lenient)]
    start: Option<bool>,
    #[param(pattern = r"^[a-z]\d{2}$")]
    code: Option<String>,
    #[param(min_length = 1, max_length = 3)]
    text: String,
    #[param(lenient)]
    id: Option<String>,
    #[param(min_items = 1, max_items = 2)]
    tags: Option<Vec<String>>,
    urgency: Option<Urgency>,
    part: Option<Part>,
    map: Option<Map<String, Value>>,
}

const ORDER: &Object = Order::DECLARATION.input;

fn refused(given: &Value) -> Vec<(String, String)> {
    match input(ORDER, &given.to_string()) {
        Err(Failure::InvalidInput(violations)) => violations
            .into_iter()
            .map(|Violation { path, message }| (path, message))
            .collect(),
        other => panic!("{given}: {other:?}"),
    }
}

fn accepted(given: &Value) -> Value {
    match input(ORDER, &given.to_string()) {
        Ok(params) => Value::Object(params.into_map()),
        Err(failure) => panic!("{given}: {failure}"),
    }
}

#[test]
fn what_comes_out_has_the_documented_types_in_the_documented_order() {
    let given = json!({
        "id": 12, "text": "t", "start": "true", "code": "a12", "number": "0005", "name": "",
        "map": { "b": null, "a": 1 }, "tags": null,
    });
    let params = r#"{"number":5,"start":true,"code":"a12","text":"t","id":"12","map":{"b":null,"a":1}}"#;
    assert_eq!(accepted(&given).to_string(), params);
    let params = r#"{"number":3,"text":"t"}"#;
    let whole = input(ORDER, r#"{"number":3.00,"text":"t"}"#).unwrap();
    assert_eq!(Value::Object(whole.into_map()).to_string(), params);
}

#[test]
fn all_that_is_wrong_is_said_with_its_place() {
    let given = json!({
        "name": 1, "number": 6, "start": "yes", "code": "A12", "text": "long", "id": 1.5, "tags": [],
        "urgency": "HIGH", "part": { "counts": [1, -1, "2"], "a/b": 1 }, "map": [], "colour": "red",
    });
    let expected = [
        (
            "/colour",
            "isn't a parameter; there are name, number, start, code, text, id, tags, urgency, part, map",
        ),
        ("/name", "must be a string, and is 1"),
        ("/number", "must be at most 5, and is 6"),
        ("/start", "must be a boolean, and is \"yes\""),
        ("/code", r#"must match ^[a-z]\d{2}$, and is "A12""#),
        ("/text", "must have at most 3 characters"),
        ("/id", "must be a string, and is 1.5"),
        ("/tags", "must have at least 1 items, and has 0"),
        ("/urgency", r#"must be one of "high", "low", and is "HIGH""#),
        ("/part/a~1b", "isn't a parameter; there are key, id, counts"),
        ("/part/counts/1", "must be from 0 to 4294967295, and is -1"),
        ("/part/counts/2", "must be an integer, and is \"2\""),
        ("/part", r#"needs at least one of "key" and "id""#),
        ("/map", "must be an object, and is a list"),
        ("", r#"needs exactly one of "name" and "number""#),
    ];
    let expected = expected.map(|(path, message)| (path.to_owned(), message.to_owned()));
    assert_eq!(refused(&given), expected);
}

#[test]
fn conditions_take_an_empty_string_for_absent() {
    let needs = |given| refused(&given);
    let one = vec![(
        String::new(),
        r#"needs exactly one of "name" and "number""#.to_owned(),
    )];
    assert_eq!(needs(json!({ "text": "t" })), one);
    assert_eq!(needs(json!({ "text": "t", "name": "" })), one);
    assert_eq!(needs(json!({ "text": "t", "name": "n", "number": 1 })), one);
    accepted(&json!({ "text": "t", "name": "", "number": 1 }));

    let code = vec![("/code".to_owned(), "is required when start is true".to_owned())];
    assert_eq!(needs(json!({ "text": "t", "name": "n", "start": "true" })), code);
    let start = vec![("/start".to_owned(), "is required when code is given".to_owned())];
    assert_eq!(needs(json!({ "text": "t", "name": "n", "code": "a12" })), start);
    accepted(&json!({ "text": "t", "name": "n", "start": false }));
}

#[test]
fn of_several_alternatives_the_first_that_is_given_is_kept() {
    #[derive(Schema)]
    #[schema(first_of("id", "name"))]
    #[expect(dead_code, reason = "only its schema is used")]
    struct Either {
        id: Option<String>,
        name: Option<String>,
        x: Option<i64>,
    }

    let Shape::Object(object) = Either::SHAPE else {
        panic!("no object");
    };
    for (given, kept) in [
        (
            json!({ "id": "1", "name": "n", "x": 2 }),
            json!({ "id": "1", "x": 2 }),
        ),
        (json!({ "name": "n", "x": 2 }), json!({ "name": "n", "x": 2 })),
        (json!({ "id": "1" }), json!({ "id": "1" })),
        (json!({ "id": "", "name": "n" }), json!({ "name": "n" })),
        (json!({ "id": "i", "name": "" }), json!({ "id": "i" })),
        (json!({ "id": null, "name": "n" }), json!({ "name": "n" })),
    ] {
        let params = input(object, &given.to_string()).unwrap();
        assert_eq!(Value::Object(params.into_map()), kept);
    }
    for none in [json!({}), json!({ "id": "", "name": "" }), json!({ "id": null })] {
        assert_eq!(
            input(object, &none.to_string()),
            Err(Failure::invalid_input(
                "",
                r#"needs at least one of "id" and "name""#
            ))
        );
    }
}

#[test]
fn what_is_said_is_bounded() {
    let members: Map<String, Value> = (0..100)
        .map(|n| (format!("{n}{}", "x".repeat(999)), json!(1)))
        .collect();
    let violations = refused(&Value::Object(members));
    assert_eq!(violations.len(), 16);
    let given = json!({ "text": "t", "name": "n", "code": "密".repeat(1000) });
    let said = [violations, refused(&given)].concat();
    for (path, message) in said {
        assert!(path.len() + message.len() < 400, "{path} {message}");
    }
}

/// Values near those that the schema takes.
fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        (-2_i64..8).prop_map(Value::from),
        Just(json!(1.5)),
        proptest::sample::select(vec![
            "", "a", "a12", "b00", "abc", "abcd", "high", "HIGH", "true", "false", "3", "7", "-1", "03"
        ])
        .prop_map(Value::from),
    ];
    let names = proptest::sample::select(vec!["key", "id", "counts", "x"]).prop_map(str::to_owned);
    leaf.prop_recursive(2, 8, 3, move |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            btree_map(names.clone(), inner, 0..3)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

/// Inputs of which many are valid.
fn order() -> impl Strategy<Value = Value> {
    let member = |name: &'static str, good: Vec<Value>| {
        let good = proptest::sample::select(good);
        let any = prop_oneof![6 => good, 1 => value()];
        proptest::option::of(any).prop_map(move |value| value.map(|value| (name.to_owned(), value)))
    };
    let members = (
        member("name", vec![json!("n"), json!("")]),
        member("number", vec![json!(1), json!("5")]),
        member("start", vec![json!(true), json!("true"), json!(false)]),
        member("code", vec![json!("a12"), json!("")]),
        prop_oneof![9 => Just(json!("t")), 1 => value()].prop_map(|text| Some(("text".to_owned(), text))),
        member("id", vec![json!("i"), json!(7)]),
        member("tags", vec![json!(["a"]), json!(["a", "b"])]),
        member("urgency", vec![json!("high")]),
        member(
            "part",
            vec![json!({ "key": "k" }), json!({ "id": 1, "counts": [0, 4] })],
        ),
        member("map", vec![json!({}), json!({ "a": null })]),
    );
    members.prop_map(|(a, b, c, d, e, f, g, h, i, j)| {
        Value::Object([a, b, c, d, e, f, g, h, i, j].into_iter().flatten().collect())
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_checker_takes_what_the_schema_takes(given in order()) {
        thread_local! {
            static SCHEMA: jsonschema::Validator =
                jsonschema::validator_for(&crate::testing::json(&of_input(ORDER, &[]))).unwrap();
        }
        let valid = SCHEMA.with(|schema| schema.is_valid(&given));
        let checked = input(ORDER, &given.to_string());
        // A text of digits may be more than the schema can say.
        let digits = given["number"].as_str().is_some_and(|text| text.parse::<i64>().is_ok_and(|number| number > 5));
        prop_assert_eq!(valid && !digits, checked.is_ok(), "{}: {:?}", given, checked);
    }

    #[test]
    fn what_was_checked_once_is_taken_again(given in order()) {
        if let Ok(params) = input(ORDER, &given.to_string()) {
            let text = Value::Object(params.clone().into_map()).to_string();
            prop_assert_eq!(input(ORDER, &text), Ok(params));
        }
    }
}
