//! The host's side of the contract: generated bindings, and the way from them to this crate's own types.
//! The only file of the host that sees generated bindings of the contract.

use wasmtime::component::HasData;

use crate::catalog::{Callback, Effect, Manifest, Operation, Pages, Setting};
use crate::error::{Error, Kind, Violation};

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes,
    reason = "generated, and which lints that trips differs by version"
)]
mod generated {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package patchbay:host;

            world connector-host {
                import wasi:config/store@0.2.0-rc.1;
                import wasi:keyvalue/store@0.2.0-draft;
                export patchbay:connector/operations@0.1.0;
            }
        ",
        world: "patchbay:host/connector-host",
        imports: {
            default: trappable,
            "wasi:keyvalue/store.[method]bucket.delete": async | trappable,
            "wasi:keyvalue/store.[method]bucket.exists": async | trappable,
            "wasi:keyvalue/store.[method]bucket.get": async | trappable,
            "wasi:keyvalue/store.[method]bucket.list-keys": async | trappable,
            "wasi:keyvalue/store.[method]bucket.set": async | trappable,
        },
        exports: { default: async },
        with: { "wasi:keyvalue/store.bucket": crate::sessions::Bucket },
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
mod optional {
    wasmtime::component::bindgen!({
        path: "../wit",
        inline: "
            package patchbay:host;

            world callback-host {
                export patchbay:connector/callbacks@0.1.0;
            }
        ",
        world: "patchbay:host/callback-host",
        exports: { default: async },
        with: { "patchbay:connector/types": super::generated::patchbay::connector::types },
        require_store_data_send: true,
    });
}

pub(crate) use generated::patchbay::connector::types as contract;
pub(crate) use generated::wasi::config::store as config;
pub(crate) use generated::wasi::keyvalue::store as keyvalue;
pub(crate) use generated::{ConnectorHost as Exports, ConnectorHostPre as ExportsPre};
pub(crate) use optional::exports::patchbay::connector::callbacks as inbound;
pub(crate) use optional::{CallbackHost as CallbackExports, CallbackHostPre as CallbackExportsPre};

/// Name and version of the interface that every connector exports.
pub(crate) const OPERATIONS: &str = "patchbay:connector/operations@0.1.0";
/// Name and version of the interface that a connector exports whose vendor calls back.
pub(crate) const CALLBACKS: &str = "patchbay:connector/callbacks@0.1.0";

/// Names the store's data to the generated linking functions.
pub(crate) struct HasSelf<T>(std::marker::PhantomData<T>);

impl<T: 'static> HasData for HasSelf<T> {
    type Data<'a> = &'a mut T;
}

impl Exports {
    /// What the connector is and can do.
    pub(crate) async fn describe(
        &self,
        store: impl wasmtime::AsContextMut<Data = crate::state::State>,
    ) -> wasmtime::Result<contract::Manifest> {
        self.patchbay_connector_operations().call_describe(store).await
    }

    /// Carries out one operation.
    pub(crate) async fn invoke(
        &self,
        store: impl wasmtime::AsContextMut<Data = crate::state::State>,
        operation: &str,
        input: &String,
    ) -> wasmtime::Result<Result<String, contract::Failure>> {
        self.patchbay_connector_operations()
            .call_invoke(store, operation, input)
            .await
    }
}

impl CallbackExports {
    /// Interprets one inbound request.
    pub(crate) async fn receive(
        &self,
        store: impl wasmtime::AsContextMut<Data = crate::state::State>,
        request: &inbound::InboundRequest,
    ) -> wasmtime::Result<Result<inbound::Receipt, contract::Failure>> {
        self.patchbay_connector_callbacks()
            .call_receive(store, request)
            .await
    }
}

impl TryFrom<contract::Callback> for Callback {
    type Error = String;

