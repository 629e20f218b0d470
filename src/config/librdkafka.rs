//! The table of librdkafka's properties (2.15): which of them a user may set, which are ours, which are dangerous.

use super::suggest::did_you_mean;

/// Which clients a property means anything to. librdkafka grumbles about the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ClientRole {
    /// Reads from a source.
    Consumer,
    /// Writes to a target, or administers either.
    Producer,
}

/// What may be done with a property.
#[derive(Clone, Copy, Debug)]
pub(super) enum Policy {
    /// The user may set it; for one role only, or for both.
    Allowed(Option<ClientRole>, Kind),
    /// kmirror sets it, for this reason.
    Reserved(&'static str),
    /// Nobody sets it, for this reason.
    Refused(&'static str),
}

/// What values a property takes.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    /// Any text.
    Text,
    /// A text that must not be shown to anybody.
    Sensitive,
    /// A text that must not be shown, though no password.
    Private,
    /// `true` or `false`.
    Switch,
    /// A whole number within limits.
    Number(i64, i64),
    /// One of a few words, in any case.
    Word(&'static [&'static str]),
}

impl Kind {
    /// Whether its value must not be shown.
    pub(super) fn is_hidden(self) -> bool {
        matches!(self, Self::Sensitive | Self::Private)
    }
}

/// What may be done with `key`; `Err` says why nobody knows.
pub(super) fn policy(key: &str) -> Result<Policy, String> {
    if let Some((_, policy)) = TABLE.iter().find(|(name, _)| *name == key) {
        return Ok(*policy);
    }
    if key.ends_with("_cb") || key.starts_with("test.") {
        return Ok(Policy::Refused("it is for programs, not for files"));
    }
    if let Some((_, advice)) = JAVA.iter().find(|(name, _)| *name == key) {
        return Err(format!("is a property of the Java client; {advice}"));
    }
    let allowed = TABLE.iter().filter(|(_, policy)| matches!(policy, Policy::Allowed(..)));
    Err(format!("is not a known librdkafka property{}", did_you_mean(key, allowed.map(|(name, _)| *name))))
}

/// The property and the name librdkafka also has for it; setting both is setting one twice.
pub(super) const ALIASES: [(&str, &str); 7] = [
    ("sasl.mechanism", "sasl.mechanisms"),
    ("linger.ms", "queue.buffering.max.ms"),
    ("compression.type", "compression.codec"),
    ("max.partition.fetch.bytes", "fetch.message.max.bytes"),
    ("ssl.ca.location", "ssl.ca.pem"),
    ("sasl.oauthbearer.client.id", "sasl.oauthbearer.client.credentials.client.id"),
    ("sasl.oauthbearer.client.secret", "sasl.oauthbearer.client.credentials.client.secret"),
];

/// The names of every property with an entry of its own.
#[cfg(test)]
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    TABLE.iter().map(|(name, _)| *name)
}

const fn text() -> Policy {
    Policy::Allowed(None, Kind::Text)
}

const fn sensitive() -> Policy {
    Policy::Allowed(None, Kind::Sensitive)
}

const fn switch() -> Policy {
    Policy::Allowed(None, Kind::Switch)
}

const fn number(min: i64, max: i64) -> Policy {
    Policy::Allowed(None, Kind::Number(min, max))
}

const fn word(words: &'static [&'static str]) -> Policy {
    Policy::Allowed(None, Kind::Word(words))
}

const fn consumer_number(min: i64, max: i64) -> Policy {
    Policy::Allowed(Some(ClientRole::Consumer), Kind::Number(min, max))
}

const fn producer_number(min: i64, max: i64) -> Policy {
    Policy::Allowed(Some(ClientRole::Producer), Kind::Number(min, max))
}

const INT_MAX: i64 = i32::MAX as i64;
const CODECS: &[&str] = &["none", "gzip", "snappy", "lz4", "zstd"];
const GROUP: &str =
    "the flow's group carries its progress; use `group`, `group_protocol` and `session_timeout` of the flow";
const PROGRESS: &str = "progress is committed only for what the target has acknowledged";
const DURABLE: &str = "records are never lost or reordered: acks=all, idempotent, retried for ever";
const BATCHES: &str = "kmirror's own loop decides how records and reports are handed over";
const VERSION: &str = "use `version` of the cluster";
const PARTITION: &str = "a record keeps its partition";
const PROGRAM: &str = "it is for programs, not for files";
const CODE: &str = "it would load and run code from a file";
const VERIFY: &str = "it would let anybody pose as the broker";
const LOGS: &str = "use --log-level; librdkafka's debug output can hold credentials";

