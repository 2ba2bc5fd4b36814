//! A made-up version 0.2 beside 0.1: its bindings, its conversions and a row in a list are all that it takes.

use std::time::Duration;

use serde_json::json;
use tokio::time::Instant;
use wasmtime::Store;
use wasmtime::component::{Component, InstancePre};

use super::contract::{Contract, Exports, Prepared, Returned};
use crate::capability::http::HttpClient;
use crate::capability::{CallScope, Grant};
use crate::connector::load::Loader;
use crate::error::{Error, Kind};
use crate::inbound::{InboundRequest, Receipt};
use crate::manifest::{Effect, Manifest, Operation};
use crate::sandbox::{State, store};
use crate::trace::{CallId, CallKind, CallTrace, Subject};

#[allow(
    missing_docs,
    unreachable_pub,
    clippy::pedantic,
    clippy::allow_attributes,
    reason = "generated, and which lints that trips differs by version"
)]
mod generated {
    wasmtime::component::bindgen!({
        inline: "
            package patchbay:connector@0.2.0;

            interface operations {
                describe: func() -> string;
                invoke: func(operation: string, input: string) -> result<string, string>;
            }

            world connector {
                export operations;
            }
        ",
        exports: { default: async },
        require_store_data_send: true,
    });
}

const CONTRACT: Contract = Contract {
    version: "0.2.0",
    functions: &["describe", "invoke"],
    prepare: |linked: InstancePre<State>, _: &Component| Ok(Box::new(generated::ConnectorPre::new(linked)?)),
};

static BOTH: &[Contract] = &[CONTRACT, super::v0_1::CONTRACT];

impl Prepared for generated::ConnectorPre<State> {
    fn instantiate<'a>(&'a self, store: &'a mut Store<State>) -> Returned<'a, Box<dyn Exports>> {
        Box::pin(async move { Ok(Box::new(self.instantiate_async(store).await?) as Box<dyn Exports>) })
    }

    fn takes_callbacks(&self) -> bool {
        false
    }
}

impl Exports for generated::Connector {
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Returned<'a, Result<Manifest, String>> {
        Box::pin(async move {
            let exports = self.patchbay_connector_operations();
            let schema = json!({ "type": "object" });
            let operation = Operation::new("echo", Effect::Read, schema.clone(), schema);
            Ok(Ok(Manifest {
                id: exports.call_describe(store).await?,
                operations: vec![operation],
                ..Manifest::default()
            }))
        })
    }

    fn invoke<'a>(
        &'a self,
        store: &'a mut Store<State>,
        operation: &'a str,
        input: String,
    ) -> Returned<'a, Result<String, Error>> {
        Box::pin(async move {
            let exports = self.patchbay_connector_operations();
            let returned = exports.call_invoke(store, operation, &input).await?;
            Ok(returned.map_err(|message| Error::new(Kind::Rejected, message)))
        })
    }

    fn receive<'a>(
        &'a self,
        _: &'a mut Store<State>,
        _: InboundRequest,
    ) -> Returned<'a, Result<Receipt, Error>> {
        Box::pin(async { Ok(Err(Error::usage("the connector takes no callbacks"))) })
    }
}

/// A component of version 0.2: its id is `made-up`, and it answers every input with itself.
const COMPONENT: &str = r#"
(component
  (core module $m
    (memory (export "memory") 1)
    (global $free (mut i32) (i32.const 1024))
    (data (i32.const 64) "made-up")
    (func (export "describe") (result i32)
      (i32.store (i32.const 0) (i32.const 64))
      (i32.store (i32.const 4) (i32.const 7))
      (i32.const 0))
    (func (export "invoke") (param i32 i32 i32 i32) (result i32)
      (i32.store8 (i32.const 16) (i32.const 0))
      (i32.store (i32.const 20) (local.get 2))
      (i32.store (i32.const 24) (local.get 3))
      (i32.const 16))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.get $free)
      (global.set $free (i32.add (global.get $free) (local.get 3)))))
  (core instance $i (instantiate $m))
  (func $describe (result string) (canon lift (core func $i "describe") (memory (core memory $i "memory"))))
  (func $invoke (param "operation" string) (param "input" string) (result (result string (error string)))
    (canon lift (core func $i "invoke") (memory (core memory $i "memory")) (realloc (core func $i "realloc"))))
  (instance $operations (export "describe" (func $describe)) (export "invoke" (func $invoke)))
  (export "patchbay:connector/operations@0.2.0" (instance $operations)))
"#;

#[tokio::test]
async fn a_host_serves_a_second_version_beside_the_first() {
    let loader = Loader::of(BOTH);
    let component = Component::new(&loader.engine().wasmtime, wat::parse_str(COMPONENT).unwrap()).unwrap();
    let connector = loader
        .connector(&component, "made-up.wasm".into(), String::new())
        .await
        .unwrap();
    assert_eq!(connector.manifest().id, "made-up");

    let grant = Grant::nothing(std::sync::Arc::new(HttpClient::new(&[])), 1 << 20);
    let mut store = store(loader.engine(), &grant);
    let subject = Subject {
        kind: CallKind::Operation,
        connection: "some",
        operation: "echo",
    };
    let deadline = Duration::from_secs(5);
    store.data_mut().begin(&CallScope {
        trace: CallTrace::new(CallId::new(), subject, deadline, std::sync::Arc::default()),
        until: Instant::now() + deadline,
        may_send: true,
    });
    let exports = connector.prepared.instantiate(&mut store).await.unwrap();
    let answer = exports
        .invoke(&mut store, "echo", r#"{"a":1}"#.to_owned())
        .await
        .unwrap();
    assert_eq!(answer.unwrap(), r#"{"a":1}"#);
}

#[tokio::test]
async fn a_host_without_a_version_refuses_its_components_in_words() {
    let loader = Loader::of(super::CONTRACTS);
    let component = Component::new(&loader.engine().wasmtime, wat::parse_str(COMPONENT).unwrap()).unwrap();
    let refused = loader
        .connector(&component, "made-up.wasm".into(), String::new())
        .await;
    let findings = refused.unwrap_err();
    assert_eq!(
        findings,
        [
            "exports patchbay:connector/operations@0.2.0, but this host takes patchbay:connector/operations@0.1.0; build it against that version of the contract"
        ]
    );
}

/// A guest may hand over the same memory many times, so the limit on its memory isn't one on what the host holds.
#[tokio::test]
async fn a_manifest_is_no_larger_than_its_budget() {
    let loader = Loader::of(BOTH);
    let large = COMPONENT
        .replace(
            r#"(memory (export "memory") 1)"#,
            r#"(memory (export "memory") 100)"#,
        )
        .replace(
            "(i32.store (i32.const 4) (i32.const 7))",
            "(i32.store (i32.const 4) (i32.const 5000000))",
        );
    let component = Component::new(&loader.engine().wasmtime, wat::parse_str(large).unwrap()).unwrap();
    let refused = loader
        .connector(&component, "large.wasm".into(), String::new())
        .await;
    assert_eq!(
        refused.unwrap_err(),
        ["has a manifest of more than 4,194,304 bytes; describe less"]
    );
}
