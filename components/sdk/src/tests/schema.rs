//! The schemas of every attribute.

use serde_json::{Map, Value, json};

use crate::schema::{of_input, of_output};
use crate::shape::Shape;
use crate::testing::json as parse;
use crate::{Endpoint, Nothing, Schema};

/// How urgent.
#[derive(Schema)]
#[schema(rename_all = "lowercase")]
#[expect(dead_code, reason = "only its schema is used")]
enum Urgency {
    /// At once.
    #[schema(title = "高")]
    High,
    #[schema(rename = "LOW")]
    Low,
}

#[derive(Schema)]
#[expect(dead_code, reason = "only its schema is used")]
enum State {
    /// It works.
    #[schema(value = 1)]
    On,
    #[schema(value = 0)]
    Off,
}

/// One key.
#[derive(Schema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Pair {
    /// Its name.
    key: String,
    value: Option<i64>,
}

/// Everything
#[derive(Endpoint)]
#[endpoint(
    id = "everything",
    title = "",
    route = "POST /things/{id}",
    effect = Write,
    encoding = Multipart,
    rename_all = "camelCase",
    response = Nothing,
    example = r#"{"id":1,"text":"t"}"#
)]
#[expect(dead_code, reason = "only its declaration is used")]
struct Everything {
    #[param(title = "编号", min = 1, lenient)]
    id: i64,
    /// A text that is described on
    /// two lines.
    #[param(
        pattern = r"^\d+$",
        format = "digits",
        min_length = 1,
        max_length = 5,
        example = "12",
        example = "7"
    )]
    text: String,
    #[param(min_items = 1, max_items = 9, lenient)]
    texts: Option<Vec<String>>,
    /// A choice.
    urgency: Option<Urgency>,
    states: Option<Vec<State>>,
    #[param(default = false, lenient)]
    flag: Option<bool>,
    size: Option<u32>,
    number: Option<f64>,
    #[param(json_text)]
    pairs: Option<Vec<Pair>>,
    #[param(comma_list)]
    names: Option<Vec<String>>,
    #[param(file)]
    content: Option<String>,
    /// Kept.
    pair: Option<Pair>,
    any: Option<Value>,
    #[param(description = "Free.")]
    map: Option<Map<String, Value>>,
    #[param(flatten)]
    others: Map<String, Value>,
}

#[test]
fn every_attribute_is_in_the_schema() {
    let declaration = Everything::DECLARATION;
    let pair = json!({
        "type": "object",
        "properties": {
            "key": { "description": "Its name.", "type": "string" },
            "value": { "type": "integer", "format": "int64" },
        },
        "required": ["key"],
        "additionalProperties": false,
    });
    let mut kept = pair.clone();
    kept["description"] = json!("Kept.");
    let mut item = pair;
    item["description"] = json!("One key.");
    let schema = parse(&of_input(declaration.input, declaration.examples));
    let properties = json!({
        "id": {
            "title": "编号", "type": ["integer", "string"], "format": "int64", "pattern": "^0*[1-9][0-9]*$",
            "minimum": 1,
        },
        "text": {
            "description": "A text that is described on two lines.", "type": "string", "pattern": r"^\d+$",
            "format": "digits", "minLength": 1, "maxLength": 5, "examples": ["12", "7"],
        },
        "texts": { "type": "array", "items": { "type": ["string", "integer"] }, "minItems": 1, "maxItems": 9 },
        "urgency": {
            "description": "A choice.",
            "oneOf": [
                { "title": "高", "description": "At once.", "type": "string", "const": "high" },
                { "type": "string", "const": "LOW" },
            ],
        },
        "states": {
            "type": "array",
            "items": { "oneOf": [
                { "description": "It works.", "type": "integer", "const": 1 },
                { "type": "integer", "const": 0 },
            ] },
        },
        "flag": { "type": ["boolean", "string"], "enum": [true, false, "true", "false"], "default": false },
        "size": { "type": "integer", "format": "uint32", "minimum": 0, "maximum": 4_294_967_295_u32 },
        "number": { "type": "number", "format": "double" },
        "pairs": { "anyOf": [
            { "type": "array", "items": item },
            { "type": "string", "contentMediaType": "application/json" },
        ] },
        "names": { "anyOf": [{ "type": "array", "items": { "type": "string" } }, { "type": "string" }] },
        "content": { "type": "string", "contentEncoding": "base64" },
        "pair": kept,
        "any": {},
        "map": { "description": "Free.", "type": "object", "additionalProperties": true },
    });
    for (name, property) in properties.as_object().unwrap() {
        assert_eq!(&schema["properties"][name], property, "{name}");
    }
    let expected = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": properties,
        "required": ["id", "text"],
        "additionalProperties": true,
        "examples": [{ "id": 1, "text": "t" }],
    });
    assert_eq!(schema, expected);
}

