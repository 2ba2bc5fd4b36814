//! The README's first command: builds host and connectors, starts the simulators on loopback, and shows
//! the main job on real requests.
//!
//! It leaves the host at `target/release/patchbay` and the connectors at `target/connectors/<id>.wasm`.

mod build;
mod inbox;
mod player;
mod scenes;
mod terminal;

use std::error::Error;

fn main() -> Result<(), Box<dyn Error>> {
    let outputs = build::everything()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(scenes::play(&outputs))?;
    terminal::heading("That was it");
    println!("  the host        {}", build::shown(&outputs.host));
    println!("  the connectors  {}", build::shown(&outputs.connectors));
    println!("  what it can do  {} --help", build::shown(&outputs.host));
    Ok(())
}
