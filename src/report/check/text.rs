//! A check in words. Topics with the same fate stand together under it.
//!
//! ```text
//! orders: dc-a -> dc-b                         the flow
//!   source  dc-a: Kafka 3.9, 3 brokers ...     the clusters
//!   error: ...                                 what stops it as a whole
//!   2 topics would be mirrored: ...            what it would do
//!     created on the target ...; begin ...
//!       orders -> eu.orders  12 partitions, 1.2M records
//!   1 topic would be blocked: ...
//!   3 topics are not mirrored
//!   warnings, notes
//! 1 flow checked: ...                          the verdict
//! ```

mod doubt;
mod paragraph;

use std::collections::BTreeMap;

pub(super) use doubt::doubt_text;
use paragraph::Writer;

use super::{CheckedCluster, CheckedFlow, Fate, IncludedTopic, Preparation, ProblemKind};
use crate::engine::Side;
use crate::model::TopicName;
use crate::report::event_text::counted;
use crate::report::line::{Line, Tone, width_of};
use crate::report::{ExitCode, Remedy, number};

/// Commands are printed for so many topics that are blocked for the same reason; the others are named only.
const REMEDIES_MAX: usize = 3;
/// Partitions named one by one.
const PARTITIONS_NAMED_MAX: usize = 12;
/// Names are aligned up to this width; longer ones push their facts to the right.
const NAME_WIDTH_MAX: usize = 44;

pub(super) fn lines(flows: &[CheckedFlow], width: Option<usize>) -> Vec<Line> {
    let mut writer = Writer::new(width);
    for flow in flows {
        flow_lines(&mut writer, flow);
        writer.blank();
    }
    verdict(&mut writer, flows);
    writer.lines
}

fn flow_lines(writer: &mut Writer, flow: &CheckedFlow) {
    writer.text(0, Tone::Plain, &format!("{}: {} -> {}", flow.flow, flow.source.cluster, flow.target.cluster));
    writer.text(2, Tone::Faint, &cluster_text("source", &flow.source));
    writer.text(2, Tone::Faint, &cluster_text("target", &flow.target));
    let progress = match flow.is_first_start {
        Some(true) => format!("no progress yet, so this would be its first start, at {}", flow.start),
        Some(false) => "has progress".to_owned(),
        None => "not asked".to_owned(),
    };
    writer.text(2, Tone::Faint, &format!("group   {}: {progress}", flow.group));
    for problem in &flow.problems {
        let tone = Tone::Bad;
        let word = match problem.kind {
            ProblemKind::Conflict => "conflict",
            ProblemKind::Blocked => "blocked",
            ProblemKind::Unreachable => "unreachable",
            ProblemKind::Failed => "error",
        };
        writer.blank();
        writer.marked(2, tone, word, &problem.text);
        if let Some(remedy) = &problem.remedy {
            remedy_lines(writer, 4, remedy);
        }
    }
    mirrored_lines(writer, flow);
    blocked_lines(writer, flow);
    left_alone_lines(writer, flow);
    warning_lines(writer, flow);
    note_lines(writer, flow);
}

fn cluster_text(side: &str, cluster: &CheckedCluster) -> String {
    let version = cluster.version.as_ref().map(|version| format!("Kafka {version}"));
    let brokers = cluster.brokers.map(|n| counted(n, "broker"));
    let id = cluster.cluster_id.as_ref().map(|id| format!("id {id}"));
    let facts: Vec<String> = version.into_iter().chain(brokers).chain(id).collect();
    let facts = if facts.is_empty() { "no answer".to_owned() } else { facts.join(", ") };
    format!("{side}  {} ({}): {facts}", cluster.cluster, cluster.bootstrap_servers)
}

fn mirrored_lines(writer: &mut Writer, flow: &CheckedFlow) {
    let mirrored: Vec<_> = flow.included().filter(|(_, topic)| topic.blocked.is_empty()).collect();
    if mirrored.is_empty() {
        if flow.problems.is_empty() && flow.included().next().is_none() {
            writer.blank();
            writer.marked(2, Tone::Warning, "nothing to mirror", "no topic of the source is included");
        }
        return;
    }
    // A flow that is refused mirrors nothing, whatever its topics look like.
    let is_refused = flow.problems.iter().any(|problem| problem.kind == ProblemKind::Conflict);
    let would = if is_refused { "included, if it were not for the conflict" } else { "would be mirrored" };
    let partitions: i64 = mirrored.iter().map(|(_, topic)| i64::from(topic.partitions)).sum();
    let records: u64 = mirrored.iter().filter_map(|(_, topic)| topic.records).sum();
    let heading = format!("{} {would}", counted(mirrored.len(), "topic"));
    let rest = format!("{}, {} records to copy", counted(partitions, "partition"), number::count(records));
    writer.blank();
    writer.marked(2, if is_refused { Tone::Bad } else { Tone::Good }, &heading, &rest);
    let mut groups: BTreeMap<(&Preparation, &str), Vec<(&TopicName, &IncludedTopic)>> = BTreeMap::new();
    for (name, topic) in mirrored {
        groups.entry((&topic.preparation, &topic.begin)).or_default().push((name, topic));
    }
    for ((preparation, begin), topics) in groups {
        let begin = if begin.is_empty() { String::new() } else { format!("; {begin}") };
        writer.text(4, Tone::Faint, &format!("{}{begin}", preparation_text(preparation)));
        topic_lines(writer, &topics);
    }
}

