//! Manifests that are made to take the host down, and manifests that are made up at random.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::catalog::Catalog;
use crate::error::{Error, Kind};
use crate::manifest::{Effect, Manifest, Operation, Setting, SettingKind};

/// Far more than anything here takes, also where the machine is busy.
const PATIENCE: Duration = Duration::from_secs(10);

fn manifest(input_schema: Value) -> Manifest {
    Manifest {
        id: "some".to_owned(),
        operations: vec![Operation::new("do", Effect::Write, input_schema, json!({}))],
        ..Manifest::default()
    }
}

fn load(input_schema: Value) -> Result<Catalog, String> {
    let started = Instant::now();
    let loaded = Catalog::new(manifest(input_schema)).map_err(|findings| findings.join("\n"));
    assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    loaded
}

#[track_caller]
fn assert_refused(input_schema: Value, words: &str) {
    let finding = load(input_schema).expect_err(words);
    assert!(finding.contains(words), "{words:?} isn't in {finding}");
    assert!(finding.len() < 2000, "{} bytes: {finding}", finding.len());
}

/// `{"$defs": {"0": …, "1": …}, "$ref": "#/$defs/0"}`, where each definition but the last is made of the next one's
/// reference.
fn chain(links: usize, last: Value, link: impl Fn(Value) -> Value) -> Value {
    let mut definitions = Map::new();
    for index in 0..links {
        let next = json!({ "$ref": format!("#/$defs/{}", index + 1) });
        definitions.insert(index.to_string(), link(next));
    }
    definitions.insert(links.to_string(), last);
    json!({ "type": "object", "$defs": definitions, "$ref": "#/$defs/0" })
}

#[test]
fn a_chain_of_references_is_bounded() {
    assert_refused(
        chain(20_000, json!({}), |next| next),
        "20,001 references ($ref); at most 5,000",
    );
    assert_refused(
        chain(4_000, json!({}), |next| next),
        "more than 32 schemas to one value",
    );
    load(chain(20, json!({}), |next| next)).unwrap();
}

#[test]
fn references_that_multiply_are_refused() {
    let doubled = chain(
        15,
        json!({ "type": "string" }),
        |next| json!({ "allOf": [next, next] }),
    );
    assert_refused(doubled, "expands to more than 100000 steps");
    let doubled = chain(
        3,
        json!({ "type": "object" }),
        |next| json!({ "allOf": [next, next] }),
    );
    load(doubled).unwrap().validate("do", &json!({})).unwrap();
    let six = chain(
        6,
        json!({ "type": "object" }),
        |next| json!({ "additionalProperties": { "allOf": vec![next; 8] } }),
    );
    assert_refused(six, "expands to more than 100000 steps");
}

/// Each level of the value doubles the work: how far that goes is known before it is done.
#[test]
fn work_that_grows_with_the_value_is_bounded() {
    let catalog = load(
        json!({ "type": "object", "properties": { "a": { "anyOf": [{ "$ref": "#" }, { "$ref": "#" }] } } }),
    );
    let catalog = catalog.unwrap();
    let nested = |depth, last| (0..depth).fold(last, |value, _| json!({ "a": value }));
    let (mut longest, mut refused) = (Duration::ZERO, 0);
    for depth in 1..100 {
        let started = Instant::now();
        let error = catalog
            .validate("do", &nested(depth, json!({ "a": 1 })))
            .unwrap_err();
        refused += usize::from(error.message.contains("is too large to be checked"));
        longest = longest.max(started.elapsed());
    }
    assert!(refused > 70 && refused < 95, "{refused}");
    assert!(longest < Duration::from_secs(2), "{longest:?}");
}

#[test]
fn references_in_a_circle_are_refused() {
    for circle in [
        json!({ "type": "object", "$ref": "#" }),
        json!({ "type": "object", "anyOf": [{ "type": "null" }, { "not": { "$ref": "#/anyOf/1" } }] }),
        json!({ "type": "object", "$defs": { "a": { "$ref": "#/$defs/b" }, "b": { "if": { "$ref": "#/$defs/a" } } },
                "$ref": "#/$defs/a" }),
    ] {
        assert_refused(circle, "refers to itself without going into the value");
    }
}

