//! What to do about a reason for waiting: it passes by itself, but somebody may help.

use super::Remedy;
use crate::engine::{Side, WaitingReason};
use crate::report::shell::{Place, Tool};

/// What can be done about `why` at `place`; the topic of the place does not matter.
pub fn waiting_remedy(why: &WaitingReason, place: &Place<'_>) -> Remedy {
    match why {
        WaitingReason::BrokerUnreachable { side, .. } => Remedy::new(format!(
            "is tried again by itself; are the {side}'s brokers up, the address right, and the way open (firewall, TLS \
             port)?"
        ))
        .way("look at both clusters from here", place.check()),
        WaitingReason::LeaderUnreachable { side, broker, address, .. } => Remedy::new(format!(
            "goes on by itself when broker {broker} is back or another one leads; is it up, and is the way from here to \
             {address} open? That is the address the {side} advertises"
        ))
        .way("look at both clusters from here", place.check()),
        WaitingReason::CredentialsRejected { side, .. } => Remedy::new(format!(
            "user, password and certificates of the {side} are read again at every attempt: correct them where they are \
             kept"
        ))
        .way("look at both clusters from here", place.check()),
        WaitingReason::NotEnoughReplicas => Remedy::new("goes on by itself when enough of the target's brokers are back")
            .way("see which partitions lack replicas", describe(place, Side::Target, "--under-replicated-partitions")),
        WaitingReason::LeaderUnavailable { side } => {
            Remedy::new("goes on by itself when a leader is elected, which needs a replica that is alive")
                .way("see which partitions have no leader", describe(place, *side, "--unavailable-partitions"))
        }
        WaitingReason::GroupActive { group, .. } => Remedy::new(
            "the flow is to go on where this group stands, which is still at work: stop its members, and the flow begins by \
             itself",
        )
        .way("see who they are", groups(place, group.as_str())),
        WaitingReason::OpenTransaction => Remedy::new(
            "records behind an open transaction cannot be read yet; goes on when its producer commits or aborts, or its \
             transaction.timeout.ms is over",
        ),
        WaitingReason::NoProgress { side } => Remedy::new(format!(
            "goes on by itself if the {side}'s brokers do; their logs, or a firewall between that drops packets without a \
             word, may tell more. Stopping and starting the flow opens new connections"
        ))
        .way("look at both clusters from here", place.check()),
        WaitingReason::Throttled { side } => Remedy::new(format!(
            "the {side}'s quota for this user or client holds it back, nothing else; raise it, or let it take its time"
        )),
        WaitingReason::Fault { fault } => Remedy::new(format!(
            "is tried again by itself; the {} broker's log tells more",
            fault.side
        ))
        .way("look at both clusters from here", place.check()),
    }
}

fn describe(place: &Place<'_>, side: Side, which: &str) -> String {
    place.tool(side, Tool::Topics, &["--describe", which])
}

fn groups(place: &Place<'_>, group: &str) -> String {
    crate::report::shell::groups_tool(&place.addresses.source, &["--describe", "--group", group])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;
    use crate::report::shell::{Addresses, Versions};

    #[test]
    fn every_reason_is_explained() {
        let (flow, topic) = ("orders".into(), "".into());
        let addresses = Addresses { source: "a:9092".into(), target: "b:9092".into() };
        let place = Place {
            flow: &flow,
            topic: &topic,
            target_topic: None,
            partition: None,
            addresses: &addresses,
            versions: &Versions::default(),
            options: "-c k.toml",
        };
        for why in fixture::waiting_reasons() {
            let remedy = waiting_remedy(&why, &place);
            assert!(!remedy.text.is_empty(), "{why}");
            let is_sound = |command: &str| command == "kmirror check -c k.toml" || command.starts_with("kafka-");
            assert!(remedy.ways.iter().all(|way| is_sound(&way.command)), "{why}: {:?}", remedy.ways);
        }
        let why = WaitingReason::NotEnoughReplicas;
        let command = &waiting_remedy(&why, &place).ways[0].command;
        assert_eq!(command, "kafka-topics.sh --bootstrap-server b:9092 --describe --under-replicated-partitions");
    }
}
