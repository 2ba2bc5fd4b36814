//! Secrets are replaced, and nothing else, in the text as in the value.

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::json::{document, written};
use crate::mask::MASK;
use crate::{Failure, Payload, Refusal, Secrets};

const TOKENS: Secrets = Secrets {
    always: &["token"],
    sometimes: &[("value", is_password)],
};

fn is_password(object: &Map<String, Value>) -> bool {
    object.get("kind") == Some(&Value::from("passwd"))
}

fn payload(text: &str) -> Payload {
    Payload::from_text(text.to_owned()).unwrap()
}

#[test]
fn details_of_a_refusal_are_masked_like_a_payload() {
    let value = || json!({ "token": "t", "a": 1 });
    let hidden = || json!({ "token": "***", "a": 1 });
    let refusal = |details| Refusal {
        details: Some(details),
        ..Refusal::default()
    };
    assert_eq!(TOKENS.mask_result(Ok(value().into())), Ok(hidden().into()));
    let rejected = TOKENS.mask_result(Err(Failure::Rejected(refusal(value()))));
    assert_eq!(rejected, Err(Failure::Rejected(refusal(hidden()))));
    let denied = || Err(Failure::Denied("policy".to_owned()));
    assert_eq!(TOKENS.mask_result(denied()), denied());
}

#[test]
fn secrets_are_replaced_at_any_depth() {
    let value = json!([
        { "token": "t", "list": [{ "token": { "deep": 1 }, "other": 2 }], "token2": 3 },
        { "token": null, "kind": "passwd", "value": 1, "inner": { "value": 2 } },
        { "kind": "text", "value": "shown" },
    ]);
    let masked = json!([
        { "token": "***", "list": [{ "token": "***", "other": 2 }], "token2": 3 },
        { "token": null, "kind": "passwd", "value": "***", "inner": { "value": 2 } },
        { "kind": "text", "value": "shown" },
    ]);
    assert_eq!(TOKENS.mask(value.into()).to_value(), masked);
}

#[test]
fn a_secret_may_be_recognised_by_a_secret_beside_it() {
    let secrets = Secrets {
        always: &[],
        sometimes: &[("kind", is_password), ("value", is_password)],
    };
    let masked = secrets.mask(json!({ "kind": "passwd", "value": "v" }).into());
    assert_eq!(masked.to_value(), json!({ "kind": "***", "value": "***" }));
}

#[test]
fn what_is_no_secret_stays_byte_for_byte() {
    for (text, masked) in [
        (r#"{ "a" : 1.10,"token":"t" }"#, r#"{ "a" : 1.10,"token":"***" }"#),
        (
            r#"{"token" :  [1,{"x":"]"}] , "b":1}"#,
            r#"{"token" :  "***" , "b":1}"#,
        ),
        (r#"{"token":-1e5}"#, r#"{"token":"***"}"#),
        (r#"{"token":true,"token":{}}"#, r#"{"token":"***","token":"***"}"#),
        (r#"{"token":"a\"b\\","b":2}"#, r#"{"token":"***","b":2}"#),
        (r#"{"token":{"token":"token"}}"#, r#"{"token":"***"}"#),
        ("{\"token\"\n:\r\n\tnull}", "{\"token\"\n:\r\n\tnull}"),
        (r#"["token",":",{"a":"token"}]"#, r#"["token",":",{"a":"token"}]"#),
        (
            r#"["\"token\":1","\"token",":"]"#,
            r#"["\"token\":1","\"token",":"]"#,
        ),
        (r#"["\\\"token",":"]"#, r#"["\\\"token",":"]"#),
        (
            r#"{"xtoken":1,"tokens":2,"tok\ten":3}"#,
            r#"{"xtoken":1,"tokens":2,"tok\ten":3}"#,
        ),
    ] {
        assert_eq!(TOKENS.mask(payload(text)).as_str(), masked, "{text}");
    }
}

#[test]
fn escaped_names_are_recognised() {
    for text in [
        r#"{"t\u006fken":"geheim"}"#,
        r#"{"\u0074\u006F\u006b\u0065\u006E":"geheim"}"#,
        r#"{"k\u0069nd":"passwd","value":"geheim"}"#,
        r#"{"kind":"pass\u0077d","v\u0061lue":"geheim"}"#,
    ] {
        let masked = TOKENS.mask(payload(text));
        assert!(!masked.as_str().contains("geheim"), "{masked:?}");
        assert!(masked.as_str().contains(MASK), "{masked:?}");
    }
    // Such a name has escapes of other forms.
    let secrets = Secrets {
        always: &["a/b"],
        sometimes: &[],
    };
    let masked = secrets.mask(payload(r#"{"a\/b":1}"#));
    assert_eq!(masked.to_value(), json!({ "a/b": "***" }));
}

proptest! {
    #[test]
    fn text_and_value_are_masked_alike(document in document(), blanks in any::<u64>()) {
        let names = Secrets { always: &["a", "code"], sometimes: &[] };
        let beside = Secrets { always: &["a"], sometimes: &[("code", |object| object.contains_key("data"))] };
        for secrets in [names, beside] {
            let text = written(&document, blanks);
            let mut expected: Value = serde_json::from_str(&text).unwrap();
            secrets.mask_value(&mut expected);
            prop_assert_eq!(secrets.mask(payload(&text)).to_value(), expected, "{}", text);
        }
    }
}
