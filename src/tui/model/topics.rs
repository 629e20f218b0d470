//! The topics of the clusters: a list, a topic, its records.

pub(in crate::tui) mod cluster_view;
pub(in crate::tui) mod records;

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::list::{ListState, RowKeys, Sort};
use super::scroll::Scroll;
use crate::model::{ClusterName, TopicName};
use crate::tui::services::{JobError, TopicDetail};

use cluster_view::{ClusterView, TopicEntry};
use records::RecordsView;

/// The state of the page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct TopicsPage {
    pub(in crate::tui) list: ListState,
    /// The cluster that is shown.
    pub(in crate::tui) cluster: Option<ClusterName>,
    /// What is known of the clusters that were looked at.
    pub(in crate::tui) clusters: BTreeMap<ClusterName, ClusterView>,
    /// Whether topics of Kafka and of tools are shown.
    pub(in crate::tui) is_internal_shown: bool,
    /// The partitions of the topic that is opened.
    pub(in crate::tui) partitions: ListState,
    /// What is seen of the facts about that topic, while they have the whole page.
    pub(in crate::tui) facts: Option<Scroll>,
    /// What there is to know about the topic at hand.
    pub(in crate::tui) detail: Option<Detail>,
    /// The topic the cursor rests on, and since when (uptime).
    pub(in crate::tui) rest: Option<(TopicName, Duration)>,
    pub(in crate::tui) records: RecordsView,
    /// The rows last shown: they are made anew when what they depend on has changed, not for every frame.
    pub(in crate::tui) rows: RefCell<Option<(RowsKey, Arc<Rows>)>>,
}

/// What a topic was found to be.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Detail {
    pub(in crate::tui) cluster: ClusterName,
    pub(in crate::tui) topic: TopicName,
    /// When (uptime).
    pub(in crate::tui) at: Duration,
    pub(in crate::tui) answer: Result<TopicDetail, JobError>,
}

/// What the rows depend on.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) struct RowsKey {
    pub(in crate::tui) cluster: Option<ClusterName>,
    pub(in crate::tui) version: u64,
    pub(in crate::tui) filter: String,
    pub(in crate::tui) is_filter_wrong: bool,
    pub(in crate::tui) sort: Sort,
    pub(in crate::tui) is_problems_only: bool,
    pub(in crate::tui) is_internal_shown: bool,
}

/// The topics that are shown, in their order.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Rows {
    /// Their names.
    pub(in crate::tui) keys: RowKeys,
    /// Their places among the cluster's topics.
    pub(in crate::tui) places: Vec<usize>,
    /// How many there are without a filter.
    pub(in crate::tui) total: usize,
    /// How many internal ones are left out.
    pub(in crate::tui) hidden_internal: usize,
}

impl TopicsPage {
    /// What is known of the cluster that is shown.
    pub(in crate::tui) fn view(&self) -> Option<&ClusterView> {
        self.clusters.get(self.cluster.as_ref()?)
    }

    /// A topic of the cluster that is shown.
    pub(in crate::tui) fn entry(&self, topic: &TopicName) -> Option<&TopicEntry> {
        self.view()?.entry(topic)
    }

    /// What a topic of that cluster was found to be, if it was looked at.
    pub(in crate::tui) fn detail(&self, topic: &TopicName) -> Option<&Detail> {
        self.detail.as_ref().filter(|detail| detail.topic == *topic && Some(&detail.cluster) == self.cluster.as_ref())
    }
}
