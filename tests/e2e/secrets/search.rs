//! Looks for a secret in every way that it can be written.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::Value;

/// Asserts that none of the secrets is in the text, whatever has been done to it.
pub(crate) fn assert_absent<S: AsRef<str>>(text: &str, secrets: &[S]) {
    for secret in secrets {
        for form in forms(secret.as_ref()) {
            assert!(!text.contains(&form), "{form:?} in {text}");
        }
        // Each character apart, also by the zero bytes of UTF-16.
        let bare = |text: &str| {
            text.replace("\\u0000", "")
                .replace(['"', ',', '[', ']', '\\', ' ', '\n', '\0'], "")
        };
        assert!(
            !bare(text).contains(&bare(secret.as_ref())),
            "{secret:?} in pieces in {text}",
            secret = secret.as_ref()
        );
    }
}

fn forms(secret: &str) -> Vec<String> {
    let json = |text: &str| {
        let quoted = Value::from(text).to_string();
        quoted[1..quoted.len() - 1].to_owned()
    };
    let percent =
        percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC).to_string();
    let form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    let xml = [
        ("&", "&amp;"),
        ("<", "&lt;"),
        (">", "&gt;"),
        ("\"", "&quot;"),
        ("'", "&apos;"),
    ]
    .iter()
    .fold(secret.to_owned(), |text, (character, escape)| {
        text.replace(character, escape)
    });
    let mut forms = vec![
        xml,
        secret.to_owned(),
        json(secret),
        json(&json(secret)),
        percent.replace("%7E", "~"),
        percent,
        form,
        format!("{secret:?}").trim_matches('"').to_owned(),
    ];
    for cased in [secret.to_uppercase(), secret.to_lowercase()] {
        forms.push(json(&cased));
        forms.push(cased);
    }
    for form in forms.clone() {
        let reversed: String = form.chars().rev().collect();
        forms.push(json(&reversed));
        forms.push(reversed);
    }
    // In Base64 what stands before decides how it looks; its middle is the same whatever follows.
    for before in ["", "-", "--"] {
        let encoded = STANDARD_NO_PAD.encode(format!("{before}{secret}"));
        let core = encoded[4..encoded.len() - 4].to_owned();
        forms.push(core.chars().rev().collect());
        forms.push(core);
    }
    forms
}

#[test]
fn secrets_are_found_however_they_are_written() {
    let secret = super::SECRET;
    for text in [
        secret.to_owned(),
        secret.chars().rev().collect(),
        Value::from(secret).to_string(),
        Value::from(secret.chars().map(String::from).collect::<Vec<_>>()).to_string(),
        STANDARD_NO_PAD.encode(format!("user:{secret}")),
        "p%26ss%20w%2Frd%2B%E5%AF%86%E7%A0%81%7E%2A%22%5C".to_owned(),
    ] {
        let found = std::panic::catch_unwind(|| assert_absent(&text, &[secret]));
        assert!(found.is_err(), "{text}");
    }
    assert_absent("PatchbaySecret *** p ss w", &[secret]);
}
