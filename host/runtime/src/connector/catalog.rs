//! A manifest that has been checked, and the validators that derive from it.

use std::collections::{BTreeMap, HashMap};

use jsonschema::Validator;
use serde_json::Value;

use super::suggest::suggest;
use crate::capability::http::Origin;
use crate::error::{Error, Kind, Violation};
use crate::manifest::{Manifest, Operation, Setting, SettingKind};

/// A manifest that has been checked, with what derives from it.
#[derive(Debug)]
pub struct Catalog {
    manifest: Manifest,
    inputs: HashMap<String, (usize, Validator)>,
    /// Validators of the settings that have a schema.
    settings: HashMap<String, Validator>,
}

/// A setting can't be used. The message follows the setting's name, and repeats no value that is secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the setting {name:?} {message}")]
#[non_exhaustive]
pub struct InvalidSetting {
    /// The setting's name.
    pub name: String,
    /// What is wrong, and what would be right.
    pub message: String,
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
        let mut settings = HashMap::new();
        for setting in &manifest.settings {
            if setting.name.starts_with("patchbay") {
                findings.push(format!(
                    "the setting {:?} has a name that belongs to hosts; give it another one",
                    setting.name
                ));
            }
            if let Some(schema) = &setting.schema {
                match jsonschema::draft202012::new(schema) {
                    Ok(validator) => {
                        settings.insert(setting.name.clone(), validator);
                    }
                    Err(error) => findings.push(format!(
                        "the schema of the setting {:?} is invalid: {error}",
                        setting.name
                    )),
                }
            }
        }
        if findings.is_empty() {
            Ok(Self {
                manifest,
                inputs,
                settings,
            })
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
    ///
    /// # Errors
    ///
    /// [`Kind::UnknownOperation`] where there is none.
    pub fn operation(&self, id: &str) -> Result<&Operation, Error> {
        let (index, _) = self.find(id)?;
        Ok(&self.manifest.operations[*index])
    }

    /// Checks an input against the operation's schema.
    ///
    /// # Errors
    ///
    /// [`Kind::InvalidInput`] with every violation, or [`Kind::UnknownOperation`].
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

    /// Checks a connection's settings: names, required ones, and values.
    ///
    /// # Errors
    ///
    /// The first setting that can't be used.
    pub fn check_settings(&self, settings: &BTreeMap<String, String>) -> Result<(), InvalidSetting> {
        for (name, value) in settings {
            self.check_setting(name, value)?;
        }
        let required = self.manifest.settings.iter().filter(|setting| setting.required);
        for setting in required {
            if settings.get(&setting.name).is_none_or(String::is_empty) {
                let message = format!("is missing; {} needs it: {}", self.manifest.id, setting.summary);
                return Err(InvalidSetting {
                    name: setting.name.clone(),
                    message,
                });
            }
        }
        Ok(())
    }

    /// Checks one setting of a connection. An empty value counts as none.
    ///
    /// # Errors
    ///
    /// Where there is no setting of this name, or the value isn't one that it takes.
    pub fn check_setting(&self, name: &str, value: &str) -> Result<(), InvalidSetting> {
        let invalid = |message: String| InvalidSetting {
            name: name.to_owned(),
            message,
        };
        let Some(setting) = self.manifest.setting(name) else {
            let names = self.manifest.settings.iter().map(|setting| setting.name.as_str());
            let near = suggest(name, names);
            return Err(invalid(format!(
                "is unknown: {} has no such setting{near}",
                self.manifest.id
            )));
        };
        if value.is_empty() {
            return Ok(());
        }
        if setting.kind == SettingKind::Origin && Origin::of_url(value).is_none() {
            return Err(invalid(
                "isn't a URL; give it as https://host or https://host:port/prefix".to_owned(),
            ));
        }
        let Some(validator) = self.settings.get(name) else {
            return Ok(());
        };
        let value = value_of(setting, value).map_err(&invalid)?;
        validator.validate(&value).map_err(|error| {
            invalid(if setting.kind.is_public() {
                format!("can't be used: {error}")
            } else {
                format!("can't be used: {}", error.masked())
            })
        })
    }

    /// The origins that these settings open: those of the settings of kind `origin`, with their defaults.
    pub(crate) fn origins(&self, settings: &BTreeMap<String, String>) -> Vec<Origin> {
        let origins = self
            .manifest
            .settings
            .iter()
            .filter(|setting| setting.kind == SettingKind::Origin);
        origins
            .filter_map(|setting| {
                let given = settings.get(&setting.name).filter(|value| !value.is_empty());
                Origin::of_url(given.or(setting.default.as_ref())?)
            })
            .collect()
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

/// What the schema of a setting speaks of: the text where it is of type `string`, else the JSON in it.
fn value_of(setting: &Setting, text: &str) -> Result<Value, String> {
    let kind = setting.schema.as_ref().and_then(|schema| schema.get("type"));
    if kind.and_then(Value::as_str) == Some("string") {
        return Ok(text.into());
    }
    serde_json::from_str(text).map_err(|error| {
        let kind = kind.and_then(Value::as_str).unwrap_or("any type");
        format!("isn't JSON, but its value must be of type {kind}: {error}")
    })
}
