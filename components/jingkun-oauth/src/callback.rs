//! Callbacks: a POST whose JSON body has the ids of a run and its state (section 5 of the workflow document,
//! section 7 of the plan document).
//!
//! The vendor repeats a callback three times unless the answer is the word `SUCCESS`, which the documents
//! spell in three ways. Nothing is signed.

use patchbay_sdk::callbacks::{Callback, Event, InboundRequest, Payload, Receipt, Reply};
use patchbay_sdk::{answer, check};

/// What both documents' answer looks like in the example; the other spellings are slips.
const RECEIVED: &str = "SUCCESS";

/// The body of a callback about a run, which has `status`.
pub trait Run: Payload {
    /// Its members that are ids, that of the run first.
    const IDS: [&'static str; 2];
}

/// Interprets one inbound request. What isn't such a callback is answered with 400, and why.
#[must_use]
pub fn receive<P: Run>(request: &InboundRequest) -> Receipt {
    match event(&P::CALLBACK, P::IDS, request) {
        Ok(event) => Receipt {
            events: vec![event],
            reply: Reply::text(200, RECEIVED),
        },
        Err(reason) => Receipt {
            events: Vec::new(),
            reply: Reply::text(400, &format!("not a callback: {reason}")),
        },
    }
}

fn event(callback: &Callback, ids: [&str; 2], request: &InboundRequest) -> Result<Event, String> {
    if request.method != "POST" {
        return Err("the method must be POST".to_owned());
    }
    let payload = answer::parse(&request.body).map_err(|error| format!("the body isn't JSON ({error})"))?;
    if !payload.is_object() {
        return Err("the body isn't a JSON object".to_owned());
    }
    if let Some(violation) = check::value(callback.payload, &payload).first() {
        return Err(format!("{} {}", violation.path, violation.message));
    }
    let member = |name: &str| payload[name].as_str().unwrap_or_default().to_owned();
    let [id, of] = ids;
    if let Some(name) = [id, of, "status"]
        .into_iter()
        .find(|name| member(name).trim().is_empty())
    {
        return Err(format!("{name} is empty"));
    }
    let (subject, status) = (member(id), member("status"));
    Ok(Event {
        kind: callback.kind,
        // A run is reported once in each state; repetitions of a callback have the same.
        key: format!("{subject}:{status}"),
        status: Some(status),
        subject,
        payload,
    })
}

#[cfg(test)]
mod tests {
    use patchbay_sdk::callbacks::{InboundRequest, Payload};

    use super::{Run, receive};

    /// A run of a thing has ended
    #[derive(Payload)]
    #[payload(kind = "thing-run")]
    #[expect(dead_code, reason = "only its declaration is used")]
    struct Thing {
        id: String,
        of: String,
        status: String,
    }

    impl Run for Thing {
        const IDS: [&'static str; 2] = ["id", "of"];
    }

    #[test]
    fn what_is_no_callback_is_refused_without_an_event() {
        let good = r#"{"id":"1","of":"2","status":"FAIL"}"#;
        let cases = [
            ("GET", good, "method"),
            ("PUT", good, "method"),
            ("post", good, "method"),
            ("POST", "", "isn't JSON"),
            ("POST", "id=1&of=2&status=FAIL", "isn't JSON"),
            ("POST", r#"{"id":"1","of":"2","status":"FAIL"} x"#, "isn't JSON"),
            ("POST", "[]", "object"),
            ("POST", "\"SUCCESS\"", "object"),
            ("POST", r#"{"id":"1","of":"2"}"#, "status"),
            ("POST", r#"{"of":"2","status":"FAIL"}"#, "id"),
            ("POST", r#"{"id":1,"of":"2","status":"FAIL"}"#, "string"),
            ("POST", r#"{"id":"1","of":null,"status":"FAIL"}"#, "string"),
            ("POST", r#"{"id":"","of":"2","status":"FAIL"}"#, "id is empty"),
            ("POST", r#"{"id":"1","of":" ","status":"FAIL"}"#, "of is empty"),
            ("POST", r#"{"id":"1","of":"2","status":""}"#, "status is empty"),
        ];
        for (method, body, reason) in cases {
            let receipt = receive::<Thing>(&InboundRequest {
                method: method.to_owned(),
                body: body.as_bytes().to_vec(),
                ..InboundRequest::default()
            });
            assert!(receipt.events.is_empty(), "{method} {body}");
            assert_eq!(receipt.reply.status, 400);
            assert_eq!(
                receipt.reply.headers,
                [("content-type".to_owned(), "text/plain".to_owned())]
            );
            let text = String::from_utf8(receipt.reply.body).unwrap();
            assert!(text.contains(reason), "{method} {body}: {text}");
        }
    }
}
