//! What the console knows: plain data, changed by `update` only.

pub(super) mod clusters;
pub(super) mod editor;
pub(super) mod export;
pub(super) mod flows;
pub(super) mod history;
pub(super) mod input_line;
pub(super) mod list;
pub(super) mod listing;
pub(super) mod live;
pub(super) mod logs;
pub(super) mod memo;
pub(super) mod navigation;
pub(super) mod offsets;
pub(super) mod overlay;
pub(super) mod scroll;
pub(super) mod summary;
pub(super) mod toast;
pub(super) mod topics;

use std::collections::VecDeque;
use std::sync::Arc;

use crokey::KeyCombination;
use jiff::tz::TimeZone;

use super::keymap::{Context, Keymap};
use super::message::{Measures, Now};
use super::page::{Page, page_of};
use super::services::{Disturbance, Inventory, Job};
use super::theme::{Theme, ThemeName};
use super::widget::symbols::Symbols;
use crate::config::ClusterEnv;
use crate::engine::{Event, FlowSnapshot, Snapshot};
use crate::model::{ClusterName, FlowName};

use clusters::ClustersPage;
use editor::EditorPage;
use flows::FlowsPage;
use history::Histories;
use list::ListState;
use live::LivePage;
use logs::LogsPage;
use navigation::{Navigation, Tab};
use offsets::OffsetsPage;
use overlay::Overlay;
use summary::Summaries;
use toast::Toasts;
use topics::TopicsPage;

/// How much room there is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Density {
    /// One thing at a time.
    Tiny,
    /// 80x24 and more.
    Normal,
    /// 120x32 and more.
    Wide,
}

/// Everything.
#[derive(Clone, Debug)]
pub(super) struct Model {
    pub(super) now: Now,
    /// Columns and rows of the terminal.
    pub(super) size: (u16, u16),
    pub(super) theme: Theme,
    pub(super) theme_names: Vec<ThemeName>,
    /// The theme that was taken from the picker.
    pub(super) chosen_theme: Option<ThemeName>,
    pub(super) symbols: &'static Symbols,
    pub(super) keymap: Arc<Keymap>,
    /// Whether nothing may be changed.
    pub(super) is_read_only: bool,
    /// The zone this machine is in.
    pub(super) local_zone: TimeZone,
    /// Whether times are shown in UTC, not in the local zone.
    pub(super) is_utc: bool,
    pub(super) inventory: Inventory,
    pub(super) snapshot: Arc<Snapshot>,
    /// What its lanes come to.
    pub(super) summaries: Summaries,
    /// The latest events, the oldest first.
    pub(super) events: VecDeque<Event>,
    /// The demo's trouble that is in force.
    pub(super) disturbance: Disturbance,
    pub(super) histories: Histories,
    /// Since when nothing new is shown, ms since 1970.
    pub(super) frozen_since_ms: Option<i64>,
    pub(super) navigation: Navigation,
    /// What is open on top of the page, the topmost last.
    pub(super) overlays: Vec<Overlay>,
    pub(super) toasts: Toasts,
    /// Jobs that run.
    pub(super) tasks: Vec<Task>,
    /// What was run from the palette, the oldest first.
    pub(super) commands: Vec<String>,
    /// The keys of a chord so far.
    pub(super) chord: Vec<KeyCombination>,
    /// What drawing costs, when it is to be shown.
    pub(super) measures: Measures,
    pub(super) is_debugging: bool,
    pub(super) flows: FlowsPage,
    pub(super) topics: TopicsPage,
    pub(super) editor: EditorPage,
    pub(super) offsets: OffsetsPage,
    pub(super) live: LivePage,
    pub(super) logs: LogsPage,
    pub(super) clusters: ClustersPage,
}

/// A job that runs.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Task {
    pub(super) job: Job,
    /// When it was started, ms since 1970.
    pub(super) since_ms: i64,
}

/// What a model begins with.
pub(super) struct Beginning {
    pub(super) size: (u16, u16),
    pub(super) theme: Theme,
    pub(super) theme_names: Vec<ThemeName>,
    pub(super) symbols: &'static Symbols,
    pub(super) keymap: Arc<Keymap>,
    pub(super) is_read_only: bool,
    pub(super) local_zone: TimeZone,
    pub(super) inventory: Inventory,
}

