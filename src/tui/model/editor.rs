//! Flows that are edited, with what their rules come to.

pub(in crate::tui) mod field;
pub(in crate::tui) mod rows;
pub(in crate::tui) mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use super::list::ListState;
use super::memo::Memo;
use super::scroll::Scroll;
use crate::config::FlowDraft;
use crate::model::{ClusterName, FlowName, TopicName};
use crate::preview::FlowFacts;
use crate::tui::services::FlowReview;

use rows::{PreviewRows, RowsKey, SamePreview, Sections};
use sheet::Sheet;

/// The page.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct EditorPage {
    /// The flows that were opened.
    pub(in crate::tui) sheets: Vec<Sheet>,
    /// Which of them is seen.
    pub(in crate::tui) shown: usize,
    /// The flow whose settings are being read, and what for.
    pub(in crate::tui) opening: Option<Opening>,
    /// What is known of each pair of clusters.
    pub(in crate::tui) facts: BTreeMap<(ClusterName, ClusterName), KnownFacts>,
    /// All topics of the preview.
    pub(in crate::tui) topics: ListState,
    /// All findings.
    pub(in crate::tui) checks: ListState,
    /// What saving would change, while that is looked at.
    pub(in crate::tui) review: Option<Review>,
    pub(in crate::tui) sections: Memo<SamePreview, Sections>,
    pub(in crate::tui) rows: Memo<RowsKey, PreviewRows>,
}

/// A flow that is opened as soon as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Opening {
    pub(in crate::tui) flow: FlowName,
    pub(in crate::tui) then: Then,
}

/// What a flow is opened for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) enum Then {
    /// To be edited.
    Edit,
    /// To be the pattern of another.
    Clone,
    /// To get further include rules.
    Add(Vec<String>),
}

/// What is known of two clusters.
#[derive(Clone, Debug, Default)]
pub(in crate::tui) struct KnownFacts {
    pub(in crate::tui) facts: Option<Arc<FlowFacts>>,
    /// Why they could not be asked the last time.
    pub(in crate::tui) error: Option<String>,
    /// When they were asked last, answered or not (uptime).
    pub(in crate::tui) asked: Option<Duration>,
    /// When topics were measured last (uptime).
    pub(in crate::tui) measured: Option<Duration>,
    /// The topics that were asked about since: one that cannot be measured is not asked about for ever.
    pub(in crate::tui) tried: BTreeSet<TopicName>,
}

/// What saving a draft would change.
#[derive(Clone, Debug)]
pub(in crate::tui) struct Review {
    /// The draft as it was then.
    pub(in crate::tui) draft: FlowDraft,
    /// What was found; `None` while it is looked for.
    pub(in crate::tui) found: Option<Result<FlowReview, String>>,
    pub(in crate::tui) scroll: Scroll,
    /// Whether it is being saved.
    pub(in crate::tui) is_saving: bool,
}

impl EditorPage {
    /// The draft that is seen.
    pub(in crate::tui) fn sheet(&self) -> Option<&Sheet> {
        self.sheets.get(self.shown)
    }

    /// The same, to be changed.
    pub(in crate::tui) fn sheet_mut(&mut self) -> Option<&mut Sheet> {
        self.sheets.get_mut(self.shown)
    }

    /// The flow that is edited, if it is one already.
    pub(in crate::tui) fn flow(&self) -> Option<&FlowName> {
        self.sheet()?.before.as_ref()
    }

    /// Where the draft of a flow lies.
    pub(in crate::tui) fn place_of(&self, flow: &FlowName) -> Option<usize> {
        self.sheets.iter().position(|sheet| sheet.before.as_ref() == Some(flow))
    }

    /// The flows whose drafts are not saved, by name.
    pub(in crate::tui) fn unsaved(&self) -> Vec<String> {
        self.sheets.iter().filter(|sheet| sheet.is_changed()).map(|sheet| sheet.name().to_string()).collect()
    }

    /// What is known of the clusters of the draft that is seen.
    pub(in crate::tui) fn facts(&self) -> Option<&KnownFacts> {
        self.facts.get(&self.pair()?)
    }

    /// Source and target of the draft that is seen.
    pub(in crate::tui) fn pair(&self) -> Option<(ClusterName, ClusterName)> {
        let draft = &self.sheet()?.draft;
        Some((draft.source.as_str().into(), draft.target.as_str().into()))
    }
}
