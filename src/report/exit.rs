//! Exit codes, and which one a run has earned.

use std::sync::Arc;

use crate::engine::{Completion, FlowSnapshot, FlowState, Snapshot, WaitingReason};

/// How kmirror ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum ExitCode {
    /// All was done that was asked for, and all that was in flight is on the target.
    Done = 0,
    /// It failed; the message tells.
    Failed = 1,
    /// The command line or the configuration is wrong, or a flow was refused because it would do harm.
    Usage = 2,
    /// It ended in order, but something is blocked, not finished, or was still in flight.
    Unfinished = 3,
    /// A cluster could not be reached, or rejected the credentials.
    Unreachable = 4,
    /// A second signal ended it at once: what was in flight is sent again next time.
    Interrupted = 130,
}

impl ExitCode {
    /// All of them, for the documentation.
    pub const ALL: [Self; 6] =
        [Self::Done, Self::Failed, Self::Usage, Self::Unfinished, Self::Unreachable, Self::Interrupted];

    /// What it means, for `--help` and the man page.
    pub fn meaning(self) -> &'static str {
        match self {
            Self::Done => "done, or stopped in order with nothing in flight",
            Self::Failed => "failed; the message tells why",
            Self::Usage => "wrong command line or configuration, or a flow that would do harm",
            Self::Unfinished => "ended in order, but something is blocked, not finished or still in flight",
            Self::Unreachable => "a cluster could not be reached or rejected the credentials",
            Self::Interrupted => "ended at once by a second signal",
        }
    }
}

impl From<ExitCode> for std::process::ExitCode {
    fn from(code: ExitCode) -> Self {
        Self::from(code as u8)
    }
}

/// What a run was to achieve.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Goal {
    /// Mirror until told to stop.
    UntilStopped,
    /// Mirror all that was there at the start (`--until-caught-up`).
    UntilCaughtUp,
}

/// How the flows were stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Drain {
    /// All that was in flight is on the target, and the progress is committed.
    Complete,
    /// The time was up before.
    TimedOut,
}

/// How a run ended.
#[derive(Clone, Copy, Debug)]
pub struct Ending<'a> {
    /// The last snapshot before the flows were told to stop: when they are stopped, the reasons for waiting are gone.
    pub running: &'a Snapshot,
    /// The last snapshot of all.
    pub last: &'a Snapshot,
    /// What was to be achieved.
    pub goal: Goal,
    /// How the flows were stopped.
    pub drain: Drain,
}

/// The exit code for a run that was stopped in order. The gravest wins: what no new start would help, then what a
/// cluster stands in the way of, then what is left to do.
pub fn exit_code(ending: &Ending<'_>) -> ExitCode {
    let Ending { running, last, goal, drain } = *ending;
    let flows = || running.flows.iter().chain(&last.flows).map(Arc::as_ref);
    if flows().any(|flow| matches!(flow.state, FlowState::Refused { .. })) {
        return ExitCode::Usage;
    }
    let has_reached_goal = |flow: &FlowSnapshot| has_reached_goal(flow, last.flow(&flow.flow));
    let is_caught_up = goal == Goal::UntilCaughtUp && running.flows.iter().map(Arc::as_ref).all(has_reached_goal);
    // When all is on the target, a question that got no answer meanwhile has stood in nobody's way.
    let is_done = is_caught_up && drain == Drain::Complete;
    if !is_done && flows().any(is_unreachable) {
        return ExitCode::Unreachable;
    }
    let is_unfinished = drain == Drain::TimedOut
        || running.flows.iter().map(Arc::as_ref).any(is_blocked_as_a_whole)
        || last.flows.iter().map(Arc::as_ref).any(has_blocked)
        || (goal == Goal::UntilCaughtUp && !is_caught_up);
    if is_unfinished { ExitCode::Unfinished } else { ExitCode::Done }
}

