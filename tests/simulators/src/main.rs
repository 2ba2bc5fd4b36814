//! `patchbay-simulator`: a vendor's simulator as a program.

use std::net::SocketAddr;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use patchbay_simulators::isearch_rpa;

/// Simulates a vendor's HTTP API on this machine until it is interrupted.
#[derive(Debug, Parser)]
#[command(version)]
struct Command {
    #[command(subcommand)]
    vendor: Vendor,
}

#[derive(Debug, Subcommand)]
enum Vendor {
    /// i-Search iS-RPA
    IsearchRpa(IsearchRpa),
}

#[derive(Debug, Args)]
struct IsearchRpa {
    /// Where to listen; port 0 for a free one
    #[arg(long, default_value = "127.0.0.1:9101")]
    listen: SocketAddr,
    /// The access key it takes
    #[arg(long, default_value = isearch_rpa::ACCESS_KEY)]
    access_key: String,
    /// The secret key it takes
    #[arg(long, default_value = isearch_rpa::SECRET_KEY)]
    secret_key: String,
}

#[tokio::main]
async fn main() -> ExitCode {
    match run(Command::parse()).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patchbay-simulator: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(command: Command) -> std::io::Result<()> {
    match command.vendor {
        Vendor::IsearchRpa(options) => {
            let simulator = isearch_rpa::Simulator::builder()
                .bind(options.listen)
                .access_key(options.access_key)
                .secret_key(options.secret_key)
                .start()
                .await?;
            println!(
                "isearch-rpa: base_url={} access_key={} secret_key={}",
                simulator.base_url(),
                simulator.access_key(),
                simulator.secret_key()
            );
            tokio::signal::ctrl_c().await
        }
    }
}
