//! `patchbay-simulator`: a vendor's simulator as a program.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Arg, ArgMatches, Command, value_parser};
use patchbay_simulators::VENDORS;
use patchbay_simulators::program::Entry;
use patchbay_simulators::server::Options;

/// The port of the first vendor; the others follow.
const FIRST_PORT: u16 = 9101;

/// Where a vendor's simulator listens unless told otherwise, in the order of the vendors.
fn addresses() -> impl Iterator<Item = (&'static Entry, SocketAddr)> {
    let addresses = (FIRST_PORT..).map(|port| SocketAddr::from(([127, 0, 0, 1], port)));
    VENDORS.iter().zip(addresses)
}

/// One subcommand a vendor.
fn program() -> Command {
    let vendors = addresses().map(|(vendor, address)| {
        let listen = Arg::new("listen")
            .long("listen")
            .value_name("ADDRESS")
            .value_parser(value_parser!(SocketAddr))
            .help(format!(
                "Where to listen; port 0 for a free one [default: {address}]"
            ));
        vendor.command().arg(listen)
    });
    Command::new("patchbay-simulator")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Simulates a vendor's HTTP API on this machine until it is interrupted")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands(vendors)
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(&program().get_matches()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patchbay-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(matches: &ArgMatches) -> std::io::Result<()> {
    let chosen = matches.subcommand().and_then(|(id, matches)| {
        let (vendor, address) = addresses().find(|(vendor, _)| vendor.id == id)?;
        Some((vendor, address, matches))
    });
    let (vendor, address, matches) = chosen.ok_or_else(|| std::io::Error::other("no vendor is named"))?;
    let options = Options {
        bind: matches.get_one("listen").copied().unwrap_or(address),
        ..Options::default()
    };
    let simulator = vendor.start(matches, options).await?;
    let settings = simulator.settings().into_iter();
    let settings: Vec<String> = settings.map(|(name, value)| format!("{name}={value}")).collect();
    println!("{}: {}", vendor.id, settings.join(" "));
    tokio::signal::ctrl_c().await
}
