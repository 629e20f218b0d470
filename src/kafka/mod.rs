//! Kafka through librdkafka: implements [`engine::ports`](crate::engine::ports).
//!
//! The only module that knows rdkafka. It knows no configuration file, no screen, and takes no decision about the
//! mirror: it reports faults and does what the ports ask. All `unsafe` is in [`ffi`].

mod age;
mod api_table;
mod broker_states;
mod browse;
mod cluster;
mod connection;
mod connection_problem;
mod context;
mod examine;
mod fault_map;
mod ffi;
mod look;
mod offsets_topic;
mod probe;
mod property;
mod record_times;
mod rights;
mod server;
mod settings;
mod transport;

pub use settings::{ClusterSettings, ReadProperties};

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use crate::engine::ports::{Cluster, Kafka, PartitionFacts, ShardSpec, Transport};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{
    BrowseRequest, BrowsedPage, ClusterName, ReachResult, ReachStep, RecordTimes, TopicName, TopicPartition,
};
use cluster::ClusterClient;
use look::Look;

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
    clusters: RwLock<BTreeMap<(ClusterName, Side), Arc<ClusterClient>>>,
}

impl KafkaClusters {
    /// Knows `clusters`; connects to none of them yet.
    pub fn new(clusters: impl IntoIterator<Item = ClusterSettings>) -> Self {
        let known = Self { clusters: RwLock::default() };
        clusters.into_iter().for_each(|settings| known.learn(settings));
        known
    }

    /// Knows one more cluster, or one of this name by other settings. Who has a client of it keeps that one; whoever
    /// asks from now on gets one with these settings.
    pub fn learn(&self, settings: ClusterSettings) {
        let name = settings.name.clone();
        let look = Arc::new(Look::new(settings));
        // What is under the lock is whole at any time.
        let mut clusters = self.clusters.write().unwrap_or_else(PoisonError::into_inner);
        for side in [Side::Source, Side::Target] {
            clusters.insert((name.clone(), side), Arc::new(ClusterClient::new(Arc::clone(&look), side)));
        }
    }

    /// Who leads and holds each partition of a topic, by number.
    ///
    /// # Errors
    /// When no broker answers, or the topic cannot be described.
    pub fn partitions(
        &self,
        cluster: &ClusterName,
        side: Side,
        topic: &TopicName,
    ) -> Result<Vec<PartitionFacts>, Fault> {
        self.known(cluster, side)?.partitions(topic)
    }

    /// Records of a topic, to look at. Joins no group and commits nothing.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn browse(&self, cluster: &ClusterName, side: Side, request: &BrowseRequest) -> Result<BrowsedPage, Fault> {
        let client = self.known(cluster, side)?;
        browse::browse(&client, request)
    }

    /// Timestamps of the first records at or behind offsets. Joins no group. Ends early once it is not wanted any more.
    ///
    /// # Errors
    /// When the cluster cannot be asked.
    pub fn record_times(
        &self,
        cluster: &ClusterName,
        side: Side,
        offsets: &[(TopicPartition, i64)],
        is_wanted: &dyn Fn() -> bool,
    ) -> Result<RecordTimes, Fault> {
        record_times::record_times(&*self.known(cluster, side)?, offsets, is_wanted)
    }

    /// Takes every step towards a cluster, configured or not, and tells what became of each as soon as it is known.
    /// Takes some seconds.
    pub fn examine(settings: &ClusterSettings, side: Side, told: &mut dyn FnMut(ReachStep, ReachResult)) {
        examine::examine(settings, side, told);
    }

    fn known(&self, cluster: &ClusterName, side: Side) -> Result<Arc<ClusterClient>, Fault> {
        let clusters = self.clusters.read().unwrap_or_else(PoisonError::into_inner);
        clusters.get(&(cluster.clone(), side)).cloned().ok_or_else(|| {
            Fault::new(FaultKind::Invariant, side, format!("open cluster `{cluster}`"), "it is not configured")
        })
    }
}

impl Kafka for KafkaClusters {
    fn cluster(&self, cluster: &ClusterName, side: Side) -> Result<Arc<dyn Cluster>, Fault> {
        Ok(self.known(cluster, side)?)
    }

    fn transport(&self, spec: &ShardSpec) -> Result<Box<dyn Transport>, Fault> {
        let source = self.known(&spec.source, Side::Source)?.settings()?;
        let target = self.known(&spec.target, Side::Target)?.settings()?;
        transport::open(&source, &target, spec)
    }
}
