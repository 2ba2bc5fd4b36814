//! Version 0.1 of the contract.

use wasmtime::Store;
use wasmtime::component::{Component, InstancePre};

use super::contract::{Contract, Exports, Prepared, Returned};
use crate::error::{Error, Kind, Violation};
use crate::inbound::{Event, InboundRequest, Receipt, Reply};
use crate::manifest::{
    Advance, Annotations, Callback, Cursor, Effect, Manifest, Operation, Paging, Route, Setting, SettingKind,
    StoredRecord, VendorCode,
};
use crate::sandbox::State;

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes,
    reason = "generated, and which lints that trips differs by version"
)]
mod operations {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "
            package patchbay:host;

            world connector-host {
                export patchbay:connector/operations@0.1.0;
            }
        ",
        world: "patchbay:host/connector-host",
        exports: { default: async },
        require_store_data_send: true,
    });
}

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes,
    reason = "generated, and which lints that trips differs by version"
)]
mod callbacks {
    wasmtime::component::bindgen!({
        path: "../../wit",
        inline: "
            package patchbay:host;

            world callback-host {
                export patchbay:connector/callbacks@0.1.0;
            }
        ",
        world: "patchbay:host/callback-host",
        exports: { default: async },
        with: { "patchbay:connector/types": super::operations::patchbay::connector::types },
        require_store_data_send: true,
    });
}

use callbacks::exports::patchbay::connector::callbacks as inbound;
use operations::patchbay::connector::types as contract;

/// This version.
pub(super) const CONTRACT: Contract = Contract {
    version: "0.1.0",
    functions: &["describe", "invoke"],
    prepare,
};

const CALLBACKS: &str = "patchbay:connector/callbacks@0.1.0";

struct Component01 {
    linked: InstancePre<State>,
    operations: operations::ConnectorHostIndices,
    /// Where its vendor calls back.
    callbacks: Option<callbacks::CallbackHostIndices>,
}

struct Instance01 {
    operations: operations::ConnectorHost,
    callbacks: Option<callbacks::CallbackHost>,
}

fn prepare(linked: InstancePre<State>, component: &Component) -> wasmtime::Result<Box<dyn Prepared>> {
    let exported = component.get_export_index(None, CALLBACKS).is_some();
    Ok(Box::new(Component01 {
        operations: operations::ConnectorHostIndices::new(&linked)?,
        callbacks: exported
            .then(|| callbacks::CallbackHostIndices::new(&linked))
            .transpose()?,
        linked,
    }))
}

impl Prepared for Component01 {
    fn instantiate<'a>(&'a self, store: &'a mut Store<State>) -> Returned<'a, Box<dyn Exports>> {
        Box::pin(async move {
            let instance = self.linked.instantiate_async(&mut *store).await?;
            let operations = self.operations.load(&mut *store, &instance)?;
            let callbacks = self.callbacks.as_ref();
            let callbacks = callbacks.map(|indices| indices.load(&mut *store, &instance));
            Ok(Box::new(Instance01 {
                operations,
                callbacks: callbacks.transpose()?,
            }) as Box<dyn Exports>)
        })
    }

    fn takes_callbacks(&self) -> bool {
        self.callbacks.is_some()
    }
}

impl Exports for Instance01 {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Returned<'a, Result<Manifest, String>> {
        Box::pin(async move {
            let exports = self.operations.patchbay_connector_operations();
            Ok(exports.call_describe(store).await?.try_into())
        })
    }

    fn invoke<'a>(
        &'a self,
        store: &'a mut Store<State>,
        operation: &'a str,
        input: String,
    ) -> Returned<'a, Result<String, Error>> {
        Box::pin(async move {
            let exports = self.operations.patchbay_connector_operations();
            let returned = exports.call_invoke(store, operation, &input).await?;
            Ok(returned.map_err(Error::from))
        })
    }

    fn receive<'a>(
        &'a self,
        store: &'a mut Store<State>,
        request: InboundRequest,
    ) -> Returned<'a, Result<Receipt, Error>> {
        Box::pin(async move {
            let Some(callbacks) = &self.callbacks else {
                return Ok(Err(Error::usage("the connector takes no callbacks")));
            };
            let request = inbound::InboundRequest {
                method: request.method,
                query: request.query,
                headers: request.headers,
                body: request.body,
            };
            let exports = callbacks.patchbay_connector_callbacks();
            let returned = exports.call_receive(store, &request).await?;
            Ok(returned.map_err(Error::from).and_then(Receipt::try_from))
        })
    }
}

