//! `kmirror topics` and `kmirror lag`: what is there, and how far it is copied.

use std::collections::BTreeMap;
use std::io;

use super::error::RunError;
use super::verdict::{mirrored_as, why_not};
use super::{chosen_flows, clusters, listed, load_config, logging, manual, page};
use crate::cli::{GlobalArgs, LagArgs, TopicsArgs};
use crate::config::{Config, FlowConfig};
use crate::engine::ports::{Cluster, Kafka, OffsetQuery, TopicConfig, TopicFacts};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{ClusterName, FlowName, InternalRule, TopicName, TopicPartition};
use crate::report::{self, ExitCode, LagRow, TopicRow};

/// Lists the topics of a cluster, with what the flows do with each.
pub(super) fn topics(args: &TopicsArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let config = load_config(&args.file)?;
    if !config.clusters.contains_key(&args.cluster) {
        return Err(unknown_cluster(&config, &args.cluster));
    }
    let _log = logging::start(global)?;
    let kafka = clusters::open(&config);
    let cluster =
        kafka.cluster(&args.cluster, Side::Source).map_err(|fault| clusters::failed(&config, &args.cluster, &fault))?;
    let rows = topic_rows(&config, args, cluster.as_ref())
        .map_err(|fault| clusters::failed(&config, &args.cluster, &fault))?;
    manual::finish(report::write_topics(&mut io::stdout().lock(), &rows, page(args.format.format, global)))
}

fn unknown_cluster(config: &Config, name: &ClusterName) -> RunError {
    let known: Vec<&str> = config.clusters.keys().map(ClusterName::as_str).collect();
    RunError::usage(format!("find cluster `{name}`: the configuration has {}", listed(name.as_str(), &known)))
}

fn topic_rows(config: &Config, args: &TopicsArgs, cluster: &dyn Cluster) -> Result<Vec<TopicRow>, Fault> {
    // The versions are asked first: that fails sooner when nobody is there.
    cluster.facts()?;
    let mut topics = cluster.topics()?;
    topics.retain(|topic| args.internal || InternalRule::of(&topic.name).is_none());
    topics.sort_by(|a, b| a.name.cmp(&b.name));
    let configs = settings(cluster, &topics)?;
    let row = |topic: TopicFacts| {
        let value = |key: &str| configs.get(&topic.name).and_then(|config| config.values.get(key));
        TopicRow {
            partitions: topic.partitions,
            replication_factor: topic.replication_factor,
            retention_ms: value("retention.ms").and_then(|ms| ms.parse().ok()),
            cleanup_policy: value("cleanup.policy").cloned(),
            verdict: verdict(config, &args.cluster, &topic),
            topic: topic.name,
        }
    };
    Ok(topics.into_iter().map(row).collect())
}

/// Settings that can be read; the others are shown as not known.
fn settings(cluster: &dyn Cluster, topics: &[TopicFacts]) -> Result<BTreeMap<TopicName, TopicConfig>, Fault> {
    let readable: Vec<TopicName> =
        topics.iter().filter(|topic| topic.fault.is_none()).map(|topic| topic.name.clone()).collect();
    match cluster.topic_configs(&readable) {
        Ok(configs) => Ok(configs.into_iter().filter_map(|(topic, config)| Some((topic, config.ok()?))).collect()),
        Err(fault) if fault.kind == FaultKind::Unsupported => Ok(BTreeMap::new()),
        Err(fault) => Err(fault),
    }
}

/// What the flows that read this cluster do with a topic.
fn verdict(config: &Config, cluster: &ClusterName, topic: &TopicFacts) -> String {
    if let Some(fault) = &topic.fault {
        return fault.detail.clone();
    }
    let mut mirrored = Vec::new();
    let mut reasons: BTreeMap<String, Vec<&str>> = BTreeMap::new();
    let mut n_flows = 0;
    for (name, flow) in config.flows.iter().filter(|(_, flow)| flow.source == *cluster) {
        n_flows += 1;
        match why_not(flow, &flow.selection.judge(&topic.name)) {
            Some(why) => reasons.entry(why).or_default().push(name.as_str()),
            None => mirrored.push(format!("{name}: {}", mirrored_as(flow, &topic.name))),
        }
    }
    // A topic that one flow mirrors is of no concern to the others.
    if !mirrored.is_empty() {
        return mirrored.join("; ");
    }
    let text = |(why, flows): (&String, &Vec<&str>)| {
        if flows.len() == n_flows { why.clone() } else { format!("{}: {why}", flows.join(", ")) }
    };
    if n_flows == 0 {
        "no flow reads this cluster".into()
    } else {
        reasons.iter().map(text).collect::<Vec<_>>().join("; ")
    }
}

/// Compares each flow's progress with the ends of its source's logs.
pub(super) fn lag(args: &LagArgs, global: &GlobalArgs) -> Result<ExitCode, RunError> {
    let config = load_config(&args.file)?;
    let flows = chosen_flows(&config, &args.flow)?;
    let _log = logging::start(global)?;
    let kafka = clusters::open(&config);
    let mut rows = Vec::new();
    for (name, flow) in &flows {
        let source = kafka.cluster(&flow.source, Side::Source);
        let of_flow = source.and_then(|source| lag_rows(name, flow, source.as_ref()));
        rows.extend(of_flow.map_err(|fault| clusters::failed(&config, &flow.source, &fault))?);
    }
    manual::finish(report::write_lag(&mut io::stdout().lock(), &rows, page(args.format.format, global)))
}

fn lag_rows(name: &FlowName, flow: &FlowConfig, source: &dyn Cluster) -> Result<Vec<LagRow>, Fault> {
    source.facts()?;
    let topics = source.topics()?;
    let mut partitions: Vec<TopicPartition> = topics
        .iter()
        .filter(|topic| topic.fault.is_none() && flow.selection.judge(&topic.name).is_included())
        .flat_map(|topic| (0..topic.partitions).map(|partition| TopicPartition::new(topic.name.clone(), partition)))
        .collect();
    partitions.sort();
    let committed = source.committed(&flow.group, &partitions)?;
    let lows = source.offsets(&partitions, OffsetQuery::Earliest)?;
    let ends = source.offsets(&partitions, OffsetQuery::Latest)?;
    let row = |partition: TopicPartition| {
        let position = committed.get(&partition).map(|committed| committed.offset);
        let known = |answers: &BTreeMap<TopicPartition, Result<i64, Fault>>| {
            answers.get(&partition).and_then(|answer| answer.as_ref().ok()).copied()
        };
        let end = known(&ends);
        // What the source has deleted cannot be copied any more.
        let from = position.map(|position| position.max(known(&lows).unwrap_or(position)));
        LagRow {
            flow: name.clone(),
            committed: position,
            high_watermark: end,
            lag_records: from.zip(end).map(|(from, end)| u64::try_from(end.saturating_sub(from)).unwrap_or(0)),
            owner: None,
            partition: partition.partition,
            topic: partition.topic,
        }
    };
    Ok(partitions.into_iter().map(row).collect())
}