/// In the order of librdkafka's CONFIGURATION.md.
const TABLE: &[(&str, Policy)] = &[
    ("builtin.features", Policy::Reserved("it only lists what is built in")),
    ("client.id", Policy::Reserved("kmirror names its clients after the flow")),
    ("metadata.broker.list", Policy::Reserved("use `bootstrap_servers` of the cluster")),
    ("bootstrap.servers", Policy::Reserved("use `bootstrap_servers` of the cluster")),
    ("message.max.bytes", number(1_000, 1_000_000_000)),
    ("message.copy.max.bytes", Policy::Reserved("payloads are handed over, never copied")),
    ("receive.message.max.bytes", number(1_000, INT_MAX)),
    ("max.in.flight.requests.per.connection", Policy::Reserved(DURABLE)),
    ("max.in.flight", Policy::Reserved(DURABLE)),
    ("metadata.recovery.strategy", word(&["none", "rebootstrap"])),
    ("metadata.recovery.rebootstrap.trigger.ms", number(0, INT_MAX)),
    ("topic.metadata.refresh.interval.ms", number(-1, 3_600_000)),
    ("metadata.max.age.ms", number(1, 86_400_000)),
    ("topic.metadata.refresh.fast.interval.ms", number(1, 60_000)),
    ("topic.metadata.refresh.fast.cnt", number(0, 1_000)),
    ("topic.metadata.refresh.sparse", switch()),
    ("topic.metadata.propagation.max.ms", number(0, 3_600_000)),
    ("topic.blacklist", Policy::Reserved("use `exclude` of the flow")),
    ("debug", Policy::Refused(LOGS)),
    ("socket.timeout.ms", number(10, 300_000)),
    ("socket.blocking.max.ms", number(1, 60_000)),
    ("socket.send.buffer.bytes", number(0, 100_000_000)),
    ("socket.receive.buffer.bytes", number(0, 100_000_000)),
    ("socket.keepalive.enable", switch()),
    ("socket.nagle.disable", switch()),
    ("socket.max.fails", number(0, 1_000_000)),
    ("broker.address.ttl", number(0, 86_400_000)),
    ("broker.address.family", word(&["any", "v4", "v6"])),
    ("socket.connection.setup.timeout.ms", number(1_000, INT_MAX)),
    ("connections.max.idle.ms", number(0, INT_MAX)),
    ("reconnect.backoff.jitter.ms", number(0, 3_600_000)),
    ("reconnect.backoff.ms", number(0, 3_600_000)),
    ("reconnect.backoff.max.ms", number(0, 3_600_000)),
    ("statistics.interval.ms", Policy::Reserved("kmirror's metrics need them at their own pace")),
    ("enabled_events", Policy::Reserved(BATCHES)),
    ("log_level", Policy::Refused(LOGS)),
    ("log.queue", Policy::Reserved("librdkafka's log goes into kmirror's")),
    ("log.thread.name", Policy::Reserved("librdkafka's log goes into kmirror's")),
    ("enable.random.seed", Policy::Refused(PROGRAM)),
    ("log.connection.close", switch()),
    ("opaque", Policy::Refused(PROGRAM)),
    ("default_topic_conf", Policy::Refused(PROGRAM)),
    ("internal.termination.signal", Policy::Refused(PROGRAM)),
    ("api.version.request", Policy::Reserved(VERSION)),
    ("api.version.request.timeout.ms", number(1, 300_000)),
    ("api.version.fallback.ms", Policy::Reserved(VERSION)),
    ("broker.version.fallback", Policy::Reserved(VERSION)),
    ("allow.auto.create.topics", Policy::Reserved("topics are created by kmirror alone, with the source's partitions")),
    ("security.protocol", word(&["plaintext", "ssl", "sasl_plaintext", "sasl_ssl"])),
    ("ssl.cipher.suites", text()),
    ("ssl.curves.list", text()),
    ("ssl.sigalgs.list", text()),
    ("ssl.key.location", text()),
    ("ssl.key.password", sensitive()),
    ("ssl.key.pem", sensitive()),
    ("ssl_key", Policy::Refused("use `ssl.key.location` or `ssl.key.pem`")),
    ("ssl.certificate.location", text()),
    ("ssl.certificate.pem", text()),
    ("ssl_certificate", Policy::Refused("use `ssl.certificate.location` or `ssl.certificate.pem`")),
    ("ssl.ca.location", text()),
    ("https.ca.location", text()),
    ("https.ca.pem", text()),
    ("ssl.ca.pem", text()),
    ("ssl_ca", Policy::Refused("use `ssl.ca.location` or `ssl.ca.pem`")),
    ("ssl.ca.certificate.stores", text()),
    ("ssl.crl.location", text()),
    ("ssl.keystore.location", text()),
    ("ssl.keystore.password", sensitive()),
    ("ssl.providers", Policy::Refused(CODE)),
    ("ssl.engine.location", Policy::Refused(CODE)),
    ("ssl.engine.id", Policy::Refused(CODE)),
    ("ssl_engine_callback_data", Policy::Refused(CODE)),
    ("enable.ssl.certificate.verification", Policy::Refused(VERIFY)),
    ("ssl.endpoint.identification.algorithm", Policy::Refused(VERIFY)),
    ("sasl.mechanisms", text()),
    ("sasl.mechanism", text()),
    ("sasl.kerberos.service.name", text()),
    ("sasl.kerberos.principal", text()),
    ("sasl.kerberos.kinit.cmd", Policy::Refused("it would run a shell command")),
    ("sasl.kerberos.keytab", text()),
    ("sasl.kerberos.min.time.before.relogin", number(0, 86_400_000)),
    ("sasl.username", Policy::Allowed(None, Kind::Private)),
    ("sasl.password", sensitive()),
    ("sasl.oauthbearer.config", sensitive()),
    ("enable.sasl.oauthbearer.unsecure.jwt", Policy::Refused("it would sign tokens with nothing")),
    ("sasl.oauthbearer.method", word(&["default", "oidc"])),
    ("sasl.oauthbearer.client.id", text()),
    ("sasl.oauthbearer.client.credentials.client.id", text()),
    ("sasl.oauthbearer.client.credentials.client.secret", sensitive()),
    ("sasl.oauthbearer.client.secret", sensitive()),
    ("sasl.oauthbearer.scope", text()),
    ("sasl.oauthbearer.extensions", text()),
    ("sasl.oauthbearer.token.endpoint.url", text()),
    ("sasl.oauthbearer.grant.type", word(&["client_credentials", "urn:ietf:params:oauth:grant-type:jwt-bearer"])),
    ("sasl.oauthbearer.assertion.algorithm", word(&["RS256", "ES256"])),
    ("sasl.oauthbearer.assertion.private.key.file", text()),
    ("sasl.oauthbearer.assertion.private.key.passphrase", sensitive()),
    ("sasl.oauthbearer.assertion.private.key.pem", sensitive()),
    ("sasl.oauthbearer.assertion.file", text()),
    ("sasl.oauthbearer.assertion.claim.aud", text()),
    ("sasl.oauthbearer.assertion.claim.exp.seconds", number(1, INT_MAX)),
    ("sasl.oauthbearer.assertion.claim.iss", text()),
    ("sasl.oauthbearer.assertion.claim.jti.include", switch()),
    ("sasl.oauthbearer.assertion.claim.nbf.seconds", number(0, INT_MAX)),
    ("sasl.oauthbearer.assertion.claim.sub", text()),
    ("sasl.oauthbearer.assertion.jwt.template.file", text()),
    ("sasl.oauthbearer.metadata.authentication.type", word(&["none", "azure_imds"])),
    ("plugin.library.paths", Policy::Refused(CODE)),
    ("interceptors", Policy::Refused(CODE)),
    ("group.id", Policy::Reserved(GROUP)),
    ("group.instance.id", Policy::Reserved(GROUP)),
    ("partition.assignment.strategy", Policy::Reserved(GROUP)),
    ("session.timeout.ms", Policy::Reserved(GROUP)),
    ("heartbeat.interval.ms", Policy::Reserved(GROUP)),
    ("group.protocol.type", Policy::Reserved(GROUP)),
    ("group.protocol", Policy::Reserved(GROUP)),
    ("group.remote.assignor", Policy::Reserved(GROUP)),
    ("coordinator.query.interval.ms", consumer_number(1, 3_600_000)),
    ("max.poll.interval.ms", Policy::Reserved(GROUP)),
    ("enable.auto.commit", Policy::Reserved(PROGRESS)),
    ("auto.commit.interval.ms", Policy::Reserved("use `commit_interval` of the flow")),
    ("enable.auto.offset.store", Policy::Reserved(PROGRESS)),
    ("queued.min.messages", consumer_number(1, 10_000_000)),
    ("queued.max.messages.kbytes", consumer_number(1, 2_097_151)),
    ("fetch.wait.max.ms", consumer_number(0, 300_000)),
    ("fetch.queue.backoff.ms", consumer_number(0, 300_000)),
    ("fetch.message.max.bytes", consumer_number(1, 1_000_000_000)),
    ("max.partition.fetch.bytes", consumer_number(1, 1_000_000_000)),
    ("fetch.max.bytes", consumer_number(0, 2_147_483_135)),
    ("fetch.min.bytes", consumer_number(1, 100_000_000)),
    ("fetch.error.backoff.ms", consumer_number(0, 300_000)),
    ("offset.store.method", Policy::Reserved(PROGRESS)),
    ("isolation.level", Policy::Reserved("aborted records are never copied")),
    ("enable.partition.eof", Policy::Reserved(BATCHES)),
    ("check.crcs", Policy::Reserved("records damaged on their way are never copied")),
    ("client.rack", text()),
    ("transactional.id", Policy::Reserved(DURABLE)),
    ("transaction.timeout.ms", Policy::Reserved(DURABLE)),
    ("enable.idempotence", Policy::Reserved(DURABLE)),
    ("enable.gapless.guarantee", Policy::Reserved(DURABLE)),
    ("queue.buffering.max.messages", producer_number(1, INT_MAX)),
    ("queue.buffering.max.kbytes", producer_number(1, INT_MAX)),
    ("queue.buffering.max.ms", producer_number(0, 900_000)),
    ("linger.ms", producer_number(0, 900_000)),
    ("message.send.max.retries", Policy::Reserved(DURABLE)),
    ("retries", Policy::Reserved(DURABLE)),
    ("retry.backoff.ms", number(1, 300_000)),
    ("retry.backoff.max.ms", number(1, 300_000)),
    ("queue.buffering.backpressure.threshold", producer_number(1, 1_000_000)),
    ("compression.codec", Policy::Allowed(Some(ClientRole::Producer), Kind::Word(CODECS))),
    ("compression.type", Policy::Allowed(Some(ClientRole::Producer), Kind::Word(CODECS))),
    ("compression.level", producer_number(-1, 12)),
    ("batch.num.messages", producer_number(1, 1_000_000)),
    ("batch.size", producer_number(1, INT_MAX)),
    ("delivery.report.only.error", Policy::Reserved(BATCHES)),
    ("sticky.partitioning.linger.ms", Policy::Reserved(PARTITION)),
    ("client.dns.lookup", word(&["use_all_dns_ips", "resolve_canonical_bootstrap_servers_only"])),
    ("enable.metrics.push", switch()),
    ("request.required.acks", Policy::Reserved(DURABLE)),
    ("acks", Policy::Reserved(DURABLE)),
    ("request.timeout.ms", producer_number(1, 900_000)),
    ("message.timeout.ms", Policy::Reserved(DURABLE)),
    ("delivery.timeout.ms", Policy::Reserved(DURABLE)),
    ("queuing.strategy", Policy::Reserved(DURABLE)),
    ("produce.offset.report", Policy::Reserved(BATCHES)),
    ("partitioner", Policy::Reserved(PARTITION)),
    ("msg_order_cmp", Policy::Refused(PROGRAM)),
    ("auto.commit.enable", Policy::Reserved(PROGRESS)),
    ("auto.offset.reset", Policy::Reserved("use `start` of the flow")),
    ("offset.store.path", Policy::Reserved(PROGRESS)),
    ("offset.store.sync.interval.ms", Policy::Reserved(PROGRESS)),
    ("consume.callback.max.messages", Policy::Reserved(BATCHES)),
];

