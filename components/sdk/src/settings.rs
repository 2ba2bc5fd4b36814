//! Settings of a connection, as the operator gives them through `wasi:config`.

use serde_json::Value;

use crate::answer;
use crate::endpoint::Annotations;
use crate::failure::Failure;

/// What a host must know of a setting's value in order to handle it. See the contract's `setting-kind`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingKind {
    /// May be shown.
    Plain,
    /// An absolute URL, to whose origin requests may go. May be shown.
    Origin,
    /// Goes into requests as it is; never shown. A host may give a placeholder, so the connector must
    /// neither compute with it nor compare it.
    Secret,
    /// The connector computes with it or compares it; never shown.
    Key,
}

/// The declaration of one setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// Lower case with underscores. Names that begin with `patchbay` belong to hosts.
    pub name: &'static str,
    /// How a host handles its value.
    pub kind: SettingKind,
    /// What it is and where to get it.
    pub summary: &'static str,
    /// Whether calls are impossible without it.
    pub required: bool,
    /// What holds when it isn't given.
    pub default: Option<&'static str>,
    /// JSON Schema (draft 2020-12) of the value: of the text itself where its type is `string`, else of
    /// the JSON in it. `None`: any text.
    pub schema: Option<&'static str>,
    /// What the manifest says of it besides.
    pub annotations: Annotations,
}

impl Setting {
    /// A setting without which no call is possible. It may be shown.
    #[must_use]
    pub const fn required(name: &'static str, summary: &'static str) -> Self {
        Self {
            name,
            kind: SettingKind::Plain,
            summary,
            required: true,
            default: None,
            schema: None,
            annotations: &[],
        }
    }

    /// A setting that may be left out. It may be shown.
    #[must_use]
    pub const fn optional(name: &'static str, summary: &'static str) -> Self {
        Self {
            required: false,
            ..Self::required(name, summary)
        }
    }

    /// The same setting, of another kind.
    #[must_use]
    pub const fn kind(self, kind: SettingKind) -> Self {
        Self { kind, ..self }
    }

    /// The same setting, whose value goes into requests as it is and is never shown.
    #[must_use]
    pub const fn secret(self) -> Self {
        self.kind(SettingKind::Secret)
    }

    /// The same setting, whose value the connector computes with or compares, and which is never shown.
    #[must_use]
    pub const fn key(self) -> Self {
        self.kind(SettingKind::Key)
    }

    /// The same setting with a default.
    #[must_use]
    pub const fn default(self, default: &'static str) -> Self {
        Self {
            default: Some(default),
            ..self
        }
    }

    /// The same setting with a JSON Schema of its value, as JSON text.
    #[must_use]
    pub const fn schema(self, schema: &'static str) -> Self {
        Self {
            schema: Some(schema),
            ..self
        }
    }
}

/// Schema of a setting that [`Settings::flag`] reads.
pub const BOOLEAN: &str = r#"{"type":"boolean"}"#;
/// Schema of a setting that [`Settings::integer`] reads.
pub const INTEGER: &str = r#"{"type":"integer"}"#;
/// Schema of a setting that [`Settings::texts`] reads.
pub const TEXTS: &str = r#"{"type":"object","additionalProperties":{"type":"string"}}"#;

/// Every connector takes it: where the vendor is.
pub const BASE_URL: Setting = Setting::required(
    "base_url",
    "Where the vendor's API is: scheme, host, port and, where a gateway adds one, a path prefix",
)
.kind(SettingKind::Origin);

/// Every connector takes it: paths that differ from the document.
pub const PATH_OVERRIDES: Setting = Setting::optional(
    "path_overrides",
    "JSON object from operation id to path, for deployments whose paths differ from the document; placeholders like {id} are filled from the input",
)
.schema(r#"{"type":"object","additionalProperties":{"type":"string","pattern":"^/"}}"#);

/// For connectors whose vendor returns secrets.
pub const REVEAL_SECRETS: Setting = Setting::optional(
    "reveal_secrets",
    "true leaves secrets in the vendor's answers as they are; otherwise they come out as ***",
)
.default("false")
.schema(BOOLEAN);

/// The settings of one connection.
#[derive(Clone, Default)]
pub struct Settings {
    /// Few, so that looking through them takes less than a map would.
    values: Vec<(String, String)>,
}

/// Names only: a value may be a secret.
impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let names = self.values.iter().map(|(name, _)| name);
        f.debug_set().entries(names).finish()
    }
}

