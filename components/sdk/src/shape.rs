//! What a value looks like, as static data: the derives write it, [`schema`](crate::schema) publishes it, and
//! [`check`](crate::check) checks inputs against it. What is published is what is checked.

use std::collections::BTreeMap;

pub use patchbay_sdk_macros::Schema;
use serde_json::{Map, Value};

/// A type whose values have a shape. `#[derive(Schema)]` implements it for structs with named fields and for
/// enums without fields.
pub trait Schema {
    /// The shape of its values.
    const SHAPE: &'static Shape;
}

/// The shape of a value.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Shape {
    /// Any JSON value.
    Any,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer(Range),
    /// Any number.
    Number,
    /// A string.
    Text,
    /// A list whose items have one shape.
    List(&'static Shape),
    /// An object with free names, whose members have one shape.
    Map(&'static Shape),
    /// An object with declared members.
    Object(&'static Object),
    /// One of several values.
    Choice(&'static [Variant]),
    /// A member that may be absent. In an input, `null` counts as absent; in an output, it may be `null`.
    Optional(&'static Shape),
    /// The same as another shape, resolved when it is needed: what a recursive type refers to itself with.
    Reference(fn() -> &'static Shape),
}

/// The whole numbers that a Rust type holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Range {
    /// JSON Schema's `format`: `int64`.
    pub format: &'static str,
    /// The least one.
    pub minimum: i64,
    /// The greatest one.
    pub maximum: i64,
}

/// An object with declared members.
#[derive(Debug, Clone, Copy)]
pub struct Object {
    /// Rust's name of the type.
    pub name: &'static str,
    /// What it is.
    pub description: &'static str,
    /// Its members.
    pub fields: &'static [Field],
    /// Conditions between its members.
    pub conditions: &'static [Condition],
    /// Whether an input may have members that aren't declared.
    pub open: bool,
}

/// A member of an object; for an endpoint, a parameter.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The vendor's name of it.
    pub name: &'static str,
    /// What people call it, in the vendor's language. May be empty.
    pub title: &'static str,
    /// What it is. May be empty.
    pub description: &'static str,
    /// The shape of its values.
    pub shape: &'static Shape,
    /// What else holds for its values. On a list, what is about texts and numbers is about the items.
    pub rules: &'static [Rule],
    /// Where it travels.
    pub place: Place,
}

/// Where a parameter travels. One that the path has a placeholder for travels in the path.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Place {
    /// Where the endpoint's [`Encoding`](crate::Encoding) says.
    Default,
    /// In the query, whatever the encoding.
    Query,
    /// In a header field of this name.
    Header(&'static str),
    /// Where the encoding says, also when it travels in the path.
    AlsoBody,
    /// The value is a file in Base64, and travels as a part of a multipart body.
    File(&'static FilePart),
    /// As a part of a multipart body that says its media type, which is this one.
    Part(&'static str),
    /// The value is the whole body, of this media type: a string as it is, or the bytes that it holds in
    /// [`Base64`](Rule::Base64), anything else as JSON. The other parameters travel in the query.
    Body(&'static str),
}

/// How a file travels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FilePart {
    /// Name of the part.
    pub part: &'static str,
    /// The parameter that holds the file's name, which doesn't travel by itself then. Without one, the file is
    /// named like its part.
    pub file_name: Option<&'static str>,
    /// Its media type.
    pub media_type: &'static str,
}

/// What holds for a value besides its shape.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Rule {
    /// A text matches this regular expression. See [`pattern`](crate::pattern) for what it may be made of.
    Pattern(&'static str),
    /// JSON Schema's `format`. It isn't checked.
    Format(&'static str),
    /// The least integer.
    Minimum(i64),
    /// The greatest integer.
    Maximum(i64),
    /// How many characters a text has at least.
    MinLength(u32),
    /// How many characters a text has at most.
    MaxLength(u32),
    /// How many items a list has at least.
    MinItems(u32),
    /// How many items a list has at most.
    MaxItems(u32),
    /// What the vendor takes where it is left out, as JSON. It isn't sent.
    Default(&'static str),
    /// A value, as JSON.
    Example(&'static str),
    /// A text is Base64.
    Base64,
    /// Takes a decimal string for an integer, `"true"` and `"false"` for a boolean, an integer for a text.
    /// What travels is the documented type.
    Lenient,
    /// A value travels as one string that holds it as JSON, and may be given as such a string.
    JsonText,
    /// A list of texts travels as one string with commas, and may be given as such a string.
    CommaList,
}

/// One of the values of a choice.
#[derive(Debug, Clone, Copy)]
pub struct Variant {
    /// The value as the wire has it.
    pub value: Literal,
    /// What people call it, in the vendor's language. May be empty.
    pub title: &'static str,
    /// What it means. May be empty.
    pub description: &'static str,
}

/// A value that a declaration names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Literal {
    /// A string.
    Text(&'static str),
    /// A whole number.
    Integer(i64),
    /// A boolean.
    Boolean(bool),
}

/// A condition between the members of an object. An empty string counts as absent.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum Condition {
    /// At least one of these is given. What is empty isn't sent.
    AnyOf(&'static [&'static str]),
    /// At least one of these is given, and the first that is given is sent.
    FirstOf(&'static [&'static str]),
    /// Exactly one of these is given.
    OneOf(&'static [&'static str]),
    /// One is required where another is given, or has a value.
    Needs {
        /// The one.
        param: &'static str,
        /// The other.
        when: &'static str,
        /// The value; any, where there is none.
        is: Option<Literal>,
    },
}

impl Literal {
    /// Whether `value` is this.
    #[must_use]
    pub fn is(&self, value: &Value) -> bool {
        match self {
            Self::Text(text) => value.as_str() == Some(text),
            Self::Integer(number) => value.as_i64() == Some(*number),
            Self::Boolean(flag) => value.as_bool() == Some(*flag),
        }
    }
}

impl Shape {
    /// Returns the shape without what says that it may be absent.
    #[must_use]
    pub fn present(&'static self) -> &'static Self {
        let mut shape = self;
        while let Self::Optional(inner) = shape {
            shape = inner;
        }
        shape
    }

    const fn leaf(&self) -> &Self {
        let mut shape = self;
        while let Self::Optional(inner) | Self::List(inner) = shape {
            shape = inner;
        }
        shape
    }
}

impl Object {
    /// Returns the member of this name.
    #[must_use]
    pub fn field(&self, name: &str) -> Option<&'static Field> {
        self.fields.iter().find(|field| field.name == name)
    }
}

impl Field {
    /// Whether it must be given.
    #[must_use]
    pub const fn is_required(&self) -> bool {
        !matches!(self.shape, Shape::Optional(_))
    }

    /// Returns it as it is. The derives check each field with it:
    ///
    /// ```compile_fail
    /// #[derive(patchbay_sdk::Schema)]
    /// struct Item {
    ///     #[schema(pattern = "^a$")]
    ///     count: i64,
    /// }
    /// ```
    ///
    /// # Panics
    ///
    /// When the program is compiled, where a rule doesn't fit the field's type.
    #[must_use]
    pub const fn checked(self) -> Self {
        let mut index = 0;
        while index < self.rules.len() {
            self.check_rule(&self.rules[index]);
            index += 1;
        }
        if let Place::File(_) = self.place {
            assert!(
                matches!(self.shape.leaf(), Shape::Text) && !self.is_list(),
                "`file` is for strings"
            );
        }
        self
    }

    const fn check_rule(&self, rule: &Rule) {
        let leaf = self.shape.leaf();
        match rule {
            Rule::Pattern(pattern) => {
                assert!(matches!(leaf, Shape::Text), "`pattern` is for strings");
                assert!(
                    crate::pattern::is_supported(pattern),
                    "`pattern` may be made of `^`, `$`, characters, `.`, classes, `\\d`, `\\w`, `\\s`, and `?`, `*`, `+`, `{{n}}`, `{{n,m}}` behind one of them"
                );
            }
            Rule::Base64 | Rule::MinLength(_) | Rule::MaxLength(_) => {
                assert!(
                    matches!(leaf, Shape::Text),
                    "`min_length`, `max_length` and `content_encoding` are for strings"
                );
            }
            Rule::Minimum(_) | Rule::Maximum(_) => {
                assert!(
                    matches!(leaf, Shape::Integer(_)),
                    "`min` and `max` are for integers"
                );
            }
            Rule::MinItems(_) | Rule::MaxItems(_) => {
                assert!(self.is_list(), "`min_items` and `max_items` are for lists");
            }
            Rule::Lenient => assert!(
                matches!(leaf, Shape::Integer(_) | Shape::Boolean | Shape::Text),
                "`lenient` is for integers, booleans and strings"
            ),
            Rule::CommaList => assert!(
                self.is_list() && matches!(leaf, Shape::Text | Shape::Integer(_) | Shape::Choice(_)),
                "`comma_list` is for lists of strings, integers and choices"
            ),
            Rule::Format(_) | Rule::Default(_) | Rule::Example(_) | Rule::JsonText => {}
        }
    }

    const fn is_list(&self) -> bool {
        matches!(self.shape, Shape::List(_) | Shape::Optional(Shape::List(_)))
    }
}

macro_rules! shapes {
    ($($type:ty => $shape:expr,)*) => {
        $(impl Schema for $type {
            const SHAPE: &'static Shape = &$shape;
        })*
    };
}

macro_rules! integers {
    ($($type:ty, $format:literal, $minimum:expr, $maximum:expr;)*) => {
        $(impl Schema for $type {
            const SHAPE: &'static Shape = &Shape::Integer(Range {
                format: $format,
                minimum: $minimum as i64,
                maximum: $maximum as i64,
            });
        })*
    };
}

shapes! {
    Value => Shape::Any,
    bool => Shape::Boolean,
    f64 => Shape::Number,
    String => Shape::Text,
    Map<String, Value> => Shape::Map(&Shape::Any),
}

integers! {
    i32, "int32", i32::MIN, i32::MAX;
    i64, "int64", i64::MIN, i64::MAX;
    u32, "uint32", u32::MIN, u32::MAX;
}

impl<T: Schema> Schema for Option<T> {
    const SHAPE: &'static Shape = &Shape::Optional(T::SHAPE);
}

impl<T: Schema> Schema for Vec<T> {
    const SHAPE: &'static Shape = &Shape::List(T::SHAPE);
}

impl<T: Schema> Schema for BTreeMap<String, T> {
    const SHAPE: &'static Shape = &Shape::Map(T::SHAPE);
}

/// What a recursive type names itself with: `children: Vec<Box<Node>>`.
impl<T: Schema> Schema for Box<T> {
    const SHAPE: &'static Shape = &Shape::Reference(|| T::SHAPE);
}
