//! The envelope that a vendor puts around its JSON answers: a code, a message, and the payload.

use serde_json::{Map, Value};

use crate::answer::{envelope_refusal, json, refusal, retry_after_ms, status_failure, text};
use crate::codes::{FailureKind, VendorCode};
use crate::failure::{Failure, Refusal};
use crate::transport::Response;

/// How a vendor's envelope distinguishes success and failure.
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
    /// The other codes. One of kind `unauthorized` or `throttled` gives that failure, every other one
    /// `rejected`.
    pub codes: &'static [VendorCode],
    /// The HTTP statuses that refuse the credentials, and so are [`Failure::Unauthorized`] whatever the code.
    pub refused: &'static [u16],
}

impl Envelope {
    /// Returns the members of a successful answer.
    ///
    /// # Errors
    ///
    /// The failure that the HTTP status or the code means; refused credentials are
    /// [`Failure::Unauthorized`]. [`Failure::MalformedResponse`] where the answer isn't this envelope.
    pub fn open(&self, response: &Response, now_ms: u64) -> Result<Map<String, Value>, Failure> {
        let members = self.members(response, now_ms)?;
        self.accept(members, response, now_ms)
    }

    /// Returns the members of an answer with an HTTP status of success, whatever its code.
    ///
    /// # Errors
    ///
    /// The failure that another HTTP status means. [`Failure::MalformedResponse`] where the answer isn't an
    /// object.
    pub fn members(&self, response: &Response, now_ms: u64) -> Result<Map<String, Value>, Failure> {
        if !(200..300).contains(&response.status) {
            let refusal = refusal(response, self.code, self.message, self.codes);
            return Err(match status_failure(response, refusal, now_ms) {
                Failure::Rejected(refusal) if self.refused.contains(&response.status) => {
                    Failure::Unauthorized(refusal)
                }
                Failure::Rejected(refusal) => self.failure(refusal, response, now_ms),
                failure => failure,
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

    /// Returns the same members, where their code is that of success.
    ///
    /// # Errors
    ///
    /// The failure that another code means. [`Failure::MalformedResponse`] where there is no code.
    pub fn accept(
        &self,
        members: Map<String, Value>,
        response: &Response,
        now_ms: u64,
    ) -> Result<Map<String, Value>, Failure> {
        let name = self.code;
        let Some(code) = text(&members, name) else {
            return Err(Failure::malformed(
                format!("the vendor's answer has no {name}"),
                response.status,
            ));
        };
        if code == self.success {
            return Ok(members);
        }
        let mut refusal = envelope_refusal(members, name, self.message, self.codes);
        if refusal.message.is_empty() {
            refusal.message = format!("{name} {code} without a message");
        }
        refusal.http_status = Some(response.status);
        Err(self.failure(refusal, response, now_ms))
    }

    /// Returns the failure that a code means.
    fn failure(&self, refusal: Refusal, response: &Response, now_ms: u64) -> Failure {
        let known = self
            .codes
            .iter()
            .find(|known| Some(known.code) == refusal.code.as_deref());
        match known.map(|known| known.kind) {
            Some(FailureKind::Unauthorized) => Failure::Unauthorized(refusal),
            Some(FailureKind::Throttled) => Failure::Throttled {
                refusal,
                retry_after_ms: retry_after_ms(response, now_ms),
            },
            _ => Failure::Rejected(refusal),
        }
    }
}
