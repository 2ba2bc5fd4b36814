//! Values in a JSON text, found by a pointer. What isn't on the way to them is passed over.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::Value;
use serde_json::value::RawValue;

/// The text of the value that a pointer leads to, where there is one. Of members with one name the last counts, as in
/// a [`Value`].
pub(crate) fn select<'a>(json: &'a RawValue, pointer: &str) -> Option<&'a RawValue> {
    let mut found = json;
    if !pointer.is_empty() {
        for token in pointer.strip_prefix('/')?.split('/') {
            let name = token.replace("~1", "/").replace("~0", "~");
            found = Child(&name)
                .deserialize(&mut serde_json::Deserializer::from_str(found.get()))
                .ok()??;
        }
    }
    Some(found)
}

/// The value that a pointer leads to, where there is one.
pub(crate) fn value(json: &RawValue, pointer: &str) -> Option<Value> {
    serde_json::from_str(select(json, pointer)?.get()).ok()
}

/// The items of a list; `None` where it is something else.
pub(crate) fn items(json: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(json.get()).ok()
}

/// A member of an object, or an item of a list.
#[derive(Clone, Copy)]
struct Child<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Child<'_> {
    type Value = Option<&'de RawValue>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Child<'_> {
    type Value = Option<&'de RawValue>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object or a list")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Self::Value, A::Error> {
        let mut found = None;
        while let Some(is_it) = members.next_key_seed(Name(self.0))? {
            if is_it {
                found = Some(members.next_value()?);
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        Ok(found)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        // As `Value::pointer` has it: digits without a leading zero.
        let plain = !self.0.starts_with('+') && (self.0 == "0" || !self.0.starts_with('0'));
        let Some(index) = self.0.parse::<usize>().ok().filter(|_| plain) else {
            return Ok(None);
        };
        for _ in 0..index {
            if items.next_element::<IgnoredAny>()?.is_none() {
                return Ok(None);
            }
        }
        let found = items.next_element()?;
        // The text was checked when it came.
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(found)
    }
}

/// Whether a key is this name.
struct Name<'n>(&'n str);

impl<'de> DeserializeSeed<'de> for Name<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Name<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a key")
    }

    fn visit_str<E>(self, key: &str) -> Result<bool, E> {
        Ok(key == self.0)
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn raw(text: &str) -> Box<RawValue> {
        RawValue::from_string(text.to_owned()).unwrap()
    }

    #[test]
    fn a_pointer_leads_where_it_leads_in_a_value() {
        let text = r#" {"a":{"b":[1.10, {"c/d":"x"}, 9007199254740993]},"":1,"a\u0062":2,"m~n":3,"twice":1,"twice":[4]} "#;
        let (json, built): (_, Value) = (raw(text), serde_json::from_str(text).unwrap());
        for pointer in [
            "",
            "/",
            "/a",
            "/a/b",
            "/a/b/0",
            "/a/b/1/c~1d",
            "/a/b/2",
            "/a/b/3",
            "/a/b/00",
            "/a/b/+1",
            "/a/b/-",
            "/a/b/x",
            "/ab",
            "/m~0n",
            "/twice",
            "/twice/0",
            "/none",
            "/a/b/0/c",
            "a",
            "/a/",
        ] {
            assert_eq!(
                value(&json, pointer).as_ref(),
                built.pointer(pointer),
                "{pointer}"
            );
        }
        assert_eq!(select(&json, "/a/b/0").unwrap().get(), "1.10");
        assert_eq!(items(select(&json, "/a/b").unwrap()).unwrap().len(), 3);
        assert!(items(&json).is_none());
    }

    fn json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "[a-c/~\"é]{0,3}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 4, |inner| {
            prop_oneof![
                vec(inner.clone(), 0..4).prop_map(Value::from),
                vec(("[a-c0-2/~\"é]{0,2}", inner), 0..4)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_pointer_leads_to_the_same_in_text_and_value(built in json(), pointer in "(/([a-c0-2\"é]|~0|~1){0,2}){0,3}") {
            let found = value(&raw(&built.to_string()), &pointer);
            prop_assert_eq!(found.as_ref(), built.pointer(&pointer));
        }
    }
}
