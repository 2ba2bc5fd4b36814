//! What an operation is called with.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use crate::error::{Error, Violation};

/// An input of an operation: a [`Value`], or JSON text (`str`, [`RawValue`]), which reaches the connector as it is.
pub trait Input: sealed::Input {}

impl Input for Value {}
impl Input for str {}
impl Input for RawValue {}
impl<I: Input + ?Sized> Input for &I {}

pub(super) mod sealed {
    use super::{Cow, Error, Value};

    pub trait Input: Sync {
        /// The value that the operation's schema is about. A text that isn't JSON is an invalid input.
        fn value(&self) -> Result<Cow<'_, Value>, Error>;

        /// What the connector gets.
        fn text(&self) -> String;
    }
}

impl sealed::Input for Value {
    fn value(&self) -> Result<Cow<'_, Value>, Error> {
        Ok(Cow::Borrowed(self))
    }

    fn text(&self) -> String {
        self.to_string()
    }
}

impl sealed::Input for str {
    fn value(&self) -> Result<Cow<'_, Value>, Error> {
        let parsed = serde_json::from_str(self);
        parsed
            .map(Cow::Owned)
            .map_err(|error| Error::invalid_input(vec![Violation::of_input(format!("isn't JSON: {error}"))]))
    }

    fn text(&self) -> String {
        self.to_owned()
    }
}

impl<I: sealed::Input + ?Sized> sealed::Input for &I {
    fn value(&self) -> Result<Cow<'_, Value>, Error> {
        (**self).value()
    }

    fn text(&self) -> String {
        (**self).text()
    }
}

impl sealed::Input for RawValue {
    fn value(&self) -> Result<Cow<'_, Value>, Error> {
        self.get().value()
    }

    fn text(&self) -> String {
        self.get().to_owned()
    }
}
