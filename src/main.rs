//! kmirror: exit code only.

use std::io::Write;
use std::process::ExitCode;

use clap::Parser;
use kmirror::cli::Cli;

fn main() -> ExitCode {
    match kmirror::run::run(Cli::parse()) {
        Ok(code) => code.into(),
        Err(error) => {
            // With stderr closed there is nobody to tell, but the exit code still says it.
            let _ = writeln!(std::io::stderr(), "error: failed to {error}");
            error.code.into()
        }
    }
}
