//! Every event in one line, for whoever looks at all of them.

use super::event_text::{EventText, place_text};
use super::line::Tone;
use super::status_line::state_word;
use crate::engine::{Event, EventKind, LaneState, TopicState};

/// Says events in words: those a report prints as it prints them, and the others, too.
#[derive(Clone, Debug, Default)]
pub struct EventWords(EventText);

impl EventWords {
    /// How grave an event is, and what to say of it. Not escaped, and without its time and flow.
    pub fn of(&mut self, event: &Event) -> (Tone, String) {
        match self.0.describe(event).into_iter().next() {
            Some(line) => line.into_words(),
            None => quiet(&event.kind),
        }
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
        | EventKind::RecordSkipped { .. }
        | EventKind::CommitFailed { .. }
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
        let mut words = EventWords::default();
        for kind in fixture::event_kinds() {
            let event = Event { at_ms: fixture::AT_MS, flow: "f".into(), kind };
            let (_, text) = words.of(&event);
            assert!(!text.is_empty() && !text.contains('\n'), "{event:?}");
        }
    }

    #[test]
    fn what_is_blocked_is_bad_and_what_waits_is_doubtful() {
        let mut words = EventWords::default();
        let mut tone = |kind| words.of(&Event { at_ms: 0, flow: "f".into(), kind }).0;
        let topic = || "payments".into();
        let why = fixture::partition_count();
        assert_eq!(tone(EventKind::TopicState { topic: topic(), state: TopicState::Blocked { why } }), Tone::Bad);
        assert_eq!(tone(EventKind::TopicState { topic: topic(), state: TopicState::Mirroring }), Tone::Good);
        let fault = crate::engine::Fault::new(
            crate::engine::FaultKind::Unreachable,
            crate::engine::Side::Source,
            "read",
            "connection refused",
        );
        assert_eq!(tone(EventKind::Trouble { fault }), Tone::Warning);
    }
}
