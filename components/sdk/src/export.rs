//! The component's side of the contract: generated bindings, and the way from them to a [`Connector`].
//! The only file of a guest that sees generated bindings.

#![allow(
    unsafe_code,
    missing_docs,
    unreachable_pub,
    clippy::all,
    clippy::pedantic,
    clippy::allow_attributes,
    reason = "most of it is generated, and which lints that trips differs by version"
)]

use std::cell::{OnceCell, RefCell};
use std::time::Duration;

use crate::answer::to_text;
use crate::callbacks::Receiver;
use crate::endpoint::{Advance, Annotations, Effect, Pages};
use crate::failure::{Failure, FailureKind, Interruption, Refusal};
use crate::host::{Clock, Host};
use crate::memory::Memory;
use crate::operations::Connector;
use crate::session::Store;
use crate::settings::{SettingKind, Settings};
use crate::transport::{NoTransport, Transport};
use crate::waki::Waki;

wit_bindgen::generate!({
    path: "../../wit",
    world: "connector",
    generate_all,
    pub_export_macro: true,
    export_macro_name: "export_connector",
});

/// The optional interface. It shares the types with the other world.
pub mod optional {
    wit_bindgen::generate!({
        path: "../../wit",
        inline: "
            package patchbay:sdk;

            world callbacks {
                export patchbay:connector/callbacks@0.1.0;
            }
        ",
        world: "patchbay:sdk/callbacks",
        with: { "patchbay:connector/types@0.1.0": super::patchbay::connector::types },
        pub_export_macro: true,
        export_macro_name: "export_callbacks",
    });
}

use exports::patchbay::connector::operations as contract;
use optional::exports::patchbay::connector::callbacks as inbound;
use patchbay::connector::types;
use wasi::config::store as config;
use wasi::keyvalue::store as keyvalue;

pub use contract::Guest;
pub use inbound::{Guest as CallbackGuest, InboundRequest, Receipt};
pub use optional::export_callbacks;
pub use types::{Failure as ContractFailure, Manifest};

/// `describe` of a connector.
pub fn describe<C: Connector>() -> types::Manifest {
    types::Manifest {
        id: C::ID.to_owned(),
        vendor: C::VENDOR.to_owned(),
        summary: C::SUMMARY.to_owned(),
        version: C::VERSION.to_owned(),
        settings: C::SETTINGS
            .iter()
            .map(|setting| types::Setting {
                name: setting.name.to_owned(),
                kind: setting.kind.into(),
                summary: setting.summary.to_owned(),
                required: setting.required,
                default: setting.default.map(str::to_owned),
                schema: setting.schema.map(str::to_owned),
                annotations: annotations(setting.annotations),
            })
            .collect(),
        operations: crate::operations::all::<C>()
            .map(|operation| {
                let description = operation.describe();
                types::Operation {
                    id: description.id.to_owned(),
                    title: description.title.to_owned(),
                    summary: description.summary.to_owned(),
                    description: description.description.to_owned(),
                    effect: description.effect.into(),
                    route: description.route.map(|(method, path)| types::Route {
                        method: method.to_string(),
                        path: path.to_owned(),
                    }),
                    input_schema: description.input,
                    output_schema: description.output,
                    reference: description.reference,
                    pages: description.pages.map(Into::into),
                    annotations: annotations(description.annotations),
                }
            })
            .collect(),
        callbacks: C::CALLBACKS
            .iter()
            .map(|callback| {
                let description = callback.describe(C::DOCUMENT);
                types::Callback {
                    kind: description.kind.to_owned(),
                    summary: description.summary.to_owned(),
                    description: description.description.to_owned(),
                    payload_schema: description.payload,
                    reference: description.reference,
                    annotations: annotations(description.annotations),
                }
            })
            .collect(),
        codes: C::CODES
            .iter()
            .map(|code| types::VendorCode {
                code: code.code.to_owned(),
                meaning: code.meaning.to_owned(),
                kind: code.kind.into(),
            })
            .collect(),
        stored_records: C::STORED_RECORDS
            .iter()
            .map(|record| types::StoredRecord {
                name: record.name.to_owned(),
                secret: record.secret,
            })
            .collect(),
        annotations: annotations(C::ANNOTATIONS),
    }
}

fn annotations(annotations: Annotations) -> Vec<(String, String)> {
    annotations
        .iter()
        .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
        .collect()
}

