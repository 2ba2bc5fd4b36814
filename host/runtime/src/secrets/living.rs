//! The secrets of all connections of this process, for what is written outside of a call: log lines.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Weak};

use parking_lot::Mutex;

use super::finder::Finder;
use super::settings::Inner;

static LIVING: Mutex<Living> = Mutex::new(Living {
    by_name: BTreeMap::new(),
    generation: 0,
    configured: None,
});

/// The secrets of all connections.
struct Living {
    by_name: BTreeMap<String, Vec<Weak<Inner>>>,
    /// Grows with every change of what is configured.
    generation: u64,
    /// Finds everything that is configured, since the last change.
    configured: Option<Arc<Finder>>,
}

/// Remembers a connection's secrets for as long as they live.
pub(super) fn add(secrets: &Arc<Inner>) {
    let mut living = LIVING.lock();
    let named = living.by_name.entry(secrets.connection().to_owned()).or_default();
    named.push(Arc::downgrade(secrets));
    living.change();
}

/// What is configured has changed: a connection has other secrets, or is gone.
pub(super) fn changed() {
    let mut living = LIVING.lock();
    living.by_name.retain(|_, named| {
        named.retain(|secrets| secrets.strong_count() > 0);
        !named.is_empty()
    });
    living.change();
}

impl Living {
    fn change(&mut self) {
        self.generation += 1;
        self.configured = None;
    }
}

/// Finds the configured secrets of all connections.
fn configured() -> Arc<Finder> {
    let (generation, secrets) = {
        let living = LIVING.lock();
        if let Some(finder) = &living.configured {
            return finder.clone();
        }
        let named = living.by_name.values().flatten();
        (
            living.generation,
            named.filter_map(Weak::upgrade).collect::<Vec<_>>(),
        )
    };
    let needles: BTreeSet<_> = secrets.iter().flat_map(|secrets| secrets.needles()).collect();
    let finder = Arc::new(Finder::new(&needles));
    let mut living = LIVING.lock();
    if living.generation == generation {
        living.configured = Some(finder.clone());
    }
    // Unlocked before the secrets are let go, which may be a change.
    drop(living);
    finder
}

/// Finds the live tokens of the connections of this name.
fn tokens(connection: &str) -> Vec<Arc<Finder>> {
    let named: Vec<_> = {
        let living = LIVING.lock();
        let named = living.by_name.get(connection).into_iter().flatten();
        named.filter_map(Weak::upgrade).collect()
    };
    named.iter().map(|secrets| secrets.finder()).collect()
}

/// The text, with every configured secret of every connection replaced by `***`.
///
/// Live tokens stay: a vendor chooses them, and what it has given one connection must not blank what others say.
/// [`scrub_of`] replaces those too.
#[must_use]
pub fn scrub(text: &str) -> Cow<'_, str> {
    configured().replace_text(text)
}

/// The text of a connection of this name, with every configured secret of every connection, and every live token
/// of its own, replaced by `***`.
///
/// It waits for no lock that a caller can hold while it logs: tokens are those that were known when a request
/// was last sent or a call last ended.
#[must_use]
pub fn scrub_of<'a>(connection: &str, text: &'a str) -> Cow<'a, str> {
    let mut scrubbed = scrub(text);
    for finder in tokens(connection) {
        if let Cow::Owned(clean) = finder.replace_text(&scrubbed) {
            scrubbed = Cow::Owned(clean);
        }
    }
    scrubbed
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::manifest::{Manifest, Setting, SettingKind};
    use crate::secrets::{Secrets, StoredRecords};

    struct Token(&'static str);

    impl StoredRecords for Token {
        fn generation(&self) -> u64 {
            0
        }

        fn records(&self) -> Vec<(String, Vec<u8>)> {
            vec![("session".to_owned(), self.0.into())]
        }
    }

    fn connection(name: &str, secret: &str, token: &'static str) -> Secrets {
        let manifest = Manifest {
            settings: vec![Setting::new("key", SettingKind::Secret)],
            ..Manifest::default()
        };
        let settings = BTreeMap::from([("key".to_owned(), secret.to_owned())]);
        let secrets = Secrets::new(name, settings, &manifest, Arc::new(Token(token))).unwrap();
        secrets.refresh();
        secrets
    }

    #[test]
    fn a_token_is_removed_from_what_belongs_to_its_connection_and_a_secret_from_everything() {
        let one = connection("living-one", "one-word-of-mine", "token-1-of-one");
        let other = connection("living-other", "other-word-of-mine", "token-2-of-other");
        let text = "one-word-of-mine other%2Dword%2Dof%2Dmine token-1-of-one token-2-of-other";
        assert_eq!(scrub(text), "*** *** token-1-of-one token-2-of-other");
        assert_eq!(scrub_of("living-one", text), "*** *** *** token-2-of-other");
        assert_eq!(scrub_of("living-none", text), scrub(text));
        drop((one, other));
        assert_eq!(scrub_of("living-one", text), text);
    }
}