fn topic_lines(writer: &mut Writer, topics: &[(&TopicName, &IncludedTopic)]) {
    let widest = topics.iter().map(|(name, topic)| width_of(&name_text(name, topic))).max().unwrap_or(0);
    let widest = widest.min(NAME_WIDTH_MAX);
    for (name, topic) in topics {
        let name = name_text(name, topic);
        let records = number::known(topic.records, number::count);
        let facts = format!("{}, {records} records", counted(topic.partitions, "partition"));
        writer.columns(6, &name, widest, &facts);
    }
}

fn name_text(name: &TopicName, topic: &IncludedTopic) -> String {
    if *name == topic.target { name.to_string() } else { format!("{name} -> {}", topic.target) }
}

fn preparation_text(preparation: &Preparation) -> String {
    match preparation {
        Preparation::None => "exists on the target".into(),
        Preparation::Grow { partitions } => format!("grown on the target to {}", counted(*partitions, "partition")),
        Preparation::Create { replication_factor, configs } => {
            let replicas = match replication_factor {
                -1 => "default replicas".to_owned(),
                n => counted(*n, "replica"),
            };
            let configs = match configs.as_slice() {
                [] => "default settings".to_owned(),
                configs => configs.join(", "),
            };
            format!("created on the target, {replicas}, {configs}")
        }
    }
}

fn blocked_lines(writer: &mut Writer, flow: &CheckedFlow) {
    let blocked: Vec<_> = flow.included().filter(|(_, topic)| !topic.blocked.is_empty()).collect();
    if blocked.is_empty() {
        return;
    }
    writer.blank();
    let heading = format!("{} would be blocked", counted(blocked.len(), "topic"));
    writer.marked(2, Tone::Bad, &heading, "nothing is written there until it is solved");
    let mut printed: BTreeMap<&str, usize> = BTreeMap::new();
    for (name, topic) in blocked {
        writer.text(4, Tone::Plain, &name_text(name, topic));
        for place in reasons(topic) {
            writer.text(6, Tone::Bad, &place);
        }
        for entry in &topic.remedies {
            let n = printed.entry(entry.reason).or_default();
            *n += 1;
            if *n <= REMEDIES_MAX {
                remedy_lines(writer, 6, &entry.remedy);
            } else {
                writer.text(6, Tone::Faint, "as above");
            }
        }
    }
}

/// A line for each kind of reason: the first in full, the partitions by number.
fn reasons(topic: &IncludedTopic) -> Vec<String> {
    let mut kinds: Vec<(&str, &str, Vec<i32>)> = Vec::new();
    for place in &topic.blocked {
        match kinds.iter_mut().find(|(reason, ..)| *reason == place.reason) {
            Some((.., partitions)) => partitions.extend(place.partition),
            None => kinds.push((place.reason, &place.text, place.partition.into_iter().collect())),
        }
    }
    let line = |(_, text, partitions): (&str, &str, Vec<i32>)| match partitions.as_slice() {
        [] => text.to_owned(),
        [one] => format!("partition {one}: {text}"),
        [first, rest @ ..] => {
            let named: Vec<String> = rest.iter().take(PARTITIONS_NAMED_MAX).map(ToString::to_string).collect();
            let more = rest.len().saturating_sub(PARTITIONS_NAMED_MAX);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            format!("partition {first}: {text}; the same for partition {}{more}", named.join(", "))
        }
    };
    kinds.into_iter().map(line).collect()
}

fn remedy_lines(writer: &mut Writer, indent: usize, remedy: &Remedy) {
    writer.text(indent, Tone::Plain, &remedy.text);
    for way in &remedy.ways {
        writer.text(indent + 2, Tone::Faint, &format!("{}:", way.effect));
        writer.command(indent + 4, &way.command);
    }
}

