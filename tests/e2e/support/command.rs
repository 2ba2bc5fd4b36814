//! The command line, as a process.

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

use serde_json::Value;

use super::cache;

/// What a process left behind.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

impl Ran {
    /// Standard output as JSON.
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    /// The error object on the last line of standard error.
    pub(crate) fn error(&self) -> Value {
        let last = self.stderr.lines().last().unwrap_or_default();
        let object: Value = serde_json::from_str(last).unwrap_or_else(|error| panic!("{error} in {self:#?}"));
        object["error"].clone()
    }
}

/// The command line, as cargo has built it for this run.
pub(crate) fn program() -> &'static Path {
    Path::new(env!("CARGO_BIN_EXE_patchbay-under-test"))
}

/// Runs `patchbay` with these arguments.
pub(crate) fn patchbay(arguments: &[&str]) -> Ran {
    patchbay_in(arguments, |_| {})
}

/// The same, in another folder or environment.
pub(crate) fn patchbay_in(arguments: &[&str], prepare: impl FnOnce(&mut Command)) -> Ran {
    let mut command = Command::new(program());
    command
        .args(arguments)
        .env("PATCHBAY_CACHE", cache())
        .env("RUST_BACKTRACE", "0")
        .env_remove("RUST_LOG")
        .stdin(Stdio::null());
    prepare(&mut command);
    let output = command.output().unwrap();
    Ran {
        code: output.status.code().unwrap(),
        stdout: String::from_utf8(output.stdout).unwrap(),
        stderr: String::from_utf8(output.stderr).unwrap(),
    }
}

/// Runs an operation of the guest that misbehaves, with these settings and this environment.
pub(crate) fn invoke_guest(
    operation: &str,
    input: &Value,
    settings: &[(&str, &str)],
    environment: &[(&str, &str)],
) -> Ran {
    let guest = patchbay_artifacts::guest("misbehaving");
    let (folder, input) = (guest.parent().unwrap().to_str().unwrap(), input.to_string());
    let mut arguments = vec!["--connectors", folder, "invoke", "misbehaving", operation];
    arguments.extend(["--input", &input]);
    let settings: Vec<String> = settings
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    arguments.extend(settings.iter().flat_map(|setting| ["-c", setting]));
    patchbay_in(&arguments, |command| {
        command.envs(environment.iter().copied());
    })
}

/// A folder with the connectors under their ids, as a build leaves them.
static CONNECTORS: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("connectors");
    std::fs::create_dir_all(&folder).unwrap();
    for (id, path) in patchbay_artifacts::connectors() {
        let to = folder.join(format!("{id}.wasm"));
        let new = std::fs::read(path).unwrap();
        if std::fs::read(&to).ok().as_ref() != Some(&new) {
            // Written beside and moved: another run of the suite may read it.
            let beside = folder.join(format!("{id}.{}.new", std::process::id()));
            std::fs::write(&beside, new).unwrap();
            std::fs::rename(beside, to).unwrap();
        }
    }
    folder
});

/// The same, with every connector.
pub(crate) fn with_connectors(arguments: &[&str]) -> Ran {
    let mut all = vec!["--connectors", CONNECTORS.to_str().unwrap()];
    all.extend_from_slice(arguments);
    patchbay(&all)
}
