//! What a JSON text takes in memory when it is parsed, estimated from the text alone.
//!
//! A parsed value can take a hundred times the room of its text (`[0,0,…]`, `[{"a":0},…]`), so that a limit on
//! the bytes of a text is none on memory. Counting takes one pass and no memory.

use memchr::memchr2_iter;
use serde_json::Value;

/// Whether a JSON text is nested deeper than [`JsonShape::MAX_DEPTH`].
pub(crate) fn is_too_deep(text: &str) -> bool {
    // Nearly every text has fewer brackets than that, which is seen much faster than how they are nested.
    let brackets = memchr2_iter(b'[', b'{', text.as_bytes());
    brackets.count() > JsonShape::MAX_DEPTH && JsonShape::of(text.as_bytes()).depth > JsonShape::MAX_DEPTH
}

/// How much values a JSON text has, and how deep they are nested. A text that isn't JSON has some shape too:
/// where a parser accepts as much of it as counted here, or less.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct JsonShape {
    /// Length of the text, in bytes.
    pub bytes: usize,
    /// Values of every type.
    pub values: usize,
    /// Members of objects.
    pub members: usize,
    /// Objects.
    pub objects: usize,
    /// How many arrays and objects are around the innermost value.
    pub depth: usize,
}

impl JsonShape {
    /// The deepest nesting that is parsed.
    pub const MAX_DEPTH: usize = 127;

    /// Looks at a text.
    #[must_use]
    pub fn of(text: &[u8]) -> Self {
        let mut shape = Self {
            bytes: text.len(),
            values: 1,
            ..Self::default()
        };
        let mut depth = 0_usize;
        let mut rest = text.iter();
        while let Some(byte) = rest.next() {
            match byte {
                b'"' => {
                    while let Some(byte) = rest.next() {
                        match byte {
                            b'"' => break,
                            b'\\' => {
                                rest.next();
                            }
                            _ => {}
                        }
                    }
                }
                b',' => shape.values += 1,
                b':' => shape.members += 1,
                b'[' | b'{' => {
                    // The first element or member; an empty one is counted too much.
                    shape.values += 1;
                    shape.objects += usize::from(*byte == b'{');
                    depth += 1;
                    shape.depth = shape.depth.max(depth);
                }
                b']' | b'}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        shape
    }

    /// What the parsed [`Value`] takes at most, in bytes: with the room that lists keep for growing, and what the
    /// allocator adds.
    #[must_use]
    pub fn memory(&self) -> usize {
        /// An allocation of its own, such as that of a number's digits.
        const ALLOCATION: usize = 32;
        /// Lists grow by doubling.
        const VALUE: usize = 2 * size_of::<Value>() + ALLOCATION;
        /// Key, hash, place in the index.
        const MEMBER: usize = 2 * (size_of::<String>() + 4 * size_of::<usize>()) + ALLOCATION;
        /// The first member makes room for four.
        const OBJECT: usize = 4 * (size_of::<Value>() + size_of::<String>() + 2 * size_of::<usize>());
        let of = |count: usize, size: usize| count.saturating_mul(size);
        self.bytes
            .saturating_add(of(self.values, VALUE))
            .saturating_add(of(self.members, MEMBER))
            .saturating_add(of(self.objects, OBJECT))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(text: &str) -> (usize, usize, usize, usize) {
        let shape = JsonShape::of(text.as_bytes());
        (shape.values, shape.members, shape.objects, shape.depth)
    }

    #[test]
    fn values_are_counted_outside_of_texts() {
        assert_eq!(shape("0"), (1, 0, 0, 0));
        assert_eq!(shape("[0,1,2]"), (4, 0, 0, 1));
        assert_eq!(shape(r#"{"a":[1,{"b":2}],"c":"]"}"#), (6, 3, 2, 3));
        assert_eq!(shape(r#"["[[{\"a\":1,\\","\\",",",":"]"#), (5, 0, 0, 1));
        assert_eq!(shape("\"[[[[").3, 0, "a text without end");
        assert_eq!(shape("]]]][").3, 1);
    }

    #[test]
    fn what_is_too_deep_is_nested_not_long() {
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(!is_too_deep(&nested(JsonShape::MAX_DEPTH)));
        assert!(is_too_deep(&nested(JsonShape::MAX_DEPTH + 1)));
        assert!(!is_too_deep(&format!("[{}0]", "[{}],".repeat(1000))));
        assert!(!is_too_deep(&format!("{:?}", "[".repeat(1000))));
    }

    #[test]
    fn no_value_is_missed() {
        fn count(value: &Value) -> usize {
            1 + match value {
                Value::Array(items) => items.iter().map(count).sum(),
                Value::Object(members) => members.values().map(count).sum(),
                _ => 0,
            }
        }
        for text in [
            r#"{"a":[{},[],[[]],{"b":{"c":[1,2,3]}}],"d":null}"#,
            "[[[],[]],[1]]",
            "{}",
        ] {
            let value: Value = serde_json::from_str(text).unwrap();
            assert!(JsonShape::of(text.as_bytes()).values >= count(&value), "{text}");
        }
    }
}
