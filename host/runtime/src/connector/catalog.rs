//! A manifest that has been checked, and the validators that derive from it.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use serde_json::Value;
use tokio::runtime::{Handle, RuntimeFlavor};
use tokio::sync::Semaphore;
use tokio::time::Instant;

use super::budget::{self, Findings};
use super::schema::{Schema, is_schema};
use super::suggest::suggest;
use crate::capability::http::Origin;
use crate::error::{Error, Kind, Violation};
use crate::manifest::{Manifest, Operation, Setting, SettingKind};

/// Up to so many steps an input is checked where the call is: that takes some milliseconds.
const SHORT: u64 = 5_000;
/// The most steps that the check of one input may take: a second or two.
const LONGEST: u64 = 50_000_000;
/// How many steps a check does at least in a millisecond.
const STEPS_PER_MS: u64 = 25_000;
/// Long checks at the same time, so that processors are left for everything else.
static LONG_CHECKS: Semaphore = Semaphore::const_new(2);

/// A manifest that has been checked, with what derives from it.
#[derive(Debug)]
pub struct Catalog {
    manifest: Manifest,
    inputs: HashMap<String, (usize, Schema)>,
    /// The settings that have a schema.
    settings: HashMap<String, Schema>,
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
    /// Checks a manifest and compiles the schemas that values are checked against. Gives every finding. It may take
    /// long, within what the manifest's budget allows.
    pub(crate) fn new(manifest: Manifest) -> Result<Self, Vec<String>> {
        budget::check(&manifest)?;
        let mut findings = Findings::default();
        if !is_name(&manifest.id) {
            findings.add(format!(
                "the manifest's id {:?} must consist of lower-case letters, digits and hyphens",
                manifest.id
            ));
        }
        let mut inputs = HashMap::new();
        for (index, operation) in manifest.operations.iter().enumerate() {
            let id = &operation.id;
            if operation.input_schema.get("type").and_then(Value::as_str) != Some("object") {
                findings.add(format!(
                    "the input schema of the operation {id:?} must be of type \"object\""
                ));
            }
            match Schema::compile(&operation.input_schema) {
                Ok(schema) => {
                    if inputs.insert(id.clone(), (index, schema)).is_some() {
                        findings.add(format!("the manifest has the operation {id:?} twice"));
                    }
                }
                Err(why) => findings.add(format!("the input schema of the operation {id:?} {why}")),
            }
            if let Err(why) = is_schema(&operation.output_schema) {
                findings.add(format!("the output schema of the operation {id:?} {why}"));
            }
        }
        for callback in &manifest.callbacks {
            if let Err(why) = is_schema(&callback.payload_schema) {
                findings.add(format!(
                    "the payload schema of the callback {:?} {why}",
                    callback.kind
                ));
            }
        }
        let mut settings = HashMap::new();
        for setting in &manifest.settings {
            if setting.name.starts_with("patchbay") {
                findings.add(format!(
                    "the setting {:?} has a name that belongs to hosts; give it another one",
                    setting.name
                ));
            }
            match setting.schema.as_ref().map(Schema::compile) {
                Some(Ok(schema)) => {
                    settings.insert(setting.name.clone(), schema);
                }
                Some(Err(why)) => findings.add(format!("the schema of the setting {:?} {why}", setting.name)),
                None => {}
            }
        }
        findings.end()?;
        Ok(Self {
            manifest,
            inputs,
            settings,
        })
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
    /// [`Kind::InvalidInput`] with the violations, or where the check would take too long, and
    /// [`Kind::UnknownOperation`].
    pub fn validate(&self, id: &str, input: &Value) -> Result<(), Error> {
        let (_, schema) = self.find(id)?;
        checked(schema, input, steps(schema, input)?)
    }

    /// The same within a deadline. A long check leaves the threads that carry out calls to others.
    pub(crate) async fn validate_within(&self, id: &str, input: &Value, until: Instant) -> Result<(), Error> {
        let (_, schema) = self.find(id)?;
        let steps = steps(schema, input)?;
        if steps <= SHORT {
            return checked(schema, input, steps);
        }
        // It is never closed.
        let _turn = LONG_CHECKS.acquire().await;
        // A check can't be stopped, so one that may not end in time isn't begun.
        let needed = Duration::from_millis(steps / STEPS_PER_MS);
        if needed > until.saturating_duration_since(Instant::now()) {
            return Err(Error::new(
                Kind::Timeout,
                format!(
                    "checking the input against its schema may take {}, which is more than what is left of the deadline; send less, or raise the deadline",
                    humantime::format_duration(needed)
                ),
            ));
        }
        if Handle::current().runtime_flavor() == RuntimeFlavor::MultiThread {
            tokio::task::block_in_place(|| checked(schema, input, steps))
        } else {
            checked(schema, input, steps)
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
        let Some(schema) = self.settings.get(name) else {
            return Ok(());
        };
        let value = value_of(setting, value).map_err(&invalid)?;
        match schema.steps(&value) {
            Err(error) => return Err(invalid(error.to_string())),
            Ok(steps) if steps > LONGEST => return Err(invalid("is too large to be checked".to_owned())),
            Ok(_) => {}
        }
        match schema.broken(&value, setting.kind.is_public()) {
            None => Ok(()),
            Some(why) => Err(invalid(format!("can't be used: {why}"))),
        }
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

    fn find(&self, id: &str) -> Result<&(usize, Schema), Error> {
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

/// In how many steps an input is checked, where that isn't too many.
fn steps(schema: &Schema, input: &Value) -> Result<u64, Error> {
    let refused = |why: String| Error::invalid_input(vec![Violation::of_input(why)]);
    let steps = schema.steps(input).map_err(|error| refused(error.to_string()))?;
    if steps > LONGEST {
        return Err(refused(format!(
            "is too large to be checked against its schema: that may take {steps} steps, and {LONGEST} are allowed; send less"
        )));
    }
    Ok(steps)
}

fn checked(schema: &Schema, input: &Value, steps: u64) -> Result<(), Error> {
    let violations = schema.violations(input, steps);
    if violations.is_empty() {
        Ok(())
    } else {
        Err(Error::invalid_input(violations))
    }
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
