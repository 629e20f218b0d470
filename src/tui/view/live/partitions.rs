//! The partitions of a topic: where each is on both sides, and why one does not move.

use ratatui::buffer::Buffer;
use ratatui::layout::Rect;
use ratatui::style::Style;

use super::{cut_below, eta_text};
use crate::engine::{FlowSnapshot, LaneSnapshot, TopicSnapshot};
use crate::report::number;
use crate::tui::model::live::FoundLeaders;
use crate::tui::model::live::lanes::{DELAY, ETA, LAG, PARTITION, POSITION, RATE, STATE};
use crate::tui::model::live::row_state::{RowState, Why};
use crate::tui::model::{Density, Model};
use crate::tui::services::PartitionLeaders;
use crate::tui::theme::Role;
use crate::tui::update::live;
use crate::tui::view::state::row_state_look;
use crate::tui::widget::list_line::draw_list_line;
use crate::tui::widget::panel::Panel;
use crate::tui::widget::pen::{Pen, line};
use crate::tui::widget::table::{Cell, Column, ColumnWidth, Table};
use crate::tui::widget::text::wrap;

const COLUMNS: &[Column] = &[
    Column { title: "P", width: ColumnWidth::Fixed(5), is_right: true, leaves: 0, sort: Some(PARTITION) },
    Column { title: "STATE", width: ColumnWidth::Fixed(11), is_right: false, leaves: 0, sort: Some(STATE) },
    Column { title: "POSITION", width: ColumnWidth::Fill(10), is_right: true, leaves: 1, sort: Some(POSITION) },
    Column { title: "COMMITTED", width: ColumnWidth::Fill(10), is_right: true, leaves: 8, sort: None },
    Column { title: "SOURCE END", width: ColumnWidth::Fill(10), is_right: true, leaves: 4, sort: None },
    Column { title: "LAG", width: ColumnWidth::Fixed(6), is_right: true, leaves: 0, sort: Some(LAG) },
    Column { title: "TARGET END", width: ColumnWidth::Fill(10), is_right: true, leaves: 5, sort: None },
    Column { title: "DELAY", width: ColumnWidth::Fixed(6), is_right: true, leaves: 6, sort: Some(DELAY) },
    Column { title: "OUT/s", width: ColumnWidth::Fixed(6), is_right: true, leaves: 2, sort: Some(RATE) },
    Column { title: "ETA", width: ColumnWidth::Fixed(7), is_right: true, leaves: 3, sort: Some(ETA) },
    Column { title: "LEADERS", width: ColumnWidth::Fixed(9), is_right: false, leaves: 7, sort: None },
];

pub(super) fn draw(model: &Model, area: Rect, buffer: &mut Buffer) {
    let Some((topic, rows, flow)) = live::opened(model) else {
        let text = "This topic is not part of the flow any more.";
        Pen::new(buffer, line(area, 1), model.symbols).skip(2).write(text, model.theme.style(Role::Text));
        return;
    };
    let detail = match model.density() {
        Density::Wide => 9,
        Density::Normal => 7,
        Density::Tiny => 0,
    };
    let (upper, lower) = cut_below(area, detail);
    let title = format!("{}  {} {}  {}", topic.source, model.symbols.arrow, topic.target, lanes_text(topic));
    let asked = leaders_text(model, topic);
    let panel = Panel { title: &title, title_right: &asked, has_focus: true, ..Panel::default() };
    let inside = panel.draw_fitting(model, upper, buffer);
    let list = &model.live.lanes;
    let inside = draw_list_line(model, list, COLUMNS, (rows.shown.len(), topic.lanes.len()), inside, buffer);
    let table = Table { columns: COLUMNS, list, keys: &rows.keys };
    let leaders = leaders(model, topic);
    let seen = table.draw(model, inside, buffer, |row| cells(model, &topic.lanes[rows.shown[row]], leaders));
    let foot = format!("{}-{}/{}", (seen.start + 1).min(seen.end), seen.end, rows.shown.len());
    Panel::draw_foot(model, upper, &foot, buffer);
    if topic.lanes.is_empty() {
        let text = match Why::of_topic(topic) {
            Some(why) => why.to_string(),
            None => "No partition of this topic is mirrored by this instance.".into(),
        };
        Pen::new(buffer, line(inside, 1), model.symbols).skip(2).write(&text, model.theme.style(Role::Text));
    }
    if detail > 0 {
        draw_detail(model, flow, topic, lower, buffer);
    }
}

/// How many of its partitions are here.
fn lanes_text(topic: &TopicSnapshot) -> String {
    match (usize::try_from(topic.partitions).unwrap_or(0), topic.lanes.len()) {
        (all, here) if all == here => format!("{all} partitions"),
        (all, here) => format!("{here} of {all} partitions here"),
    }
}

fn leaders<'a>(model: &'a Model, topic: &TopicSnapshot) -> Option<&'a FoundLeaders> {
    let found = model.live.leaders.as_ref()?;
    (found.topic == topic.source && Some(&found.flow) == model.live.flow.as_ref()).then_some(found)
}

/// How old what is known of the leaders is, or why it is not known.
fn leaders_text(model: &Model, topic: &TopicSnapshot) -> String {
    let Some(FoundLeaders { at_ms, found, .. }) = leaders(model, topic) else { return String::new() };
    match (&found.source, &found.target) {
        (Err(error), _) => format!("source: {error}"),
        (_, Err(error)) => format!("target: {error}"),
        _ => {
            let seconds = u64::try_from((model.now.wall_ms - at_ms) / 1_000).unwrap_or(0);
            format!("leaders {} ago", number::duration_short(seconds / 10 * 10))
        }
    }
}

