//! The command line: `patchbay`.

use std::process::ExitCode;

fn main() -> ExitCode {
    patchbay_cli::main()
}
