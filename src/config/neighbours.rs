//! Which flows of a file deal with the same clusters.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::address::BrokerAddress;
use super::cluster::ClusterConfig;
use super::flow::FlowConfig;
use crate::model::{ClusterName, Direction, FlowName, Neighbour};

/// Tells every flow of its neighbours. One that is not run by itself is nobody's neighbour: what it writes, it writes
/// when somebody starts it, and then it looks at the others.
pub(super) fn introduce(clusters: &BTreeMap<ClusterName, ClusterConfig>, flows: &mut BTreeMap<FlowName, FlowConfig>) {
    let is_one = |one: &ClusterName, other: &ClusterName| is_one_cluster(one, other, clusters);
    let others: Vec<(ClusterName, ClusterName, Neighbour)> = flows
        .iter()
        .filter(|(_, flow)| flow.autostart)
        .map(|(name, flow)| {
            let (selection, rename) = (Arc::new(flow.selection.clone()), Arc::new(flow.rename.clone()));
            let neighbour = Neighbour { name: name.clone(), direction: Direction::Same, selection, rename };
            (flow.source.clone(), flow.target.clone(), neighbour)
        })
        .collect();
    for (name, flow) in flows {
        for (source, target, other) in others.iter().filter(|(_, _, other)| other.name != *name) {
            let directions = [(Direction::Same, source, target), (Direction::Reverse, target, source)];
            let lies = |(_, from, to): &&(Direction, &ClusterName, &ClusterName)| {
                is_one(&flow.source, from) && is_one(&flow.target, to)
            };
            // Within one cluster it is both.
            for (direction, ..) in directions.iter().filter(lies) {
                flow.neighbours.push(Neighbour { direction: *direction, ..other.clone() });
            }
        }
    }
}

/// By name, or by an address they share.
pub(super) fn is_one_cluster(
    one: &ClusterName,
    other: &ClusterName,
    clusters: &BTreeMap<ClusterName, ClusterConfig>,
) -> bool {
    if one == other {
        return true;
    }
    let servers = |name: &ClusterName| clusters.get(name).map_or(&[][..], |cluster| &cluster.bootstrap_servers);
    let theirs: &[BrokerAddress] = servers(other);
    servers(one).iter().any(|address| theirs.contains(address))
}