impl<K: Into<String>, V: Into<String>> FromIterator<(K, V)> for Settings {
    fn from_iter<I: IntoIterator<Item = (K, V)>>(values: I) -> Self {
        let mut settings = Self::default();
        for (name, value) in values {
            settings.set(name.into(), value.into());
        }
        settings
    }
}

impl Settings {
    fn set(&mut self, name: String, value: String) {
        match self.values.iter_mut().find(|(known, _)| *known == name) {
            Some((_, known)) => *known = value,
            None => self.values.push((name, value)),
        }
    }

    /// Fills in the defaults of settings that aren't given or are empty.
    #[must_use]
    pub fn with_defaults(mut self, declared: &[Setting]) -> Self {
        for setting in declared {
            if let Some(default) = setting.default
                && self.get(setting.name).is_none()
            {
                self.set(setting.name.to_owned(), default.to_owned());
            }
        }
        self
    }

    /// Returns a setting that may be missing. Empty counts as missing.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.values.iter().find(|(known, _)| known == name)?;
        Some(value.as_str()).filter(|value| !value.is_empty())
    }

    /// Returns a setting that must be there.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where it is missing.
    pub fn require(&self, name: &str) -> Result<&str, Failure> {
        self.get(name).ok_or_else(|| {
            Failure::InvalidSettings(format!("the setting {name:?} is missing; give it a value"))
        })
    }

    /// Returns a setting that is `true` or `false`; missing is `false`.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where it is anything else.
    pub fn flag(&self, name: &str) -> Result<bool, Failure> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Failure::InvalidSettings(format!(
                "the setting {name:?} must be true or false"
            ))),
        }
    }

    /// Returns a whole number, which may be negative.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where it isn't one of 64 bits.
    pub fn integer(&self, name: &str) -> Result<Option<i64>, Failure> {
        self.get(name)
            .map(|value| {
                value.trim().parse().map_err(|_| {
                    Failure::InvalidSettings(format!("the setting {name:?} must be a whole number"))
                })
            })
            .transpose()
    }

    /// Returns the members of a JSON object whose values are strings; missing is empty.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where it isn't such an object.
    pub fn texts(&self, name: &str) -> Result<Vec<(String, String)>, Failure> {
        let wrong = || {
            Failure::InvalidSettings(format!(
                "the setting {name:?} must be a JSON object whose values are strings"
            ))
        };
        let Some(text) = self.get(name) else {
            return Ok(Vec::new());
        };
        let Ok(Value::Object(object)) = answer::parse(text.as_bytes()) else {
            return Err(wrong());
        };
        object
            .into_iter()
            .map(|(key, value)| match value {
                Value::String(text) => Ok((key, text)),
                _ => Err(wrong()),
            })
            .collect()
    }

    /// Returns the URL before every path, without a slash at its end. It must be `http` or `https`, and have
    /// neither user, query nor fragment.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where it isn't such a URL.
    pub fn base_url(&self) -> Result<String, Failure> {
        self.url(BASE_URL.name)
    }

    /// Returns a setting that is such a URL.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where it isn't such a URL.
    pub fn url(&self, name: &str) -> Result<String, Failure> {
        let text = self.require(name)?.trim();
        let wrong = |why: &str| {
            Failure::InvalidSettings(format!(
                "the setting {name:?} {why}; give it as https://host or https://host:port/prefix"
            ))
        };
        let uri: http::Uri = text.parse().map_err(|_| wrong("isn't a URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) {
            return Err(wrong("must start with https:// or http://"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("has no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong("must not contain a user or a password"));
        }
        let host = authority.host();
        if host.is_empty() {
            return Err(wrong("has no host"));
        }
        if authority.as_str() != host && authority.port_u16().is_none() {
            return Err(wrong("has a port that isn't a number up to 65535"));
        }
        if text.contains(['?', '#']) {
            return Err(wrong("must not have a query or a fragment"));
        }
        Ok(text.trim_end_matches('/').to_owned())
    }

    /// Returns the path of an operation in this deployment, where `path_overrides` has one.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidSettings`] where `path_overrides` isn't an object of strings, or the path has no slash
    /// at its start.
    pub fn path_override(&self, operation: &str) -> Result<Option<String>, Failure> {
        let overrides = self.texts(PATH_OVERRIDES.name)?;
        let Some((_, path)) = overrides.into_iter().find(|(id, _)| id == operation) else {
            return Ok(None);
        };
        if path.starts_with('/') {
            Ok(Some(path))
        } else {
            Err(Failure::InvalidSettings(format!(
                "the setting \"path_overrides\" has {path:?} for {operation:?}; a path starts with a slash"
            )))
        }
    }
}
