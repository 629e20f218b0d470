//! Arguments as typed. Types and help texts only: what they mean together is decided by `run.rs`.

mod decision;
mod export;
mod help;
mod offsets;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};

pub use decision::{Adopt, MirrorNew, ParseDecisionError, ResumeAt, SkipRecord};
pub use export::{ExportArgs, ExportForm, SecretsForm};
use help::{
    ABOUT, AFTER_HELP, CHANGING, CHECK_HELP, CHECKING, COMPLETIONS_HELP, DEMO_HELP, EXPORT_HELP, EXPORTING, LAG_HELP,
    LONG_ABOUT, LOOKING, MAN_HELP, OFFSETS_HELP, PATHS_HELP, RUN_HELP, TEMPLATE_HELP, TOPICS_HELP, with_exit_codes,
};
pub use offsets::{
    ChangeArgs, OffsetsCommand, OffsetsRestoreArgs, OffsetsSaveArgs, OffsetsSetArgs, OffsetsShowArgs,
    ParsePositionError, PositionArg,
};

use crate::config::Endpoints;
use crate::model::{ClusterName, FlowName, StartPosition, parse_duration_ms};
use crate::report::ExitCode;

/// kmirror's command line.
#[derive(Clone, Debug, Parser)]
#[command(name = "kmirror", version, about = ABOUT, long_about = LONG_ABOUT)]
#[command(after_long_help = with_exit_codes(AFTER_HELP, &ExitCode::ALL))]
#[command(propagate_version = true, max_term_width = 100)]
pub struct Cli {
    /// What to do; without a command the console opens.
    #[command(subcommand)]
    pub command: Option<Command>,
    /// What the console shows, and how.
    #[command(flatten)]
    pub console: ConsoleArgs,
    /// What goes with every command.
    #[command(flatten)]
    pub global: GlobalArgs,
}

/// What the console shows, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
#[command(next_help_heading = "The console")]
pub struct ConsoleArgs {
    /// The configuration file; without it KMIRROR_CONFIG, then the places `kmirror paths` lists
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The cluster to read, host:port[,host:port...], instead of a configuration
    #[arg(long, value_name = "SERVERS", requires = "target", conflicts_with = "config")]
    pub source: Option<String>,
    /// The cluster to write
    #[arg(long, value_name = "SERVERS", requires = "source")]
    pub target: Option<String>,
    /// Topics to mirror between them, a regular expression for the whole name; can be repeated
    #[arg(long, value_name = "REGEX", requires = "source")]
    pub include: Vec<String>,
    /// How it looks.
    #[command(flatten)]
    pub look: LookArgs,
}

/// How the console looks, and what it may do.
#[derive(Clone, Debug, Default, PartialEq, Eq, Args)]
pub struct LookArgs {
    /// Only look: nothing can be started, stopped or changed
    #[arg(long)]
    pub read_only: bool,
    /// A theme by name, or its file; `T` shows them all
    #[arg(long, value_name = "THEME")]
    pub theme: Option<String>,
    /// Draw with ASCII characters only
    #[arg(long)]
    pub ascii: bool,
}

/// What goes with every command.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Options of every command")]
pub struct GlobalArgs {
    /// What to log: error, warn, info, debug or trace, or a filter such as `info,kmirror::engine=debug`
    #[arg(long, global = true, value_name = "LEVEL", env = "KMIRROR_LOG", default_value = "info")]
    pub log_level: String,
    /// Keep the log files in this folder instead of the state folder (see `kmirror paths`)
    #[arg(long, global = true, value_name = "FOLDER", env = "KMIRROR_LOG_DIR")]
    pub log_dir: Option<PathBuf>,
    /// Print no colors; setting NO_COLOR does the same
    #[arg(long, global = true)]
    pub no_color: bool,
}

