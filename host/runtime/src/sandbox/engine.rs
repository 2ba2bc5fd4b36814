//! The one wasmtime engine of a host.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::Thread;
use std::time::Duration;

use wasmtime::component::Linker;
use wasmtime::{
    Cache, CacheConfig, Config, InstanceAllocationStrategy, PoolConcurrencyLimitError,
    PoolingAllocationConfig,
};

use super::limits::Limits;
use super::pool::Idle;
use super::scheduler::{FairScheduler, TICK};
use super::state::State;
use crate::capability::Capabilities;
use crate::error::{Error, Kind};

/// How long the engine's clock may take to notice that its engine is gone.
const NOTICE: Duration = Duration::from_secs(1);
/// Instances at the same time, of all connections together, where nothing else is said. What isn't used takes
/// address space only.
const INSTANCES: u32 = 1024;
/// Core instances in one component: its module, and the small ones that the tools put around it.
const CORE_INSTANCES: u32 = 20;

/// The engine and the linker that every component shares.
pub(crate) struct Engine {
    pub(crate) wasmtime: wasmtime::Engine,
    pub(crate) linker: Linker<State>,
    /// Shares the processors between guests that work for long.
    pub(crate) scheduler: FairScheduler,
    /// The instances that are kept for later calls.
    pub(crate) idle: Idle,
    instances: u32,
    clock: Clock,
}

impl Engine {
    /// An engine that keeps what it compiles under `cache`, with room for so many instances.
    pub(crate) fn new(cache: Option<&Path>, instances: Option<u32>) -> Result<Self, Error> {
        let instances = instances.unwrap_or(INSTANCES);
        let broken = |what: &str, error: &dyn std::fmt::Display| Error::usage(format!("{what}: {error}"));
        let mut config = Config::new();
        config
            .epoch_interruption(true)
            .wasm_component_model(true)
            // Names and, where a component has debug information, lines; whatever the environment says.
            .wasm_backtrace_details(wasmtime::WasmBacktraceDetails::Enable)
            .allocation_strategy(InstanceAllocationStrategy::Pooling(pool(instances)));
        if let Some(directory) = cache {
            let mut settings = CacheConfig::new();
            settings
                .with_directory(absolute(directory))
                // What is read often would be compressed anew, which takes hundreds of megabytes for a while
                // and saves a few on disk.
                .with_optimized_compression_usage_counter_threshold(u64::MAX);
            match Cache::new(settings) {
                Ok(cache) => {
                    config.cache(Some(cache));
                }
                // Compiling again is slower, not wrong.
                Err(error) => {
                    tracing::warn!(directory = %directory.display(), "the compile cache can't be used: {error}");
                }
            }
        }
        let wasmtime = wasmtime::Engine::new(&config)
            .map_err(|error| broken("the WebAssembly engine can't be set up on this machine", &error))?;
        let mut linker = Linker::new(&wasmtime);
        Capabilities::link(&mut linker)
            .map_err(|error| broken("the host's interfaces can't be set up", &error))?;
        let clock = Clock::start(&wasmtime);
        Ok(Self {
            wasmtime,
            linker,
            scheduler: FairScheduler::new(),
            idle: Idle::default(),
            instances,
            clock,
        })
    }

    /// Makes room for an instance that couldn't be made: drops the one that has been idle for longest. Returns whether
    /// it is worth another try.
    pub(crate) fn make_room(&self, error: &wasmtime::Error) -> bool {
        error.is::<PoolConcurrencyLimitError>() && self.idle.evict()
    }

    /// The failure of an instance that can't be made, which isn't the guest's.
    pub(crate) fn exhausted(&self, error: &wasmtime::Error) -> Error {
        let message = if error.is::<PoolConcurrencyLimitError>() {
            format!(
                "all {} instances that this host has room for are at work; call again later, or lower limits.concurrency of the connections that have them",
                self.instances
            )
        } else {
            format!("no instance can be made: {error:#}")
        };
        Error::new(Kind::LimitExceeded, message)
    }

    /// Lets guests give way to each other for as long as the result is kept.
    pub(crate) fn running(&self) -> Running<'_> {
        self.clock.run();
        Running(&self.clock)
    }
}

fn pool(instances: u32) -> PoolingAllocationConfig {
    let mut pool = PoolingAllocationConfig::new();
    pool.total_component_instances(instances)
        .total_memories(instances)
        .total_stacks(instances)
        // A component consists of several core instances, and each may have tables.
        .total_core_instances(instances.saturating_mul(8))
        .total_tables(instances.saturating_mul(8))
        .max_memory_size(Limits::MAX_MEMORY)
        .max_core_instances_per_component(CORE_INSTANCES)
        .max_memories_per_component(4)
        .max_tables_per_component(CORE_INSTANCES)
        .table_elements(20_000);
    pool
}

fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

/// Counts the engine's epochs, in a thread that sleeps while no guest runs.
struct Clock {
    guests: Arc<AtomicUsize>,
    thread: Thread,
}

impl Clock {
    fn start(engine: &wasmtime::Engine) -> Self {
        let guests = Arc::new(AtomicUsize::new(0));
        let (engine, counted) = (engine.weak(), guests.clone());
        let ticking = std::thread::spawn(move || {
            loop {
                if counted.load(Ordering::Acquire) > 0 {
                    std::thread::sleep(TICK);
                } else {
                    std::thread::park_timeout(NOTICE);
                }
                match engine.upgrade() {
                    Some(engine) => engine.increment_epoch(),
                    None => return,
                }
            }
        });
        Self {
            guests,
            thread: ticking.thread().clone(),
        }
    }

    fn run(&self) {
        if self.guests.fetch_add(1, Ordering::AcqRel) == 0 {
            self.thread.unpark();
        }
    }
}

/// A guest that may be running.
pub(crate) struct Running<'a>(&'a Clock);

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.guests.fetch_sub(1, Ordering::AcqRel);
    }
}
