//! What stands on a card.

use jiff::Timestamp;

use super::problem::{LANES_MAX, Problem};
use crate::engine::{BlockedReason, EventKind, FlowSnapshot, LaneState, Side, TopicState, WaitingReason};
use crate::model::{ClusterName, TopicName};
use crate::report::{Remedy, number};
use crate::tui::model::Model;
use crate::tui::remedies::{remedy_for, waiting_remedy_for};
use crate::tui::words::{blocked_words, waiting_words};

/// A card, ready to be drawn.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Card {
    /// What it is about: a flow, a topic, a partition.
    pub(in crate::tui) title: String,
    /// Whether somebody has to decide or to remove a cause; the others pass by themselves.
    pub(in crate::tui) needs_somebody: bool,
    /// Names and values.
    pub(in crate::tui) fields: Vec<(&'static str, String)>,
    /// What can be done, the safest first.
    pub(in crate::tui) fixes: Vec<Fix>,
}

/// Something that can be done.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) struct Fix {
    /// What it does, or what to think of.
    pub(in crate::tui) effect: String,
    /// What to type in a shell, or to write into the configuration.
    pub(in crate::tui) command: Option<String>,
}

impl Card {
    /// The card as text.
    pub(in crate::tui) fn text(&self) -> String {
        let mut lines = vec![self.title.clone()];
        lines.extend(self.fields.iter().map(|(name, value)| format!("{name:10}{value}")));
        for fix in &self.fixes {
            lines.push(format!("{:10}{}", "fix", fix.effect));
            lines.extend(fix.command.iter().map(|command| format!("{:12}{command}", "")));
        }
        lines.join("\n")
    }
}

/// The card of a problem.
pub(in crate::tui) fn card(model: &Model, problem: &Problem) -> Card {
    let Some(flow) = model.snapshot.flow(problem.flow()) else { return Card::default() };
    let about = About { model, flow, problem };
    let mut fields = Vec::new();
    fields.push(("what", about.what()));
    fields.extend(about.code().map(|code| ("code", code)));
    fields.push(("where", about.place()));
    fields.extend(about.who().map(|who| ("who", who)));
    fields.push(("since", about.since()));
    fields.push(("meanwhile", about.meanwhile()));
    fields.push(("cause", about.cause()));
    Card { title: about.title(), needs_somebody: about.needs_somebody(), fields, fixes: about.fixes() }
}

struct About<'a> {
    model: &'a Model,
    flow: &'a FlowSnapshot,
    problem: &'a Problem,
}

