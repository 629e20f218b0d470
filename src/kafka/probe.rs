//! What a cluster's brokers support.
//!
//! librdkafka asks each broker for its table of APIs when it connects, but shows it to nobody. It logs it, though: so a
//! short-lived client is opened with just that debug output, which goes nowhere else.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::{Duration, Instant};

use rdkafka::ClientContext;
use rdkafka::config::RDKafkaLogLevel;
use rdkafka::consumer::{BaseConsumer, Consumer, ConsumerContext};
use rdkafka::error::KafkaError;

use super::context::MirrorContext;
use super::fault_map;
use super::ffi::Patience;
use super::ffi::metadata::{Topics, metadata};
use super::settings::ClusterSettings;
use crate::engine::ports::Features;
use crate::engine::{Fault, FaultKind, Side};

/// What was found out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Probed {
    /// What the brokers support.
    pub(super) features: Features,
    /// Whether topics have ids.
    pub(super) topic_ids: bool,
    /// Roughly which version they have.
    pub(super) version: String,
}

/// How long the first broker may take to connect and to answer.
const TIMEOUT: Duration = Duration::from_secs(5);
/// How long to read lines before looking whether they are enough.
const SERVE_FOR: Duration = Duration::from_millis(5);

/// Asks the first broker that answers.
///
/// # Errors
/// When none does.
pub(super) fn probe(settings: &ClusterSettings, side: Side) -> Result<Probed, Fault> {
    if let Some(version) = settings.version.unasked() {
        return Ok(Probed { features: NO_FEATURES, topic_ids: false, version: version.to_owned() });
    }
    let operation = || format!("ask cluster `{}` for its version", settings.name);
    let mut config = settings.admin_client(side)?;
    config.set("debug", "feature").set_log_level(RDKafkaLogLevel::Debug);
    let context = ProbeContext { problems: MirrorContext::new(side, "probe"), table: Mutex::default() };
    let consumer: BaseConsumer<ProbeContext> =
        config.create_with_context(context).map_err(|error| fault_map::fault_of(&error, side, operation()))?;
    let context = consumer.context();
    let serve = || {
        // Handles what comes until the time is over: with no time at all it would handle a single line.
        drop(consumer.poll(SERVE_FOR));
        context.is_complete() || context.problem().is_some_and(|problem| problem.kind != FaultKind::Unreachable)
    };
    let deadline = Instant::now() + TIMEOUT;
    // Asking for anything makes the client connect.
    let answer = metadata(consumer.client(), Topics::None, Patience { deadline, give_up: &serve });
    // An answer came after the handshake, whose lines wait to be read.
    while !serve() && answer.is_ok() && Instant::now() < deadline {}
    match (context.probed(), answer) {
        (Some(probed), _) => Ok(probed),
        (None, Ok(_)) => Err(Fault::new(FaultKind::Unsupported, side, operation(), "brokers did not tell")),
        (None, Err(refused)) => Err(match context.problem() {
            Some(problem) => Fault { operation: operation(), ..problem },
            None => {
                let detail = "no answer; brokers before 0.10 need `version` to be set";
                fault_map::fault(refused.code, side, operation(), detail)
            }
        }),
    }
}

/// Reads the table, drops all other lines, and remembers problems.
struct ProbeContext {
    problems: MirrorContext,
    table: Mutex<ApiTable>,
}

impl ProbeContext {
    fn problem(&self) -> Option<Fault> {
        self.problems.faults().last_problem()
    }

    fn is_complete(&self) -> bool {
        self.table.lock().unwrap_or_else(PoisonError::into_inner).complete
    }

    fn probed(&self) -> Option<Probed> {
        let table = self.table.lock().unwrap_or_else(PoisonError::into_inner);
        table.complete.then(|| table.probed())
    }
}

impl ClientContext for ProbeContext {
    fn log(&self, _level: RDKafkaLogLevel, facility: &str, line: &str) {
        match facility {
            "APIVERSION" => self.table.lock().unwrap_or_else(PoisonError::into_inner).read(line),
            "FAIL" => self.problems.note_failure(line),
            _ => {}
        }
    }

    fn error(&self, error: KafkaError, reason: &str) {
        self.problems.error(error, reason);
    }
}

impl ConsumerContext for ProbeContext {}

/// The APIs a broker has, each with its lowest and highest version.
#[derive(Debug, Default)]
struct ApiTable {
    apis: BTreeMap<i16, (i16, i16)>,
    complete: bool,
}

impl ApiTable {
    /// Takes a line of librdkafka's handshake:
    ///
    /// ```text
    /// [thrd:localhost:9092/bootstrap]: localhost:9092/bootstrap: Broker API support:
    /// [thrd:localhost:9092/bootstrap]: localhost:9092/bootstrap:   ApiKey Produce (0) Versions 0..12
    /// [thrd:localhost:9092/bootstrap]: localhost:9092/bootstrap: Enabling feature MsgVer1
    /// ```
    fn read(&mut self, line: &str) {
        if self.complete {
            return;
        }
        if line.ends_with("Broker API support:") {
            // An earlier table may have come with the refusal of a handshake that was too new.
            self.apis.clear();
        } else if let Some((key, lowest, highest)) = api(line) {
            self.apis.insert(key, (lowest, highest));
        } else if line.contains("Enabling feature") || line.contains("Disabling feature") {
            self.complete = !self.apis.is_empty();
        }
    }

    fn has(&self, key: i16) -> bool {
        self.apis.contains_key(&key)
    }