#[test]
fn a_schema_may_describe_a_tree() {
    let anything = json!({ "type": "object", "$ref": "#/$defs/any", "$defs": { "any": { "anyOf": [
        { "type": ["string", "number", "boolean", "null"] },
        { "type": "array", "items": { "$ref": "#/$defs/any" } },
        { "type": "object", "additionalProperties": { "$ref": "#/$defs/any" } },
    ] } } });
    load(anything)
        .unwrap()
        .validate(
            "do",
            &(0..60).fold(json!(1), |value, _| json!({ "a": [value, 1, "x"] })),
        )
        .unwrap();
    let filter = json!({ "type": "object", "additionalProperties": false, "properties": {
        "and": { "type": "array", "items": { "$ref": "#" } },
        "or": { "type": "array", "items": { "$ref": "#" } },
        "not": { "$ref": "#" },
        "name": { "type": "string" },
    } });
    let catalog = load(filter).unwrap();
    let mut input = json!({ "name": "x" });
    for _ in 0..60 {
        input = json!({ "and": [input] });
    }
    catalog.validate("do", &input).unwrap();
    let error = catalog
        .validate("do", &json!({ "not": { "or": [{ "name": 1 }] } }))
        .unwrap_err();
    assert_eq!(error.violations[0].path, "/not/or/0/name");
}

#[test]
fn references_stay_in_the_schema() {
    for (reference, words) in [
        ("https://example.com/schema", "must be a place in the same schema"),
        ("#anchor", "must be a place in the same schema"),
        ("#/$defs/none", "which isn't in it"),
    ] {
        assert_refused(json!({ "type": "object", "$ref": reference }), words);
    }
    let moved = json!({ "type": "object", "$defs": { "a": { "$id": "http://a/" } } });
    assert_refused(moved, "has \"$id\" inside");
    let dynamic = json!({ "type": "object", "$dynamicRef": "#" });
    assert_refused(dynamic, "has \"$dynamicRef\" inside");
    let encoded = json!({ "type": "object", "$defs": { "a/b %": { "type": "null" } },
                          "properties": { "x": { "$ref": "#/$defs/a~1b%20%25" } } });
    let catalog = load(encoded).unwrap();
    catalog.validate("do", &json!({ "x": null })).unwrap();
    catalog.validate("do", &json!({ "x": 1 })).unwrap_err();
}

#[test]
fn a_manifest_has_a_budget() {
    let mut deep = json!({});
    for _ in 0..70 {
        deep = json!({ "not": deep });
    }
    deep["type"] = json!("object");
    assert_refused(deep, "is nested 71 levels deep; at most 64");
    let wide = json!({ "type": "object", "enum": vec![0; 250_000] });
    assert_refused(wide, "values; at most 200,000");
    let long = json!({ "type": "object", "description": "x".repeat(5 << 20) });
    assert_refused(long, "bytes; at most 4,194,304");
    let mut many = manifest(json!({ "type": "object" }));
    many.operations = (0..2_001)
        .map(|index| {
            Operation::new(
                format!("do.{index}"),
                Effect::Read,
                json!({ "type": "object" }),
                json!({}),
            )
        })
        .collect();
    let findings = Catalog::new(many).unwrap_err();
    assert_eq!(
        findings,
        ["the manifest has 2,001 operations; at most 2,000 are taken"]
    );
    let broken =
        (0..100).map(|index| Operation::new(format!("do.{index}"), Effect::Read, json!(1), json!({})));
    let mut many = manifest(json!({ "type": "object" }));
    many.operations.extend(broken);
    let findings = Catalog::new(many).unwrap_err();
    assert_eq!(findings.len(), 21, "{findings:?}");
    let mut named = manifest(json!({ "type": "object" }));
    named
        .settings
        .push(Setting::new("x".repeat(1_000_000), SettingKind::Plain));
    let findings = Catalog::new(named).unwrap_err().join("\n");
    assert!(
        findings.len() < 1000 && findings.contains("1,000,000 bytes; at most 200"),
        "{findings}"
    );
}

#[test]
fn patterns_are_linear_and_small() {
    let with = |pattern: &str| json!({ "type": "object", "properties": { "a": { "pattern": pattern } } });
    assert_refused(
        with(&"a".repeat(2000)),
        "has a pattern of 2,000 bytes; at most 1,000",
    );
    assert_refused(with(r"^(?=a)b"), "no look-around");
    assert_refused(with(r"^(a)\1$"), "no look-around");
    assert_refused(with(r"^[\p{L}\p{N}]{1,500}$"), "no look-around");
    let properties: Map<String, Value> = (0..201)
        .map(|index| {
            (
                index.to_string(),
                json!({ "pattern": format!("^\\p{{L}}{{{index}}}$") }),
            )
        })
        .collect();
    assert_refused(
        json!({ "type": "object", "properties": properties }),
        "201 patterns; at most 200",
    );
    // What takes a backtracking engine longer than the sun has.
    let catalog = load(with(r"^(a+)+$")).unwrap();
    let started = Instant::now();
    let input = json!({ "a": format!("{}b", "a".repeat(100_000)) });
    catalog.validate("do", &input).unwrap_err();
    assert!(started.elapsed() < PATIENCE);
}

