//! A simulator of any vendor, as the command line starts it.

use std::io;
use std::pin::Pin;

use clap::{ArgMatches, Args, Command, FromArgMatches};

use crate::server::Options;
use crate::simulator::Simulator;
use crate::vendor::Vendor;

/// A running simulator of any vendor.
pub trait Running: Send + Sync {
    /// The settings of a connection to it, as [`Simulator::settings`].
    fn settings(&self) -> Vec<(&'static str, String)>;

    /// Every breach of a rule so far.
    fn violations(&self) -> Vec<String>;

    /// How many login requests arrived.
    fn logins(&self) -> u64;
}

impl<V: Vendor> Running for Simulator<V> {
    fn settings(&self) -> Vec<(&'static str, String)> {
        Simulator::settings(self)
    }

    fn violations(&self) -> Vec<String> {
        Simulator::violations(self)
    }

    fn logins(&self) -> u64 {
        Simulator::logins(self)
    }
}

type Starting = Pin<Box<dyn Future<Output = io::Result<Box<dyn Running>>> + Send>>;

/// A vendor whose simulator can be started by its name.
#[derive(Debug, Clone, Copy)]
pub struct Entry {
    /// The id of the connector that speaks to the vendor.
    pub id: &'static str,
    name: &'static str,
    arguments: fn(Command) -> Command,
    start: fn(&ArgMatches, Options) -> Starting,
}

impl Entry {
    /// The entry of a vendor.
    #[must_use]
    pub const fn of<V: Vendor>() -> Self {
        Self {
            id: V::ID,
            name: V::NAME,
            arguments: V::Setup::augment_args,
            start: start::<V>,
        }
    }

    /// The subcommand that starts it.
    #[must_use]
    pub fn command(&self) -> Command {
        (self.arguments)(Command::new(self.id)).about(self.name)
    }

    /// Starts it in the current tokio runtime, with these arguments of the command line.
    ///
    /// # Errors
    ///
    /// Where an argument isn't one of its options, and where it can't listen.
    pub async fn start_with(&self, arguments: &[&str], options: Options) -> io::Result<Box<dyn Running>> {
        let matches = self
            .command()
            .no_binary_name(true)
            .try_get_matches_from(arguments)
            .map_err(io::Error::other)?;
        self.start(&matches, options).await
    }

    /// The same. `matches` are those of [`Entry::command`].
    pub async fn start(&self, matches: &ArgMatches, options: Options) -> io::Result<Box<dyn Running>> {
        (self.start)(matches, options).await
    }
}

fn start<V: Vendor>(matches: &ArgMatches, options: Options) -> Starting {
    let setup = V::Setup::from_arg_matches(matches);
    Box::pin(async move {
        let vendor = V::new(setup.map_err(io::Error::other)?);
        let simulator = Simulator::serve(vendor, options).await?;
        Ok(Box::new(simulator) as Box<dyn Running>)
    })
}