fn is_unreachable(flow: &FlowSnapshot) -> bool {
    let FlowState::Waiting { why } = &flow.state else { return false };
    match why {
        WaitingReason::BrokerUnreachable { .. } | WaitingReason::CredentialsRejected { .. } => true,
        WaitingReason::NotEnoughReplicas
        | WaitingReason::LeaderUnreachable { .. }
        | WaitingReason::LeaderUnavailable { .. }
        | WaitingReason::GroupActive { .. }
        | WaitingReason::OpenTransaction
        | WaitingReason::NoProgress { .. }
        | WaitingReason::Throttled { .. }
        | WaitingReason::Fault { .. } => false,
    }
}

/// Blocked lanes and topics stay in sight to the end, so the last word counts: before that, a lane that goes on again
/// may not have said so yet.
fn has_blocked(flow: &FlowSnapshot) -> bool {
    flow.blocked_lanes().next().is_some() || flow.blocked_topics().next().is_some()
}

/// Blocked by something that is no lane's and no topic's, such as the right to use the group: gone from sight when the
/// flow is stopped.
fn is_blocked_as_a_whole(flow: &FlowSnapshot) -> bool {
    matches!(flow.state, FlowState::Blocked { .. }) && !has_blocked(flow)
}

/// Whether a flow has copied all there was when its lanes were attached: before it was told to stop, or while it
/// stopped.
fn has_reached_goal(running: &FlowSnapshot, last: Option<&FlowSnapshot>) -> bool {
    let has_begun = running.topics.iter().any(|topic| !topic.lanes.is_empty());
    match running.completion() {
        Completion::Complete | Completion::Partial => true,
        Completion::Open | Completion::Blocked => {
            has_begun && last.is_some_and(|last| last.completion() == Completion::Complete)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{BlockedReason, LaneState};
    use crate::report::fixture;

    /// The same when it has stopped: lanes and topics stay in sight.
    fn stopped(running: &Snapshot) -> Snapshot {
        let mut snapshot = running.clone();
        for flow in &mut snapshot.flows {
            if !matches!(flow.state, FlowState::Refused { .. }) {
                Arc::make_mut(flow).state = FlowState::Stopped;
            }
        }
        snapshot
    }

    /// Nothing blocked, lane 0 still copying.
    fn copying() -> Snapshot {
        let mut snapshot = fixture::caught_up();
        fixture::flow_mut(&mut snapshot, 0).state = FlowState::Running;
        snapshot
    }

    /// All lanes at their goals.
    fn reached() -> Snapshot {
        let mut snapshot = fixture::caught_up();
        fixture::flow_mut(&mut snapshot, 0).topics[0].lanes[0] = fixture::lane(0, LaneState::CaughtUp);
        snapshot
    }

    fn with_state(state: FlowState) -> Snapshot {
        let mut snapshot = reached();
        fixture::flow_mut(&mut snapshot, 0).state = state;
        snapshot
    }

    #[test]
    fn the_code_tells_how_it_ended() {
        use {Drain::*, ExitCode::*, Goal::*};
        let mut blocked = fixture::snapshot();
        blocked.flows.truncate(1);
        let mut starting = with_state(FlowState::Starting);
        fixture::flow_mut(&mut starting, 0).topics.clear();
        let mut joining = with_state(FlowState::Joining);
        fixture::flow_mut(&mut joining, 0).topics[0].lanes.clear();
        let mut forbidden = copying();
        let group = forbidden.flows[0].group.clone();
        fixture::flow_mut(&mut forbidden, 0).state =
            FlowState::Blocked { why: BlockedReason::GroupAuthorization { group } };
        let mut waiting_without_lanes = with_state(FlowState::Waiting { why: WaitingReason::NotEnoughReplicas });
        fixture::flow_mut(&mut waiting_without_lanes, 0).topics[0].lanes.clear();
        let unreachable = with_state(FlowState::Waiting { why: fixture::unreachable() });
        let mut unreachable_without_lanes = unreachable.clone();
        fixture::flow_mut(&mut unreachable_without_lanes, 0).topics[0].lanes.clear();
        let waiting = with_state(FlowState::Waiting { why: WaitingReason::NotEnoughReplicas });
        let refused = with_state(FlowState::Refused { why: "it feeds itself".into() });
        let endings = [
            (copying(), UntilStopped, Complete, Done),
            (copying(), UntilCaughtUp, Complete, Unfinished),
            (reached(), UntilCaughtUp, Complete, Done),
            (reached(), UntilCaughtUp, TimedOut, Unfinished),
            (copying(), UntilStopped, TimedOut, Unfinished),
            (blocked.clone(), UntilStopped, Complete, Unfinished),
            (blocked, UntilCaughtUp, Complete, Unfinished),
            (starting.clone(), UntilStopped, Complete, Done),
            (starting, UntilCaughtUp, Complete, Unfinished),
            (joining, UntilCaughtUp, Complete, Unfinished),
            // Whatever it waits for comes after all there was when it began.
            (waiting.clone(), UntilStopped, Complete, Done),
            (waiting, UntilCaughtUp, Complete, Done),
            (waiting_without_lanes, UntilCaughtUp, Complete, Unfinished),
            (forbidden, UntilStopped, Complete, Unfinished),
            (unreachable.clone(), UntilStopped, Complete, Unreachable),
            (unreachable.clone(), UntilCaughtUp, TimedOut, Unreachable),
            (unreachable, UntilCaughtUp, Complete, Done),
            (unreachable_without_lanes, UntilCaughtUp, Complete, Unreachable),
            (refused, UntilStopped, Complete, Usage),
        ];
        for (running, goal, drain, expected) in endings {
            let ending = Ending { running: &running, last: &stopped(&running), goal, drain };
            assert_eq!(exit_code(&ending), expected, "{:?} {goal:?} {drain:?}", running.flows[0].state);
        }
    }

    #[test]
    fn what_a_flow_did_while_it_stopped_counts() {
        let code = |running: &Snapshot, last: &Snapshot, goal| {
            exit_code(&Ending { running, last: &stopped(last), goal, drain: Drain::Complete })
        };
        // An open transaction holds the log's end back, behind all there was at the beginning.
        let open = with_state(FlowState::Waiting { why: WaitingReason::OpenTransaction });
        assert_eq!(code(&open, &open, Goal::UntilCaughtUp), ExitCode::Done);
        // A lane had gone on already, and nobody had heard of it yet.
        let mut blocked = reached();
        let why = fixture::too_large();
        fixture::flow_mut(&mut blocked, 0).topics[0].lanes[0] =
            fixture::lane(0, LaneState::Blocked { why: why.clone() });
        fixture::flow_mut(&mut blocked, 0).state = FlowState::Blocked { why };
        assert_eq!(code(&blocked, &reached(), Goal::UntilStopped), ExitCode::Done);
        assert_eq!(code(&blocked, &reached(), Goal::UntilCaughtUp), ExitCode::Done);
        assert_eq!(code(&blocked, &copying(), Goal::UntilCaughtUp), ExitCode::Unfinished);
        // And the other way round: blocked by the last record it took.
        assert_eq!(code(&reached(), &blocked, Goal::UntilCaughtUp), ExitCode::Unfinished);
    }

    #[test]
    fn the_numbers_are_documented() {
        let text: String = ExitCode::ALL.iter().map(|code| format!("{} {}\n", *code as u8, code.meaning())).collect();
        insta::assert_snapshot!(text, @r#"
        0 done, or stopped in order with nothing in flight
        1 failed; the message tells why
        2 wrong command line or configuration, or a flow that would do harm
        3 ended in order, but something is blocked, not finished or still in flight
        4 a cluster could not be reached or rejected the credentials
        130 ended at once by a second signal
        "#);
    }
}
