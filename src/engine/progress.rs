//! The note that travels with every commit of progress: which topic the position belongs to.
//!
//! An offset alone cannot tell a topic from another of the same name. The note can, and it lets a first start at
//! `earliest` forgive what the source deletes before the first record was copied.

use serde::{Deserialize, Serialize};

/// Stored as JSON in the metadata of the committed offset, where `kafka-consumer-groups` ignores it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct ProgressNote {
    /// Version of the note. Readers ignore what they do not know.
    #[serde(default)]
    kmirror: u32,
    /// Id of the source topic, where the cluster has topic ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) topic_id: Option<String>,
    /// Id of the target topic, where the cluster has topic ids.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) target_id: Option<String>,
    /// Set while nothing was copied yet from a partition whose start was `earliest`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub(super) is_untouched_earliest: bool,
}

impl ProgressNote {
    const VERSION: u32 = 1;

    pub(super) fn new(topic_id: Option<String>, target_id: Option<String>) -> Self {
        Self { kmirror: Self::VERSION, topic_id, target_id, is_untouched_earliest: false }
    }

    /// The same note for a partition that begins at `earliest` and has copied nothing yet.
    pub(super) fn untouched_earliest(self) -> Self {
        Self { is_untouched_earliest: true, ..self }
    }

    /// Reads a note. Foreign metadata (an operator's edit, another tool's commit) is no note, and no error.
    pub(super) fn parse(metadata: &str) -> Self {
        serde_json::from_str(metadata).unwrap_or_default()
    }

    /// Whether kmirror wrote it: a position without is an operator's or another tool's, and says nothing of what was
    /// copied.
    pub(super) fn is_ours(&self) -> bool {
        self.kmirror > 0
    }

    pub(super) fn to_metadata(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn survives_the_round_trip_and_foreign_metadata() {
        let note = ProgressNote::new(Some("abc".into()), None).untouched_earliest();
        assert_eq!(ProgressNote::parse(&note.to_metadata()), note);
        assert_eq!(ProgressNote::parse(""), ProgressNote::default());
        assert_eq!(ProgressNote::parse("reset by anna"), ProgressNote::default());
        assert!(note.is_ours() && !ProgressNote::default().is_ours());
        assert_eq!(ProgressNote::parse(r#"{"kmirror":9,"topic_id":"x","new":1}"#).topic_id.as_deref(), Some("x"));
        assert_eq!(ProgressNote::new(None, None).to_metadata(), r#"{"kmirror":1}"#);
    }
}
