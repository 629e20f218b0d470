//! The Kafka versions the rig can start, as data.

use std::sync::OnceLock;

use anyhow::{Result, anyhow};

/// How a version keeps its cluster's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keeper {
    /// One process is broker and controller.
    KRaft,
    /// A ZooKeeper process runs beside the broker.
    ZooKeeper,
}

/// Which logging library a version's jars bring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Logging {
    /// log4j 1 or reload4j.
    Log4j1,
    /// log4j 2.
    Log4j2,
}

/// A Maven artifact: group, name, version.
pub(crate) type Artifact = (&'static str, &'static str, &'static str);

/// One Kafka version.
#[derive(Debug)]
pub(crate) struct Version {
    /// As Maven and the users say it.
    pub(crate) name: &'static str,
    /// What to fetch; dependencies follow.
    pub(crate) artifacts: &'static [Artifact],
    /// Where its metadata lives.
    pub(crate) keeper: Keeper,
    /// How it is told to log.
    pub(crate) logging: Logging,
    /// It has record batches: headers, idempotence, transactions and their settings (0.11 and later).
    pub(crate) has_transactions: bool,
    /// It takes zstd (2.1 and later).
    pub(crate) has_zstd: bool,
    /// It answers ApiVersions (0.10.0 and later). 0.9 keeps the connection open and says nothing, and forgets others
    /// that it was dealing with: one that is asked is not shared.
    pub(crate) answers_api_versions: bool,
    /// It creates topics over the protocol with the versions the wire client speaks (1.0 and later).
    pub(crate) creates_topics: bool,
}

/// 0.9.0.1: message format v0, no ApiVersions, no CreateTopics.
pub(crate) static V0_9: Version = Version {
    name: "0.9.0.1",
    artifacts: &[(KAFKA, "kafka_2.11", "0.9.0.1")],
    keeper: Keeper::ZooKeeper,
    logging: Logging::Log4j1,
    has_transactions: false,
    has_zstd: false,
    answers_api_versions: false,
    creates_topics: false,
};

/// 0.10.2.2: message format v1. Without jaxb it does not start on Java after 8.
pub(crate) static V0_10: Version = Version {
    name: "0.10.2.2",
    artifacts: &[(KAFKA, "kafka_2.12", "0.10.2.2"), ("javax.xml.bind", "jaxb-api", "2.3.1")],
    keeper: Keeper::ZooKeeper,
    logging: Logging::Log4j1,
    has_transactions: false,
    has_zstd: false,
    answers_api_versions: true,
    creates_topics: false,
};

/// 1.0.2: the first with headers and transactions here.
pub(crate) static V1_0: Version = Version {
    name: "1.0.2",
    artifacts: &[(KAFKA, "kafka_2.12", "1.0.2")],
    keeper: Keeper::ZooKeeper,
    logging: Logging::Log4j1,
    has_transactions: true,
    has_zstd: false,
    answers_api_versions: true,
    creates_topics: true,
};

/// 2.4.1.
pub(crate) static V2_4: Version = Version {
    name: "2.4.1",
    artifacts: &[(KAFKA, "kafka_2.12", "2.4.1")],
    keeper: Keeper::ZooKeeper,
    logging: Logging::Log4j1,
    has_transactions: true,
    has_zstd: true,
    answers_api_versions: true,
    creates_topics: true,
};

/// 3.2.3, still with ZooKeeper.
pub(crate) static V3_2: Version = Version {
    name: "3.2.3",
    artifacts: &[(KAFKA, "kafka_2.13", "3.2.3"), (KAFKA, "kafka-tools", "3.2.3")],
    keeper: Keeper::ZooKeeper,
    logging: Logging::Log4j1,
    has_transactions: true,
    has_zstd: true,
    answers_api_versions: true,
    creates_topics: true,
};

/// 3.9.2, KRaft.
pub(crate) static V3_9: Version = Version {
    name: "3.9.2",
    artifacts: &[(KAFKA, "kafka_2.13", "3.9.2"), (KAFKA, "kafka-tools", "3.9.2")],
    keeper: Keeper::KRaft,
    logging: Logging::Log4j1,
    has_transactions: true,
    has_zstd: true,
    answers_api_versions: true,
    creates_topics: true,
};

/// 4.3.0, KRaft.
pub(crate) static V4_3: Version = Version {
    name: "4.3.0",
    artifacts: &[
        (KAFKA, "kafka_2.13", "4.3.0"),
        (KAFKA, "kafka-tools", "4.3.0"),
        // Not among its dependencies, only in its distribution: without it the broker logs nothing at all.
        ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.25.4"),
    ],
    keeper: Keeper::KRaft,
    logging: Logging::Log4j2,
    has_transactions: true,
    has_zstd: true,
    answers_api_versions: true,
    creates_topics: true,
};

/// Every version, oldest first.
pub(crate) static ALL: [&Version; 7] = [&V0_9, &V0_10, &V1_0, &V2_4, &V3_2, &V3_9, &V4_3];

/// A value for every version, made when first asked for and shared by all trials of this process.
#[derive(Debug)]
pub(crate) struct PerVersion<T>([OnceLock<Result<T, String>>; ALL.len()]);

impl<T> PerVersion<T> {
    /// None made yet.
    pub(crate) const fn new() -> Self {
        Self([const { OnceLock::new() }; ALL.len()])
    }

    /// The value of `version`. An error is kept as text: whoever needs the value fails with the same reason, none tries
    /// again.
    pub(crate) fn get(&self, version: &'static Version, make: impl FnOnce() -> Result<T>) -> Result<&T> {
        let index = ALL.iter().position(|known| known.name == version.name).unwrap_or(0);
        let made = self.0[index].get_or_init(|| make().map_err(|error| format!("{error:#}")));
        made.as_ref().map_err(|error| anyhow!("{error}"))
    }

    /// Those that were made.
    pub(crate) fn made(&self) -> impl Iterator<Item = &T> {
        self.0.iter().filter_map(|slot| slot.get()?.as_ref().ok())
    }
}

const KAFKA: &str = "org.apache.kafka";
