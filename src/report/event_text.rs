//! Events in words: what is worth a line of its own, above the status lines.

use std::collections::{BTreeMap, BTreeSet};

use super::line::{Line, Tone};
use super::remedy::remedy;
use super::shell::{Addresses, Place, Versions, groups_tool};
use super::status_line::state_reason;
use crate::engine::{
    BlockedReason, Event, EventKind, FlowState, LaneState, MovedPosition, Snapshot, TopicState, Verdict,
};
use crate::model::{FlowName, GroupName, TopicName, TopicPartition, VersionRange};

/// Commands are printed for so many lanes that are blocked for the same reason; the others are named only. A thousand
/// partitions that lost the same records need no thousand recipes.
const REMEDIES_MAX: u32 = 3;

/// Turns events into lines. Remembers what is blocked, to say when it goes on.
#[derive(Debug, Default)]
pub(super) struct EventText {
    pub(super) addresses: BTreeMap<FlowName, Addresses>,
    pub(super) options: String,
    versions: BTreeMap<FlowName, Versions>,
    target_topics: BTreeMap<(FlowName, TopicName), TopicName>,
    blocked: BTreeSet<(FlowName, TopicName, Option<i32>)>,
    n_remedies: BTreeMap<(FlowName, &'static str), u32>,
}

impl EventText {
    pub(super) fn new(addresses: BTreeMap<FlowName, Addresses>, options: String) -> Self {
        Self { addresses, options, ..Self::default() }
    }

    /// Learns the names the topics have on the target.
    pub(super) fn learn(&mut self, snapshot: &Snapshot) {
        for flow in &snapshot.flows {
            for topic in &flow.topics {
                let key = (flow.flow.clone(), topic.source.clone());
                if self.target_topics.get(&key) != Some(&topic.target) {
                    self.target_topics.insert(key, topic.target.clone());
                }
            }
        }
    }

    /// The lines for `event`, each without its time and flow; none for what the status line shows.
    pub(super) fn describe(&mut self, event: &Event) -> Vec<Line> {
        let flow = &event.flow;
        match &event.kind {
            EventKind::FlowState { state } => flow_state(state),
            EventKind::TopicState { topic, state } => self.topic_state(flow, topic, state),
            EventKind::LaneState { partition, state } => self.lane_state(flow, partition, state),
            EventKind::Versions { source, target } => {
                let shown = |version: &Option<VersionRange>| {
                    version.as_ref().map_or_else(|| "of an unknown version".to_owned(), ToString::to_string)
                };
                let line = format!("source brokers are {}, target brokers {}", shown(source), shown(target));
                let versions = Versions { source: source.clone(), target: target.clone() };
                self.versions.insert(flow.clone(), versions);
                plain(line)
            }
            EventKind::TopicCreated { topic, partitions } => {
                plain(format!("created topic {topic} with {}", counted(*partitions, "partition")))
            }
            EventKind::PartitionsAdded { topic, partitions } => {
                plain(format!("topic {topic} grown to {}", counted(*partitions, "partition")))
            }
            EventKind::Started { partitions, start } => {
                plain(format!("{} without progress, beginning at {start}", counted(*partitions, "partition")))
            }
            EventKind::Adopted { group, partitions } => self.adopted(flow, group, *partitions),
            EventKind::Assigned { partitions } => plain(format!("got {}", counted(partitions.len(), "partition"))),
            EventKind::Revoked { partitions, lost: false } => {
                plain(format!("gave up {} to another instance", counted(partitions.len(), "partition")))
            }
            EventKind::Revoked { partitions, lost: true } => warning(format!(
                "lost {} before they could be given up in order: records may be written twice",
                counted(partitions.len(), "partition")
            )),
            EventKind::Rewound { partition, from, to, cause } => {
                warning(format!("{partition} goes back from {from} to {to} and sends again: {cause}"))
            }
            EventKind::Repositioned { partition, from, to } if to > from => {
                warning(format!("{partition} goes on at {to}: offsets {from}..{to} were given up"))
            }
            EventKind::Repositioned { partition, from, to } => {
                warning(format!("{partition} goes on at {to}: from there to {from} it is copied again"))
            }
            EventKind::PositionsSet { positions } => plain(positions_set(positions)),
            EventKind::RecordSkipped { partition, offset } => {
                warning(format!("{partition}: the record at offset {offset} was left out"))
            }
            EventKind::CommitFailed { fault } => {
                warning(format!("progress could not be committed, trying again: {fault}"))
            }
            // What passes by itself is told once, as the state the flow is in while it lasts.
            EventKind::Trouble { fault } if fault.kind.verdict() == Verdict::Wait => Vec::new(),
            EventKind::Trouble { fault } => warning(fault.to_string()),
            EventKind::BrokerDown { side, broker, address, detail, partitions } => {
                let waiting = counted(*partitions, "partition");
                warning(format!("{side} broker {broker} ({address}) is unreachable, {waiting} wait for it: {detail}"))
            }
            EventKind::BrokerUp { side, broker, address } => {
                vec![Line::default().with(Tone::Good, format!("{side} broker {broker} ({address}) answers again"))]
            }
            EventKind::Refused { command, reason } => bad(format!("cannot {command}: {reason}")),
            EventKind::Notice { text } => warning(text.clone()),
        }
    }