fn left_alone_lines(writer: &mut Writer, flow: &CheckedFlow) {
    let mut groups: BTreeMap<(bool, &str), Vec<&TopicName>> = BTreeMap::new();
    for topic in &flow.topics {
        if let Fate::LeftAlone { why, is_doubtful } = &topic.fate {
            groups.entry((!is_doubtful, why)).or_default().push(&topic.topic);
        }
    }
    let n: usize = groups.values().map(Vec::len).sum();
    if n == 0 {
        return;
    }
    writer.blank();
    let are = if n == 1 { "is" } else { "are" };
    writer.text(2, Tone::Plain, &format!("{} {are} not mirrored", counted(n, "topic")));
    for ((is_plain, why), topics) in groups {
        let names: Vec<&str> = topics.iter().map(|topic| topic.as_str()).collect();
        writer.text(4, if is_plain { Tone::Faint } else { Tone::Warning }, why);
        writer.text(6, Tone::Plain, &names.join(", "));
    }
}

fn warning_lines(writer: &mut Writer, flow: &CheckedFlow) {
    let by_text = topic_warnings(flow);
    let n = flow.warnings.len() + by_text.len();
    if n == 0 {
        return;
    }
    writer.blank();
    writer.text(2, Tone::Warning, &counted(n, "warning"));
    for warning in &flow.warnings {
        writer.text(4, Tone::Plain, &doubt_text(&warning.doubt));
        if let Some(remedy) = &warning.remedy {
            remedy_lines(writer, 6, remedy);
        }
    }
    for (text, topics) in by_text {
        writer.text(4, Tone::Plain, &format!("{}: {text}", topics.join(", ")));
    }
}

/// Each warning once, with the topics it is about.
fn topic_warnings(flow: &CheckedFlow) -> BTreeMap<String, Vec<&str>> {
    let mut by_text: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    for (name, topic) in flow.included() {
        for doubt in &topic.warnings {
            by_text.entry(doubt_text(doubt)).or_default().push(name.as_str());
        }
    }
    by_text
}

fn note_lines(writer: &mut Writer, flow: &CheckedFlow) {
    if flow.notes.is_empty() {
        return;
    }
    writer.blank();
    writer.text(2, Tone::Plain, "about the patterns");
    for note in &flow.notes {
        let tone = if note.is_likely_mistake { Tone::Warning } else { Tone::Faint };
        writer.text(4, tone, &format!("{} `{}`: {}; {}", note.list, note.pattern, note.text, note.suggestion));
    }
}

/// What is not known of rights, where that matters.
fn rights_text(flows: &[CheckedFlow]) -> String {
    let untold = |side| flows.iter().any(|flow| flow.rights_untold.contains(&side));
    let rights = match (untold(Side::Source), untold(Side::Target)) {
        (true, true) => "read the source's records, commit to its group, and write, create and alter on the target",
        (true, false) => "read the source's records and commit to its group",
        (false, true) => "write, create and alter on the target",
        (false, false) => "",
    };
    if !rights.is_empty() {
        return format!(" So it is not known whether kmirror may {rights}: brokers tell from 2.3 on.");
    }
    let is_created = |topic: &IncludedTopic| matches!(topic.preparation, Preparation::Create { .. });
    if flows.iter().any(|flow| flow.included().any(|(_, topic)| is_created(topic))) {
        return " Whether topics that are yet to be created may be written is known once they are there.".into();
    }
    String::new()
}

/// The last lines: what a person who scrolls no further needs.
fn verdict(writer: &mut Writer, flows: &[CheckedFlow]) {
    let asked = flows.iter().any(|flow| flow.source.brokers.is_some() && flow.target.brokers.is_some());
    if asked {
        writer.text(0, Tone::Faint, &format!("Nothing was created, written or committed.{}", rights_text(flows)));
    }
    let n_warnings: usize = flows.iter().map(|flow| flow.warnings.len() + topic_warnings(flow).len()).sum();
    let warnings = if n_warnings > 0 { format!(", with {}", counted(n_warnings, "warning")) } else { String::new() };
    let (tone, text) = match super::check_exit_code(flows) {
        ExitCode::Done => (Tone::Good, "ready to run"),
        ExitCode::Usage => (Tone::Bad, "a flow would be refused"),
        ExitCode::Unreachable => (Tone::Bad, "a cluster could not be reached"),
        ExitCode::Unfinished => (Tone::Bad, "something would be blocked"),
        ExitCode::Failed | ExitCode::Interrupted => (Tone::Bad, "could not be checked"),
    };
    writer.marked(0, tone, &format!("{} checked", counted(flows.len(), "flow")), &format!("{text}{warnings}"));
}