/// The most that a budget allows compiles soon.
#[test]
fn what_is_within_the_budget_is_compiled_soon() {
    let properties: Map<String, Value> = (0..199)
        .map(|index| {
            (
                index.to_string(),
                json!({ "pattern": format!("^\\p{{Lu}}[0-9a-z]{{1,{}}}$", index + 1) }),
            )
        })
        .collect();
    load(json!({ "type": "object", "properties": properties })).unwrap();
    let references: Map<String, Value> = (0..4_999)
        .map(|index| (index.to_string(), json!({ "$ref": "#/$defs/a" })))
        .collect();
    let many = json!({ "type": "object", "properties": references, "$defs": { "a": { "type": "string" } } });
    load(many).unwrap();
    let constants = json!({ "type": "object", "properties": { "a": { "enum": vec![json!([1]); 45_000] } } });
    load(constants).unwrap();
}

/// As deep as schema and input may be: the stack must bear it.
#[test]
fn the_deepest_check_fits_on_the_stack() {
    let link = |next: Value| json!({ "allOf": [next] });
    let mut schema = chain(14, json!({}), link);
    let again = json!({ "additionalProperties": { "$ref": "#/$defs/0" }, "items": { "$ref": "#/$defs/0" } });
    schema["$defs"]["14"] = again;
    let catalog = load(schema).unwrap();
    let mut input = json!({});
    for _ in 0..126 {
        input = json!({ "a": input });
    }
    let thread = std::thread::Builder::new().stack_size(2 << 20);
    let checked = thread.spawn(move || {
        catalog.validate("do", &input)?;
        input["a"]["a"]["b"] = json!(1);
        catalog.validate("do", &input)
    });
    checked.unwrap().join().unwrap().unwrap();
}

fn refused(error: Error) -> String {
    assert_eq!(error.kind, Kind::InvalidInput, "{error:?}");
    error.message
}

#[test]
fn what_would_take_too_long_is_not_begun() {
    let catalog = load(json!({ "type": "object", "properties": {
        "ids": { "uniqueItems": true },
        "tree": { "type": "object" },
        "text": { "pattern": "[ab]{2}c+d" },
    } }))
    .unwrap();
    let rounded_alike = |index| {
        format!("{}{index:06}", "1".repeat(30))
            .parse::<serde_json::Number>()
            .unwrap()
    };
    let ids: Vec<Value> = (0..100_000).map(|index| rounded_alike(index).into()).collect();
    let error = catalog.validate("do", &json!({ "ids": ids })).unwrap_err();
    assert!(refused(error).contains("is too large to be checked against its schema"));
    let mut deep = json!({});
    for _ in 0..200 {
        deep = json!({ "a": deep });
    }
    let error = catalog.validate("do", &json!({ "tree": deep })).unwrap_err();
    assert!(refused(error).contains("nested deeper than 128 levels"));
    let text = json!({ "text": "b".repeat(32 << 20) });
    let error = catalog.validate("do", &text).unwrap_err();
    assert!(refused(error).contains("too large"));
}

#[tokio::test]
async fn a_check_that_may_not_end_in_time_is_not_begun() {
    let catalog =
        load(json!({ "type": "object", "additionalProperties": { "items": { "type": "number" } } })).unwrap();
    let input = json!({ "a": vec![0; 1_000_000] });
    let until = |time| tokio::time::Instant::now() + time;
    let short = catalog
        .validate_within("do", &input, until(Duration::from_millis(5)))
        .await;
    let error = short.unwrap_err();
    assert_eq!(error.kind, Kind::Timeout);
    assert!(error.message.contains("left of the deadline"), "{error:?}");
    catalog
        .validate_within("do", &input, until(PATIENCE))
        .await
        .unwrap();
}

