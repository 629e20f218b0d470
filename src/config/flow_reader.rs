//! Reads `[flows.NAME]`, filled up from `[defaults]`.

use std::collections::HashSet;
use std::sync::LazyLock;
use std::time::Duration;

use crate::model::{
    ClusterName, FlowName, GroupName, NamePattern, PATTERNS_MAX, PatternDialect, RenamePolicy, Selection,
    StartPosition, TopicName, excerpt, legal_topic_name,
};

use super::document::{Entry, Section};
use super::error::{ConfigProblem, Findings};
use super::flow::{
    ConfigsExclude, FlowConfig, GROUP_PREFIX, GroupProtocol, Limits, NewTopics, StartOverride, TargetNotEmpty,
    TopicOptions,
};
use super::layers::Layers;
use super::quantity::{duration, limit, size_bytes};
use super::suggest::{did_you_mean, listed};
use super::topics_reader::{exclude_texts, rename, selection};

/// The keys only a flow has: they say what it is, and no two flows share them.
pub(super) const FLOW_ONLY_KEYS: &[&str] = &["source", "target", "include", "group", "start_overrides"];
/// The keys a flow has, and `[defaults]` for all flows.
pub(super) const SHARED_KEYS: &[&str] = &[
    "exclude",
    "rename",
    "start",
    "new_topics",
    "topics",
    "refresh_interval",
    "commit_interval",
    "limits",
    "group_protocol",
    "session_timeout",
    "shards",
    "target_not_empty",
    "autostart",
];
pub(super) const TOPICS_KEYS: &[&str] =
    &["create", "replication_factor", "copy_configs", "configs_exclude", "grow_partitions"];
pub(super) const LIMITS_KEYS: &[&str] = &["in_flight_bytes", "records_per_second", "bytes_per_second"];
pub(super) const OVERRIDE_KEYS: &[&str] = &["topic", "partition", "start"];

/// Words of other tools, with what to write here.
const HINTS: &[(&str, &str)] = &[
    ("whitelist", "the topics to mirror are `include`"),
    ("blacklist", "the topics to leave out are `exclude`"),
    ("from", "the cluster to read is `source`"),
    ("to", "the cluster to write is `target`"),
    ("threads", "parallelism is `shards`"),
    ("num_streams", "parallelism is `shards`"),
    ("tasks_max", "parallelism is `shards`"),
    ("group_id", "the consumer group is `group`"),
    ("auto_offset_reset", "where to begin is `start`"),
    ("replication_factor", "it belongs into the table `topics`"),
    ("in_flight_bytes", "it belongs into the table `limits`"),
    ("records_per_second", "it belongs into the table `limits`"),
    ("bytes_per_second", "it belongs into the table `limits`"),
    ("create", "it belongs into the table `topics`"),
    ("copy_configs", "it belongs into the table `topics`"),
];

/// Everything a flow and `[defaults]` have in common.
pub(super) struct Settings {
    rename: RenamePolicy,
    start: StartPosition,
    new_topics: NewTopics,
    topics: TopicOptions,
    refresh_interval: Duration,
    commit_interval: Duration,
    limits: Limits,
    group_protocol: GroupProtocol,
    session_timeout: Option<Duration>,
    shards: u16,
    target_not_empty: TargetNotEmpty,
    autostart: bool,
}

/// Checks `[defaults]` on its own, so that a mistake in it shows even where no flow uses it.
pub(super) fn check_defaults(defaults: &Section<'_>, findings: &mut Findings) {
    for key in FLOW_ONLY_KEYS {
        if let Some(entry) = defaults.get(key) {
            findings.problems.push(entry.problem("belongs to each flow on its own, not into `defaults`"));
        }
    }
    let known: Vec<&str> = SHARED_KEYS.iter().chain(FLOW_ONLY_KEYS).copied().collect();
    defaults.refuse_unknown(&known, HINTS, findings);
    let layers = Layers(vec![defaults.clone()]);
    settings(&layers, findings);
    exclude_texts(&layers, findings);
}

