//! The connection's settings, and what hosts say of the call that is under way.

use std::collections::BTreeMap;
use std::sync::Arc;

use tokio::time::Instant;
use wasmtime::component::{ComponentType, Lift, Linker, Lower};

use super::capability::{CallScope, Capability, Grant, Lend, Offer};

/// How many milliseconds of the call's deadline are left.
const REMAINING_MS: &str = "patchbay-remaining-ms";

/// `wasi:config/store` of one instance.
pub(crate) struct Config {
    settings: Arc<BTreeMap<String, String>>,
    /// When the call must have ended.
    until: Option<Instant>,
}

/// `wasi:config/store`'s `error`. Nothing here fails.
#[derive(ComponentType, Lift, Lower)]
#[component(variant)]
enum Error {
    #[component(name = "upstream")]
    Upstream(String),
    #[component(name = "io")]
    Io(String),
}

impl Capability for Config {
    const OFFERS: &'static [Offer] = &[("wasi:config/store", "0.2.0-rc.1")];

    fn grant(grant: &Grant) -> Self {
        Self {
            settings: grant.settings.clone(),
            until: None,
        }
    }

    fn link<T: Lend<Self>>(linker: &mut Linker<T>) -> wasmtime::Result<()> {
        let mut store = linker.instance("wasi:config/store@0.2.0-rc.1")?;
        store.func_wrap("get", |mut guest, (key,): (String,)| {
            Ok((Ok::<_, Error>(guest.data_mut().lend().capability.get(&key)),))
        })?;
        store.func_wrap("get-all", |mut guest, (): ()| {
            Ok((Ok::<_, Error>(guest.data_mut().lend().capability.all()),))
        })
    }

    fn begin(&mut self, call: &CallScope) {
        self.until = Some(call.until);
    }
}

impl Config {
    /// Names that begin with `patchbay-` are the host's, whatever the settings are.
    fn get(&self, key: &str) -> Option<String> {
        if key == REMAINING_MS {
            let remaining = self.until?.saturating_duration_since(Instant::now());
            return Some(remaining.as_millis().to_string());
        }
        if key.starts_with("patchbay-") {
            return None;
        }
        self.settings.get(key).cloned()
    }

    fn all(&self) -> Vec<(String, String)> {
        let settings = self.settings.iter();
        settings
            .map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}
