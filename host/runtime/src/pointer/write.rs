//! Values that are put where a pointer leads.

use serde_json::{Map, Value};

/// Puts a value where a JSON Pointer says, with the objects on the way. Returns whether there is such a place.
pub fn put(target: &mut Value, pointer: &str, value: Value) -> bool {
    let mut place = target;
    for token in pointer.split('/').skip(1) {
        let name = token.replace("~1", "/").replace("~0", "~");
        if place.is_null() {
            *place = Value::Object(Map::new());
        }
        place = match place {
            Value::Object(members) => members.entry(name).or_insert(Value::Null),
            Value::Array(items) => match name.parse().ok().and_then(|index: usize| items.get_mut(index)) {
                Some(item) => item,
                None => return false,
            },
            _ => return false,
        };
    }
    *place = value;
    true
}

/// One token of a JSON Pointer.
pub(crate) fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_value_is_put_where_the_pointer_says() {
        let mut input = json!({ "a": { "b": 1 }, "list": [{ "x": 1 }] });
        assert!(put(&mut input, "/a/b", 2.into()));
        assert!(put(&mut input, "/page/cursor~1next", "c".into()));
        assert!(put(&mut input, "/list/0/x", 3.into()));
        assert!(!put(&mut input, "/list/1", 3.into()));
        assert!(!put(&mut input, "/a/b/c", 3.into()), "a number has no members");
        let expected = json!({
            "a": { "b": 2 },
            "list": [{ "x": 3 }],
            "page": { "cursor/next": "c" },
        });
        assert_eq!(input, expected);
    }
}