/// What people bring along from Java's files, with what to write here.
const JAVA: &[(&str, &str)] = &[
    ("sasl.jaas.config", "write `sasl.username` and `sasl.password`"),
    ("sasl.login.callback.handler.class", "write `sasl.oauthbearer.method` and its companions"),
    ("sasl.client.callback.handler.class", "write `sasl.mechanism` and its companions"),
    ("ssl.truststore.location", "write `ssl.ca.location`, the certificates in PEM format"),
    ("ssl.truststore.password", "leave it out: the PEM file of `ssl.ca.location` has no password"),
    ("ssl.truststore.type", "leave it out: `ssl.ca.location` is a PEM file"),
    ("ssl.truststore.certificates", "write `ssl.ca.pem`"),
    ("ssl.keystore.type", "leave it out: `ssl.keystore.location` is a PKCS#12 file"),
    ("ssl.keystore.key", "write `ssl.key.pem`"),
    ("ssl.keystore.certificate.chain", "write `ssl.certificate.pem`"),
    ("ssl.protocol", "leave it out: the best common version of TLS is used"),
    ("ssl.enabled.protocols", "leave it out: the best common version of TLS is used"),
    ("max.request.size", "write `message.max.bytes`"),
    ("buffer.memory", "write `queue.buffering.max.kbytes`"),
    ("fetch.max.wait.ms", "write `fetch.wait.max.ms`"),
    ("send.buffer.bytes", "write `socket.send.buffer.bytes`"),
    ("receive.buffer.bytes", "write `socket.receive.buffer.bytes`"),
    ("max.poll.records", "leave it out: `in_flight_bytes` of the flow bounds what is held"),
    ("max.block.ms", "leave it out: records wait for as long as it takes"),
    ("key.serializer", "leave it out: bytes are copied as they are"),
    ("value.serializer", "leave it out: bytes are copied as they are"),
    ("key.deserializer", "leave it out: bytes are copied as they are"),
    ("value.deserializer", "leave it out: bytes are copied as they are"),
    ("exclude.internal.topics", "leave it out: internal topics are mirrored only when named in full"),
];
