//! What each client is configured with: our defaults, then the user's properties, then what the mirror's promise rests
//! on.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rdkafka::ClientConfig;
use rdkafka::config::RDKafkaLogLevel;

use super::property::{Role, canonical};
use crate::engine::ports::{GroupProtocol, ShardSpec};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{ClusterName, KafkaVersion, Span};

/// Reads a cluster's client properties, secrets included. Called again for every new client, because credentials
/// rotate.
pub type ReadProperties = Arc<dyn Fn() -> Result<Vec<(String, String)>, String> + Send + Sync>;

/// How to reach one cluster.
#[derive(Clone)]
pub struct ClusterSettings {
    /// The cluster's name in the configuration.
    pub name: ClusterName,
    /// Where to find its brokers, `host:port` with commas between.
    pub bootstrap_servers: String,
    /// The brokers' version, where it was told.
    pub version: Option<KafkaVersion>,
    /// The user's client properties.
    pub properties: ReadProperties,
}

// Written by hand to keep the properties, which hold secrets, out of it.
impl fmt::Debug for ClusterSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClusterSettings")
            .field("name", &self.name)
            .field("bootstrap_servers", &self.bootstrap_servers)
            .field("version", &self.version)
            .finish_non_exhaustive()
    }
}

impl ClusterSettings {
    /// The same cluster, with another version.
    pub(crate) fn as_version(&self, version: Option<KafkaVersion>) -> Self {
        Self { version, ..self.clone() }
    }

    /// Whether the brokers are of those that do not tell their version.
    pub(crate) fn is_untold(&self) -> bool {
        self.version.as_ref().is_some_and(KafkaVersion::is_untold)
    }

    /// The client for metadata, offsets and topics: of the consumer type, so that asking for a topic never creates it.
    ///
    /// # Errors
    /// When the user's properties cannot be read.
    pub(crate) fn admin_client(&self, side: Side) -> Result<ClientConfig, Fault> {
        let ours = vec![
            ("client.id", "kmirror-admin".to_owned()),
            ("allow.auto.create.topics", "false".to_owned()),
            ("isolation.level", "read_committed".to_owned()),
            // Nobody waits longer for an answer than this client's requests do, so it also has to be back soon.
            ("reconnect.backoff.max.ms", "2000".to_owned()),
        ];
        self.client(Role::Consumer, side, Vec::new(), ours)
    }

    /// The reader of the brokers' own topic of positions. In no group: the name is only required.
    ///
    /// # Errors
    /// When the user's properties cannot be read.
    pub(crate) fn offsets_consumer(&self, side: Side) -> Result<ClientConfig, Fault> {
        let mut config = self.admin_client(side)?;
        config.set("group.id", "kmirror-reader").set("enable.auto.commit", "false");
        config.set("enable.partition.eof", "true").set("auto.offset.reset", "earliest");
        Ok(config)
    }

    /// The consumer of one shard.
    ///
    /// # Errors
    /// When the user's properties cannot be read.
    pub(crate) fn source_consumer(&self, spec: &ShardSpec) -> Result<ClientConfig, Fault> {
        let queue_kbytes = fetch_queue_kbytes(spec.in_flight_bytes_max);
        let defaults = vec![
            ("fetch.queue.backoff.ms", FETCH_QUEUE_BACKOFF_MS.to_string()),
            ("fetch.wait.max.ms", FETCH_WAIT_MS_MAX.to_string()),
            ("fetch.message.max.bytes", fetch_partition_bytes(queue_kbytes).to_string()),
            ("queued.max.messages.kbytes", queue_kbytes.to_string()),
        ];
        let mut ours = shard_properties(spec);
        ours.extend([
            ("group.id", spec.group.to_string()),
            ("enable.auto.commit", "false".into()),
            ("enable.auto.offset.store", "false".into()),
            // A position outside of the log is a finding, not something to jump over.
            ("auto.offset.reset", "error".into()),
            ("isolation.level", "read_committed".into()),
            ("check.crcs", "true".into()),
            ("enable.partition.eof", "true".into()),
            ("receive.message.max.bytes", RESPONSE_BYTES_MAX.to_string()),
        ]);
        ours.extend(self.membership(spec));
        let mut config = self.client(Role::Consumer, Side::Source, defaults, ours)?;
        config.set_log_level(RDKafkaLogLevel::Debug);
        Ok(config)
    }

