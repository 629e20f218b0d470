//! The arguments of `kmirror offsets`.

use std::path::PathBuf;
use std::str::FromStr;

use clap::{Args, Subcommand};

use super::help::LOOKING;
use super::help::{
    CHANGING, OFFSETS_RESTORE_HELP, OFFSETS_SAVE_HELP, OFFSETS_SET_HELP, OFFSETS_SHOW_HELP, with_exit_codes,
};
use super::{FileArgs, FormatArgs};
use crate::model::{EditPosition, FlowName, TopicName, excerpt, legal_topic_name};

/// What to do with positions.
#[derive(Clone, Debug, Subcommand)]
pub enum OffsetsCommand {
    /// Show where a flow stands in every partition, and who is in its group
    #[command(after_long_help = with_exit_codes(OFFSETS_SHOW_HELP, LOOKING))]
    Show(OffsetsShowArgs),
    /// Set where partitions go on
    #[command(after_long_help = with_exit_codes(OFFSETS_SET_HELP, CHANGING))]
    Set(OffsetsSetArgs),
    /// Write the positions of a flow to a file
    #[command(after_long_help = with_exit_codes(OFFSETS_SAVE_HELP, LOOKING))]
    Save(OffsetsSaveArgs),
    /// Set positions as a file has them
    #[command(after_long_help = with_exit_codes(OFFSETS_RESTORE_HELP, CHANGING))]
    Restore(OffsetsRestoreArgs),
}

/// The arguments of `kmirror offsets show`.
#[derive(Clone, Debug, Args)]
pub struct OffsetsShowArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// The flow
    #[arg(value_name = "FLOW")]
    pub flow: FlowName,
    /// How to print.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// The arguments of `kmirror offsets set`.
#[derive(Clone, Debug, Args)]
pub struct OffsetsSetArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// The flow
    #[arg(value_name = "FLOW")]
    pub flow: FlowName,
    /// Where partitions go on; without a partition all of the topic, for `*` all of the flow. The last that means a
    /// partition counts
    #[arg(value_name = "TOPIC[:PARTITION]=POSITION", required = true)]
    pub positions: Vec<PositionArg>,
    /// How to confirm, and what to print.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// The arguments of `kmirror offsets save`.
#[derive(Clone, Debug, Args)]
pub struct OffsetsSaveArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// The flow
    #[arg(value_name = "FLOW")]
    pub flow: FlowName,
    /// The file to write; without it a new one in the state folder
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The arguments of `kmirror offsets restore`.
#[derive(Clone, Debug, Args)]
pub struct OffsetsRestoreArgs {
    /// Which configuration.
    #[command(flatten)]
    pub file: FileArgs,
    /// The flow
    #[arg(value_name = "FLOW")]
    pub flow: FlowName,
    /// The file, as `kmirror offsets save` and `set` write it
    #[arg(value_name = "SAVED")]
    pub saved: PathBuf,
    /// How to confirm, and what to print.
    #[command(flatten)]
    pub change: ChangeArgs,
}

/// How positions are set.
#[derive(Clone, Copy, Debug, Args)]
pub struct ChangeArgs {
    /// Do not ask
    #[arg(long)]
    pub yes: bool,
    /// Only show what would be set
    #[arg(long, conflicts_with = "yes")]
    pub dry_run: bool,
    /// How to print.
    #[command(flatten)]
    pub format: FormatArgs,
}

/// `TOPIC[:PARTITION]=POSITION`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PositionArg {
    /// The source topic; `None` means all of the flow.
    pub topic: Option<TopicName>,
    /// Its partition; `None` means all.
    pub partition: Option<i32>,
    /// Where to go on.
    pub at: EditPosition,
}

impl FromStr for PositionArg {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let wrong = |problem: String| ParsePositionError { text: excerpt(text), problem };
        // At the first: a position may hold more of them.
        let (place, at) = text.split_once('=').ok_or_else(|| wrong("has no `=`".to_owned()))?;
        let (topic, partition) = match place.split_once(':') {
            Some((topic, partition)) => (topic, Some(partition)),
            None => (place, None),
        };
        let partition = match partition {
            Some(number) => {
                let is_number = number.bytes().all(|byte| byte.is_ascii_digit());
                let number = is_number.then(|| number.parse().ok()).flatten();
                Some(number.ok_or_else(|| wrong("has no partition from 0 to 2147483647".to_owned()))?)
            }
            None => None,
        };
        let topic = match topic {
            "*" => None,
            topic => {
                legal_topic_name(topic).map_err(|problem| wrong(format!("names no topic: its name {problem}")))?;
                Some(topic.into())
            }
        };
        let at = at.parse().map_err(|error| wrong(format!("has no position: {error}")))?;
        Ok(Self { topic, partition, at })
    }
}

/// A position that cannot be understood.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` {problem}; expected TOPIC[:PARTITION]=POSITION, such as orders:3=earliest")]
pub struct ParsePositionError {
    text: String,
    problem: String,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::StartPosition;

    #[test]
    fn places_and_positions_are_read() {
        let parsed = |text: &str| {
            let arg: PositionArg = text.parse().expect(text);
            (arg.topic.map(|topic| topic.to_string()), arg.partition, arg.at.to_string())
        };
        assert_eq!(parsed("eu.orders:3=-2h"), (Some("eu.orders".into()), Some(3), "-2h".into()));
        assert_eq!(parsed("orders=group:a=b"), (Some("orders".into()), None, "group:a=b".into()));
        assert_eq!(parsed("*=+500"), (None, None, "+500".into()));
        assert_eq!(parsed("*:0=last 10k"), (None, Some(0), StartPosition::Last(10_000).to_string()));
    }

    #[test]
    fn what_is_no_position_says_why() {
        let problem = |text: &str| text.parse::<PositionArg>().expect_err(text).problem;
        assert_eq!(problem("orders"), "has no `=`");
        assert_eq!(problem("orders:x=1"), "has no partition from 0 to 2147483647");
        assert_eq!(problem("a b=1"), "names no topic: its name holds ` `, and Kafka allows a-z A-Z 0-9 . _ -");
        assert!(problem("orders=soon").starts_with("has no position: position `soon` is not understood"));
    }
}
