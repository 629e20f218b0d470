//! Who leads the partitions of a flow.

use std::collections::BTreeSet;

use super::JobContext;
use crate::engine::fault::Side;
use crate::engine::ports::Leaders;
use crate::model::TopicName;

/// The leaders of a flow's topics, of each cluster that told.
#[derive(Clone, Debug, Default)]
pub(in crate::engine) struct FoundLeaders {
    source: Option<Leaders>,
    target: Option<Leaders>,
}

/// Asks a cluster where there is something to ask. One that does not answer is asked again soon.
pub(super) fn find(context: &JobContext, source: &BTreeSet<TopicName>, target: &BTreeSet<TopicName>) -> FoundLeaders {
    let asked = |topics: &BTreeSet<TopicName>| !topics.is_empty();
    FoundLeaders {
        source: asked(source).then(|| context.source.leaders(source).ok()).flatten(),
        target: asked(target).then(|| context.target.leaders(target).ok()).flatten(),
    }
}

impl FoundLeaders {
    /// Who leads a partition; the inner `None` is nobody, the outer that it is not known.
    pub(in crate::engine) fn of(&self, side: Side, topic: &TopicName, partition: i32) -> Option<Option<i32>> {
        let leaders = match side {
            Side::Source => &self.source,
            Side::Target => &self.target,
        };
        leaders.as_ref()?.get(topic)?.get(usize::try_from(partition).ok()?).copied()
    }
}
