//! Exit codes, and which one a run has earned.

use crate::engine::{FlowSnapshot, FlowState, Snapshot, WaitingReason};

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
    let flows = || ending.running.flows.iter().chain(&ending.last.flows);
    if flows().any(|flow| matches!(flow.state, FlowState::Refused { .. })) {
        ExitCode::Usage
    } else if flows().any(is_unreachable) {
        ExitCode::Unreachable
    } else if ending.drain == Drain::TimedOut
        || flows().any(is_blocked)
        || (ending.goal == Goal::UntilCaughtUp && !ending.running.flows.iter().all(has_reached_goal))
    {
        ExitCode::Unfinished
    } else {
        ExitCode::Done
    }
}

fn is_unreachable(flow: &FlowSnapshot) -> bool {
    let FlowState::Waiting { why } = &flow.state else { return false };
    match why {
        WaitingReason::BrokerUnreachable { .. } | WaitingReason::CredentialsRejected { .. } => true,
        WaitingReason::NotEnoughReplicas
        | WaitingReason::LeaderUnavailable { .. }
        | WaitingReason::GroupActive { .. }
        | WaitingReason::OpenTransaction
        | WaitingReason::Throttled { .. }
        | WaitingReason::Fault { .. } => false,
    }
}

fn is_blocked(flow: &FlowSnapshot) -> bool {
    matches!(flow.state, FlowState::Blocked { .. })
        || flow.blocked_lanes().next().is_some()
        || flow.blocked_topics().next().is_some()
}

/// Whether a flow has copied all there was when its lanes were attached.
fn has_reached_goal(flow: &FlowSnapshot) -> bool {
    let is_settled = match flow.state {
        FlowState::CaughtUp | FlowState::Running | FlowState::Draining | FlowState::Stopped => true,
        FlowState::Starting
        | FlowState::Joining
        | FlowState::Waiting { .. }
        | FlowState::Blocked { .. }
        | FlowState::Paused
        | FlowState::Refused { .. } => false,
    };
    is_settled && flow.topics.iter().flat_map(|topic| &topic.lanes).all(|lane| lane.has_reached_goal)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::LaneState;
    use crate::report::fixture;

    fn stopped() -> Snapshot {
        let mut snapshot = fixture::caught_up();
        snapshot.flows[0].state = FlowState::Stopped;
        snapshot.flows[0].topics.clear();
        snapshot
    }

    /// Nothing blocked, lane 0 still copying.
    fn copying() -> Snapshot {
        let mut snapshot = fixture::caught_up();
        snapshot.flows[0].state = FlowState::Running;
        snapshot
    }

    /// All lanes at their goals.
    fn reached() -> Snapshot {
        let mut snapshot = fixture::caught_up();
        snapshot.flows[0].topics[0].lanes[0] = fixture::lane(0, LaneState::CaughtUp);
        snapshot
    }

    fn with_state(state: FlowState) -> Snapshot {
        let mut snapshot = reached();
        snapshot.flows[0].state = state;
        snapshot
    }

    #[test]
    fn the_code_tells_how_it_ended() {
        use {Drain::*, ExitCode::*, Goal::*};
        let mut blocked = fixture::snapshot();
        blocked.flows.truncate(1);
        let starting = with_state(FlowState::Starting);
        let unreachable = with_state(FlowState::Waiting { why: fixture::unreachable() });
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
            (waiting.clone(), UntilStopped, Complete, Done),
            (waiting, UntilCaughtUp, Complete, Unfinished),
            (unreachable.clone(), UntilStopped, Complete, Unreachable),
            (unreachable, UntilCaughtUp, TimedOut, Unreachable),
            (refused, UntilStopped, Complete, Usage),
        ];
        for (running, goal, drain, expected) in endings {
            let ending = Ending { running: &running, last: &stopped(), goal, drain };
            assert_eq!(exit_code(&ending), expected, "{:?} {goal:?} {drain:?}", running.flows[0].state);
        }
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
