//! How much is measured.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use clap::builder::PossibleValuesParser;

use crate::Failed;
use crate::cells::Cell;

/// The command line.
#[derive(Args)]
pub(crate) struct Arguments {
    /// Measure only this; may be repeated
    #[arg(long, value_name = "NAME", value_parser = PossibleValuesParser::new(Cell::ALL.iter().map(|cell| cell.name)))]
    only: Vec<String>,
    /// How long a turn takes, in seconds
    #[arg(long, default_value_t = 0.6)]
    seconds: f64,
    /// How often each side has its turn
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// Run each part for a moment, to see that it works; the figures mean nothing
    #[arg(long)]
    smoke: bool,
    /// The host's program, in place of the released one, which is built where it is needed
    #[arg(long, value_name = "PROGRAM")]
    host: Option<PathBuf>,
    /// Write the table as Markdown, between the lines `<!-- bench-calls -->` and `<!-- /bench-calls -->` of the file
    /// where it has them
    #[arg(long, value_name = "FILE")]
    pub(crate) markdown: Option<PathBuf>,
    /// Write the chart of the ratios
    #[arg(long, value_name = "FILE")]
    pub(crate) svg: Option<PathBuf>,
}

impl Arguments {
    /// Whether a cell is to be measured.
    pub(crate) fn takes(&self, cell: &str) -> bool {
        self.only.is_empty() || self.only.iter().any(|only| only == cell)
    }

    /// What they ask for. Builds the host's program where a cell needs it.
    pub(crate) fn plan(&self) -> Result<Plan, Failed> {
        if !(0.01..=60.0).contains(&self.seconds) || !(1..=100).contains(&self.rounds) {
            return Err("--seconds takes 0.01 to 60, --rounds 1 to 100".into());
        }
        let host = match &self.host {
            Some(host) => host.clone(),
            None if Cell::ALL
                .iter()
                .any(|cell| cell.needs_host && self.takes(cell.name)) =>
            {
                patchbay_artifacts::release_host()?
            }
            None => PathBuf::new(),
        };
        let turn = Duration::from_secs_f64(self.seconds);
        Ok(if self.smoke {
            Plan {
                turn: Duration::from_millis(20),
                rounds: 1,
                at_a_time: vec![1, 8],
                connections: 20,
                repetitions: 2,
                host,
            }
        } else {
            Plan {
                turn,
                rounds: self.rounds,
                at_a_time: vec![1, 8, 32],
                connections: 1000,
                repetitions: self.rounds * 6,
                host,
            }
        })
    }
}

/// How much is measured.
pub(crate) struct Plan {
    /// How long a turn takes.
    pub(crate) turn: Duration,
    /// How often each side has its turn.
    pub(crate) rounds: usize,
    /// Calls at the same time.
    pub(crate) at_a_time: Vec<usize>,
    /// How many connections are many.
    pub(crate) connections: usize,
    /// How often what is measured by itself is repeated.
    pub(crate) repetitions: usize,
    /// The host's program.
    pub(crate) host: PathBuf,
}

impl Plan {
    /// The calls at the same time of which a table shows calls per second and CPU time.
    pub(crate) const SHOWN: usize = 8;
}
