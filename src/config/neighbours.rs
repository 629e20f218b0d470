//! Which flows of a file deal with the same clusters.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::address::BrokerAddress;
use super::cluster::ClusterConfig;
use super::flow::FlowConfig;
use crate::model::{ClusterName, Direction, FlowName, Neighbour};

/// Where a flow leads, and whether it goes there by itself.
struct FlowEnds {
    source: ClusterName,
    target: ClusterName,
    autostart: bool,
}

/// Tells every flow of its neighbours. One that is not run by itself is an idle one: what it writes, it writes when
/// somebody starts it, and then it looks at the others.
pub(super) fn introduce(clusters: &BTreeMap<ClusterName, ClusterConfig>, flows: &mut BTreeMap<FlowName, FlowConfig>) {
    let is_one = |one: &ClusterName, other: &ClusterName| is_one_cluster(one, other, clusters);
    let others: Vec<(FlowEnds, Neighbour)> = flows
        .iter()
        .map(|(name, flow)| {
            let (selection, rename) = (Arc::new(flow.selection.clone()), Arc::new(flow.rename.clone()));
            let neighbour = Neighbour { name: name.clone(), direction: Direction::Same, selection, rename };
            let (source, target, autostart) = (flow.source.clone(), flow.target.clone(), flow.autostart);
            (FlowEnds { source, target, autostart }, neighbour)
        })
        .collect();
    for (name, flow) in flows {
        for (FlowEnds { source, target, autostart }, other) in others.iter().filter(|(_, other)| other.name != *name) {
            let directions = [(Direction::Same, source, target), (Direction::Reverse, target, source)];
            let lies = |(_, from, to): &&(Direction, &ClusterName, &ClusterName)| {
                is_one(&flow.source, from) && is_one(&flow.target, to)
            };
            // Within one cluster it is both.
            for (direction, ..) in directions.iter().filter(lies) {
                let neighbours = if *autostart { &mut flow.neighbours } else { &mut flow.idle_neighbours };
                neighbours.push(Neighbour { direction: *direction, ..other.clone() });
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
