//! The secrets of one connection.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use aho_corasick::AhoCorasick;
use parking_lot::Mutex;
use serde_json::Value;
use serde_json::value::RawValue;

use super::finder::{Finder, Needle};
use super::placeholder::{self, Secret};
use super::replacing::{Replacing, lossy};
use super::request::{Place, Unsendable};
use super::tokens::{StoredRecords, Tokens};
use super::{MASK, escapes, living};
use crate::error::Error;
use crate::inbound::Event;
use crate::manifest::{Manifest, SettingKind};
use crate::trace::CallRecord;

/// The secrets of one connection: its secret settings and keys, and what its stored records hold. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Secrets {
    inner: Arc<Inner>,
}

pub(super) struct Inner {
    /// The connection's name.
    connection: String,
    /// As the operator gave them.
    settings: BTreeMap<String, String>,
    known: Mutex<Arc<Known>>,
    tokens: Mutex<Tokens>,
    records: Arc<dyn StoredRecords>,
}

/// What is known of the settings: changes where another version of the connector calls more of them secret.
pub(super) struct Known {
    /// Which settings aren't public, and how each is kept.
    kinds: BTreeMap<String, SettingKind>,
    /// The names of stored records that hold nothing secret.
    pub(super) public_records: BTreeSet<String>,
    visible: Arc<BTreeMap<String, String>>,
    secrets: Vec<Secret>,
    /// The values of keys, which a guest has.
    keys: Vec<Arc<str>>,
    /// Finds placeholders; `None` where there are none.
    placeholders: Option<AhoCorasick>,
    /// Finds secrets, and knows their placeholders.
    pub(super) values: Finder,
    /// Finds secrets, keys and placeholders, to be masked.
    pub(super) masked: Arc<Finder>,
}

impl Secrets {
    /// The secrets among these settings of a connection, as its connector's manifest says.
    pub(crate) fn new(
        connection: &str,
        settings: BTreeMap<String, String>,
        manifest: &Manifest,
        records: Arc<dyn StoredRecords>,
    ) -> Result<Self, Error> {
        let known = Arc::new(Known::default().with(&settings, &hidden(manifest), public(manifest))?);
        let inner = Arc::new(Inner {
            connection: connection.to_owned(),
            settings,
            tokens: Mutex::new(Tokens::new(known.clone())),
            known: Mutex::new(known),
            records,
        });
        living::add(&inner);
        Ok(Self { inner })
    }

    /// The settings as a connector of this manifest may see them: placeholders in place of secrets, keys as
    /// they are. What was secret for an earlier version of the connector stays so.
    pub(crate) fn visible_settings(
        &self,
        manifest: &Manifest,
    ) -> Result<Arc<BTreeMap<String, String>>, Error> {
        let mut known = self.inner.known.lock();
        let mut more = hidden(manifest);
        more.retain(|name, kind| known.kinds.get(name).is_none_or(|before| before < kind));
        let public: BTreeSet<String> = known
            .public_records
            .intersection(&public(manifest))
            .cloned()
            .collect();
        if !more.is_empty() || public != known.public_records {
            *known = Arc::new(known.with(&self.inner.settings, &more, public)?);
            living::changed();
        }
        Ok(known.visible.clone())
    }

    /// The settings as the operator gave them.
    pub(crate) fn settings(&self) -> &BTreeMap<String, String> {
        &self.inner.settings
    }

