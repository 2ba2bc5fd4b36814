//! What a manifest may cost: its size, and the schemas in it. Checked before anything of it is compiled.

use std::io::Write;

use serde_json::Value;

use super::schema::Size;
use crate::manifest::Manifest;
use crate::text::{grouped, shown};

/// A manifest as JSON, in bytes.
pub(super) const BYTES: usize = 4 << 20;
/// Its operations.
const OPERATIONS: usize = 2_000;
/// An id, a name or a version, in bytes.
const NAME: usize = 200;
/// The longest name that a finding quotes, in bytes.
const QUOTED: usize = 80;
/// How deep the JSON of a schema is nested.
const DEPTH: usize = 64;
/// The values in all its schemas.
const VALUES: usize = 200_000;
/// The references in all its schemas.
const REFERENCES: usize = 5_000;
/// The patterns in all its schemas.
const PATTERNS: usize = 200;
/// One pattern, in bytes.
const PATTERN: usize = 1_000;
/// How many findings are given.
const FINDINGS: usize = 20;

/// What all schemas of a manifest have together.
#[derive(Default)]
struct Used {
    depth: usize,
    values: usize,
    references: usize,
    patterns: usize,
    longest_pattern: usize,
    /// A keyword that would change what references mean.
    moves: Option<&'static str>,
}

/// Compares a manifest with its budget.
///
/// # Errors
///
/// Everything that is over it, with the figure and the budget.
pub(super) fn check(manifest: &Manifest) -> Result<(), Vec<String>> {
    let mut findings = Findings::default();
    let mut size = Size(0);
    // Counting can't fail, and what can't be written as JSON isn't in a manifest.
    let _ =
        serde_json::to_writer(&mut size, manifest).and_then(|()| size.flush().map_err(serde_json::Error::io));
    findings.compare("the manifest has", size.0, BYTES, "bytes");
    findings.compare(
        "the manifest has",
        manifest.operations.len(),
        OPERATIONS,
        "operations",
    );
    let ids = manifest.operations.iter().map(|operation| &operation.id);
    let settings = manifest.settings.iter().map(|setting| &setting.name);
    let kinds = manifest.callbacks.iter().map(|callback| &callback.kind);
    for name in [&manifest.id, &manifest.version]
        .into_iter()
        .chain(ids)
        .chain(settings)
        .chain(kinds)
    {
        findings.compare("a name in the manifest has", name.len(), NAME, "bytes");
    }
    let mut used = Used::default();
    for (owner, schema) in schemas(manifest) {
        let before = (used.depth, used.longest_pattern);
        (used.depth, used.longest_pattern) = (0, 0);
        used.add(schema, 1, true);
        findings.compare(&format!("{owner} is nested"), used.depth, DEPTH, "levels deep");
        findings.compare(
            &format!("{owner} has a pattern of"),
            used.longest_pattern,
            PATTERN,
            "bytes",
        );
        if let Some(keyword) = used.moves.take() {
            findings.add(format!(
                "{owner} has {keyword:?} inside; references must be places in the schema, as \"#/$defs/name\""
            ));
        }
        used.depth = used.depth.max(before.0);
        used.longest_pattern = used.longest_pattern.max(before.1);
    }
    findings.compare("the schemas of the manifest have", used.values, VALUES, "values");
    findings.compare(
        "the schemas of the manifest have",
        used.references,
        REFERENCES,
        "references ($ref)",
    );
    findings.compare(
        "the schemas of the manifest have",
        used.patterns,
        PATTERNS,
        "patterns",
    );
    findings.end()
}

/// Every schema of a manifest, with the words for it.
fn schemas(manifest: &Manifest) -> impl Iterator<Item = (String, &Value)> {
    let operations = manifest.operations.iter().flat_map(|operation| {
        let id = shown(&operation.id, QUOTED);
        [
            (
                format!("the input schema of the operation {id:?}"),
                &operation.input_schema,
            ),
            (
                format!("the output schema of the operation {id:?}"),
                &operation.output_schema,
            ),
        ]
    });
    let callbacks = manifest.callbacks.iter().map(|callback| {
        let kind = shown(&callback.kind, QUOTED);
        (
            format!("the payload schema of the callback {kind:?}"),
            &callback.payload_schema,
        )
    });
    let settings = manifest.settings.iter().filter_map(|setting| {
        let name = shown(&setting.name, QUOTED);
        Some((
            format!("the schema of the setting {name:?}"),
            setting.schema.as_ref()?,
        ))
    });
    operations.chain(callbacks).chain(settings)
}

impl Used {
    /// Adds a value of a schema. Whether it is in the place of a keyword's value isn't asked: the budget is wide.
    fn add(&mut self, value: &Value, depth: usize, is_root: bool) {
        self.depth = self.depth.max(depth);
        self.values += 1;
        match value {
            Value::Array(elements) => {
                for element in elements {
                    self.add(element, depth + 1, false);
                }
            }
            Value::Object(members) => {
                for (name, member) in members {
                    self.keyword(name, member, is_root);
                    self.add(member, depth + 1, false);
                }
            }
            _ => {}
        }
    }

    fn keyword(&mut self, name: &str, value: &Value, is_root: bool) {
        match (name, value) {
            ("$ref", Value::String(_)) => self.references += 1,
            ("$id", Value::String(_)) if !is_root => self.moves = Some("$id"),
            ("$dynamicRef", Value::String(_)) => self.moves = Some("$dynamicRef"),
            ("pattern", Value::String(pattern)) => self.pattern(pattern),
            ("patternProperties", Value::Object(patterns)) => {
                for pattern in patterns.keys() {
                    self.pattern(pattern);
                }
            }
            _ => {}
        }
    }

    fn pattern(&mut self, pattern: &str) {
        self.patterns += 1;
        self.longest_pattern = self.longest_pattern.max(pattern.len());
    }
}

/// What is wrong with a manifest: the first so many findings, and how many there are.
#[derive(Default)]
pub(super) struct Findings {
    found: Vec<String>,
    more: usize,
}

impl Findings {
    pub(super) fn add(&mut self, finding: String) {
        if self.found.len() < FINDINGS {
            self.found.push(finding);
        } else {
            self.more += 1;
        }
    }

    fn compare(&mut self, what: &str, used: usize, most: usize, unit: &str) {
        if used > most {
            let (used, most) = (grouped(used), grouped(most));
            self.add(format!("{what} {used} {unit}; at most {most} are taken"));
        }
    }

    pub(super) fn end(mut self) -> Result<(), Vec<String>> {
        if self.more > 0 {
            self.found.push(format!("there are {} more findings", self.more));
        }
        if self.found.is_empty() {
            Ok(())
        } else {
            Err(self.found)
        }
    }
}