/// A JSON text of the manifest.
fn json(what: &str, owner: &str, text: &str) -> Result<serde_json::Value, String> {
    serde_json::from_str(text).map_err(|error| format!("the {what} of {owner} isn't JSON: {error}"))
}

fn annotations(owner: &str, annotations: Vec<(String, String)>) -> Result<Annotations, String> {
    annotations
        .into_iter()
        .map(|(name, text)| {
            let value = json(&format!("annotation {name:?}"), owner, &text)?;
            Ok((name, value))
        })
        .collect()
}

fn all<T, U>(items: Vec<T>) -> Result<Vec<U>, String>
where
    U: TryFrom<T, Error = String>,
{
    items.into_iter().map(U::try_from).collect()
}

impl TryFrom<contract::Manifest> for Manifest {
    type Error = String;

    fn try_from(manifest: contract::Manifest) -> Result<Self, String> {
        Ok(Self {
            id: manifest.id,
            vendor: manifest.vendor,
            summary: manifest.summary,
            version: manifest.version,
            settings: all(manifest.settings)?,
            operations: all(manifest.operations)?,
            callbacks: all(manifest.callbacks)?,
            codes: manifest.codes.into_iter().map(VendorCode::from).collect(),
            stored_records: manifest
                .stored_records
                .into_iter()
                .map(|record| StoredRecord {
                    name: record.name,
                    secret: record.secret,
                })
                .collect(),
            annotations: annotations("the manifest", manifest.annotations)?,
        })
    }
}

impl TryFrom<contract::Operation> for Operation {
    type Error = String;

    fn try_from(operation: contract::Operation) -> Result<Self, String> {
        let owner = format!("the operation {:?}", operation.id);
        Ok(Self {
            input_schema: json("input schema", &owner, &operation.input_schema)?,
            output_schema: json("output schema", &owner, &operation.output_schema)?,
            annotations: annotations(&owner, operation.annotations)?,
            id: operation.id,
            title: operation.title,
            summary: operation.summary,
            description: operation.description,
            effect: match operation.effect {
                contract::Effect::Read => Effect::Read,
                contract::Effect::Idempotent => Effect::Idempotent,
                contract::Effect::Write => Effect::Write,
            },
            route: operation.route.map(|route| Route {
                method: route.method,
                path: route.path,
            }),
            reference: operation.reference,
            pages: operation.pages.map(Paging::from),
        })
    }
}

impl From<contract::Pages> for Paging {
    fn from(pages: contract::Pages) -> Self {
        Self {
            advance: match pages.advance {
                contract::Advance::PageNumber(contract::PageNumber { page, first }) => {
                    Advance::PageNumber { page, first }
                }
                contract::Advance::Offset(contract::Offset { offset, first }) => {
                    Advance::Offset { offset, first }
                }
                contract::Advance::Cursors(cursors) => Advance::Cursors(
                    cursors
                        .into_iter()
                        .map(|contract::Cursor { output, input }| Cursor { output, input })
                        .collect(),
                ),
                contract::Advance::LastItem(contract::LastItem { item, input }) => {
                    Advance::LastItem { item, input }
                }
            },
            size: pages.size,
            items: pages.items,
            total: pages.total,
            more: pages.more,
        }
    }
}

impl TryFrom<contract::Setting> for Setting {
    type Error = String;

    fn try_from(setting: contract::Setting) -> Result<Self, String> {
        let owner = format!("the setting {:?}", setting.name);
        Ok(Self {
            schema: setting
                .schema
                .map(|schema| json("schema", &owner, &schema))
                .transpose()?,
            annotations: annotations(&owner, setting.annotations)?,
            name: setting.name,
            kind: match setting.kind {
                contract::SettingKind::Plain => SettingKind::Plain,
                contract::SettingKind::Origin => SettingKind::Origin,
                contract::SettingKind::Secret => SettingKind::Secret,
                contract::SettingKind::Key => SettingKind::Key,
            },
            summary: setting.summary,
            required: setting.required,
            default: setting.default,
        })
    }
}

impl TryFrom<contract::Callback> for Callback {
    type Error = String;