/// Reads one flow; `None` where something essential is wrong.
pub(super) fn flow(
    name: &FlowName,
    section: &Section<'_>,
    defaults: Option<&Section<'_>>,
    clusters: &[&str],
    findings: &mut Findings,
) -> Option<FlowConfig> {
    let known: Vec<&str> = FLOW_ONLY_KEYS.iter().chain(SHARED_KEYS).copied().collect();
    section.refuse_unknown(&known, HINTS, findings);
    let source = findings.keep(cluster_name(section, "source", clusters));
    let target = findings.keep(cluster_name(section, "target", clusters));
    let layers = Layers(std::iter::once(section).chain(defaults).cloned().collect());
    let selection = selection(section, &layers, findings);
    let start_overrides = match section.get("start_overrides") {
        Some(entry) => start_overrides(&entry, selection.as_ref(), findings),
        None => Vec::new(),
    };
    let group = match section.get("group") {
        Some(entry) => findings.keep(group_name(&entry)),
        None => Some(format!("{GROUP_PREFIX}{name}").into()),
    };
    let settings = settings(&layers, findings);
    Some(FlowConfig {
        source: source?,
        target: target?,
        selection: selection?,
        rename: settings.rename,
        start: settings.start,
        start_overrides,
        new_topics: settings.new_topics,
        topics: settings.topics,
        refresh_interval: settings.refresh_interval,
        commit_interval: settings.commit_interval,
        limits: settings.limits,
        group: group?,
        group_protocol: settings.group_protocol,
        session_timeout: settings.session_timeout,
        shards: settings.shards,
        target_not_empty: settings.target_not_empty,
        autostart: settings.autostart,
        neighbours: Vec::new(),
        idle_neighbours: Vec::new(),
    })
}

fn settings(layers: &Layers<'_>, findings: &mut Findings) -> Settings {
    let seconds = Duration::from_secs;
    let topics = layers.nested("topics", TOPICS_KEYS, findings);
    let limits = layers.nested("limits", LIMITS_KEYS, findings);
    Settings {
        rename: rename(layers, findings),
        start: layers.read("start", StartPosition::Earliest, findings, start),
        new_topics: layers.read("new_topics", NewTopics::Mirror, findings, |entry| {
            entry.one_of(&[("mirror", NewTopics::Mirror), ("ask", NewTopics::Ask), ("ignore", NewTopics::Ignore)])
        }),
        topics: topic_options(&topics, findings),
        refresh_interval: layers.read("refresh_interval", seconds(30), findings, |e| duration(e, 1_000..=3_600_000)),
        commit_interval: layers.read("commit_interval", seconds(5), findings, |e| duration(e, 100..=600_000)),
        limits: self::limits(&limits, findings),
        group_protocol: layers.read("group_protocol", GroupProtocol::Auto, findings, |entry| {
            let classic = ("classic", GroupProtocol::Classic);
            entry.one_of(&[("auto", GroupProtocol::Auto), classic, ("consumer", GroupProtocol::Consumer)])
        }),
        session_timeout: layers
            .read("session_timeout", None, findings, |entry| duration(entry, 1_000..=1_800_000).map(Some)),
        shards: layers.read("shards", 1, findings, |entry| {
            let shards = entry.integer(1, SHARDS_MAX)?;
            Ok(u16::try_from(shards).unwrap_or(1))
        }),
        target_not_empty: layers.read("target_not_empty", TargetNotEmpty::Block, findings, |entry| {
            entry.one_of(&[("block", TargetNotEmpty::Block), ("append", TargetNotEmpty::Append)])
        }),
        autostart: layers.read("autostart", true, findings, Entry::boolean),
    }
}

