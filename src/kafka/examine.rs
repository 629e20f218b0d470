//! How far one gets towards a cluster, step by step, and what stands in the way.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::sync::Arc;

use super::cluster::{ClusterClient, TOPICS_PER_REQUEST};
use super::look::Look;
use super::server::{self, Server};
use super::settings::ClusterSettings;
use crate::engine::ports::{AskedRights, Cluster, ClusterFacts, OffsetQuery, Rights, TopicFacts};
use crate::engine::{Fault, FaultKind, Side};
use crate::model::{GroupName, Operation, ReachResult, ReachStep, TopicPartition};

/// Takes every step, and tells what became of each. `told` hears of each step as soon as it is done.
pub(super) fn examine(settings: &ClusterSettings, side: Side, told: &mut dyn FnMut(ReachStep, ReachResult)) {
    let mut last = None;
    let mut tell = |step: ReachStep, result: ReachResult| {
        last = Some(step);
        let has_failed = matches!(result, ReachResult::Failed { .. });
        told(step, result);
        has_failed
    };
    walk(settings, side, &mut tell);
    let untried = ReachStep::ALL.into_iter().filter(|step| last.is_none_or(|last| *step > last));
    untried.for_each(|step| told(step, ReachResult::NotTried));
}

/// Ends at the first step that fails.
fn walk(settings: &ClusterSettings, side: Side, tell: &mut dyn FnMut(ReachStep, ReachResult) -> bool) {
    let servers = Server::all_of(&settings.bootstrap_servers);
    let (result, addresses) = look_up(&servers);
    if tell(ReachStep::Lookup, result) || tell(ReachStep::Connect, connect(&addresses)) {
        return;
    }
    let cluster = ClusterClient::new(Arc::new(Look::new(settings.clone())), side);
    let answer = cluster.facts();
    let security = Security::of(settings, side);
    if tell(ReachStep::Tls, security.tls(&answer)) || tell(ReachStep::Sasl, security.sasl(&answer)) {
        return;
    }
    match answer {
        Ok(facts) => {
            if !tell(ReachStep::Metadata, metadata(&facts)) {
                tell(ReachStep::Authorization, authorization(&cluster));
            }
        }
        Err(fault) => {
            tell(ReachStep::Metadata, failed(&fault, fix_of(&fault)));
        }
    }
}

type Found = Vec<(String, Vec<SocketAddr>)>;

fn look_up(servers: &[Server]) -> (ReachResult, Found) {
    let (mut found, mut problems) = (Found::new(), Vec::new());
    for server in servers {
        match server.look_up() {
            Ok(addresses) => found.push((server.name(), addresses)),
            Err(problem) => problems.push(problem),
        }
    }
    let fix = "correct `bootstrap_servers`, or the name in /etc/hosts or DNS; `getent hosts NAME` asks the same";
    (some_of(&problems, found.len(), &format!("{} of {} names", found.len(), servers.len()), fix), found)
}

fn connect(found: &Found) -> ReachResult {
    let (mut passed, mut problems) = (0, Vec::new());
    for (name, addresses) in found {
        match server::connect(addresses) {
            Ok(_) => passed += 1,
            Err(error) => problems.push(format!("{name}: {error}")),
        }
    }
    let fix = "is the broker running, the port right, and the way open (firewall)? `nc -vz HOST PORT` tries the same";
    some_of(&problems, passed, &format!("{passed} of {} servers", found.len()), fix)
}

/// One server that can be reached is enough to go on; the others are worth a word.
fn some_of(problems: &[String], passed: usize, found: &str, fix: &str) -> ReachResult {
    let cause = problems.join("; ");
    match (passed, problems.is_empty()) {
        (_, true) => ReachResult::Passed(found.to_owned()),
        (0, _) => ReachResult::Failed { cause, fix: fix.to_owned() },
        _ => ReachResult::Doubtful { cause, fix: fix.to_owned() },
    }
}

/// What the cluster's properties ask for.
struct Security {
    has_tls: bool,
    has_sasl: bool,
    mechanism: String,
}

impl Security {
    fn of(settings: &ClusterSettings, side: Side) -> Self {
        let config = settings.admin_client(side).ok();
        let property = |keys: &[&str]| {
            let config = config.as_ref()?;
            keys.iter().find_map(|key| config.get(key)).map(str::to_ascii_uppercase)
        };
        let protocol = property(&["security.protocol"]).unwrap_or_default();
        Self {
            has_tls: protocol.contains("SSL"),
            has_sasl: protocol.contains("SASL"),
            mechanism: property(&["sasl.mechanisms", "sasl.mechanism"]).unwrap_or_else(|| "GSSAPI".into()),
        }
    }

    fn tls(&self, answer: &Result<ClusterFacts, Fault>) -> ReachResult {
        match answer {
            // Told by what came instead of an answer.
            Err(fault) if fault.kind == FaultKind::Tls || fault.detail.contains("may require TLS") => {
                failed(fault, fix_of(fault))
            }
            _ if !self.has_tls => ReachResult::NotNeeded,
            Ok(_) => ReachResult::Passed("the certificate is trusted".into()),
            Err(fault) if fault.kind == FaultKind::Authentication => {
                ReachResult::Passed("the certificate is trusted".into())
            }
            Err(fault) => failed(fault, "does this port speak TLS? `openssl s_client -connect HOST:PORT` shows".into()),
        }
    }

