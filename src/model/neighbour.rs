//! Flows that deal with the same clusters: what one writes, another may write or read as well.

use std::sync::Arc;

use super::{FlowName, RenamePolicy, Selection, TopicName};

/// Another flow, as far as it matters to this one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Neighbour {
    /// Its name.
    pub name: FlowName,
    /// How it lies to this one.
    pub direction: Direction,
    /// Which topics it mirrors.
    pub selection: Arc<Selection>,
    /// What they are called on its target.
    pub rename: Arc<RenamePolicy>,
}

/// How two flows lie to each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// From the same source to the same target.
    Same,
    /// From this one's target back to its source.
    Reverse,
}

impl Neighbour {
    /// What it makes of `topic` of its source, if it mirrors it.
    pub fn target_topic(&self, topic: &TopicName) -> Option<TopicName> {
        if !self.selection.judge(topic).is_included() {
            return None;
        }
        self.rename.target_topic(topic).ok()
    }

    /// A topic among `topics` of its source that it writes to `target`.
    pub(super) fn source_of<'a>(
        &self,
        target: &TopicName,
        mut topics: impl Iterator<Item = &'a TopicName>,
    ) -> Option<&'a TopicName> {
        topics.find(|topic| {
            // Most names cannot become the target's, and need no pattern to say so.
            let may_become = match &*self.rename {
                RenamePolicy::Identity => *topic == target,
                RenamePolicy::Prefix { .. } => target.as_str().ends_with(topic.as_str()),
                RenamePolicy::Rules(_) => true,
            };
            may_become && self.target_topic(topic).as_ref() == Some(target)
        })
    }
}
