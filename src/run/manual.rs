//! What kmirror prints about itself: template, paths, completions, manual page.

mod manual_page;

use std::io::{self, Write};

use clap::CommandFactory;

use super::error::RunError;
use super::page;
use crate::cli::{Cli, CompletionsArgs, Format, GlobalArgs, PathsArgs};
use crate::config::ConfigPaths;
use crate::report::{ExitCode, Line};

/// Prints a text as it is.
pub(super) fn print(text: &str) -> Result<ExitCode, RunError> {
    finish(io::stdout().write_all(text.as_bytes()))
}

/// Prints where the configuration is looked for.
pub(super) fn paths(args: &PathsArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let paths = ConfigPaths::find(args.file.config.as_deref());
    let mut out = io::stdout().lock();
    if args.format.format == Format::Json {
        let text = serde_json::to_string(&paths).map_err(|error| RunError::failed(format!("write JSON: {error}")))?;
        return finish(writeln!(out, "{text}"));
    }
    let lines = paths.candidates.iter().map(|candidate| {
        let state = match (candidate.is_used, candidate.exists) {
            (true, true) => "used",
            (true, false) => "used, but missing",
            (false, true) => "exists",
            (false, false) => "missing",
        };
        format!("{:<14} {}  ({state})", candidate.place.to_string(), candidate.path.display())
    });
    let logs = paths.state_dir.iter().map(|folder| format!("{:<14} {}", "logs", folder.display()));
    let lines: Vec<Line> = lines.chain(logs).map(Line::plain).collect();
    finish(page(args.format.format, global).write(&mut out, lines))
}

/// Prints a completion script.
pub(super) fn completions(args: CompletionsArgs) -> Result<ExitCode, RunError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "kmirror", &mut script);
    finish(io::stdout().write_all(&script))
}

/// Prints the manual page: one for all commands.
pub(super) fn man() -> Result<ExitCode, RunError> {
    let mut text = Vec::new();
    let rendered = manual_page::render(&mut text);
    finish(rendered.and_then(|()| io::stdout().write_all(&text)))
}

/// A reader that has gone away has seen enough.
pub(super) fn finish(written: io::Result<()>) -> Result<ExitCode, RunError> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(RunError::failed(format!("write to stdout: {error}")))
        }
        _ => Ok(ExitCode::Done),
    }
}
