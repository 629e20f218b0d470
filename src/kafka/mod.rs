//! Kafka through librdkafka: implements [`engine::ports`](crate::engine::ports).
//!
//! The only module that knows rdkafka. It knows no configuration file, no screen, and takes no decision about the mirror:
//! it reports faults and does what the ports ask. All `unsafe` is in [`ffi`].

mod cluster;
mod connection;
mod connection_problem;
#[cfg_attr(not(test), expect(dead_code, reason = "the transport is not there yet"))]
mod context;
mod fault_map;
mod ffi;
mod probe;
mod property;
#[cfg_attr(not(test), expect(dead_code, reason = "the transport is not there yet"))]
mod settings;

pub use settings::{BrokerVersion, ClusterSettings, ReadProperties};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::ports::{Cluster, Kafka, ShardSpec, Transport};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::ClusterName;
use cluster::ClusterClient;

/// The clusters of the configuration.
#[derive(Debug)]
pub struct KafkaClusters {
    clusters: BTreeMap<ClusterName, Arc<ClusterClient>>,
}

impl KafkaClusters {
    /// Knows `clusters`; connects to none of them yet.
    pub fn new(clusters: impl IntoIterator<Item = ClusterSettings>) -> Self {
        let clusters =
            clusters.into_iter().map(|settings| (settings.name.clone(), Arc::new(ClusterClient::new(settings))));
        Self { clusters: clusters.collect() }
    }

    /// Which version of Kafka the cluster's brokers seem to have ("3.5 to 3.6"), once one of them was asked.
    pub fn version(&self, cluster: &ClusterName) -> Option<String> {
        self.clusters.get(cluster).and_then(|client| client.version())
    }

    fn known(&self, cluster: &ClusterName, side: Side) -> Result<&Arc<ClusterClient>, Fault> {
        self.clusters.get(cluster).ok_or_else(|| {
            Fault::new(FaultKind::Invariant, side, format!("open cluster `{cluster}`"), "it is not configured")
        })
    }
}

impl Kafka for KafkaClusters {
    fn cluster(&self, cluster: &ClusterName) -> Result<Arc<dyn Cluster>, Fault> {
        let client = Arc::clone(self.known(cluster, cluster::SIDE)?);
        Ok(client)
    }

    fn transport(&self, spec: &ShardSpec) -> Result<Box<dyn Transport>, Fault> {
        let source = self.known(&spec.source, Side::Source)?.settings();
        let target = self.known(&spec.target, Side::Target)?.settings();
        open_transport(source, target, spec)
    }
}

/// TRANSPORT: replace by `transport::open`, which takes the same.
fn open_transport(
    _source: &ClusterSettings,
    _target: &ClusterSettings,
    spec: &ShardSpec,
) -> Result<Box<dyn Transport>, Fault> {
    let operation = format!("open shard {} of flow `{}`", spec.shard, spec.flow);
    Err(Fault::new(FaultKind::Unsupported, Side::Source, operation, "there is no transport yet"))
}
