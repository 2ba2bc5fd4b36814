//! The secrets of one connection.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use aho_corasick::AhoCorasick;
use serde_json::Value;

use super::finder::{Finder, Needle};
use super::placeholder::{self, Secret};
use super::tokens::Tokens;
use super::{MASK, living, value};
use crate::calls::CallRecord;
use crate::catalog::Manifest;
use crate::error::Error;
use crate::sessions::{Namespace, lock};

/// The secrets of one connection: its secret settings, and what its sessions hold. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Secrets {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    /// As the operator gave them.
    settings: BTreeMap<String, String>,
    known: Mutex<Arc<Known>>,
    tokens: Mutex<Tokens>,
    sessions: Arc<Namespace>,
}

/// What is known of the settings: changes where another version of the connector calls more of them secret.
pub(super) struct Known {
    /// Which settings are secret.
    names: BTreeSet<String>,
    visible: Arc<BTreeMap<String, String>>,
    secrets: Vec<Secret>,
    /// Finds placeholders; `None` where there are none.
    placeholders: Option<AhoCorasick>,
    /// Finds secrets, and knows their placeholders.
    pub(super) values: Finder,
}

impl Secrets {
    /// The secrets among these settings of a connection, as its connector's manifest says.
    pub(crate) fn new(
        settings: BTreeMap<String, String>,
        manifest: &Manifest,
        sessions: Arc<Namespace>,
    ) -> Result<Self, Error> {
        let known = Arc::new(Known::default().with(&settings, &secret_names(manifest))?);
        let inner = Arc::new(Inner {
            settings,
            tokens: Mutex::new(Tokens::new(known.clone())),
            known: Mutex::new(known),
            sessions,
        });
        living::add(&inner);
        Ok(Self { inner })
    }

    /// The settings as a connector of this manifest may see them: placeholders in place of secrets. What
    /// was secret for an earlier version of the connector stays so.
    pub(crate) fn visible_settings(
        &self,
        manifest: &Manifest,
    ) -> Result<Arc<BTreeMap<String, String>>, Error> {
        let mut known = lock(&self.inner.known);
        let more: BTreeSet<String> = secret_names(manifest).difference(&known.names).cloned().collect();
        if !more.is_empty() {
            *known = Arc::new(known.with(&self.inner.settings, &more)?);
        }
        Ok(known.visible.clone())
    }

    /// The settings as the operator gave them.
    pub(crate) fn settings(&self) -> &BTreeMap<String, String> {
        &self.inner.settings
    }

    pub(super) fn known(&self) -> Arc<Known> {
        lock(&self.inner.known).clone()
    }

    /// Brings what is known of live tokens up to date. Logs know those of the last time.
    pub(super) fn refresh(&self) -> Arc<Finder> {
        self.inner.refresh()
    }

    /// The text, with every secret, token and placeholder replaced by `***`, in whichever form.
    #[cfg(test)]
    pub(crate) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        self.refresh().replace_text(text)
    }

    /// The same for a value, whose text is `text`: in strings, keys and numbers.
    pub(crate) fn scrub_value(&self, text: &str, value: &mut Value) {
        let finder = self.refresh();
        if finder.is_in(text.as_bytes()) {
            value::replace(value, &finder);
        }
    }

    /// The error, with every secret, token and placeholder in its texts replaced.
    pub(crate) fn scrub_error(&self, mut error: Error) -> Error {
        let finder = self.refresh();
        let scrub = |text: &mut String| {
            if let Cow::Owned(scrubbed) = finder.replace_text(text) {
                *text = scrubbed;
            }
        };
        scrub(&mut error.message);
        if let Some(code) = &mut error.code {
            scrub(code);
        }
        for violation in &mut error.violations {
            scrub(&mut violation.message);
            scrub(&mut violation.path);
        }
        error
    }
}

