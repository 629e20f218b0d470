//! One mock cluster.

use std::thread;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::error::{KafkaError, KafkaResult};
use rdkafka::mocking::{MockCluster, MockCoordinator};
use rdkafka::producer::{DefaultProducerContext, Producer, ThreadedProducer};
use rdkafka::types::RDKafkaErrorCode;

use super::error::DemoError;
use super::fault::DemoFault;
use crate::engine::Side;

/// Brokers, and the client they live in: the cluster ends with it.
///
/// The client is also what the traffic is written with. It serves itself, so that its log and its reports do not pile
/// up.
pub(super) struct Mock {
    side: Side,
    client: ThreadedProducer<DefaultProducerContext>,
    address: String,
}

impl Mock {
    /// Starts the brokers 1, 2 and 3.
    pub(super) fn start(side: Side) -> Result<Self, DemoError> {
        let starting = || "start brokers".to_owned();
        let client: ThreadedProducer<DefaultProducerContext> =
            client_config().create().map_err(DemoError::of(starting(), side))?;
        let mut mock = Self { side, client, address: String::new() };
        mock.address = mock.control(starting(), |cluster| Ok(cluster.bootstrap_servers()))?;
        Ok(mock)
    }

    /// Where any client finds the cluster.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// What the traffic is written with.
    pub(super) fn producer(&self) -> &ThreadedProducer<DefaultProducerContext> {
        &self.client
    }

    /// Creates a topic whose partitions are led by the brokers in turn.
    pub(super) fn create_topic(&self, name: &str, partitions: i32) -> Result<(), DemoError> {
        let creating = || format!("create topic `{name}`");
        self.control(creating(), |cluster| cluster.create_topic(name, partitions, BROKERS))?;
        (0..partitions).try_for_each(|partition| {
            self.control(creating(), |cluster| cluster.partition_leader(name, partition, Some(leader_of(partition))))
        })
    }

    /// Keeps `group` away from the broker that goes down: what a newcomer is to see is partitions that wait, not a
    /// group that falls apart.
    pub(super) fn coordinate(&self, group: &str) -> Result<(), DemoError> {
        self.control(format!("place group `{group}`"), |cluster| {
            cluster.coordinator(MockCoordinator::Group(group.to_owned()), COORDINATOR)
        })
    }

    pub(super) fn inject(&self, fault: DemoFault) -> Result<(), DemoError> {
        self.control(format!("inject {fault:?}"), |cluster| match fault {
            DemoFault::BrokerDown => cluster.broker_down(VICTIM),
            DemoFault::BrokerUp => cluster.broker_up(VICTIM),
            DemoFault::SlowLink { rtt } => cluster.broker_round_trip_time(ALL_BROKERS, rtt),
            DemoFault::FastLink => cluster.broker_round_trip_time(ALL_BROKERS, Duration::ZERO),
        })
    }

    /// Lets the cluster's thread do one thing.
    ///
    /// It has to be asleep by then. Its loop is: wait for a wake-up byte or a second; serve orders; read away all
    /// wake-up bytes. An order that comes between the last two has its byte read away and waits for the second to pass.
    /// An answer is given in the second step, so who gives one order right after another's answer meets just that.
    fn control<T>(
        &self,
        operation: String,
        act: impl FnOnce(&MockCluster<'_, DefaultProducerContext>) -> KafkaResult<T>,
    ) -> Result<T, DemoError> {
        thread::sleep(CONTROL_PAUSE);
        let cluster =
            self.client.client().mock_cluster().ok_or(KafkaError::MockCluster(RDKafkaErrorCode::UnknownBroker));
        cluster.and_then(|cluster| act(&cluster)).map_err(DemoError::of(operation, self.side))
    }
}

/// Of a client with brokers inside. Only the source's ever writes.
fn client_config() -> ClientConfig {
    let mut config = ClientConfig::new();
    // Nobody is interested in what this client thinks of brokers that were ordered to go down.
    config.set_log_level(RDKafkaLogLevel::Emerg);
    config
        .set("test.mock.num.brokers", BROKERS.to_string())
        .set("client.id", "demo-shop")
        .set("linger.ms", LINGER_MS.to_string())
        .set("compression.type", "zstd")
        .set("queue.buffering.max.kbytes", QUEUE_KBYTES.to_string())
        .set("reconnect.backoff.max.ms", "1000");
    config
}

/// Broker ids count from 1.
fn leader_of(partition: i32) -> i32 {
    1 + partition % BROKERS
}

/// Many times what reading away takes, and 70 ms in all for a cluster's topics.
const CONTROL_PAUSE: Duration = Duration::from_micros(500);
/// Enough that one may fail. More would only be more threads.
const BROKERS: i32 = 3;
/// The broker that goes down.
const VICTIM: i32 = 1;
/// Another.
const COORDINATOR: i32 = BROKERS;
/// As the mock's control interface has it.
const ALL_BROKERS: i32 = -1;
/// Long enough that what is written in one go is one batch: the sizes in `topic` rest on that.
const LINGER_MS: u64 = 20;
/// What waits while a broker is down; then the traffic stands still.
const QUEUE_KBYTES: u64 = 16 * 1024;
