//! What the host needs of a version of the contract.

use std::pin::Pin;

use wasmtime::Store;
use wasmtime::component::{Component, InstancePre};

use crate::error::Error;
use crate::inbound::{InboundRequest, Receipt};
use crate::manifest::Manifest;
use crate::sandbox::State;

/// What a call of a guest will return: an error of wasmtime where it trapped.
pub(crate) type Returned<'a, T> = Pin<Box<dyn Future<Output = wasmtime::Result<T>> + Send + 'a>>;

/// Checks a linked component's exports. Fails where an interface has another shape.
pub(crate) type Prepare = fn(InstancePre<State>, &Component) -> wasmtime::Result<Box<dyn Prepared>>;

/// One version of the contract.
pub(crate) struct Contract {
    /// `0.1.0`.
    pub(crate) version: &'static str,
    /// The functions that the interface `operations` must have.
    pub(crate) functions: &'static [&'static str],
    /// Checks a linked component's exports. Fails where an interface has another shape.
    pub(crate) prepare: Prepare,
}

/// A component that exports a version of the contract, linked.
pub(crate) trait Prepared: Send + Sync {
    /// Makes an instance.
    fn instantiate<'a>(&'a self, store: &'a mut Store<State>) -> Returned<'a, Box<dyn Exports>>;

    /// Whether it exports `callbacks`.
    fn takes_callbacks(&self) -> bool;
}

/// What an instance exports.
pub(crate) trait Exports: Send + Sync {
    /// Returns the manifest, or in which way it breaks the contract.
    fn describe<'a>(&'a self, store: &'a mut Store<State>) -> Returned<'a, Result<Manifest, String>>;

    /// Carries out one operation.
    fn invoke<'a>(
        &'a self,
        store: &'a mut Store<State>,
        operation: &'a str,
        input: String,
    ) -> Returned<'a, Result<String, Error>>;

    /// Interprets one inbound request. A component that takes no callbacks fails.
    fn receive<'a>(
        &'a self,
        store: &'a mut Store<State>,
        request: InboundRequest,
    ) -> Returned<'a, Result<Receipt, Error>>;
}
