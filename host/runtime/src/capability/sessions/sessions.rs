//! `wasi:keyvalue/store` of one instance.

use std::pin::Pin;
use std::sync::Arc;

use tokio::time::Instant;
use wasmtime::StoreContextMut;
use wasmtime::component::{
    ComponentNamedList, ComponentType, Lift, Linker, LinkerInstance, Lower, Resource, ResourceTable,
    ResourceType,
};

use super::namespace::{MAX_KEY, Namespace};
use super::view::SessionView;
use crate::capability::{CallScope, Capability, Grant, Lend, Offer};
use crate::trace::CallTrace;

/// `wasi:keyvalue/store` of one instance.
pub(crate) struct Sessions {
    /// Absent where there is no connection: then there is no bucket to open.
    namespace: Option<Arc<Namespace>>,
    /// What the call that is under way sees.
    call: Option<Call>,
}

struct Call {
    view: SessionView,
    trace: Arc<CallTrace>,
}

/// A wait for the store, recorded also where a deadline cuts it.
struct Wait {
    trace: Arc<CallTrace>,
    begun: Instant,
}

impl Drop for Wait {
    fn drop(&mut self) {
        self.trace.waited_for_session(self.begun.elapsed());
    }
}

/// What a guest's handle to a bucket stands for: a connection has one.
struct Bucket;

/// `wasi:keyvalue/store`'s `error`.
#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum Error {
    #[component(name = "no-such-store")]
    NoSuchStore,
    #[component(name = "access-denied")]
    AccessDenied,
    #[component(name = "other")]
    Other(String),
}

/// `wasi:keyvalue/store`'s `key-response`.
#[derive(ComponentType, Lift, Lower)]
#[component(record)]
struct KeyResponse {
    keys: Vec<String>,
    cursor: Option<u64>,
}

/// What a method of the bucket will answer.
type Reply<'a, R> = Pin<Box<dyn Future<Output = Result<R, Error>> + Send + 'a>>;

impl Capability for Sessions {
    const OFFERS: &'static [Offer] = &[("wasi:keyvalue/store", "0.2.0-draft")];

    fn grant(grant: &Grant) -> Self {
        Self {
            namespace: grant.sessions.clone(),
            call: None,
        }
    }

    fn link<T: Lend<Self>>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
        let mut store = linker.instance("wasi:keyvalue/store@0.2.0-draft")?;
        store.resource("bucket", ResourceType::host::<Bucket>(), |mut guest, id| {
            guest
                .data_mut()
                .lend()
                .table
                .delete(Resource::<Bucket>::new_own(id))?;
            Ok(())
        })?;
        store.func_wrap("open", |mut guest: StoreContextMut<'_, T>, (name,): (String,)| {
            let lent = guest.data_mut().lend();
            let bucket = match name.as_str() {
                "" | "default" if lent.capability.call.is_some() => Ok(lent.table.push(Bucket)?),
                _ => Err(Error::NoSuchStore),
            };
            Ok((bucket,))
        })?;
        method(&mut store, "get", |call, (_, key): (Resource<Bucket>, String)| {
            Box::pin(async move {
                check(&key)?;
                Ok(call.view.get(&key).await)
            })
        })?;
        method(
            &mut store,
            "set",
            |call, (_, key, value): (Resource<Bucket>, String, Vec<u8>)| {
                Box::pin(async move {
                    check(&key)?;
                    call.trace.wrote_session();
                    let stored = call.view.set(&key, value).await;
                    let full = || Error::Other("the connection's records take up too much room".to_owned());
                    stored.then_some(()).ok_or_else(full)
                })
            },
        )?;
        method(
            &mut store,
            "delete",
            |call, (_, key): (Resource<Bucket>, String)| {
                Box::pin(async move {
                    check(&key)?;
                    call.view.delete(&key).await;
                    Ok(())
                })
            },
        )?;
        method(
            &mut store,
            "exists",
            |call, (_, key): (Resource<Bucket>, String)| {
                Box::pin(async move {
                    check(&key)?;
                    Ok(call.view.exists(&key).await)
                })
            },
        )?;
        method(
            &mut store,
            "list-keys",
            |call, (_, cursor): (Resource<Bucket>, Option<u64>)| {
                Box::pin(async move {
                    // Everything is on the first page.
                    let keys = match cursor {
                        None => call.view.keys().await,
                        Some(_) => Vec::new(),
                    };
                    Ok(KeyResponse { keys, cursor: None })
                })
            },
        )
    }

    fn begin(&mut self, call: &CallScope) {
        self.call = self.namespace.clone().map(|namespace| Call {
            view: namespace.view().traced(call.trace.clone()),
            trace: call.trace.clone(),
        });
    }

    /// Its claims are given up.
    fn end(&mut self, _: &mut ResourceTable) -> bool {
        self.call = None;
        true
    }
}

/// Refuses a key that is too long.
fn check(key: &str) -> Result<(), Error> {
    if key.len() <= MAX_KEY {
        return Ok(());
    }
    let message = format!(
        "the key has {} bytes; a key may have at most {MAX_KEY}",
        key.len()
    );
    Err(Error::Other(message))
}

/// Defines a method of the bucket. Each may wait for another call or for a backend.
fn method<T, P, R>(
    store: &mut LinkerInstance<'_, T>,
    name: &str,
    run: for<'a> fn(&'a mut Call, P) -> Reply<'a, R>,
) -> wasmtime::Result<()>
where
    T: Lend<Sessions>,
    P: ComponentNamedList + Lift + Send + 'static,
    R: ComponentType + Lower + Send + Sync + 'static,
{
    store.func_wrap_async(
        &format!("[method]bucket.{name}"),
        move |mut guest: StoreContextMut<'_, T>, parameters: P| {
            Box::new(async move {
                let Some(call) = &mut guest.data_mut().lend().capability.call else {
                    return Ok((Err(Error::AccessDenied),));
                };
                let _wait = Wait {
                    trace: call.trace.clone(),
                    begun: Instant::now(),
                };
                Ok((run(call, parameters).await,))
            })
        },
    )
}