fn topic_options(layers: &Layers<'_>, findings: &mut Findings) -> TopicOptions {
    TopicOptions {
        create: layers.read("create", true, findings, Entry::boolean),
        replication_factor: layers.read("replication_factor", -1, findings, replication_factor),
        copy_configs: layers.read("copy_configs", true, findings, Entry::boolean),
        configs_exclude: layers.read("configs_exclude", CONFIGS_EXCLUDE.clone(), findings, configs_exclude),
        grow_partitions: layers.read("grow_partitions", true, findings, Entry::boolean),
    }
}

fn limits(layers: &Layers<'_>, findings: &mut Findings) -> Limits {
    const MIB: u64 = 1 << 20;
    let records =
        |entry: &Entry<'_>| limit(entry, |entry| entry.integer(1, RECORDS_PER_SECOND_MAX).map(i64::unsigned_abs));
    let bytes = |entry: &Entry<'_>| limit(entry, |entry| size_bytes(entry, BYTES_PER_SECOND_MIN..=1 << 40));
    Limits {
        in_flight_bytes: layers
            .read("in_flight_bytes", 16 * MIB, findings, |entry| size_bytes(entry, MIB..=16 * 1024 * MIB)),
        records_per_second: layers.read("records_per_second", None, findings, records),
        bytes_per_second: layers.read("bytes_per_second", None, findings, bytes),
    }
}

fn replication_factor(entry: &Entry<'_>) -> Result<i32, ConfigProblem> {
    match entry.integer(-1, i64::from(i16::MAX))? {
        0 => Err(entry.problem("`0` would keep no record; write -1 for the target's default, or 1 and more")),
        factor => Ok(i32::try_from(factor).unwrap_or(-1)),
    }
}

fn configs_exclude(entry: &Entry<'_>) -> Result<ConfigsExclude, ConfigProblem> {
    let elements = entry.texts()?;
    if elements.len() > PATTERNS_MAX {
        let n_elements = elements.len();
        return Err(entry.problem(format!("the list has {n_elements} entries, more than the {PATTERNS_MAX} allowed")));
    }
    let mut patterns = Vec::new();
    for element in elements {
        let text = element.text()?;
        let pattern = NamePattern::new(text).map_err(|error| element.problem(error.to_string()))?;
        if pattern.dialect() == PatternDialect::Backtracking {
            let message = format!("pattern `{}` uses look-around or the like, not supported here", excerpt(text));
            return Err(element.problem(message));
        }
        patterns.push(pattern);
    }
    Ok(ConfigsExclude(patterns))
}

/// Throttles and limits belong to a cluster; the timestamp ones would make the target refuse old records, or put its
/// own time in place of the record's. An old message format would make it drop headers, and 4.x knows no formats.
const DEFAULT_CONFIGS_EXCLUDE: [&str; 11] = [
    "follower.replication.throttled.replicas",
    "leader.replication.throttled.replicas",
    "message.format.version",
    "message.downconversion.enable",
    "message.timestamp.type",
    "message.timestamp.difference.max.ms",
    "message.timestamp.before.max.ms",
    "message.timestamp.after.max.ms",
    "log.message.timestamp.*",
    "unclean.leader.election.enable",
    "min.insync.replicas",
];

/// Compiled once. All of them do: the example file repeats them, and a test reads it.
static CONFIGS_EXCLUDE: LazyLock<ConfigsExclude> = LazyLock::new(|| {
    ConfigsExclude(DEFAULT_CONFIGS_EXCLUDE.iter().filter_map(|text| NamePattern::new(text).ok()).collect())
});

fn cluster_name(section: &Section<'_>, key: &str, clusters: &[&str]) -> Result<ClusterName, ConfigProblem> {
    let entry = section.require(key, &format!("{key} = \"{}\"", clusters.first().unwrap_or(&"my-cluster")))?;
    let name = entry.text()?;
    if clusters.contains(&name) {
        return Ok(name.into());
    }
    let nearest = did_you_mean(name, clusters.iter().copied());
    let known = match clusters {
        [] => "none is configured".to_owned(),
        clusters => format!("known: {}", listed(clusters.iter().copied())),
    };
    Err(entry.problem(format!("`{}` is not a cluster of this file{nearest} ({known})", excerpt(name))))
}