/// `invoke` of a connector. `kept` is the instance's.
pub fn invoke<C: Connector>(
    kept: &OnceCell<C>,
    operation: &str,
    input: &str,
) -> Result<String, types::Failure> {
    let host = || {
        let user_agent = format!("patchbay-{}/{}", C::ID, C::VERSION);
        host(Waki { user_agent })
    };
    crate::operations::invoke_kept(kept, host, operation, input).map_err(Into::into)
}

/// `receive` of a connector whose vendor calls back.
pub fn receive<C: Receiver>(request: InboundRequest) -> Result<Receipt, types::Failure> {
    let request = crate::callbacks::InboundRequest {
        method: request.method,
        query: request.query,
        headers: request.headers,
        body: request.body,
    };
    let receipt = crate::callbacks::receive::<C>(host(NoTransport)?, &request)?;
    Ok(Receipt {
        events: receipt
            .events
            .into_iter()
            .map(|event| inbound::Event {
                kind: event.kind.to_owned(),
                subject: event.subject,
                status: event.status,
                key: event.key,
                payload: to_text(&event.payload),
            })
            .collect(),
        reply: inbound::Reply {
            status: receipt.reply.status,
            headers: receipt.reply.headers,
            body: receipt.reply.body,
        },
    })
}

/// Makes a component of a [`Connector`]: the one line that a connector needs besides itself. With
/// `, callbacks` of a [`Receiver`].
#[macro_export]
macro_rules! export {
    ($connector:ty, callbacks) => {
        $crate::export!($connector);

        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Inbound;

            impl $crate::export::CallbackGuest for Inbound {
                fn receive(
                    request: $crate::export::InboundRequest,
                ) -> Result<$crate::export::Receipt, $crate::export::ContractFailure> {
                    $crate::export::receive::<$connector>(request)
                }
            }

    $crate::export::export_callbacks!(Inbound with_types_in $crate::export::optional);
        };
    };
    ($connector:ty) => {
        #[cfg(target_family = "wasm")]
        const _: () = {
            struct Component;

            thread_local! {
                static KEPT: std::cell::OnceCell<$connector> = const { std::cell::OnceCell::new() };
            }

            impl $crate::export::Guest for Component {
                fn describe() -> $crate::export::Manifest {
                    $crate::export::describe::<$connector>()
                }

                fn invoke(
                    operation: String,
                    input: String,
                ) -> Result<String, $crate::export::ContractFailure> {
                    KEPT.with(|kept| $crate::export::invoke(kept, &operation, &input))
                }
            }

    $crate::export::export_connector!(Component with_types_in $crate::export);
        };
    };
}

/// The name of a value in `wasi:config` that a host may give by itself: how many milliseconds of the call's
/// deadline are left.
const REMAINING_MS: &str = "patchbay-remaining-ms";

struct SystemClock;

impl Clock for SystemClock {
    fn now_ms(&self) -> u64 {
        std::time::SystemTime::now()
            .duration_since(std::time::UNIX_EPOCH)
            .map_or(0, |elapsed| {
                u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX)
            })
    }

    fn sleep(&self, time: Duration) {
        std::thread::sleep(time);
    }

    fn remaining(&self) -> Option<Duration> {
        let text = config::get(REMAINING_MS).ok().flatten()?;
        text.parse().ok().map(Duration::from_millis)
    }
}

fn host(transport: impl Transport + 'static) -> Result<Host, Failure> {
    let settings: Settings = match config::get_all() {
        Ok(values) => values.into_iter().collect(),
        Err(config::Error::Upstream(message) | config::Error::Io(message)) => {
            let message = format!("the host can't read the settings: {message}");
            return Err(Failure::InvalidSettings(message));
        }
    };
    Ok(Host::new(
        settings,
        Box::new(transport),
        Box::<Bucket>::default(),
        Box::new(SystemClock),
    ))
}

/// The host's bucket, and this instance's memory for what it doesn't take or where it has none that can be used: a
/// store that fails costs a login, not the call.
#[derive(Default)]
struct Bucket {
    /// Opened when it is needed, and again after it has failed.
    handle: RefCell<Option<keyvalue::Bucket>>,
}

impl Bucket {
    fn with<T>(&self, exchange: impl FnOnce(&keyvalue::Bucket) -> Result<T, keyvalue::Error>) -> Option<T> {
        let mut handle = self.handle.borrow_mut();
        if handle.is_none() {
            *handle = ["default", ""]
                .into_iter()
                .find_map(|name| keyvalue::open(name).ok());
        }
        let result = exchange(handle.as_ref()?).ok();
        if result.is_none() {
            *handle = None;
        }
        result
    }
}

impl Store for Bucket {
    fn get(&self, key: &str) -> Option<Vec<u8>> {
        self.with(|bucket| bucket.get(key))
            .flatten()
            .or_else(|| Memory.get(key))
    }

