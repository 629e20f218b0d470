//! Which of the user's client properties go to which client.

/// What a client is for librdkafka.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Reads.
    Consumer,
    /// Writes.
    Producer,
}

impl Role {
    /// Whether a client of this role takes the user's property `key`, a canonical name.
    pub(crate) fn takes(self, key: &str) -> bool {
        let foreign = match self {
            Self::Consumer => PRODUCER_ONLY,
            Self::Producer => CONSUMER_ONLY,
        };
        !foreign.contains(&key) && !OURS_ALONE.contains(&key)
    }
}

/// The name we use for the property `key`: librdkafka has two names for some, and which of them it would obey is
/// chance.
pub(crate) fn canonical(key: &str) -> &str {
    ALIASES.iter().find(|(alias, _)| *alias == key).map_or(key, |(_, name)| name)
}

/// Alias and the name we use.
const ALIASES: &[(&str, &str)] = &[
    ("auto.commit.enable", "enable.auto.commit"),
    ("compression.codec", "compression.type"),
    ("delivery.timeout.ms", "message.timeout.ms"),
    ("max.in.flight.requests.per.connection", "max.in.flight"),
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("message.send.max.retries", "retries"),
    ("metadata.broker.list", "bootstrap.servers"),
    ("queue.buffering.max.ms", "linger.ms"),
    ("request.required.acks", "acks"),
    ("sasl.mechanism", "sasl.mechanisms"),
];

/// Properties that decide about lost, doubled or reordered records, or that would break a client they are wrong for.
/// What we set for some role is never taken from the user, even for the other role.
const OURS_ALONE: &[&str] = &[
    "acks",
    "allow.auto.create.topics",
    "auto.offset.reset",
    "bootstrap.servers",
    "check.crcs",
    "delivery.report.only.error",
    "enable.auto.commit",
    "enable.auto.offset.store",
    "enable.gapless.guarantee",
    "enable.idempotence",
    "enable.partition.eof",
    "group.id",
    // Several shards with one instance id would fence each other.
    "group.instance.id",
    "group.protocol",
    "group.protocol.type",
    "heartbeat.interval.ms",
    "isolation.level",
    "log.queue",
    "max.in.flight",
    "max.poll.interval.ms",
    "message.max.bytes",
    "message.timeout.ms",
    "partition.assignment.strategy",
    "queue.buffering.max.kbytes",
    "queue.buffering.max.messages",
    "receive.message.max.bytes",
    "retries",
    "session.timeout.ms",
    "statistics.interval.ms",
    "transactional.id",
];

/// As marked in librdkafka's CONFIGURATION.md. It warns about each that is set for the other role.
const CONSUMER_ONLY: &[&str] = &[
    "auto.commit.interval.ms",
    "consume.callback.max.messages",
    "coordinator.query.interval.ms",
    "fetch.error.backoff.ms",
    "fetch.max.bytes",
    "fetch.message.max.bytes",
    "fetch.min.bytes",
    "fetch.queue.backoff.ms",
    "fetch.wait.max.ms",
    "group.remote.assignor",
    "offset.store.method",
    "offset.store.path",
    "offset.store.sync.interval.ms",
    "queued.max.messages.kbytes",
    "queued.min.messages",
];

/// Likewise.
const PRODUCER_ONLY: &[&str] = &[
    "batch.num.messages",
    "batch.size",
    "compression.level",
    "compression.type",
    "linger.ms",
    "partitioner",
    "produce.offset.report",
    "queue.buffering.backpressure.threshold",
    "queuing.strategy",
    "request.timeout.ms",
    "sticky.partitioning.linger.ms",
    "transaction.timeout.ms",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_property_goes_to_the_clients_that_know_it() {
        assert!(Role::Producer.takes("linger.ms") && !Role::Consumer.takes("linger.ms"));
        assert!(Role::Consumer.takes("fetch.min.bytes") && !Role::Producer.takes("fetch.min.bytes"));
        assert!(Role::Consumer.takes("sasl.username") && Role::Producer.takes("sasl.username"));
        assert!(!Role::Producer.takes("acks"), "the promise is not for sale");
    }

    #[test]
    fn tables_hold_canonical_names() {
        for key in OURS_ALONE.iter().chain(CONSUMER_ONLY).chain(PRODUCER_ONLY) {
            assert_eq!(canonical(key), *key);
        }
        assert_eq!(canonical("compression.codec"), "compression.type");
    }
}