/// Text, or what TOML takes for a number or a time before we see it.
fn start(entry: &Entry<'_>) -> Result<StartPosition, ConfigProblem> {
    use toml::de::DeValue;
    let text = match entry.value() {
        DeValue::String(text) => text.to_string(),
        DeValue::Integer(_) => entry.as_integer().unwrap_or(Ok(-1))?.to_string(),
        DeValue::Datetime(time) => time.to_string(),
        DeValue::Float(_) | DeValue::Boolean(_) | DeValue::Array(_) | DeValue::Table(_) => {
            return Err(entry.mismatch("a start position such as \"earliest\""));
        }
    };
    text.parse().map_err(|error: crate::model::ParseStartError| entry.problem(error.to_string()))
}

fn start_overrides(entry: &Entry<'_>, selection: Option<&Selection>, findings: &mut Findings) -> Vec<StartOverride> {
    let expected = "tables such as [[flows.NAME.start_overrides]]";
    let Some(elements) = findings.keep(entry.elements(expected)) else { return Vec::new() };
    let mut overrides = Vec::new();
    let mut seen = HashSet::new();
    for element in elements {
        let Some(section) = findings.keep(element.section()) else { continue };
        section.refuse_unknown(OVERRIDE_KEYS, &[], findings);
        let topic = findings.keep(section.require("topic", "topic = \"orders\"").and_then(|entry| topic_name(&entry)));
        let partition = match section.get("partition") {
            Some(entry) => findings.keep(entry.integer(0, i64::from(i32::MAX))).map(|p| i32::try_from(p).ok()),
            None => Some(None),
        };
        let start = section.require("start", "start = \"latest\"").and_then(|entry| self::start(&entry));
        let start = findings.keep(start);
        let (Some(topic), Some(partition), Some(start)) = (topic, partition, start) else { continue };
        let shown = match partition {
            Some(partition) => format!("partition {partition} of topic `{topic}`"),
            None => format!("topic `{topic}`"),
        };
        if !seen.insert((topic.clone(), partition)) {
            findings.problems.push(element.problem(format!("{shown} has two start overrides; keep one")));
        }
        if selection.is_some_and(|selection| !selection.judge(&topic).is_included()) {
            findings.warn(element.problem(format!("{shown} is not mirrored by this flow")));
        }
        overrides.push(StartOverride { topic, partition, start });
    }
    overrides
}

fn topic_name(entry: &Entry<'_>) -> Result<TopicName, ConfigProblem> {
    let text = entry.text()?;
    match legal_topic_name(text) {
        Ok(()) => Ok(text.into()),
        Err(problem) => Err(entry.problem(format!("`{}` is not the name of a topic: it {problem}", excerpt(text)))),
    }
}

fn group_name(entry: &Entry<'_>) -> Result<GroupName, ConfigProblem> {
    let text = entry.text()?;
    if text.is_empty() {
        Err(entry.problem("is empty: without a group there is no progress to resume from"))
    } else if text.len() > GROUP_BYTES_MAX || text.chars().any(char::is_control) {
        Err(entry.problem(format!("`{}` is not a usable group name (control characters, or too long)", excerpt(text))))
    } else {
        Ok(text.into())
    }
}

/// Each shard has a consumer, a producer and their threads.
const SHARDS_MAX: i64 = 64;
/// More than any cluster has.
const RECORDS_PER_SECOND_MAX: i64 = 1_000_000_000;
/// Slower than this, one record of the usual limit of 1 MB would take a quarter of an hour.
const BYTES_PER_SECOND_MIN: u64 = 1_000;
/// As long as a topic's name may be, which is what other tools expect.
const GROUP_BYTES_MAX: usize = 249;
