//! Whether what was exported means the same when it is read.

use std::collections::BTreeSet;

use super::configuration::ExportRequest;
use crate::config::{ClusterConfig, Config, FlowConfig, StartOverride};
use crate::model::{ClusterName, FlowName, StartPosition};

/// What is not the same, in words; nothing when all is.
pub(super) fn differences(
    before: &Config,
    after: &Config,
    flows: &BTreeSet<&FlowName>,
    clusters: &BTreeSet<&ClusterName>,
    request: &ExportRequest,
) -> Vec<String> {
    let mut differences = Vec::new();
    if after.clusters.keys().collect::<BTreeSet<_>>() != *clusters {
        differences.push("the list of clusters".to_owned());
    }
    if after.flows.keys().collect::<BTreeSet<_>>() != *flows {
        differences.push("the list of flows".to_owned());
    }
    if after.keymap != before.keymap {
        differences.push("the keymap".to_owned());
    }
    for (name, again) in &after.clusters {
        let is_same = before.clusters.get(name).is_some_and(|cluster| is_same_cluster(cluster, again));
        differences.extend((!is_same).then(|| format!("cluster `{name}`")));
    }
    for (name, again) in &after.flows {
        let expected = before.flows.get(name).map(|flow| expected(flow, name, request));
        let is_same = expected.is_some_and(|flow| flow == compared(again));
        differences.extend((!is_same).then(|| format!("flow `{name}`")));
    }
    differences
}

fn is_same_cluster(before: &ClusterConfig, after: &ClusterConfig) -> bool {
    before.bootstrap_servers == after.bootstrap_servers
        && (before.env, &before.version) == (after.env, &after.version)
        && before.properties.are_exported_as(&after.properties)
}

/// The flow as it should be read back.
fn expected(flow: &FlowConfig, name: &FlowName, request: &ExportRequest) -> FlowConfig {
    let mut expected = compared(flow);
    let progress = request.progress.get(name).into_iter().flatten();
    for (partition, offset) in progress {
        let (topic, partition) = (&partition.topic, Some(partition.partition));
        expected.start_overrides.retain(|entry| (&entry.topic, entry.partition) != (topic, partition));
        let start = StartPosition::Offset(*offset);
        expected.start_overrides.push(StartOverride { topic: topic.clone(), partition, start });
    }
    compared(&expected)
}

/// What is compared of a flow: not who else is in the file, nor whether it begins by itself, for which a console may
/// have its own reasons; nor the order of what has none.
fn compared(flow: &FlowConfig) -> FlowConfig {
    let mut flow = flow.clone();
    flow.neighbours.clear();
    flow.autostart = true;
    flow.start_overrides.sort_by(|a, b| (&a.topic, a.partition).cmp(&(&b.topic, b.partition)));
    flow
}