    /// The producer of one shard.
    ///
    /// # Errors
    /// When the user's properties cannot be read.
    pub(crate) fn target_producer(&self, spec: &ShardSpec) -> Result<ClientConfig, Fault> {
        let defaults = vec![
            ("linger.ms", LINGER_MS.to_string()),
            ("batch.size", BATCH_BYTES_MAX.to_string()),
            ("batch.num.messages", BATCH_RECORDS_MAX.to_string()),
            ("compression.type", "lz4".to_owned()),
        ];
        // Without sequence numbers only a single request in flight keeps the order when it is sent again.
        let (idempotence, in_flight) =
            if spec.target_features.idempotent_writes { ("true", "5") } else { ("false", "1") };
        let mut ours = shard_properties(spec);
        ours.extend([
            ("enable.idempotence", idempotence.into()),
            ("max.in.flight", in_flight.into()),
            ("acks", "all".into()),
            // Connections to all brokers, whether there is something to write or not: a target that is away is to be
            // seen before the next record comes.
            ("enable.sparse.connections", "false".into()),
            // No limit: a record that timed out would be a hole in the middle of those behind it.
            ("message.timeout.ms", "0".into()),
            ("delivery.report.only.error", "false".into()),
            // The broker judges what is too large: it alone sees the compressed batch and the topic's limit.
            ("message.max.bytes", PRODUCE_BYTES_MAX.to_string()),
            ("queue.buffering.max.messages", produce_queue_records(spec.in_flight_bytes_max).to_string()),
            ("queue.buffering.max.kbytes", produce_queue_kbytes(spec.in_flight_bytes_max).to_string()),
        ]);
        let mut config = self.client(Role::Producer, Side::Target, defaults, ours)?;
        config.set_log_level(RDKafkaLogLevel::Debug);
        if config.get("compression.type") == Some("zstd") && !spec.target_features.zstd {
            // librdkafka would send to such brokers uncompressed.
            config.set("compression.type", "lz4");
        }
        Ok(config)
    }

    /// How the shard's consumer is a member of its group.
    fn membership(&self, spec: &ShardSpec) -> Vec<(&'static str, String)> {
        match spec.protocol {
            // The broker sets the timeouts and assigns, and librdkafka refuses the classic protocol's keys.
            GroupProtocol::Consumer => {
                vec![("group.protocol", "consumer".into()), ("max.poll.interval.ms", POLL_INTERVAL_MS_MAX.to_string())]
            }
            GroupProtocol::Classic => {
                let session_ms = self.session_ms(spec.session_timeout);
                vec![
                    ("group.protocol", "classic".into()),
                    ("partition.assignment.strategy", "cooperative-sticky".into()),
                    ("session.timeout.ms", session_ms.to_string()),
                    // Three heartbeats may be lost before the session is.
                    ("heartbeat.interval.ms", (session_ms / 4).clamp(1, 3_000).to_string()),
                    ("max.poll.interval.ms", POLL_INTERVAL_MS_MAX.max(session_ms).to_string()),
                ]
            }
        }
    }

    fn session_ms(&self, wanted: Option<Duration>) -> u64 {
        let wanted_ms = wanted.map_or(SESSION_MS, |timeout| u64::try_from(timeout.as_millis()).unwrap_or(u64::MAX));
        let is_old = self.version.as_ref().is_some_and(|version| version.is_before(&[0, 10, 1]));
        wanted_ms.clamp(1, if is_old { SESSION_MS_MAX_OLD } else { SESSION_MS_MAX })
    }

