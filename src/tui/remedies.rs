//! What to do about something blocked, with the addresses, versions and options this console knows.

use super::equivalent::equivalent;
use super::model::Model;
use crate::engine::{BlockedReason, EventKind, FlowSnapshot, WaitingReason};
use crate::model::{ClusterName, FlowName, TopicName};
use crate::report::{Addresses, Place, Remedy, ShellCommand, Versions, remedy, waiting_remedy};

/// Where a flow's clusters are, and what they are.
pub(in crate::tui) struct Whereabouts {
    addresses: Addresses,
    versions: Versions,
}

impl Whereabouts {
    /// As far as it is known.
    pub(in crate::tui) fn of(model: &Model, flow: &FlowSnapshot) -> Self {
        let unknown = Addresses::default();
        let address = |name: &ClusterName, unknown: String| {
            let entry = model.inventory.clusters.iter().find(|cluster| cluster.name == *name);
            entry.map_or(unknown, |cluster| cluster.bootstrap_servers.clone())
        };
        let addresses =
            Addresses { source: address(&flow.source, unknown.source), target: address(&flow.target, unknown.target) };
        // Told at the start of a flow, and when they have changed.
        let versions = model.events.iter().rev().find_map(|event| match &event.kind {
            EventKind::Versions { source, target } if event.flow == flow.flow => {
                Some(Versions { source: source.clone(), target: target.clone() })
            }
            _ => None,
        });
        Self { addresses, versions: versions.unwrap_or_default() }
    }

    /// A place in the flow, for commands.
    pub(in crate::tui) fn place<'a>(
        &'a self,
        model: &'a Model,
        flow: &'a FlowSnapshot,
        topic: &'a TopicName,
        partition: Option<i32>,
    ) -> Place<'a> {
        Place {
            flow: &flow.flow,
            topic,
            target_topic: flow.topics.iter().find(|known| known.source == *topic).map(|topic| &topic.target),
            partition,
            addresses: &self.addresses,
            versions: &self.versions,
            options: &model.inventory.options,
        }
    }
}

/// What can be done about a reason for being blocked.
pub(in crate::tui) fn remedy_for(
    model: &Model,
    flow: &FlowSnapshot,
    (topic, partition): (&TopicName, Option<i32>),
    why: &BlockedReason,
) -> Remedy {
    let whereabouts = Whereabouts::of(model, flow);
    remedy(why, &whereabouts.place(model, flow, topic, partition))
}

/// What can be done about a flow or partitions of it that wait.
pub(in crate::tui) fn waiting_remedy_for(model: &Model, flow: &FlowSnapshot, why: &WaitingReason) -> Remedy {
    let whereabouts = Whereabouts::of(model, flow);
    // It is the flow's clusters that matter, not a topic.
    waiting_remedy(why, &whereabouts.place(model, flow, &TopicName::from(""), None))
}

/// What to type to run a flow without this console, if a shell can.
pub(in crate::tui) fn run_command(model: &Model, flow: &FlowName) -> Option<String> {
    equivalent(model, &ShellCommand::Run(Some(flow.clone())))
}
