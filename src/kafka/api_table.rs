//! A broker's table of APIs, as librdkafka's debug lines tell it, and what follows from it.

use std::collections::BTreeMap;

use crate::engine::ports::Features;
use crate::model::VersionRange;

/// What brokers can do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Capabilities {
    /// What they support.
    pub(super) features: Features,
    /// Whether topics have ids.
    pub(super) topic_ids: bool,
    /// Whether they tell what a client may do with topics, groups and the cluster (2.3).
    pub(super) rights: bool,
    /// Roughly which version they have.
    pub(super) version: VersionRange,
}

impl Capabilities {
    /// What brokers can do that do not tell: those of 0.9.
    pub(super) fn untold() -> Self {
        Self { features: NO_FEATURES, topic_ids: false, rights: false, version: VersionRange::new(&[0, 9], &[0, 9]) }
    }
}

/// The APIs a broker has, each with its lowest and highest version.
#[derive(Debug, Default)]
pub(super) struct ApiTable {
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
    pub(super) fn read(&mut self, line: &str) {
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

    /// What the table tells, once all of it was read.
    pub(super) fn told(&self) -> Option<Capabilities> {
        self.complete.then(|| self.capabilities())
    }

    fn has(&self, key: i16) -> bool {
        self.apis.contains_key(&key)
    }

    fn highest(&self, key: i16) -> i16 {
        self.apis.get(&key).map_or(-1, |(_, highest)| *highest)
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities {
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
            rights: self.highest(METADATA) >= 8 && self.highest(DESCRIBE_GROUPS) >= 3,
            version: self.version(),
        }
    }

    fn version(&self) -> VersionRange {
        let fetch_lowest = self.apis.get(&FETCH).map_or(0, |(lowest, _)| *lowest);
        let (lowest, highest): (&[u16], &[u16]) = match self.highest(FETCH) {
            // What 4.0 dropped.
            _ if fetch_lowest >= 4 => return VersionRange::since(4),
            17.. => (&[3, 9], &[3, 9]),
            16 => (&[3, 7], &[3, 8]),
            14..=15 => (&[3, 5], &[3, 6]),
            13 => (&[3, 1], &[3, 4]),
            12 if self.has(DESCRIBE_TRANSACTIONS) => (&[3, 0], &[3, 0]),
            12 if self.has(DESCRIBE_CLUSTER) => (&[2, 8], &[2, 8]),
            12 => (&[2, 7], &[2, 7]),
            11 if self.has(OFFSET_DELETE) => (&[2, 4], &[2, 6]),
            11 => (&[2, 3], &[2, 3]),
            10 => (&[2, 1], &[2, 2]),
            8..=9 => (&[2, 0], &[2, 0]),
            7 => (&[1, 1], &[1, 1]),
            6 => (&[1, 0], &[1, 0]),
            4..=5 => (&[0, 11], &[0, 11]),
            3 => (&[0, 10, 1], &[0, 10, 2]),
            _ => (&[0, 10, 0], &[0, 10, 0]),
        };
        VersionRange::new(lowest, highest)
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
const DESCRIBE_GROUPS: i16 = 15;
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
        assert_eq!(table.told(), None);
        table.read("[thrd:a:1/bootstrap]: a:1/bootstrap: Enabling feature MsgVer1");
        table
    }

    #[test]
    fn the_table_tells_features_and_version() {
        let new = table(&[
            (0, 0, 12),
            (1, 4, 17),
            (3, 0, 13),
            (15, 0, 6),
            (19, 2, 7),
            (22, 0, 5),
            (32, 1, 4),
            (37, 0, 3),
            (68, 0, 1),
        ]);
        let told = new.told().expect("complete");
        assert_eq!(told.version.to_string(), "4.x");
        assert!(told.topic_ids && told.rights);
        assert_eq!(told.features, Features { consumer_group_protocol: true, ..Features::default() });

        let old = table(&[(0, 0, 2), (1, 0, 3), (3, 0, 2), (19, 0, 1)]).told().expect("complete");
        assert_eq!(old.version.to_string(), "0.10.1 to 0.10.2");
        assert_eq!(old.features, Features { timestamps: true, create_topics: true, ..NO_FEATURES });
        assert!(!old.topic_ids && !old.rights);
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
