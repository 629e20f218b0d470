//! What can be asked of the engine, by the console, the command line or a test.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::config::FlowConfig;
use crate::model::{FlowName, SetPosition, StartPosition, TopicName};

/// One order to the engine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "command")]
pub enum Command {
    /// Start a flow that is stopped, or was not started.
    Start {
        /// The flow.
        flow: FlowName,
    },
    /// Stop a flow: no more reading, wait for what is in flight, commit, leave the group.
    Stop {
        /// The flow.
        flow: FlowName,
        /// How long to wait for what is in flight.
        drain_timeout: Duration,
    },
    /// Keep lanes from reading, without leaving the group.
    Pause {
        /// Which lanes.
        scope: Scope,
    },
    /// Let paused lanes read again; a blocked lane tries again at its position.
    Resume {
        /// Which lanes.
        scope: Scope,
    },
    /// Let blocked or paused lanes go on at another position, giving up or copying again what lies between.
    ResumeAt {
        /// Which lanes.
        scope: Scope,
        /// Where.
        at: StartPosition,
    },
    /// Let the lanes that wait because another flow has copied them before go on where that one has stopped. Refused
    /// while it is running.
    Adopt {
        /// The flow.
        flow: FlowName,
        /// The other flow: its group, or its name.
        from: String,
    },
    /// Let partitions go on elsewhere, whatever their lanes do: of a flow that runs, each is paused, set and resumed;
    /// of one that does not, the group's positions are set. All of them or, where one cannot be, none.
    SetPositions {
        /// The flow.
        flow: FlowName,
        /// Where each partition is to go on: offsets within its log.
        positions: Vec<SetPosition>,
    },
    /// Mirror a topic, from its beginning, that is held back or left alone because it is new since the flow began.
    MirrorTopic {
        /// The flow.
        flow: FlowName,
        /// The source topic.
        topic: TopicName,
    },
    /// Leave a topic alone that is held back because it is new since the flow began.
    IgnoreTopic {
        /// The flow.
        flow: FlowName,
        /// The source topic.
        topic: TopicName,
    },
    /// Leave out the one record a lane is blocked at.
    SkipRecord {
        /// The lane.
        scope: Scope,
        /// The record's offset, which must be the one the lane is blocked at: it is the confirmation.
        offset: i64,
    },
    /// Add a flow, which is stopped then, or let a flow be another from now on. One that runs takes it under way where
    /// it can: lanes it does not concern go on as if nothing had happened.
    Configure {
        /// The flow.
        flow: FlowName,
        /// What it is to be, as a whole.
        config: Box<FlowConfig>,
        /// What becomes of what a running flow cannot take under way: it is stopped in order and started again
        /// (`true`), or keeps it for its next start (`false`).
        may_restart: bool,
    },
    /// Forget a flow that is stopped. Its group and its target topics stay as they are.
    Remove {
        /// The flow.
        flow: FlowName,
    },
    /// Stop all flows and end.
    Shutdown {
        /// How long to wait for what is in flight.
        drain_timeout: Duration,
    },
}

impl Command {
    /// The flow it changes; `None` for the end of the engine.
    pub fn flow(&self) -> Option<&FlowName> {
        match self {
            Self::Start { flow }
            | Self::Stop { flow, .. }
            | Self::Adopt { flow, .. }
            | Self::MirrorTopic { flow, .. }
            | Self::IgnoreTopic { flow, .. }
            | Self::Configure { flow, .. }
            | Self::Remove { flow }
            | Self::SetPositions { flow, .. } => Some(flow),
            Self::Pause { scope } | Self::Resume { scope } => Some(&scope.flow),
            Self::ResumeAt { scope, .. } | Self::SkipRecord { scope, .. } => Some(&scope.flow),
            Self::Shutdown { .. } => None,
        }
    }

    /// What it does, in a word or two.
    pub fn verb(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Stop { .. } => "stop",
            Self::Pause { .. } => "pause",
            Self::Resume { .. } | Self::ResumeAt { .. } => "resume",
            Self::Adopt { .. } => "adopt progress",
            Self::MirrorTopic { .. } => "mirror a new topic",
            Self::IgnoreTopic { .. } => "ignore a new topic",
            Self::SetPositions { .. } => "set positions",
            Self::SkipRecord { .. } => "skip a record",
            Self::Configure { .. } => "configure",
            Self::Remove { .. } => "remove",
            Self::Shutdown { .. } => "end",
        }
    }
}

/// A flow, one of its topics, or one partition of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scope {
    /// The flow.
    pub flow: FlowName,
    /// A source topic; all when absent.
    pub topic: Option<TopicName>,
    /// A partition of the topic; all when absent.
    pub partition: Option<i32>,
}

impl Scope {
    /// All lanes of a flow.
    pub fn flow(flow: FlowName) -> Self {
        Self { flow, topic: None, partition: None }
    }

    /// Whether a lane is meant.
    pub fn covers(&self, topic: &TopicName, partition: i32) -> bool {
        self.topic.as_ref().is_none_or(|wanted| wanted == topic)
            && self.partition.is_none_or(|wanted| wanted == partition)
    }
}

impl std::fmt::Display for Scope {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.flow)?;
        if let Some(topic) = &self.topic {
            write!(f, ":{topic}")?;
        }
        if let Some(partition) = self.partition {
            write!(f, ":{partition}")?;
        }
        Ok(())
    }
}
