//! The parameters of an operation: an input that was checked.

use std::fmt::{self, Debug, Formatter};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use crate::failure::Failure;

/// Parameters by the vendor's names, in the order in which they travel. An operation gets them checked: of the
/// declared types, without `null` for what was left out.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Params(Map<String, Value>);

impl Params {
    /// Returns no parameters.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Returns them with one more.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.insert(name, value);
        self
    }

    /// Sets a parameter.
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Takes a parameter out.
    pub fn remove(&mut self, name: &str) -> Option<Value> {
        self.0.shift_remove(name)
    }

    /// Returns a parameter.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Returns a parameter that is a string.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }

    /// Returns a parameter that is an integer.
    #[must_use]
    pub fn integer(&self, name: &str) -> Option<i64> {
        self.get(name)?.as_i64()
    }

    /// Returns a parameter that is a boolean.
    #[must_use]
    pub fn flag(&self, name: &str) -> Option<bool> {
        self.get(name)?.as_bool()
    }

    /// Whether a parameter is given. An empty string counts as absent.
    #[must_use]
    pub fn is_given(&self, name: &str) -> bool {
        is_given(&self.0, name)
    }

    /// Returns names and values in their order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Returns them as a struct: for the few operations that compute with their parameters.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] where they aren't what the struct takes.
    pub fn read<T: DeserializeOwned>(self) -> Result<T, Failure> {
        serde_json::from_value(Value::Object(self.0))
            .map_err(|error| Failure::invalid_input("", error.to_string()))
    }

    /// Returns them as a JSON object.
    #[must_use]
    pub fn into_map(self) -> Map<String, Value> {
        self.0
    }
}

impl From<Map<String, Value>> for Params {
    fn from(params: Map<String, Value>) -> Self {
        Self(params)
    }
}

/// Names only: a value may be a password.
impl Debug for Params {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("Params ")?;
        formatter.debug_list().entries(self.0.keys()).finish()
    }
}

/// Whether a member is there. An empty string counts as absent.
pub(crate) fn is_given(members: &Map<String, Value>, name: &str) -> bool {
    members
        .get(name)
        .is_some_and(|value| !value.is_null() && value != "")
}
