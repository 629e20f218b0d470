//! Kafka through librdkafka: implements [`engine::ports`](crate::engine::ports).
//!
//! The only module that knows rdkafka. It knows no configuration file, no screen, and takes no decision about the
//! mirror: it reports faults and does what the ports ask. All `unsafe` is in [`ffi`].

mod cluster;
mod connection;
mod connection_problem;
mod context;
mod fault_map;
mod ffi;
mod offsets_topic;
mod probe;
mod property;
mod settings;
mod transport;

pub use settings::{BrokerVersion, ClusterSettings, ReadProperties};

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::engine::ports::{Cluster, Kafka, ShardSpec, Transport};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::ClusterName;
use cluster::ClusterClient;

/// The version of librdkafka that is built in.
pub fn client_version() -> String {
    rdkafka::util::get_rdkafka_version().1
}

/// What the consumer and the producer of a shard are configured with. For the bench's bare loop, so that it cannot
/// drift from the engine it is compared with.
///
/// # Errors
/// When a cluster's properties cannot be read.
#[doc(hidden)]
pub fn shard_properties(
    source: &ClusterSettings,
    target: &ClusterSettings,
    spec: &ShardSpec,
) -> Result<[BTreeMap<String, String>; 2], Fault> {
    let owned = |config: rdkafka::ClientConfig| {
        config.config_map().into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    Ok([owned(source.source_consumer(spec)?), owned(target.target_producer(spec)?)])
}

/// The clusters of the configuration.
#[derive(Debug)]
pub struct KafkaClusters {
    /// Each cluster twice: it may be the source of one flow and the target of another, and its faults tell which.
    clusters: BTreeMap<(ClusterName, Side), Arc<ClusterClient>>,
}

impl KafkaClusters {
    /// Knows `clusters`; connects to none of them yet.
    pub fn new(clusters: impl IntoIterator<Item = ClusterSettings>) -> Self {
        let mut known = BTreeMap::new();
        for settings in clusters {
            for side in [Side::Source, Side::Target] {
                known.insert((settings.name.clone(), side), Arc::new(ClusterClient::new(settings.clone(), side)));
            }
        }
        Self { clusters: known }
    }

    /// Which version of Kafka the cluster's brokers seem to have ("3.5 to 3.6"), once one of them was asked.
    pub fn version(&self, cluster: &ClusterName, side: Side) -> Option<String> {
        self.clusters.get(&(cluster.clone(), side)).and_then(|client| client.version())
    }

    fn known(&self, cluster: &ClusterName, side: Side) -> Result<&Arc<ClusterClient>, Fault> {
        self.clusters.get(&(cluster.clone(), side)).ok_or_else(|| {
            Fault::new(FaultKind::Invariant, side, format!("open cluster `{cluster}`"), "it is not configured")
        })
    }
}

impl Kafka for KafkaClusters {
    fn cluster(&self, cluster: &ClusterName, side: Side) -> Result<Arc<dyn Cluster>, Fault> {
        let client = Arc::clone(self.known(cluster, side)?);
        Ok(client)
    }

    fn transport(&self, spec: &ShardSpec) -> Result<Box<dyn Transport>, Fault> {
        let source = self.known(&spec.source, Side::Source)?.settings();
        let target = self.known(&spec.target, Side::Target)?.settings();
        transport::open(source, target, spec)
    }
}
