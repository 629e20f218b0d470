//! What is wrong now: found in the snapshot, and among the latest events.

use crate::engine::{
    BlockedReason, EventKind, Fault, FlowSnapshot, FlowState, LaneState, Scope, Side, TopicState, Verdict,
    WaitingReason,
};
use crate::model::{FlowName, TopicName};
use crate::tui::model::Model;

/// Faults older than this are history.
const RECENT_MS: i64 = 10 * 60_000;
/// Partitions that are named on one card.
pub(super) const LANES_MAX: usize = 12;

/// One problem.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) enum Problem {
    /// A flow was not started.
    Refused { flow: FlowName, why: String },
    /// A flow is blocked as a whole, before it has topics.
    Flow { flow: FlowName, why: BlockedReason },
    /// A topic is not mirrored.
    Topic { flow: FlowName, topic: TopicName, why: BlockedReason },
    /// A partition is not mirrored.
    Lane { flow: FlowName, topic: TopicName, partition: i32, why: BlockedReason },
    /// A flow waits as a whole.
    Waiting { flow: FlowName, why: WaitingReason },
    /// Partitions wait, all for the same reason: how many, and the first of them.
    LanesWaiting { flow: FlowName, why: WaitingReason, count: usize, lanes: Vec<(TopicName, i32)> },
    /// Something went wrong lately and is tried again, or was given up: how often, and when first and last.
    Fault { flow: FlowName, fault: Fault, times: usize, first_ms: i64, last_ms: i64 },
}

/// All problems, those first that need somebody.
pub(in crate::tui) fn problems(model: &Model) -> Vec<Problem> {
    let mut found = Vec::new();
    let flows = || model.snapshot.flows.iter().map(AsRef::as_ref);
    flows().for_each(|flow| blocked(flow, &mut found));
    flows().for_each(|flow| waiting(flow, &mut found));
    faults(model, &mut found);
    found
}

fn blocked(flow: &FlowSnapshot, found: &mut Vec<Problem>) {
    let name = || flow.flow.clone();
    if let FlowState::Refused { why } = &flow.state {
        found.push(Problem::Refused { flow: name(), why: why.clone() });
    }
    let is_elsewhere = flow.blocked_topics().next().is_some() || flow.blocked_lanes().next().is_some();
    if let FlowState::Blocked { why } = &flow.state
        && !is_elsewhere
    {
        found.push(Problem::Flow { flow: name(), why: why.clone() });
    }
    for topic in &flow.topics {
        if let TopicState::Blocked { why } = &topic.state {
            found.push(Problem::Topic { flow: name(), topic: topic.source.clone(), why: why.clone() });
        }
    }
    for (topic, lane, why) in flow.blocked_lanes() {
        let (topic, partition) = (topic.source.clone(), lane.partition);
        found.push(Problem::Lane { flow: name(), topic, partition, why: why.clone() });
    }
}

/// Why partitions wait, how many, and the first of them.
type WaitingLanes<'a> = (&'a WaitingReason, usize, Vec<(TopicName, i32)>);

fn waiting(flow: &FlowSnapshot, found: &mut Vec<Problem>) {
    if let FlowState::Waiting { why } = &flow.state {
        found.push(Problem::Waiting { flow: flow.flow.clone(), why: why.clone() });
    }
    let mut groups: Vec<WaitingLanes<'_>> = Vec::new();
    for topic in &flow.topics {
        for lane in &topic.lanes {
            let LaneState::Waiting { why } = &lane.state else { continue };
            let group = match groups.iter_mut().find(|(known, ..)| is_alike(known, why)) {
                Some(group) => group,
                None => {
                    groups.push((why, 0, Vec::new()));
                    let last = groups.len() - 1;
                    &mut groups[last]
                }
            };
            group.1 += 1;
            if group.2.len() < LANES_MAX {
                group.2.push((topic.source.clone(), lane.partition));
            }
        }
    }
    found.extend(groups.into_iter().map(|(why, count, lanes)| Problem::LanesWaiting {
        flow: flow.flow.clone(),
        why: why.clone(),
        count,
        lanes,
    }));
}

/// Whether two partitions wait for the same thing, in whatever words.
fn is_alike(a: &WaitingReason, b: &WaitingReason) -> bool {
    let broker = |why: &WaitingReason| match why {
        WaitingReason::LeaderUnreachable { broker, .. } => Some(*broker),
        _ => None,
    };
    std::mem::discriminant(a) == std::mem::discriminant(b) && (a.side(), broker(a)) == (b.side(), broker(b))
}

