//! Flows that deal with the same clusters: what one writes, another may write or read as well.

use std::collections::HashMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{FlowName, RenamePolicy, Selection, TopicName};

/// Another flow, as far as it matters to this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
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

    /// What becomes of each of `topics` of its source, by the name on the target; nothing where the policy tells the
    /// source of a target by itself.
    pub(super) fn by_target<'a>(&self, topics: impl Iterator<Item = &'a TopicName>) -> HashMap<TopicName, TopicName> {
        match &*self.rename {
            RenamePolicy::Identity | RenamePolicy::Prefix { .. } => HashMap::new(),
            RenamePolicy::Rules(_) => {
                topics.filter_map(|topic| Some((self.target_topic(topic)?, topic.clone()))).collect()
            }
        }
    }

    /// The topic of its source that it writes to `target`, told by the policy or found in `by_target`.
    pub(super) fn source_of(
        &self,
        target: &TopicName,
        by_target: &HashMap<TopicName, TopicName>,
        is_there: impl Fn(&TopicName) -> bool,
    ) -> Option<TopicName> {
        let source: TopicName = match &*self.rename {
            RenamePolicy::Identity => target.clone(),
            RenamePolicy::Prefix { prefix, separator } => {
                target.as_str().strip_prefix(prefix.as_str())?.strip_prefix(separator.as_str())?.into()
            }
            RenamePolicy::Rules(_) => return by_target.get(target).cloned(),
        };
        (is_there(&source) && self.target_topic(&source).is_some()).then_some(source)
    }
}
