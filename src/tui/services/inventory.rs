//! What the configuration says, as far as screens show it. No secret is in it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use crate::config::ClusterEnv;
use crate::model::{ClusterName, FlowName};
use crate::report::Access;

/// The clusters and flows there are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The file it came from; `None` when there is none (first run, two addresses, demo).
    pub file: Option<PathBuf>,
    /// The file clusters are saved into; `None` where there is no place for one.
    pub saves_to: Option<PathBuf>,
    /// The options that lead to the same configuration in a shell: `-c kmirror.toml`.
    pub options: String,
    /// Whether a shell can come to it by them.
    pub access: Access,
    /// Whether the clusters are the demo's.
    pub is_demo: bool,
    /// Every cluster, by name.
    pub clusters: Vec<ClusterEntry>,
    /// The flows of the configuration, with source and target.
    pub flows: Vec<(FlowName, ClusterName, ClusterName)>,
    /// What the flows' own limits allow.
    pub caps: BTreeMap<FlowName, FlowCaps>,
}

/// How fast a flow may be, by its own limits. `None` is unlimited.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FlowCaps {
    /// Records per second.
    pub records_per_second: Option<u64>,
    /// Bytes per second.
    pub bytes_per_second: Option<u64>,
}

/// One cluster.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClusterEntry {
    /// Its name.
    pub name: ClusterName,
    /// How careful to be with it.
    pub env: ClusterEnv,
    /// Where it is, `host:port` separated by commas.
    pub bootstrap_servers: String,
    /// `security.protocol` and mechanism, such as `SASL_SSL SCRAM-SHA-512`.
    pub security: String,
    /// Whether it is in the file.
    pub is_saved: bool,
}

impl Inventory {
    /// The flows a cluster is the source or the target of.
    pub fn flows_of<'a>(&'a self, cluster: &'a ClusterName) -> impl Iterator<Item = &'a FlowName> {
        let uses =
            move |(_, source, target): &&(FlowName, ClusterName, ClusterName)| source == cluster || target == cluster;
        self.flows.iter().filter(uses).map(|(flow, ..)| flow)
    }

    /// How careful to be with a cluster; the most careful when it is not known.
    pub fn env(&self, cluster: &ClusterName) -> ClusterEnv {
        self.clusters.iter().find(|entry| entry.name == *cluster).map_or(ClusterEnv::Prod, |entry| entry.env)
    }
}
