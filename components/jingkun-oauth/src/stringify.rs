//! Booleans and integers as strings: the documents' tables say Boolean and Integer, their examples print
//! `"false"` and `"3"`.

use patchbay_sdk::answer;
use patchbay_sdk::encode::{Body, Encoded};
use serde_json::Value;

/// The request, with booleans and integers in its JSON body as strings, at any depth.
pub(crate) fn request(mut request: Encoded) -> Encoded {
    if let Body::Json(bytes) = &mut request.body
        && let Ok(mut value) = answer::parse(bytes)
    {
        scalars(&mut value);
        *bytes = answer::to_text(&value).into_bytes();
    }
    request
}

fn scalars(value: &mut Value) {
    match value {
        Value::Bool(flag) => *value = Value::from(if *flag { "true" } else { "false" }),
        Value::Number(number) if is_integer(number.as_str()) => *value = Value::from(number.as_str()),
        Value::Array(items) => items.iter_mut().for_each(scalars),
        Value::Object(members) => members.values_mut().for_each(scalars),
        _ => {}
    }
}

/// By its digits: a number may be larger than every integer type.
fn is_integer(number: &str) -> bool {
    !number.contains(['.', 'e', 'E'])
}
