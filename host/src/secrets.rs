//! Keeps secrets out of what leaves the host: errors, logs, traces.

use std::borrow::Cow;
use std::sync::Arc;

use serde_json::Value;

use crate::calls::CallRecord;
use crate::error::Error;
use crate::sessions::Namespace;

/// What a secret is replaced by.
const MASK: &str = "***";
/// Shorter values aren't looked for: they would be found everywhere, and protect nothing.
const SHORTEST: usize = 4;

/// The secrets of one connection: its secret settings and what its sessions hold.
#[derive(Clone)]
pub(crate) struct Secrets {
    settings: Arc<[String]>,
    sessions: Arc<Namespace>,
}

impl Secrets {
    /// `values` are the values of secret settings.
    pub(crate) fn new(values: impl IntoIterator<Item = String>, sessions: Arc<Namespace>) -> Self {
        let mut settings: Vec<String> = Vec::new();
        for value in values {
            // A secret may be a JSON object of secrets, such as header fields.
            if let Ok(json @ (Value::Object(_) | Value::Array(_))) = serde_json::from_str::<Value>(&value) {
                strings(&json, &mut settings);
            }
            settings.push(value);
        }
        Self {
            settings: settings.into(),
            sessions,
        }
    }

    /// The text, with every secret replaced by `***`, as it is and as it stands in a URL or in JSON.
    pub(crate) fn scrub<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let mut secrets: Vec<String> = self.settings.to_vec();
        for record in self.sessions.values() {
            if let Ok(json) = serde_json::from_slice::<Value>(&record)
                && let Some(session) = json.get("session")
            {
                strings(session, &mut secrets);
            }
        }
        // The longest first: one secret may be part of another.
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        let mut scrubbed = Cow::Borrowed(text);
        for secret in secrets.iter().filter(|secret| secret.len() >= SHORTEST) {
            for form in forms(secret) {
                if scrubbed.contains(form.as_str()) {
                    scrubbed = Cow::Owned(scrubbed.replace(form.as_str(), MASK));
                }
            }
        }
        scrubbed
    }

    /// The error, with every secret in its texts replaced.
    pub(crate) fn scrub_error(&self, mut error: Error) -> Error {
        let scrub = |text: &mut String| {
            if let Cow::Owned(scrubbed) = self.scrub(text) {
                *text = scrubbed;
            }
        };
        scrub(&mut error.message);
        if let Some(code) = &mut error.code {
            scrub(code);
        }
        for violation in &mut error.violations {
            scrub(&mut violation.message);
        }
        error
    }

    /// The record, with every secret in its texts replaced. Its error has been scrubbed.
    pub(crate) fn scrub_record(&self, mut record: CallRecord) -> CallRecord {
        let scrub = |text: &mut String| {
            if let Cow::Owned(scrubbed) = self.scrub(text) {
                *text = scrubbed;
            }
        };
        for request in &mut record.requests {
            scrub(&mut request.target);
            request.error.as_mut().map(scrub);
        }
        record.denial.as_mut().map(scrub);
        if let Some(trap) = &mut record.trap {
            scrub(&mut trap.reason);
            scrub(&mut trap.printed);
        }
        record
    }
}

/// The secret as it is, percent-encoded, as a form field, and as a JSON string.
fn forms(secret: &str) -> Vec<String> {
    let json = Value::from(secret).to_string();
    let mut forms = vec![
        secret.to_owned(),
        percent(secret),
        url::form_urlencoded::byte_serialize(secret.as_bytes()).collect(),
        json[1..json.len() - 1].to_owned(),
    ];
    forms.dedup();
    forms
}

/// Percent-encoding as RFC 3986 has it, which differs from a form's in what a space becomes.
fn percent(text: &str) -> String {
    url::form_urlencoded::byte_serialize(text.as_bytes())
        .collect::<String>()
        .replace('+', "%20")
        .replace("%7E", "~")
        .replace('*', "%2A")
}

fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(items) => items.iter().for_each(|item| strings(item, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn secrets_are_found_in_every_form_they_take() {
        let store = crate::sessions::SessionStore::default();
        let namespace = store.namespace("rpa");
        store
            .view(namespace.clone())
            .set("k", br#"{"session":{"access_token":"tok-123"}}"#.to_vec())
            .await;
        let secrets = Secrets::new(
            ["p&ss wörd*~".to_owned(), r#"{"x-key":"key-9"}"#.to_owned()],
            namespace,
        );
        for text in [
            "p&ss wörd*~",
            "p%26ss%20w%C3%B6rd%2A~",
            "p%26ss+w%C3%B6rd*%7E",
            "tok-123",
            "key-9",
        ] {
            assert_eq!(secrets.scrub(&format!("a {text} b")), "a *** b", "{text}");
        }
        assert_eq!(secrets.scrub("nothing"), "nothing");
    }
}