    fn try_from(callback: contract::Callback) -> Result<Self, String> {
        Ok(Self {
            payload_schema: serde_json::from_str(&callback.payload_schema).map_err(|error| {
                format!(
                    "the payload schema of the callback {:?} isn't JSON: {error}",
                    callback.kind
                )
            })?,
            kind: callback.kind,
            summary: callback.summary,
            description: callback.description,
            reference: callback.reference,
        })
    }
}

impl TryFrom<contract::Manifest> for Manifest {
    type Error = String;

    fn try_from(manifest: contract::Manifest) -> Result<Self, String> {
        let operations = manifest
            .operations
            .into_iter()
            .map(Operation::try_from)
            .collect::<Result<_, _>>()?;
        Ok(Self {
            id: manifest.id,
            vendor: manifest.vendor,
            summary: manifest.summary,
            version: manifest.version,
            settings: manifest.settings.into_iter().map(Setting::from).collect(),
            operations,
            callbacks: manifest
                .callbacks
                .into_iter()
                .map(Callback::try_from)
                .collect::<Result<_, _>>()?,
        })
    }
}

impl TryFrom<contract::Operation> for Operation {
    type Error = String;

    fn try_from(operation: contract::Operation) -> Result<Self, String> {
        let schema = |which: &str, text: &str| {
            serde_json::from_str(text).map_err(|error| {
                format!(
                    "the {which} schema of the operation {:?} isn't JSON: {error}",
                    operation.id
                )
            })
        };
        Ok(Self {
            input_schema: schema("input", &operation.input_schema)?,
            output_schema: schema("output", &operation.output_schema)?,
            id: operation.id,
            summary: operation.summary,
            description: operation.description,
            effect: match operation.effect {
                contract::Effect::Read => Effect::Read,
                contract::Effect::Idempotent => Effect::Idempotent,
                contract::Effect::Write => Effect::Write,
            },
            reference: operation.reference,
            pages: operation.pages.map(|pages| Pages {
                page: pages.page,
                first: pages.first,
                size: pages.size,
                items: pages.items,
                total: pages.total,
            }),
        })
    }
}

impl From<contract::Setting> for Setting {
    fn from(setting: contract::Setting) -> Self {
        Self {
            name: setting.name,
            summary: setting.summary,
            required: setting.required,
            secret: setting.secret,
            default: setting.default,
        }
    }
}

impl From<contract::Failure> for Error {
    fn from(failure: contract::Failure) -> Self {
        match failure {
            contract::Failure::UnknownOperation(id) => Self::new(
                Kind::UnknownOperation,
                format!(
                    "the connector doesn't carry out the operation {id:?}, although its manifest names it"
                ),
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
            contract::Failure::Rejected(refusal) => Self::refused(Kind::Rejected, refusal),
            contract::Failure::Unauthorized(refusal) => Self::refused(Kind::Unauthorized, refusal),
            contract::Failure::Throttled(throttling) => {
                let mut error = Self::new(Kind::Throttled, throttling.message);
                error.code = throttling.code;
                error.http_status = throttling.http_status;
                error.retry_after_ms = throttling.retry_after_ms;
                error
            }
            contract::Failure::Unreachable(interruption) => {
                Self::interrupted(Kind::Unreachable, interruption)
            }
            contract::Failure::Timeout(interruption) => Self::interrupted(Kind::Timeout, interruption),
            contract::Failure::MalformedResponse(malformation) => {
                let mut error = Self::new(Kind::MalformedResponse, malformation.message);
                error.http_status = malformation.http_status;
                error.request_sent = Some(true);
                error
            }
            contract::Failure::Denied(message) => Self::new(Kind::Denied, message),
        }
    }
}

impl Error {
    fn refused(kind: Kind, refusal: contract::Refusal) -> Self {
        let mut error = Self::new(kind, refusal.message);
        error.code = refusal.code;
        error.http_status = refusal.http_status;
        error
    }

    fn interrupted(kind: Kind, interruption: contract::Interruption) -> Self {
        let mut error = Self::new(kind, interruption.message);
        error.request_sent = Some(interruption.request_sent);
        error
    }
}