    fn highest(&self, key: i16) -> i16 {
        self.apis.get(&key).map_or(-1, |(_, highest)| *highest)
    }

    fn probed(&self) -> Probed {
        Probed {
            features: Features {
                headers: self.highest(PRODUCE) >= 3 && self.highest(FETCH) >= 4,
                timestamps: self.highest(PRODUCE) >= 2 && self.highest(FETCH) >= 2,
                create_topics: self.has(CREATE_TOPICS),
                create_partitions: self.has(CREATE_PARTITIONS),
                describe_configs: self.has(DESCRIBE_CONFIGS),
                idempotent_writes: self.has(INIT_PRODUCER_ID),
                zstd: self.highest(PRODUCE) >= 7 && self.highest(FETCH) >= 10,
                // Version 0 is the preview of 3.7, which librdkafka does not speak.
                consumer_group_protocol: self.highest(CONSUMER_GROUP_HEARTBEAT) >= 1,
            },
            topic_ids: self.highest(METADATA) >= 10,
            version: self.version().to_owned(),
        }
    }

    fn version(&self) -> &'static str {
        let fetch_lowest = self.apis.get(&FETCH).map_or(0, |(lowest, _)| *lowest);
        match self.highest(FETCH) {
            // What 4.0 dropped.
            _ if fetch_lowest >= 4 => "4.x",
            17.. => "3.9",
            16 => "3.7 to 3.8",
            14..=15 => "3.5 to 3.6",
            13 => "3.1 to 3.4",
            12 if self.has(DESCRIBE_TRANSACTIONS) => "3.0",
            12 if self.has(DESCRIBE_CLUSTER) => "2.8",
            12 => "2.7",
            11 if self.has(OFFSET_DELETE) => "2.4 to 2.6",
            11 => "2.3",
            10 => "2.1 to 2.2",
            8..=9 => "2.0",
            7 => "1.1",
            6 => "1.0",
            4..=5 => "0.11",
            3 => "0.10.1 to 0.10.2",
            _ => "0.10.0",
        }
    }
}

/// Key, lowest and highest version in a line that has them.
fn api(line: &str) -> Option<(i16, i16, i16)> {
    let (_, entry) = line.split_once("ApiKey ")?;
    let (name, versions) = entry.rsplit_once(" Versions ")?;
    let (_, key) = name.rsplit_once('(')?;
    let (lowest, highest) = versions.split_once("..")?;
    Some((key.strip_suffix(')')?.parse().ok()?, lowest.parse().ok()?, highest.trim().parse().ok()?))
}

const PRODUCE: i16 = 0;
const FETCH: i16 = 1;
const METADATA: i16 = 3;
const CREATE_TOPICS: i16 = 19;
const INIT_PRODUCER_ID: i16 = 22;
const DESCRIBE_CONFIGS: i16 = 32;
const CREATE_PARTITIONS: i16 = 37;
const OFFSET_DELETE: i16 = 47;
const DESCRIBE_CLUSTER: i16 = 60;
const DESCRIBE_TRANSACTIONS: i16 = 65;
const CONSUMER_GROUP_HEARTBEAT: i16 = 68;

/// What brokers before 0.10 have.
const NO_FEATURES: Features = Features {
    headers: false,
    timestamps: false,
    create_topics: false,
    create_partitions: false,
    describe_configs: false,
    idempotent_writes: false,
    zstd: false,
    consumer_group_protocol: false,
};

#[cfg(test)]
mod tests {
    use super::*;

    fn table(apis: &[(i16, i16, i16)]) -> ApiTable {
        let mut table = ApiTable::default();
        table.read("[thrd:a:1/bootstrap]: a:1/bootstrap: Broker API support:");
        for (key, lowest, highest) in apis {
            table.read(&format!(
                "[thrd:a:1/bootstrap]: a:1/bootstrap:   ApiKey Some-Name? ({key}) Versions {lowest}..{highest}"
            ));
        }
        table.read("[thrd:a:1/bootstrap]: a:1/bootstrap:  Feature MsgVer1: Produce (2..2) supported by broker");
        assert!(!table.complete);
        table.read("[thrd:a:1/bootstrap]: a:1/bootstrap: Enabling feature MsgVer1");
        assert!(table.complete);
        table
    }

    #[test]
    fn the_table_tells_features_and_version() {
        let new =
            table(&[(0, 0, 12), (1, 4, 17), (3, 0, 13), (19, 2, 7), (22, 0, 5), (32, 1, 4), (37, 0, 3), (68, 0, 1)]);
        let probed = new.probed();
        assert_eq!(probed.version, "4.x");
        assert!(probed.topic_ids);
        assert_eq!(probed.features, Features { consumer_group_protocol: true, ..Features::default() });

        let old = table(&[(0, 0, 2), (1, 0, 3), (3, 0, 2), (19, 0, 1)]).probed();
        assert_eq!(old.version, "0.10.1 to 0.10.2");
        assert_eq!(old.features, Features { timestamps: true, create_topics: true, ..NO_FEATURES });
        assert!(!old.topic_ids);
    }

    #[test]
    fn lines_without_a_table_are_nothing() {
        let mut table = ApiTable::default();
        for line in
            ["", "ApiKey", "ApiKey X (y) Versions 0..1", "ApiKey X (1) Versions 0-1", "Enabling feature MsgVer1"]
        {
            table.read(line);
        }
        assert!(table.apis.is_empty() && !table.complete);
    }
}
