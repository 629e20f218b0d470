//! What a topic or a partition is doing, in one word: the states of the engine, and those that only a whole topic has.

use crate::engine::{BlockedReason, LaneState, TopicSnapshot, TopicState, WaitingReason};

/// What a row of the dashboard is doing. What needs somebody comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tui) enum RowState {
    /// Waits for somebody's decision, or some partition of it does.
    Blocked,
    /// Held up by something that passes.
    Waiting,
    /// Held by an operator.
    Paused,
    /// Being given up.
    Draining,
    /// Its beginning is being found.
    Starting,
    /// Records move.
    Copying,
    /// All there is has been read.
    CaughtUp,
    /// Other instances have all of its partitions.
    Elsewhere,
    /// Came after the start, and new topics are not wanted.
    Ignored,
}

impl RowState {
    pub(in crate::tui) fn of_lane(state: &LaneState) -> Self {
        match state {
            LaneState::Starting => Self::Starting,
            LaneState::Copying => Self::Copying,
            LaneState::CaughtUp => Self::CaughtUp,
            LaneState::Waiting { .. } => Self::Waiting,
            LaneState::Blocked { .. } => Self::Blocked,
            LaneState::Paused => Self::Paused,
            LaneState::Draining => Self::Draining,
        }
    }

    /// A topic is as its lane that needs somebody most, which is in the state `worst`.
    pub(in crate::tui) fn of_topic(topic: &TopicSnapshot, worst: Option<Self>) -> Self {
        match topic.state {
            TopicState::Blocked { .. } => Self::Blocked,
            TopicState::Ignored => Self::Ignored,
            TopicState::Mirroring => worst.unwrap_or(Self::Elsewhere),
        }
    }

    pub(in crate::tui) const fn word(self) -> &'static str {
        match self {
            Self::Blocked => "blocked",
            Self::Waiting => "waiting",
            Self::Paused => "paused",
            Self::Draining => "draining",
            Self::Starting => "starting",
            Self::Copying => "copying",
            Self::CaughtUp => "caught up",
            Self::Elsewhere => "elsewhere",
            Self::Ignored => "ignored",
        }
    }

    /// Whether somebody should look.
    pub(in crate::tui) fn is_problem(self) -> bool {
        matches!(self, Self::Blocked | Self::Waiting)
    }
}

/// Why a lane does not move.
#[derive(Clone, Copy, Debug)]
pub(in crate::tui) enum Why<'a> {
    /// It passes.
    Waiting(&'a WaitingReason),
    /// It does not.
    Blocked(&'a BlockedReason),
}

impl<'a> Why<'a> {
    pub(in crate::tui) fn of_lane(state: &'a LaneState) -> Option<Self> {
        match state {
            LaneState::Waiting { why } => Some(Self::Waiting(why)),
            LaneState::Blocked { why } => Some(Self::Blocked(why)),
            _ => None,
        }
    }

    /// Of a topic as a whole, or of the first of its lanes that has the worst.
    pub(in crate::tui) fn of_topic(topic: &'a TopicSnapshot) -> Option<Self> {
        if let TopicState::Blocked { why } = &topic.state {
            return Some(Self::Blocked(why));
        }
        let whys = || topic.lanes.iter().filter_map(|lane| Self::of_lane(&lane.state));
        whys().find(|why| matches!(why, Self::Blocked(_))).or_else(|| whys().next())
    }
}

impl std::fmt::Display for Why<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Waiting(why) => why.fmt(f),
            Self::Blocked(why) => why.fmt(f),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture as mirror;

    #[test]
    fn a_topic_is_as_its_worst_lane() {
        let of_topic = |topic: &TopicSnapshot| {
            RowState::of_topic(topic, topic.lanes.iter().map(|lane| RowState::of_lane(&lane.state)).min())
        };
        let mut topic = mirror::running().topics.remove(0);
        assert_eq!(of_topic(&topic), RowState::Blocked);
        topic.lanes[1].state = LaneState::Paused;
        assert_eq!(of_topic(&topic), RowState::Paused);
        assert!(Why::of_topic(&topic).is_none());
        topic.lanes[0].state = LaneState::Waiting { why: WaitingReason::OpenTransaction };
        assert_eq!(of_topic(&topic), RowState::Waiting);
        assert_eq!(Why::of_topic(&topic).map(|why| why.to_string()), Some(WaitingReason::OpenTransaction.to_string()));
        topic.lanes.clear();
        assert_eq!(of_topic(&topic), RowState::Elsewhere);
        topic.state = TopicState::Blocked { why: mirror::partition_count() };
        assert_eq!(of_topic(&topic), RowState::Blocked);
    }
}