    pub(super) fn known(&self) -> Arc<Known> {
        self.inner.known.lock().clone()
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
            Replacing::new(&finder).value(value);
        }
    }

    /// A JSON text, with every secret, token and placeholder in its strings, keys and numbers replaced.
    ///
    /// # Errors
    ///
    /// Where it isn't JSON any more; the words follow what the text is.
    pub(crate) fn scrub_json(&self, text: Box<RawValue>) -> Result<Box<RawValue>, String> {
        let finder = self.refresh();
        if !finder.is_in(text.get().as_bytes()) {
            return Ok(text);
        }
        let scrubbed = Replacing::new(&finder).json(text.get().as_bytes());
        RawValue::from_string(lossy(scrubbed))
            .map_err(|error| format!("isn't JSON without the secret that it repeats: {error}"))
    }

    /// Replaces every secret, token and placeholder in an event.
    pub(crate) fn scrub_event(&self, event: &mut Event) {
        let finder = self.refresh();
        for text in [&mut event.kind, &mut event.subject, &mut event.key]
            .into_iter()
            .chain(&mut event.status)
        {
            if let Cow::Owned(scrubbed) = finder.replace_text(text) {
                *text = scrubbed;
            }
        }
        Replacing::new(&finder).value(&mut event.payload);
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
        if let Some(details) = &mut error.details {
            Replacing::new(&finder).value(details);
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
        // Read before the records, so that no change is missed. What holds them may log while it holds them, and logs
        // read the tokens: neither is locked while the other is asked.
        let generation = self.records.generation();
        let known = self.known.lock().clone();
        if let Some(finder) = self.tokens.lock().of(&known, generation) {
            return finder;
        }
        let records = self.records.records();
        self.tokens.lock().refreshed(&known, generation, &records)
    }

    /// The connection's name.
    pub(super) fn connection(&self) -> &str {
        &self.connection
    }

    /// Finds the configured secrets and the live tokens, as of the last time that they were brought up to date:
    /// this waits for no session.
    pub(super) fn finder(&self) -> Arc<Finder> {
        self.tokens.lock().finder()
    }

    /// What is configured and must not be shown.
    pub(super) fn needles(&self) -> Vec<Needle> {
        self.known.lock().needles()
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        living::changed();
    }
}

impl Default for Known {
    fn default() -> Self {
        Self {
            kinds: BTreeMap::new(),
            public_records: BTreeSet::new(),
            visible: Arc::default(),
            secrets: Vec::new(),
            keys: Vec::new(),
            placeholders: None,
            values: Finder::new([]),
            masked: Arc::new(Finder::new([])),
        }
    }
}

