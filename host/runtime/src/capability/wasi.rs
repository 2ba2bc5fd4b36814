//! What the standard library of a guest asks for: clocks, random numbers, a place to print to. Behind the rest
//! of `wasi:cli` and `wasi:filesystem` there is nothing: no file, no environment, no arguments.

use wasmtime::component::{HasData, Linker, ResourceTable};
use wasmtime_wasi::WasiCtx;
use wasmtime_wasi::cli::{WasiCli, WasiCliCtxView};
use wasmtime_wasi::clocks::{WasiClocks, WasiClocksCtxView};
use wasmtime_wasi::filesystem::{WasiFilesystem, WasiFilesystemCtxView};
use wasmtime_wasi::p2::bindings::{cli, clocks, filesystem, io, random};
use wasmtime_wasi::random::{WasiRandom, WasiRandomCtx};

use super::capability::{CallScope, Capability, Grant, Lend, Lent, Offer};
use super::printed::Printed;

/// The most random bytes at once. Each are made before the guest has room for them.
const MAX_RANDOM: u64 = 64 << 10;

/// The standard interfaces of one instance.
pub(crate) struct Wasi {
    context: WasiCtx,
    printed: Printed,
}

impl Capability for Wasi {
    const OFFERS: &'static [Offer] = &[
        ("wasi:cli/environment", "0.2"),
        ("wasi:cli/exit", "0.2"),
        ("wasi:cli/stderr", "0.2"),
        ("wasi:cli/stdin", "0.2"),
        ("wasi:cli/stdout", "0.2"),
        ("wasi:cli/terminal-input", "0.2"),
        ("wasi:cli/terminal-output", "0.2"),
        ("wasi:cli/terminal-stderr", "0.2"),
        ("wasi:cli/terminal-stdin", "0.2"),
        ("wasi:cli/terminal-stdout", "0.2"),
        ("wasi:clocks/monotonic-clock", "0.2"),
        ("wasi:clocks/wall-clock", "0.2"),
        ("wasi:filesystem/preopens", "0.2"),
        ("wasi:filesystem/types", "0.2"),
        ("wasi:io/error", "0.2"),
        ("wasi:io/poll", "0.2"),
        ("wasi:io/streams", "0.2"),
        ("wasi:random/insecure", "0.2"),
        ("wasi:random/insecure-seed", "0.2"),
        ("wasi:random/random", "0.2"),
    ];

    fn grant(_: &Grant) -> Self {
        let printed = Printed::default();
        Self {
            context: WasiCtx::builder()
                .stdout(printed.clone())
                .stderr(printed.clone())
                .max_random_size(MAX_RANDOM)
                .build(),
            printed,
        }
    }

    fn link<T: Lend<Self>>(l: &mut Linker<T>) -> wasmtime::Result<()> {
        io::error::add_to_linker::<T, Table>(l, table)?;
        io::poll::add_to_linker::<T, Table>(l, table)?;
        io::streams::add_to_linker::<T, Table>(l, table)?;
        clocks::wall_clock::add_to_linker::<T, WasiClocks>(l, clocks)?;
        clocks::monotonic_clock::add_to_linker::<T, WasiClocks>(l, clocks)?;
        random::random::add_to_linker::<T, WasiRandom>(l, random)?;
        random::insecure::add_to_linker::<T, WasiRandom>(l, random)?;
        random::insecure_seed::add_to_linker::<T, WasiRandom>(l, random)?;
        filesystem::types::add_to_linker::<T, WasiFilesystem>(l, filesystem)?;
        filesystem::preopens::add_to_linker::<T, WasiFilesystem>(l, filesystem)?;
        cli::environment::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::exit::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::stdin::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::stdout::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::stderr::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::terminal_input::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::terminal_output::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::terminal_stdin::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::terminal_stdout::add_to_linker::<T, WasiCli>(l, cli)?;
        cli::terminal_stderr::add_to_linker::<T, WasiCli>(l, cli)
    }

    fn begin(&mut self, _: &CallScope) {
        self.printed.clear();
    }

    fn printed(&self) -> Option<Vec<u8>> {
        Some(self.printed.contents())
    }
}

/// Interfaces that need the table and nothing else.
struct Table;

impl HasData for Table {
    type Data<'a> = &'a mut ResourceTable;
}

fn table<T: Lend<Wasi>>(store: &mut T) -> &mut ResourceTable {
    store.lend().table
}

fn clocks<T: Lend<Wasi>>(store: &mut T) -> WasiClocksCtxView<'_> {
    let Lent { capability, table } = store.lend();
    WasiClocksCtxView {
        ctx: capability.context.clocks(),
        table,
    }
}

fn random<T: Lend<Wasi>>(store: &mut T) -> &mut WasiRandomCtx {
    store.lend().capability.context.random()
}

fn filesystem<T: Lend<Wasi>>(store: &mut T) -> WasiFilesystemCtxView<'_> {
    let Lent { capability, table } = store.lend();
    WasiFilesystemCtxView {
        ctx: capability.context.filesystem(),
        table,
    }
}

fn cli<T: Lend<Wasi>>(store: &mut T) -> WasiCliCtxView<'_> {
    let Lent { capability, table } = store.lend();
    WasiCliCtxView {
        ctx: capability.context.cli(),
        table,
    }
}