impl Secrets {
    /// The record, with everything replaced in its texts. Its error has been seen to.
    pub(crate) fn scrub_record(&self, mut record: CallRecord) -> CallRecord {
        let finder = self.refresh();
        let scrub = |text: &mut String| {
            if let Cow::Owned(scrubbed) = finder.replace_text(text) {
                *text = scrubbed;
            }
        };
        for request in &mut record.requests {
            scrub(&mut request.target);
            request.error.as_mut().map(scrub);
        }
        scrub(&mut record.operation);
        record.denial.as_mut().map(scrub);
        if let Some(trap) = &mut record.trap {
            scrub(&mut trap.reason);
            scrub(&mut trap.printed);
        }
        record
    }
}

impl Inner {
    fn refresh(&self) -> Arc<Finder> {
        let records = self.sessions.values();
        let known = lock(&self.known).clone();
        lock(&self.tokens).refreshed(&known, records)
    }

    /// As of the last time that it was brought up to date: this waits for no session.
    pub(super) fn finder(&self) -> Arc<Finder> {
        lock(&self.tokens).finder()
    }
}

impl Default for Known {
    fn default() -> Self {
        Self {
            names: BTreeSet::new(),
            visible: Arc::default(),
            secrets: Vec::new(),
            placeholders: None,
            values: Finder::new([]),
        }
    }
}

impl Known {
    /// The same, and these settings are secret too.
    fn with(&self, settings: &BTreeMap<String, String>, more: &BTreeSet<String>) -> Result<Self, Error> {
        let mut visible = if self.visible.is_empty() {
            settings.clone()
        } else {
            self.visible.as_ref().clone()
        };
        let mut secrets = self.secrets.clone();
        for name in more {
            if let Some(value) = settings.get(name) {
                visible.insert(name.clone(), placeholder::visible(name, value, &mut secrets)?);
            }
        }
        let needles = secrets.iter().map(|secret| Needle {
            value: secret.value.clone(),
            replacement: secret.placeholder.clone(),
            in_base64: true,
        });
        let placeholders = AhoCorasick::new(secrets.iter().map(|secret| secret.placeholder.as_bytes()));
        Ok(Self {
            names: self.names.union(more).cloned().collect(),
            visible: Arc::new(visible),
            values: Finder::new(&needles.collect::<Vec<_>>()),
            placeholders: placeholders.ok().filter(|_| !secrets.is_empty()),
            secrets,
        })
    }

    /// Whether there is any secret.
    pub(super) fn is_empty(&self) -> bool {
        self.secrets.is_empty()
    }

    /// Whether there is a placeholder in the text, as it is.
    pub(super) fn holds_placeholder(&self, text: &[u8]) -> bool {
        self.placeholders
            .as_ref()
            .is_some_and(|placeholders| placeholders.is_match(text))
    }

    /// The text with the secret in place of every placeholder, as `encode` writes it; `None` where there is
    /// no placeholder. `encode` also sees what stands before the placeholder, and may leave it there.
    pub(super) fn fill<E>(
        &self,
        text: &[u8],
        mut encode: impl FnMut(&Secret, &[u8]) -> Result<Option<Vec<u8>>, E>,
    ) -> Result<Option<Vec<u8>>, E> {
        let Some(placeholders) = &self.placeholders else {
            return Ok(None);
        };
        let mut filled = Vec::new();
        let mut copied = 0;
        for found in placeholders.find_iter(text) {
            let secret = &self.secrets[found.pattern().as_usize()];
            if let Some(value) = encode(secret, &text[..found.start()])? {
                filled.extend_from_slice(&text[copied..found.start()]);
                filled.extend_from_slice(&value);
                copied = found.end();
            }
        }
        if copied == 0 {
            return Ok(None);
        }
        filled.extend_from_slice(&text[copied..]);
        Ok(Some(filled))
    }

    /// What must not leave the host.
    pub(super) fn needles(&self) -> Vec<Needle> {
        let needle = |value: &Arc<str>, in_base64| Needle {
            value: value.clone(),
            replacement: MASK.into(),
            in_base64,
        };
        self.secrets
            .iter()
            .flat_map(|secret| [needle(&secret.value, true), needle(&secret.placeholder, false)])
            .collect()
    }
}

