//! Where a workflow is executed. The document gives no address (section 3): each workflow has its own, which
//! the platform shows behind the API button of the workflow's card.

use patchbay_sdk::settings::TEXTS;
use patchbay_sdk::{Failure, Setting, Settings};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

/// The ASCII characters that RFC 3986 doesn't allow in a path or a query. A percent sign stays, because
/// URLs come encoded as a rule. Every other character is encoded too.
const ENCODED: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Addresses by workflow, so that callers need not know them.
pub const EXECUTE_URLS: Setting = Setting::optional(
    "execute_urls",
    "JSON object from workflow id to the URL that executes it (see the API button of the workflow's card), absolute or a path after base_url",
)
.schema(TEXTS);

/// An address in two parts, as requests are put together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Target {
    /// Everything before the path.
    pub base_url: String,
    /// The path with its query. May have the placeholder `{processModelId}` where it comes from
    /// `path_overrides`.
    pub path: String,
}

impl Target {
    /// Returns the address that an input means: its URL, else what the settings have for its workflow.
    ///
    /// # Errors
    ///
    /// [`Failure::InvalidInput`] where the input names no usable address, [`Failure::InvalidSettings`] where the
    /// settings have one that can't be used.
    pub fn find(
        settings: &Settings,
        base_url: &str,
        operation: &str,
        url: Option<&str>,
        workflow: Option<&str>,
    ) -> Result<Self, Failure> {
        // An empty string counts as absent.
        if let Some(url) = url.filter(|url| !url.is_empty()) {
            return Self::parse(url, base_url).map_err(|why| Failure::invalid_input("/executeUrl", why));
        }
        let urls = settings.texts(EXECUTE_URLS.name)?;
        if let Some((id, url)) = urls.iter().find(|(id, _)| Some(id.as_str()) == workflow) {
            return Self::parse(url, base_url).map_err(|why| {
                Failure::InvalidSettings(format!("the URL of {id:?} in the setting \"execute_urls\" {why}"))
            });
        }
        match settings.path_override(operation)? {
            Some(path) => Ok(Self {
                base_url: base_url.to_owned(),
                path,
            }),
            None => Err(Failure::invalid_input(
                "/processModelId",
                "the setting \"execute_urls\" has no URL for this workflow; add it there, or give executeUrl",
            )),
        }
    }

    /// An absolute URL, or a path after `base_url`, with or without a slash at its start. The error says
    /// what is wrong with it.
    fn parse(url: &str, base_url: &str) -> Result<Self, &'static str> {
        let url = url.trim();
        if url.is_empty() {
            return Err("is empty");
        }
        if url.contains(|c: char| c.is_ascii_control()) {
            return Err("has control characters");
        }
        if url.contains('#') {
            return Err("must not have a fragment");
        }
        let Some((scheme, rest)) = absolute(url) else {
            if url.starts_with("//") || first_segment(url).contains(':') {
                return Err("must start with https:// or http://, or be a path");
            }
            return Ok(Self {
                base_url: base_url.to_owned(),
                path: rooted(url),
            });
        };
        if !["http", "https"]
            .iter()
            .any(|known| scheme.eq_ignore_ascii_case(known))
        {
            return Err("must start with https:// or http://, or be a path");
        }
        let authority = first_segment(rest);
        if authority.contains('@') {
            return Err("must not contain a user or a password");
        }
        if authority.parse::<http::uri::Authority>().is_err() {
            return Err("has no valid host");
        }
        Ok(Self {
            base_url: format!("{}://{authority}", scheme.to_ascii_lowercase()),
            path: rooted(&rest[authority.len()..]),
        })
    }
}

/// The scheme and what follows `://`. A query may contain `://` too.
fn absolute(url: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = url.split_once("://")?;
    (!scheme.contains(['/', '?'])).then_some((scheme, rest))
}

fn first_segment(text: &str) -> &str {
    &text[..text.find(['/', '?']).unwrap_or(text.len())]
}

/// The path with a slash at its start, and with what a URL can't carry percent-encoded.
fn rooted(path: &str) -> String {
    let slash = if path.starts_with('/') { "" } else { "/" };
    format!("{slash}{}", utf8_percent_encode(path, ENCODED))
}
