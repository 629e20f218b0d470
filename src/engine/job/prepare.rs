//! Makes the target's topics ready: at the start of a flow, and again at every refresh.

use std::collections::BTreeSet;

use super::survey::{Action, History, SurveyedTopic, limits_of, replicas, survey_with};
use super::{JobContext, PrepareRequest, Prepared, ReadyTopic, seed};
use crate::config::NewTopics;
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Side, Verdict};
use crate::engine::reason::BlockedReason;
use crate::model::{TopicName, TopicPartition};

pub(super) fn prepare(context: &JobContext, request: &PrepareRequest) -> Result<Prepared, Fault> {
    let history = History { known: &request.known, may_recreate: &request.may_recreate };
    let survey = survey_with(&context.spec, context.source.as_ref(), context.target.as_ref(), history)?;
    let mut prepared = Prepared { source: survey.source.clone(), target: survey.target.clone(), ..Prepared::default() };
    let mut conflicts: Vec<String> = survey.plan.conflicts.iter().map(ToString::to_string).collect();
    // Brokers that are upgraded under a running flow are spoken to as what they are from then on: that is only told.
    if request.is_start {
        conflicts.extend(survey.contradictions().map(ToString::to_string));
    }
    if !conflicts.is_empty() {
        prepared.refused = Some(conflicts.join("; "));
        return Ok(prepared);
    }
    let with_progress: BTreeSet<&TopicName> = survey.progress.keys().map(|partition| &partition.topic).collect();
    let is_first_start = request.is_start && with_progress.is_empty();
    for (name, topic) in &survey.topics {
        let is_new = !is_first_start && !request.known.contains(name) && !with_progress.contains(name);
        if is_new && context.spec.config.new_topics == NewTopics::Ignore {
            prepared.ignored.insert(name.clone());
            continue;
        }
        let (ready, blocked) = make_ready(context, topic, survey.target.brokers.len(), &mut prepared.events)?;
        prepared.topics.insert(name.clone(), (ready, blocked));
    }
    if is_first_start {
        seed::seed(context, &mut prepared)?;
    }
    Ok(prepared)
}

/// Creates or grows one target topic. What cannot be done blocks the topic; what passes by itself fails the whole job,
/// which is tried again.
fn make_ready(
    context: &JobContext,
    topic: &SurveyedTopic,
    n_brokers: usize,
    events: &mut Vec<EventKind>,
) -> Result<(ReadyTopic, Option<BlockedReason>), Fault> {
    let mut ready = ReadyTopic {
        target: topic.target.clone(),
        partitions: topic.source.partitions,
        target_partitions: topic.target_facts.as_ref().map_or(0, |facts| facts.partitions),
        source_id: topic.source.id.clone(),
        target_id: topic.target_facts.as_ref().and_then(|facts| facts.id.clone()),
        limits: topic.limits.clone(),
    };
    let done = match &topic.action {
        Err(why) => return Ok((ready, Some(why.clone()))),
        Ok(Action::Nothing) => return Ok((ready, None)),
        Ok(Action::Create(new)) => context
            .target
            .create_topic(new)
            .map(|()| EventKind::TopicCreated { topic: new.name.clone(), partitions: new.partitions }),
        Ok(Action::Grow(partitions)) => grow(context, &topic.target, *partitions),
    };
    match done {
        Ok(event) => {
            events.push(event);
            read_back(context, &mut ready)?;
            Ok((ready, None))
        }
        // Another instance of the flow was faster.
        Err(fault) if fault.kind == FaultKind::TopicExists => {
            read_back(context, &mut ready)?;
            Ok((ready, None))
        }
        Err(fault) if fault.kind.verdict() == Verdict::Wait => Err(fault),
        Err(fault) => {
            let why = refusal(topic, fault, n_brokers);
            Ok((ready, Some(why)))
        }
    }
}

/// Adds partitions to a target topic whose source grew.
pub(super) fn grow(context: &JobContext, target: &TopicName, partitions: i32) -> Result<EventKind, Fault> {
    context.target.add_partitions(target, partitions)?;
    Ok(EventKind::PartitionsAdded { topic: target.clone(), partitions })
}

/// What the topic is, now that it was made or changed.
fn read_back(context: &JobContext, ready: &mut ReadyTopic) -> Result<(), Fault> {
    let found = context.target.topics()?.into_iter().find(|topic| topic.name == ready.target);
    if let Some(found) = found {
        ready.target_partitions = found.partitions;
        ready.target_id = found.id;
    }
    // Without the right to read it, the limits stay those every broker has by default.
    if let Ok(configs) = context.target.topic_configs(std::slice::from_ref(&ready.target))
        && let Some(Ok(config)) = configs.get(&ready.target)
    {
        ready.limits = limits_of(config);
    }
    Ok(())
}

fn refusal(topic: &SurveyedTopic, fault: Fault, n_brokers: usize) -> BlockedReason {
    let is_growing = matches!(topic.action, Ok(Action::Grow(_)));
    match fault.kind {
        FaultKind::TopicAuthorization | FaultKind::ClusterAuthorization => BlockedReason::TopicAuthorization {
            side: Side::Target,
            topic: topic.target.clone(),
            operation: if is_growing { "alter".into() } else { "create".into() },
        },
        _ if is_growing => BlockedReason::PartitionCount {
            target_topic: topic.target.clone(),
            source_partitions: topic.source.partitions,
            target_partitions: topic.target_facts.as_ref().map_or(0, |facts| facts.partitions),
        },
        _ => BlockedReason::TargetTopicMissing {
            target_topic: topic.target.clone(),
            partitions: topic.source.partitions,
            replication_factor: Some(replicas(&topic.source, n_brokers)),
            detail: fault.detail,
        },
    }
}

/// All partitions of the topics prepared so far.
pub(super) fn partitions(prepared: &Prepared) -> Vec<TopicPartition> {
    prepared
        .topics
        .iter()
        .flat_map(|(name, (ready, _))| {
            (0..ready.partitions).map(|partition| TopicPartition::new(name.clone(), partition))
        })
        .collect()
}
