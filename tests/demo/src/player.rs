//! Runs the command line, and shows what it says.

use std::collections::BTreeMap;
use std::error::Error;
use std::process::Command;

use patchbay_simulators::Simulator;
use patchbay_simulators::vendor::Vendor;

use crate::build::{Outputs, shown};
use crate::terminal;

/// Calls on one account of a connector.
pub(crate) struct Account<'a> {
    player: &'a Player<'a>,
    connector: &'static str,
    settings: BTreeMap<&'static str, String>,
}

impl Account<'_> {
    /// The same with another setting.
    pub(crate) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.insert(name, value.to_owned());
        self
    }

    /// A call that succeeds.
    pub(crate) fn invoke(&self, operation: &str, input: &str) -> Result<(), Box<dyn Error>> {
        self.invoke_failing(operation, input, 0)
    }

    /// A call that ends with this exit code.
    pub(crate) fn invoke_failing(
        &self,
        operation: &str,
        input: &str,
        code: i32,
    ) -> Result<(), Box<dyn Error>> {
        self.run(&["invoke", self.connector, operation, "--input", input], code)
    }

    /// All pages of a list.
    pub(crate) fn invoke_all(&self, operation: &str, input: &str) -> Result<(), Box<dyn Error>> {
        self.run(
            &["invoke", self.connector, operation, "--all", "--input", input],
            0,
        )
    }

    fn run(&self, arguments: &[&str], code: i32) -> Result<(), Box<dyn Error>> {
        let settings = self.settings.iter();
        let settings: Vec<String> = settings.map(|(name, value)| format!("{name}={value}")).collect();
        let settings = settings.iter().flat_map(|setting| ["-c", setting]);
        let arguments: Vec<&str> = arguments.iter().copied().chain(settings).collect();
        self.player.run(&arguments, code).map(|_| ())
    }
}

/// Runs the command line.
pub(crate) struct Player<'a> {
    pub(crate) outputs: &'a Outputs,
}

impl Player<'_> {
    /// The account that a simulator lets in.
    pub(crate) fn account<V: Vendor>(&self, sim: &Simulator<V>) -> Account<'_> {
        Account {
            player: self,
            connector: V::ID,
            settings: sim.settings().into_iter().collect(),
        }
    }

    /// Runs a command, shows it and what it says, and insists on its exit code. Gives its standard output.
    /// Settings aren't shown: they
    /// are the same for all calls on an account, and some are secrets.
    pub(crate) fn run(&self, arguments: &[&str], code: i32) -> Result<String, Box<dyn Error>> {
        let visible = arguments
            .iter()
            .position(|argument| *argument == "-c")
            .unwrap_or(arguments.len());
        let mut line = shown(&self.outputs.host);
        for argument in &arguments[..visible] {
            line.push(' ');
            line.push_str(&quoted(argument));
        }
        if visible < arguments.len() {
            line.push_str(" -c …");
        }
        terminal::command(&line);
        let ran = Command::new(&self.outputs.host)
            .arg("--connectors")
            .arg(&self.outputs.connectors)
            .args(arguments)
            .output()?;
        let said = String::from_utf8_lossy(&ran.stdout).into_owned();
        terminal::output(&said);
        terminal::output(&String::from_utf8_lossy(&ran.stderr));
        if ran.status.code() == Some(code) {
            Ok(said)
        } else {
            Err(format!("{line} ended with {} instead of {code}", ran.status).into())
        }
    }
}

fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-._/@:".contains(c);
    if argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}
