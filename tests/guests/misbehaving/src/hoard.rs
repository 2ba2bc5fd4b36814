//! Makes the host hold as much as it can be made to.

use patchbay_sdk::{Endpoint, Failure, Handler, Nothing, Operation, Params, Payload, Schema, operations};
use serde::Deserialize;
use serde_json::json;

use crate::Misbehaving;

/// The operations that hoard.
pub(crate) const OPERATIONS: &[Operation<Misbehaving>] = operations![; Hoard, Chatter];

/// What is hoarded.
#[derive(Debug, Clone, Copy, Deserialize, Schema)]
#[serde(rename_all = "lowercase")]
#[schema(rename_all = "lowercase")]
pub(crate) enum What {
    /// Memory of its own.
    Memory,
    /// Header fields.
    Fields,
    /// Requests whose body is written, but which aren't sent.
    Unsent,
    /// Requests that are sent, and whose responses don't come.
    Open,
    /// Responses that aren't read.
    Responses,
    /// Claims on records that don't exist.
    Keys,
    /// Values of settings with long names.
    Settings,
}

/// Makes the host hold things, and keeps them beyond the call
#[derive(Debug, Deserialize, Endpoint)]
#[endpoint(id = "hoard", title = "hoard", route = "POST /", effect = Write, response = Nothing)]
#[cfg_attr(
    not(target_family = "wasm"),
    expect(dead_code, reason = "natively there is no host to hoard at")
)]
pub(crate) struct Hoard {
    /// What.
    pub(crate) what: What,
    /// How many.
    pub(crate) count: u32,
    /// How large each is, in bytes.
    pub(crate) bytes: u32,
    /// Host and port to send requests to.
    pub(crate) authority: Option<String>,
}

impl Handler<Misbehaving> for Hoard {
    fn handle(_: &Misbehaving, params: Params) -> Result<Payload, Failure> {
        let hoard: Self = params.read()?;
        for number in 0..hoard.count {
            assert!(
                host::hoard(&hoard, number).is_some(),
                "the host refused number {number}"
            );
        }
        Ok(json!({ "hoarded": hoard.count }).into())
    }
}

/// Prints, and counts how often this instance has been called
#[derive(Debug, Deserialize, Endpoint)]
#[endpoint(id = "chatter", title = "chatter", route = "POST /", effect = Write, response = Nothing)]
pub(crate) struct Chatter {
    /// What.
    pub(crate) text: String,
    /// How often.
    pub(crate) times: u32,
    /// Whether it panics then.
    pub(crate) panics: bool,
}

impl Handler<Misbehaving> for Chatter {
    fn handle(_: &Misbehaving, params: Params) -> Result<Payload, Failure> {
        let Self { text, times, panics } = params.read()?;
        thread_local!(static CALLS: std::cell::Cell<u32> = const { std::cell::Cell::new(0) });
        CALLS.set(CALLS.get() + 1);
        for _ in 0..times {
            println!("{text}");
        }
        assert!(!panics, "as told");
        Ok(json!({ "calls": CALLS.get() }).into())
    }
}

#[cfg(target_family = "wasm")]
mod host {
    use patchbay_sdk::export::wasi::{config, keyvalue};
    use wasip2::http::outgoing_handler::handle;
    use wasip2::http::types::{Fields, IncomingResponse, Method, OutgoingBody, OutgoingRequest, Scheme};

    use super::{Hoard, What};

    /// Hoards one more; `None` where the host refuses that.
    pub(super) fn hoard(hoard: &Hoard, number: u32) -> Option<()> {
        let bytes = hoard.bytes as usize;
        match hoard.what {
            What::Memory => std::mem::forget(std::hint::black_box(vec![1_u8; bytes])),
            What::Fields => {
                let fields = Fields::new();
                // Whatever fits.
                for _ in 0..bytes / 8000 {
                    let _ = fields.append("x-hoard", &[b'x'; 8000]);
                }
                std::mem::forget(fields);
            }
            What::Unsent => {
                let (request, body) = request(hoard, "/")?;
                let stream = body.write().ok()?;
                let permitted = usize::try_from(stream.check_write().ok()?).ok()?;
                stream.write(&vec![b'x'; permitted.min(bytes)]).ok()?;
                std::mem::forget((request, stream, body));
            }
            What::Open => {
                let (request, body) = request(hoard, "/")?;
                let response = handle(request, None).ok()?;
                let stream = body.write().ok()?;
                let mut left = bytes;
                while left > 0 {
                    let permitted = usize::try_from(stream.check_write().ok()?).ok()?.min(left);
                    stream.write(&vec![b'x'; permitted]).ok()?;
                    left -= permitted;
                    stream.subscribe().block();
                }
                drop(stream);
                OutgoingBody::finish(body, None).ok()?;
                std::mem::forget(response);
            }
            What::Responses => {
                let response = receive(hoard, &format!("/{bytes}"))?;
                std::mem::forget(response);
            }
            What::Keys => {
                let bucket = keyvalue::store::open("default").ok()?;
                let mut key = "k".repeat(bytes);
                key.push_str(&number.to_string());
                // A key that is refused isn't the last.
                let _ = bucket.get(&key);
            }
            What::Settings => {
                config::store::get(&"k".repeat(bytes)).ok()?;
            }
        }
        Some(())
    }

    fn request(hoard: &Hoard, path: &str) -> Option<(OutgoingRequest, OutgoingBody)> {
        let request = OutgoingRequest::new(Fields::new());
        request.set_method(&Method::Post).ok()?;
        request.set_scheme(Some(&Scheme::Http)).ok()?;
        request.set_authority(hoard.authority.as_deref()).ok()?;
        request.set_path_with_query(Some(path)).ok()?;
        let body = request.body().ok()?;
        Some((request, body))
    }

    fn receive(hoard: &Hoard, path: &str) -> Option<IncomingResponse> {
        let (request, body) = request(hoard, path)?;
        let response = handle(request, None).ok()?;
        OutgoingBody::finish(body, None).ok()?;
        response.subscribe().block();
        response.get()?.ok()?.ok()
    }
}

/// Natively there is no host.
#[cfg(not(target_family = "wasm"))]
mod host {
    pub(super) fn hoard(_: &super::Hoard, _: u32) -> Option<()> {
        None
    }
}
