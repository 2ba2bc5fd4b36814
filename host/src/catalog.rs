//! What a connector says of itself: the manifest, and the validators that derive from it.

use std::collections::HashMap;

use jsonschema::Validator;
use serde::Serialize;
use serde_json::Value;

use crate::error::{Error, Kind, Violation};

/// What an operation does at the vendor, and so whether it may be repeated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Effect {
    /// Changes nothing.
    Read,
    /// Sets a state that the input names: repeating it changes nothing more.
    Idempotent,
    /// Must not be repeated blindly.
    Write,
}

impl Effect {
    /// The effect as it stands in a manifest.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Idempotent => "idempotent",
            Self::Write => "write",
        }
    }
}

/// How to walk an operation that answers in pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Pages {
    /// The input property that holds the number of the page.
    pub page: String,
    /// The number of the first page.
    pub first: u32,
    /// The input property that holds how many items a page has.
    pub size: String,
    /// JSON Pointer into the output: the array of items.
    pub items: String,
    /// JSON Pointer into the output: how many items there are altogether.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<String>,
}

/// One thing that a connector can do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Operation {
    /// Its id: `robot.list`.
    pub id: String,
    /// One line.
    pub summary: String,
    /// Markdown; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// What it does at the vendor.
    pub effect: Effect,
    /// Where the vendor documents it.
    pub reference: String,
    /// How to walk it, where it answers in pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<Pages>,
    /// JSON Schema of the input.
    pub input_schema: Value,
    /// JSON Schema of the output.
    pub output_schema: Value,
}

/// Something that the operator configures for a connection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Setting {
    /// Its name: `base_url`.
    pub name: String,
    /// What it is and where to get it.
    pub summary: String,
    /// Whether calls are impossible without it.
    pub required: bool,
    /// Whether its value must never be shown.
    pub secret: bool,
    /// What holds when it isn't given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
}

/// A kind of inbound request that a connector understands.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Callback {
    /// The kind of its events: `workflow-run`.
    pub kind: String,
    /// One line.
    pub summary: String,
    /// Markdown; may be empty.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub description: String,
    /// Where the vendor documents it.
    pub reference: String,
    /// JSON Schema of an event's payload.
    pub payload_schema: Value,
}

/// What a connector is and can do.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Manifest {
    /// The connector's id.
    pub id: String,
    /// Whose API it speaks.
    pub vendor: String,
    /// What it is for.
    pub summary: String,
    /// Its version.
    pub version: String,
    /// What the operator configures.
    pub settings: Vec<Setting>,
    /// What it can do.
    pub operations: Vec<Operation>,
    /// What its vendor calls back about.
    pub callbacks: Vec<Callback>,
}

/// A manifest that has been checked, with what derives from it.
#[derive(Debug)]
pub struct Catalog {
    manifest: Manifest,
    inputs: HashMap<String, (usize, Validator)>,
}

impl Catalog {
    /// Checks a manifest and compiles its schemas. Gives every finding.
    pub(crate) fn new(manifest: Manifest) -> Result<Self, Vec<String>> {
        let mut findings = Vec::new();
        if !is_name(&manifest.id) {
            findings.push(format!(
                "the manifest's id {:?} must consist of lower-case letters, digits and hyphens",
                manifest.id
            ));
        }
        let mut inputs = HashMap::new();
        for (index, operation) in manifest.operations.iter().enumerate() {
            let id = &operation.id;
            if operation.input_schema.get("type").and_then(Value::as_str) != Some("object") {
                findings.push(format!(
                    "the input schema of the operation {id:?} must be of type \"object\""
                ));
            }
            match jsonschema::draft202012::new(&operation.input_schema) {
                Ok(validator) => {
                    if inputs.insert(id.clone(), (index, validator)).is_some() {
                        findings.push(format!("the manifest has the operation {id:?} twice"));
                    }
                }
                Err(error) => findings.push(format!(
                    "the input schema of the operation {id:?} is invalid: {error}"
                )),
            }
            if let Err(error) = jsonschema::draft202012::new(&operation.output_schema) {
                findings.push(format!(
                    "the output schema of the operation {id:?} is invalid: {error}"
                ));
            }
        }
        for callback in &manifest.callbacks {
            if let Err(error) = jsonschema::draft202012::new(&callback.payload_schema) {
                findings.push(format!(
                    "the payload schema of the callback {:?} is invalid: {error}",
                    callback.kind
                ));
            }
        }
        if findings.is_empty() {
            Ok(Self { manifest, inputs })
        } else {
            Err(findings)
        }
    }

    /// The manifest.
    #[must_use]
    pub fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// An operation by its id.
    pub fn operation(&self, id: &str) -> Result<&Operation, Error> {
        let (index, _) = self.find(id)?;
        Ok(&self.manifest.operations[*index])
    }

    /// Checks an input against the operation's schema.
    pub fn validate(&self, id: &str, input: &Value) -> Result<(), Error> {
        let (_, validator) = self.find(id)?;
        let violations: Vec<Violation> = validator
            .iter_errors(input)
            .map(|error| violation(&error))
            .collect();
        if violations.is_empty() {
            Ok(())
        } else {
            Err(Error::invalid_input(violations))
        }
    }

    fn find(&self, id: &str) -> Result<&(usize, Validator), Error> {
        self.inputs.get(id).ok_or_else(|| {
            let ids = self
                .manifest
                .operations
                .iter()
                .map(|operation| operation.id.as_str());
            let mut error = Error::new(
                Kind::UnknownOperation,
                format!("{} has no operation {id:?}{}", self.manifest.id, suggest(id, ids)),
            );
            error.operation = Some(id.to_owned());
            error
        })
    }
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
                path: format!("{at}/{}", escape(name)),
                message: "is required".to_owned(),
            }
        }
        Broken::AdditionalProperties { unexpected } => Violation {
            path: match unexpected.as_slice() {
                [name] => format!("{at}/{}", escape(name)),
                _ => at.to_owned(),
            },
            message: format!("isn't expected: {}", unexpected.join(", ")),
        },
        _ => Violation {
            path: at.to_owned(),
            message: error.to_string(),
        },
    }
}

/// One token of a JSON Pointer (RFC 6901).
fn escape(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether a text can be an id: `some-vendor`.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// `; did you mean "robot.list"?`, where one of the names is close, else a list of all.
pub(crate) fn suggest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> String {
    let names: Vec<&str> = names.collect();
    let closest = names
        .iter()
        .map(|name| (strsim::damerau_levenshtein(given, name), *name))
        .min()
        .filter(|(distance, name)| *distance <= 1 + name.len() / 3);
    match closest {
        Some((_, name)) => format!("; did you mean {name:?}?"),
        None if names.is_empty() => String::new(),
        None => format!("; there are {}", names.join(", ")),
    }
}
