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

/// Returns the parameters, without `second` where `first` is given, else without `first`. An empty
/// string counts as absent: for vendors that don't say which of
/// the two would hold.
///
/// # Errors
///
/// [`Failure::InvalidInput`] where they aren't an object.
pub fn prefer(endpoint: &impl Serialize, first: &str, second: &str) -> Result<Map<String, Value>, Failure> {
    let mut params = of(endpoint)?;
    let left_out = if given(&params, first) { second } else { first };
    params.shift_remove(left_out);
    Ok(params)
}

/// Whether a parameter is given. An empty string counts as absent.
fn given(params: &Map<String, Value>, name: &str) -> bool {
    params
        .get(name)
        .is_some_and(|value| !value.is_null() && value != "")
}

/// Returns a violation where none of these parameters is given. An empty string counts as absent.
#[must_use]
pub fn at_least_one(endpoint: &impl Serialize, names: &[&str]) -> Vec<Violation> {
    if of(endpoint).is_ok_and(|params| names.iter().any(|name| given(&params, name))) {
        return Vec::new();
    }
    let names: Vec<String> = names.iter().map(|name| format!("{name:?}")).collect();
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
            (json!({ "id": "", "name": "n" }), json!({ "name": "n" })),
            (json!({ "id": "i", "name": "" }), json!({ "id": "i" })),
        ] {
            assert_eq!(Value::from(prefer(&given, "id", "name").unwrap()), sent);
        }
    }

    #[test]
    fn one_of_several_must_be_given() {
        assert_eq!(
            at_least_one(&json!({ "id": "", "name": "n" }), &["id", "name"]),
            []
        );
        let violation = Violation::new("", r#"needs at least one of "id" and "name""#);
        for none in [json!({}), json!({ "id": "", "name": "" }), json!({ "id": null })] {
            assert_eq!(
                at_least_one(&none, &["id", "name"]),
                std::slice::from_ref(&violation)
            );
        }
    }
}