fn secret_names(manifest: &Manifest) -> BTreeSet<String> {
    let secret = manifest.settings.iter().filter(|setting| setting.secret);
    secret.map(|setting| setting.name.clone()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::catalog::Setting;

    fn manifest(secret: &[&str]) -> Manifest {
        let setting = |name: &&str| Setting {
            name: (*name).to_owned(),
            summary: String::new(),
            required: false,
            secret: true,
            default: None,
        };
        Manifest {
            id: "some-vendor".to_owned(),
            vendor: String::new(),
            summary: String::new(),
            version: String::new(),
            settings: secret.iter().map(setting).collect(),
            operations: Vec::new(),
            callbacks: Vec::new(),
        }
    }

    fn among(settings: &[(&str, &str)], secret: &[&str]) -> Secrets {
        let sessions = crate::sessions::SessionStore::default().namespace("some");
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Secrets::new(settings.collect(), &manifest(secret), sessions).unwrap()
    }

    /// Secrets, and what a guest has in place of each.
    pub(in crate::secrets) fn secrets<const N: usize>(values: [&str; N]) -> (Secrets, [String; N]) {
        let names: Vec<String> = (0..N).map(|index| format!("secret_{index}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let settings: Vec<(&str, &str)> = names.iter().copied().zip(values).collect();
        let secrets = among(&settings, &names);
        let visible = secrets.visible_settings(&manifest(&[])).unwrap();
        let mut placeholders = names.iter().map(|name| visible[*name].clone());
        (secrets, std::array::from_fn(|_| placeholders.next().unwrap()))
    }

    #[test]
    fn what_was_secret_once_stays_so() {
        let secrets = among(
            &[("key", "geheim"), ("pin", "12345"), ("url", "http://h")],
            &["key"],
        );
        let first = secrets.visible_settings(&manifest(&["key"])).unwrap();
        assert_eq!(
            (first["pin"].as_str(), first["url"].as_str()),
            ("12345", "http://h")
        );
        assert_ne!(first["key"], "geheim");
        assert_eq!(secrets.scrub("geheim 12345"), "*** 12345");

        // A version that calls another setting secret, and forgets the first.
        let second = secrets.visible_settings(&manifest(&["pin"])).unwrap();
        assert_eq!(
            second["key"], first["key"],
            "one placeholder for the connection's life"
        );
        assert_ne!(second["pin"], "12345");
        assert_eq!(secrets.scrub("geheim 12345"), "*** ***");

        // Back to the version before.
        assert_eq!(secrets.visible_settings(&manifest(&["key"])).unwrap(), second);
        let placeholders = format!("{} {}", second["key"], second["pin"]);
        assert_eq!(secrets.scrub(&placeholders), "*** ***");
    }

    #[test]
    fn errors_are_scrubbed_wherever_they_have_text() {
        let (secrets, [placeholder]) = secrets(["geheim"]);
        let mut error = Error::invalid_input(vec![crate::error::Violation {
            path: "/geheim".to_owned(),
            message: format!("not {placeholder}"),
        }]);
        error.code = Some("E-geheim".to_owned());
        let text = format!("{:?}", secrets.scrub_error(error));
        assert!(!text.contains("geheim") && !text.contains(&placeholder), "{text}");
        assert!(
            text.contains("E-***") && text.contains("/***") && text.contains("not ***"),
            "{text}"
        );
    }

    #[test]
    fn log_lines_are_scrubbed_for_every_connection_that_lives() {
        use std::io::Write as _;

        let (one, [placeholder]) = secrets(["one-word-of-mine"]);
        let (other, _) = secrets(["other-word-of-mine"]);
        let written = |line: &str| {
            let mut log = Vec::new();
            write!(crate::secrets::Scrubbing(&mut log), "{line}").unwrap();
            String::from_utf8(log).unwrap()
        };
        let line = format!("one-word-of-mine other%2Dword%2Dof%2Dmine {placeholder}");
        let line = written(&line);
        assert_eq!(line, "*** *** ***");
        drop((one, other));
        assert_eq!(written("one-word-of-mine"), "one-word-of-mine");
    }
}