    fn sasl(&self, answer: &Result<ClusterFacts, Fault>) -> ReachResult {
        match answer {
            Err(fault) if fault.kind == FaultKind::Authentication => failed(fault, fix_of(fault)),
            _ if !self.has_sasl => ReachResult::NotNeeded,
            Ok(_) => ReachResult::Passed(format!("{} accepted", self.mechanism)),
            Err(fault) => failed(fault, fix_of(fault)),
        }
    }
}

/// The brokers tell addresses of their own, and clients use those: the classic trap of `advertised.listeners`.
fn metadata(facts: &ClusterFacts) -> ReachResult {
    let mut problems = Vec::new();
    for broker in &facts.brokers {
        let reached = Server::of(&broker.address)
            .look_up()
            .and_then(|addresses| server::connect(&addresses).map_err(|error| format!("{}: {error}", broker.address)));
        if let Err(problem) = reached {
            problems.push(format!("broker {} calls itself {problem}", broker.id));
        }
    }
    let passed = facts.brokers.len() - problems.len();
    let version = facts.version.as_ref().map(|version| format!(", Kafka {version}")).unwrap_or_default();
    let found = count(facts.brokers.len(), "broker") + &version;
    some_of(
        &problems,
        passed,
        &found,
        "correct `advertised.listeners` of these brokers, or make the address reachable from here",
    )
}

fn authorization(cluster: &ClusterClient) -> ReachResult {
    let topics = match cluster.topics() {
        Ok(topics) => topics,
        Err(fault) => return failed(&fault, fix_of(&fault)),
    };
    let denied = topics.iter().filter(|topic| is_denied(topic.fault.as_ref())).count();
    let first = topics.iter().find(|topic| topic.fault.is_none() && topic.partitions > 0);
    let group = GroupName::from("kmirror.test");
    let asked = first.map(|topic| {
        let partition = TopicPartition::new(topic.name.clone(), 0);
        let read = cluster.offsets(std::slice::from_ref(&partition), OffsetQuery::Latest);
        (cluster.committed(&group, std::slice::from_ref(&partition)), read)
    });
    let rights = rights(cluster, &topics, &group);
    let is_group_denied = match asked {
        Some((Err(fault), _)) if fault.kind == FaultKind::GroupAuthorization => true,
        _ => rights.group.contains(&Operation::Read),
    };
    match used(&topics, &rights) {
        _ if is_group_denied => ReachResult::Doubtful {
            cause: "groups `kmirror.*` may not be read: this cluster cannot be a source".into(),
            fix: "kafka-acls.sh --add --allow-principal User:NAME --operation Read --group kmirror. \
                  --resource-pattern-type prefixed"
                .into(),
        },
        _ if topics.is_empty() || denied > 0 => ReachResult::Doubtful {
            cause: format!("{} visible, {denied} of them not to be described", count(topics.len(), "topic")),
            fix: "kafka-acls.sh --add --allow-principal User:NAME --operation Describe --operation Read --topic '*'"
                .into(),
        },
        Used::Nothing => ReachResult::Doubtful {
            cause: format!("{} visible, none of them to be read or written", count(topics.len(), "topic")),
            fix: "kafka-acls.sh --add --allow-principal User:NAME --operation Read --topic '*', or --operation Write for \
                  a target"
                .into(),
        },
        Used::All => ReachResult::Passed(format!("{} visible", count(topics.len(), "topic"))),
        Used::Some { unread, unwritten } => ReachResult::Passed(format!(
            "{} visible, {unread} of them not to be read, {unwritten} not to be written",
            count(topics.len(), "topic")
        )),
    }
}

/// What may not be done with the first of the topics, and with a group of ours; nothing where that is not told.
fn rights(cluster: &ClusterClient, topics: &[TopicFacts], group: &GroupName) -> Rights {
    let topics = ours(topics).take(TOPICS_PER_REQUEST).map(|topic| topic.name.clone()).collect();
    let asked = AskedRights { topics, group: Some(group.clone()), ..AskedRights::default() };
    cluster.rights(&asked).unwrap_or_default()
}

/// Topics that can be described, but for Kafka's own.
fn ours(topics: &[TopicFacts]) -> impl Iterator<Item = &TopicFacts> {
    topics.iter().filter(|topic| topic.fault.is_none() && !topic.name.as_str().starts_with("__"))
}

/// What a cluster can be used for.
enum Used {
    All,
    Some { unread: usize, unwritten: usize },
    Nothing,
}

