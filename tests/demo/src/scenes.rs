//! What is shown, in order.

use std::error::Error;
use std::process::Command;

use patchbay_simulators::isearch_rpa;

use crate::build::{Outputs, shown};
use crate::terminal;

/// Starts the simulators and plays everything against them.
pub(crate) async fn play(outputs: &Outputs) -> Result<(), Box<dyn Error>> {
    let player = Player { outputs };
    terminal::heading("What there is");
    player.run(&["list"], 0)?;
    terminal::caption("One operation, as a caller sees it:");
    player.run(&["describe", "isearch-rpa", "robot.update"], 0)?;
    isearch_rpa(&player).await
}

async fn isearch_rpa(player: &Player<'_>) -> Result<(), Box<dyn Error>> {
    let sim = isearch_rpa::Simulator::start().await?;
    terminal::heading(&format!("i-Search iS-RPA, simulated at {}", sim.base_url()));
    let account = Account {
        player,
        connector: "isearch-rpa",
        settings: vec![
            format!("base_url={}", sim.base_url()),
            format!("access_key={}", sim.access_key()),
            format!("secret_key={}", sim.secret_key()),
        ],
    };
    terminal::caption("Every call is signed; its login is the connector's business:");
    account.invoke("robot.list", r#"{"page":1,"size":1}"#, 0)?;
    terminal::caption("A change, and what it changed:");
    account.invoke(
        "robot.update",
        r#"{"id":"101","robotAlias":"财务一号 +/=~*%&?#"}"#,
        0,
    )?;
    account.invoke("robot.get", r#"{"id":"101"}"#, 0)?;
    terminal::caption("A queue: what goes in comes out once:");
    let item = r#"{"queueName":"RPA_small","priority":"high","deadline":"2030-01-01 00:00:00","keys":[{"key":"invoice","value":"7"}]}"#;
    account.invoke("queue-item.create", item, 0)?;
    account.invoke("queue-item.pop", r#"{"queueName":"RPA_small"}"#, 0)?;
    account.invoke("queue-item.pop", r#"{"queueName":"RPA_small"}"#, 0)?;
    terminal::caption("A file, in Base64:");
    account.invoke(
        "file.upload",
        r#"{"fileName":"你好.txt","content":"5L2g5aW9","userId":1}"#,
        0,
    )?;
    account.invoke("file.download", r#"{"fileName":"你好.txt","userId":1}"#, 0)?;
    terminal::caption("A mistake is found before anything is sent (exit code 3):");
    account.invoke("robot.list", r#"{"page":1,"size":"ten"}"#, 3)?;
    terminal::caption("The vendor says no (exit code 4):");
    account.invoke("asset.delete", r#"{"assetName":"no such variable"}"#, 4)?;
    if !sim.violations().is_empty() {
        return Err(format!("the simulator saw rules broken: {:?}", sim.violations()).into());
    }
    Ok(())
}

/// Calls on one account.
struct Account<'a> {
    player: &'a Player<'a>,
    connector: &'a str,
    settings: Vec<String>,
}

impl Account<'_> {
    fn invoke(&self, operation: &str, input: &str, expected: i32) -> Result<(), Box<dyn Error>> {
        let mut arguments = vec!["invoke", self.connector, operation];
        for setting in &self.settings {
            arguments.extend_from_slice(&["-c", setting]);
        }
        arguments.extend_from_slice(&["--input", input]);
        self.player.run(&arguments, expected)
    }
}

struct Player<'a> {
    outputs: &'a Outputs,
}

impl Player<'_> {
    /// Runs the command line, shows what it says, and insists on how it ends.
    fn run(&self, arguments: &[&str], expected: i32) -> Result<(), Box<dyn Error>> {
        let mut line = shown(&self.outputs.host);
        let mut settings = 0;
        for (index, argument) in arguments.iter().enumerate() {
            if *argument == "-c" || index > 0 && arguments[index - 1] == "-c" {
                settings += 1;
                continue;
            }
            line.push(' ');
            line.push_str(&quoted(argument));
        }
        if settings > 0 {
            line.push_str(" -c …");
        }
        terminal::command(&line);
        let ran = Command::new(&self.outputs.host)
            .arg("--connectors")
            .arg(&self.outputs.connectors)
            .args(arguments)
            .output()?;
        terminal::output(&String::from_utf8_lossy(&ran.stdout));
        terminal::output(&String::from_utf8_lossy(&ran.stderr));
        match ran.status.code() {
            Some(code) if code == expected => Ok(()),
            code => Err(format!("{line} ended with {code:?} instead of {expected}").into()),
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