/// What to do.
#[derive(Clone, Debug, Subcommand)]
pub enum Command {
    /// Mirror: run the flows of a configuration, or one between two given clusters
    #[command(after_long_help = with_exit_codes(RUN_HELP, &ExitCode::ALL))]
    Run(Box<RunArgs>),
    /// Say what the flows would do, topic by topic, and what would stop them; changes nothing
    #[command(after_long_help = with_exit_codes(CHECK_HELP, CHECKING))]
    Check(CheckArgs),
    /// List a cluster's topics
    #[command(after_long_help = with_exit_codes(TOPICS_HELP, LOOKING))]
    Topics(TopicsArgs),
    /// Show how far behind the flows are, running or not
    #[command(after_long_help = with_exit_codes(LAG_HELP, LOOKING))]
    Lag(LagArgs),
    /// Show, set, save and restore where a flow stands in its source's partitions
    #[command(subcommand, arg_required_else_help = true)]
    #[command(after_long_help = with_exit_codes(OFFSETS_HELP, CHANGING))]
    Offsets(OffsetsCommand),
    /// Write the configuration for another place: a file, a service, a pod; without any secret
    #[command(after_long_help = with_exit_codes(EXPORT_HELP, EXPORTING))]
    Export(ExportArgs),
    /// Help with configurations
    #[command(subcommand, arg_required_else_help = true)]
    Config(ConfigCommand),
    /// Print where the configuration is looked for, which is used, and where logs go
    #[command(after_long_help = PATHS_HELP)]
    Paths(PathsArgs),
    /// Try it without a cluster: two small ones start inside, with live topics and a flow between them
    #[command(after_long_help = DEMO_HELP)]
    Demo(DemoArgs),
    /// Print a completion script for a shell
    #[command(after_long_help = COMPLETIONS_HELP)]
    Completions(CompletionsArgs),
    /// Print the manual page
    #[command(after_long_help = MAN_HELP)]
    Man,
}

/// Which configuration.
#[derive(Clone, Debug, Args)]
pub struct FileArgs {
    /// The configuration file; without it KMIRROR_CONFIG, then the places `kmirror paths` lists
    #[arg(short, long, value_name = "FILE")]
    pub config: Option<PathBuf>,
}

/// Which flows of the configuration.
#[derive(Clone, Debug, Args)]
pub struct FlowArgs {
    /// Only this flow; can be repeated
    #[arg(long = "flow", value_name = "NAME")]
    pub flows: Vec<FlowName>,
}

/// How to print.
#[derive(Clone, Copy, Debug, Args)]
pub struct FormatArgs {
    /// For people, or one JSON object per line for programs
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub format: Format,
}

/// A form of output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Text,
    /// One JSON object per line.
    Json,
}

/// The arguments of `kmirror run`.
#[derive(Clone, Debug, Args)]
pub struct RunArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which flows.
    #[command(flatten)]
    pub flow: FlowArgs,
    /// How to print.
    #[command(flatten)]
    pub format: FormatArgs,
    /// End as soon as every flow has copied all there is
    #[arg(long)]
    pub until_caught_up: bool,
    /// Serve Prometheus metrics at this address, such as 127.0.0.1:9400
    #[arg(long, value_name = "ADDRESS")]
    pub metrics: Option<SocketAddr>,
    /// How long the end may take: what is on its way is delivered and committed
    #[arg(long, value_name = "DURATION", value_parser = parse_duration, default_value = "30s")]
    pub drain_timeout: Duration,
    // Last, for their help headings would take in what follows them.
    /// Or neither file nor flows.
    #[command(flatten)]
    pub endpoints: EndpointArgs,
    /// Decisions about blocked lanes.
    #[command(flatten)]
    pub decisions: DecisionArgs,
}