fn used(topics: &[TopicFacts], rights: &Rights) -> Used {
    let without = |operations: &[Operation]| {
        let lacks = |denied: &&BTreeSet<Operation>| operations.iter().all(|operation| denied.contains(operation));
        rights.topics.values().filter(lacks).count()
    };
    let (unread, unwritten) = (without(&[Operation::Read]), without(&[Operation::Write]));
    let asked = ours(topics).take(TOPICS_PER_REQUEST).count();
    match (unread, unwritten) {
        (0, 0) => Used::All,
        _ if without(&[Operation::Read, Operation::Write]) == asked => Used::Nothing,
        (unread, unwritten) => Used::Some { unread, unwritten },
    }
}

/// `1 topic`, `2 topics`.
fn count(number: usize, what: &str) -> String {
    if number == 1 { format!("1 {what}") } else { format!("{number} {what}s") }
}

fn is_denied(fault: Option<&Fault>) -> bool {
    fault.is_some_and(|fault| fault.kind == FaultKind::TopicAuthorization)
}

fn failed(fault: &Fault, fix: String) -> ReachResult {
    ReachResult::Failed { cause: fault.detail.clone(), fix }
}

fn fix_of(fault: &Fault) -> String {
    match fault.kind {
        FaultKind::Tls => "set `ssl.ca.location` to the authority's certificate, and check the host's name",
        FaultKind::Authentication => "check `sasl.mechanism`, `sasl.username` and `sasl.password`",
        FaultKind::Unreachable if fault.detail.contains("may require TLS") => {
            "set `security.protocol` to SSL or SASL_SSL, or use the plain port"
        }
        _ => "does a Kafka broker listen there? Its log tells why it closes connections",
    }
    .to_owned()
}

#[cfg(test)]
mod tests {
    use rdkafka::mocking::MockCluster;

    use super::*;

    fn examined(bootstrap_servers: &str, properties: &[(&str, &str)]) -> Vec<(ReachStep, ReachResult)> {
        let settings = ClusterSettings::for_tests(bootstrap_servers, properties);
        let mut steps = Vec::new();
        examine(&settings, Side::Source, &mut |step, result| steps.push((step, result)));
        assert_eq!(steps.iter().map(|(step, _)| *step).collect::<Vec<_>>(), ReachStep::ALL, "each is told once");
        steps
    }

    fn failed_step(steps: &[(ReachStep, ReachResult)]) -> Option<ReachStep> {
        steps.iter().find(|(_, result)| matches!(result, ReachResult::Failed { .. })).map(|(step, _)| *step)
    }

    #[test]
    fn a_cluster_that_can_be_reached_passes_every_step() {
        let mock = MockCluster::new(2).expect("mock cluster");
        mock.create_topic("orders", 1, 1).expect("topic");
        let steps = examined(&mock.bootstrap_servers(), &[]);
        assert_eq!(failed_step(&steps), None, "{steps:?}");
        assert_eq!(steps[2].1, ReachResult::NotNeeded);
        assert!(matches!(&steps[4].1, ReachResult::Passed(found) if found.starts_with("2 brokers")), "{steps:?}");
        assert_eq!(steps[5].1, ReachResult::Passed("1 topic visible".into()));
    }

    #[test]
    fn the_step_that_fails_is_named() {
        assert_eq!(failed_step(&examined("no.such.host.invalid:9092", &[])), Some(ReachStep::Lookup));
        // Bound, and closed at once: nobody listens there.
        let port = std::net::TcpListener::bind("127.0.0.1:0").and_then(|it| it.local_addr()).expect("a port").port();
        let steps = examined(&format!("127.0.0.1:{port}"), &[]);
        assert_eq!(failed_step(&steps), Some(ReachStep::Connect));
        assert_eq!(steps[5].1, ReachResult::NotTried);
    }

    #[test]
    fn what_a_cluster_may_be_used_for_is_counted() {
        let topics: Vec<TopicFacts> = ["a", "b", "__consumer_offsets"].map(fact).into();
        let denied = |topics: &[(&str, &[Operation])]| {
            let denied = |(name, denied): &(&str, &[Operation])| ((*name).into(), denied.iter().copied().collect());
            Rights { topics: topics.iter().map(denied).collect(), ..Rights::default() }
        };
        let both: &[Operation] = &[Operation::Read, Operation::Write];
        assert!(matches!(used(&topics, &Rights::default()), Used::All));
        assert!(matches!(used(&topics, &denied(&[("a", both), ("b", both)])), Used::Nothing));
        let some = used(&topics, &denied(&[("a", both), ("b", &[Operation::Write])]));
        assert!(matches!(some, Used::Some { unread: 1, unwritten: 2 }));
    }

    fn fact(name: &str) -> TopicFacts {
        TopicFacts {
            name: name.into(),
            partitions: 1,
            replication_factor: 1,
            in_sync_replicas_min: 1,
            leaderless: 0,
            id: None,
            fault: None,
        }
    }

    #[test]
    fn a_plain_port_fails_at_tls() {
        let mock = MockCluster::new(1).expect("mock cluster");
        let steps = examined(&mock.bootstrap_servers(), &[("security.protocol", "SSL")]);
        assert_eq!(failed_step(&steps), Some(ReachStep::Tls), "{steps:?}");
    }
}
