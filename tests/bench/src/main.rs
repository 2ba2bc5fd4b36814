//! What calls through Patchbay cost, beside programs that do the same without it.
//!
//! `cargo bench-calls --help` says how. Vendors, services and whatever else is measured by its memory or its CPU time
//! are processes of their own: this program again, with a subcommand.

mod cells;
mod chart;
mod light;
mod machine;
mod native;
mod plan;
mod process;
mod report;
mod robots;
mod row;
mod serve;
mod service;
mod turns;
mod vendor;
mod way;

use std::error::Error;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use cells::Cell;
use plan::Arguments;

/// What went wrong.
type Failed = Box<dyn Error + Send + Sync>;

/// Measures calls through Patchbay beside programs that do the same without it.
///
/// Each comparison is made in turns, several rounds of them; a ratio is the median of the rounds' ratios. Vendors are
/// processes of their own on loopback: a light one, which answers from prepared bytes, and the strict simulator. The
/// native clients use reqwest and sign each request; one parses the answer with the same `serde_json`, features
/// included, as Patchbay, the other one leaves it alone. Every answer is checked, and so is every request at the
/// vendor: a wrong one ends the run.
#[derive(Parser)]
#[command(name = "cargo bench-calls", disable_help_subcommand = true)]
struct Program {
    #[command(flatten)]
    arguments: Arguments,
    #[command(subcommand)]
    part: Option<Part>,
}

/// What this program does as a process of its own. Each part prints a line once it is ready, and ends with its standard
/// input.
#[derive(Subcommand)]
enum Part {
    /// Serves the light vendor.
    #[command(hide = true)]
    Light,
    /// Serves the strict simulator.
    #[command(hide = true)]
    Strict,
    /// Serves the vendor's robots without Patchbay.
    #[command(hide = true)]
    Service { base_url: String },
    /// Holds connections.
    #[command(hide = true)]
    Hold {
        base_url: String,
        count: usize,
        #[arg(long)]
        called: bool,
    },
}

fn main() -> ExitCode {
    let Program { arguments, part } = Program::parse();
    let done = match part {
        None => run(&arguments),
        Some(Part::Light) => light::serve(),
        Some(Part::Strict) => vendor::serve_strict(),
        Some(Part::Service { base_url }) => service::serve(&base_url),
        Some(Part::Hold {
            base_url,
            count,
            called,
        }) => cells::hold(&base_url, count, called),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("patchbay-bench: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Failed> {
    let plan = arguments.plan()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let mut rows = Vec::new();
    for cell in Cell::ALL.iter().filter(|cell| arguments.takes(cell.name)) {
        eprintln!("{}: {}", cell.name, cell.about);
        let measured = runtime.block_on((cell.measure)(&plan));
        rows.extend(measured.map_err(|error| format!("{}: {error}", cell.name))?);
    }
    let machine = machine::describe();
    println!("{}", report::text(&machine, &rows));
    if let Some(file) = &arguments.markdown {
        report::write_markdown(file, &report::markdown(&machine, &rows))?;
    }
    if let Some(file) = &arguments.svg {
        std::fs::write(file, chart::svg(&machine, &rows))
            .map_err(|error| format!("{} can't be written: {error}", file.display()))?;
    }
    Ok(())
}