fn cells<'a>(model: &'a Model, lane: &LaneSnapshot, leaders: Option<&FoundLeaders>) -> Vec<Cell<'a>> {
    let theme = &model.theme;
    let (text, dim) = (theme.style(Role::Text), theme.style(Role::Dim));
    let state = RowState::of_lane(&lane.state);
    let (symbol, role) = row_state_look(state, model.symbols);
    let known = |value: Option<String>| match value {
        Some(value) => Cell::new(value, text),
        None => Cell::new(model.symbols.unknown, dim),
    };
    let offset = |offset: Option<i64>| known(offset.map(|offset| offset.to_string()));
    let eta = match state {
        RowState::Copying | RowState::CaughtUp => eta_text(model, state, lane.lag_records, lane.eta_seconds),
        // The state has a column of its own here.
        _ => model.symbols.unknown.to_owned(),
    };
    vec![
        Cell::new(lane.partition.to_string(), text),
        Cell::new(format!("{symbol} {}", state.word()), theme.style(role)),
        offset(Some(lane.position)),
        offset(lane.committed),
        offset(lane.high_watermark),
        known(lane.lag_records.map(number::count)),
        offset(lane.target_next),
        known(lane.delay_ms.map(|ms| number::delay(ms).replace(' ', ""))),
        known(Some(number::records_rate(lane.records_per_second).replace("/s", ""))),
        Cell::new(eta, text),
        Cell::new(leaders_of(model, lane.partition, leaders), dim),
    ]
}

/// `101→3`: who leads on the source, who on the target.
fn leaders_of(model: &Model, partition: i32, leaders: Option<&FoundLeaders>) -> String {
    let id = |side: &Result<PartitionLeaders, String>| match side.as_ref().ok().and_then(|side| side.get(&partition)) {
        Some(Some(leader)) => leader.to_string(),
        Some(None) => "none".to_owned(),
        None => model.symbols.unknown.to_owned(),
    };
    leaders.map_or_else(
        || model.symbols.unknown.to_owned(),
        |leaders| format!("{}{}{}", id(&leaders.found.source), model.symbols.arrow, id(&leaders.found.target)),
    )
}

/// What there is to know about the partition of the cursor beside its numbers.
fn draw_detail(model: &Model, flow: &FlowSnapshot, topic: &TopicSnapshot, area: Rect, buffer: &mut Buffer) {
    let Some(lane) = live::lane_at_hand(model) else { return };
    let title = format!("{}/{}", topic.source, lane.partition);
    let inside = Panel { title: &title, ..Panel::default() }.draw_fitting(model, area, buffer);
    let columns = usize::from(inside.width).saturating_sub(2);
    let mut lines = detail(model, flow, topic, lane);
    if model.density() == Density::Normal {
        // What has no column where there is less room.
        let offset = |offset: Option<i64>| number::known(offset, |offset| offset.to_string());
        let leaders = leaders_of(model, lane.partition, leaders(model, topic));
        let (committed, end) = (offset(lane.committed), offset(lane.target_next));
        let text = format!("committed {committed}; target end {end}; leaders {leaders}");
        lines.push((text, model.theme.style(Role::Dim)));
    }
    let wrapped =
        lines.iter().flat_map(|(text, style)| wrap(text, columns).into_iter().map(move |text| (text, *style)));
    for (row, (text, style)) in (0..inside.height).zip(wrapped) {
        Pen::new(buffer, line(inside, row), model.symbols).skip(1).write(&text, style);
    }
}

fn detail(model: &Model, flow: &FlowSnapshot, topic: &TopicSnapshot, lane: &LaneSnapshot) -> Vec<(String, Style)> {
    let theme = &model.theme;
    let mut lines = Vec::new();
    match Why::of_lane(&lane.state) {
        Some(why @ Why::Blocked(_)) => {
            lines.push((format!("blocked: {why}"), theme.style(Role::Err)));
            lines.push(("u shows what can be done about it".into(), theme.style(Role::Key)));
        }
        Some(why) => lines.push((format!("waiting: {why}"), theme.style(Role::Warn))),
        None => {
            let last = super::events::last_of(model, flow, topic, lane.partition);
            let text = last.unwrap_or_else(|| "nothing was wrong with it so far".into());
            lines.push((text, theme.style(Role::Dim)));
        }
    }
    let totals = &lane.totals;
    let exceptions = [
        (totals.rewinds, "sent again after a fault"),
        (totals.skipped, "left out"),
        (totals.altered.total(), "altered"),
    ];
    let told: Vec<String> = exceptions.iter().map(|(n, what)| format!("{} {what}", number::count(*n))).collect();
    let is_harmless = totals.skipped == 0 && totals.altered.total() == 0;
    let copied = format!("{} records, {}", number::count(totals.records), number::bytes(totals.bytes));
    let style = theme.style(if is_harmless { Role::Text } else { Role::Warn });
    lines.push((format!("copied since it is here: {copied}; {}", told.join(", ")), style));
    let begin = number::known(lane.log_start, |offset| offset.to_string());
    let newest = lane.newest_ms.map(|ms| {
        let seconds = u64::try_from((model.shown_ms() - ms) / 1_000).unwrap_or(0);
        format!("; its newest copied record is {} old", number::duration(seconds))
    });
    let text = format!("the source's log begins at {begin}; shard {}{}", lane.shard, newest.unwrap_or_default());
    lines.push((text, theme.style(Role::Dim)));
    lines
}
