//! The configuration's clusters, as the Kafka side takes them.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::config::{ClientRole, ClusterConfig, Config};
use crate::engine::{Fault, FaultKind};
use crate::kafka::{ClusterSettings, KafkaClusters, ReadProperties};
use crate::model::{ClusterName, FlowName};
use crate::report::Addresses;

use super::error::RunError;

/// All clusters of the configuration; none is connected to yet.
pub(super) fn open(config: &Config) -> KafkaClusters {
    KafkaClusters::new(config.clusters.iter().map(|(name, cluster)| settings(name, cluster)))
}

/// Where the clusters of each flow are, for commands that are proposed.
pub(super) fn addresses(config: &Config) -> BTreeMap<FlowName, Addresses> {
    let bootstrap = |name: &ClusterName| config.clusters.get(name).map(ClusterConfig::bootstrap).unwrap_or_default();
    config
        .flows
        .iter()
        .map(|(name, flow)| {
            (name.clone(), Addresses { source: bootstrap(&flow.source), target: bootstrap(&flow.target) })
        })
        .collect()
}

/// What a cluster's fault means, and what to look at.
pub(super) fn explain(fault: &Fault) -> String {
    let hint = match fault.kind {
        FaultKind::Unreachable => "is the address right, the broker up, and the way open (firewall, TLS port)?",
        FaultKind::Authentication => "check the sasl.* properties of the cluster",
        FaultKind::Tls => "check security.protocol and the ssl.* properties of the cluster",
        _ => return format!("cannot {}: {}", fault.operation, fault.detail),
    };
    // Nothing was asked for yet that would be worth a word.
    format!("{}; {hint}", fault.detail)
}

/// The error for a command that asks one cluster and got no answer.
pub(super) fn failed(config: &Config, cluster: &ClusterName, fault: &Fault) -> RunError {
    let bootstrap = config.clusters.get(cluster).map(ClusterConfig::bootstrap).unwrap_or_default();
    RunError::at(fault, format!("ask cluster `{cluster}` ({bootstrap}): {}", explain(fault)))
}

/// A cluster's settings as clients take them.
pub(super) fn settings(name: &ClusterName, cluster: &ClusterConfig) -> ClusterSettings {
    ClusterSettings {
        name: name.clone(),
        bootstrap_servers: cluster.bootstrap(),
        version: cluster.version.clone(),
        properties: read_properties(cluster),
    }
}

/// Reads the properties of both roles, secrets included, each time anew: a client takes those of its own role.
fn read_properties(cluster: &ClusterConfig) -> ReadProperties {
    let properties = cluster.properties.clone();
    Arc::new(move || {
        let mut all = BTreeMap::new();
        for role in [ClientRole::Consumer, ClientRole::Producer] {
            let read = properties.resolve(role).map_err(|error| error.to_string())?;
            all.extend(read.into_iter().map(|(key, value)| (key, value.expose().to_owned())));
        }
        Ok(all.into_iter().collect())
    })
}
