//! What an instance can reach: its connection's settings, its sessions, and the way out.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use wasmtime::component::{Resource, ResourceTable};
use wasmtime_wasi::p2::pipe::MemoryOutputPipe;
use wasmtime_wasi::{WasiCtx, WasiCtxView, WasiView};
use wasmtime_wasi_http::{WasiHttpCtx, WasiHttpCtxView, WasiHttpView};

use crate::bindings::{config, keyvalue};
use crate::catalog::Effect;
use crate::egress::Egress;
use crate::limits::MemoryLimiter;
use crate::pace::{Pace, Turns};
use crate::retry::Retries;
use crate::sessions::{Bucket, SessionView, lock};

/// What a connector may ask besides its settings: how many milliseconds of the call's deadline are left.
const REMAINING_MS: &str = "patchbay-remaining-ms";
/// How much of what a guest prints is kept, in bytes.
const PRINTED: usize = 16 << 10;

/// The data of a store: everything that a guest can reach.
pub(crate) struct State {
    wasi: WasiCtx,
    http: WasiHttpCtx,
    table: ResourceTable,
    settings: Arc<BTreeMap<String, String>>,
    /// Absent while the component is described: then there is no session to have.
    sessions: Option<SessionView>,
    egress: Egress,
    /// When the call must have ended.
    until: Option<Instant>,
    /// How it shares the processors.
    pub(crate) pace: Pace,
    printed: MemoryOutputPipe,
    pub(crate) limiter: MemoryLimiter,
}

impl State {
    pub(crate) fn new(
        settings: Arc<BTreeMap<String, String>>,
        egress: Egress,
        memory: usize,
        turns: Turns,
    ) -> Self {
        let printed = MemoryOutputPipe::new(PRINTED);
        // No file, no environment, no arguments, no sockets: what isn't given here isn't there.
        let wasi = WasiCtx::builder()
            .stdout(printed.clone())
            .stderr(printed.clone())
            .build();
        Self {
            wasi,
            http: WasiHttpCtx::new(),
            table: ResourceTable::new(),
            settings,
            sessions: None,
            egress,
            until: None,
            pace: Pace::new(turns),
            printed,
            limiter: MemoryLimiter::new(memory),
        }
    }

    /// Prepares for a call that must have ended at `until`.
    pub(crate) fn begin(&mut self, sessions: SessionView, until: Instant, effect: Effect) {
        self.sessions = Some(sessions);
        self.until = Some(until);
        self.pace.begin();
        self.egress.begin(Retries::new(effect, until));
    }

    /// Ends a call: its claims on sessions are given up.
    pub(crate) fn end(&mut self) {
        self.sessions = None;
    }

    pub(crate) fn egress(&self) -> &Egress {
        &self.egress
    }

    /// What the guest has printed. Most of it is the message of a panic.
    pub(crate) fn printed(&self) -> MemoryOutputPipe {
        self.printed.clone()
    }
}

impl WasiView for State {
    fn ctx(&mut self) -> WasiCtxView<'_> {
        self.pace.call();
        WasiCtxView {
            ctx: &mut self.wasi,
            table: &mut self.table,
        }
    }
}

impl WasiHttpView for State {
    fn http(&mut self) -> WasiHttpCtxView<'_> {
        self.pace.call();
        WasiHttpCtxView {
            hooks: &mut self.egress,
            table: &mut self.table,
            ctx: &mut self.http,
        }
    }
}

impl config::Host for State {
    fn get(&mut self, key: String) -> wasmtime::Result<Result<Option<String>, config::Error>> {
        if key == REMAINING_MS {
            let remaining = self
                .until
                .map(|until| until.saturating_duration_since(Instant::now()));
            return Ok(Ok(remaining.map(|time| time.as_millis().to_string())));
        }
        Ok(Ok(self.settings.get(&key).cloned()))
    }

    fn get_all(&mut self) -> wasmtime::Result<Result<Vec<(String, String)>, config::Error>> {
        Ok(Ok(self
            .settings
            .iter()
            .map(|(k, v)| (k.clone(), v.clone()))
            .collect()))
    }
}

type Stored<T> = wasmtime::Result<Result<T, keyvalue::Error>>;

impl keyvalue::Host for State {
    fn open(&mut self, name: String) -> Stored<Resource<Bucket>> {
        match name.as_str() {
            "" | "default" if self.sessions.is_some() => Ok(Ok(self.table.push(Bucket)?)),
            _ => Ok(Err(keyvalue::Error::NoSuchStore)),
        }
    }
}

impl State {
    fn sessions(&mut self) -> Result<&mut SessionView, keyvalue::Error> {
        self.sessions.as_mut().ok_or(keyvalue::Error::AccessDenied)
    }
}

impl keyvalue::HostBucket for State {
    async fn get(&mut self, _: Resource<Bucket>, key: String) -> Stored<Option<Vec<u8>>> {
        self.pace.call();
        let begun = Instant::now();
        let read = match self.sessions() {
            Ok(sessions) => Ok(sessions.get(&key).await),
            Err(error) => Err(error),
        };
        lock(&self.egress.wire()).session_wait += begun.elapsed();
        Ok(read)
    }

    async fn set(&mut self, _: Resource<Bucket>, key: String, value: Vec<u8>) -> Stored<()> {
        lock(&self.egress.wire()).wrote_session = true;
        Ok(match self.sessions() {
            Ok(sessions) => sessions.set(&key, value).await.then_some(()).ok_or_else(|| {
                keyvalue::Error::Other("the connection's sessions take up too much room".to_owned())
            }),
            Err(error) => Err(error),
        })
    }

    async fn delete(&mut self, _: Resource<Bucket>, key: String) -> Stored<()> {
        Ok(match self.sessions() {
            Ok(sessions) => {
                sessions.delete(&key).await;
                Ok(())
            }
            Err(error) => Err(error),
        })
    }

    async fn exists(&mut self, _: Resource<Bucket>, key: String) -> Stored<bool> {
        Ok(match self.sessions() {
            Ok(sessions) => Ok(sessions.exists(&key).await),
            Err(error) => Err(error),
        })
    }

    async fn list_keys(&mut self, _: Resource<Bucket>, cursor: Option<u64>) -> Stored<keyvalue::KeyResponse> {
        Ok(match self.sessions() {
            Ok(sessions) => Ok(keyvalue::KeyResponse {
                // Everything is on the first page.
                keys: match cursor {
                    None => sessions.keys().await,
                    Some(_) => Vec::new(),
                },
                cursor: None,
            }),
            Err(error) => Err(error),
        })
    }

    fn drop(&mut self, bucket: Resource<Bucket>) -> wasmtime::Result<()> {
        self.table.delete(bucket)?;
        Ok(())
    }
}
