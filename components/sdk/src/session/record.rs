//! The two records of a session, as JSON. They are written and read by hand: the code that derives make for them
//! takes a tenth of a small component.

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::value::RawValue;
use serde_json::{Map, Value};

use crate::answer;
use crate::failure::{Failure, Interruption, Refusal};
use crate::members::find;

/// The record of a session. One that can't be read has none: another version may have written it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Record<S> {
    /// Differs from the ids of the records before and after it.
    pub(super) id: String,
    /// Milliseconds since 1970. `None`: until refused.
    pub(super) until_ms: Option<u64>,
    pub(super) session: Option<S>,
}

impl<S> Default for Record<S> {
    fn default() -> Self {
        Self {
            id: String::new(),
            until_ms: None,
            session: None,
        }
    }
}

impl<S: Serialize + DeserializeOwned> Record<S> {
    pub(super) fn from_bytes(bytes: &[u8]) -> Self {
        Self::read(bytes).unwrap_or_default()
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        let text = std::str::from_utf8(bytes).ok()?;
        let [id, until_ms, session] = find(text, ["id", "until_ms", "session"]).ok()?;
        let mut record = Self::default();
        if let Some(id) = id {
            record.id = serde_json::from_str(id.get()).ok()?;
        }
        if let Some(until_ms) = given(until_ms) {
            record.until_ms = Some(until_ms.parse().ok()?);
        }
        if let Some(session) = given(session) {
            record.session = Some(serde_json::from_str(session).ok()?);
        }
        Some(record)
    }

