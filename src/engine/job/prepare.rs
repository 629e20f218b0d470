//! Makes the target's topics ready: at the start of a flow, and again at every refresh.

use std::collections::{BTreeMap, BTreeSet};

use super::adopt::{AdoptError, Adoption, adopt};
use super::other_flow::Search;
use super::resolve::ask_all;
use super::survey::{Action, History, Survey, SurveyedTopic, limits_of, replicas, survey_with};
use super::{JobContext, PrepareRequest, Prepared, ReadyTopic, seed};
use crate::config::NewTopics;
use crate::engine::event::EventKind;
use crate::engine::fault::{Fault, FaultKind, Side, Verdict};
use crate::engine::ports::{Committed, OffsetQuery};
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
    let is_first_start = request.is_start && !survey.has_begun;
    for (name, topic) in &survey.topics {
        let is_new = !is_first_start && !request.known.contains(name) && !with_progress.contains(name);
        let is_wanted = request.wanted.contains(name)
            || request.rules_before.as_ref().is_some_and(|rules| !rules.judge(name).is_included());
        match context.spec.config.new_topics {
            NewTopics::Ignore if is_new && !is_wanted => {
                prepared.ignored.insert(name.clone());
                continue;
            }
            NewTopics::Ask if is_new && !is_wanted => {
                prepared.held_back.insert(name.clone(), ReadyTopic::of(topic, &survey.target));
                continue;
            }
            NewTopics::Mirror | NewTopics::Ask | NewTopics::Ignore => {}
        }
        prepared.is_leaderless |= topic.source.leaderless > 0;
        prepared.is_leaderless |= topic.target_facts.as_ref().is_some_and(|facts| facts.leaderless > 0);
        let (ready, blocked) = make_ready(context, &survey, topic, &mut prepared.events)?;
        prepared.topics.insert(name.clone(), (ready, blocked));
    }
    if !request.is_start && !survey.has_begun {
        mark_left_alone(context, &survey, &prepared)?;
    }
    if request.is_start {
        begin(context, request, &survey, is_first_start, &mut prepared)?;
    }
    Ok(prepared)
}

/// Writes down that the flow has begun, where all there is to begin with is left alone: the next start would take
/// itself for the first, and mirror what nobody has decided about.
fn mark_left_alone(context: &JobContext, survey: &Survey, prepared: &Prepared) -> Result<(), Fault> {
    let left_alone =
        prepared.ignored.iter().chain(prepared.held_back.keys()).filter_map(|name| survey.topics.get(name));
    let marks: BTreeMap<TopicPartition, Committed> = left_alone
        .map(|topic| {
            let note = ReadyTopic::of(topic, &survey.target).note(&context.spec.name).without_target().left_alone();
            let mark = Committed { offset: 0, leader_epoch: None, metadata: note.to_metadata() };
            (TopicPartition::new(topic.source.name.clone(), 0), mark)
        })
        .collect();
    if marks.is_empty() {
        return Ok(());
    }
    match context.source.commit(&context.spec.config.group, &marks) {
        // While somebody is in the group it cannot be done, and is tried again at the next refresh. A topic that may
        // not be read is none that could be mirrored.
        Err(fault) if matches!(fault.kind, FaultKind::MembershipLost | FaultKind::TopicAuthorization) => Ok(()),
        result => result,
    }
}

/// Settles where partitions without progress begin, before anything is copied: by another flow's progress if the
/// operator says so, by the flow's start position if it starts for the first time.
fn begin(
    context: &JobContext,
    request: &PrepareRequest,
    survey: &Survey,
    is_first_start: bool,
    prepared: &mut Prepared,
) -> Result<(), Fault> {
    let topics: BTreeMap<TopicName, ReadyTopic> =
        prepared.topics.iter().map(|(name, (ready, _))| (name.clone(), ready.clone())).collect();
    let mut without = partitions(prepared);
    without.retain(|partition| !survey.progress.contains_key(partition));
    let (source, target) = (context.source.as_ref(), context.target.as_ref());
    let adoption = match request.adopt.as_ref().filter(|_| !without.is_empty()) {
        None => None,
        Some(from) => match adopt(&context.spec, source, &survey.target, from, &without, &topics) {
            Ok(adoption) => Some(adoption),
            Err(AdoptError::Fault(fault)) => return Err(fault),
            // The flow has begun without it before, or with it: what is new now was never in that group.
            Err(AdoptError::Nothing(_)) if !is_first_start => None,
            Err(AdoptError::Nothing(why) | AdoptError::Refused(why)) => {
                prepared.refused = Some(format!("adopt the progress of `{from}`: {why}"));
                return Ok(());
            }
        },
    };
    let mut positions = adoption.as_ref().map(|adoption| adoption.positions.clone()).unwrap_or_default();
    without.retain(|partition| !positions.contains_key(partition));
    let targets: Vec<TopicPartition> =
        without.iter().filter_map(|partition| topics.get(&partition.topic)?.target_of(partition)).collect();
    let target_ends = ask_all(target, &targets, OffsetQuery::Latest)?;
    let search = Search { spec: &context.spec, source, target: &survey.target };
    prepared.others = search.find_writers(&without, &topics, &target_ends)?;
    if is_first_start {
        seed::seed(context, prepared, &target_ends, &mut positions)?;
        if prepared.hindrance.is_some() {
            return Ok(());
        }
    }
    match seed::commit_all(context, prepared, positions) {
        Ok(()) => {}
        // Another instance has joined the group since we looked: it has seeded the same progress, which we read next.
        Err(fault) if fault.kind == FaultKind::MembershipLost => {
            if !has_progress(context, adoption.as_ref())? {
                let why = "another instance of this flow is running; stop it, and start this one first";
                prepared.refused = Some(format!("adopt progress: {why}"));
            }
            return Ok(());
        }
        Err(fault) => return Err(fault),
    }
    if let Some(Adoption { group, positions }) = adoption {
        prepared.events.push(EventKind::Adopted { group, partitions: positions.len() as u64 });
    }
    Ok(())
}

/// Whether the flow has progress wherever it was to be adopted.
fn has_progress(context: &JobContext, adoption: Option<&Adoption>) -> Result<bool, Fault> {
    let Some(Adoption { positions, .. }) = adoption else { return Ok(true) };
    let asked: Vec<TopicPartition> = positions.keys().cloned().collect();
    Ok(context.source.committed(&context.spec.config.group, &asked)?.len() == asked.len())
}

/// Creates or grows one target topic. What cannot be done blocks the topic; what passes by itself fails the whole job,
/// which is tried again.
fn make_ready(
    context: &JobContext,
    survey: &Survey,
    topic: &SurveyedTopic,
    events: &mut Vec<EventKind>,
) -> Result<(ReadyTopic, Option<BlockedReason>), Fault> {
    let mut ready = ReadyTopic::of(topic, &survey.target);
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
            let why = refusal(topic, fault, survey.target.brokers.len());
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