#[test]
fn violations_are_few_and_short() {
    let catalog = load(
        json!({ "type": "object", "additionalProperties": false, "properties": {
        "numbers": { "items": { "type": "number" } },
        "one": { "enum": ["a", "b"] },
    } }),
    )
    .unwrap();
    let size = |error: &Error| serde_json::to_string(error).unwrap().len();
    let many = json!({ "numbers": vec!["x"; 2_000] });
    let error = catalog.validate("do", &many).unwrap_err();
    assert_eq!(error.violations.len(), 21);
    assert_eq!(error.violations[20].message, "1,980 more violations aren't shown");
    let large = json!({ "one": "x".repeat(8 << 20) });
    let error = catalog.validate("do", &large).unwrap_err();
    assert!(
        error.message.contains("a value of 8,388,610 bytes is not one of"),
        "{error:?}"
    );
    let name = "x".repeat(1 << 20);
    for unexpected in [
        json!({ &name: 1 }),
        json!({ &name: 1, "y": 2 }),
        json!({ "numbers": [{ name: 1 }] }),
    ] {
        let error = catalog.validate("do", &unexpected).unwrap_err();
        assert!(size(&error) < 2000, "{}", size(&error));
    }
    // More than are searched for: the first is given, with a word on the others.
    let most = json!({ "numbers": vec!["x"; 1_000_000] });
    let error = catalog.validate("do", &most).unwrap_err();
    assert_eq!(error.violations.len(), 2, "{error:?}");
    assert_eq!(error.violations[0].path, "/numbers/0");
}

/// A schema: keywords that apply others, references to anywhere, and whatever stands in the wrong place.
fn schemas() -> impl Strategy<Value = Value> {
    const PLACES: &[&str] = &[
        "#",
        "#/$defs/a",
        "#/$defs/b",
        "#/properties/a",
        "#/allOf/0",
        "#x",
        "/a",
        "#/%zz",
        "https://a/",
    ];
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i32>().prop_map(Value::from),
        "\\PC{0,8}".prop_map(Value::from),
        Just(json!({ "type": "string" })),
        proptest::sample::select(PLACES).prop_map(|place| json!({ "$ref": place })),
        "[a-c(+*?){\\\\p}0-9^$\\[\\]]{0,12}".prop_map(|pattern| json!({ "pattern": pattern })),
    ];
    let keyword = proptest::sample::select(
        &[
            "not",
            "if",
            "items",
            "contains",
            "additionalProperties",
            "unevaluatedProperties",
            "propertyNames",
            "const",
            "$ref",
        ][..],
    );
    let list = proptest::sample::select(
        &[
            "allOf",
            "anyOf",
            "oneOf",
            "prefixItems",
            "enum",
            "required",
            "type",
        ][..],
    );
    let members = proptest::sample::select(
        &[
            "properties",
            "$defs",
            "patternProperties",
            "dependentSchemas",
            "dependencies",
        ][..],
    );
    leaf.prop_recursive(6, 60, 6, move |inner| {
        let pair = prop_oneof![
            (keyword.clone(), inner.clone()).prop_map(|(name, value)| (name, value)),
            (list.clone(), prop::collection::vec(inner.clone(), 0..4))
                .prop_map(|(name, values)| (name, values.into())),
            (members.clone(), prop::collection::btree_map("[ab]", inner, 0..3))
                .prop_map(|(name, values)| (name, values.into_iter().collect::<Map<_, _>>().into())),
        ];
        prop::collection::vec(pair, 0..5).prop_map(|pairs| {
            pairs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect::<Map<_, _>>()
                .into()
        })
    })
}

fn values() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        "[1-9][0-9]{0,40}(e[0-9]{1,9})?".prop_map(|text| text
            .parse::<serde_json::Number>()
            .map_or(Value::Null, Value::from)),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(5, 60, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            prop::collection::btree_map("[ab]", inner, 0..4)
                .prop_map(|members| members.into_iter().collect::<Map<_, _>>().into()),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// Whatever a manifest holds, there is a verdict, and what was accepted can be checked against.
    #[test]
    fn any_schema_has_a_verdict(mut schema in schemas(), input in values()) {
        if let Value::Object(keywords) = &mut schema {
            keywords.insert("type".to_owned(), "object".into());
        }
        let started = Instant::now();
        let mut manifest = manifest(schema.clone());
        manifest.operations[0].output_schema = schema.clone();
        let mut setting = Setting::new("some", SettingKind::Plain);
        setting.schema = Some(schema);
        manifest.settings.push(setting);
        if let Ok(catalog) = Catalog::new(manifest) {
            let _ = catalog.validate("do", &input);
            let _ = catalog.check_setting("some", &input.to_string());
        }
        prop_assert!(started.elapsed() < PATIENCE, "it took {:?}", started.elapsed());
    }
}