    /// Puts the layers together: `defaults`, what the user set, what is common to all clients, and `ours`.
    fn client(
        &self,
        role: Role,
        side: Side,
        defaults: Vec<(&'static str, String)>,
        ours: Vec<(&'static str, String)>,
    ) -> Result<ClientConfig, Fault> {
        let operation = || format!("read the client properties of cluster `{}`", self.name);
        let user = (self.properties)().map_err(|detail| Fault::new(FaultKind::Other, side, operation(), detail))?;
        let mut config = ClientConfig::new();
        config.set_log_level(log_level());
        for (key, value) in [("reconnect.backoff.max.ms", "5000"), ("socket.keepalive.enable", "true")] {
            config.set(key, value);
        }
        for (key, value) in defaults {
            config.set(key, value);
        }
        if self.is_untold() && role == Role::Consumer {
            config.set("socket.timeout.ms", FORGOTTEN_AFTER_MS);
        }
        for (key, value) in user {
            let key = canonical(key.trim());
            if role.takes(key) {
                config.set(key, value);
            }
        }
        config.set("bootstrap.servers", &self.bootstrap_servers);
        // Nobody reads them, and the brokers' operators did not ask for them.
        config.set("statistics.interval.ms", "0");
        config.set("enable.metrics.push", "false");
        if self.is_untold() {
            config.set("api.version.request", "false");
            config.set("broker.version.fallback", UNTOLD_VERSION);
        }
        for (key, value) in ours {
            config.set(key, value);
        }
        find_authorities(&mut config);
        Ok(config)
    }
}

/// The vendored OpenSSL looks for the system's certificates below its own prefix: let librdkafka look where they are.
fn find_authorities(config: &mut ClientConfig) {
    let encrypts =
        config.get("security.protocol").is_some_and(|protocol| protocol.to_ascii_lowercase().contains("ssl"));
    let told = ["ssl.ca.location", "ssl.ca.pem"].iter().any(|key| config.get(key).is_some());
    if encrypts && !told {
        config.set("ssl.ca.location", "probe");
    }
}

/// What both clients of a shard share.
fn shard_properties(spec: &ShardSpec) -> Vec<(&'static str, String)> {
    let refresh_ms = u64::try_from(spec.refresh_interval.as_millis()).unwrap_or(u64::MAX).clamp(10, REFRESH_MS_MAX);
    vec![
        ("client.id", format!("kmirror-{}-{}", spec.flow, spec.shard)),
        ("allow.auto.create.topics", "false".into()),
        // The only way to hear that a connection is there: see `broker_states`.
        ("debug", "broker".into()),
        ("topic.metadata.refresh.interval.ms", refresh_ms.to_string()),
        // As librdkafka relates the two.
        ("metadata.max.age.ms", (3 * refresh_ms).to_string()),
    ]
}

/// librdkafka's debug lines cost even when they are dropped, so it only makes them when someone listens. The clients of
/// shards always listen to those about connections, which are few.
fn log_level() -> RDKafkaLogLevel {
    if tracing::enabled!(target: "librdkafka", tracing::Level::DEBUG) {
        RDKafkaLogLevel::Debug
    } else {
        RDKafkaLogLevel::Info
    }
}

// Memory of a shard. Records are handed from consumer to producer without a copy, so what is in flight pins the
// response it came with. Measured (16 partitions of 1 KB records): 8 MB of fetch queue with 16 MB in flight peak at 152
// MB RSS and copy at 90 % of the speed that 64 MB + 128 MB reach (409 MB RSS); 4 MB + 8 MB need 78 MB and copy at half
// of it.

/// Half of what may be in flight waits decompressed in the client, and one response per broker of the same size is on
/// its way (`fetch.max.bytes` follows the queue's size).
fn fetch_queue_kbytes(in_flight_bytes_max: u64) -> u64 {
    (in_flight_bytes_max / 2 / 1024).clamp(1024, 64 * 1024)
}

/// A 16th of the queue, so that a broker's response serves 16 partitions before the queue is full. The client enlarges
/// it for a record that does not fit.
fn fetch_partition_bytes(queue_kbytes: u64) -> u64 {
    (queue_kbytes * 1024 / 16).clamp(64 * 1024, 1024 * 1024)
}

/// The engine's budget bounds what is in flight; the producer's own bound only has to stay out of the way. One record
/// may exceed the budget, and one record may have [`PRODUCE_BYTES_MAX`].
fn produce_queue_kbytes(in_flight_bytes_max: u64) -> u64 {
    (in_flight_bytes_max.saturating_add(PRODUCE_BYTES_MAX) / 1024 + 1).min(i32::MAX as u64)
}

/// Likewise for the number of records: each counts its overhead against the budget, however small it is.
fn produce_queue_records(in_flight_bytes_max: u64) -> u64 {
    (in_flight_bytes_max / Span::RECORD_OVERHEAD_BYTES).clamp(100_000, 10_000_000)
}

/// With librdkafka's 1000 a partition pauses for a second whenever the queue was full: 4 times slower, with idle CPUs.
const FETCH_QUEUE_BACKOFF_MS: u64 = 10;
/// How long a broker holds back an answer that has no records: 10 requests a second and broker when nothing comes.
const FETCH_WAIT_MS_MAX: u64 = 100;
/// Room for a record of 100 MB and its neighbours, and less than 352,518,400: that is the first four bytes of a TLS
/// alert (15 03 01 00), which a plaintext client would otherwise take for the size of an answer and wait for it.
const RESPONSE_BYTES_MAX: u64 = 300_000_000;
/// The largest librdkafka allows.
const PRODUCE_BYTES_MAX: u64 = 1_000_000_000;
/// Long enough to fill batches, short enough to be unseen.
const LINGER_MS: u64 = 20;
/// Uncompressed. Half of a topic's usual `max.message.bytes`, so that incompressible batches fit as well.
pub(super) const BATCH_BYTES_MAX: u64 = 500_000;
/// More records than fit [`BATCH_BYTES_MAX`]: only the bytes decide.
const BATCH_RECORDS_MAX: u64 = 100_000;
/// The longest a broker before 0.10.1 allows, and so valid everywhere. A dead instance is replaced after this time.
const SESSION_MS: u64 = 30_000;
const SESSION_MS_MAX_OLD: u64 = 30_000;
/// What librdkafka takes brokers for that do not tell their version. 0.9.0.0 and 0.9.0.1 speak alike.
const UNTOLD_VERSION: &str = "0.9.0.1";
/// Brokers of 0.9 may forget a connection (see [`age`](super::age)). To be noticed within half a session, so that its
/// member is not lost; librdkafka's default is a minute. Not for producers: an answer may take `request.timeout.ms`.
const FORGOTTEN_AFTER_MS: &str = "15000";
/// librdkafka's own limit.
const SESSION_MS_MAX: u64 = 3_600_000;
/// A shard's thread that does not poll for this long is given up by the group.
const POLL_INTERVAL_MS_MAX: u64 = 300_000;
/// librdkafka's own limit.
const REFRESH_MS_MAX: u64 = 3_600_000;

#[cfg(test)]
impl ClusterSettings {
    /// A cluster `home` of a version that was not told.
    pub(super) fn for_tests(bootstrap_servers: &str, properties: &[(&str, &str)]) -> Self {
        let owned = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        let properties: Vec<(String, String)> = properties.iter().map(owned).collect();
        Self {
            name: ClusterName::from("home"),
            bootstrap_servers: bootstrap_servers.to_owned(),
            version: None,
            properties: Arc::new(move || Ok(properties.clone())),
        }
    }
}

#[cfg(test)]
#[path = "settings_tests.rs"]
mod tests;