impl Known {
    /// The same, and these settings are kept so too.
    fn with(
        &self,
        settings: &BTreeMap<String, String>,
        more: &BTreeMap<String, SettingKind>,
        public_records: BTreeSet<String>,
    ) -> Result<Self, Error> {
        let mut visible = if self.visible.is_empty() {
            settings.clone()
        } else {
            self.visible.as_ref().clone()
        };
        let (mut secrets, mut keys) = (self.secrets.clone(), self.keys.clone());
        for (name, kind) in more {
            match settings.get(name) {
                Some(value) if *kind == SettingKind::Secret => {
                    visible.insert(name.clone(), placeholder::visible(name, value, &mut secrets)?);
                }
                Some(value) => keys.extend(placeholder::leaves(value)),
                None => {}
            }
        }
        let mut kinds = self.kinds.clone();
        kinds.extend(more.clone());
        let needles = secrets.iter().map(|secret| Needle {
            value: secret.value.clone(),
            replacement: secret.placeholder.clone(),
            in_base64: true,
        });
        let placeholders = AhoCorasick::new(secrets.iter().map(|secret| secret.placeholder.as_bytes()));
        let masked = Finder::new(&needles_of(&secrets, &keys));
        Ok(Self {
            kinds,
            public_records,
            visible: Arc::new(visible),
            values: Finder::new(&needles.collect::<Vec<_>>()),
            masked: Arc::new(masked),
            placeholders: placeholders.ok().filter(|_| !secrets.is_empty()),
            secrets,
            keys,
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
    /// no placeholder. `encode` also sees what goes before, filled in, in a text that only grows. The error is of
    /// `encode`, or half an escape that runs into a secret.
    pub(super) fn fill(
        &self,
        text: &[u8],
        place: Place,
        mut encode: impl FnMut(&Secret, &[u8]) -> Result<Vec<u8>, Unsendable>,
    ) -> Result<Option<Vec<u8>>, Unsendable> {
        let Some(placeholders) = &self.placeholders else {
            return Ok(None);
        };
        let mut filled = Vec::new();
        let mut copied = 0;
        for found in placeholders.find_iter(text) {
            let secret = &self.secrets[found.pattern().as_usize()];
            let between = &text[copied..found.start()];
            filled.extend_from_slice(between);
            copied = found.end();
            let value = encode(secret, &filled)?;
            // Directly behind another secret it is that secret, not the connector, that may end in half an escape.
            let in_half = !between.is_empty() && escapes::end_in_half(&filled);
            if in_half || escapes::run_into(&filled, &value, &text[copied..]) {
                return Err(Unsendable::Escape {
                    setting: secret.setting.clone(),
                    place,
                });
            }
            filled.extend_from_slice(&value);
        }
        if copied == 0 {
            return Ok(None);
        }
        filled.extend_from_slice(&text[copied..]);
        Ok(Some(filled))
    }

    /// The configured part of what must not leave the host.
    pub(super) fn needles(&self) -> Vec<Needle> {
        needles_of(&self.secrets, &self.keys)
    }
}

/// These secrets with their placeholders, and these keys, to be masked.
fn needles_of(secrets: &[Secret], keys: &[Arc<str>]) -> Vec<Needle> {
    let needle = |value: &Arc<str>, in_base64| Needle {
        value: value.clone(),
        replacement: MASK.into(),
        in_base64,
    };
    secrets
        .iter()
        .flat_map(|secret| [needle(&secret.value, true), needle(&secret.placeholder, false)])
        .chain(keys.iter().map(|key| needle(key, true)))
        .collect()
}

/// The settings that must not be shown.
fn hidden(manifest: &Manifest) -> BTreeMap<String, SettingKind> {
    let hidden = manifest
        .settings
        .iter()
        .filter(|setting| !setting.kind.is_public());
    hidden
        .map(|setting| (setting.name.clone(), setting.kind))
        .collect()
}

/// The names of the stored records that may be shown.
fn public(manifest: &Manifest) -> BTreeSet<String> {
    let public = manifest.stored_records.iter().filter(|record| !record.secret);
    public.map(|record| record.name.clone()).collect()
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::manifest::Setting;

    /// A connection that has stored nothing.
    struct Nothing;

    impl StoredRecords for Nothing {
        fn generation(&self) -> u64 {
            0
        }

        fn records(&self) -> Vec<(String, Vec<u8>)> {
            Vec::new()
        }
    }

    fn with(kind: SettingKind, names: &[&str]) -> Manifest {
        Manifest {
            settings: names.iter().map(|name| Setting::new(*name, kind)).collect(),
            ..Manifest::default()
        }
    }

    fn manifest(secret: &[&str]) -> Manifest {
        with(SettingKind::Secret, secret)
    }

    fn among(settings: &[(&str, &str)], secret: &[&str]) -> Secrets {
        let settings = settings.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned()));
        Secrets::new("c", settings.collect(), &manifest(secret), Arc::new(Nothing)).unwrap()
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
    fn a_connector_gets_a_key_that_is_shown_nowhere() {
        let secrets = among(&[("key", "sign-with-me")], &[]);
        let visible = secrets
            .visible_settings(&with(SettingKind::Key, &["key"]))
            .unwrap();
        assert_eq!(visible["key"], "sign-with-me");
        assert_eq!(secrets.scrub("sign-with-me"), "***");

        // What one version computes with, another may put into requests as it is; never the reverse.
        let visible = secrets.visible_settings(&manifest(&["key"])).unwrap();
        assert_ne!(visible["key"], "sign-with-me");
        let visible = secrets
            .visible_settings(&with(SettingKind::Key, &["key"]))
            .unwrap();
        assert_ne!(visible["key"], "sign-with-me");
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
}
