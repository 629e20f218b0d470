//! The topics of a preview in the order they are shown.

use std::sync::Arc;

use crate::model::SelectionVerdict;
use crate::preview::{FlowPreview, PreviewedTopic, TargetPlan, TopicChange};
use crate::tui::model::list::{ListState, RowKeys, Sort};

/// A preview as a key: equal only to itself, so that comparing costs nothing.
#[derive(Clone, Debug)]
pub(in crate::tui) struct SamePreview(pub(in crate::tui) Arc<FlowPreview>);

impl PartialEq for SamePreview {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

/// What becomes of a topic. What needs a look is the least.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tui) enum Fate {
    /// It would be mirrored, and cannot be.
    Blocked,
    /// It is mirrored, and there is something to know about it.
    Doubtful,
    Mirrored,
    /// A rule leaves it out, or a tool's topic is left out.
    Excluded,
    NotMatched,
}

impl Fate {
    pub(in crate::tui) fn of(topic: &PreviewedTopic) -> Self {
        match (&topic.verdict, &topic.plan) {
            (SelectionVerdict::Included { .. }, Some(plan)) => match plan {
                TargetPlan::Invalid | TargetPlan::Loop | TargetPlan::Collision { .. } | TargetPlan::Missing => {
                    Self::Blocked
                }
                TargetPlan::FewerPartitions { .. }
                | TargetPlan::MorePartitions { .. }
                | TargetPlan::CleanupPolicy { .. }
                | TargetPlan::MessageSize { .. } => Self::Doubtful,
                TargetPlan::Unknown | TargetPlan::Create { .. } | TargetPlan::Fits { .. } => Self::Mirrored,
            },
            (SelectionVerdict::Included { .. }, None) => Self::Mirrored,
            (SelectionVerdict::Undecided { .. }, _) => Self::Blocked,
            (SelectionVerdict::Excluded { .. } | SelectionVerdict::Internal { .. }, _) => Self::Excluded,
            (SelectionVerdict::NotIncluded, _) => Self::NotMatched,
        }
    }
}

/// The topics a page of a preview is made of, as places among all of them.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct Sections {
    /// Those that are mirrored or would be, what needs a look first.
    pub(in crate::tui) mirrored: Vec<usize>,
    /// Those that are left out by a rule, or not mirrored any more: these first.
    pub(in crate::tui) left_out: Vec<usize>,
}

impl Sections {
    pub(in crate::tui) fn of(preview: &FlowPreview) -> Self {
        let mut sections = Self::default();
        for (place, topic) in preview.topics.iter().enumerate() {
            let is_removed = topic.change == TopicChange::Removed;
            match Fate::of(topic) {
                Fate::Blocked | Fate::Doubtful | Fate::Mirrored => sections.mirrored.push(place),
                Fate::Excluded => sections.left_out.push(place),
                Fate::NotMatched if is_removed => sections.left_out.push(place),
                Fate::NotMatched => {}
            }
        }
        let topic = |place: &usize| &preview.topics[*place];
        sections.mirrored.sort_by_key(|place| Fate::of(topic(place)));
        sections.left_out.sort_by_key(|place| {
            let is_internal = matches!(topic(place).verdict, SelectionVerdict::Internal { .. });
            (topic(place).change != TopicChange::Removed, is_internal)
        });
        sections
    }
}

/// What the list of all topics depends on.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::tui) struct RowsKey {
    preview: SamePreview,
    filter: String,
    is_filter_wrong: bool,
    sort: Sort,
    is_problems_only: bool,
}

/// All topics of a preview that are let through, in the order asked for.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct PreviewRows {
    pub(in crate::tui) keys: RowKeys,
    /// Their places in the preview.
    pub(in crate::tui) places: Vec<usize>,
}

/// How many columns it can be sorted by: fate, source, target, records, rate.
pub(in crate::tui) const SORTS: usize = 5;

impl RowsKey {
    pub(in crate::tui) fn new(preview: &Arc<FlowPreview>, list: &ListState) -> Self {
        Self {
            preview: SamePreview(Arc::clone(preview)),
            filter: list.filter_line.text().to_owned(),
            is_filter_wrong: list.filter_error.is_some(),
            sort: list.sort,
            is_problems_only: list.is_problems_only,
        }
    }
}

impl PreviewRows {
    pub(in crate::tui) fn of(preview: &FlowPreview, list: &ListState) -> Self {
        let mut fits = list.filter.matcher();
        let is_shown = |topic: &PreviewedTopic| !list.is_problems_only || Fate::of(topic) <= Fate::Doubtful;
        let mut places: Vec<usize> = (0..preview.topics.len())
            .filter(|place| is_shown(&preview.topics[*place]) && fits(preview.topics[*place].source.as_str()))
            .collect();
        let target = |topic: &PreviewedTopic| topic.target.as_ref().and_then(|target| target.clone().ok());
        places.sort_by(|a, b| {
            let (a, b) = (&preview.topics[*a], &preview.topics[*b]);
            let order = match list.sort.column {
                0 => Fate::of(a).cmp(&Fate::of(b)),
                2 => target(a).cmp(&target(b)),
                3 => a.records_max.cmp(&b.records_max),
                4 => a.records_per_second.cmp(&b.records_per_second),
                _ => std::cmp::Ordering::Equal,
            };
            let order = order.then_with(|| a.source.cmp(&b.source));
            if list.sort.is_descending { order.reverse() } else { order }
        });
        let keys = places.iter().map(|place| preview.topics[*place].source.to_string()).collect();
        Self { keys, places }
    }
}
