//! Embeds the host: loads a connector, makes a connection of it, and calls it.
//!
//! ```text
//! cargo run --example embed -- CONNECTOR.wasm OPERATION INPUT KEY=VALUE...
//! ```

use std::error::Error;

use patchbay::{ConnectionOptions, Host, HostOptions, Kind};
use serde_json::Value;

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let mut next = |what: &str| arguments.next().ok_or(format!("{what} is missing"));
    let (path, operation, input) = (next("the connector")?, next("the operation")?, next("the input")?);
    let settings: Vec<(String, String)> = arguments
        .filter_map(|argument| {
            argument
                .split_once('=')
                .map(|(k, v)| (k.to_owned(), v.to_owned()))
        })
        .collect();
    println!(
        "{}",
        call(&path, &operation, &serde_json::from_str(&input)?, settings).await?
    );
    Ok(())
}

/// One call, from nothing.
///
/// # Errors
///
/// Everything that can fail, from loading to the vendor's refusal.
pub async fn call(
    path: &str,
    operation: &str,
    input: &Value,
    settings: Vec<(String, String)>,
) -> Result<Value, Box<dyn Error>> {
    // One host per process: it has the engine, the compile cache and the HTTP client.
    let host = Host::new(&HostOptions::usual())?;
    let connector = host.load(path).await?;
    // One connection per account. Cloning it is cheap; calls may run at the same time.
    let options = ConnectionOptions {
        settings: settings.into_iter().collect(),
        ..ConnectionOptions::default()
    };
    let connection = host.connect("example", connector, options)?;
    match connection.invoke(operation, input).await {
        Ok(output) => Ok(output),
        Err(error) if error.kind == Kind::Throttled => {
            Err(format!("try again in {:?} ms", error.retry_after_ms).into())
        }
        Err(error) => Err(error.into()),
    }
}
