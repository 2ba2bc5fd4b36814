//! Parameters of an endpoint: as they travel, and conditions between them.

use serde::Serialize;
use serde_json::{Map, Value};

use crate::failure::{Failure, Violation};

/// Returns the parameters as they stand in the input.
///
/// # Errors
///
/// [`Failure::InvalidInput`] where they aren't an object.
pub fn of(endpoint: &impl Serialize) -> Result<Map<String, Value>, Failure> {
    match serde_json::to_value(endpoint) {
        Ok(Value::Object(params)) => Ok(params),
        Ok(_) => Err(Failure::invalid_input("", "must be an object")),
        Err(error) => Err(Failure::invalid_input("", error.to_string())),
    }
}

/// Returns the parameters, without `second` where `first` is given too: for vendors that don't say which of
/// the two would hold.
///
/// # Errors
///
/// [`Failure::InvalidInput`] where they aren't an object.
pub fn prefer(endpoint: &impl Serialize, first: &str, second: &str) -> Result<Map<String, Value>, Failure> {
    let mut params = of(endpoint)?;
    if params.contains_key(first) {
        params.shift_remove(second);
    }
    Ok(params)
}

/// Returns a violation where none of these parameters is given.
#[must_use]
pub fn at_least_one(given: &[(&str, bool)]) -> Vec<Violation> {
    if given.iter().any(|(_, given)| *given) {
        return Vec::new();
    }
    let names: Vec<String> = given.iter().map(|(name, _)| format!("{name:?}")).collect();
    vec![Violation::new(
        "",
        format!("needs at least one of {}", names.join(" and ")),
    )]
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn parameters_are_an_object() {
        assert_eq!(
            Value::from(of(&json!({ "b": 1, "a": null })).unwrap()).to_string(),
            r#"{"b":1,"a":null}"#
        );
        let failure = Failure::invalid_input("", "must be an object");
        assert_eq!(of(&json!([1])).unwrap_err(), failure);
    }

    #[test]
    fn of_two_the_preferred_one_is_sent() {
        for (given, sent) in [
            (
                json!({ "id": 1, "name": "n", "x": 2 }),
                json!({ "id": 1, "x": 2 }),
            ),
            (json!({ "name": "n", "x": 2 }), json!({ "name": "n", "x": 2 })),
            (json!({ "id": 1 }), json!({ "id": 1 })),
        ] {
            assert_eq!(Value::from(prefer(&given, "id", "name").unwrap()), sent);
        }
    }

    #[test]
    fn one_of_several_must_be_given() {
        assert_eq!(at_least_one(&[("id", false), ("name", true)]), []);
        let violation = Violation::new("", r#"needs at least one of "id" and "name""#);
        assert_eq!(at_least_one(&[("id", false), ("name", false)]), [violation]);
    }
}