/// A branch of a tree.
#[derive(Schema)]
#[expect(dead_code, reason = "only its schema is used")]
struct Branch {
    name: Option<String>,
    urgency: Option<Urgency>,
    leaf: Option<Pair>,
    #[expect(clippy::vec_box, reason = "the box is what names the type itself")]
    branches: Option<Vec<Box<Branch>>>,
}

#[test]
fn an_output_may_be_null_where_it_is_optional_and_may_refer_to_itself() {
    let schema = parse(&of_output(<Vec<Branch>>::SHAPE));
    let properties = &schema["items"]["properties"];
    assert_eq!(properties["name"], json!({ "type": ["string", "null"] }));
    assert_eq!(properties["urgency"]["oneOf"][2], json!({ "type": "null" }));
    assert_eq!(properties["leaf"]["type"], json!(["object", "null"]));
    assert_eq!(properties["leaf"]["description"], "One key.");
    assert_eq!(
        properties["branches"],
        json!({ "type": ["array", "null"], "items": { "$ref": "#/$defs/Branch" } })
    );
    let mut branch = schema["items"].clone();
    branch["description"] = json!("A branch of a tree.");
    assert_eq!(schema["$defs"], json!({ "Branch": branch }));
    assert!(!schema.to_string().contains("additionalProperties"), "{schema}");
}

#[test]
fn texts_are_escaped() {
    const TEXT: &str = "\"\\\n\t\u{1}密";
    static OBJECT: crate::shape::Object = crate::shape::Object {
        name: "",
        description: "",
        fields: &[crate::shape::Field {
            name: TEXT,
            title: "",
            description: TEXT,
            shape: &Shape::Text,
            rules: &[],
            place: crate::shape::Place::Default,
        }],
        conditions: &[],
        open: false,
    };
    let schema = parse(&of_input(&OBJECT, &[]));
    assert_eq!(schema["properties"][TEXT]["description"], TEXT);
}

macro_rules! conditions {
    ($($name:ident($($condition:tt)*);)*) => {
        $(
            #[derive(Schema)]
            #[schema($($condition)*)]
            #[expect(dead_code, reason = "only its schema is used")]
            struct $name {
                number: Option<i64>,
                text: Option<String>,
                #[schema(lenient)]
                flag: Option<bool>,
            }
        )*
    };
}

conditions! {
    Any(any_of("number", "text"));
    First(first_of("number", "text"));
    One(one_of("number", "text"));
    When(needs("text", when = "number"));
    WhenTrue(needs("text", when = ("flag", true)));
    Both(one_of("number", "text"), needs("flag", when = ("number", 1)));
}

#[test]
fn conditions_are_in_the_schema() {
    let of = |shape: &'static Shape| match shape {
        Shape::Object(object) => parse(&of_input(object, &[])),
        other => panic!("{other:?}"),
    };
    let number = json!({ "required": ["number"] });
    let text = json!({ "required": ["text"], "properties": { "text": { "minLength": 1 } } });
    assert_eq!(of(Any::SHAPE)["anyOf"], json!([number, text]));
    assert_eq!(of(First::SHAPE)["anyOf"], json!([number, text]));
    assert_eq!(of(One::SHAPE)["oneOf"], json!([number, text]));
    let schema = of(When::SHAPE);
    assert_eq!((&schema["if"], &schema["then"]), (&number, &text));
    let schema = of(WhenTrue::SHAPE);
    assert_eq!(
        schema["if"],
        json!({ "required": ["flag"], "properties": { "flag": { "enum": [true, "true"] } } })
    );
    assert_eq!(schema["then"], text);
    assert_eq!(
        of(Both::SHAPE)["allOf"],
        json!([
            { "oneOf": [number, text] },
            {
                "if": { "required": ["number"], "properties": { "number": { "const": 1 } } },
                "then": { "required": ["flag"] },
            },
        ])
    );
}
