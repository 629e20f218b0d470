//! From arguments to what they ask for: the only place that knows configuration, Kafka, engine and report together.

mod check;
mod clusters;
mod console;
mod demo;
mod error;
mod export;
mod listing;
mod logging;
mod manual;
mod mirror;
mod offsets;
mod signals;
mod verdict;

use std::path::{Path, PathBuf};

use crate::cli::{Cli, Command, ConfigCommand, ConsoleArgs, FileArgs, FlowArgs, Format, GlobalArgs};
use crate::config::{Config, ConfigPaths, FlowConfig, TEMPLATE, nearest};
use crate::model::FlowName;
use crate::report::{self, Colour, ExitCode, Page};

pub use error::RunError;

/// Does what the command line asks for.
///
/// # Errors
/// With a message for the user, and the exit code that goes with it.
pub fn run(cli: Cli) -> Result<ExitCode, RunError> {
    let Cli { command, console, global } = cli;
    let Some(command) = command else { return console::run(&console, &global) };
    if console != ConsoleArgs::default() {
        return Err(RunError::usage(
            "use options before a command: they are for the console; write them behind it, as in `kmirror run -c FILE`",
        ));
    }
    match command {
        Command::Run(args) => mirror::run(&args, &global),
        Command::Topics(args) => listing::topics(&args, &global),
        Command::Lag(args) => listing::lag(&args, &global),
        Command::Offsets(command) => offsets::run(&command, &global),
        Command::Check(args) => check::run(&args, &global),
        Command::Export(args) => export::run(&args, &global),
        Command::Demo(args) => demo::run(&args, &global),
        Command::Config(ConfigCommand::Template) => manual::print(TEMPLATE),
        Command::Paths(args) => manual::paths(&args, &global),
        Command::Completions(args) => manual::completions(args),
        Command::Man => manual::man(),
    }
}

/// The file of the configuration that is meant.
fn config_path(file: &FileArgs) -> Result<PathBuf, RunError> {
    let paths = ConfigPaths::find(file.config.as_deref());
    let places = || paths.candidates.iter().map(|place| format!("  {}", place.path.display())).collect::<Vec<_>>();
    paths.used().map(Path::to_owned).ok_or_else(|| {
        RunError::usage(format!(
            "find a configuration: none of these files exists\n{}\nwrite one with `kmirror config template > kmirror.toml`, \
             or name two clusters: `kmirror run --source HOST:PORT --target HOST:PORT --include REGEX`",
            places().join("\n")
        ))
    })
}

/// Reads the configuration that is meant, and prints what is doubtful about it.
fn load_config(file: &FileArgs) -> Result<Config, RunError> {
    let config = Config::load(&config_path(file)?).map_err(|error| RunError::usage(format!("use {error}")))?;
    for warning in &config.warnings {
        error::warn(&warning.to_string());
    }
    Ok(config)
}

/// The flows that are meant: those named, or all.
fn chosen_flows(config: &Config, wanted: &FlowArgs) -> Result<Vec<(FlowName, FlowConfig)>, RunError> {
    if let Some(unknown) = wanted.flows.iter().find(|name| !config.flows.contains_key(*name)) {
        let known: Vec<&str> = config.flows.keys().map(FlowName::as_str).collect();
        return Err(RunError::usage(format!(
            "find flow `{unknown}`: the configuration has {}",
            listed(unknown.as_str(), &known)
        )));
    }
    let is_wanted = |name: &FlowName| wanted.flows.is_empty() || wanted.flows.contains(name);
    let chosen = config.flows.iter().filter(|(name, _)| is_wanted(name)).map(|(name, flow)| {
        let mut flow = flow.clone();
        // One that is not run does no harm.
        flow.neighbours.retain(|other| is_wanted(&other.name));
        (name.clone(), flow)
    });
    Ok(chosen.collect())
}

/// The names there are, and the one that may have been meant.
fn listed(unknown: &str, known: &[&str]) -> String {
    let names = if known.is_empty() { "none".to_owned() } else { known.join(", ") };
    match nearest(unknown, known.iter().copied()) {
        Some(near) => format!("{names}; did you mean `{near}`?"),
        None => names,
    }
}

/// How lists are printed.
fn page(format: Format, global: &GlobalArgs) -> Page {
    let format = match format {
        Format::Text => report::Format::Text,
        Format::Json => report::Format::Json,
    };
    Page { format, width: logging::terminal_width(), colour: colour(global) }
}

/// Colours only on a terminal, and only if nobody minds.
fn colour(global: &GlobalArgs) -> Colour {
    let is_unwanted = global.no_color || std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    if logging::is_terminal() && !is_unwanted { Colour::Always } else { Colour::Never }
}

/// The options that lead to the same configuration again, for commands that are proposed.
fn config_options(file: &FileArgs) -> String {
    file.config.as_deref().map(|path: &Path| report::option("-c", &path.to_string_lossy())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use clap::Parser;

    use super::*;
    use crate::report::{Access, ShellCommand};

    #[test]
    fn a_file_whose_name_a_shell_would_take_apart_is_proposed_in_quotes() {
        let options = |file: &str| config_options(&FileArgs { config: Some(file.into()) });
        assert_eq!(options("my file.toml"), "-c 'my file.toml'");
        assert_eq!(options("-x.toml"), "-c=-x.toml");
        assert_eq!(config_options(&FileArgs { config: None }), "");
    }

    #[test]
    fn commands_that_are_proposed_are_commands() {
        let flow = FlowName::from("-x");
        let commands = [
            ShellCommand::Run(Some(flow.clone())),
            ShellCommand::Check(Some(flow.clone())),
            ShellCommand::Lag(None),
            ShellCommand::Topics { cluster: "-eu".into(), has_internal: true },
            ShellCommand::OffsetsShow(flow.clone()),
            ShellCommand::Export { flow: Some(flow.clone()), more: "--secrets file --with-progress -o x.toml".into() },
            ShellCommand::OffsetsSet { flow, positions: vec!["-t:0=5".into(), "*=-2h".into()] },
        ];
        for command in commands {
            let written = command.written(&Access::File, "-c=-f.toml").expect("there is one");
            let words = written.split(' ').map(|word| word.trim_matches('\''));
            let written = words.collect::<Vec<_>>().join(" ");
            Cli::try_parse_from(written.split(' ')).unwrap_or_else(|error| panic!("{written}: {error}"));
        }
    }
}
