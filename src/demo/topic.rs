//! The demo's topics and how much is written to them.
//!
//! The mock keeps everything in memory: 5 MiB and 100,000 batches of a partition, then it drops the oldest. Nothing
//! breaks then, but who pauses the flow for long would find records gone. So every partition stays under 4 MB for an
//! hour and more, on the target too, where the flow writes with the same compression. In the fullest partition, with
//! two minutes of backlog and an hour of traffic, zstd, 61 bytes for the header of each batch, as the test
//! `an_hour_of_traffic_fits` counts them:
//!
//! | topic | partitions | written | records/s | batches | MB | MB in all partitions |
//! |---|---|---|---|---|---|---|
//! | orders.created | 12 | 3 each 200 ms | 15 | 4,900 | 1.2 | 12 |
//! | payments.authorized | 6 | 300 each 10 s | 30 | 370 | 0.3 | 2 |
//! | clickstream | 24 | 200 each 100 ms, to one partition in turn | 2,000 | 1,600 | 1.8 | 44 |
//! | inventory.snapshots | 4 | 1 of 50 kB each 3 s | 0.3 | 310 | 2.1 | 9 |
//! | users.profiles | 8 | 2 each 500 ms | 4 | 1,900 | 0.3 | 2 |
//! | audit.log | 3 | 3 each 1 s | 3 | 3,700 | 0.8 | 2 |
//! | sensors.temperature | 6 | 60 each 1 s | 60 | 3,700 | 0.7 | 4 |
//! | heartbeat.minutely | 1 | 1 each 60 s | 0.02 | 62 | 0.01 | 0 |
//!
//! The first to reach 5 MiB is inventory.snapshots after two and a half hours. Both clusters together hold 150 MB after
//! one hour and never more than 640 MB.

use std::time::Duration;

use super::sample::{self, MakeSample};

/// A topic and its traffic.
#[derive(Clone, Copy, Debug)]
pub(super) struct DemoTopic {
    pub(super) name: &'static str,
    pub(super) partitions: i32,
    /// How often records are written,
    pub(super) every: Duration,
    /// and how many then.
    pub(super) records: u64,
    pub(super) sample: MakeSample,
    /// What is special about it.
    pub(super) about: &'static str,
}

/// A topic, for those who present the demo.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DemoTopicShape {
    /// Its name on the source.
    pub name: &'static str,
    /// Its partitions, on both sides.
    pub partitions: i32,
    /// Records written to it per second, on average.
    pub records_per_second: f64,
    /// What is special about it.
    pub about: &'static str,
}

/// The demo's topics.
pub fn topic_shapes() -> impl Iterator<Item = DemoTopicShape> {
    TOPICS.iter().map(|topic| DemoTopicShape {
        name: topic.name,
        partitions: topic.partitions,
        records_per_second: topic.records_per_second(),
        about: topic.about,
    })
}

impl DemoTopic {
    fn records_per_second(&self) -> f64 {
        // A few hundred records.
        #[expect(clippy::cast_precision_loss, reason = "small numbers")]
        let records = self.records as f64;
        records / self.every.as_secs_f64()
    }
}

/// How far back the records written at the start reach: something to catch up with.
pub(super) const BACKLOG: Duration = Duration::from_secs(120);

pub(super) const TOPICS: &[DemoTopic] = &[
    DemoTopic {
        name: "orders.created",
        partitions: 12,
        every: Duration::from_millis(200),
        records: 3,
        sample: sample::order,
        about: "JSON by customer, steady",
    },
    DemoTopic {
        name: "payments.authorized",
        partitions: 6,
        every: Duration::from_secs(10),
        records: 300,
        sample: sample::payment,
        about: "JSON by payment, in bursts",
    },
    DemoTopic {
        name: "clickstream",
        partitions: 24,
        every: Duration::from_millis(100),
        records: sample::CLICKS_PER_BATCH,
        sample: sample::click,
        about: "small records without keys, many",
    },
    DemoTopic {
        name: "inventory.snapshots",
        partitions: 4,
        every: Duration::from_secs(3),
        records: 1,
        sample: sample::inventory,
        about: "large records, few",
    },
    DemoTopic {
        name: "users.profiles",
        partitions: 8,
        every: Duration::from_millis(500),
        records: 2,
        sample: sample::profile,
        about: "latest state by user, with tombstones",
    },
    DemoTopic {
        name: "audit.log",
        partitions: 3,
        every: Duration::from_secs(1),
        records: 3,
        sample: sample::audit,
        about: "no keys, but headers",
    },
    DemoTopic {
        name: "sensors.temperature",
        partitions: 6,
        every: Duration::from_secs(1),
        records: 60,
        sample: sample::temperature,
        about: "eight bytes each, a day late",
    },
    DemoTopic {
        name: "heartbeat.minutely",
        partitions: 1,
        every: Duration::from_secs(60),
        records: 1,
        sample: sample::heartbeat,
        about: "nearly idle",
    },
];
