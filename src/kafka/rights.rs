//! What the client may not do at a cluster, told before it tries.
//!
//! Brokers say what is allowed. What is not among it is missing, with two exceptions: a set in which even the right to
//! look is missing is one that the broker does not fill in (of the cluster it does so only for those who may look);
//! and the right to create topics may be given for names, which the cluster's own set does not show, so it is tried
//! without creating any.

use std::collections::BTreeSet;

use super::cluster::{ClusterClient, TOPICS_PER_REQUEST};
use super::ffi::{Refused, rights};
use crate::engine::ports::{AskedRights, NewTopic, Rights};
use crate::engine::{Fault, FaultKind};
use crate::model::{GroupName, Operation, TopicName};

/// The answer to [`Cluster::rights`](crate::engine::ports::Cluster::rights).
pub(super) fn look(cluster: &ClusterClient, asked: &AskedRights) -> Result<Rights, Fault> {
    let mut found = Rights::default();
    for topics in asked.topics.chunks(TOPICS_PER_REQUEST) {
        let answers = cluster
            .ask("ask for the rights on topics", |client, patience| rights::of_topics(client, topics, patience))?;
        for (topic, answer) in answers {
            if let Some(denied) = denied(answer) {
                found.is_told = true;
                found.topics.insert(topic, denied);
            }
        }
    }
    if let Some(group) = &asked.group
        && let Some(denied) = denied(of_group(cluster, group)?)
    {
        found.is_told = true;
        found.group = denied;
    }
    if asked.cluster || !asked.created.is_empty() {
        let allowed = cluster.ask("ask for the rights on the cluster", rights::of_cluster)?;
        let may_create = allowed.as_ref().is_none_or(|allowed| allowed.contains(&Operation::Create));
        found.cluster = denied(Ok(allowed));
        found.is_told |= found.cluster.is_some();
        for topic in if may_create { Vec::new() } else { not_creatable(cluster, &asked.created)? } {
            found.is_told = true;
            found.topics.entry(topic).or_default().insert(Operation::Create);
        }
    }
    found.topics.retain(|_, denied| !denied.is_empty());
    Ok(found)
}

/// What is missing of all there is; `None` where that is not known.
fn denied(answer: Result<rights::Allowed, Refused>) -> Option<BTreeSet<Operation>> {
    match answer {
        Ok(Some(allowed)) if allowed.contains(&Operation::Describe) => Some(without(&allowed)),
        Ok(_) => None,
        Err(refused) => is_hidden(&refused).then(|| BTreeSet::from(Operation::HIDDEN)),
    }
}

fn without(allowed: &BTreeSet<Operation>) -> BTreeSet<Operation> {
    Operation::ALL.into_iter().filter(|operation| !allowed.contains(operation)).collect()
}

fn is_hidden(refused: &Refused) -> bool {
    matches!(super::fault_map::kind(refused.code), FaultKind::TopicAuthorization | FaultKind::GroupAuthorization)
}

/// That the group may not be described is an answer, too.
fn of_group(cluster: &ClusterClient, group: &GroupName) -> Result<Result<rights::Allowed, Refused>, Fault> {
    cluster.ask(&format!("ask for the rights on group `{group}`"), |client, patience| {
        match rights::of_group(client, group, patience) {
            Err(refused) if is_hidden(&refused) => Ok(Err(refused)),
            result => result.map(Ok),
        }
    })
}

fn not_creatable(cluster: &ClusterClient, topics: &[TopicName]) -> Result<Vec<TopicName>, Fault> {
    let mut refused = Vec::new();
    for names in topics.chunks(TOPICS_PER_REQUEST) {
        // Only the right is asked for: the smallest topic of the name that any cluster can have.
        let smallest = |name: &TopicName| NewTopic {
            name: name.clone(),
            partitions: 1,
            replication_factor: 1,
            configs: [].into(),
        };
        let topics: Vec<NewTopic> = names.iter().map(smallest).collect();
        refused.extend(cluster.ask("ask whether topics may be created", |client, patience| {
            rights::not_creatable(client, &topics, patience)
        })?);
    }
    Ok(refused)
}

#[cfg(test)]
mod tests {
    use rdkafka::types::RDKafkaErrorCode as Code;

    use super::*;

    fn refused(code: Code) -> Result<rights::Allowed, Refused> {
        Err(Refused { code, text: String::new() })
    }

    #[test]
    fn only_what_is_told_is_missing() {
        let allowed = |operations: &[Operation]| Ok(Some(operations.iter().copied().collect()));
        assert_eq!(denied(allowed(&Operation::ALL)), Some(BTreeSet::new()), "no authorizer allows all");
        assert_eq!(denied(Ok(None)), None, "brokers before 2.3");
        assert_eq!(denied(allowed(&[])), None, "to be shown is allowed at least");
        let reader = denied(allowed(&[Operation::Read, Operation::Describe])).expect("told");
        assert!(reader.contains(&Operation::Write) && !reader.contains(&Operation::Read), "{reader:?}");
    }

    #[test]
    fn what_may_not_be_shown_may_not_be_used() {
        for code in [Code::TopicAuthorizationFailed, Code::GroupAuthorizationFailed] {
            assert_eq!(denied(refused(code)), Some(BTreeSet::from(Operation::HIDDEN)));
        }
        for code in [Code::UnknownTopicOrPartition, Code::OperationTimedOut, Code::LeaderNotAvailable] {
            assert_eq!(denied(refused(code)), None);
        }
    }
}