    fn adopted(&self, flow: &FlowName, group: &GroupName, partitions: u64) -> Vec<Line> {
        let partitions = counted(partitions, "partition");
        let mut lines = plain(format!("{partitions} without progress, going on where group {group} has stopped"));
        let unknown = Addresses::default();
        let address = &self.addresses.get(flow).unwrap_or(&unknown).source;
        let hint =
            "that group is left as it is, and forgotten by the brokers in time; to delete it now (1.1 and later):";
        lines.push(Line::plain("  ").with(Tone::Faint, hint));
        let command = groups_tool(address, &["--delete", "--group", group.as_str()]);
        lines.push(Line::plain("    ").with(Tone::Plain, command));
        lines
    }

    fn topic_state(&mut self, flow: &FlowName, topic: &TopicName, state: &TopicState) -> Vec<Line> {
        match state {
            TopicState::Blocked { why } => self.blocked(flow, topic, None, why),
            TopicState::Ignored => plain(format!("topic {topic} is ignored: it is new since the flow began")),
            TopicState::Mirroring => self.goes_on(flow, topic, None),
        }
    }

    fn lane_state(&mut self, flow: &FlowName, lane: &TopicPartition, state: &LaneState) -> Vec<Line> {
        match state {
            LaneState::Blocked { why } => self.blocked(flow, &lane.topic, Some(lane.partition), why),
            LaneState::Waiting { why } => warning(format!("{lane} waits: {why}")),
            LaneState::Copying | LaneState::CaughtUp => self.goes_on(flow, &lane.topic, Some(lane.partition)),
            LaneState::Starting | LaneState::Paused | LaneState::Draining => Vec::new(),
        }
    }

    fn blocked(
        &mut self,
        flow: &FlowName,
        topic: &TopicName,
        partition: Option<i32>,
        why: &BlockedReason,
    ) -> Vec<Line> {
        self.blocked.insert((flow.clone(), topic.clone(), partition));
        let mut lines = bad(format!("{} is blocked: {why}", place_text(topic, partition)));
        let n_remedies = self.n_remedies.entry((flow.clone(), why.label())).or_default();
        *n_remedies += 1;
        if *n_remedies > REMEDIES_MAX {
            return lines;
        }
        let (unknown, untold) = (Addresses::default(), Versions::default());
        let place = Place {
            flow,
            topic,
            target_topic: self.target_topics.get(&(flow.clone(), topic.clone())),
            partition,
            addresses: self.addresses.get(flow).unwrap_or(&unknown),
            versions: self.versions.get(flow).unwrap_or(&untold),
            options: &self.options,
        };
        let remedy = remedy(why, &place);
        lines.push(Line::plain("  ").with(Tone::Faint, remedy.text));
        for way in remedy.ways {
            lines.push(Line::plain("  ").with(Tone::Faint, way.effect + ":"));
            lines.push(Line::plain("    ").with(Tone::Plain, way.command));
        }
        lines
    }

