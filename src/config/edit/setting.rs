//! The single settings of a flow, as an editor lists them: their keys, how each is written, what is in force.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use toml_edit::Value;

use crate::config::flow::{FlowConfig, GroupProtocol, NewTopics, TargetNotEmpty};
use crate::config::quantity::shown_size;
use crate::model::DurationMs;

/// A setting of a flow that is one value, not a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowSetting {
    /// Where to begin in a partition without progress.
    Start,
    /// What becomes of topics that appear after the flow began.
    NewTopics,
    /// Whether missing target topics are created.
    Create,
    /// Replicas of created topics.
    ReplicationFactor,
    /// Whether created topics get the source's settings.
    CopyConfigs,
    /// Whether partitions added at the source are added at the target.
    GrowPartitions,
    /// What to do about a partition without progress whose target holds records.
    TargetNotEmpty,
    /// Records per second.
    RecordsPerSecond,
    /// Bytes per second.
    BytesPerSecond,
    /// Bytes read and not yet acknowledged.
    InFlightBytes,
    /// How many threads share the partitions.
    Shards,
    /// How often new topics and partitions are looked for.
    RefreshInterval,
    /// How often progress is committed.
    CommitInterval,
    /// Whether the flow runs when kmirror starts.
    Autostart,
    /// The consumer group with the progress.
    Group,
    /// How the group is joined.
    GroupProtocol,
    /// How long a silent instance keeps its partitions.
    SessionTimeout,
}

/// How a setting is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SettingKind {
    /// Text in quotes, of this example's form.
    Text(&'static str),
    /// A whole number.
    Number,
    /// A number, or text such as `unlimited` or `20MB`.
    NumberOrText,
    /// `true` or `false`.
    Switch,
    /// One of these words.
    Word(&'static [&'static str]),
}

impl FlowSetting {
    /// All of them, in the order an editor shows them.
    pub const ALL: [Self; 17] = [
        Self::Start,
        Self::NewTopics,
        Self::Create,
        Self::ReplicationFactor,
        Self::CopyConfigs,
        Self::GrowPartitions,
        Self::TargetNotEmpty,
        Self::RecordsPerSecond,
        Self::BytesPerSecond,
        Self::InFlightBytes,
        Self::Shards,
        Self::RefreshInterval,
        Self::CommitInterval,
        Self::Autostart,
        Self::Group,
        Self::GroupProtocol,
        Self::SessionTimeout,
    ];

    /// Its key below `[flows.NAME]`, such as `topics.create`.
    pub fn key(self) -> &'static str {
        match self {
            Self::Start => "start",
            Self::NewTopics => "new_topics",
            Self::Create => "topics.create",
            Self::ReplicationFactor => "topics.replication_factor",
            Self::CopyConfigs => "topics.copy_configs",
            Self::GrowPartitions => "topics.grow_partitions",
            Self::TargetNotEmpty => "target_not_empty",
            Self::RecordsPerSecond => "limits.records_per_second",
            Self::BytesPerSecond => "limits.bytes_per_second",
            Self::InFlightBytes => "limits.in_flight_bytes",
            Self::Shards => "shards",
            Self::RefreshInterval => "refresh_interval",
            Self::CommitInterval => "commit_interval",
            Self::Autostart => "autostart",
            Self::Group => "group",
            Self::GroupProtocol => "group_protocol",
            Self::SessionTimeout => "session_timeout",
        }
    }

    /// How it is written.
    pub fn kind(self) -> SettingKind {
        match self {
            Self::Start => SettingKind::Text("earliest"),
            Self::NewTopics => SettingKind::Word(&["mirror", "ask", "ignore"]),
            Self::Create | Self::CopyConfigs | Self::GrowPartitions | Self::Autostart => SettingKind::Switch,
            Self::ReplicationFactor | Self::Shards => SettingKind::Number,
            Self::TargetNotEmpty => SettingKind::Word(&["block", "append"]),
            Self::RecordsPerSecond | Self::BytesPerSecond | Self::InFlightBytes => SettingKind::NumberOrText,
            Self::RefreshInterval => SettingKind::Text("30s"),
            Self::CommitInterval => SettingKind::Text("5s"),
            Self::Group => SettingKind::Text("kmirror.orders"),
            Self::GroupProtocol => SettingKind::Word(&["auto", "classic", "consumer"]),
            Self::SessionTimeout => SettingKind::Text("45s"),
        }
    }

    /// What is in force in `config`, as it would be typed; `None` where kmirror chooses by itself.
    pub fn value_of(self, config: &FlowConfig) -> Option<String> {
        let limit = |limit: Option<String>| limit.unwrap_or_else(|| "unlimited".to_owned());
        Some(match self {
            Self::Start => config.start.to_string(),
            Self::NewTopics => match config.new_topics {
                NewTopics::Mirror => "mirror".to_owned(),
                NewTopics::Ask => "ask".to_owned(),
                NewTopics::Ignore => "ignore".to_owned(),
            },
            Self::Create => config.topics.create.to_string(),
            Self::ReplicationFactor => config.topics.replication_factor.to_string(),
            Self::CopyConfigs => config.topics.copy_configs.to_string(),
            Self::GrowPartitions => config.topics.grow_partitions.to_string(),
            Self::TargetNotEmpty => match config.target_not_empty {
                TargetNotEmpty::Block => "block".to_owned(),
                TargetNotEmpty::Append => "append".to_owned(),
            },
            Self::RecordsPerSecond => limit(config.limits.records_per_second.map(|cap| cap.to_string())),
            Self::BytesPerSecond => limit(config.limits.bytes_per_second.map(shown_size)),
            Self::InFlightBytes => shown_size(config.limits.in_flight_bytes),
            Self::Shards => config.shards.to_string(),
            Self::RefreshInterval => shown_duration(config.refresh_interval),
            Self::CommitInterval => shown_duration(config.commit_interval),
            Self::Autostart => config.autostart.to_string(),
            Self::Group => config.group.to_string(),
            Self::GroupProtocol => match config.group_protocol {
                GroupProtocol::Auto => "auto".to_owned(),
                GroupProtocol::Classic => "classic".to_owned(),
                GroupProtocol::Consumer => "consumer".to_owned(),
            },
            Self::SessionTimeout => return config.session_timeout.map(shown_duration),
        })
    }

    /// What was typed, as TOML has it. What is no number or switch where one belongs stays text, and is refused as
    /// such when the whole is checked.
    pub(super) fn toml(self, typed: &str) -> Value {
        let typed = typed.trim();
        match self.kind() {
            SettingKind::Number | SettingKind::NumberOrText => {
                typed.parse::<i64>().map_or_else(|_| typed.into(), Value::from)
            }
            SettingKind::Switch => typed.parse::<bool>().map_or_else(|_| typed.into(), Value::from),
            SettingKind::Text(_) | SettingKind::Word(_) => typed.into(),
        }
    }
}

fn shown_duration(duration: Duration) -> String {
    DurationMs(i64::try_from(duration.as_millis()).unwrap_or(i64::MAX)).to_string()
}