    /// Returns the record as it is stored. `None` where the session can't be written as JSON.
    pub(super) fn to_bytes(&self) -> Option<Vec<u8>> {
        let mut text = r#"{"id":"#.to_owned();
        text.push_str(&serde_json::to_string(&self.id).ok()?);
        if let Some(until_ms) = self.until_ms {
            text.push_str(r#","until_ms":"#);
            text.push_str(&until_ms.to_string());
        }
        if let Some(session) = &self.session {
            text.push_str(r#","session":"#);
            text.push_str(&serde_json::to_string(session).ok()?);
        }
        text.push('}');
        Some(text.into_bytes())
    }
}

/// Returns a member that is neither absent nor `null`.
fn given(member: Option<&RawValue>) -> Option<&str> {
    member.map(RawValue::get).filter(|text| *text != "null")
}

/// The record of what the last login or renewal came to.
pub(super) struct Outcome {
    /// The id of the record of the session that holds since then.
    pub(super) current: String,
    pub(super) failed: Option<Failed>,
}

pub(super) struct Failed {
    /// Until when the failure is shared, in milliseconds since 1970.
    pub(super) until_ms: u64,
    pub(super) failure: Failure,
}

impl Outcome {
    /// Reads a record. `None` where that isn't possible, such as with a failure of a kind that this version doesn't
    /// know: it says nothing then.
    pub(super) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let record = answer::parse(bytes).ok()?;
        let failed = match record.get("failed") {
            None | Some(Value::Null) => None,
            Some(failed) => Some(Failed {
                until_ms: failed.get("until_ms")?.as_u64()?,
                failure: failure(failed.get("failure")?)?,
            }),
        };
        Some(Self {
            current: record.get("current")?.as_str()?.to_owned(),
            failed,
        })
    }

    pub(super) fn into_bytes(self) -> Vec<u8> {
        let mut record = Map::new();
        record.insert("current".to_owned(), self.current.into());
        if let Some(Failed { until_ms, failure }) = self.failed
            && let Some(failure) = shared(failure)
        {
            let failed = object([("until_ms", until_ms.into()), ("failure", failure)]);
            record.insert("failed".to_owned(), failed);
        }
        answer::to_text(&Value::Object(record)).into_bytes()
    }
}

/// Returns a failure as it is stored: without the details of a refusal, because the record is public. `None` for a
/// kind that isn't shared.
fn shared(failure: Failure) -> Option<Value> {
    let (kind, held) = match failure {
        Failure::Rejected(refusal) => ("rejected", refused(refusal)),
        Failure::Unauthorized(refusal) => ("unauthorized", refused(refusal)),
        Failure::Throttled {
            refusal,
            retry_after_ms,
        } => {
            let held = [
                ("refusal", refused(refusal)),
                ("retry_after_ms", retry_after_ms.into()),
            ];
            ("throttled", object(held))
        }
        Failure::Unreachable(interruption) => ("unreachable", interrupted(interruption)),
        Failure::Timeout(interruption) => ("timeout", interrupted(interruption)),
        Failure::MalformedResponse { message, http_status } => {
            let held = [("message", message.into()), ("http_status", http_status.into())];
            ("malformed-response", object(held))
        }
        Failure::UnknownOperation(_)
        | Failure::InvalidInput(_)
        | Failure::InvalidSettings(_)
        | Failure::Denied(_) => return None,
    };
    Some(object([(kind, held)]))
}

fn refused(refusal: Refusal) -> Value {
    object([
        ("code", refusal.code.into()),
        ("message", refusal.message.into()),
        ("http_status", refusal.http_status.into()),
    ])
}

fn interrupted(interruption: Interruption) -> Value {
    object([
        ("message", interruption.message.into()),
        ("request_sent", interruption.request_sent.into()),
        ("http_status", interruption.http_status.into()),
        ("retry_after_ms", interruption.retry_after_ms.into()),
    ])
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    let mut object = Map::new();
    for (name, value) in members {
        object.insert(name.to_owned(), value);
    }
    Value::Object(object)
}

fn failure(stored: &Value) -> Option<Failure> {
    let (kind, held) = stored.as_object()?.iter().next()?;
    Some(match kind.as_str() {
        "rejected" => Failure::Rejected(refusal(held)?),
        "unauthorized" => Failure::Unauthorized(refusal(held)?),
        "throttled" => Failure::Throttled {
            refusal: refusal(held.get("refusal")?)?,
            retry_after_ms: number(held, "retry_after_ms"),
        },
        "unreachable" => Failure::Unreachable(interruption(held)?),
        "timeout" => Failure::Timeout(interruption(held)?),
        "malformed-response" => Failure::MalformedResponse {
            message: text(held, "message")?,
            http_status: status(held),
        },
        _ => return None,
    })
}

fn refusal(held: &Value) -> Option<Refusal> {
    Some(Refusal {
        code: text(held, "code"),
        message: text(held, "message")?,
        http_status: status(held),
        details: None,
    })
}

fn interruption(held: &Value) -> Option<Interruption> {
    Some(Interruption {
        message: text(held, "message")?,
        request_sent: held.get("request_sent")?.as_bool()?,
        http_status: status(held),
        retry_after_ms: number(held, "retry_after_ms"),
    })
}

fn text(held: &Value, name: &str) -> Option<String> {
    Some(held.get(name)?.as_str()?.to_owned())
}

fn number(held: &Value, name: &str) -> Option<u64> {
    held.get(name)?.as_u64()
}

fn status(held: &Value) -> Option<u16> {
    u16::try_from(number(held, "http_status")?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shared_failure_is_read_as_it_was_written() {
        let refusal = Refusal {
            code: Some("E\"1".to_owned()),
            message: "no\n密".to_owned(),
            http_status: Some(403),
            details: None,
        };
        let interruption = Interruption {
            message: "broke".to_owned(),
            request_sent: true,
            http_status: Some(502),
            retry_after_ms: Some(u64::MAX),
        };
        for failure in [
            Failure::Rejected(refusal.clone()),
            Failure::Rejected(Refusal::default()),
            Failure::Unauthorized(refusal.clone()),
            Failure::Throttled {
                refusal: refusal.clone(),
                retry_after_ms: Some(7),
            },
            Failure::Throttled {
                refusal,
                retry_after_ms: None,
            },
            Failure::Unreachable(interruption.clone()),
            Failure::Timeout(Interruption::new("late", false)),
            Failure::Timeout(interruption),
            Failure::malformed("what", 200),
            Failure::MalformedResponse {
                message: String::new(),
                http_status: None,
            },
        ] {
            let outcome = Outcome {
                current: "c\\1".to_owned(),
                failed: Some(Failed {
                    until_ms: 1_700_000_000_000,
                    failure: failure.clone(),
                }),
            };
            let read = Outcome::from_bytes(&outcome.into_bytes()).unwrap();
            let failed = read.failed.unwrap();
            assert_eq!(
                (read.current.as_str(), failed.until_ms),
                ("c\\1", 1_700_000_000_000)
            );
            assert_eq!(failed.failure, failure);
        }
        for unshared in [
            Failure::Denied("x".to_owned()),
            Failure::InvalidSettings("x".to_owned()),
        ] {
            assert_eq!(shared(unshared), None);
        }
    }

    #[test]
    fn a_session_is_read_as_it_was_written() {
        for (until_ms, session) in [
            (Some(u64::MAX), Some(vec!["a\"b".to_owned()])),
            (Some(0), None),
            (None, Some(Vec::new())),
            (None, None),
        ] {
            let record = Record {
                id: "i\"d".to_owned(),
                until_ms,
                session,
            };
            assert_eq!(Record::from_bytes(&record.to_bytes().unwrap()), record);
        }
        let read = |text: &str| Record::<Vec<String>>::from_bytes(text.as_bytes());
        let nulls = r#"{"id":"i","until_ms":null,"session":null,"more":[1]}"#;
        assert_eq!(read(nulls).id, "i");
        for unreadable in [
            "",
            "[]",
            r#"{"id":1}"#,
            r#"{"id":"i","until_ms":-1}"#,
            r#"{"id":"i","session":[1]}"#,
            r#"{"id":"i"} x"#,
        ] {
            assert_eq!(read(unreadable), Record::default(), "{unreadable}");
        }
    }
}
