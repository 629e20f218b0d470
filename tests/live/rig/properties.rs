//! A broker's `server.properties`.

use super::version::{Keeper, Version};

/// The ports of one broker.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ports {
    /// For the rig: no questions asked, every right.
    pub(super) open: u16,
    /// For the mirror where rights are at stake: SASL/PLAIN, no rights but those granted. From 2.4 on.
    pub(super) guarded: Option<u16>,
}

/// The name and password that open a guarded listener.
pub(crate) const MIRROR_USER: (&str, &str) = ("mirror", "mirror-secret");

/// The properties every broker has, by version. What follows this text wins: Java keeps the last of two equal keys.
pub(super) fn common(version: &Version, ports: Ports) -> String {
    let open = format!("PLAINTEXT://127.0.0.1:{}", ports.open);
    let guarded = ports.guarded.map(|port| format!(",GUARDED://127.0.0.1:{port}")).unwrap_or_default();
    let since_0_11 = if version.has_transactions { SINCE_0_11 } else { "" };
    let access = if ports.guarded.is_some() { guarded_access(version) } else { String::new() };
    format!("listeners={open}{guarded}\nadvertised.listeners={open}{guarded}\n{ALWAYS}{since_0_11}{access}")
}

/// What makes one process broker and controller.
pub(super) fn kraft(ports: Ports, controller: u16) -> String {
    let guarded = ports.guarded.map(|port| format!("GUARDED://127.0.0.1:{port},")).unwrap_or_default();
    format!(
        "process.roles=broker,controller\nnode.id=1\ncontroller.listener.names=CONTROLLER\n\
         listeners=PLAINTEXT://127.0.0.1:{},{guarded}CONTROLLER://127.0.0.1:{controller}\n\
         listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,GUARDED:SASL_PLAINTEXT\n\
         inter.broker.listener.name=PLAINTEXT\n\
         controller.quorum.voters=1@127.0.0.1:{controller}\n{CRASH_RECOVERY}",
        ports.open
    )
}

/// What a broker beside a ZooKeeper needs; the protocol map of [`kraft`] is unknown to the oldest.
pub(super) fn zookeeper(address: &str) -> String {
    format!("broker.id=1\nzookeeper.connect={address}\n")
}

/// Whether `version` can have a guarded listener here.
pub(super) fn can_guard(version: &Version) -> bool {
    // The authorizer beside ZooKeeper came with 2.4; of the versions here, these take zstd.
    version.has_zstd
}

fn guarded_access(version: &Version) -> String {
    let (user, password) = MIRROR_USER;
    let authorizer = match version.keeper {
        Keeper::KRaft => "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
        // The names of the listeners are those of KRaft's map.
        Keeper::ZooKeeper => {
            "kafka.security.authorizer.AclAuthorizer\n\
             listener.security.protocol.map=PLAINTEXT:PLAINTEXT,GUARDED:SASL_PLAINTEXT\n\
             inter.broker.listener.name=PLAINTEXT"
        }
    };
    format!(
        "authorizer.class.name={authorizer}\n\
         super.users=User:ANONYMOUS\n\
         sasl.enabled.mechanisms=PLAIN\n\
         listener.name.guarded.plain.sasl.jaas.config=org.apache.kafka.common.security.plain.PlainLoginModule required \
         user_{user}=\"{password}\";\n"
    )
}

/// A killed broker may not register again before its last session is over: 9 s by default, in every test that kills
/// one.
const CRASH_RECOVERY: &str = "broker.session.timeout.ms=3000\nbroker.heartbeat.interval.ms=500\n";

/// Nothing is deleted by age unless a test asks for it (the corpus writes timestamps -1 and 1), and what a test asks
/// to be deleted goes within a second or two.
const ALWAYS: &str = "\
auto.create.topics.enable=false
delete.topic.enable=true
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
num.partitions=1
log.retention.ms=-1
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=1000
log.index.size.max.bytes=65536
log.cleaner.dedupe.buffer.size=8388608
log.cleaner.enable=true
log.cleaner.backoff.ms=200
num.network.threads=2
num.io.threads=2
";

const SINCE_0_11: &str = "\
group.initial.rebalance.delay.ms=0
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
";