fn faults(model: &Model, found: &mut Vec<Problem>) {
    let newest_ms = model.now.wall_ms.max(model.snapshot.at_ms);
    let recent = model.events.iter().filter(|event| newest_ms - event.at_ms < RECENT_MS);
    let begin = found.len();
    for event in recent {
        let fault = match &event.kind {
            // What passes by itself shows as waiting while it lasts.
            EventKind::Trouble { fault } if fault.kind.verdict() == Verdict::Wait => continue,
            EventKind::Trouble { fault } | EventKind::CommitFailed { fault } => fault,
            _ => continue,
        };
        let known = found[begin..].iter_mut().find_map(|problem| match problem {
            Problem::Fault { flow, fault: known, times, last_ms, .. }
                if *flow == event.flow && known.kind == fault.kind && known.operation == fault.operation =>
            {
                Some((times, last_ms))
            }
            _ => None,
        });
        match known {
            Some((times, last_ms)) => {
                *times += 1;
                *last_ms = event.at_ms;
            }
            None => found.push(Problem::Fault {
                flow: event.flow.clone(),
                fault: fault.clone(),
                times: 1,
                first_ms: event.at_ms,
                last_ms: event.at_ms,
            }),
        }
    }
}

impl Problem {
    /// The flow it is about.
    pub(in crate::tui) fn flow(&self) -> &FlowName {
        match self {
            Self::Refused { flow, .. }
            | Self::Flow { flow, .. }
            | Self::Topic { flow, .. }
            | Self::Lane { flow, .. }
            | Self::Waiting { flow, .. }
            | Self::LanesWaiting { flow, .. }
            | Self::Fault { flow, .. } => flow,
        }
    }

    /// What trying again or deciding would be about; `None` where there is nothing to be done in the engine.
    pub(in crate::tui) fn scope(&self) -> Option<Scope> {
        let (topic, partition) = match self {
            Self::Refused { .. } | Self::Flow { .. } => (None, None),
            Self::Topic { topic, .. } => (Some(topic.clone()), None),
            Self::Lane { topic, partition, .. } => (Some(topic.clone()), Some(*partition)),
            Self::Waiting { .. } | Self::LanesWaiting { .. } | Self::Fault { .. } => return None,
        };
        Some(Scope { flow: self.flow().clone(), topic, partition })
    }

    /// Why it is blocked, if it is.
    pub(in crate::tui) fn blocked(&self) -> Option<&BlockedReason> {
        match self {
            Self::Flow { why, .. } | Self::Topic { why, .. } | Self::Lane { why, .. } => Some(why),
            _ => None,
        }
    }

    /// The cluster it happens at, where one is to blame.
    pub(in crate::tui) fn side(&self) -> Option<Side> {
        match self {
            Self::Refused { .. } => None,
            Self::Flow { why, .. } | Self::Topic { why, .. } | Self::Lane { why, .. } => Some(side_of_blocked(why)),
            Self::Waiting { why, .. } | Self::LanesWaiting { why, .. } => Some(why.side()),
            Self::Fault { fault, .. } => Some(fault.side),
        }
    }
}

fn side_of_blocked(why: &BlockedReason) -> Side {
    match why {
        BlockedReason::RecordTooLarge { .. }
        | BlockedReason::RecordRefused { .. }
        | BlockedReason::Rejected { .. }
        | BlockedReason::PartitionCount { .. }
        | BlockedReason::TargetTopicMissing { .. }
        | BlockedReason::ProgressMissing { .. }
        | BlockedReason::WrittenByOtherFlow { .. }
        | BlockedReason::TargetTopicRecreated { .. } => Side::Target,
        BlockedReason::GroupAuthorization { .. }
        | BlockedReason::NewTopic
        | BlockedReason::RetentionOvertook { .. }
        | BlockedReason::TopicRecreated { .. }
        | BlockedReason::SourceTopicGone { .. }
        | BlockedReason::OffsetOutOfRange { .. }
        | BlockedReason::LogTruncated { .. }
        | BlockedReason::CorruptBatch { .. } => Side::Source,
        BlockedReason::TopicAuthorization { side, .. } | BlockedReason::Unsupported { side, .. } => *side,
        BlockedReason::Fault { fault } => fault.side,
    }
}