    fn goes_on(&mut self, flow: &FlowName, topic: &TopicName, partition: Option<i32>) -> Vec<Line> {
        if self.blocked.remove(&(flow.clone(), topic.clone(), partition)) {
            vec![Line::default().with(Tone::Good, format!("{} goes on", place_text(topic, partition)))]
        } else {
            Vec::new()
        }
    }
}

/// An event in one line, without its time and flow; `None` for states that only the flow's own state tells of.
pub fn headline(event: &Event) -> Option<Line> {
    let mut events = EventText::default();
    if let EventKind::LaneState { partition, .. } = &event.kind {
        // A lane's state is an event only when something ends or begins that needs attention.
        events.blocked.insert((event.flow.clone(), partition.topic.clone(), Some(partition.partition)));
    }
    events.describe(event).into_iter().next()
}

/// The first positions, and how many more there are.
fn positions_set(positions: &[MovedPosition]) -> String {
    const SHOWN_MAX: usize = 3;
    let one = |moved: &MovedPosition| match moved.from {
        Some(from) => format!("{} from {from} to {}", moved.partition, moved.to),
        None => format!("{} to {}", moved.partition, moved.to),
    };
    let shown: Vec<String> = positions.iter().take(SHOWN_MAX).map(one).collect();
    let more = match positions.len().saturating_sub(SHOWN_MAX) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("set {}: {}{more}", counted(positions.len(), "position"), shown.join(", "))
}

fn flow_state(state: &FlowState) -> Vec<Line> {
    let why = state_reason(state).unwrap_or_default();
    match state {
        FlowState::Waiting { .. } => warning(format!("waits: {why}")),
        FlowState::Blocked { .. } => bad(format!("is blocked: {why}")),
        FlowState::Refused { .. } => bad(format!("was not started: {why}")),
        FlowState::Starting
        | FlowState::Joining
        | FlowState::Running
        | FlowState::CaughtUp
        | FlowState::Paused
        | FlowState::Draining
        | FlowState::Stopped => Vec::new(),
    }
}

/// `orders/3`, or `topic orders`.
pub(super) fn place_text(topic: &TopicName, partition: Option<i32>) -> String {
    match partition {
        Some(partition) => format!("{topic}/{partition}"),
        None => format!("topic {topic}"),
    }
}

/// `1 partition`, `2 partitions`.
pub(super) fn counted(n: impl TryInto<u64>, noun: &str) -> String {
    match n.try_into().unwrap_or(0) {
        1 => format!("1 {noun}"),
        n => format!("{n} {noun}s"),
    }
}

fn plain(text: String) -> Vec<Line> {
    vec![Line::plain(text)]
}

fn warning(text: String) -> Vec<Line> {
    vec![Line::default().with(Tone::Warning, text)]
}

fn bad(text: String) -> Vec<Line> {
    vec![Line::default().with(Tone::Bad, text)]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::{Fault, FaultKind, Side};
    use crate::report::fixture;
    use crate::report::line::Colour;

    fn text(events: &mut EventText, kind: EventKind) -> String {
        let event = Event { at_ms: fixture::AT_MS, flow: "eu-to-us".into(), kind };
        let lines = events.describe(&event);
        lines.iter().map(|line| line.render(Colour::Never) + "\n").collect()
    }

    #[test]
    fn a_headline_is_the_first_line_and_tells_what_goes_on_again() {
        let told = |kind: EventKind| {
            let event = Event { at_ms: fixture::AT_MS, flow: "eu-to-us".into(), kind };
            headline(&event).map(|line| (line.tone(), line.text()))
        };
        let lane = TopicPartition::new("orders", 1);
        let goes_on = EventKind::LaneState { partition: lane.clone(), state: LaneState::Copying };
        assert_eq!(told(goes_on), Some((Tone::Good, "orders/1 goes on".into())));
        let skipped = EventKind::RecordSkipped { partition: lane, offset: 7 };
        assert_eq!(told(skipped), Some((Tone::Warning, "orders/1: the record at offset 7 was left out".into())));
        assert_eq!(told(EventKind::FlowState { state: FlowState::Running }), None);
    }

    #[test]
    fn every_event_that_matters_is_told() {
        let mut events = EventText::default();
        events.learn(&fixture::snapshot());
        let texts: String = fixture::event_kinds().into_iter().map(|kind| text(&mut events, kind)).collect();
        insta::assert_snapshot!(texts, @r#"
        waits: target rejects the credentials: SASL authentication failed
        is blocked: record at offset 4711 is too large for the target: 2000000 bytes uncompressed, max.message.bytes is 1048588
        was not started: include of `eu-to-us` and `us-to-eu` feed each other
        topic payments is blocked: target topic `eu.payments` has 6 partitions, the source has 12
          records go to the partition of the same number, so the target needs as many; goes on by itself then
          add partitions to the target topic:
            kafka-topics.sh --bootstrap-server TARGET --alter --topic eu.payments --partitions 12
        topic late is ignored: it is new since the flow began
        orders/1 is blocked: record at offset 4711 is too large for the target: 2000000 bytes uncompressed, max.message.bytes is 1048588
          nothing after this record is written until it is; goes on by itself when the limit is raised
          raise the target topic's limit:
            kafka-configs.sh --bootstrap-server TARGET --alter --entity-type topics --entity-name eu.orders --add-config max.message.bytes=2000000
          leave the record out:
            kmirror run --skip-record eu-to-us:orders:1@4711 --yes
        orders/1 waits: target has not enough in-sync replicas
        source brokers are 2.4 to 2.6, target brokers 4.x
        created topic eu.orders with 1 partition
        topic eu.orders grown to 2 partitions
        2 partitions without progress, beginning at earliest
        2 partitions without progress, going on where group kmirror.old has stopped
          that group is left as it is, and forgotten by the brokers in time; to delete it now (1.1 and later):
            kafka-consumer-groups.sh --bootstrap-server SOURCE --delete --group kmirror.old
        got 2 partitions
        gave up 2 partitions to another instance
        lost 2 partitions before they could be given up in order: records may be written twice
        orders/1 goes back from 900 to 800 and sends again: producer replaced
        orders/1 goes on at 250: offsets 100..250 were given up
        orders/1 goes on at 0: from there to 250 it is copied again
        set 2 positions: orders/0 to 0, orders/1 from 100 to 250
        orders/1: the record at offset 4711 was left out
        progress could not be committed, trying again: commit progress on source: timed out
        source broker 2 (kafka-a2:9092) is unreachable, 8 partitions wait for it: Connection refused
        source broker 2 (kafka-a2:9092) answers again
        cannot skip the record at 12: orders/1 is not blocked there
        retention of eu.orders is shorter than the oldest record
        "#);
    }

    #[test]
    fn a_lane_that_goes_on_is_told_once() {
        let mut events = EventText::default();
        let lane = TopicPartition::new("orders", 1);
        let copying = EventKind::LaneState { partition: lane.clone(), state: LaneState::Copying };
        assert_eq!(text(&mut events, copying.clone()), "");
        let blocked = LaneState::Blocked { why: fixture::too_large() };
        text(&mut events, EventKind::LaneState { partition: lane, state: blocked });
        assert_eq!(text(&mut events, copying.clone()), "orders/1 goes on\n");
        assert_eq!(text(&mut events, copying), "");
    }

    #[test]
    fn the_same_recipe_is_not_repeated_a_thousand_times() {
        let mut events = EventText::default();
        let lines = |events: &mut EventText, partition| {
            let state = LaneState::Blocked { why: fixture::too_large() };
            text(events, EventKind::LaneState { partition: TopicPartition::new("orders", partition), state })
                .lines()
                .count()
        };
        assert!((0..3).all(|partition| lines(&mut events, partition) > 1));
        assert!((3..9).all(|partition| lines(&mut events, partition) == 1));
    }

    #[test]
    fn a_brokers_words_cannot_forge_a_line() {
        let fault = Fault::new(FaultKind::Other, Side::Target, "write", "no\n12:00:00 all is well\u{1b}[2J");
        let told = text(&mut EventText::default(), EventKind::Trouble { fault });
        assert_eq!(told, "write on target: no\\n12:00:00 all is well\\x1b[2J\n");
    }
}