    fn try_from(callback: contract::Callback) -> Result<Self, String> {
        let owner = format!("the callback {:?}", callback.kind);
        Ok(Self {
            payload_schema: json("payload schema", &owner, &callback.payload_schema)?,
            annotations: annotations(&owner, callback.annotations)?,
            kind: callback.kind,
            summary: callback.summary,
            description: callback.description,
            reference: callback.reference,
        })
    }
}

impl From<contract::VendorCode> for VendorCode {
    fn from(code: contract::VendorCode) -> Self {
        Self {
            code: code.code,
            meaning: code.meaning,
            kind: match code.kind {
                contract::FailureKind::UnknownOperation => Kind::UnknownOperation,
                contract::FailureKind::InvalidInput => Kind::InvalidInput,
                contract::FailureKind::InvalidSettings => Kind::InvalidSettings,
                contract::FailureKind::Rejected => Kind::Rejected,
                contract::FailureKind::Unauthorized => Kind::Unauthorized,
                contract::FailureKind::Throttled => Kind::Throttled,
                contract::FailureKind::Unreachable => Kind::Unreachable,
                contract::FailureKind::Timeout => Kind::Timeout,
                contract::FailureKind::MalformedResponse => Kind::MalformedResponse,
                contract::FailureKind::Denied => Kind::Denied,
            },
        }
    }
}

impl From<contract::Failure> for Error {
    fn from(failure: contract::Failure) -> Self {
        match failure {
            contract::Failure::UnknownOperation(id) => Self::new(
                Kind::UnknownOperation,
                format!("the connector has no operation {id:?}, although its manifest names it"),
            ),
            contract::Failure::InvalidInput(violations) => Self::invalid_input(
                violations
                    .into_iter()
                    .map(|violation| Violation {
                        path: violation.path,
                        message: violation.message,
                    })
                    .collect(),
            ),
            contract::Failure::InvalidSettings(message) => Self::new(Kind::InvalidSettings, message),
            contract::Failure::Rejected(refusal) => refused(Kind::Rejected, refusal),
            contract::Failure::Unauthorized(refusal) => refused(Kind::Unauthorized, refusal),
            contract::Failure::Throttled(throttling) => Self {
                retry_after_ms: throttling.retry_after_ms,
                ..refused(Kind::Throttled, throttling.refusal)
            },
            contract::Failure::Unreachable(interruption) => interrupted(Kind::Unreachable, interruption),
            contract::Failure::Timeout(interruption) => interrupted(Kind::Timeout, interruption),
            contract::Failure::MalformedResponse(malformation) => Self {
                http_status: malformation.http_status,
                request_sent: Some(true),
                ..Self::new(Kind::MalformedResponse, malformation.message)
            },
            contract::Failure::Denied(message) => Self::new(Kind::Denied, message),
        }
    }
}

fn refused(kind: Kind, refusal: contract::Refusal) -> Error {
    Error {
        code: refusal.code,
        http_status: refusal.http_status,
        // What a vendor adds is shown as it is, also where it isn't the JSON that it should be.
        details: refusal
            .details
            .map(|text| serde_json::from_str(&text).unwrap_or(serde_json::Value::String(text))),
        request_sent: Some(true),
        ..Error::new(kind, refusal.message)
    }
}

fn interrupted(kind: Kind, interruption: contract::Interruption) -> Error {
    Error {
        http_status: interruption.http_status,
        retry_after_ms: interruption.retry_after_ms,
        request_sent: Some(interruption.request_sent),
        ..Error::new(kind, interruption.message)
    }
}

impl TryFrom<inbound::Receipt> for Receipt {
    type Error = Error;

    fn try_from(receipt: inbound::Receipt) -> Result<Self, Error> {
        let events = receipt.events.into_iter().map(|event| {
            let payload = serde_json::from_str(&event.payload).map_err(|error| {
                let message = format!(
                    "the payload of the event {:?} isn't JSON, which breaks the contract: {error}",
                    event.key
                );
                Error::new(Kind::Trapped, message)
            })?;
            Ok(Event {
                kind: event.kind,
                subject: event.subject,
                status: event.status,
                key: event.key,
                payload,
            })
        });
        Ok(Self {
            events: events.collect::<Result<_, Error>>()?,
            reply: Reply {
                status: receipt.reply.status,
                headers: receipt.reply.headers,
                body: receipt.reply.body,
            },
        })
    }
}
