//! Every event in one line, for whoever looks at all of them.

use super::event_text::{headline, place_text};
use super::line::Tone;
use super::status_line::state_word;
use crate::engine::{Event, EventKind, LaneState, TopicState};

/// How grave an event is, and what to say of it. Not escaped, and without its time and flow.
pub fn event_words(event: &Event) -> (Tone, String) {
    match headline(event) {
        Some(line) => (line.tone(), line.text()),
        None => quiet(&event.kind),
    }
}

/// What a report leaves to its status line.
fn quiet(kind: &EventKind) -> (Tone, String) {
    match kind {
        EventKind::FlowState { state } => {
            let (word, tone) = state_word(state);
            (tone, word.to_owned())
        }
        EventKind::TopicState { topic, state } => {
            let word = match state {
                TopicState::Mirroring => "is mirrored",
                TopicState::Blocked { .. } => "is blocked",
                TopicState::Ignored => "is ignored",
            };
            (Tone::Plain, format!("{} {word}", place_text(topic, None)))
        }
        EventKind::LaneState { partition, state } => {
            let word = match state {
                LaneState::Starting => "is being positioned",
                LaneState::Copying => "is copied",
                LaneState::CaughtUp => "is caught up",
                LaneState::Waiting { .. } => "waits",
                LaneState::Blocked { .. } => "is blocked",
                LaneState::Paused => "is paused",
                LaneState::Draining => "is being given up",
            };
            (Tone::Plain, format!("{partition} {word}"))
        }
        EventKind::Trouble { fault } => (Tone::Warning, fault.to_string()),
        // Each of these has a line of its own in a report.
        EventKind::Versions { .. }
        | EventKind::TopicCreated { .. }
        | EventKind::PartitionsAdded { .. }
        | EventKind::Started { .. }
        | EventKind::Adopted { .. }
        | EventKind::Assigned { .. }
        | EventKind::Revoked { .. }
        | EventKind::Rewound { .. }
        | EventKind::Repositioned { .. }
        | EventKind::PositionsSet { .. }
        | EventKind::RecordSkipped { .. }
        | EventKind::CommitFailed { .. }
        | EventKind::BrokerDown { .. }
        | EventKind::BrokerUp { .. }
        | EventKind::Refused { .. }
        | EventKind::Notice { .. } => (Tone::Plain, String::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::fixture;

    #[test]
    fn every_event_has_words() {
        for kind in fixture::event_kinds() {
            let event = Event { at_ms: fixture::AT_MS, flow: "f".into(), kind };
            let (_, text) = event_words(&event);
            assert!(!text.is_empty() && !text.contains('\n'), "{event:?}");
        }
    }

    #[test]
    fn what_is_blocked_is_bad_and_what_waits_is_doubtful() {
        let tone = |kind| event_words(&Event { at_ms: 0, flow: "f".into(), kind }).0;
        let topic = || "payments".into();
        let why = fixture::partition_count();
        assert_eq!(tone(EventKind::TopicState { topic: topic(), state: TopicState::Blocked { why } }), Tone::Bad);
        assert_eq!(tone(EventKind::TopicState { topic: topic(), state: TopicState::Mirroring }), Tone::Plain);
        let fault = crate::engine::Fault::new(
            crate::engine::FaultKind::Unreachable,
            crate::engine::Side::Source,
            "read",
            "connection refused",
        );
        assert_eq!(tone(EventKind::Trouble { fault }), Tone::Warning);
    }
}
