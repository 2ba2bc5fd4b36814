//! Reads a configuration file. Errors name file, line and key.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use patchbay::{ConnectionOptions, Error, Limits, Origin, suggest};
use patchbay_state::StateLocation;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::config::{Config, ConnectionConfig};
use super::interpolate::interpolate;
use super::serve::Serve;

pub(super) type Table<'a> = DeTable<'a>;
type Entry<'a> = (&'a str, usize, &'a DeValue<'a>);

/// A file that is being read, for what is wrong with it.
pub(super) struct Reader<'a> {
    pub(super) file: &'a Path,
    pub(super) text: &'a str,
}

impl Reader<'_> {
    pub(super) fn parse(&self) -> Result<Spanned<Table<'_>>, Error> {
        DeTable::parse(self.text).map_err(|error| {
            let line = error.span().map_or(1, |span| self.line(span.start));
            self.error(line, "", error.message())
        })
    }

    pub(super) fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn error(&self, line: usize, key: &str, message: impl std::fmt::Display) -> Error {
        let key = if key.is_empty() {
            String::new()
        } else {
            format!("{key}: ")
        };
        Error::usage(format!("{}:{line}: {key}{message}", self.file.display()))
    }

    /// The entries of a table, all of whose keys must be among `known`.
    pub(super) fn entries<'t>(
        &self,
        table: &'t Table<'_>,
        at: &str,
        known: &[&str],
    ) -> Result<Vec<Entry<'t>>, Error> {
        table
            .iter()
            .map(|(key, value)| {
                let line = self.line(key.span().start);
                let name = key.get_ref().as_ref();
                if !known.is_empty() && !known.contains(&name) {
                    let message = format!("unknown key{}", suggest(name, known.iter().copied()));
                    return Err(self.error(line, &join(at, name), message));
                }
                Ok((name, line, value.get_ref()))
            })
            .collect()
    }

    pub(super) fn config(&self, root: &Table<'_>) -> Result<Config, Error> {
        let mut config = Config {
            file: self.file.to_owned(),
            connectors: None,
            serve: Serve::default(),
            roots: Vec::new(),
            connections: BTreeMap::new(),
        };
        for (key, line, value) in self.entries(root, "", &["connectors", "serve", "tls", "connections"])? {
            match key {
                "connectors" => config.connectors = Some(self.relative(&self.string(value, line, key)?)),
                "serve" => config.serve = self.serve(self.table(value, line, key)?)?,
                "tls" => {
                    for (name, line, value) in self.entries(self.table(value, line, key)?, key, &["roots"])? {
                        let roots = self.strings(value, line, &join(key, name))?;
                        config.roots = roots.iter().map(|root| self.relative(root)).collect();
                    }
                }
                _ => {
                    for (name, line, value) in self.entries(self.table(value, line, key)?, key, &[])? {
                        let at = join(key, name);
                        let connection = self.connection(self.table(value, line, &at)?, line, &at)?;
                        config.connections.insert(name.to_owned(), connection);
                    }
                }
            }
        }
        Ok(config)
    }

    /// A folder, relative to this file, or the URL of Redis.
    pub(super) fn state(&self, value: &DeValue<'_>, line: usize, at: &str) -> Result<StateLocation, Error> {
        let text = self.string(value, line, at)?;
        StateLocation::parse(&text, self.folder()).map_err(|error| self.error(line, at, error))
    }

    pub(super) fn connection(
        &self,
        table: &Table<'_>,
        line: usize,
        at: &str,
    ) -> Result<ConnectionConfig, Error> {
        let mut connector = None;
        let mut connector_line = line;
        let mut options = ConnectionOptions::default();
        let mut setting_lines = BTreeMap::new();
        let known = [
            "connector",
            "settings",
            "allow",
            "allow_private",
            "deadline",
            "limits",
            "rate",
        ];
        for (key, line, value) in self.entries(table, at, &known)? {
            let key_at = join(at, key);
            match key {
                "connector" => {
                    connector = Some(self.string(value, line, &key_at)?);
                    connector_line = line;
                }
                "settings" => {
                    for (name, line, value) in
                        self.entries(self.table(value, line, &key_at)?, &key_at, &[])?
                    {
                        let text = self.setting(value, line, &join(&key_at, name))?;
                        options.settings.insert(name.to_owned(), text);
                        setting_lines.insert(name.to_owned(), line);
                    }
                }
                "allow" => {
                    for text in self.strings(value, line, &key_at)? {
                        let origin: Origin =
                            text.parse().map_err(|error| self.error(line, &key_at, error))?;
                        options.allow.push(origin);
                    }
                }
                "allow_private" => options.allow_private = self.flag(value, line, &key_at)?,
                "deadline" => {
                    let text = self.string(value, line, &key_at)?;
                    options.limits.deadline =
                        Limits::parse_deadline(&text).map_err(|error| self.error(line, &key_at, error))?;
                }
                "rate" => {
                    let text = self.string(value, line, &key_at)?;
                    options.rate = Some(text.parse().map_err(|error| self.error(line, &key_at, error))?);
                }
                _ => self.limits(self.table(value, line, &key_at)?, &key_at, &mut options.limits)?,
            }
        }
        let connector = connector.ok_or_else(|| {
            self.error(
                line,
                &join(at, "connector"),
                "is missing; give the id of the connector",
            )
        })?;
        Ok(ConnectionConfig {
            connector,
            options,
            line,
            connector_line,
            setting_lines,
        })
    }

    pub(super) fn limits(&self, table: &Table<'_>, at: &str, limits: &mut Limits) -> Result<(), Error> {
        for (key, line, value) in self.entries(table, at, &["memory", "concurrency", "queue", "response"])? {
            let key_at = join(at, key);
            match key {
                "memory" => limits.memory = self.size(value, line, &key_at, Limits::MAX_MEMORY)?,
                "response" => limits.response = self.size(value, line, &key_at, Limits::MAX_MEMORY)?,
                "concurrency" => {
                    limits.concurrency = self.count(value, line, &key_at, 1, Limits::MAX_CONCURRENCY)?;
                }
                _ => limits.queue = self.count(value, line, &key_at, 0, 1_000_000)?,
            }
        }
        Ok(())
    }

    pub(super) fn size(
        &self,
        value: &DeValue<'_>,
        line: usize,
        at: &str,
        most: usize,
    ) -> Result<usize, Error> {
        let text = self.string(value, line, at)?;
        let size: bytesize::ByteSize = text
            .parse()
            .map_err(|_| self.error(line, at, format!("{text:?} isn't a size; give it as \"64MiB\"")))?;
        usize::try_from(size.as_u64())
            .ok()
            .filter(|size| (1..=most).contains(size))
            .ok_or_else(|| {
                let most = bytesize::ByteSize(most as u64);
                self.error(
                    line,
                    at,
                    format!("{text:?} must be more than nothing and at most {most}"),
                )
            })
    }

    pub(super) fn count(
        &self,
        value: &DeValue<'_>,
        line: usize,
        at: &str,
        least: usize,
        most: usize,
    ) -> Result<usize, Error> {
        let count = match value {
            DeValue::Integer(number) => usize::from_str_radix(number.as_str(), number.radix()).ok(),
            _ => None,
        };
        count
            .filter(|count| (least..=most).contains(count))
            .ok_or_else(|| self.error(line, at, format!("must be a whole number from {least} to {most}")))
    }

    pub(super) fn flag(&self, value: &DeValue<'_>, line: usize, at: &str) -> Result<bool, Error> {
        match value {
            DeValue::Boolean(flag) => Ok(*flag),
            _ => Err(self.error(line, at, "must be true or false")),
        }
    }

    /// A setting: text as it is, numbers and truth values as text, lists and tables as JSON.
    pub(super) fn setting(&self, value: &DeValue<'_>, line: usize, at: &str) -> Result<String, Error> {
        match self.json(value, line, at)? {
            serde_json::Value::String(text) => Ok(text),
            other => Ok(other.to_string()),
        }
    }

    pub(super) fn json(
        &self,
        value: &DeValue<'_>,
        line: usize,
        at: &str,
    ) -> Result<serde_json::Value, Error> {
        Ok(match value {
            DeValue::String(text) => self.interpolate(text, line, at)?.into(),
            DeValue::Boolean(flag) => (*flag).into(),
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_err(|_| self.error(line, at, "is too large a number"))?
                .into(),
            DeValue::Float(number) => number
                .as_str()
                .parse::<f64>()
                .ok()
                .and_then(serde_json::Number::from_f64)
                .ok_or_else(|| self.error(line, at, "isn't a number that can be sent"))?
                .into(),
            DeValue::Datetime(time) => time.to_string().into(),
            DeValue::Array(items) => items
                .iter()
                .map(|item| self.json(item.get_ref(), line, at))
                .collect::<Result<Vec<_>, _>>()?
                .into(),
            DeValue::Table(members) => members
                .iter()
                .map(|(key, value)| Ok((key.get_ref().to_string(), self.json(value.get_ref(), line, at)?)))
                .collect::<Result<serde_json::Map<_, _>, Error>>()?
                .into(),
        })
    }

    pub(super) fn string(&self, value: &DeValue<'_>, line: usize, at: &str) -> Result<String, Error> {
        match value {
            DeValue::String(text) => self.interpolate(text, line, at),
            _ => Err(self.error(line, at, "must be a string")),
        }
    }

    pub(super) fn strings(&self, value: &DeValue<'_>, line: usize, at: &str) -> Result<Vec<String>, Error> {
        match value {
            DeValue::Array(items) => items
                .iter()
                .map(|item: &Spanned<DeValue<'_>>| {
                    self.string(item.get_ref(), self.line(item.span().start), at)
                })
                .collect(),
            _ => Err(self.error(line, at, "must be a list of strings")),
        }
    }

    pub(super) fn table<'t, 'v>(
        &self,
        value: &'t DeValue<'v>,
        line: usize,
        at: &str,
    ) -> Result<&'t Table<'v>, Error> {
        match value {
            DeValue::Table(table) => Ok(table),
            _ => Err(self.error(line, at, "must be a table")),
        }
    }

    pub(super) fn interpolate(&self, text: &str, line: usize, at: &str) -> Result<String, Error> {
        interpolate(text, self.folder()).map_err(|message| self.error(line, at, message))
    }

    pub(super) fn relative(&self, path: &str) -> PathBuf {
        self.folder().join(path)
    }

    pub(super) fn folder(&self) -> &Path {
        self.file.parent().unwrap_or(Path::new(""))
    }
}

pub(super) fn join(at: &str, key: &str) -> String {
    if at.is_empty() {
        key.to_owned()
    } else {
        format!("{at}.{key}")
    }
}
