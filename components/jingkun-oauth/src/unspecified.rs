//! Answers that the documents don't describe.

use patchbay_sdk::shape::{Schema, Shape};

/// Whatever the vendor answers. The documents show nothing, or something that can't be right.
#[derive(Debug)]
pub struct Unspecified;

impl Schema for Unspecified {
    const SHAPE: &'static Shape = &Shape::Any;
}
