//! The flow between the demo's clusters, as a file would have it.

use super::clusters::DemoClusters;
use super::topic::TOPICS;
use crate::config::{Config, ConfigError};

/// The flow's name.
pub const FLOW: &str = "demo";
/// The source cluster's name in the configuration.
pub const SOURCE: &str = "demo-east";
/// The target cluster's.
pub const TARGET: &str = "demo-west";
/// What the flow puts in front of topics' names, separator included.
pub const TARGET_PREFIX: &str = "east.";

/// The configuration `kmirror demo` runs: nothing in it that a user's file could not have.
///
/// # Errors
/// Never, unless an address of the clusters cannot be read.
pub fn flow_config(clusters: &DemoClusters) -> Result<Config, ConfigError> {
    Config::parse(&config_text(clusters.source_address(), clusters.target_address()), "of the demo")
}

/// The flow's consumer group: the default for its name.
pub(super) fn group() -> String {
    format!("kmirror.{FLOW}")
}

/// The name of a source topic on the target.
pub(super) fn target_topic(source: &str) -> String {
    format!("{TARGET_PREFIX}{source}")
}

pub(super) fn config_text(source_address: &str, target_address: &str) -> String {
    let include: Vec<String> = TOPICS.iter().map(|topic| format!("{:?}", topic.name.replace('.', "\\."))).collect();
    let include = include.join(", ");
    let group = group();
    format!(
        r#"
[clusters.{SOURCE}]
bootstrap_servers = "{source_address}"
[clusters.{SOURCE}.properties]
# The mock answers a reader only when this is over, even if a record came in between.
"fetch.wait.max.ms" = {FETCH_WAIT_MS_MAX}
# A broker that is back is found soon.
"reconnect.backoff.max.ms" = {RECONNECT_MS_MAX}

[clusters.{TARGET}]
bootstrap_servers = "{target_address}"
[clusters.{TARGET}.properties]
# As the source has it: the mock has room for 5 MiB of a partition.
"compression.type" = "zstd"
"reconnect.backoff.max.ms" = {RECONNECT_MS_MAX}

[flows.{FLOW}]
source = "{SOURCE}"
target = "{TARGET}"
include = [{include}]
rename = {{ prefix = "{TARGET_PREFIX}", separator = "" }}
group = "{group}"
# The mock lets a second member wait this long.
session_timeout = "6s"
refresh_interval = "10s"
commit_interval = "2s"
"#
    )
}

/// 150 requests a second when nothing comes, and nothing is later than that.
const FETCH_WAIT_MS_MAX: u64 = 20;
/// What a newcomer has patience for.
const RECONNECT_MS_MAX: u64 = 1_000;
