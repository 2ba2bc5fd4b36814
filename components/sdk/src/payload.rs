//! What an operation gives: JSON that stays the text that it is.

use std::ops::Range;

use serde::Serialize;
use serde_json::Value;
use serde_json::value::RawValue;

use crate::answer::{File, json, to_text};
use crate::endpoint::Answer;
use crate::failure::Failure;
use crate::members::{check, span};
use crate::transport::Response;

/// What an operation gives: one JSON text. What the vendor has sent passes through byte for byte, so numbers keep
/// their digits and objects the order of their members.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Payload(String);

impl Payload {
    /// Returns `null`: there is no payload.
    #[must_use]
    pub fn null() -> Self {
        Self("null".to_owned())
    }

    /// Returns a JSON text as a payload.
    ///
    /// # Errors
    ///
    /// Where it isn't JSON, is nested more than 127 levels deep, or has half of a surrogate pair in it.
    pub fn from_text(text: String) -> serde_json::Result<Self> {
        let range = whole(&text)?;
        Ok(Self::cut(text, range))
    }

    /// Returns the body of a response as a payload, for a vendor that puts no envelope around its answers.
    ///
    /// # Errors
    ///
    /// [`Failure::MalformedResponse`] where it isn't JSON.
    pub fn from_response(mut response: Response) -> Result<Self, Failure> {
        match String::from_utf8(std::mem::take(&mut response.body)) {
            Ok(text) => match whole(&text) {
                Ok(range) => return Ok(Self::cut(text, range)),
                Err(_) => response.body = text.into_bytes(),
            },
            Err(error) => response.body = error.into_bytes(),
        }
        json(&response).map(Self::from)
    }

    /// Reads a successful answer that has no envelope in the way that its operation declares.
    ///
    /// # Errors
    ///
    /// [`Failure::MalformedResponse`] where it isn't JSON, or a text in UTF-8, or is a file beyond
    /// [`MAX_FILE`](crate::answer::MAX_FILE).
    pub fn read(answer: Answer, response: Response) -> Result<Self, Failure> {
        match answer {
            Answer::Envelope | Answer::OptionalEnvelope => Self::from_response(response),
            Answer::File => Self::serialize(&File::from_response(&response, "")?),
            Answer::Text => match String::from_utf8(response.body) {
                Ok(text) => Ok(Value::String(text).into()),
                Err(_) => Err(Failure::malformed(
                    "the vendor's text isn't UTF-8",
                    response.status,
                )),
            },
            Answer::Status => Ok(Self::null()),
        }
    }

    /// Returns what an operation has made itself as a payload.
    ///
    /// # Errors
    ///
    /// [`Failure::MalformedResponse`] where it can't be written as JSON, such as a map whose keys aren't strings.
    pub fn serialize(output: &impl Serialize) -> Result<Self, Failure> {
        match serde_json::to_string(output) {
            Ok(text) => Ok(Self(text)),
            Err(error) => Err(Failure::MalformedResponse {
                message: format!("the output can't be written as JSON: {error}"),
                http_status: None,
            }),
        }
    }

    /// Returns the payload at `range` of a text that [`check`] has passed, without another copy of it.
    pub(crate) fn cut(mut text: String, range: Range<usize>) -> Self {
        text.truncate(range.end);
        text.drain(..range.start);
        Self(text)
    }

    /// Returns a text as a payload that is JSON by the way it was made.
    pub(crate) fn trusted(text: String) -> Self {
        Self(text)
    }

    /// Returns whether it is `null`.
    #[must_use]
    pub fn is_null(&self) -> bool {
        self.0 == "null"
    }

    /// Returns its text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns its text.
    #[must_use]
    pub fn into_text(self) -> String {
        self.0
    }

    /// Parses it, for an operation that looks into it. That takes many times the time and the memory of passing it
    /// on.
    #[must_use]
    pub fn to_value(&self) -> Value {
        // Every text that is taken is one that a `Value` can be made of.
        serde_json::from_str(&self.0).unwrap_or_default()
    }
}

/// Returns where the JSON is in a text that has nothing but blanks besides.
fn whole(text: &str) -> serde_json::Result<Range<usize>> {
    let json: &RawValue = serde_json::from_str(text)?;
    check(text)?;
    Ok(span(text, json))
}

impl From<Value> for Payload {
    fn from(value: Value) -> Self {
        Self(to_text(&value))
    }
}

/// What [`Envelope::members`](crate::Envelope::members) gives.
impl From<&RawValue> for Payload {
    fn from(value: &RawValue) -> Self {
        Self(value.get().to_owned())
    }
}
