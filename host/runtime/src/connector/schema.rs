//! A schema that values are checked against.

use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

use super::effort::{Effort, TooDeep};
use crate::error::Violation;
use crate::pointer::escape;
use crate::text::{grouped, shown};

/// What one compiled pattern may take, in bytes, and what it may keep while it matches.
const PATTERN: usize = 128 << 10;
/// Up to so many steps every violation is looked for. It takes microseconds a step, and each is kept until all are
/// found, with copies of parts of the value where the schema has alternatives.
const EVERY: u64 = 20_000;
/// How many names of properties that aren't expected are given.
const NAMES: usize = 10;
/// The longest path that is given, in bytes.
const PATH: usize = 512;
/// The longest value that is quoted, in bytes.
const VALUE: usize = 256;

/// A compiled schema, and what a check costs.
#[derive(Debug)]
pub(super) struct Schema {
    validator: Validator,
    effort: Effort,
}

impl Schema {
    /// Compiles a schema.
    ///
    /// # Errors
    ///
    /// What is wrong with it, in words that follow its name.
    pub(super) fn compile(schema: &Value) -> Result<Self, String> {
        let effort = Effort::of(schema)?;
        // The engine that takes time in proportion to the text, whatever the pattern.
        let patterns = PatternOptions::regex()
            .size_limit(PATTERN)
            .dfa_size_limit(PATTERN);
        let validator = jsonschema::draft202012::options()
            .with_pattern_options(patterns)
            .build(schema)
            .map_err(|error| format!("is invalid: {}", invalid(&error)))?;
        Ok(Self { validator, effort })
    }

    /// In how many steps a value is checked at most.
    pub(super) fn steps(&self, value: &Value) -> Result<u64, TooDeep> {
        self.effort.steps(value)
    }

    /// Checks a value, which takes at most `steps`: in which ways it breaks the schema.
    pub(super) fn violations(&self, value: &Value, steps: u64) -> Vec<Violation> {
        if self.validator.is_valid(value) {
            return Vec::new();
        }
        if steps > EVERY {
            if self.effort.has_alternatives() {
                return vec![Violation::of_input(
                    "breaks its schema; it is too large to be searched for where",
                )];
            }
            let mut violations: Vec<_> = self
                .validator
                .validate(value)
                .err()
                .iter()
                .map(violation)
                .collect();
            violations.push(Violation::of_input(
                "so large an input isn't searched for more than the first violation",
            ));
            return violations;
        }
        let errors: Vec<_> = self.validator.iter_errors(value).collect();
        Violation::first(errors.iter().map(violation))
    }

    /// How a value breaks the schema, where it does. One that isn't `public` isn't repeated.
    pub(super) fn broken(&self, value: &Value, public: bool) -> Option<String> {
        let error = self.validator.validate(value).err()?;
        Some(if public {
            message(&error)
        } else {
            error.masked().to_string()
        })
    }
}

/// Checks that a schema is one. No value is ever checked against it.
///
/// # Errors
///
/// What is wrong with it, in words that follow its name.
pub(super) fn is_schema(schema: &Value) -> Result<(), String> {
    jsonschema::draft202012::meta::validate(schema)
        .map_err(|error| format!("is invalid: {}", invalid(&error)))
}

/// What is wrong with a schema. It may be large.
fn invalid(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Broken;

    let advice = match error.kind() {
        Broken::Format { format } if format == "regex" => {
            "; patterns have no look-around and no back-references here, and take little memory when compiled"
        }
        _ => "",
    };
    format!("{}{advice}", message(error))
}

/// A schema error as a violation. A property that is missing or not expected is named in the path, which
/// is where the caller looks for it.
fn violation(error: &jsonschema::ValidationError<'_>) -> Violation {
    use jsonschema::error::ValidationErrorKind as Broken;

    let at = error.instance_path().as_str();
    match error.kind() {
        Broken::Required { property } => {
            let name = property.as_str().unwrap_or_default();
            Violation {
                path: path(at, Some(name)),
                message: "is required".to_owned(),
            }
        }
        Broken::AdditionalProperties { unexpected } => {
            let names: Vec<_> = unexpected
                .iter()
                .take(NAMES)
                .map(|name| shown(name, VALUE))
                .collect();
            let more = match unexpected.len().saturating_sub(NAMES) {
                0 => String::new(),
                more => format!(" and {more} more"),
            };
            Violation {
                path: match unexpected.as_slice() {
                    [name] => path(at, Some(name)),
                    _ => path(at, None),
                },
                message: format!("isn't expected: {}{more}", names.join(", ")),
            }
        }
        _ => Violation {
            path: path(at, None),
            message: message(error),
        },
    }
}

/// The message of a schema error. A large value isn't repeated in it: its size stands in its place.
fn message(error: &jsonschema::ValidationError<'_>) -> String {
    use jsonschema::error::ValidationErrorKind as Broken;

    let size = size(error.instance());
    if size <= VALUE {
        return error.to_string();
    }
    let value = format!("a value of {} bytes", grouped(size));
    match error.kind() {
        Broken::UnevaluatedProperties { unexpected } | Broken::UnevaluatedItems { unexpected } => {
            format!("{value} has {} parts that aren't expected", unexpected.len())
        }
        Broken::PropertyNames { .. } => format!("{value} has a property whose name isn't allowed"),
        _ => error.masked_with(value).to_string(),
    }
}

/// The path of a part of the input, with the name of a property where there is one. What is too long is cut between
/// two names.
fn path(at: &str, name: Option<&str>) -> String {
    let mut path = at.to_owned();
    if let Some(name) = name {
        path.push('/');
        path.push_str(&escape(name));
    }
    if path.len() > PATH {
        let head = path.get(..path.floor_char_boundary(PATH)).unwrap_or_default();
        path.truncate(head.rfind('/').unwrap_or(0));
        path.push_str("/…");
    }
    path
}

/// The size of a value as JSON, in bytes.
fn size(value: &Value) -> usize {
    let mut size = Size(0);
    // Counting can't fail.
    let _ = serde_json::to_writer(&mut size, value);
    size.0
}

/// Counts what is written.
pub(super) struct Size(pub(super) usize);

impl std::io::Write for Size {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0 = self.0.saturating_add(bytes.len());
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}
