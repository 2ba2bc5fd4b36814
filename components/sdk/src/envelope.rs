//! The envelope that a vendor puts around its JSON answers: a code, a message, and the payload.

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::answer::{envelope_refusal, json, refusal, retry_after_ms, status_failure, text};
use crate::codes::{FailureKind, VendorCode};
use crate::endpoint::Answer;
use crate::failure::{Failure, Refusal};
use crate::members::{find, span};
use crate::payload::Payload;
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
    /// The member with the payload.
    pub payload: &'static str,
    /// The code of success.
    pub success: &'static str,
    /// The other codes. One of kind `unauthorized` or `throttled` gives that failure, every other one
    /// `rejected`.
    pub codes: &'static [VendorCode],
    /// The HTTP statuses that refuse the credentials, and so are [`Failure::Unauthorized`] unless the code is one of
    /// kind `throttled`. A vendor that answers 403 to what a user may not do isn't one that has 403 here: a refused
    /// session is replaced by a new one, and the call repeated.
    pub refused: &'static [u16],
}

impl Envelope {
    /// Reads an answer in the way that its operation declares.
    ///
    /// # Errors
    ///
    /// Those of [`open`](Self::open) and [`Payload::read`].
    pub fn read(&self, answer: Answer, response: Response, now_ms: u64) -> Result<Payload, Failure> {
        match answer {
            Answer::Envelope => self.open(response, now_ms),
            Answer::OptionalEnvelope => match self.members(&response, [self.code], now_ms) {
                Ok([Some(_)]) => self.open(response, now_ms),
                Err(failure) if !(200..300).contains(&response.status) => Err(failure),
                _ => Payload::from_response(response),
            },
            Answer::File | Answer::Text | Answer::Status => {
                self.check_status(&response, now_ms)?;
                Payload::read(answer, response)
            }
        }
    }

    /// Returns the payload of a successful answer, without parsing it: `null` where there is none.
    ///
    /// # Errors
    ///
    /// The failure that the HTTP status or the code means; refused credentials are
    /// [`Failure::Unauthorized`]. [`Failure::MalformedResponse`] where the answer isn't this envelope.
    pub fn open(&self, mut response: Response, now_ms: u64) -> Result<Payload, Failure> {
        self.check_status(&response, now_ms)?;
        match String::from_utf8(std::mem::take(&mut response.body)) {
            Ok(text) => {
                if let Ok([Some(code), payload]) = find(&text, [self.code, self.payload])
                    && self.is_success(code)
                {
                    return Ok(match payload.map(|payload| span(&text, payload)) {
                        Some(range) => Payload::cut(text, range),
                        None => Payload::null(),
                    });
                }
                response.body = text.into_bytes();
            }
            Err(error) => response.body = error.into_bytes(),
        }
        // It isn't a success: what it is takes all of its members.
        let members = self.parse(&response)?;
        let payload = members.get(self.payload).cloned();
        self.check_members(members, &response, now_ms)?;
        Ok(payload.map_or_else(Payload::null, Payload::from))
    }

    /// Returns the members of these names of an answer with an HTTP status of success, whatever its code, without
    /// parsing them. The code can be checked with [`check_code`](Self::check_code).
    ///
    /// # Errors
    ///
    /// The failure that another HTTP status means. [`Failure::MalformedResponse`] where the answer isn't an
    /// object.
    pub fn members<'a, const N: usize>(
        &self,
        response: &'a Response,
        names: [&str; N],
        now_ms: u64,
    ) -> Result<[Option<&'a RawValue>; N], Failure> {
        self.check_status(response, now_ms)?;
        if let Ok(text) = std::str::from_utf8(&response.body)
            && let Ok(found) = find(text, names)
        {
            return Ok(found);
        }
        self.parse(response)?;
        Err(self.malformed(response))
    }

    /// Checks the HTTP status.
    ///
    /// # Errors
    ///
    /// The failure that a status outside 2xx means, with what the body says of it.
    pub fn check_status(&self, response: &Response, now_ms: u64) -> Result<(), Failure> {
        if (200..300).contains(&response.status) {
            return Ok(());
        }
        let refusal = refusal(response, self.code, self.message, self.codes);
        Err(match status_failure(response, refusal, now_ms) {
            Failure::Rejected(refusal) => match self.failure(refusal, response, now_ms) {
                Failure::Rejected(refusal) if self.refused.contains(&response.status) => {
                    Failure::Unauthorized(refusal)
                }
                failure => failure,
            },
            failure => failure,
        })
    }

    /// Checks the code that [`members`](Self::members) has found in a response.
    ///
    /// # Errors
    ///
    /// The failure that another code than that of success means. [`Failure::MalformedResponse`] where there is no
    /// code.
    pub fn check_code(
        &self,
        code: Option<&RawValue>,
        response: &Response,
        now_ms: u64,
    ) -> Result<(), Failure> {
        if code.is_some_and(|code| self.is_success(code)) {
            return Ok(());
        }
        self.check_members(self.parse(response)?, response, now_ms)
    }

    /// Checks the code among the members of an answer.
    ///
    /// # Errors
    ///
    /// The failure that another code than that of success means. [`Failure::MalformedResponse`] where there is no
    /// code.
    pub fn check_members(
        &self,
        members: Map<String, Value>,
        response: &Response,
        now_ms: u64,
    ) -> Result<(), Failure> {
        let name = self.code;
        let Some(code) = text(&members, name) else {
            return Err(Failure::malformed(
                format!("the vendor's answer has no {name}"),
                response.status,
            ));
        };
        if code == self.success {
            return Ok(());
        }
        let mut refusal = envelope_refusal(members, name, self.message, self.codes);
        if refusal.message.is_empty() {
            refusal.message = format!("{name} {code} without a message");
        }
        refusal.http_status = Some(response.status);
        Err(self.failure(refusal, response, now_ms))
    }

    fn is_success(&self, code: &RawValue) -> bool {
        code.get() == self.success
            || serde_json::from_str::<String>(code.get()).is_ok_and(|code| code == self.success)
    }

    /// Parses the whole answer, for what it says of a failure.
    fn parse(&self, response: &Response) -> Result<Map<String, Value>, Failure> {
        match json(response)? {
            Value::Object(members) => Ok(members),
            _ => Err(self.malformed(response)),
        }
    }

    fn malformed(&self, response: &Response) -> Failure {
        Failure::malformed(
            format!("the vendor's answer isn't the documented envelope {}", self.shape),
            response.status,
        )
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
