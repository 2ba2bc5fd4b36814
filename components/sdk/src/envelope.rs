//! The envelope that a vendor puts around its JSON answers: a code, a message, and the payload.

use serde_json::{Map, Value};

use crate::answer::{json, refusal, status_failure, text};
use crate::failure::{Failure, Refusal};
use crate::transport::Response;

/// How a vendor's envelope tells success and failure apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Envelope {
    /// As it stands in a message: `{code, msg, result}`.
    pub shape: &'static str,
    /// The member with the vendor's code, a number or a string.
    pub code: &'static str,
    /// The member with the vendor's words.
    pub message: &'static str,
    /// The code of success.
    pub success: &'static str,
    /// Codes that say that the credentials aren't accepted, besides HTTP 401 and 403.
    pub unauthorized: &'static [&'static str],
}

impl Envelope {
    /// The members of a successful answer. Refused credentials are [`Failure::Unauthorized`].
    pub fn open(&self, response: &Response, now_ms: u64) -> Result<Map<String, Value>, Failure> {
        self.accept(self.members(response, now_ms)?, response.status)
    }

    /// The members of an answer with an HTTP status of success, whatever its code.
    pub fn members(&self, response: &Response, now_ms: u64) -> Result<Map<String, Value>, Failure> {
        if !(200..300).contains(&response.status) {
            let refusal = refusal(response, self.code, self.message);
            let unauthorized = matches!(response.status, 401 | 403) || self.is_unauthorized(&refusal);
            return Err(if unauthorized && response.status != 429 {
                Failure::Unauthorized(refusal)
            } else {
                status_failure(response, refusal, now_ms)
            });
        }
        match json(response)? {
            Value::Object(members) => Ok(members),
            _ => Err(Failure::malformed(
                format!("the vendor's answer isn't the documented envelope {}", self.shape),
                response.status,
            )),
        }
    }

    /// The same members, where their code is that of success.
    pub fn accept(&self, members: Map<String, Value>, status: u16) -> Result<Map<String, Value>, Failure> {
        let name = self.code;
        let Some(code) = text(&members, name) else {
            return Err(Failure::malformed(
                format!("the vendor's answer has no {name}"),
                status,
            ));
        };
        if code == self.success {
            return Ok(members);
        }
        let words = text(&members, self.message).filter(|words| !words.is_empty());
        let refusal = Refusal {
            message: words.unwrap_or_else(|| format!("{name} {code} without a message")),
            code: Some(code),
            http_status: Some(status),
        };
        Err(if self.is_unauthorized(&refusal) {
            Failure::Unauthorized(refusal)
        } else {
            Failure::Rejected(refusal)
        })
    }

    fn is_unauthorized(&self, refusal: &Refusal) -> bool {
        refusal
            .code
            .as_deref()
            .is_some_and(|code| self.unauthorized.contains(&code))
    }
}