impl About<'_> {
    fn title(&self) -> String {
        let flow = &self.flow.flow;
        match self.problem {
            Problem::Topic { topic, .. } => topic.to_string(),
            Problem::Lane { topic, partition, .. } => format!("{topic}/{partition}"),
            Problem::LanesWaiting { count: 1, lanes, .. } => {
                lanes.first().map(|(topic, partition)| format!("{topic}/{partition}")).unwrap_or_default()
            }
            Problem::LanesWaiting { count, .. } => format!("{} partitions of {flow}", number::exact(*count)),
            Problem::Refused { .. } | Problem::Flow { .. } | Problem::Waiting { .. } | Problem::Fault { .. } => {
                flow.to_string()
            }
        }
    }

    fn needs_somebody(&self) -> bool {
        matches!(
            self.problem,
            Problem::Refused { .. } | Problem::Flow { .. } | Problem::Topic { .. } | Problem::Lane { .. }
        )
    }

    fn what(&self) -> String {
        match self.problem {
            Problem::Refused { .. } => "the flow was not started, because it would do harm".into(),
            Problem::Flow { why, .. } | Problem::Topic { why, .. } | Problem::Lane { why, .. } => {
                blocked_words(why).into()
            }
            Problem::Waiting { why, .. } | Problem::LanesWaiting { why, .. } => waiting_words(why).into(),
            Problem::Fault { fault, .. } => format!("failed to {} on the {}", fault.operation, fault.side),
        }
    }

    fn code(&self) -> Option<String> {
        match self.problem {
            Problem::Refused { .. } => None,
            Problem::Flow { why, .. } | Problem::Topic { why, .. } | Problem::Lane { why, .. } => {
                let healing = if why.heals_itself() {
                    "goes on by itself once the cause is removed"
                } else {
                    "stays until you decide"
                };
                Some(format!("{}   {healing}", why.label().to_uppercase()))
            }
            Problem::Waiting { why, .. } | Problem::LanesWaiting { why, .. } => {
                Some(format!("{}   passes by itself", code_of(why)))
            }
            Problem::Fault { fault, .. } => Some(spelled(&fault.kind)),
        }
    }

    /// Cluster, topic, partition, as the side to blame has them.
    fn place(&self) -> String {
        let arrow = self.model.symbols.arrow;
        let path = format!("{} {arrow} {}", self.flow.source, self.flow.target);
        let Some(side) = self.problem.side() else { return format!("flow {}   {path}", self.flow.flow) };
        let cluster = self.cluster(side);
        let address = self.address(cluster);
        let mut place = match self.problem {
            Problem::Waiting { why, .. } | Problem::LanesWaiting { why, .. }
                if let WaitingReason::LeaderUnreachable { broker, address, .. } = why =>
            {
                format!("{side} {cluster} broker {broker} {address}")
            }
            _ => format!("{side} {cluster} {address}"),
        };
        match self.problem {
            Problem::Topic { topic, .. } => place += &format!("   topic {}", self.topic_there(side, topic)),
            Problem::Lane { topic, partition, .. } => {
                place += &format!("   topic {} partition {partition}", self.topic_there(side, topic));
            }
            Problem::LanesWaiting { count, lanes, .. } => {
                let named: Vec<String> = lanes.iter().map(|(topic, lane)| format!("{topic}/{lane}")).collect();
                let more = count.saturating_sub(LANES_MAX);
                let more = if more > 0 { format!(" and {more} more") } else { String::new() };
                place += &format!("   {}{more}", named.join(" "));
            }
            Problem::Refused { .. } | Problem::Flow { .. } | Problem::Waiting { .. } | Problem::Fault { .. } => {}
        }
        format!("{place}   flow {}", self.flow.flow)
    }

    /// With which name the cluster knows us, where rights or credentials are the matter.
    fn who(&self) -> Option<String> {
        let is_about_rights = match self.problem {
            Problem::Flow { why, .. } | Problem::Topic { why, .. } | Problem::Lane { why, .. } => {
                matches!(why, BlockedReason::TopicAuthorization { .. } | BlockedReason::GroupAuthorization { .. })
            }
            Problem::Waiting { why, .. } | Problem::LanesWaiting { why, .. } => {
                matches!(why, WaitingReason::CredentialsRejected { .. })
            }
            _ => false,
        };
        let cluster = self.cluster(self.problem.side().filter(|_| is_about_rights)?);
        let entry = self.model.inventory.clusters.iter().find(|entry| entry.name == *cluster)?;
        Some(format!("the user of [clusters.{cluster}]  ({})", entry.security))
    }

    fn since(&self) -> String {
        let now_ms = self.model.now.wall_ms;
        let Seen { since_ms, times } = match self.problem {
            Problem::Fault { times, first_ms, last_ms, .. } => {
                let last = ago(now_ms - last_ms);
                return format!("{}, {}, last {last}", self.time(*first_ms), counted(*times));
            }
            _ => self.seen(),
        };
        let often =
            if times > 1 { format!(", {} since the console was opened", counted(times)) } else { String::new() };
        match since_ms {
            Some(since_ms) => format!("{} ({}){often}", self.time(since_ms), ago(now_ms - since_ms)),
            None => format!("{} (before the oldest event that is kept)", self.model.symbols.unknown),
        }
    }

    /// When the problem began, and how often it came: by the events.
    fn seen(&self) -> Seen {
        let mut seen = Seen::default();
        for event in self.model.events.iter().filter(|event| event.flow == self.flow.flow) {
            let Some(is_this) = self.is_this(&event.kind) else { continue };
            if !is_this {
                seen.since_ms = None;
            } else if seen.since_ms.is_none() {
                seen.since_ms = Some(event.at_ms);
                seen.times += 1;
            }
        }
        seen
    }

    /// Whether an event tells of this problem's beginning; `None` when it is about something else.
    fn is_this(&self, kind: &EventKind) -> Option<bool> {
        match (self.problem, kind) {
            (
                Problem::Refused { .. } | Problem::Flow { .. } | Problem::Waiting { .. },
                EventKind::FlowState { state },
            ) => Some(state_code(state) == state_code(&self.flow.state)),
            (Problem::Topic { topic, why, .. }, EventKind::TopicState { topic: other, state }) if topic == other => {
                Some(matches!(state, TopicState::Blocked { why: other } if other.label() == why.label()))
            }
            (Problem::Lane { topic, partition, why, .. }, EventKind::LaneState { partition: other, state })
                if other.topic == *topic && other.partition == *partition =>
            {
                Some(matches!(state, LaneState::Blocked { why: other } if other.label() == why.label()))
            }
            (Problem::LanesWaiting { lanes, why, .. }, EventKind::LaneState { partition, state })
                if lanes
                    .first()
                    .is_some_and(|(topic, lane)| partition.topic == *topic && partition.partition == *lane) =>
            {
                Some(matches!(state, LaneState::Waiting { why: other } if code_of(other) == code_of(why)))
            }
            _ => None,
        }
    }

    /// What the rest does, and what is lost.
    fn meanwhile(&self) -> String {
        let others = self.flow.topics.len().saturating_sub(1);
        match self.problem {
            Problem::Refused { .. } | Problem::Flow { .. } => "nothing is copied, nothing is changed".into(),
            Problem::Waiting { .. } => {
                "it is tried again and again; nothing is lost, the flow goes on where it stands".into()
            }
            Problem::LanesWaiting { .. } => {
                "the other partitions go on; nothing is lost, these go on where they stand".into()
            }
            Problem::Fault { .. } => {
                "it was tried again; what is blocked or waits because of it has a card of its own".into()
            }
            Problem::Topic { .. } => {
                let rest = match others {
                    0 => String::new(),
                    1 => "; the other topic of the flow goes on".into(),
                    n => format!("; the {} other topics of the flow go on", number::exact(n)),
                };
                format!("the topic is not mirrored{rest}; nothing is lost while the source keeps its records")
            }
            Problem::Lane { topic, partition, why, .. } => self.held(topic, *partition, why),
        }
    }

    fn held(&self, topic: &TopicName, partition: i32, why: &BlockedReason) -> String {
        let topics = || self.flow.topics.iter();
        let lane = topics()
            .find(|other| other.source == *topic)
            .and_then(|topic| topic.lanes.iter().find(|lane| lane.partition == partition));
        let going = topics()
            .flat_map(|topic| &topic.lanes)
            .filter(|lane| matches!(lane.state, LaneState::Copying | LaneState::CaughtUp));
        let going = match going.count() {
            0 => "nothing else is copied".into(),
            1 => "1 other partition goes on".into(),
            n => format!("{} other partitions go on", number::exact(n)),
        };
        match (why, lane) {
            (BlockedReason::RetentionOvertook { lost_from, lost_to }, _) => format!(
                "{going}; lost on the source: offsets {} to {} ({} records at most)",
                number::exact(*lost_from),
                number::exact(lost_to - 1),
                number::exact(lost_to - lost_from)
            ),
            (BlockedReason::LogTruncated { .. } | BlockedReason::TopicRecreated { .. }, Some(lane)) => {
                format!("{going}; this one is held at offset {}", number::exact(lane.position))
            }
            (_, Some(lane)) => {
                format!("{going}; nothing is lost: this one resumes at offset {}", number::exact(lane.position))
            }
            (_, None) => going,
        }
    }

    fn cause(&self) -> String {
        match self.problem {
            Problem::Refused { why, .. } => why.clone(),
            Problem::Flow { why, .. } | Problem::Topic { why, .. } | Problem::Lane { why, .. } => why.to_string(),
            Problem::Waiting { why, .. } | Problem::LanesWaiting { why, .. } => why.to_string(),
            Problem::Fault { fault, .. } => fault.detail.clone(),
        }
    }

    fn fixes(&self) -> Vec<Fix> {
        let Remedy { text, ways } = match self.problem {
            Problem::Flow { why, .. } => remedy_for(self.model, self.flow, (&"TOPIC".into(), None), why),
            Problem::Topic { topic, why, .. } => remedy_for(self.model, self.flow, (topic, None), why),
            Problem::Lane { topic, partition, why, .. } => {
                remedy_for(self.model, self.flow, (topic, Some(*partition)), why)
            }
            Problem::Waiting { why, .. } | Problem::LanesWaiting { why, .. } => {
                waiting_remedy_for(self.model, self.flow, why)
            }
            Problem::Fault { fault, .. } => {
                waiting_remedy_for(self.model, self.flow, &WaitingReason::Fault { fault: fault.clone() })
            }
            Problem::Refused { .. } => Remedy {
                text: "change the configuration as the cause says, then start the flow again".into(),
                ways: Vec::new(),
            },
        };
        let first = Fix { effect: text, command: None };
        let ways = ways.into_iter().map(|way| Fix { effect: way.effect, command: Some(way.command) });
        std::iter::once(first).chain(ways).collect()
    }

    fn cluster(&self, side: Side) -> &ClusterName {
        match side {
            Side::Source => &self.flow.source,
            Side::Target => &self.flow.target,
        }
    }

    fn address(&self, cluster: &ClusterName) -> &str {
        let entry = self.model.inventory.clusters.iter().find(|entry| entry.name == *cluster);
        entry.map_or("", |entry| entry.bootstrap_servers.as_str())
    }

    /// The name a topic has on a side.
    fn topic_there<'b>(&'b self, side: Side, topic: &'b TopicName) -> &'b TopicName {
        let known = self.flow.topics.iter().find(|other| other.source == *topic);
        known.filter(|_| side == Side::Target).map_or(topic, |topic| &topic.target)
    }

    fn time(&self, at_ms: i64) -> String {
        let time = Timestamp::from_millisecond(at_ms).map(|time| time.to_zoned(self.model.time_zone()));
        let zone = if self.model.is_utc { "Z" } else { "" };
        time.map(|time| format!("{}{zone}", time.strftime("%H:%M:%S"))).unwrap_or_default()
    }
}