impl Model {
    pub(super) fn new(beginning: Beginning) -> Self {
        let Beginning { size, theme, theme_names, symbols, keymap, is_read_only, local_zone, inventory } = beginning;
        Self {
            now: Now::default(),
            size,
            theme,
            theme_names,
            chosen_theme: None,
            symbols,
            keymap,
            is_read_only,
            local_zone,
            is_utc: false,
            inventory,
            snapshot: Arc::default(),
            summaries: Summaries::default(),
            events: VecDeque::new(),
            disturbance: Disturbance::default(),
            histories: Histories::default(),
            frozen_since_ms: None,
            navigation: Navigation::default(),
            overlays: Vec::new(),
            toasts: Toasts::default(),
            tasks: Vec::new(),
            commands: Vec::new(),
            chord: Vec::new(),
            measures: Measures::default(),
            is_debugging: false,
            flows: FlowsPage::default(),
            topics: TopicsPage::default(),
            editor: EditorPage::default(),
            offsets: OffsetsPage::default(),
            live: LivePage::default(),
            logs: LogsPage::default(),
            clusters: ClustersPage::default(),
        }
    }

    /// The zone times are shown in.
    pub(super) fn time_zone(&self) -> TimeZone {
        if self.is_utc { TimeZone::UTC } else { self.local_zone.clone() }
    }

    /// The moment that is shown: now, or when the screen was frozen. Ms since 1970.
    pub(super) fn shown_ms(&self) -> i64 {
        self.frozen_since_ms.unwrap_or(self.now.wall_ms)
    }

    /// How much room there is.
    pub(super) fn density(&self) -> Density {
        match self.size {
            (120.., 32..) => Density::Wide,
            (80.., 24..) => Density::Normal,
            _ => Density::Tiny,
        }
    }

    /// Where keys go, the innermost first.
    pub(super) fn contexts(&self) -> Vec<Context> {
        if let Some(overlay) = self.overlays.last() {
            return vec![overlay.context(), Context::Always];
        }
        if self.list().is_some_and(|list| list.is_typing_filter) {
            return vec![Context::FilterLine, Context::Always];
        }
        let mut contexts = self.page().contexts(self);
        // While a line is typed, letters are text.
        if contexts.first().is_some_and(|context| context.is_text()) {
            contexts.push(Context::Always);
            return contexts;
        }
        if self.list().is_some() {
            contexts.push(Context::List);
        }
        if self.inventory.is_demo {
            contexts.push(Context::Demo);
        }
        contexts.extend([Context::Everywhere, Context::Always]);
        contexts
    }

    /// The page that is shown.
    pub(super) fn page(&self) -> &'static dyn Page {
        page_of(self.navigation.tab())
    }

    /// The list the keys go to, if there is one.
    pub(super) fn list(&self) -> Option<&ListState> {
        self.page().list(self)
    }

    /// The same, to be changed.
    pub(super) fn list_mut(&mut self) -> Option<&mut ListState> {
        self.page().list_mut(self)
    }

    /// The flow that is meant by keys: the one the cursor is on, or that is shown.
    pub(super) fn flow_at_hand(&self) -> Option<&FlowSnapshot> {
        let name = match self.navigation.tab() {
            Tab::Flows => self.flows.list.selected.as_deref()?,
            Tab::Live => self.live.flow.as_ref()?.as_str(),
            Tab::Editor => self.editor.flow()?.as_str(),
            Tab::Offsets => self.offsets.flow.as_ref()?.as_str(),
            Tab::Topics | Tab::Logs | Tab::Clusters => return None,
        };
        self.snapshot.flow(&FlowName::from(name))
    }

    /// How careful to be with a flow: as with the more precious of its clusters.
    pub(super) fn flow_env(&self, flow: &FlowSnapshot) -> ClusterEnv {
        self.inventory.env(&flow.source).min(self.inventory.env(&flow.target))
    }

    /// What the header's badge says: the most precious cluster of what the page is about, with its name.
    pub(super) fn clusters_at_hand(&self) -> Vec<ClusterName> {
        match self.flow_at_hand() {
            Some(flow) => vec![flow.source.clone(), flow.target.clone()],
            None => match (self.navigation.tab(), self.editor.pair()) {
                (Tab::Topics, _) => self.topics.cluster.iter().cloned().collect(),
                (Tab::Editor, Some((source, target))) => {
                    let is_there = |name: &ClusterName| self.inventory.clusters.iter().any(|entry| entry.name == *name);
                    [source, target].into_iter().filter(is_there).collect()
                }
                _ => Vec::new(),
            },
        }
    }
}