    fn set(&self, key: &str, value: Vec<u8>) {
        if self.with(|bucket| bucket.set(key, &value)).is_some() {
            Memory.delete(key);
        } else {
            Memory.set(key, value);
        }
    }

    fn delete(&self, key: &str) {
        Memory.delete(key);
        self.with(|bucket| bucket.delete(key));
    }
}

impl From<Effect> for types::Effect {
    fn from(effect: Effect) -> Self {
        match effect {
            Effect::Read => Self::Read,
            Effect::Idempotent => Self::Idempotent,
            Effect::Write => Self::Write,
        }
    }
}

impl From<SettingKind> for types::SettingKind {
    fn from(kind: SettingKind) -> Self {
        match kind {
            SettingKind::Plain => Self::Plain,
            SettingKind::Origin => Self::Origin,
            SettingKind::Secret => Self::Secret,
            SettingKind::Key => Self::Key,
        }
    }
}

impl From<FailureKind> for types::FailureKind {
    fn from(kind: FailureKind) -> Self {
        match kind {
            FailureKind::UnknownOperation => Self::UnknownOperation,
            FailureKind::InvalidInput => Self::InvalidInput,
            FailureKind::InvalidSettings => Self::InvalidSettings,
            FailureKind::Rejected => Self::Rejected,
            FailureKind::Unauthorized => Self::Unauthorized,
            FailureKind::Throttled => Self::Throttled,
            FailureKind::Unreachable => Self::Unreachable,
            FailureKind::Timeout => Self::Timeout,
            FailureKind::MalformedResponse => Self::MalformedResponse,
            FailureKind::Denied => Self::Denied,
        }
    }
}

impl From<Advance> for types::Advance {
    fn from(advance: Advance) -> Self {
        match advance {
            Advance::PageNumber { page, first } => Self::PageNumber(types::PageNumber {
                page: page.to_owned(),
                first,
            }),
            Advance::Offset { offset, first } => Self::Offset(types::Offset {
                offset: offset.to_owned(),
                first,
            }),
            Advance::Cursors(cursors) => Self::Cursors(
                cursors
                    .iter()
                    .map(|cursor| types::Cursor {
                        output: cursor.output.to_owned(),
                        input: cursor.input.to_owned(),
                    })
                    .collect(),
            ),
            Advance::LastItem { item, input } => Self::LastItem(types::LastItem {
                item: item.to_owned(),
                input: input.to_owned(),
            }),
        }
    }
}

impl From<Pages> for types::Pages {
    fn from(pages: Pages) -> Self {
        Self {
            advance: pages.advance.into(),
            size: pages.size.map(str::to_owned),
            items: pages.items.to_owned(),
            total: pages.total.map(str::to_owned),
            more: pages.more.map(str::to_owned),
        }
    }
}

impl From<Refusal> for types::Refusal {
    fn from(refusal: Refusal) -> Self {
        Self {
            code: refusal.code,
            message: refusal.message,
            http_status: refusal.http_status,
            details: refusal.details.as_ref().map(to_text),
        }
    }
}

impl From<Interruption> for types::Interruption {
    fn from(interruption: Interruption) -> Self {
        Self {
            message: interruption.message,
            request_sent: interruption.request_sent,
            http_status: interruption.http_status,
            retry_after_ms: interruption.retry_after_ms,
        }
    }
}

impl From<Failure> for types::Failure {
    fn from(failure: Failure) -> Self {
        match failure {
            Failure::UnknownOperation(id) => Self::UnknownOperation(id),
            Failure::InvalidInput(violations) => Self::InvalidInput(
                violations
                    .into_iter()
                    .map(|violation| types::Violation {
                        path: violation.path,
                        message: violation.message,
                    })
                    .collect(),
            ),
            Failure::InvalidSettings(message) => Self::InvalidSettings(message),
            Failure::Rejected(refusal) => Self::Rejected(refusal.into()),
            Failure::Unauthorized(refusal) => Self::Unauthorized(refusal.into()),
            Failure::Throttled {
                refusal,
                retry_after_ms,
            } => Self::Throttled(types::Throttling {
                refusal: refusal.into(),
                retry_after_ms,
            }),
            Failure::Unreachable(interruption) => Self::Unreachable(interruption.into()),
            Failure::Timeout(interruption) => Self::Timeout(interruption.into()),
            Failure::MalformedResponse { message, http_status } => {
                Self::MalformedResponse(types::Malformation { message, http_status })
            }
            Failure::Denied(message) => Self::Denied(message),
        }
    }
}