/// Two clusters instead of a configuration.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Without a configuration file")]
pub struct EndpointArgs {
    /// The cluster to read, host:port[,host:port...]
    #[arg(long, value_name = "SERVERS", requires_all = ["target", "include"], conflicts_with_all = ["config", "flows"])]
    pub source: Option<String>,
    /// The cluster to write
    #[arg(long, value_name = "SERVERS", requires = "source")]
    pub target: Option<String>,
    /// Topics to mirror, a regular expression for the whole name; can be repeated
    #[arg(long, value_name = "REGEX", requires = "source")]
    pub include: Vec<String>,
    /// Topics to leave out, after all; can be repeated
    #[arg(long, value_name = "REGEX", requires = "source")]
    pub exclude: Vec<String>,
    /// Where to begin: earliest, latest, an offset, a time, `-2h`, `last 1000` or group:NAME
    #[arg(long, value_name = "POSITION", requires = "source", allow_hyphen_values = true)]
    pub start: Option<StartPosition>,
    /// Put this in front of the topics' names on the target, such as `dc-a.`
    #[arg(long, value_name = "PREFIX", requires = "source")]
    pub rename_prefix: Option<String>,
    /// Name the flow; its progress is kept in the group kmirror.NAME
    #[arg(long, value_name = "NAME", requires = "source")]
    pub name: Option<String>,
}

impl EndpointArgs {
    /// What makes a configuration of them, if they are given.
    pub fn given(&self) -> Option<Endpoints> {
        Some(Endpoints {
            source: self.source.clone()?,
            target: self.target.clone()?,
            include: self.include.clone(),
            exclude: self.exclude.clone(),
            start: self.start.clone(),
            rename_prefix: self.rename_prefix.clone(),
            name: self.name.clone(),
        })
    }
}

/// Decisions about what is blocked, given at the start.
#[derive(Clone, Debug, Args)]
#[command(next_help_heading = "Decisions about what is blocked")]
pub struct DecisionArgs {
    /// Resume a blocked topic or partition there: FLOW:TOPIC[:PARTITION]=POSITION; can be repeated
    #[arg(long, value_name = "WHERE=POSITION")]
    pub resume_at: Vec<ResumeAt>,
    /// Take over the progress of another flow for all partitions that have none: FLOW=GROUP, or FLOW=NAME of the other
    /// flow, which must have been stopped
    #[arg(long, value_name = "FLOW=OTHER")]
    pub adopt: Vec<Adopt>,
    /// Mirror a topic from its beginning although it is new since the flow began, and `new_topics` keeps it from that:
    /// FLOW:TOPIC; can be repeated
    #[arg(long, value_name = "FLOW:TOPIC")]
    pub mirror_new: Vec<MirrorNew>,
    /// Leave out one record that the target refuses: FLOW:TOPIC:PARTITION@OFFSET; needs --yes; can be repeated
    #[arg(long, value_name = "RECORD", requires = "yes")]
    pub skip_record: Vec<SkipRecord>,
    /// Yes, these records shall be missing on the target
    #[arg(long, action = ArgAction::SetTrue)]
    pub yes: bool,
}

/// The arguments of `kmirror check`.
#[derive(Clone, Debug, Args)]
pub struct CheckArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which flows.
    #[command(flatten)]
    pub flow: FlowArgs,
    /// How to print.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `kmirror topics`.
#[derive(Clone, Debug, Args)]
pub struct TopicsArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// The cluster, as the configuration names it
    #[arg(value_name = "CLUSTER")]
    pub cluster: ClusterName,
    /// Internal topics too
    #[arg(long)]
    pub internal: bool,
    /// How to print.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `kmirror lag`.
#[derive(Clone, Debug, Args)]
pub struct LagArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// Which flows.
    #[command(flatten)]
    pub flow: FlowArgs,
    /// How to print.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// Help with configurations.
#[derive(Clone, Copy, Debug, Subcommand)]
pub enum ConfigCommand {
    /// Print a configuration to start from: every key, its default and what it is for
    #[command(after_long_help = TEMPLATE_HELP)]
    Template,
}

/// The arguments of `kmirror paths`.
#[derive(Clone, Debug, Args)]
pub struct PathsArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// How to print.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `kmirror demo`.
#[derive(Clone, Debug, Args)]
pub struct DemoArgs {
    /// End after this long instead of at Ctrl-C
    #[arg(long, value_name = "DURATION", value_parser = parse_duration)]
    pub duration: Option<Duration>,
    /// How to print without the console.
    #[command(flatten)]
    pub format: FormatArgs,
    /// How the console looks.
    #[command(flatten)]
    pub look: LookArgs,
}