/// When a problem began and how often it came.
#[derive(Clone, Copy, Debug, Default)]
struct Seen {
    since_ms: Option<i64>,
    times: usize,
}

fn counted(times: usize) -> String {
    if times == 1 { "1 time".into() } else { format!("{} times", number::exact(times)) }
}

fn ago(elapsed_ms: i64) -> String {
    format!("{} ago", number::duration(u64::try_from(elapsed_ms / 1_000).unwrap_or(0)))
}

/// A flow's state with its reason, without the reason's details.
fn state_code(state: &crate::engine::FlowState) -> (std::mem::Discriminant<crate::engine::FlowState>, String) {
    let reason = match state {
        crate::engine::FlowState::Waiting { why } => code_of(why),
        _ => String::new(),
    };
    (std::mem::discriminant(state), reason)
}

/// The name of a reason as it has in JSON, in capitals.
fn code_of(why: &WaitingReason) -> String {
    let value = serde_json::to_value(why).unwrap_or_default();
    value.get("reason").and_then(serde_json::Value::as_str).unwrap_or_default().to_uppercase()
}

fn spelled(kind: &crate::engine::FaultKind) -> String {
    let value = serde_json::to_value(kind).unwrap_or_default();
    value.as_str().unwrap_or_default().to_uppercase()
}
