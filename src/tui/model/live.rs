//! One flow as it runs: what is shown of it, and how.

pub(in crate::tui) mod lanes;
pub(in crate::tui) mod row_state;
pub(in crate::tui) mod topics;
pub(in crate::tui) mod unblock;

use std::cell::Cell;

use super::list::{ListState, Sort};
use super::memo::{Memo, SameFlow};
use crate::model::{FlowName, TopicName};
use crate::tui::services::Leaders;

use lanes::LaneRows;
use topics::TopicRows;

/// The state of the page.
#[derive(Clone, Debug)]
pub(in crate::tui) struct LivePage {
    /// The flow that is shown.
    pub(in crate::tui) flow: Option<FlowName>,
    /// Its topics.
    pub(in crate::tui) topics: ListState,
    /// The partitions of the topic that is opened.
    pub(in crate::tui) lanes: ListState,
    /// How far back the charts go.
    pub(in crate::tui) window: ChartWindow,
    /// What the chart shows where there is room for one only.
    pub(in crate::tui) chart: ChartKind,
    /// Who leads the partitions of the topic that was opened last.
    pub(in crate::tui) leaders: Option<FoundLeaders>,
    /// The upper edges of the charts, which stay while they can.
    pub(in crate::tui) tops: Cell<[f32; 2]>,
    /// The topics in their order.
    pub(in crate::tui) topic_rows: Memo<(SameFlow, Arrangement), TopicRows>,
    /// The partitions in theirs.
    pub(in crate::tui) lane_rows: Memo<(SameFlow, TopicName, Arrangement), LaneRows>,
}

impl Default for LivePage {
    fn default() -> Self {
        // Who is furthest behind comes first.
        let by_lag = ListState { sort: Sort { column: topics::LAG, is_descending: true }, ..ListState::default() };
        Self {
            flow: None,
            topics: by_lag,
            lanes: ListState::default(),
            window: ChartWindow::default(),
            chart: ChartKind::default(),
            leaders: None,
            tops: Cell::default(),
            topic_rows: Memo::default(),
            lane_rows: Memo::default(),
        }
    }
}

/// Leaders with what was asked, and when, ms since 1970.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct FoundLeaders {
    pub(in crate::tui) flow: FlowName,
    pub(in crate::tui) topic: TopicName,
    pub(in crate::tui) at_ms: i64,
    pub(in crate::tui) found: Leaders,
}

/// What decides which rows a list shows, and in which order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::tui) struct Arrangement {
    sort: Sort,
    filter: String,
    is_problems_only: bool,
}

impl Arrangement {
    pub(in crate::tui) fn of(list: &ListState) -> Self {
        Self { sort: list.sort, filter: list.filter_line.text().to_owned(), is_problems_only: list.is_problems_only }
    }
}

/// How far back the charts go.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::tui) enum ChartWindow {
    Minute,
    FiveMinutes,
    #[default]
    Quarter,
    Hour,
    SixHours,
}

impl ChartWindow {
    pub(in crate::tui) const ALL: [Self; 5] =
        [Self::Minute, Self::FiveMinutes, Self::Quarter, Self::Hour, Self::SixHours];

    pub(in crate::tui) const fn word(self) -> &'static str {
        match self {
            Self::Minute => "1m",
            Self::FiveMinutes => "5m",
            Self::Quarter => "15m",
            Self::Hour => "1h",
            Self::SixHours => "6h",
        }
    }

    pub(in crate::tui) const fn ms(self) -> i64 {
        match self {
            Self::Minute => 60_000,
            Self::FiveMinutes => 300_000,
            Self::Quarter => 900_000,
            Self::Hour => 3_600_000,
            Self::SixHours => 21_600_000,
        }
    }

    /// The next longer one, or the longest.
    pub(in crate::tui) fn longer(self) -> Self {
        Self::ALL[(self as usize + 1).min(Self::ALL.len() - 1)]
    }

    /// The next shorter one, or the shortest.
    pub(in crate::tui) fn shorter(self) -> Self {
        Self::ALL[(self as usize).saturating_sub(1)]
    }
}

/// What a chart shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::tui) enum ChartKind {
    /// Records per second on the target.
    Throughput,
    /// Records behind.
    #[default]
    Lag,
}