/// The arguments of `kmirror completions`.
#[derive(Clone, Copy, Debug, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

fn parse_duration(text: &str) -> Result<Duration, String> {
    let expected = "expected a duration with its unit (d, h, m, s, ms), such as 30s";
    let ms = parse_duration_ms(text).map_err(|error| format!("{error}; {expected}"))?;
    u64::try_from(ms).map(Duration::from_millis).map_err(|_| expected.to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    fn run(args: &[&str]) -> Result<Box<RunArgs>, String> {
        let parsed = Cli::try_parse_from(["kmirror", "run"].iter().chain(args));
        match parsed.map_err(|error| error.to_string())?.command {
            Some(Command::Run(args)) => Ok(args),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_definition_is_sound() {
        Cli::command().debug_assert();
    }

    #[test]
    fn two_clusters_replace_a_file() {
        let args = ["--source", "a:1", "--target", "b:1", "--include", "x", "--include", "y", "--start", "-2h"];
        let endpoints = run(&args).expect("valid").endpoints.given().expect("given");
        assert_eq!(endpoints.include, ["x", "y"]);
        assert_eq!(endpoints.start, Some(StartPosition::Ago { ms: 7_200_000 }));
        assert!(run(&[]).expect("valid").endpoints.given().is_none());
        assert!(run(&["--source", "a:1"]).is_err());
        assert!(run(&["--target", "b:1"]).is_err());
        assert!(run(&["-c", "f", "--source", "a:1", "--target", "b:1", "--include", "x"]).is_err());
    }

    #[test]
    fn decisions_are_read() {
        let args = ["--resume-at", "f:eu.x:3=group:a=b", "--resume-at", "f:x=-2h"];
        let decisions = run(&args).expect("valid").decisions.resume_at;
        let position = StartPosition::Group("a=b".into());
        let expected = ResumeAt { flow: "f".into(), topic: "eu.x".into(), partition: Some(3), position };
        assert_eq!(decisions[0], expected);
        assert_eq!(decisions[1].partition, None);
        let skip = run(&["--skip-record", "f:x:0@5", "--yes"]).expect("valid").decisions.skip_record;
        assert_eq!(skip, [SkipRecord { flow: "f".into(), topic: "x".into(), partition: 0, offset: 5 }]);
        let adopt = run(&["--adopt", "f=kmirror.old"]).expect("valid").decisions.adopt;
        assert_eq!(adopt, [Adopt { flow: "f".into(), from: "kmirror.old".into() }]);
        assert!(run(&["--skip-record", "f:x:0@5"]).expect_err("unconfirmed").contains("--yes"));
    }

    #[test]
    fn exit_codes_are_told_in_the_words_of_their_table() {
        let mut command = Cli::command();
        let mut helps = vec![command.get_after_long_help().map(ToString::to_string).unwrap_or_default()];
        helps
            .extend(command.get_subcommands_mut().filter_map(|one| one.get_after_long_help().map(ToString::to_string)));
        let told: Vec<&String> = helps.iter().filter(|help| help.contains("Exit codes:")).collect();
        assert_eq!(told.len(), 7, "the whole, and what can end in more than one way");
        for help in told {
            let codes = help.split("Exit codes:\n").nth(1).unwrap_or_default().lines();
            for line in codes {
                let (code, meaning) = line.trim().split_once(' ').expect("a code and what it means");
                let known = ExitCode::ALL.into_iter().find(|known| (*known as u8).to_string() == code);
                assert_eq!(known.map(ExitCode::meaning), Some(meaning.trim()), "{line}");
            }
        }
    }

    #[test]
    fn every_command_teaches_with_examples() {
        for command in Cli::command().get_subcommands().filter(|command| command.get_name() != "config") {
            for taught in std::iter::once(command).chain(command.get_subcommands()) {
                let help = taught.get_after_long_help().map(ToString::to_string).unwrap_or_default();
                assert!(help.contains("Examples:"), "{}", taught.get_name());
            }
        }
    }
}
