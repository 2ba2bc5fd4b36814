//! Answers that the documents don't describe.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};

/// Whatever the vendor answers. The documents show nothing, or something that can't be right.
#[derive(Debug)]
pub struct Unspecified;

impl JsonSchema for Unspecified {
    fn schema_name() -> Cow<'static, str> {
        "Unspecified".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "description": "What the vendor answers; its document doesn't describe it." })
    }

    fn inline_schema() -> bool {
        true
    }
}
